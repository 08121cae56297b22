//! One agent's running totals for the gate, each line with its open trials at their worst and at their best.

use super::baseline::CaseOutcome;
use super::{EachCase, GateSpec, Selector};
use crate::domain::{AgentName, Case, TrialRow, Verdict};
use crate::stats::cluster::CaseMeans;
use crate::stats::compare::CaseKey;
use crate::stats::outcome::Outcome;
use crate::stats::sum::FixedSum;

/// How many case ids a line quotes.
const QUOTED: usize = 3;

/// A figure over cases: as settled, and with every open trial at its worst and at its best.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Figure {
    pub settled: CaseMeans,
    pub worst: CaseMeans,
    pub best: CaseMeans,
    /// Open trials.
    pub open: u64,
}

/// Cases that do not reach their number of passed trials, and cases that may yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Each {
    pub cases: u64,
    pub failed: u64,
    pub open: u64,
    /// The first cases that failed.
    pub failing: Vec<String>,
    /// The first cases that are open.
    pub pending: Vec<String>,
}

/// The trials of one must-pass group.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Must {
    pub selector: Selector,
    pub selected: u64,
    pub failed: u64,
    pub open: u64,
    /// The first cases that failed.
    pub failing: Vec<String>,
    /// The first cases that are open.
    pub pending: Vec<String>,
}

/// The cases that this run and the baseline have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Paired {
    /// Differences, this run minus the baseline.
    pub figure: Figure,
    /// Cases with the same answers in both.
    pub same: u64,
}

#[derive(Clone, Debug)]
pub(super) struct AgentGate {
    pub name: AgentName,
    pub accuracy: Figure,
    pub score: Figure,
    pub must: Vec<Must>,
    pub groups: Vec<(Selector, Figure)>,
    pub each: Each,
    each_case: Option<EachCase>,
    pub answered: u64,
    pub unscored: u64,
    pub paired: Paired,
    case: CaseOutcome,
    /// The same trials with what people said in the place of what judges said.
    labelled: CaseOutcome,
    selected: Option<(String, Vec<bool>)>,
    key: Option<CaseKey>,
    scores: Scores,
}

/// Sums of one case's trial means.
#[derive(Clone, Copy, Debug, Default)]
struct Scores {
    trials: u32,
    open: u32,
    judged: u32,
    settled: FixedSum,
    worst: FixedSum,
    best: FixedSum,
}

impl AgentGate {
    pub fn new(name: AgentName, spec: &GateSpec) -> Self {
        let must = |s: &Selector| Must { selector: s.clone(), selected: 0, failed: 0, open: 0, failing: vec![], pending: vec![] };
        Self {
            name,
            accuracy: Figure::default(),
            score: Figure::default(),
            must: spec.must_pass.iter().map(must).collect(),
            groups: spec.groups.iter().map(|(s, _)| (s.clone(), Figure::default())).collect(),
            each: Each::default(),
            each_case: spec.each_case,
            answered: 0,
            unscored: 0,
            paired: Paired::default(),
            case: CaseOutcome::default(),
            labelled: CaseOutcome::default(),
            selected: None,
            key: None,
            scores: Scores::default(),
        }
    }

    /// `outcome` is the judges' word, `labelled` people's where they have graded the answer.
    pub fn add(&mut self, row: &TrialRow, outcome: Outcome, labelled: Outcome) {
        self.case.add(row, outcome);
        self.labelled.add(row, labelled);
        if self.selected.is_none() {
            let chosen = self.groups.iter().map(|(s, _)| s.selects(&row.case)).collect();
            self.selected = Some((row.case.id.to_string(), chosen));
        }
        self.key.get_or_insert_with(|| CaseKey::of(row));
        self.answered += u64::from(row.answer.is_ok());
        self.unscored += u64::from(outcome == Outcome::Unscored);
        self.scores.add(row);
        for must in self.must.iter_mut().filter(|m| m.selector.selects(&row.case)) {
            must.add(&row.case, labelled);
        }
    }

    /// Closes the case; `of` gives the baseline's outcome of a case, where there is one.
    pub fn end_case<'a>(&mut self, of: impl FnOnce(&CaseKey) -> Option<&'a CaseOutcome>) {
        let (case, scores) = (std::mem::take(&mut self.case), std::mem::take(&mut self.scores));
        let labelled = std::mem::take(&mut self.labelled);
        let (Some(key), Some((id, chosen))) = (self.key.take(), self.selected.take()) else { return };
        self.accuracy.add_case(&case);
        for ((_, figure), _) in self.groups.iter_mut().zip(chosen).filter(|(_, chosen)| *chosen) {
            figure.add_case(&case);
        }
        if let Some(rule) = self.each_case {
            self.each.add(&id, rule, &labelled);
        }
        scores.end(&mut self.score);
        if let Some(before) = of(&key) {
            self.paired.add(&case, before);
        }
    }
}

impl Each {
    fn add(&mut self, id: &str, rule: EachCase, case: &CaseOutcome) {
        let needed = rule.needed(case.passed + case.failed + case.open);
        self.cases += 1;
        let (count, names) = if case.passed >= needed {
            return;
        } else if case.passed + case.open < needed {
            (&mut self.failed, &mut self.failing)
        } else {
            (&mut self.open, &mut self.pending)
        };
        *count += 1;
        if names.len() < QUOTED {
            names.push(id.to_owned());
        }
    }
}

impl Figure {
    fn add_case(&mut self, case: &CaseOutcome) {
        let settled = case.settled().map(|m| (m, u64::from(case.passed + case.failed)));
        self.add(settled, case.worst(), case.best(), case.open.into());
    }

    fn add(&mut self, settled: Option<(f64, u64)>, worst: f64, best: f64, open: u64) {
        let (mean, trials) = settled.unwrap_or((0.0, 0));
        let all = trials + open;
        self.settled.add(mean, trials);
        self.worst.add(worst, all);
        self.best.add(best, all);
        self.open += open;
    }
}

impl Must {
    fn add(&mut self, case: &Case, outcome: Outcome) {
        let (count, names) = match outcome {
            Outcome::Passed => return self.selected += 1,
            Outcome::Failed => (&mut self.failed, &mut self.failing),
            Outcome::Split | Outcome::Unscored | Outcome::Unanswered => (&mut self.open, &mut self.pending),
        };
        self.selected += 1;
        *count += 1;
        if names.len() < QUOTED && names.last().is_none_or(|last| last != case.id.as_str()) {
            names.push(case.id.as_str().to_owned());
        }
    }
}

impl Paired {
    /// Answers that did not change cannot have become better or worse: their difference is 0 even if a judge changed its mind.
    fn add(&mut self, now: &CaseOutcome, before: &CaseOutcome) {
        if now.same_answers(before) {
            self.same += 1;
            return self.figure.add(Some((0.0, 1)), 0.0, 0.0, 0);
        }
        let settled = now.settled().zip(before.settled()).map(|(n, b)| (n - b, 1));
        let open = u64::from(settled.is_none()).max(u64::from(now.open + before.open));
        self.figure.add(settled, now.worst() - before.best(), now.best() - before.worst(), open);
    }
}

impl Scores {
    /// A settled trial stands at the judges' mean; a split one anywhere between its lowest and highest judgment; one without a
    /// verdict anywhere on the scale.
    fn add(&mut self, row: &TrialRow) {
        let tally = row.tally.as_ref().filter(|_| row.answer.is_ok());
        let (mean, worst, best) = match tally.map(|t| (t.verdict, t.mean)) {
            Some((Verdict::Settled { .. }, Some(mean))) => (Some(mean), mean, mean),
            Some((Verdict::Split { low, high }, mean)) => (mean, f64::from(low.get()), f64::from(high.get())),
            _ => (None, 1.0, 5.0),
        };
        self.trials += 1;
        self.open += u32::from(best > worst);
        self.worst.add(worst);
        self.best.add(best);
        if let Some(mean) = mean {
            self.judged += 1;
            self.settled.add(mean);
        }
    }

    fn end(self, figure: &mut Figure) {
        let over = |sum: FixedSum, n: u32| sum.get() / f64::from(n.max(1));
        figure.settled.add(over(self.settled, self.judged), self.judged.into());
        figure.worst.add(over(self.worst, self.trials), self.trials.into());
        figure.best.add(over(self.best, self.trials), self.trials.into());
        figure.open += u64::from(self.open);
    }
}
