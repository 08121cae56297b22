//! Which outputs go to people, why, in which order, and with which probability. Pure.
//!
//! Invariant: every item carries the probability with which it was selected, fixed before any grade is seen: 1 with a
//! trigger, its stratum's share in the random audit, never 0. A failure of the agent is no review item.

mod audit;
mod designer;
pub mod plan;
mod priority;
pub mod risk;
mod triggers;

pub use audit::{AuditDraw, AuditPolicy, Drawn, identity};
pub use designer::{Designer, cold_calibrator, pass_share};
pub use priority::{Costs, History, chance_wrong, costs, expected_loss, tier};
pub use triggers::triggers;

use crate::domain::{AgentName, ReviewItem, Rubric, RunHead, SetName, Stratum, Tier, TrialRow, Trigger, Verdict};

/// A review item with the agent whose output it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Routed {
    /// Whose output.
    pub agent: AgentName,
    /// What wants a person.
    pub item: ReviewItem,
}

/// Builds the review items of a run. Feed it every trial once, in any order: memory grows with the items, not with the run.
#[derive(Clone, Debug)]
pub struct Router {
    agents: Vec<AgentName>,
    rubrics: Vec<(SetName, Rubric)>,
    certain: Vec<Routed>,
    /// One an agent: strata never cross agents, so that each agent can be estimated.
    audits: Vec<AuditDraw<Waiting>>,
}

/// What an item of the audit needs once it is drawn.
#[derive(Clone, Debug)]
struct Waiting {
    agent: usize,
    priority: f64,
    tier: Tier,
}

impl Router {
    /// Nothing fed yet; the run's seed decides the draw.
    #[must_use]
    pub fn new(head: &RunHead, policy: AuditPolicy) -> Self {
        let rubrics = head.sets.iter().filter_map(|s| Some((s.name.clone(), head.rubric_of(&s.name)?.clone())));
        Self {
            agents: head.agents.iter().map(|a| a.name.clone()).collect(),
            rubrics: rubrics.collect(),
            certain: Vec::new(),
            audits: head.agents.iter().map(|_| AuditDraw::new(head.seed, policy)).collect(),
        }
    }

    /// Adds one trial; `addressed` says that its answer speaks to a grader. A trial without a verdict yet, or of a set or an
    /// agent that the run's head does not name, is left out.
    pub fn add(&mut self, row: &TrialRow, addressed: bool) {
        let rubric = self.rubrics.iter().find(|(set, _)| *set == row.key.set).map(|(_, r)| r);
        let agent = self.agents.iter().position(|a| *a == row.key.agent);
        let (Some(rubric), Some(agent), Some(tally), Ok(_)) = (rubric, agent, &row.tally, &row.answer) else { return };
        let triggers = triggers(row, rubric, addressed);
        let priority = expected_loss(tally, rubric.pass_mark, &triggers, row.case.risk, History::default());
        let tier = tier(row.case.risk);
        if !triggers.is_empty() {
            let item = ReviewItem { seq: row.key.seq, triggers, priority, tier, stratum: Stratum::Certain, inclusion: 1.0 };
            self.certain.push(Routed { agent: row.key.agent.clone(), item });
        } else if let Verdict::Settled { score } = tally.verdict {
            let stratum = if rubric.passes(score) { Stratum::AuditPass } else { Stratum::AuditFail };
            if let Some(audit) = self.audits.get_mut(agent) {
                audit.offer(stratum, &identity(&row.key, &row.case.id), row.key.seq, Waiting { agent, priority, tier });
            }
        }
    }

    /// One trial as a review item, whether or not anything asks for it: its triggers (none for a confident one), priority and tier,
    /// with certainty. Nothing for a trial without an answer or a verdict.
    #[must_use]
    pub fn item(head: &RunHead, row: &TrialRow, addressed: bool) -> Option<ReviewItem> {
        let (rubric, tally) = (head.rubric_of(&row.key.set)?, row.tally.as_ref().filter(|_| row.answer.is_ok())?);
        let triggers = triggers(row, rubric, addressed);
        let priority = expected_loss(tally, rubric.pass_mark, &triggers, row.case.risk, History::default());
        let stratum = match tally.verdict {
            Verdict::Settled { score } if triggers.is_empty() && rubric.passes(score) => Stratum::AuditPass,
            Verdict::Settled { .. } if triggers.is_empty() => Stratum::AuditFail,
            _ => Stratum::Certain,
        };
        Some(ReviewItem { seq: row.key.seq, triggers, priority, tier: tier(row.case.risk), stratum, inclusion: 1.0 })
    }

    /// The items, the highest priority first, equal ones in the order of the run.
    #[must_use]
    pub fn finish(self) -> Vec<ReviewItem> {
        self.finish_routed().into_iter().map(|r| r.item).collect()
    }

    /// The items with their agents, the highest priority first, equal ones in the order of the run.
    #[must_use]
    pub fn finish_routed(self) -> Vec<Routed> {
        let Self { agents, certain: mut routed, audits, .. } = self;
        routed.extend(audits.into_iter().flat_map(AuditDraw::finish).filter_map(|Drawn { seq, stratum, inclusion, what }| {
            let triggers = vec![Trigger::RandomAudit];
            let item = ReviewItem { seq, triggers, priority: what.priority, tier: what.tier, stratum, inclusion };
            Some(Routed { agent: agents.get(what.agent)?.clone(), item })
        }));
        routed.sort_by(|a, b| b.item.priority.total_cmp(&a.item.priority).then(a.item.seq.cmp(&b.item.seq)));
        routed
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Risk;
    use crate::stats::fixture::{edit, failed, row, run};

    fn route(rows: &[(TrialRow, bool)], policy: AuditPolicy) -> Vec<ReviewItem> {
        let mut r = Router::new(&run(1, 2), policy);
        for (row, addressed) in rows {
            r.add(row, *addressed);
        }
        r.finish()
    }

    const NO_AUDIT: AuditPolicy = AuditPolicy { share: 0.0, at_least: 0 };

    #[test]
    fn a_failed_agent_is_no_review_item() {
        assert!(route(&[(failed(0, 0, "a"), true)], AuditPolicy::default()).is_empty());
    }

    #[test]
    fn the_dearest_error_goes_first() {
        let critical = |r| edit(r, |c| c.risk = Risk::Critical);
        let rows = [(row(0, 0, "a", &[1, 5]), false), (critical(row(1, 0, "a", &[1, 5])), false), (row(2, 0, "a", &[1, 5]), false)];
        let items = route(&rows, NO_AUDIT);
        assert_eq!(items.iter().map(|i| i.seq).collect::<Vec<_>>(), [100, 0, 200]);
        assert_eq!((items[0].tier, items[1].tier), (Tier::T2, Tier::T1));
        assert!(items.iter().all(|i| i.stratum == Stratum::Certain && (i.inclusion - 1.0).abs() < f64::EPSILON));
    }

    #[test]
    fn a_small_run_is_audited_whole_and_a_large_one_in_part() {
        let confident = |n: u64| (0..n).map(|c| (row(c, 0, "a", if c % 5 == 0 { &[1, 1] } else { &[5, 5] }), false)).collect::<Vec<_>>();
        assert_eq!(route(&confident(20), AuditPolicy::default()).len(), 20);
        let items = route(&confident(500), AuditPolicy::default());
        let of = |s| items.iter().filter(|i| i.stratum == s).map(|i| 1.0 / i.inclusion).collect::<Vec<_>>();
        let (pass, fail) = (of(Stratum::AuditPass), of(Stratum::AuditFail));
        assert_eq!((pass.len(), fail.len()), (24, 6));
        assert!((pass.iter().sum::<f64>() - 400.0).abs() < 1e-9 && (fail.iter().sum::<f64>() - 100.0).abs() < 1e-9);
        assert!(items.iter().all(|i| i.triggers == [Trigger::RandomAudit]));
    }

    #[test]
    fn an_item_with_a_trigger_is_never_audited_as_well() {
        let items = route(&[(row(0, 0, "a", &[5, 5]), true)], AuditPolicy::default());
        assert_eq!(items.len(), 1);
        assert_eq!(items[0].triggers, [Trigger::AddressedToGrader]);
    }

    proptest! {
        #[test]
        fn the_order_of_trials_never_matters(scores in prop::collection::vec((0u8..=5, 0u8..=5, any::<bool>()), 0..60)) {
            let mut rows: Vec<_> = (0u64..).zip(scores).map(|(c, (x, y, addressed))| (row(c, 0, "a", &[x, y]), addressed)).collect();
            let policy = AuditPolicy { share: 0.1, at_least: 5 };
            let forward = route(&rows, policy);
            rows.reverse();
            prop_assert!(forward.iter().all(|i| i.inclusion > 0.0 && i.inclusion <= 1.0 && i.priority > 0.0));
            prop_assert_eq!(forward, route(&rows, policy));
        }
    }
}
