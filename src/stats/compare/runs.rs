//! The cases of a run as a comparison needs them, gathered trial by trial: about 70 bytes a case and agent, whatever the texts.
//!
//! Invariant: the order of trials never matters; an edited case is another case.

use std::collections::HashMap;

use super::super::outcome::{Outcome, PassMarks};
use super::super::resample::Resampling;
use super::{CasePair, Comparison, Side, compare};
use crate::domain::{AgentName, DigestBuilder, RunHead, TrialRow};

/// A case of a set as it stood: an edited case is another one. 128 bits of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CaseKey([u8; 16]);

impl CaseKey {
    /// The key of a trial's case.
    #[must_use]
    pub fn of(row: &TrialRow) -> Self {
        let whole = DigestBuilder::new("pair/1").text("set", row.key.set.as_str()).digest("case", &row.case_digest).finish();
        let mut head = [0; 16];
        head.copy_from_slice(&whole.bytes()[..16]);
        Self(head)
    }
}

/// 64 bits of an answer and its repeat number: sums of them over a case tell same answers from others in any order. `None` for a
/// trial without an answer.
#[must_use]
pub fn answer_mark(row: &TrialRow) -> Option<u64> {
    let output = row.answer.as_ref().ok()?;
    let whole = DigestBuilder::new("answer/1").bytes("trial", &row.key.trial.to_le_bytes()).digest("output", &output.digest()).finish();
    let mut head = [0; 8];
    head.copy_from_slice(&whole.bytes()[..8]);
    Some(u64::from_le_bytes(head))
}

const NOWHERE: u32 = u32::MAX;

/// What became of one agent's trials of one case.
#[derive(Clone, Copy, Debug)]
struct Cell {
    passed: u16,
    failed: u16,
    trials: u16,
    scored: u16,
    unanswered: bool,
    /// Index into the tag lists.
    tags: u32,
    /// Positions of the first trial that passed, and of the first that did not.
    pass_at: u32,
    other_at: u32,
    scores: f64,
    answers: u64,
}

impl Cell {
    const NEW: Self = Self {
        passed: 0,
        failed: 0,
        trials: 0,
        scored: 0,
        unanswered: false,
        tags: 0,
        pass_at: NOWHERE,
        other_at: NOWHERE,
        scores: 0.0,
        answers: 0,
    };

    fn add(&mut self, row: &TrialRow, outcome: Outcome) {
        let seq = u32::try_from(row.key.seq).unwrap_or(NOWHERE);
        self.trials = self.trials.saturating_add(1);
        match outcome {
            Outcome::Passed => self.passed = self.passed.saturating_add(1),
            Outcome::Failed => self.failed = self.failed.saturating_add(1),
            Outcome::Split | Outcome::Unscored | Outcome::Unanswered => {}
        }
        let at = if outcome == Outcome::Passed { &mut self.pass_at } else { &mut self.other_at };
        *at = (*at).min(seq);
        if let Some(mean) = row.tally.as_ref().and_then(|t| t.mean).filter(|_| row.answer.is_ok()) {
            self.scored = self.scored.saturating_add(1);
            self.scores += mean;
        }
        match answer_mark(row) {
            Some(mark) => self.answers = self.answers.wrapping_add(mark),
            None => self.unanswered = true,
        }
    }

    fn side(&self) -> Side {
        let settled = self.passed + self.failed;
        Side {
            trials: u32::from(settled),
            pass: (settled > 0).then(|| f64::from(self.passed) / f64::from(settled)),
            score: (self.scored > 0).then(|| self.scores / f64::from(self.scored)),
        }
    }

    fn same_answers(&self, other: &Self) -> bool {
        !self.unanswered && !other.unanswered && self.trials == other.trials && self.answers == other.answers
    }

    /// A trial to show: one that passed, or one that did not; any where there is none.
    fn shown(&self, passed: bool) -> Option<u64> {
        let (wanted, else_) = if passed { (self.pass_at, self.other_at) } else { (self.other_at, self.pass_at) };
        [wanted, else_].into_iter().find(|at| *at != NOWHERE).map(u64::from)
    }
}

/// The cases of a run by agent. Feed it every trial of the run once, in any order.
#[derive(Clone, Debug)]
pub struct RunCases {
    marks: PassMarks,
    agents: Vec<(AgentName, HashMap<CaseKey, Cell>)>,
    /// Every list of tags that occurs, once.
    tags: Vec<Vec<String>>,
    lists: HashMap<Vec<String>, u32>,
}

/// A compared case that passes more or less often in B.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Changed {
    /// B's share of passing trials minus A's; never 0.
    pub difference: f64,
    /// What A made of it.
    pub a: Side,
    /// What B made of it.
    pub b: Side,
    /// Position in A's plan of a trial that shows A's side of the change.
    pub a_seq: Option<u64>,
    /// The same in B's.
    pub b_seq: Option<u64>,
}

impl RunCases {
    /// Nothing fed yet.
    #[must_use]
    pub fn new(head: &RunHead) -> Self {
        Self {
            marks: PassMarks::of(head),
            agents: head.agents.iter().map(|a| (a.name.clone(), HashMap::new())).collect(),
            tags: Vec::new(),
            lists: HashMap::new(),
        }
    }

    /// Adds one trial, as the judges see it.
    pub fn add(&mut self, row: &TrialRow) {
        let outcome = Outcome::of(row, self.marks.get(&row.key.set));
        let list = if let Some(known) = self.lists.get(&row.case.tags) {
            *known
        } else {
            let new = u32::try_from(self.tags.len()).unwrap_or(u32::MAX);
            self.tags.push(row.case.tags.clone());
            self.lists.insert(row.case.tags.clone(), new);
            new
        };
        if let Some((_, cases)) = self.agents.iter_mut().find(|(name, _)| *name == row.key.agent) {
            let cell = cases.entry(CaseKey::of(row)).or_insert(Cell::NEW);
            cell.tags = list;
            cell.add(row, outcome);
        }
    }

    /// Agents that are compared: those of the same name; the only ones where each run has one.
    #[must_use]
    pub fn pairs<'a>(&'a self, b: &'a Self) -> Vec<(&'a AgentName, &'a AgentName)> {
        if let ([(x, _)], [(y, _)]) = (self.agents.as_slice(), b.agents.as_slice()) {
            return vec![(x, y)];
        }
        b.agents.iter().filter_map(|(y, _)| Some((self.agents.iter().find(|(x, _)| x == y).map(|(x, _)| x)?, y))).collect()
    }

    /// Compares an agent of this run, A, with one of another, B. The changed cases come with the largest losses first, then
    /// the largest gains, each in B's order.
    #[must_use]
    pub fn against(&self, agent: &AgentName, b: &Self, other: &AgentName, how: Resampling) -> (Comparison, Vec<Changed>) {
        let empty = HashMap::new();
        let cases = |run: &'_ Self, name: &AgentName| run.agents.iter().position(|(n, _)| n == name);
        let (of_a, of_b) = (cases(self, agent), cases(b, other));
        let of_a = of_a.map_or(&empty, |i| &self.agents[i].1);
        let of_b = of_b.map_or(&empty, |i| &b.agents[i].1);
        let mut keys: Vec<&CaseKey> = of_a.keys().chain(of_b.keys().filter(|k| !of_a.contains_key(*k))).collect();
        // So that no sum depends on the order of a hash map.
        keys.sort_unstable();
        let (mut pairs, mut changed) = (Vec::with_capacity(keys.len()), Vec::new());
        for key in keys {
            let (x, y) = (of_a.get(key), of_b.get(key));
            let same_answers = x.zip(y).is_some_and(|(x, y)| x.same_answers(y));
            let tags = match (x, y) {
                (_, Some(y)) => b.tags.get(y.tags as usize),
                (Some(x), None) => self.tags.get(x.tags as usize),
                (None, None) => None,
            };
            let (side_a, side_b) = (x.map(Cell::side), y.map(Cell::side));
            if let (Some(x), Some(y), Some(a), Some(b), false) = (x, y, side_a, side_b, same_answers)
                && let Some(difference) = a.pass.zip(b.pass).map(|(a, b)| b - a).filter(|d| *d != 0.0)
            {
                let gained = difference > 0.0;
                changed.push(Changed { difference, a, b, a_seq: x.shown(!gained), b_seq: y.shown(gained) });
            }
            let tags = tags.map_or_else(Vec::new, |t| t.iter().map(String::as_str).collect());
            pairs.push(CasePair { a: side_a, b: side_b, same_answers, tags });
        }
        changed.sort_by(|x, y| {
            let losses_first = (x.difference > 0.0).cmp(&(y.difference > 0.0));
            losses_first.then(y.difference.abs().total_cmp(&x.difference.abs())).then(x.b_seq.cmp(&y.b_seq))
        });
        (compare(&pairs, how), changed)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::super::fixture::{row, run};
    use super::*;

    fn gathered(head: &RunHead, rows: &[TrialRow]) -> RunCases {
        let mut cases = RunCases::new(head);
        for r in rows {
            cases.add(r);
        }
        cases
    }

    fn answered(seq: u64, text: &str, scores: &[u8]) -> TrialRow {
        let mut r = row(seq, 0, "a", scores);
        let case = Arc::make_mut(&mut r.case);
        case.id = crate::domain::CaseId::new(&format!("c{seq}")).unwrap();
        case.tags = vec!["t".to_owned()];
        r.case_digest = r.case.digest();
        r.answer = Ok(crate::domain::Output::text(text));
        r
    }

    #[test]
    fn cases_are_paired_by_what_they_ask_and_an_edited_case_is_another() {
        let head = run(1, 1);
        let a = [answered(0, "x", &[5, 5]), answered(1, "x", &[1, 1]), answered(2, "x", &[5, 5])];
        let mut edited = answered(2, "y", &[1, 1]);
        Arc::make_mut(&mut edited.case).expected.push_str(" now");
        edited.case_digest = edited.case.digest();
        let b = [answered(1, "z", &[5, 5]), answered(0, "y", &[1, 1]), edited];
        let (first, second) = (gathered(&head, &a), gathered(&head, &b));
        let [(x, y)] = first.pairs(&second)[..] else { panic!() };
        let (said, changed) = first.against(x, &second, y, Resampling { seed: 1, times: 100 });
        assert_eq!((said.compared, said.only_a, said.only_b, said.better, said.worse), (2, 1, 1, 1, 1));
        assert_eq!(said.tags[0].tag, "t");
        assert_eq!(
            changed.iter().map(|c| (c.difference, c.a_seq, c.b_seq)).collect::<Vec<_>>(),
            [(-1.0, Some(0), Some(0)), (1.0, Some(100), Some(100))]
        );
    }

    #[test]
    fn the_same_answer_did_not_change_whatever_the_judges_made_of_it() {
        let head = run(1, 1);
        let (first, second) = (gathered(&head, &[answered(0, "x", &[5, 5])]), gathered(&head, &[answered(0, "x", &[1, 1])]));
        let [(x, y)] = first.pairs(&second)[..] else { panic!() };
        let (said, changed) = first.against(x, &second, y, Resampling { seed: 1, times: 100 });
        assert_eq!((said.same_answers, said.worse, changed.len()), (1, 0, 0));
    }
}
