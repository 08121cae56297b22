//! From sets to trials, in a stable order with stable positions. Nothing is called, nothing is kept.

use std::sync::Arc;

use crate::domain::{AgentName, Case, Digest, Rubric, SetHead, TrialKey};
use crate::error::AppError;

/// The cases of a set, as they come.
pub type Cases = Box<dyn Iterator<Item = Result<Arc<Case>, AppError>> + Send>;

/// A set with the rubric that its cases are judged by.
pub struct PlannedSet {
    /// The set.
    pub head: SetHead,
    /// Its rubric.
    pub rubric: Arc<Rubric>,
    /// The selected cases.
    pub cases: Cases,
}

/// A trial to run.
#[derive(Clone, Debug)]
pub struct PlannedTrial {
    /// Position, agent, set, repeat.
    pub key: TrialKey,
    /// Index of the agent in the plan.
    pub agent: usize,
    /// The case.
    pub case: Arc<Case>,
    /// Its digest.
    pub case_digest: Digest,
    /// What it is judged by.
    pub rubric: Arc<Rubric>,
}

/// Trials in order: set, case, repeat, agent. All trials of a case are neighbours.
pub struct Plan {
    sets: std::vec::IntoIter<PlannedSet>,
    set: Option<PlannedSet>,
    agents: Vec<AgentName>,
    trials: Option<u16>,
    case: Option<(Arc<Case>, Digest)>,
    /// Next repeat and agent of the present case.
    at: (u16, usize),
    seq: u64,
}

impl Plan {
    /// A plan over sets and agents; `trials` overrides what cases say.
    #[must_use]
    pub fn new(sets: Vec<PlannedSet>, agents: Vec<AgentName>, trials: Option<u16>) -> Self {
        Self { sets: sets.into_iter(), set: None, agents, trials, case: None, at: (0, 0), seq: 0 }
    }

    fn next_case(&mut self) -> Option<Result<(), AppError>> {
        loop {
            if let Some(set) = &mut self.set {
                match set.cases.next() {
                    Some(Ok(case)) => {
                        let digest = case.digest();
                        self.case = Some((case, digest));
                        self.at = (0, 0);
                        return Some(Ok(()));
                    }
                    Some(Err(e)) => return Some(Err(e)),
                    None => self.set = None,
                }
            }
            self.set = Some(self.sets.next()?);
        }
    }
}

impl Iterator for Plan {
    type Item = Result<PlannedTrial, AppError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.agents.is_empty() {
            return None;
        }
        loop {
            if let (Some((case, digest)), Some(set)) = (&self.case, &self.set) {
                let (trial, agent) = self.at;
                if trial < self.trials.unwrap_or(case.trials).max(1) {
                    let key = TrialKey { seq: self.seq, agent: self.agents[agent].clone(), set: set.head.name.clone(), trial };
                    let planned =
                        PlannedTrial { key, agent, case: Arc::clone(case), case_digest: *digest, rubric: Arc::clone(&set.rubric) };
                    self.seq += 1;
                    self.at = if agent + 1 < self.agents.len() { (trial, agent + 1) } else { (trial + 1, 0) };
                    return Some(Ok(planned));
                }
                self.case = None;
            }
            if let Err(e) = self.next_case()? {
                return Some(Err(e));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{CaseId, RubricName, Score, SetName};

    fn set(name: &str, ids: &[(&str, u16)]) -> PlannedSet {
        let cases: Vec<_> = ids
            .iter()
            .map(|(id, trials)| {
                let mut c = Case::new(CaseId::new(id).unwrap(), "q", "e");
                c.trials = *trials;
                Ok(Arc::new(c))
            })
            .collect();
        PlannedSet {
            head: SetHead {
                name: SetName::new(name).unwrap(),
                rubric: RubricName::new("r").unwrap(),
                path: "x".into(),
                digest: Digest::of_bytes(b""),
                cases: ids.len() as u64,
            },
            rubric: Arc::new(Rubric {
                name: RubricName::new("r").unwrap(),
                criteria: String::new(),
                anchors: Default::default(),
                pass_mark: Score::ALL[3],
                notes: vec![],
                examples: vec![],
                template: None,
            }),
            cases: Box::new(cases.into_iter()),
        }
    }

    fn names(plan: Plan) -> Vec<String> {
        plan.map(|t| {
            let t = t.unwrap();
            format!("{}:{}/{}/{}/{}", t.key.seq, t.key.set, t.case.id, t.key.trial, t.key.agent)
        })
        .collect()
    }

    #[test]
    fn the_order_is_set_case_repeat_agent() {
        let agents = vec![AgentName::new("a").unwrap(), AgentName::new("b").unwrap()];
        let plan = Plan::new(vec![set("s", &[("x", 2)]), set("t", &[("y", 1)])], agents, None);
        assert_eq!(names(plan), ["0:s/x/0/a", "1:s/x/0/b", "2:s/x/1/a", "3:s/x/1/b", "4:t/y/0/a", "5:t/y/0/b"]);
    }

    #[test]
    fn the_command_line_overrides_the_trials_of_cases() {
        let plan = Plan::new(vec![set("s", &[("x", 5), ("y", 1)])], vec![AgentName::new("a").unwrap()], Some(2));
        assert_eq!(names(plan).len(), 4);
    }

    #[test]
    fn without_agents_nothing_is_planned() {
        assert!(names(Plan::new(vec![set("s", &[("x", 5)])], vec![], None)).is_empty());
    }
}
