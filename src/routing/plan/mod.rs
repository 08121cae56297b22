//! The planner: which outputs people grade in the minutes there are, and with which probability.
//!
//! Invariant: every output has an inclusion probability over 0, known before the first grade; the same candidates and the
//! same seed give the same design, whatever their order.

pub mod allocate;
mod candidate;
mod counts;
mod default;
mod draw;
mod minutes;
mod one;
#[cfg(test)]
mod tests;

pub use candidate::{Candidate, Standing, cold_start};
pub use default::default_design;
pub use draw::{draw_key, drawn, queue, top_up};
pub use minutes::{MinutesModel, Observed, predict_minutes};

use crate::domain::{AgentName, Design, DesignItem, DesignStratum, Digest, Reason};
use draw::ranked;
use one::{Group, plan_one};

/// What people have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Budget {
    /// Minutes in all.
    Minutes(f64),
    /// Items in all, whatever each takes.
    Items(u64),
}

/// How the minutes are divided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlanOptions {
    /// Share of the minutes for putting verdicts right, by expected value of review.
    pub fix: f64,
    /// No item of the audit is drawn with less than this share of the mean rate.
    pub floor: f64,
    /// Distrust of the calibrator.
    pub eps: f64,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self { fix: 0.25, floor: 0.25, eps: 0.02, seed: 0 }
    }
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanFault {
    /// Nothing to review.
    #[error("there is no output to review")]
    NoItems,
    /// No budget.
    #[error("a review needs a budget over 0")]
    NoBudget,
    /// A number that is none, or an agent that is not in the list.
    #[error("trial {seq} has a prediction, a duration, a cost or an agent that is off its scale")]
    OffScale {
        /// Its position in the run.
        seq: u64,
    },
    /// One output twice.
    #[error("trial {seq} was offered twice")]
    Twice {
        /// Its position in the run.
        seq: u64,
    },
}

impl PlanFault {
    /// What to do next.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NoBudget => Some("say how many minutes people have: `--minutes 120`, or how many items: `--budget-items 100`".into()),
            Self::NoItems | Self::OffScale { .. } | Self::Twice { .. } => None,
        }
    }
}

/// What a plan promises for one agent, before any grade.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Forecast {
    /// Which agent, by position in the list given.
    pub agent: u16,
    /// Its outputs.
    pub items: u64,
    /// Items that people are asked to grade.
    pub drawn: u64,
    /// Minutes that they are expected to take.
    pub minutes: f64,
    /// Share of the minutes that went to putting verdicts right; 0 where the judges are too weak to spare any.
    pub fix: f64,
    /// Variance of grading as many minutes at random, without judges, over the variance of this plan. Absent where
    /// nothing is uncertain.
    pub efficiency: Option<f64>,
    /// Expected half-width of the 95% interval of the pass rate.
    pub half_width: f64,
}

/// A frozen design with its items, and what it promises.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The design.
    pub design: Design,
    /// Its items, in order of `seq`.
    pub items: Vec<DesignItem>,
    /// One for each agent that has outputs.
    pub forecasts: Vec<Forecast>,
    /// Minutes that the drawn items are expected to take (or items, for a budget of items).
    pub expected: f64,
    /// True where what must be reviewed, and two items a stratum, take more than the budget.
    pub over_budget: bool,
}

/// Plans a review. `calibrator` is the digest of what predicted.
///
/// # Errors
/// [`PlanFault`].
pub fn plan(
    agents: &[AgentName],
    candidates: &[Candidate],
    budget: Budget,
    options: PlanOptions,
    calibrator: Digest,
) -> Result<Plan, PlanFault> {
    let total = match budget {
        Budget::Minutes(m) => m,
        Budget::Items(n) => n as f64,
    };
    if !(total.is_finite() && total > 0.0) {
        return Err(PlanFault::NoBudget);
    }
    candidate::check(agents.len(), candidates)?;
    let price = |c: &Candidate| match budget {
        Budget::Minutes(_) => f64::from(c.minutes),
        Budget::Items(_) => 1.0,
    };
    let sum = |what: &dyn Fn(&Candidate) -> bool| candidates.iter().filter(|c| what(c)).map(price).sum::<f64>();
    let left = (total - sum(&|c| c.kind() == Standing::Must)).max(0.0);
    let open = sum(&|c| c.kind() == Standing::Open);
    let (mut groups, mut forecasts) = (Vec::new(), Vec::new());
    for agent in (0_u16..).take(agents.len()) {
        let own: Vec<u32> = (0_u32..).zip(candidates).filter(|(_, c)| c.agent == agent).map(|(i, _)| i).collect();
        if own.is_empty() {
            continue;
        }
        let share = if open > 0.0 { sum(&|c| c.agent == agent && c.kind() == Standing::Open) / open } else { 0.0 };
        let (parts, forecast) = plan_one(candidates, &own, agent, left * share, options, &price);
        groups.extend(parts);
        forecasts.push(forecast);
    }
    let minutes = match budget {
        Budget::Minutes(m) => m,
        Budget::Items(_) => forecasts.iter().map(|f| f.minutes).sum(),
    };
    let expected: f64 = groups.iter().map(|g| g.expected(candidates, &price)).sum();
    let (design, items) = freeze(agents, candidates, groups, options.seed, Some(minutes), calibrator);
    Ok(Plan { design, items, forecasts, expected, over_budget: expected > total * (1.0 + 1e-9) })
}

/// Turns groups of candidates into the frozen design.
fn freeze(
    agents: &[AgentName],
    candidates: &[Candidate],
    groups: Vec<Group>,
    seed: u64,
    minutes: Option<f64>,
    calibrator: Digest,
) -> (Design, Vec<DesignItem>) {
    let mut strata = Vec::with_capacity(groups.len());
    let mut items = Vec::with_capacity(candidates.len());
    for (stratum, mut g) in (0_u32..).zip(groups) {
        let Some(agent) = agents.get(usize::from(g.agent)) else { continue };
        strata.push(DesignStratum { agent: agent.clone(), reason: g.reason, size: g.members.len() as u64, drawn: g.drawn });
        ranked(candidates, &mut g.members, g.rehash.then_some(stratum));
        items.extend((0_u64..).zip(&g.members).filter_map(|(rank, &i)| {
            let c = candidates.get(i as usize)?;
            let minutes = if g.reason == Reason::Replay { 0.0 } else { f64::from(c.minutes) };
            Some(DesignItem { seq: c.seq, stratum, rank, predicted: c.predicted, minutes })
        }));
    }
    items.sort_unstable_by_key(|i: &DesignItem| i.seq);
    (Design::freeze(seed, minutes, calibrator, strata, &items), items)
}
