//! What goes to people, what the cases can be filtered by, and what the page leaves out.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::report::html::survey::Survey;
use crate::report::model::Report;
use crate::report::view::State;
use crate::report::words;
use crate::stats::summary::{AgentSummary, Summary};

#[derive(Debug, Serialize)]
pub(super) struct TriggerPage {
    reason: String,
    w: String,
    counts: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct CasesPage {
    embedded: String,
    left_out: Option<String>,
}

/// What the cases can be filtered by.
#[derive(Debug, Serialize)]
pub(in crate::report::html) struct Filters {
    agents: Vec<String>,
    tags: Vec<String>,
    triggers: Vec<(String, String)>,
    states: Vec<(&'static str, &'static str, &'static str, String)>,
}

impl Filters {
    /// Places of these tags in the list of tags, as a list of words with a space on both sides.
    pub(in crate::report::html) fn tag_indices(&self, tags: &[String]) -> String {
        tags.iter().filter_map(|t| self.tags.binary_search(t).ok()).map(|i| i.to_string()).collect::<Vec<_>>().join(" ")
    }
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

pub(super) fn triggers(s: &Summary) -> Vec<TriggerPage> {
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

pub(super) fn filters(s: &Summary, survey: &Survey) -> Filters {
    let tags: BTreeSet<&str> = s.agents.iter().flat_map(|a| a.tags.iter().map(|t| t.name.as_str())).collect();
    let state = |s: State| Some((s.word(), s.label(), s.mark(), words::count(*survey.states.get(&s)?)));
    Filters {
        agents: s.agents.iter().map(|a| a.agent.to_string()).collect(),
        tags: tags.into_iter().map(str::to_owned).collect(),
        triggers: trigger_words(s).into_iter().map(|w| (w.to_owned(), words::trigger(w))).collect(),
        states: State::ALL.into_iter().filter_map(state).collect(),
    }
}

pub(super) fn cases(report: &Report, survey: &Survey) -> CasesPage {
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
