//! The release estimate of one agent: judge only, corrected, people only, side by side; or why there is no corrected number.

use serde::Serialize;

use super::calibration::{Calibration, calibration, distrusting};
use super::diagnostics::{Diagnostics, diagnostics};
use super::difference::{Difference, Row};
use super::effort::{Effort, detectable};
use super::item::{Item, Label, check};
use super::refuse::Refusal;
use super::share::{Corrected, Settings, mean, share};
use super::silent::{Silent, silent};
use super::words::{FEW, Facts, assumptions};
use crate::stats::interval::wilson_95;
use crate::stats::summary::Interval;

/// Up to this share of the drawn items may lack a grade.
const MISSING: f64 = 0.05;

/// What the judges say, uncorrected.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct JudgeOnly {
    /// Share of scored items that they pass; absent where they scored none.
    pub pass_rate: Option<f64>,
    /// 95% Wilson interval of that share, as if judges never erred; absent likewise.
    pub interval: Option<Interval>,
    /// Items with a score.
    pub scored: u64,
}

/// One stratum of the agent's design, as it came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct StratumCount {
    /// Index in the design.
    pub stratum: u32,
    /// Items.
    pub size: u64,
    /// Drawn.
    pub drawn: u64,
    /// Drawn and graded.
    pub graded: u64,
}

/// A corrected estimate with everything that is printed beside it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimated {
    /// The pass rate. `this_set` is clipped to what was seen.
    pub pass_rate: Corrected,
    /// The mean grade, 1 to 5.
    pub mean_grade: Corrected,
    /// The pass rate if every missing grade were a fail, and if every one were a pass; absent where none is missing.
    pub worst: Option<Interval>,
    /// The pass rate from the random grades alone, without any judge (Horvitz-Thompson); wider, and free of the calibrator.
    pub people_only: Corrected,
    /// Errors among labels that stand without a person.
    pub silent: Result<Silent, Refusal>,
    /// Whether the grades bear out the frozen predictions; where they contradict them the interval is wider.
    pub calibration: Calibration,
    /// Other estimators and checks.
    pub diagnostics: Diagnostics,
    /// The difference from a bar that this much review could have seen (one-sided 5%, power 80%).
    pub detectable: f64,
    /// Minutes and uncertainty of the items.
    pub effort: Effort,
    /// True below 30 grades: the formulas hold for larger samples.
    pub indicative: bool,
    /// What the number rests on, one sentence each.
    pub assumptions: Vec<String>,
}

/// A corrected number, or why there is none.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Estimate {
    /// There is one.
    Estimated(Box<Estimated>),
    /// There is none: judge only, uncorrected.
    NotEstimable {
        /// Why.
        refusal: Refusal,
    },
}

/// All that is said of one agent's quality.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Release {
    /// Items of the target.
    pub items: u64,
    /// Drawn by the design.
    pub drawn: u64,
    /// Drawn, and graded blind.
    pub graded: u64,
    /// By stratum, those that have items.
    pub strata: Vec<StratumCount>,
    /// What the judges say, uncorrected.
    pub judge_only: JudgeOnly,
    /// The corrected number.
    pub estimate: Estimate,
}

impl Release {
    /// The corrected number, where there is one.
    #[must_use]
    pub fn estimated(&self) -> Option<&Estimated> {
        match &self.estimate {
            Estimate::Estimated(e) => Some(e),
            Estimate::NotEstimable { .. } => None,
        }
    }
}

/// Estimates an agent's pass rate and mean grade from all of its items. The order of items does not matter.
#[must_use]
pub fn release(items: &[Item], settings: Settings) -> Release {
    let strata = count(items);
    let (drawn, graded) = strata.iter().fold((0, 0), |(d, g), s| (d + s.drawn, g + s.graded));
    let estimate = match estimated(items, &strata, drawn, graded, settings) {
        Ok(e) => Estimate::Estimated(Box::new(e)),
        Err(refusal) => Estimate::NotEstimable { refusal },
    };
    Release { items: items.len() as u64, drawn, graded, strata, judge_only: judge_only(items), estimate }
}

fn count(items: &[Item]) -> Vec<StratumCount> {
    let mut of: std::collections::BTreeMap<u32, StratumCount> = std::collections::BTreeMap::new();
    for i in items {
        let s = of.entry(i.stratum).or_insert(StratumCount { stratum: i.stratum, ..StratumCount::default() });
        s.size += 1;
        s.drawn += u64::from(i.drawn());
        s.graded += u64::from(i.grade().is_some());
    }
    of.into_values().collect()
}

fn judge_only(items: &[Item]) -> JudgeOnly {
    let passes = items.iter().filter(|i| i.label == Label::Pass).count() as f64;
    let scored = items.iter().filter(|i| i.label != Label::Unscored).count() as u64;
    let pass_rate = (scored > 0).then(|| passes / scored as f64);
    JudgeOnly { pass_rate, interval: pass_rate.map(|p| wilson_95(p, scored as f64)), scored }
}

fn estimated(items: &[Item], strata: &[StratumCount], drawn: u64, graded: u64, settings: Settings) -> Result<Estimated, Refusal> {
    check(items)?;
    if items.is_empty() {
        return Err(Refusal::NoItems);
    }
    if drawn == 0 {
        return Err(Refusal::NothingDrawn);
    }
    if let Some(s) = strata.iter().find(|s| s.drawn == 0) {
        let unseen = strata.iter().filter(|s| s.drawn == 0).map(|s| s.size).sum();
        return Err(Refusal::Unreviewed { stratum: s.stratum, items: unseen });
    }
    let missing = drawn - graded;
    if missing as f64 > MISSING * drawn as f64 {
        return Err(Refusal::Ungraded { drawn, graded });
    }
    let calibration = calibration(items);
    let trusting = |given: Settings, row: fn(&Item) -> Row| {
        distrusting(given.shrinkage, calibration, items, row).map(|shrinkage| Settings { shrinkage, ..given })
    };
    let (mut pass_rate, fit) = share(items, Item::pass_row, trusting(settings, Item::pass_row)?)?;
    pass_rate.this_set = clip(pass_rate.this_set, seen(items));
    let (mut mean_grade, _) = mean(items, Item::score_row, Item::square_row, trusting(scores(settings), Item::score_row)?)?;
    let on_scale = Interval { low: 1.0, high: 5.0 };
    mean_grade = Corrected {
        interval: clip(mean_grade.interval, on_scale),
        this_set: clip(mean_grade.this_set, on_scale),
        lower: mean_grade.lower.max(1.0),
        upper: mean_grade.upper.min(5.0),
        ..mean_grade
    };
    let (people_only, people) = share(items, Item::people_row, settings)?;
    let assumed = |pass: bool| Difference::of(items, |i| i.assumed_row(pass)).map(|d| d.theta.clamp(0.0, 1.0));
    let worst = if missing > 0 { Some(Interval { low: assumed(false)?, high: assumed(true)? }) } else { None };
    let diagnostics = diagnostics(items, &fit, &people);
    let facts = Facts {
        graded,
        missing,
        graders: diagnostics.graders,
        clustered: pass_rate.clusters < items.len() as u64,
        whole: graded == items.len() as u64,
        contradicted: calibration.contradicted,
    };
    Ok(Estimated {
        pass_rate,
        mean_grade,
        worst,
        people_only,
        silent: silent(items, settings.alpha),
        calibration,
        diagnostics,
        detectable: detectable(pass_rate.variance),
        effort: Effort::of(items, settings.shrinkage.eps),
        indicative: graded < FEW,
        assumptions: assumptions(facts),
    })
}

/// Grades spread over 1-5, so the distrust is on the scale of (5-1)^2.
fn scores(settings: Settings) -> Settings {
    let mut s = settings;
    s.shrinkage.eps *= 16.0;
    s
}

/// What grades leave possible for this very set: at least the passes seen, at most all but the failures seen.
fn seen(items: &[Item]) -> Interval {
    let of = |pass: bool| items.iter().filter(|i| i.grade().is_some_and(|g| g.pass == pass)).count() as f64 / items.len() as f64;
    Interval { low: of(true), high: 1.0 - of(false) }
}

fn clip(i: Interval, within: Interval) -> Interval {
    let put = |x: f64| x.max(within.low).min(within.high.max(within.low));
    Interval { low: put(i.low), high: put(i.high) }
}
