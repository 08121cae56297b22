//! What a grader sees after they have decided, and the proof that they have.

use std::collections::HashMap;

use serde::Serialize;

use super::{Passage, Piece, word_diff};
use crate::domain::log::{Chip, Seat};
use crate::domain::{AgentName, Digest, EventId, GraderName, JudgeName, Rubric, RunId, Score, TrialRow, Trigger, Verdict};
use crate::review::queue::Ledger;

/// Proof that a person's decision on an item is in the log. Only the log gives one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    item: Digest,
    by: GraderName,
    decision: EventId,
    given: Option<Score>,
    revised: Option<Score>,
    seat: Seat,
}

impl Seen {
    /// Looks for the decision; the last one where there are several.
    #[must_use]
    pub fn find(ledger: &Ledger, item: &Digest, by: &GraderName) -> Option<Self> {
        let g = ledger.grades().all().iter().rfind(|g| g.by == *by && g.decision.on.item == *item)?;
        Some(Self {
            item: *item,
            by: by.clone(),
            decision: g.id.clone(),
            given: g.decision.score,
            revised: g.revised,
            seat: g.decision.seat,
        })
    }

    /// The decision.
    #[must_use]
    pub fn decision(&self) -> &EventId {
        &self.decision
    }
}

/// What one judge said in one sample.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct JudgeSaid {
    /// Which judge.
    pub judge: JudgeName,
    /// Which sample, from 0.
    pub sample: u16,
    /// The score; absent for a failure.
    pub score: Option<Score>,
    /// The reason, or how it failed; hostile text.
    pub reason: String,
}

/// What a colleague said, unnamed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OtherSaid {
    /// The score, as it stands.
    pub score: Option<Score>,
    /// The one-key reason.
    pub chip: Option<Chip>,
    /// What is wrong with the case, in one word.
    pub ruling: Option<&'static str>,
    /// The note, where its text still exists.
    pub note: Option<String>,
}

/// The same case's answer in the run before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Previous {
    /// That run.
    pub run: RunId,
    /// Its answer; hostile text.
    pub answer: Passage,
    /// From that answer to this one, word by word; absent where they are too different for that to help.
    pub diff: Option<Vec<Piece>>,
}

/// An item after the decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RevealView {
    /// Identity of the item.
    pub item: Digest,
    /// The decision that opened it.
    pub decision: EventId,
    /// The person's own blind score.
    pub given: Option<Score>,
    /// What they changed it to since.
    pub revised: Option<Score>,
    /// Whose answer it is.
    pub agent: AgentName,
    /// What the judges said, by judge and sample.
    pub judges: Vec<JudgeSaid>,
    /// What they came to.
    pub verdict: Option<Verdict>,
    /// Why the item wanted a person.
    pub triggers: Vec<Trigger>,
    /// The answer of the run before.
    pub previous: Option<Previous>,
    /// What the graders said: for a third person only.
    pub others: Vec<OtherSaid>,
    /// The right score of an open warm-up.
    pub key: Option<Score>,
}

impl RevealView {
    /// The other side of a trial. Absent unless the proof is of this very item.
    #[must_use]
    pub fn of(seen: &Seen, row: &TrialRow, rubric: &Rubric) -> Option<Self> {
        if row.item_digest(rubric)? != seen.item {
            return None;
        }
        let said = |b: &crate::domain::Ballot| {
            let (score, reason) = match &b.outcome {
                Ok(j) => (Some(j.score), j.reason.clone()),
                Err(f) => (None, format!("{}: {}", f.kind, f.detail)),
            };
            JudgeSaid { judge: b.judge.clone(), sample: b.sample, score, reason }
        };
        let mut judges: Vec<JudgeSaid> = row.ballots.iter().map(said).collect();
        judges.sort_by(|a, b| (&a.judge, a.sample).cmp(&(&b.judge, b.sample)));
        Some(Self {
            item: seen.item,
            decision: seen.decision.clone(),
            given: seen.given,
            revised: seen.revised,
            agent: row.key.agent.clone(),
            judges,
            verdict: row.tally.as_ref().map(|t| t.verdict),
            triggers: row.item.as_ref().map(|i| i.triggers.clone()).unwrap_or_default(),
            previous: None,
            others: Vec::new(),
            key: None,
        })
    }

    /// With the answer of the run before, and how this one differs from it.
    #[must_use]
    pub fn with_previous(mut self, run: &RunId, before: &str, now: &str) -> Self {
        self.previous = Some(Previous { run: run.clone(), answer: Passage::of(before), diff: word_diff(before, now) });
        self
    }

    /// With what the graders said, unnamed and in the order of the log; for a third person, else unchanged. `texts` holds their notes.
    #[must_use]
    pub fn with_others(mut self, seen: &Seen, ledger: &Ledger, texts: &HashMap<Digest, String>) -> Self {
        if seen.seat == Seat::Adjudicator && seen.item == self.item {
            let others = ledger.grades().on(&seen.item).filter(|g| g.by != seen.by);
            self.others = others
                .map(|g| OtherSaid {
                    score: g.last(),
                    chip: g.decision.chip,
                    ruling: g.decision.ruling.as_ref().map(crate::domain::log::Ruling::word),
                    note: g.decision.note.and_then(|d| texts.get(&d).cloned()),
                })
                .collect();
        }
        self
    }

    /// With the right score, for an open warm-up; unchanged in any other seat.
    #[must_use]
    pub fn with_key(mut self, seen: &Seen, key: Score) -> Self {
        if seen.seat == Seat::Session {
            self.key = Some(key);
        }
        self
    }
}
