//! Agents and groups of cases, as the page shows them.

use serde::Serialize;

use crate::domain::RunHead;
use crate::report::html::charts::{self, Chart, Whisker};
use crate::report::html::outcome::{self, Outcome};
use crate::report::html::survey::Survey;
use crate::report::words;
use crate::stats::summary::{AgentSummary, Summary, TagSummary};

/// The most groups of one kind in the accuracy table.
const MOST_GROUPS: usize = 60;

#[derive(Debug, Serialize)]
pub(super) struct AgentPage {
    name: String,
    about: String,
    accuracy: Option<String>,
    outcome: Option<Outcome>,
    whisker: Whisker,
    interval: String,
    passed: String,
    rows: Vec<(&'static str, String)>,
    scores: Chart,
    latency: Option<Chart>,
    no_latency: String,
    slowest: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
pub(super) struct GroupPage {
    kind: &'static str,
    name: String,
    rows: Vec<GroupRow>,
}

#[derive(Debug, Serialize)]
struct GroupRow {
    agent: String,
    whisker: Whisker,
    accuracy: String,
    interval: String,
    passed: String,
    mean: String,
    trials: String,
}

pub(super) fn agent(a: &AgentSummary, h: &RunHead, survey: &Survey, range: Option<(usize, usize)>) -> AgentPage {
    let head = h.agents.iter().find(|x| x.name == a.agent);
    let about = head.map_or_else(String::new, |x| x.model.as_ref().map_or_else(|| x.kind.clone(), |m| format!("{} \u{b7} {m}", x.kind)));
    let failures: u64 = a.failures.iter().map(|(_, n)| n).sum();
    let mut rows = vec![("Mean score", a.mean_score.map_or_else(|| "no score".to_owned(), |m| format!("{m:.2} of 5")))];
    if let Some(i) = a.score_interval {
        rows.push(("Its 95% interval", format!("{:.2} to {:.2}", i.low, i.high)));
    }
    rows.push(("Disputed", format!("{} split, {} unscored", words::count(a.split), words::count(a.unscored))));
    if let Some(b) = a.accuracy_bounds.filter(|_| a.split + a.unscored > 0) {
        rows.push(("If all disputed fail / pass", format!("{} / {}", words::percent(Some(b.low)), words::percent(Some(b.high)))));
    }
    rows.push((
        "No answer",
        if failures == 0 { "none".to_owned() } else { format!("{} ({})", words::count(failures), words::tally(&a.failures)) },
    ));
    rows.push(("To people", words::count(a.review)));
    rows.push(("Cost of answers", words::cost(&a.spend)));
    AgentPage {
        name: a.agent.to_string(),
        about,
        accuracy: a.accuracy.value.map(|v| words::percent(Some(v))),
        outcome: outcome::outcome(a),
        whisker: charts::whisker(a.agent.as_str(), &a.accuracy, a.accuracy_bounds.filter(|_| a.split + a.unscored > 0)),
        interval: words::percent_range(a.accuracy.interval),
        passed: match a.accuracy.value {
            Some(_) => format!("{} of {} settled answers pass", words::count(a.accuracy.passed), words::count(a.accuracy.settled)),
            None => format!("of {}, none was settled", words::counted(a.trials, "trial", "trials")),
        },
        rows,
        scores: charts::scores(a),
        latency: range.filter(|_| !all_alike(a)).and_then(|r| Some(charts::latency(a, survey.latency.get(&a.agent)?, r))),
        no_latency: match a.latency_ms {
            Some([_, _, max]) => format!("No answer took longer than {}.", words::millis(max)),
            None => "No answer, no latency.".to_owned(),
        },
        slowest: a.slowest.iter().map(|(id, ms)| (id.clone(), words::millis(*ms))).collect(),
    }
}

/// A distribution of equal values is no picture.
fn all_alike(a: &AgentSummary) -> bool {
    a.latency_ms.is_some_and(|[p50, _, max]| p50 == max)
}

pub(super) fn groups(s: &Summary) -> (Vec<GroupPage>, usize) {
    type Of = fn(&AgentSummary) -> &Vec<TagSummary>;
    let kinds: [(&'static str, Of, usize); 3] = [("tag", |a| &a.tags, 1), ("risk", |a| &a.risks, 2), ("set", |a| &a.sets, 2)];
    let (mut out, mut left_out) = (Vec::new(), 0);
    if s.agents.iter().all(|a| a.accuracy.settled == 0) {
        return (out, left_out);
    }
    for (kind, of, fewest) in kinds {
        let mut names: Vec<&str> = Vec::new();
        for g in s.agents.iter().flat_map(of) {
            if !names.contains(&g.name.as_str()) {
                names.push(&g.name);
            }
        }
        if names.len() < fewest {
            continue;
        }
        left_out += names.len().saturating_sub(MOST_GROUPS);
        out.extend(names.into_iter().take(MOST_GROUPS).map(|name| GroupPage {
            kind,
            name: name.to_owned(),
            rows: s.agents.iter().filter_map(|a| Some(group(a, of(a).iter().find(|g| g.name == name)?))).collect(),
        }));
    }
    (out, left_out)
}

fn group(a: &AgentSummary, g: &TagSummary) -> GroupRow {
    GroupRow {
        agent: a.agent.to_string(),
        whisker: charts::whisker(&g.name, &g.accuracy, None),
        accuracy: words::percent(g.accuracy.value),
        interval: words::percent_range(g.accuracy.interval),
        passed: format!("{} of {}", words::count(g.accuracy.passed), words::count(g.accuracy.settled)),
        mean: words::decimal(g.mean_score),
        trials: words::count(g.trials),
    }
}
