//! The honest number of a run: its frozen design, its rows and people's grades joined into one estimate an agent.
//!
//! Invariant: the probabilities come from the stored design; a grade counts only where the design drew the answer and the grade
//! was blind. About 70 bytes an answer.

mod blame;
mod people;
mod signals;

use serde::Serialize;

use super::estimate::{BlindGrade, Item, Label, Refusal, Release, Review, Settings, release, score_variance};
use super::outcome::PassMarks;
use crate::domain::{AgentName, Design, DesignItem, Digest, DigestBuilder, Grades, Reason, RunHead, TrialRow};
pub use blame::{Fault, fault};
pub use people::{JudgeHuman, Pair, People};
pub use signals::{Signal, Signals};

/// What is known of a run beyond the judges' opinion.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Honest {
    /// Digest of the design that stands; absent if the run has none.
    pub design: Option<Digest>,
    /// Seed of its draws.
    pub seed: Option<u64>,
    /// One entry an agent, in the run's order.
    pub agents: Vec<AgentHonest>,
    /// Agreement of people with people, and of judges with people.
    pub people: People,
}

/// One agent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AgentHonest {
    /// Whose.
    pub agent: AgentName,
    /// Judge only, corrected, people only; or why not.
    pub release: Release,
    /// What told its wrong verdicts from the right ones.
    pub signals: Signals,
}

impl Honest {
    /// The release estimates by agent.
    #[must_use]
    pub fn releases(&self) -> Vec<(AgentName, Release)> {
        self.agents.iter().map(|a| (a.agent.clone(), a.release.clone())).collect()
    }

    /// True if some agent has a corrected number.
    #[must_use]
    pub fn corrected(&self) -> bool {
        self.agents.iter().any(|a| a.release.estimated().is_some())
    }
}

/// Builds [`Honest`]. Feed it every trial of a run once, in any order.
#[derive(Debug)]
pub struct HonestBuilder<'a> {
    head: &'a RunHead,
    marks: PassMarks,
    grades: &'a Grades,
    design: Option<(Design, Vec<DesignItem>)>,
    agents: Vec<Joined>,
    graders: Vec<String>,
    people: people::Gathered,
}

#[derive(Debug)]
struct Joined {
    agent: AgentName,
    items: Vec<Item>,
    watch: signals::Watch,
    /// An answer that the design does not hold: the run has changed since.
    strange: bool,
}

impl<'a> HonestBuilder<'a> {
    /// Nothing fed yet. The design's items are in order of `seq`.
    #[must_use]
    pub fn new(head: &'a RunHead, design: Option<(Design, Vec<DesignItem>)>, grades: &'a Grades) -> Self {
        let joined =
            |agent: &AgentName| Joined { agent: agent.clone(), items: Vec::new(), watch: signals::Watch::default(), strange: false };
        Self {
            head,
            marks: PassMarks::of(head),
            grades,
            design,
            agents: head.agents.iter().map(|a| joined(&a.name)).collect(),
            graders: Vec::new(),
            people: people::Gathered::default(),
        }
    }

    /// Adds one trial. One without an answer or a verdict is no part of what is estimated.
    pub fn add(&mut self, row: &TrialRow) {
        let (Ok(_), Some(tally), Some(mark), Some(rubric)) =
            (&row.answer, &row.tally, self.marks.get(&row.key.set), self.head.rubric_of(&row.key.set))
        else {
            return;
        };
        let Some(agent) = self.agents.iter_mut().find(|a| a.agent == row.key.agent) else { return };
        // Without any grade there is no item worth identifying.
        let item = if self.grades.is_empty() { None } else { row.item_digest(rubric) };
        let planned = self.design.as_ref().and_then(|(design, items)| {
            let at = items.binary_search_by_key(&row.key.seq, |i| i.seq).ok()?;
            let stratum = design.strata.get(items[at].stratum as usize)?;
            Some((items[at], stratum))
        });
        let standing = item.as_ref().and_then(|i| self.grades.blind(i, mark, row.case.risk).score());
        if let Some(item) = &item {
            let weight = planned.filter(|(i, s)| i.rank < s.drawn).map(|(_, s)| 1.0 / s.inclusion());
            self.people.add(tally, &self.grades.blind_scores(item), standing, weight);
        }
        let Some((planned, stratum)) = planned else {
            agent.strange = true;
            return;
        };
        let label = match tally.median {
            None => Label::Unscored,
            Some(m) if m >= mark => Label::Pass,
            Some(_) => Label::Fail,
        };
        if let Some(people) = standing.filter(|_| planned.rank < stratum.drawn) {
            agent.watch.add(row, tally, mark, (label, people), (planned.predicted, 1.0 / stratum.inclusion()));
        }
        let review = if planned.rank >= stratum.drawn {
            Review::NotDrawn
        } else if let Some(score) = standing {
            // Where several agree, each gave the grade: one of them by the answer's place, so that no name stands for all.
            let by: Vec<&str> =
                item.as_ref().map_or_else(Vec::new, |i| self.grades.on(i).filter(|g| g.decision.blind).map(|g| g.by.as_str()).collect());
            let at = usize::try_from(row.key.seq).unwrap_or(0).checked_rem(by.len()).unwrap_or(0);
            let by = by.get(at).copied().unwrap_or_default().to_owned();
            let grader = self.graders.iter().position(|g| *g == by).unwrap_or_else(|| {
                self.graders.push(by);
                self.graders.len() - 1
            });
            Review::Graded(BlindGrade {
                score: f32::from(score.get()),
                pass: score >= mark,
                grader: u16::try_from(grader).unwrap_or(u16::MAX),
            })
        } else {
            Review::Waiting
        };
        #[expect(clippy::cast_possible_truncation, reason = "f32 holds a score, a variance and minutes well enough")]
        agent.items.push(Item {
            cluster: cluster(row),
            stratum: planned.stratum,
            predicted: planned.predicted,
            expected_score: tally.expected.or(tally.mean).map_or(1.0 + 4.0 * planned.predicted, |m| m.clamp(1.0, 5.0)) as f32,
            score_variance: score_variance(planned.predicted) as f32,
            minutes: planned.minutes as f32,
            label,
            accepted: stratum.reason == Reason::Audit,
            review,
        });
    }

    /// The finished numbers.
    #[must_use]
    pub fn finish(self) -> Honest {
        let designed = self.design.is_some();
        let agents = self.agents.into_iter().map(|a| {
            let mut release = release(&a.items, Settings::default());
            if a.strange {
                let refusal = if designed { Refusal::DesignChanged } else { Refusal::NothingDrawn };
                release.estimate = super::estimate::Estimate::NotEstimable { refusal };
            }
            AgentHonest { agent: a.agent, release, signals: a.watch.finish() }
        });
        Honest {
            design: self.design.as_ref().map(|(d, _)| d.digest),
            seed: self.design.as_ref().map(|(d, _)| d.seed),
            agents: agents.collect(),
            people: self.people.finish(),
        }
    }
}

/// Trials of one case look alike.
fn cluster(row: &TrialRow) -> u64 {
    let whole = DigestBuilder::new("cluster/1").text("set", row.key.set.as_str()).text("case", row.case.id.as_str()).finish();
    let mut head = [0; 8];
    head.copy_from_slice(&whole.bytes()[..8]);
    u64::from_le_bytes(head)
}

#[cfg(test)]
mod tests;
