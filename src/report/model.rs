//! The one model that every format renders: everything that a report says, but for its rows, which stream beside it.
//! Invariant: renderers compute nothing and know no clock; dates come from the run's head.

use crate::domain::log::Head;
use crate::domain::{RunHead, RunStatus};
use crate::report::around::{TrendRun, Work};
use crate::report::compare::Against;
use crate::report::words;
use crate::stats::estimate::{Estimated, Release};
use crate::stats::honest::Honest;
use crate::stats::summary::{AgentSummary, Summary};

/// A report without its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The run.
    pub head: RunHead,
    /// Its numbers.
    pub summary: Summary,
    /// What people's grades make of them, where they were asked for.
    pub honest: Option<Honest>,
    /// Where the decision log ended when this was made: a tail that is cut off later shows.
    pub log: Option<Head>,
    /// The run against a baseline, where one was named.
    pub baseline: Option<Against>,
    /// Earlier runs of the same sets, judged the same way, oldest first, and this one last; empty where they were not looked up.
    pub trend: Vec<TrendRun>,
    /// What people did on it.
    pub work: Work,
    /// The gate's answer, where a gate was asked for.
    pub gate: Option<GateNote>,
    /// Commands worth typing next, most useful first.
    pub next: Vec<NextStep>,
}

/// A command worth typing next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NextStep {
    /// What to type.
    pub command: String,
    /// What it is good for, in a few words.
    pub why: String,
}

/// What the gate said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateState {
    /// It may ship.
    Pass,
    /// It may not.
    Fail,
    /// People must grade more first.
    Undecided,
}

impl GateState {
    /// The word used in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Undecided => "undecided",
        }
    }
}

/// The gate's answer with its reasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GateNote {
    /// What it said.
    pub state: GateState,
    /// One line a rule, in words.
    pub reasons: Vec<String>,
}

/// What is said beside every accuracy that no human grade has corrected.
pub const UNCORRECTED: &str = "judges only, uncorrected";

impl Report {
    /// A report with nothing but head and numbers.
    #[must_use]
    pub fn new(head: RunHead, summary: Summary) -> Self {
        Self {
            head,
            summary,
            honest: None,
            log: None,
            baseline: None,
            trend: Vec::new(),
            work: Work::default(),
            gate: None,
            next: Vec::new(),
        }
    }

    /// The result in one line, for the top of every format.
    #[must_use]
    pub fn headline(&self) -> String {
        match self.summary.agents.as_slice() {
            [] => "nothing was asked".to_owned(),
            [one] => self.corrected(one).map_or_else(|| headline_of(one), |e| corrected_headline(one, e)),
            many => many
                .iter()
                .map(|a| match self.corrected(a) {
                    Some(e) => format!("{} {} (corrected)", a.agent, words::percent(Some(e.pass_rate.theta.clamp(0.0, 1.0)))),
                    None => format!("{} {}", a.agent, accuracy_word(a)),
                })
                .collect::<Vec<_>>()
                .join(", "),
        }
    }

    /// What is known of an agent beyond the judges' opinion.
    #[must_use]
    pub fn release(&self, agent: &AgentSummary) -> Option<&Release> {
        self.honest.as_ref()?.agents.iter().find(|a| a.agent == agent.agent).map(|a| &a.release)
    }

    /// The corrected numbers of an agent, where there are any.
    #[must_use]
    pub fn corrected(&self, agent: &AgentSummary) -> Option<&Estimated> {
        self.release(agent)?.estimated()
    }

    /// Disputed trials over all agents: split or unscored.
    #[must_use]
    pub fn disputed(&self) -> u64 {
        self.summary.agents.iter().map(|a| a.split + a.unscored).sum()
    }

    /// Trials over all agents that go to people.
    #[must_use]
    pub fn review(&self) -> u64 {
        self.summary.agents.iter().map(|a| a.review).sum()
    }

    /// What is missing from an unfinished run, in words; absent when it is complete.
    #[must_use]
    pub fn incomplete(&self) -> Option<String> {
        let (done, planned) = (words::count(self.summary.done), words::count(self.summary.planned));
        match self.head.status {
            RunStatus::Complete => None,
            RunStatus::Open => Some(format!("not finished: {done} of {planned} trials so far; the same command resumes it")),
            RunStatus::Incomplete => Some(format!(
                "incomplete: {done} of {planned} trials, some answers or ballots could not be had; the same command asks for what is missing"
            )),
        }
    }

    /// Wall time from start to finish, where it has finished.
    #[must_use]
    pub fn took_ms(&self) -> Option<u64> {
        u64::try_from(self.head.finished_ms? - self.head.created_ms).ok()
    }
}

fn corrected_headline(a: &AgentSummary, e: &Estimated) -> String {
    format!(
        "{} passes {}, corrected by people's grades (95% interval {}); the judges say {}",
        a.agent,
        words::percent(Some(e.pass_rate.theta.clamp(0.0, 1.0))),
        words::percent_range(Some(words::within(e.pass_rate.interval, 0.0, 1.0))),
        accuracy_word(a)
    )
}

fn headline_of(a: &AgentSummary) -> String {
    match a.accuracy.value {
        Some(_) => format!(
            "{} passes {} of {}",
            a.agent,
            words::percent(a.accuracy.value),
            words::counted(a.accuracy.settled, "settled answer", "settled answers")
        ),
        None if a.trials == 0 => format!("{} was not asked yet", a.agent),
        None => format!("{} has no score: no answer was settled", a.agent),
    }
}

fn accuracy_word(a: &AgentSummary) -> String {
    if a.accuracy.value.is_some() { words::percent(a.accuracy.value) } else { "no score".to_owned() }
}
