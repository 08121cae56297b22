//! What the reveal does to a grader, and what hidden gold catches.
//!
//! Approval is no evidence by itself: a grader who approves 98% is right where judges err in 2% of the queue and asleep where
//! they err in 15%. The question is `P(Bin(n, e) <= overrides)` with e the audited error of the judges in that queue.

use serde::Serialize;

use super::super::tail::{binomial_cdf, share_at_least};
use super::{Known, Record, Settings};
use crate::domain::Score;

/// A chance below this is an alarm.
const UNLIKELY: f64 = 0.001;
/// Without an audit, approval from here on is one.
const APPROVES_ALL: f64 = 0.98;
/// Revealed items below which nothing is said.
const FEWEST_SHOWN: u64 = 20;
/// Revealed items from which unexplained approval is an alarm.
const MANY_SHOWN: u64 = 50;

/// What a grader does once the judges' score is shown. Gold is left out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Reliance {
    /// Items with a revealed score.
    pub n: u64,
    /// Items on which the grader ends on the other side of the pass mark than the judges.
    pub overrides: u64,
    /// Share of the others.
    pub approval: f64,
    /// Share of items whose score was changed after the reveal.
    pub revised: f64,
    /// Share of those changes that end nearer to the judges' score; absent without a change.
    pub towards_judges: Option<f64>,
    /// The chance of so few overrides, if the judges err as audited; absent without an audit.
    pub chance: Option<f64>,
    /// Is that an alarm?
    pub alarm: Alarm,
}

/// An alarm about reliance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// None.
    No,
    /// Fewer overrides than the judges' audited errors explain (chance below 0.001).
    TooFewOverrides,
    /// At least 98% approved, and no audit says how often the judges err.
    ApprovesEverything,
}

/// Items with a known right answer, and how many were caught.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Catch {
    /// Items.
    pub n: u64,
    /// Caught.
    pub caught: u64,
    /// Share caught.
    pub rate: f64,
    /// Clopper-Pearson's one-sided 95% lower bound.
    pub at_least: f64,
}

impl Catch {
    fn of(results: impl Iterator<Item = bool>) -> Option<Self> {
        let (n, caught) = results.fold((0u64, 0u64), |(n, k), right| (n + 1, k + u64::from(right)));
        (n > 0).then(|| Self { n, caught, rate: caught as f64 / n as f64, at_least: share_at_least(caught, n, 0.95) })
    }
}

fn apart(a: Score, b: Score) -> u8 {
    a.get().abs_diff(b.get())
}

pub(super) fn reliance(own: &[&Record<'_>], settings: &Settings) -> Known<Reliance> {
    let passes = |s: Score| s >= settings.pass;
    let shown: Vec<(&&Record<'_>, Score)> = own.iter().filter(|r| r.gold.is_none()).filter_map(|r| r.shown.map(|s| (r, s))).collect();
    let n = shown.len() as u64;
    Known::from(n, FEWEST_SHOWN, || {
        let overrides = shown.iter().filter(|(r, s)| passes(r.after) != passes(*s)).count() as u64;
        let revised: Vec<_> = shown.iter().filter(|(r, _)| r.after != r.blind).collect();
        let towards = revised.iter().filter(|(r, s)| apart(r.after, *s) < apart(r.blind, *s)).count() as f64;
        let approval = 1.0 - overrides as f64 / n as f64;
        let chance = settings.judge_error.filter(|e| (0.0..=1.0).contains(e)).map(|e| binomial_cdf(overrides, n, e));
        let alarm = match chance {
            Some(p) if p < UNLIKELY => Alarm::TooFewOverrides,
            None if approval >= APPROVES_ALL && n >= MANY_SHOWN => Alarm::ApprovesEverything,
            _ => Alarm::No,
        };
        let towards_judges = (!revised.is_empty()).then(|| towards / revised.len() as f64);
        Some(Reliance { n, overrides, approval, revised: revised.len() as f64 / n as f64, towards_judges, chance, alarm })
    })
}

/// Gold items whose blind grade is on gold's side of the pass mark.
pub(super) fn gold(own: &[&Record<'_>], pass: Score) -> Option<Catch> {
    Catch::of(own.iter().filter_map(|r| r.gold.map(|g| (g >= pass) == (r.blind >= pass))))
}

/// Gold items shown with a wrong verdict: caught if the grader stays on gold's side after the reveal.
pub(super) fn seeded(own: &[&Record<'_>], pass: Score) -> Option<Catch> {
    let result = |r: &&Record<'_>| match (r.gold, r.shown) {
        (Some(g), Some(s)) if (g >= pass) != (s >= pass) => Some((r.after >= pass) == (g >= pass)),
        _ => None,
    };
    Catch::of(own.iter().filter_map(result))
}
