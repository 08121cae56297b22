//! From an agent's totals to the lines of a gate.

use super::agent::Each;
use super::agent::{AgentGate, Figure, Must};
use super::baseline::BaselineOutcome;
use super::tolerance::cases_needed;
use super::{Basis, EachCase, GateLine, GateSpec, GateVerdict, Noise, corrected};
use crate::domain::{Spend, Usd};
use crate::stats::estimate::Release;
use crate::stats::quantile::Z_ONE_SIDED_95;
use crate::stats::summary::{AgreementSummary, Interval};

/// Every line that a spec asks of one agent; `baseline` with what makes it incomparable, `release` with the corrected numbers.
pub(super) fn lines(
    agent: &AgentGate,
    spec: &GateSpec,
    baseline: Option<(&BaselineOutcome, &[String])>,
    release: Option<&Release>,
) -> Vec<GateLine> {
    let mut lines = Vec::new();
    if let Some(line) = spec.accuracy.and_then(|a| a.at_least) {
        lines.push(corrected::accuracy(release, line).unwrap_or_else(|| {
            let judged = accuracy("accuracy", &agent.accuracy, line);
            let why = corrected::why_not(release).map_or(judged.why.clone(), |not| format!("{}; not corrected: {not}", judged.why));
            GateLine { why, ..judged }
        }));
    }
    for ((selector, figure), (_, least)) in agent.groups.iter().zip(&spec.groups) {
        lines.push(accuracy(format!("accuracy {selector}"), figure, *least));
    }
    if let Some(most) = spec.accuracy.and_then(|a| a.max_drop) {
        lines.push(drop(agent, most, baseline));
    }
    if let Some(line) = spec.mean_score {
        lines.push(corrected::mean_score(release, line).unwrap_or_else(|| mean_score(&agent.score, line)));
    }
    lines.extend(agent.must.iter().map(must_pass));
    lines.extend(spec.each_case.map(|rule| each_case(rule, &agent.each)));
    if let Some(most) = spec.unscored_at_most {
        lines.push(unscored(agent, most));
    }
    for line in &mut lines {
        line.agent = Some(agent.name.clone());
        if spec.point {
            by_point(line);
        }
    }
    lines
}

/// How often each bound may be wrong.
const ALPHA: f64 = 0.05;

/// A line without a number.
pub(super) fn line(name: impl Into<String>, verdict: GateVerdict, why: impl Into<String>) -> GateLine {
    GateLine {
        agent: None,
        name: name.into(),
        basis: Basis::Judges,
        value: None,
        interval: None,
        threshold: None,
        noise: None,
        verdict,
        why: why.into(),
    }
}

/// Decides a line that has an interval by its point estimate instead.
fn by_point(line: &mut GateLine) {
    let (Some(value), Some(threshold), Some(_)) = (line.value, line.threshold, line.interval) else { return };
    // A drop is asked to stay below its line, all else to reach it.
    let good = if line.name == DROP { value <= threshold } else { value >= threshold };
    line.verdict = if good { GateVerdict::Pass } else { GateVerdict::Fail };
    line.why = format!("by its point estimate alone; the interval says: {}", line.why);
}

/// Of a bound from below that counts every open trial at its worst, and one from above with every one at its best.
fn by_interval(interval: Interval, threshold: f64) -> GateVerdict {
    if interval.low >= threshold {
        GateVerdict::Pass
    } else if interval.high < threshold {
        GateVerdict::Fail
    } else {
        GateVerdict::Undecided
    }
}

pub(super) fn percent(x: f64) -> String {
    format!("{:.1}%", 100.0 * x)
}

fn open_trials(n: u64) -> String {
    match n {
        0 => String::new(),
        1 => ", the open trial counted against it".to_owned(),
        n => format!(", the {n} open trials counted against it"),
    }
}

fn accuracy(name: impl Into<String>, figure: &Figure, threshold: f64) -> GateLine {
    let value = figure.settled.mean();
    let interval = Interval { low: figure.worst.exact(ALPHA).low, high: figure.best.exact(ALPHA).high };
    let verdict = if figure.worst.cases() == 0 { GateVerdict::Undecided } else { by_interval(interval, threshold) };
    let why = match (verdict, value) {
        (GateVerdict::Pass, _) => {
            format!("at least {} with 95% confidence{}", percent(interval.low), open_trials(figure.open))
        }
        (GateVerdict::Fail, _) => format!("at most {} with 95% confidence, open trials counted for it", percent(interval.high)),
        (GateVerdict::Undecided, None) => "no trial has a settled verdict".to_owned(),
        // Settled either way, the open trials alone would decide.
        (GateVerdict::Undecided, _) if figure.best.exact(ALPHA).low >= threshold => {
            format!("passes if all open trials ({}) pass: grade or repeat them", figure.open)
        }
        (GateVerdict::Undecided, _) if figure.worst.exact(ALPHA).high < threshold => {
            format!("fails if all open trials ({}) fail: grade or repeat them", figure.open)
        }
        (GateVerdict::Undecided, Some(value)) => match cases_needed(value, threshold) {
            Some(n) if n > figure.worst.cases() => {
                format!("too few cases to tell {} from the line: about {n} are needed, there are {}", percent(value), figure.worst.cases())
            }
            Some(_) => format!("the open trials ({}) can turn it either way: grade or repeat them", figure.open),
            None => format!("{} is too near the line to be told from it", percent(value)),
        },
    };
    let n = figure.settled.effective();
    let error = |p: f64| (p * (1.0 - p) / n).sqrt();
    // Two imagined passes and two failures, so that a run without a failure is not without noise.
    let truth = value.map(|v| (v * n + 2.0) / (n + 4.0));
    let noise = truth.and_then(|p| Noise::of(p, error(p), threshold, error(threshold)));
    GateLine { value, interval: Some(interval), threshold: Some(threshold), noise, ..line(name, verdict, why) }
}

/// The name of the line about a drop.
const DROP: &str = "accuracy drop";

fn drop(agent: &AgentGate, most: f64, baseline: Option<(&BaselineOutcome, &[String])>) -> GateLine {
    let figure = &agent.paired.figure;
    let cases = figure.worst.cases();
    let refuse = |why: String| GateLine { threshold: Some(most), ..line(DROP, GateVerdict::Undecided, why) };
    let Some((baseline, differences)) = baseline else { return refuse("no baseline run was given".to_owned()) };
    if !differences.is_empty() {
        let why = format!("run {} is no baseline for this one: they differ in {}", baseline.run, differences.join(", "));
        return refuse(why);
    }
    if baseline.of(&agent.name).is_none() {
        return refuse(format!("run {} has several agents, none of this name", baseline.run));
    }
    if cases == 0 {
        return refuse(format!("no case in common with run {}", baseline.run));
    }
    // A drop is a negative difference. `+ 0.0` so that no change reads as 0, not as -0.
    let value = figure.settled.mean().map(|d| -d + 0.0);
    if agent.paired.same == cases {
        let why = format!("all answers to the {cases} common cases are those of run {}", baseline.run);
        let interval = Some(Interval { low: 0.0, high: 0.0 });
        let verdict = if most >= 0.0 { GateVerdict::Pass } else { GateVerdict::Fail };
        return GateLine { value, interval, threshold: Some(most), ..line(DROP, verdict, why) };
    }
    let bounds = figure.worst.difference_bound(0.05).zip(figure.best.difference_bound(0.95));
    let Some((low, high)) = bounds else { return GateLine { value, ..refuse("one common case says nothing".to_owned()) } };
    let verdict = by_interval(Interval { low, high }, -most);
    let why = match verdict {
        GateVerdict::Pass => {
            format!("at most {} on {cases} common cases with 95% confidence{}", percent((-low).max(0.0)), open_trials(figure.open))
        }
        GateVerdict::Fail => format!("at least {} on {cases} common cases with 95% confidence", percent(-high)),
        GateVerdict::Undecided => {
            let open = if figure.open > 0 { format!("; open trials: {}", figure.open) } else { String::new() };
            format!("a drop of up to {} cannot be ruled out on {cases} common cases{open}", percent((-low).max(0.0)))
        }
    };
    let interval = Some(Interval { low: -high + 0.0, high: -low + 0.0 });
    // Were nothing to change: the difference is 0, its error that of the middle of the two bounds.
    let error = (high - low) / (2.0 * Z_ONE_SIDED_95);
    let noise = Noise::of(0.0, error, -most, error);
    GateLine { value, interval, threshold: Some(most), noise, ..line(DROP, verdict, why) }
}

fn mean_score(figure: &Figure, threshold: f64) -> GateLine {
    let value = figure.settled.mean();
    let bounds = figure.worst.score_bound(0.05).zip(figure.best.score_bound(0.95));
    let interval = bounds.map(|(low, high)| Interval { low, high });
    let verdict = interval.filter(|_| value.is_some()).map_or(GateVerdict::Undecided, |i| by_interval(i, threshold));
    let why = match (interval, value) {
        (_, None) => "no trial has a score".to_owned(),
        (None, Some(_)) => "one case says nothing".to_owned(),
        (Some(i), Some(_)) => match verdict {
            GateVerdict::Pass => format!("at least {:.2} with 95% confidence{}", i.low, open_trials(figure.open)),
            GateVerdict::Fail => format!("at most {:.2} with 95% confidence", i.high),
            GateVerdict::Undecided => format!("between {:.2} and {:.2}; open trials: {}", i.low, i.high, figure.open),
        },
    };
    GateLine { value, interval, threshold: Some(threshold), ..line("mean score", verdict, why) }
}

fn must_pass(must: &Must) -> GateLine {
    let named = |n: u64, names: &[String]| {
        let more = if n > names.len() as u64 { ", ..." } else { "" };
        format!("{}{more}", names.join(", "))
    };
    let (verdict, why) = if must.selected == 0 {
        (GateVerdict::Undecided, "no trial of this run is in the group".to_owned())
    } else if must.failed > 0 {
        (GateVerdict::Fail, format!("{} of {} trials fail: {}", must.failed, must.selected, named(must.failed, &must.failing)))
    } else if must.open > 0 {
        (GateVerdict::Undecided, format!("{} of {} trials are open: {}", must.open, must.selected, named(must.open, &must.pending)))
    } else {
        (GateVerdict::Pass, format!("all {} trials pass", must.selected))
    };
    let settled = must.selected - must.open;
    let value = (settled > 0).then(|| (settled - must.failed) as f64 / settled as f64);
    GateLine { value, basis: Basis::Count, ..line(format!("must pass {}", must.selector), verdict, why) }
}

fn each_case(rule: EachCase, each: &Each) -> GateLine {
    let named = |n: u64, names: &[String]| {
        let more = if n > names.len() as u64 { ", ..." } else { "" };
        format!("{}{more}", names.join(", "))
    };
    let (verdict, why) = if each.cases == 0 {
        (GateVerdict::Undecided, "the run has no case".to_owned())
    } else if each.failed > 0 {
        (GateVerdict::Fail, format!("{} of {} cases fall short: {}", each.failed, each.cases, named(each.failed, &each.failing)))
    } else if each.open > 0 {
        (GateVerdict::Undecided, format!("{} of {} cases are open: {}", each.open, each.cases, named(each.open, &each.pending)))
    } else {
        (GateVerdict::Pass, format!("all {} cases reach it", each.cases))
    };
    GateLine { basis: Basis::Count, ..line(format!("each case {rule}"), verdict, why) }
}

/// What is asked of the agreement among judges.
pub(super) fn agreement(found: &AgreementSummary, least: f64) -> GateLine {
    const NAME: &str = "agreement";
    let with = |value, interval, verdict, why: String| GateLine {
        value,
        interval,
        threshold: Some(least),
        basis: Basis::Judges,
        ..line(NAME, verdict, why)
    };
    match (&found.alpha, found.interval) {
        (Err(why), _) => with(None, None, GateVerdict::Undecided, format!("there is no alpha among the judges: {why}")),
        (Ok(alpha), None) => with(Some(*alpha), None, GateVerdict::Undecided, "too few answers for an interval of alpha".to_owned()),
        (Ok(alpha), Some(i)) => {
            let why = format!("alpha among the judges is {alpha:.2}, from {:.2} to {:.2} with 95% confidence", i.low, i.high);
            with(Some(*alpha), Some(i), by_interval(i, least), why)
        }
    }
}

/// What is asked of the cost.
pub(super) fn cost(spend: &Spend, most: Usd) -> GateLine {
    let verdict = match () {
        () if spend.cost > most => GateVerdict::Fail,
        () if spend.unpriced => GateVerdict::Undecided,
        () => GateVerdict::Pass,
    };
    let least = if spend.unpriced { "at least " } else { "" };
    let rest = if spend.unpriced { ": some models have no price" } else { "" };
    let why = format!("the run cost {least}{}, the line is {most}{rest}", spend.cost);
    let (value, threshold) = (Some(spend.cost.dollars()), Some(most.dollars()));
    GateLine { value, threshold, basis: Basis::Count, ..line("cost", verdict, why) }
}

fn unscored(agent: &AgentGate, most: f64) -> GateLine {
    if agent.answered == 0 {
        return GateLine { threshold: Some(most), ..line("unscored", GateVerdict::Undecided, "the agent answered nothing") };
    }
    let share = agent.unscored as f64 / agent.answered as f64;
    let verdict = if share <= most + 1e-12 { GateVerdict::Pass } else { GateVerdict::Fail };
    let why = format!("{} of {} answered trials have no verdict", agent.unscored, agent.answered);
    GateLine { value: Some(share), threshold: Some(most), basis: Basis::Count, ..line("unscored", verdict, why) }
}
