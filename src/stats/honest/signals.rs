//! How well each signal tells a wrong verdict from a right one, measured on this run's own grades.

use serde::Serialize;

use crate::domain::{Score, Tally, TrialRow, Trigger};
use crate::stats::calibrate::scores::{Bin, Forecast, auroc, reliability};
use crate::stats::estimate::Label;

/// One signal against people's grades.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Signal {
    /// The trigger's word, or `spread`, `near_mark`, `unsure`.
    pub name: String,
    /// Area under the ROC curve, weighted by 1/pi: 0.5 tells nothing, below it the signal points the wrong way. Absent where all
    /// verdicts are right, or all wrong.
    pub auroc: Option<f64>,
    /// Drawn and graded answers on which the signal is up (for a trigger).
    pub raised: Option<u64>,
}

/// The signals of a run, and how the frozen prediction fared.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Signals {
    /// Drawn and graded answers.
    pub answers: u64,
    /// Of them, answers whose label by the judges people contradict.
    pub wrong: u64,
    /// Every signal that varies.
    pub signals: Vec<Signal>,
    /// P(people pass it) as frozen before the grades, against what they gave, in ten bins.
    pub reliability: Vec<Bin>,
}

/// What was gathered so far.
#[derive(Debug, Default)]
pub(super) struct Watch(Vec<Seen>);

#[derive(Debug)]
struct Seen {
    weight: f64,
    predicted: f64,
    pass: bool,
    wrong: bool,
    triggers: Vec<Trigger>,
    spread: f64,
    near: f64,
    unsure: Option<f64>,
}

/// The triggers that can be up before a grade.
const TRIGGERS: [Trigger; 7] = [
    Trigger::SplitPanel,
    Trigger::StraddlesPassMark,
    Trigger::SamplesDisagree,
    Trigger::Unscored,
    Trigger::AddressedToGrader,
    Trigger::HighRiskNearMark,
    Trigger::Contradictory,
];

impl Watch {
    /// Adds an answer that was drawn and graded.
    pub fn add(&mut self, row: &TrialRow, tally: &Tally, mark: Score, (label, people): (Label, Score), (predicted, weight): (f64, f64)) {
        let pass = people >= mark;
        let range = tally.votes.iter().map(|v| v.low).min().zip(tally.votes.iter().map(|v| v.high).max());
        let sure: Vec<f64> = row.ballots.iter().filter_map(|b| b.outcome.as_ref().ok()?.confidence).collect();
        self.0.push(Seen {
            weight,
            predicted,
            pass,
            wrong: match label {
                Label::Pass => !pass,
                Label::Fail => pass,
                Label::Unscored => true,
            },
            triggers: row.item.iter().flat_map(|i| i.triggers.iter().copied()).collect(),
            spread: range.map_or(0.0, |(low, high)| f64::from(high.get() - low.get())),
            near: -tally.mean.map_or(0.0, |m| (m - (f64::from(mark.get()) - 0.5)).abs()),
            unsure: (!sure.is_empty()).then(|| 1.0 - sure.iter().sum::<f64>() / sure.len() as f64),
        });
    }

    pub fn finish(self) -> Signals {
        let seen = self.0;
        let area = |f: &dyn Fn(&Seen) -> f64| {
            let rows: Vec<Forecast> = seen.iter().map(|s| Forecast { p: f(s), yes: s.wrong, weight: s.weight }).collect();
            auroc(&rows).ok()
        };
        let varies = |f: &dyn Fn(&Seen) -> f64| seen.windows(2).any(|w| f(&w[0]).total_cmp(&f(&w[1])).is_ne());
        let mut signals = Vec::new();
        let mut measure = |name: &str, f: &dyn Fn(&Seen) -> f64, raised: Option<u64>| {
            if varies(f) {
                signals.push(Signal { name: name.to_owned(), auroc: area(f), raised });
            }
        };
        measure("spread", &|s| s.spread, None);
        measure("near_mark", &|s| s.near, None);
        if seen.iter().all(|s| s.unsure.is_some()) {
            measure("unsure", &|s| s.unsure.unwrap_or_default(), None);
        }
        for t in TRIGGERS {
            let up = |s: &Seen| f64::from(u8::from(s.triggers.contains(&t)));
            let raised = seen.iter().filter(|s| s.triggers.contains(&t)).count() as u64;
            measure(t.word(), &up, Some(raised));
        }
        let forecasts: Vec<Forecast> = seen.iter().map(|s| Forecast { p: s.predicted, yes: s.pass, weight: s.weight }).collect();
        Signals {
            answers: seen.len() as u64,
            wrong: seen.iter().filter(|s| s.wrong).count() as u64,
            signals,
            reliability: reliability(&forecasts, 10),
        }
    }
}
