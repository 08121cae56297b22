//! An output that may want a person, as the run left it: what the queue is built from.

use serde::{Deserialize, Serialize};

use crate::domain::log::ItemRef;
use crate::domain::{AgentName, Case, Digest, Risk, RunHead, Score, Status, Stratum, Tier, TrialRow, Trigger, Verdict};
use crate::routing::{doubt, tier};

/// What the judges made of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Judged {
    /// Their median passes.
    Pass,
    /// Their median fails.
    Fail,
    /// Nothing.
    Unscored,
}

/// Why an item is withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stale {
    /// Question, expected answer or another field that matters for a score has changed.
    CaseChanged,
    /// The rubric has changed.
    RubricChanged,
    /// The case was retired.
    Retired,
    /// The case is no longer in its set.
    Gone,
}

impl Stale {
    /// In words, for people.
    #[must_use]
    pub fn reason(self) -> &'static str {
        match self {
            Self::CaseChanged => "the case has changed since",
            Self::RubricChanged => "the rubric has changed since",
            Self::Retired => "the case was retired",
            Self::Gone => "the case is no longer in its set",
        }
    }
}

/// A case as its set has it now.
#[derive(Clone, Copy, Debug)]
pub enum CaseNow<'a> {
    /// There, under this rubric.
    There {
        /// The case.
        case: &'a Case,
        /// Digest of the rubric that its set names.
        rubric: Digest,
    },
    /// Not there.
    Gone,
}

/// An output that may want a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Which.
    pub on: ItemRef,
    /// Whose.
    pub agent: AgentName,
    /// The question, for finding similar items.
    pub question: String,
    /// Cost of an error.
    pub risk: Risk,
    /// The case's tags; `skill:` and `lang:` route.
    pub tags: Vec<String>,
    /// The pass mark.
    pub mark: Score,
    /// Why it wants a person, sorted; empty where only an event of the log can list it.
    pub triggers: Vec<Trigger>,
    /// Where it was drawn from.
    pub stratum: Stratum,
    /// How much care it wants.
    pub tier: Tier,
    /// Probability that the judges are wrong, from 0 to 1.
    pub p_wrong: f64,
    /// What the judges made of it.
    pub judged: Judged,
    /// Since when it waits, in Unix milliseconds.
    pub since_ms: i64,
    /// Digest of the rubric that it was looked at under.
    pub rubric: Digest,
    /// Why it is withdrawn, if it is.
    pub stale: Option<Stale>,
}

impl Listed {
    /// Reads a trial. Absent for a failure of the agent and where the run's head does not name the set's rubric.
    #[must_use]
    pub fn of(row: &TrialRow, head: &RunHead) -> Option<Self> {
        let rubric = head.rubric_of(&row.key.set)?;
        let item = row.item_digest(rubric)?;
        let (triggers, stratum, care) = match &row.item {
            Some(i) => (i.triggers.clone(), i.stratum, i.tier),
            None => (Vec::new(), Stratum::Certain, tier(row.case.risk)),
        };
        let scored = row.tally.as_ref().filter(|t| !matches!(t.verdict, Verdict::Unscored { .. })).and_then(|t| t.median);
        Some(Self {
            on: ItemRef {
                item,
                run: head.id.clone(),
                seq: row.key.seq,
                set: row.key.set.clone(),
                case: row.case.id.clone(),
                case_digest: row.case_digest,
            },
            agent: row.key.agent.clone(),
            question: row.case.question.clone(),
            risk: row.case.risk,
            tags: row.case.tags.clone(),
            mark: rubric.pass_mark,
            p_wrong: doubt(row, rubric.pass_mark, &triggers),
            triggers,
            stratum,
            tier: care,
            judged: match scored {
                Some(s) if rubric.passes(s) => Judged::Pass,
                Some(_) => Judged::Fail,
                None => Judged::Unscored,
            },
            since_ms: head.finished_ms.unwrap_or(head.created_ms),
            rubric: rubric.digest(),
            stale: None,
        })
    }

    /// With another probability that the judges are wrong: one that was learnt from grades.
    #[must_use]
    pub fn with_chance(mut self, p_wrong: f64) -> Self {
        self.p_wrong = p_wrong.clamp(0.0, 1.0);
        self
    }

    /// With further reasons that only a look at other runs or at the log can give.
    #[must_use]
    pub fn with_triggers(mut self, more: &[Trigger]) -> Self {
        self.triggers.extend_from_slice(more);
        self.triggers.sort_unstable();
        self.triggers.dedup();
        self
    }

    /// Withdraws the item if its case or its rubric is no longer what was looked at.
    #[must_use]
    pub fn against(mut self, now: CaseNow<'_>) -> Self {
        self.stale = match now {
            CaseNow::Gone => Some(Stale::Gone),
            CaseNow::There { case, .. } if case.status == Status::Retired => Some(Stale::Retired),
            CaseNow::There { case, .. } if case.digest() != self.on.case_digest => Some(Stale::CaseChanged),
            CaseNow::There { rubric, .. } if rubric != self.rubric => Some(Stale::RubricChanged),
            CaseNow::There { .. } => None,
        };
        self
    }

    /// True if it was drawn at random from items that nothing speaks against.
    #[must_use]
    pub fn is_routine(&self) -> bool {
        self.stratum != Stratum::Certain && self.triggers.iter().all(|t| *t == Trigger::RandomAudit)
    }

    /// The words behind a prefix among the tags: `skill:legal` gives `legal`.
    pub fn tagged<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.tags.iter().filter_map(move |t| t.strip_prefix(prefix))
    }
}
