//! One output as the planner sees it: 40 bytes, so that a million of them is a small thing.

use super::PlanFault;
use crate::stats::estimate::Label;

/// Where an output stands before the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its case, answer and rubric are unchanged and have a blind grade: nothing to do.
    Replay,
    /// Policy: it is reviewed whatever it costs (a safety tag, a judge that gave no score).
    Must,
    /// The plan decides.
    Open,
}

/// One output of one agent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candidate {
    /// The trial's position in the run.
    pub seq: u64,
    /// What draws are ordered by: [`super::draw_key`] of the run's seed and the output's identity.
    pub key: u64,
    /// P(people pass it), from judges alone, frozen: 0 to 1.
    pub predicted: f64,
    /// Minutes that grading it is expected to take; over 0.
    pub minutes: f32,
    /// What it costs if the judges' label is wrong, in any unit that is the same for all.
    pub cost: f32,
    /// Which agent, by position in the list of agents.
    pub agent: u16,
    /// Where it stands.
    pub standing: Standing,
    /// The judges' label.
    pub label: Label,
}

impl Candidate {
    /// Where it stands, an output without a label being one that must be reviewed.
    pub(super) fn kind(&self) -> Standing {
        if self.standing == Standing::Open && self.label == Label::Unscored { Standing::Must } else { self.standing }
    }

    /// P(the judges' label is wrong), by the calibrator.
    pub(super) fn wrong(&self) -> f64 {
        match self.label {
            Label::Pass => 1.0 - self.predicted,
            Label::Fail => self.predicted,
            Label::Unscored => 1.0,
        }
    }
}

/// P(people pass it) before there are 100 grades to fit a calibrator on: `0.05 + 0.9 x` the share of judgments that pass;
/// even odds without a judgment.
#[must_use]
pub fn cold_start(pass_share: Option<f64>) -> f64 {
    pass_share.map_or(0.5, |s| 0.05 + 0.9 * s.clamp(0.0, 1.0))
}

/// Refuses candidates that no plan can be made from.
pub(super) fn check(agents: usize, candidates: &[Candidate]) -> Result<(), PlanFault> {
    if candidates.is_empty() {
        return Err(PlanFault::NoItems);
    }
    let fine = |c: &Candidate| {
        (0.0..=1.0).contains(&c.predicted)
            && c.minutes.is_finite()
            && c.minutes > 0.0
            && c.cost.is_finite()
            && c.cost >= 0.0
            && usize::from(c.agent) < agents
    };
    if let Some(c) = candidates.iter().find(|c| !fine(c)) {
        return Err(PlanFault::OffScale { seq: c.seq });
    }
    let mut seqs: Vec<u64> = candidates.iter().map(|c| c.seq).collect();
    seqs.sort_unstable();
    match seqs.windows(2).find(|w| w.first() == w.last()) {
        Some(w) => Err(PlanFault::Twice { seq: w.first().copied().unwrap_or_default() }),
        None => Ok(()),
    }
}
