//! Numbers beside the estimate that would betray a mistake: other estimators, the calibrator's error, each grader left out.

use std::collections::BTreeMap;

use serde::Serialize;

use super::difference::Difference;
use super::item::{Item, Label};
use super::ppi::{PpiStratum, stratified};
use super::rogan_gladen::JudgeRates;

/// Other answers to the same question. None of them is the headline.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diagnostics {
    /// `sum h/pi / sum 1/pi` over the grades: people only.
    pub hajek: f64,
    /// Distance between the estimate and Hajek's, in standard errors of the latter; over 3 means a bookkeeping mistake.
    /// Absent where everything was graded.
    pub hajek_gap: Option<f64>,
    /// PPI++ by stratum; absent where a stratum has fewer than two grades.
    pub ppi: Option<f64>,
    /// The judges' pass rate corrected by their error rates among the graded, weighted; absent where they do not exist.
    pub rogan_gladen: Option<f64>,
    /// Mean squared error of the frozen prediction, weighted by 1/pi.
    pub brier: f64,
    /// The estimate with each grader left out in turn; absent with one grader, or where no grader can be left out.
    pub without_a_grader: Option<Leave>,
    /// Graders.
    pub graders: u64,
}

/// The range of the estimate when one grader's grades are left out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Leave {
    /// The lowest estimate.
    pub low: f64,
    /// The highest.
    pub high: f64,
    /// Graders without whom a stratum would have no grade at all; they are not in the range.
    pub irreplaceable: u64,
}

/// Computes them for a fitted estimate; `people` is the fit without predictions.
#[must_use]
pub fn diagnostics(items: &[Item], fit: &Difference, people: &Difference) -> Diagnostics {
    let mut drawn = vec![0_u64; fit.parts.len()];
    for i in items.iter().filter(|i| i.drawn()) {
        if let Some(d) = drawn.get_mut(i.stratum as usize) {
            *d += 1;
        }
    }
    let weight = |i: &Item| {
        let part = fit.parts.get(i.stratum as usize);
        part.zip(drawn.get(i.stratum as usize)).map_or(0.0, |(p, d)| p.size as f64 / *d as f64)
    };
    let graded = || items.iter().filter_map(|i| Some((i, i.grade()?)));
    let (mut weights, mut passes, mut brier) = (0.0, 0.0, 0.0);
    // Weighted counts of grades by what people and judges say: [people][judges].
    let mut table = [[0.0_f64; 2]; 2];
    for (i, g) in graded() {
        let (w, h) = (weight(i), f64::from(u8::from(g.pass)));
        weights += w;
        passes += w * h;
        brier += w * (h - i.predicted) * (h - i.predicted);
        if i.label != Label::Unscored {
            table[usize::from(g.pass)][usize::from(i.label == Label::Pass)] += w;
        }
    }
    let error = people.plain_variance().sqrt();
    let hajek = passes / weights;
    let (leave, graders) = leave_one_out(items, fit);
    Diagnostics {
        hajek,
        hajek_gap: (error > 0.0).then(|| (fit.theta - hajek).abs() / error),
        ppi: by_stratum(items, fit.parts.len()),
        rogan_gladen: rogan_gladen(items, table),
        brier: brier / weights,
        without_a_grader: leave,
        graders,
    }
}

fn rogan_gladen(items: &[Item], [fail, pass]: [[f64; 2]; 2]) -> Option<f64> {
    let count = |l: Label| items.iter().filter(|i| i.label == l).count() as f64;
    let (passes, fails) = (count(Label::Pass), count(Label::Fail));
    let (failures, successes) = (fail[0] + fail[1], pass[0] + pass[1]);
    let rates = JudgeRates {
        passes: passes / (passes + fails),
        items: passes + fails,
        specificity: fail[0] / failures,
        failures,
        sensitivity: pass[1] / successes,
        successes,
    };
    rates.estimate().ok()
}

fn by_stratum(items: &[Item], strata: usize) -> Option<f64> {
    let mut of = vec![PpiStratum::default(); strata];
    for i in items {
        let s = of.get_mut(i.stratum as usize)?;
        match i.grade() {
            Some(g) => {
                s.y.push(f64::from(u8::from(g.pass)));
                s.f.push(i.predicted);
            }
            None => s.unlabelled.push(i.predicted),
        }
    }
    stratified(&of, true).ok().map(|n| n.estimate)
}

/// Sum and count of errors.
type Tally = (f64, u64);

fn leave_one_out(items: &[Item], fit: &Difference) -> (Option<Leave>, u64) {
    let mut by_grader: BTreeMap<u16, BTreeMap<u32, Tally>> = BTreeMap::new();
    for i in items {
        if let Some(g) = i.grade() {
            let sum = by_grader.entry(g.grader).or_default().entry(i.stratum).or_default();
            *sum = (sum.0 + f64::from(u8::from(g.pass)) - i.predicted, sum.1 + 1);
        }
    }
    let graders = by_grader.len() as u64;
    let mut leave = Leave { low: f64::INFINITY, high: f64::NEG_INFINITY, irreplaceable: 0 };
    for own in by_grader.values() {
        let mut theta = Some(fit.theta);
        for (stratum, (sum, n)) in own {
            let part = fit.parts.get(*stratum as usize).filter(|p| p.seen > *n);
            theta = theta.zip(part).map(|(theta, p)| {
                let rest = (p.mean_error * p.seen as f64 - sum) / (p.seen - n) as f64;
                theta + p.size as f64 / fit.size as f64 * (rest - p.mean_error)
            });
        }
        match theta {
            Some(t) => leave = Leave { low: leave.low.min(t), high: leave.high.max(t), ..leave },
            None => leave.irreplaceable += 1,
        }
    }
    (Some(leave).filter(|l| graders > 1 && l.low <= l.high), graders)
}
