//! From a run's trials to a frozen design: the default audit at the end of a run, or a plan for the minutes that people have.
//!
//! Invariant: only what the judges said, never a grade, decides how likely an answer is to be drawn; a plan takes an answer that has
//! a blind grade already with certainty (a replay). About 50 bytes an answer.

use super::plan::{Budget, Candidate, Plan, PlanFault, PlanOptions, Standing, cold_start, default_design, draw_key, plan, predict_minutes};
use super::{AuditPolicy, costs, identity, triggers};
use crate::domain::{AgentName, Ballot, Digest, DigestBuilder, Rubric, RunHead, Score, SetName, Stratum, TrialRow, Trigger};
use crate::stats::estimate::Label;

/// Digest of the calibrator that stands in before there are grades to fit one: `p = 0.05 + 0.9 x` the share of judgments that pass.
#[must_use]
pub fn cold_calibrator() -> Digest {
    DigestBuilder::new("calibrator/share/1").finish()
}

/// The share of scored ballots that pass; where a judge gives probabilities, its probability of a pass. Absent without a score.
#[must_use]
pub fn pass_share(ballots: &[Ballot], mark: Score) -> Option<f64> {
    let of = |b: &Ballot| {
        let j = b.outcome.as_ref().ok()?;
        let sure = f64::from(u8::from(j.score >= mark));
        Some(j.probabilities.map_or(sure, |p| p.iter().skip(mark.index()).sum::<f64>().clamp(0.0, 1.0)))
    };
    let shares: Vec<f64> = ballots.iter().filter_map(of).collect();
    (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / shares.len() as f64)
}

/// Gathers the answers of a run as candidates for review. Feed it every trial once, in any order.
#[derive(Clone, Debug)]
pub struct Designer {
    seed: u64,
    agents: Vec<AgentName>,
    rubrics: Vec<(SetName, Rubric)>,
    candidates: Vec<(Candidate, Stratum)>,
}

impl Designer {
    /// Nothing fed yet; the run's seed decides the draw.
    #[must_use]
    pub fn new(head: &RunHead) -> Self {
        let rubrics = head.sets.iter().filter_map(|s| Some((s.name.clone(), head.rubric_of(&s.name)?.clone())));
        Self {
            seed: head.seed,
            agents: head.agents.iter().map(|a| a.name.clone()).collect(),
            rubrics: rubrics.collect(),
            candidates: Vec::new(),
        }
    }

    /// Adds one trial; `addressed` says that its answer speaks to a grader, `graded` that it has a blind grade already, `must` that
    /// policy wants it reviewed whatever it costs. A trial without an answer or a verdict is left out.
    pub fn add(&mut self, row: &TrialRow, addressed: bool, graded: bool, must: bool) {
        let rubric = self.rubrics.iter().find(|(set, _)| *set == row.key.set).map(|(_, r)| r);
        let agent = self.agents.iter().position(|a| *a == row.key.agent).and_then(|a| u16::try_from(a).ok());
        let (Some(rubric), Some(agent), Some(tally), Ok(output)) = (rubric, agent, &row.tally, &row.answer) else { return };
        let reasons = triggers(row, rubric, addressed);
        let mark = rubric.pass_mark;
        let label = match tally.median {
            None => Label::Unscored,
            Some(m) if m >= mark => Label::Pass,
            Some(_) => Label::Fail,
        };
        let stratum = match label {
            _ if !reasons.is_empty() => Stratum::Certain,
            Label::Pass => Stratum::AuditPass,
            Label::Fail => Stratum::AuditFail,
            Label::Unscored => Stratum::Certain,
        };
        let range = tally.votes.iter().map(|v| v.low).min().zip(tally.votes.iter().map(|v| v.high).max());
        let spread = range.map_or(0.0, |(low, high)| f64::from(high.get() - low.get()));
        let read: usize = [&row.case.question, &row.case.expected, &output.text].iter().map(|t| t.split_whitespace().count()).sum();
        let cost = match label {
            Label::Pass | Label::Unscored => costs(row.case.risk).false_pass,
            Label::Fail => costs(row.case.risk).false_fail,
        };
        let standing = match () {
            () if graded => Standing::Replay,
            () if must || reasons.contains(&Trigger::AddressedToGrader) => Standing::Must,
            () => Standing::Open,
        };
        #[expect(clippy::cast_possible_truncation, reason = "f32 holds minutes and costs well enough")]
        let candidate = Candidate {
            seq: row.key.seq,
            key: draw_key(self.seed, &identity(&row.key, &row.case.id)),
            predicted: cold_start(pass_share(&row.ballots, mark)),
            minutes: predict_minutes(read as f64, spread) as f32,
            cost: cost as f32,
            agent,
            standing,
            label,
        };
        self.candidates.push((candidate, stratum));
    }

    /// The default audit; nothing for a run without an answer.
    ///
    /// # Errors
    /// As [`default_design`].
    pub fn audit(&self, policy: AuditPolicy) -> Result<Option<Plan>, PlanFault> {
        if self.candidates.is_empty() {
            return Ok(None);
        }
        default_design(&self.agents, &self.candidates, policy, self.seed, cold_calibrator()).map(Some)
    }

    /// A plan for a budget.
    ///
    /// # Errors
    /// As [`plan`].
    pub fn plan(&self, budget: Budget, options: PlanOptions) -> Result<Plan, PlanFault> {
        let candidates: Vec<Candidate> = self.candidates.iter().map(|(c, _)| *c).collect();
        plan(&self.agents, &candidates, budget, options, cold_calibrator())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routing::Router;
    use crate::stats::fixture::{ballot, failed, row, run};

    #[test]
    fn the_default_design_draws_what_the_router_sends_to_people() {
        let head = run(1, 2);
        let rows: Vec<TrialRow> = (0..600u64)
            .map(|c| {
                row(
                    c,
                    0,
                    "a",
                    if c % 9 == 0 {
                        &[1, 5]
                    } else if c % 5 == 0 {
                        &[1, 1]
                    } else {
                        &[5, 5]
                    },
                )
            })
            .chain([failed(700, 0, "a")])
            .collect();
        let (mut router, mut designer) = (Router::new(&head, AuditPolicy::default()), Designer::new(&head));
        for r in &rows {
            router.add(r, false);
            designer.add(r, false, false, false);
        }
        let mut sent: Vec<u64> = router.finish().iter().map(|i| i.seq).collect();
        sent.sort_unstable();
        let plan = designer.audit(AuditPolicy::default()).unwrap().unwrap();
        let drawn: Vec<u64> = super::super::plan::drawn(&plan.design, &plan.items).map(|i| i.seq).collect();
        assert_eq!(drawn, sent);
        assert_eq!(plan.items.len(), 600, "an answer that was not given cannot be graded");
        assert!(plan.design.holds(&plan.items));
    }

    #[test]
    fn probabilities_say_more_than_a_score() {
        let mark = Score::ALL[3];
        let mut b = ballot(0, 0, 4);
        assert_eq!(pass_share(&[b.clone(), ballot(1, 0, 1), ballot(2, 0, 0)], mark), Some(0.5));
        b.outcome.as_mut().unwrap().probabilities = Some([0.0, 0.1, 0.3, 0.4, 0.2]);
        assert!((pass_share(&[b], mark).unwrap() - 0.6).abs() < 1e-12);
        assert_eq!(pass_share(&[ballot(0, 0, 0)], mark), None);
    }
}
