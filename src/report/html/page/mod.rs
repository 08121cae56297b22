//! The head of the page, as its templates want it: words and geometry, no numbers left to format.

use serde::Serialize;

use super::csp;
use super::env::{SCRIPT, STYLE};
use super::survey::Survey;
use crate::report::latency::LogHistogram;
use crate::report::model::{Report, UNCORRECTED};
use crate::report::words;

mod agents;
mod around;
mod cases;
mod honest;
mod judges;
mod made;
mod pairs;

pub(super) use self::cases::Filters;

#[derive(Debug, Serialize)]
pub(super) struct Page {
    csp: String,
    style: &'static str,
    script: &'static str,
    title: String,
    headline: String,
    lede: &'static str,
    uncorrected: &'static str,
    disputed: String,
    incomplete: Option<String>,
    gate: Option<(&'static str, Vec<String>)>,
    facts: Vec<(&'static str, String)>,
    agents: Vec<agents::AgentPage>,
    honest: Option<honest::HonestPage>,
    compared: Option<pairs::Pairs>,
    baseline: Option<super::against::AgainstPage>,
    around: around::AroundPage,
    groups: Vec<agents::GroupPage>,
    groups_left_out: usize,
    judges: Vec<judges::JudgePage>,
    cascade: Option<String>,
    agreement: Vec<String>,
    matrix: Vec<(String, Vec<Option<judges::Cell>>)>,
    pairs: Vec<[String; 5]>,
    triggers: Vec<cases::TriggerPage>,
    review: String,
    pub(super) filters: Filters,
    cases: cases::CasesPage,
    rubrics: Vec<made::RubricPage>,
    provenance: Vec<(String, String)>,
}

impl Page {
    pub(super) fn new(report: &Report, survey: &Survey) -> Self {
        let (h, s) = (&report.head, &report.summary);
        let range = LogHistogram::range(survey.latency.values());
        let groups = agents::groups(s);
        Self {
            csp: csp::policy(STYLE, SCRIPT),
            style: STYLE,
            script: SCRIPT,
            title: format!("{} \u{b7} tribunal", report.headline()),
            headline: report.headline(),
            lede: if report.honest.as_ref().is_some_and(crate::stats::honest::Honest::corrected) {
                "corrected by people's grades"
            } else {
                UNCORRECTED
            },
            uncorrected: UNCORRECTED,
            disputed: disputed(report),
            incomplete: report.incomplete(),
            gate: report.gate.as_ref().map(|g| (g.state.word(), g.reasons.clone())),
            facts: facts(report),
            agents: s.agents.iter().map(|a| agents::agent(a, h, survey, range)).collect(),
            honest: honest::honest(report),
            compared: pairs::pairs(s),
            baseline: report.baseline.as_ref().map(super::against::against),
            around: around::around(report),
            groups_left_out: groups.1,
            groups: groups.0,
            judges: s.judges.iter().map(|j| judges::judge(j, h)).collect(),
            cascade: (s.ballots_saved > 0).then(|| format!("The cascade saved {}.", words::counted(s.ballots_saved, "ballot", "ballots"))),
            agreement: judges::agreement(s),
            matrix: judges::matrix(s),
            pairs: judges::pairs(s),
            triggers: cases::triggers(s),
            review: words::counted(report.review(), "answer goes to people", "answers go to people"),
            filters: cases::filters(s, survey),
            cases: cases::cases(report, survey),
            rubrics: made::rubrics(h),
            provenance: made::provenance(h),
        }
    }
}

/// What the accuracy does not cover, said beside it.
fn disputed(report: &Report) -> String {
    let agents = &report.summary.agents;
    let failed: u64 = agents.iter().flat_map(|a| a.failures.iter().map(|(_, n)| n)).sum();
    let mut parts = Vec::new();
    match report.disputed() {
        0 if agents.iter().any(|a| a.accuracy.settled > 0) => parts.push("No answer is disputed.".to_owned()),
        0 => {}
        n => parts.push(format!("{} disputed: a person has to decide.", words::counted(n, "answer is", "answers are"))),
    }
    if failed > 0 {
        parts.push(format!("{} no answer.", words::counted(failed, "trial has", "trials have")));
    }
    parts.join(" ")
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
