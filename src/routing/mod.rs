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
pub use priority::{Costs, History, chance_wrong, costs, stake, tier};
pub use triggers::triggers;

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use risk::{ChanceWrong, Features, Others, Outcome, Words};

use crate::domain::{AgentName, DigestBuilder, ReviewItem, Rubric, RunHead, Score, SetName, Stratum, Tier, TrialRow, Trigger, Verdict};

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
    words: Words,
    model: ChanceWrong,
    histories: BTreeMap<String, History>,
    certain: Vec<(ReviewItem, Waiting)>,
    /// One an agent: strata never cross agents, so that each agent can be estimated.
    audits: Vec<AuditDraw<Waiting>>,
    /// Every output by its case, where a case has several: 16 bytes an output.
    outcomes: HashMap<u64, Vec<Outcome>>,
}

/// What an item needs once all trials are in.
#[derive(Clone, Debug)]
struct Waiting {
    agent: usize,
    tier: Tier,
    stake: f64,
    /// By what was learnt of its tags.
    shift: f64,
    /// Absent where there is no verdict to doubt.
    features: Option<Features>,
    outcome: Option<(u64, Outcome)>,
}

impl Router {
    /// Nothing fed yet; the run's seed decides the draw.
    #[must_use]
    pub fn new(head: &RunHead, policy: AuditPolicy) -> Self {
        let rubrics = head.sets.iter().filter_map(|s| Some((s.name.clone(), head.rubric_of(&s.name)?.clone())));
        Self {
            agents: head.agents.iter().map(|a| a.name.clone()).collect(),
            rubrics: rubrics.collect(),
            words: Words::default(),
            model: ChanceWrong::default(),
            histories: BTreeMap::new(),
            certain: Vec::new(),
            audits: head.agents.iter().map(|_| AuditDraw::new(head.seed, policy)).collect(),
            outcomes: HashMap::new(),
        }
    }

    /// With what the team's own decisions taught, in place of the embedded prior.
    #[must_use]
    pub fn with_model(self, model: ChanceWrong) -> Self {
        Self { model, ..self }
    }

    /// With what was learnt of each tag; an item is moved by the mean of its tags that have a history.
    #[must_use]
    pub fn with_history(self, histories: BTreeMap<String, History>) -> Self {
        Self { histories, ..self }
    }

    /// Adds one trial; `addressed` says that its answer speaks to a grader. A trial without a verdict yet, or of a set or an
    /// agent that the run's head does not name, is left out.
    pub fn add(&mut self, row: &TrialRow, addressed: bool) {
        let rubric = self.rubrics.iter().find(|(set, _)| *set == row.key.set).map(|(_, r)| r);
        let agent = self.agents.iter().position(|a| *a == row.key.agent);
        let (Some(rubric), Some(agent), Some(tally), Ok(_)) = (rubric, agent, &row.tally, &row.answer) else { return };
        let triggers = triggers(row, rubric, addressed);
        let mark = rubric.pass_mark;
        let scored = !matches!(tally.verdict, Verdict::Unscored { .. });
        let several = self.agents.len() > 1 || row.case.trials > 1;
        let outcome = if several { note(&mut self.outcomes, row, mark) } else { None };
        let features = if scored { Features::of(row, mark, &self.words) } else { None };
        let waiting = Waiting {
            agent,
            tier: tier(row.case.risk),
            stake: stake(tally, mark, row.case.risk),
            shift: self.shift(&row.case.tags),
            features,
            outcome,
        };
        if !triggers.is_empty() {
            let item =
                ReviewItem { seq: row.key.seq, triggers, priority: 0.0, tier: waiting.tier, stratum: Stratum::Certain, inclusion: 1.0 };
            self.certain.push((item, waiting));
        } else if let Verdict::Settled { score } = tally.verdict {
            let stratum = if rubric.passes(score) { Stratum::AuditPass } else { Stratum::AuditFail };
            if let Some(audit) = self.audits.get_mut(agent) {
                audit.offer(stratum, &identity(&row.key, &row.case.id), row.key.seq, waiting);
            }
        }
    }

    /// One trial as a review item, whether or not anything asks for it: its triggers (none for a confident one), priority and tier,
    /// with certainty. Nothing for a trial without an answer or a verdict.
    #[must_use]
    pub fn item(head: &RunHead, row: &TrialRow, addressed: bool) -> Option<ReviewItem> {
        let (rubric, tally) = (head.rubric_of(&row.key.set)?, row.tally.as_ref().filter(|_| row.answer.is_ok())?);
        let triggers = triggers(row, rubric, addressed);
        let priority = doubt(row, rubric.pass_mark, &triggers) * stake(tally, rubric.pass_mark, row.case.risk);
        let stratum = match tally.verdict {
            Verdict::Settled { score } if triggers.is_empty() && rubric.passes(score) => Stratum::AuditPass,
            Verdict::Settled { .. } if triggers.is_empty() => Stratum::AuditFail,
            _ => Stratum::Certain,
        };
        Some(ReviewItem { seq: row.key.seq, triggers, priority, tier: tier(row.case.risk), stratum, inclusion: 1.0 })
    }

    fn shift(&self, tags: &[String]) -> f64 {
        let (n, sum) = tags.iter().filter_map(|t| self.histories.get(t)).fold((0u32, 0.0), |(n, s), h| (n + 1, s + h.shift()));
        if n == 0 { 0.0 } else { sum / f64::from(n) }
    }

    /// The items, the highest priority first, equal ones in the order of the run.
    #[must_use]
    pub fn finish(self) -> Vec<ReviewItem> {
        self.finish_routed().into_iter().map(|r| r.item).collect()
    }

    /// The items with their agents, the highest priority first, equal ones in the order of the run.
    #[must_use]
    pub fn finish_routed(self) -> Vec<Routed> {
        let Self { agents, model, certain, audits, outcomes, .. } = self;
        let priority = |triggers: &[Trigger], w: &Waiting| {
            let beside = |f: Features| match &w.outcome {
                Some((case, outcome)) => f.beside(&outcomes.get(case).map(|all| Others::count(outcome, all)).unwrap_or_default()),
                None => f,
            };
            chance_wrong(w.features.map(|f| model.of(&beside(f))), triggers, w.shift) * w.stake
        };
        let named = |item: ReviewItem, agent: usize| Some(Routed { agent: agents.get(agent)?.clone(), item });
        let mut routed: Vec<Routed> = Vec::with_capacity(certain.len());
        routed.extend(certain.into_iter().filter_map(|(item, w)| {
            let priority = priority(&item.triggers, &w);
            named(ReviewItem { priority, ..item }, w.agent)
        }));
        routed.extend(audits.into_iter().flat_map(AuditDraw::finish).filter_map(|Drawn { seq, stratum, inclusion, what: w }| {
            let triggers = vec![Trigger::RandomAudit];
            let item = ReviewItem { seq, priority: priority(&triggers, &w), triggers, tier: w.tier, stratum, inclusion };
            named(item, w.agent)
        }));
        routed.sort_by(|a, b| b.item.priority.total_cmp(&a.item.priority).then(a.item.seq.cmp(&b.item.seq)));
        routed
    }
}

/// P(this output's verdict is wrong), by the embedded prior, without a look at its neighbours; even odds without a verdict.
#[must_use]
pub fn doubt(row: &TrialRow, mark: Score, triggers: &[Trigger]) -> f64 {
    static PRIOR: LazyLock<(Words, ChanceWrong)> = LazyLock::new(Default::default);
    let scored = row.tally.as_ref().is_some_and(|t| !matches!(t.verdict, Verdict::Unscored { .. }));
    let features = if scored { Features::of(row, mark, &PRIOR.0) } else { None };
    chance_wrong(features.map(|f| PRIOR.1.of(&f)), triggers, 0.0)
}

/// Remembers an output for its neighbours: which case it is of, and what it was.
fn note(outcomes: &mut HashMap<u64, Vec<Outcome>>, row: &TrialRow, mark: Score) -> Option<(u64, Outcome)> {
    let outcome = Outcome::of(row, mark)?;
    let case = DigestBuilder::new("case-of-run/1").text("set", row.key.set.as_str()).text("case", row.case.id.as_str()).finish();
    let key = case.bytes().iter().take(8).fold(0, |n, b| n << 8 | u64::from(*b));
    outcomes.entry(key).or_default().push(outcome);
    Some((key, outcome))
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
