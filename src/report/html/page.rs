//! The head of the page, as its templates want it: words and geometry, no numbers left to format.

use std::collections::BTreeSet;

use serde::Serialize;

use super::charts::{self, Bars, Whisker};
use super::csp;
use super::env::{SCRIPT, STYLE};
use super::latency::LogHistogram;
use super::survey::Survey;
use crate::domain::RunHead;
use crate::report::model::{Report, UNCORRECTED};
use crate::report::view::State;
use crate::report::words;
use crate::stats::summary::{AgentSummary, JudgeSummary, Summary, TagSummary};

/// The most groups of one kind in the accuracy table.
const MOST_GROUPS: usize = 60;

#[derive(Debug, Serialize)]
pub(super) struct Page {
    csp: String,
    style: &'static str,
    script: &'static str,
    title: String,
    headline: String,
    uncorrected: &'static str,
    disputed: String,
    incomplete: Option<String>,
    gate: Option<(&'static str, Vec<String>)>,
    facts: Vec<(&'static str, String)>,
    agents: Vec<AgentPage>,
    groups: Vec<GroupPage>,
    groups_left_out: usize,
    judges: Vec<JudgePage>,
    cascade: Option<String>,
    agreement: Vec<String>,
    matrix: Vec<(String, Vec<Option<Cell>>)>,
    pairs: Vec<[String; 5]>,
    triggers: Vec<TriggerPage>,
    review: String,
    pub(super) filters: Filters,
    cases: CasesPage,
    rubrics: Vec<RubricPage>,
    provenance: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
struct AgentPage {
    name: String,
    about: String,
    accuracy: Option<String>,
    whisker: Whisker,
    interval: String,
    passed: String,
    rows: Vec<(&'static str, String)>,
    scores: Bars,
    latency: Option<Bars>,
    slowest: Vec<(String, String)>,
}

#[derive(Debug, Serialize)]
struct GroupPage {
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

#[derive(Debug, Serialize)]
struct JudgePage {
    name: String,
    about: String,
    title: String,
    scored_w: String,
    scored: String,
    failures: String,
    mean: String,
    self_alpha: String,
    latency: String,
    tokens: String,
    cost: String,
    alone: String,
}

#[derive(Debug, Serialize)]
struct Cell {
    heat: String,
    exact: String,
    units: String,
}

#[derive(Debug, Serialize)]
struct TriggerPage {
    reason: String,
    w: String,
    counts: Vec<String>,
}

#[derive(Debug, Serialize)]
struct RubricPage {
    name: String,
    criteria: String,
    pass_mark: u8,
    anchors: Vec<(usize, String)>,
    notes: Vec<String>,
}

/// What the cases can be filtered by.
#[derive(Debug, Serialize)]
pub(super) struct Filters {
    agents: Vec<String>,
    tags: Vec<String>,
    triggers: Vec<(String, String)>,
    states: Vec<(&'static str, &'static str, &'static str, String)>,
}

#[derive(Debug, Serialize)]
struct CasesPage {
    embedded: String,
    left_out: Option<String>,
}

impl Filters {
    /// Places of these tags in the list of tags, as a list of words with a space on both sides.
    pub(super) fn tag_indices(&self, tags: &[String]) -> String {
        tags.iter().filter_map(|t| self.tags.binary_search(t).ok()).map(|i| i.to_string()).collect::<Vec<_>>().join(" ")
    }
}

impl Page {
    pub(super) fn new(report: &Report, survey: &Survey) -> Self {
        let (h, s) = (&report.head, &report.summary);
        let range = LogHistogram::range(survey.latency.values());
        let groups = groups(s);
        Self {
            csp: csp::policy(STYLE, SCRIPT),
            style: STYLE,
            script: SCRIPT,
            title: format!("{} \u{b7} tribunal", report.headline()),
            headline: report.headline(),
            uncorrected: UNCORRECTED,
            disputed: disputed(report),
            incomplete: report.incomplete(),
            gate: report.gate.as_ref().map(|g| (g.state.word(), g.reasons.clone())),
            facts: facts(report),
            agents: s.agents.iter().map(|a| agent(a, h, survey, range)).collect(),
            groups_left_out: groups.1,
            groups: groups.0,
            judges: s.judges.iter().map(|j| judge(j, h)).collect(),
            cascade: (s.ballots_saved > 0)
                .then(|| format!("The cascade saved {}.", words::counted(s.ballots_saved, "ballot", "ballots"))),
            agreement: agreement(s),
            matrix: matrix(s),
            pairs: pairs(s),
            triggers: triggers(s),
            review: words::counted(report.review(), "answer goes to people", "answers go to people"),
            filters: filters(s, survey),
            cases: cases(report, survey),
            rubrics: rubrics(h),
            provenance: provenance(h),
        }
    }
}

fn disputed(report: &Report) -> String {
    match report.disputed() {
        0 => "No answer is disputed.".to_owned(),
        n => format!("{} disputed: a person has to decide.", words::counted(n, "answer is", "answers are")),
    }
}

fn facts(report: &Report) -> Vec<(&'static str, String)> {
    let (h, s) = (&report.head, &report.summary);
    let sets = h.sets.iter().map(|s| s.name.as_str()).collect::<Vec<_>>().join(", ");
    let mut out = vec![
        ("Run", h.id.to_string()),
        ("Started", words::time(h.created_ms)),
        ("Sets", sets),
        ("Trials", format!("{} of {}", words::count(s.done), words::count(s.planned))),
    ];
    if let Some(ms) = report.took_ms() {
        out.push(("Took", words::millis(ms)));
    }
    out.push(("Cost", words::cost(&s.spend)));
    if s.spend.tokens != crate::domain::Tokens::default() {
        out.push(("Tokens", words::tokens(s.spend.tokens)));
    }
    if !h.selection.is_empty() {
        out.push(("Selected", h.selection.clone()));
    }
    if let Some(from) = &h.judged_from {
        out.push(("Judged again from", from.to_string()));
    }
    out
}

fn agent(a: &AgentSummary, h: &RunHead, survey: &Survey, range: Option<(usize, usize)>) -> AgentPage {
    let head = h.agents.iter().find(|x| x.name == a.agent);
    let about = head.map_or_else(String::new, |x| x.model.as_ref().map_or_else(|| x.kind.clone(), |m| format!("{} \u{b7} {m}", x.kind)));
    let failures: u64 = a.failures.iter().map(|(_, n)| n).sum();
    let mut rows = vec![("Mean score", a.mean_score.map_or_else(|| "no score".to_owned(), |m| format!("{m:.2} of 5")))];
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
        whisker: charts::whisker(a.agent.as_str(), &a.accuracy, a.accuracy_bounds.filter(|_| a.split + a.unscored > 0)),
        interval: words::percent_range(a.accuracy.interval),
        passed: format!("{} of {} settled answers pass", words::count(a.accuracy.passed), words::count(a.accuracy.settled)),
        rows,
        scores: charts::scores(a),
        latency: range.and_then(|r| Some(charts::latency(a, survey.latency.get(&a.agent)?, r))),
        slowest: a.slowest.iter().map(|(id, ms)| (id.clone(), words::millis(*ms))).collect(),
    }
}

fn groups(s: &Summary) -> (Vec<GroupPage>, usize) {
    type Of = fn(&AgentSummary) -> &Vec<TagSummary>;
    let kinds: [(&'static str, Of, usize); 3] = [("tag", |a| &a.tags, 1), ("risk", |a| &a.risks, 2), ("set", |a| &a.sets, 2)];
    let (mut out, mut left_out) = (Vec::new(), 0);
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

fn judge(j: &JudgeSummary, h: &RunHead) -> JudgePage {
    let head = h.judges.iter().find(|x| x.name == j.judge);
    let about = head.map_or_else(String::new, |x| {
        let samples = words::counted(u64::from(x.samples), "sample", "samples");
        x.model.as_ref().map_or_else(|| format!("{}, {samples}", x.kind), |m| format!("{m}, {samples}"))
    });
    let share = if j.ballots == 0 { 0.0 } else { j.scored as f64 / j.ballots as f64 };
    JudgePage {
        name: j.judge.to_string(),
        about,
        title: format!("{}: {} of {} ballots have a score", j.judge, words::count(j.scored), words::count(j.ballots)),
        scored_w: format!("{:.2}", share * 100.0),
        scored: format!("{} of {}", words::count(j.scored), words::count(j.ballots)),
        failures: match (j.ballots, j.failures.is_empty()) {
            (0, _) => "not asked".to_owned(),
            (_, true) => "none".to_owned(),
            (_, false) => words::tally(&j.failures),
        },
        mean: words::decimal(j.mean_score),
        self_alpha: words::decimal(j.self_alpha),
        latency: j.latency_ms.map_or_else(|| words::NONE.to_owned(), words::millis),
        tokens: words::tokens(j.spend.tokens),
        cost: words::cost(&j.spend),
        alone: words::count(j.settled_alone),
    }
}

fn agreement(s: &Summary) -> Vec<String> {
    let a = &s.agreement;
    let mut out = vec![match (&a.alpha, a.interval) {
        (Ok(v), Some(i)) => format!("Krippendorff\u{2019}s alpha (ordinal) {v:.2}, 95% interval {:.2} to {:.2}", i.low, i.high),
        (Ok(v), None) => format!("Krippendorff\u{2019}s alpha (ordinal) {v:.2}"),
        (Err(why), _) => format!("Krippendorff\u{2019}s alpha is undefined: {why}"),
    }];
    if a.units > 0 {
        out.push(format!("{} unanimous", words::percent(a.unanimous)));
        out.push(format!("{} two or more apart", words::percent(a.range_two)));
        out.push(format!("over {} with two or more scores", words::counted(a.units, "answer", "answers")));
    }
    out
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share, in tenths")]
fn matrix(s: &Summary) -> Vec<(String, Vec<Option<Cell>>)> {
    if s.agreement.pairs.is_empty() {
        return Vec::new();
    }
    let cell = |i: usize, k: usize| {
        let p = s.agreement.pairs.iter().find(|p| (p.first, p.second) == (i.min(k), i.max(k)))?;
        Some(Cell {
            heat: format!("h{}", (p.exact.clamp(0.0, 1.0) * 10.0).round() as u8),
            exact: words::percent(Some(p.exact)),
            units: words::counted(p.units, "answer", "answers"),
        })
    };
    let n = s.judges.len();
    (0..n).map(|i| (s.judges[i].judge.to_string(), (0..n).map(|k| if i == k { None } else { cell(i, k) }).collect())).collect()
}

fn pairs(s: &Summary) -> Vec<[String; 5]> {
    let name = |i: usize| s.judges.get(i).map_or_else(|| words::NONE.to_owned(), |j| j.judge.to_string());
    let line = |p: &crate::stats::summary::JudgePair| {
        [
            format!("{} and {}", name(p.first), name(p.second)),
            words::count(p.units),
            words::percent(Some(p.exact)),
            words::percent(Some(p.adjacent)),
            words::signed(p.bias),
        ]
    };
    s.agreement.pairs.iter().map(line).collect()
}

fn trigger_words(s: &Summary) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for (word, _) in s.agents.iter().flat_map(|a| &a.triggers) {
        if !out.contains(&word.as_str()) {
            out.push(word);
        }
    }
    out
}

fn triggers(s: &Summary) -> Vec<TriggerPage> {
    let count = |a: &AgentSummary, word: &str| a.triggers.iter().find(|(w, _)| w == word).map_or(0, |(_, n)| *n);
    let words_of = trigger_words(s);
    let sum = |word: &str| s.agents.iter().map(|a| count(a, word)).sum::<u64>();
    let most = words_of.iter().map(|w| sum(w)).max().unwrap_or(0).max(1);
    let page = |word: &str| TriggerPage {
        reason: words::trigger(word),
        w: format!("{:.2}", sum(word) as f64 / most as f64 * 100.0),
        counts: s.agents.iter().map(|a| words::count(count(a, word))).collect(),
    };
    words_of.iter().map(|w| page(w)).collect()
}

fn filters(s: &Summary, survey: &Survey) -> Filters {
    let tags: BTreeSet<&str> = s.agents.iter().flat_map(|a| a.tags.iter().map(|t| t.name.as_str())).collect();
    let state = |s: State| Some((s.word(), s.label(), s.mark(), words::count(*survey.states.get(&s)?)));
    Filters {
        agents: s.agents.iter().map(|a| a.agent.to_string()).collect(),
        tags: tags.into_iter().map(str::to_owned).collect(),
        triggers: trigger_words(s).into_iter().map(|w| (w.to_owned(), words::trigger(w))).collect(),
        states: State::ALL.into_iter().filter_map(state).collect(),
    }
}

fn cases(report: &Report, survey: &Survey) -> CasesPage {
    let embedded = survey.picked.len() as u64;
    let left_out = survey.total - embedded;
    let attention_left_out = survey.attention.saturating_sub(embedded);
    CasesPage {
        embedded: words::count(embedded),
        left_out: (left_out > 0).then(|| {
            let kept = if attention_left_out == 0 {
                "Every answer that goes to people or did not pass is here".to_owned()
            } else {
                format!("{} that go to people or did not pass are left out too", words::count(attention_left_out))
            };
            format!(
                "This page holds {} of {} answers. {kept}. All of them: tribunal export {} > run.jsonl",
                words::count(embedded),
                words::count(survey.total),
                report.head.id
            )
        }),
    }
}

fn rubrics(h: &RunHead) -> Vec<RubricPage> {
    h.rubrics
        .iter()
        .map(|r| RubricPage {
            name: r.name.to_string(),
            criteria: r.criteria.clone(),
            pass_mark: r.pass_mark.get(),
            anchors: r.anchors.iter().enumerate().rev().map(|(i, a)| (i + 1, a.clone())).collect(),
            notes: r.notes.clone(),
        })
        .collect()
}

fn provenance(h: &RunHead) -> Vec<(String, String)> {
    let mut out = vec![
        ("program".to_owned(), format!("tribunal {}", h.version)),
        ("run key".to_owned(), h.key.to_string()),
        ("seed".to_owned(), h.seed.to_string()),
        (
            "panel".to_owned(),
            format!("quorum {}, max spread {}{}", h.policy.quorum, h.policy.max_spread, if h.cascade { ", cascade" } else { "" }),
        ),
    ];
    out.extend(h.agents.iter().map(|a| (format!("agent {}", a.name), a.digest.to_string())));
    out.extend(h.judges.iter().map(|j| (format!("judge {}", j.name), j.digest.to_string())));
    out.extend(h.sets.iter().map(|s| (format!("set {} ({})", s.name, s.path.display()), s.digest.to_string())));
    out.extend(h.rubrics.iter().map(|r| (format!("rubric {}", r.name), r.digest().to_string())));
    out
}
