//! A grader over time: drift off the hidden gold, pace, fatigue within a session.

use serde::Serialize;

use super::super::calibrate::logistic::{Logistic, Penalty, Row};
use super::{Known, Record};
use crate::domain::Score;

/// The weight of the newest error in the moving average.
const NEWEST: f64 = 0.1;
/// How many standard deviations are an alarm.
const LIMIT: f64 = 3.0;
/// Gold items below which drift and fatigue stay hidden.
const FEWEST_GOLD: u64 = 10;
/// Timed items below which the pace stays hidden.
const FEWEST_TIMED: u64 = 10;
/// The spread of gold errors is at least this, so that one miss among perfect graders is no alarm.
const LEAST_SPREAD: f64 = 0.4;
/// Faster than this share of the own median is rushed.
const RUSHED: f64 = 0.3;

/// The exponentially weighted moving average of gold errors (Roberts 1959): `z_t = 0.1 e_t + 0.9 z_(t-1)`, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Drift {
    /// Gold items.
    pub n: u64,
    /// The average now; positive is too mild.
    pub now: f64,
    /// The three-sigma limit now: `3 s sqrt(0.1 / 1.9 (1 - 0.9^2n))`, s the spread of all graders' gold errors.
    pub limit: f64,
    /// The average is beyond the limit.
    pub alarm: bool,
}

/// How fast a grader works.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Pace {
    /// Timed items.
    pub n: u64,
    /// Median minutes for an item.
    pub minutes: f64,
    /// Items in less than 0.3 of the own median.
    pub rushed: u64,
    /// Rushed gold items on the wrong side of the pass mark: one is an alarm.
    pub rushed_and_missed: u64,
}

/// Logistic regression of a missed gold item on its place in the session.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Fatigue {
    /// Gold items.
    pub n: u64,
    /// Change of the log odds of a miss over ten items.
    pub per_ten: f64,
    /// Its standard error.
    pub error: f64,
    /// More than two standard errors above zero.
    pub alarm: bool,
}

fn gold_error(r: &Record<'_>) -> Option<f64> {
    r.gold.map(|g| f64::from(r.blind.get()) - f64::from(g.get()))
}

fn missed(r: &Record<'_>, pass: Score) -> Option<bool> {
    r.gold.map(|g| (g >= pass) != (r.blind >= pass))
}

/// The root mean square of all graders' gold errors.
pub(super) fn gold_spread(records: &[Record<'_>]) -> f64 {
    let errors: Vec<f64> = records.iter().filter_map(gold_error).collect();
    let squares: f64 = errors.iter().map(|e| e * e).sum();
    if errors.is_empty() { LEAST_SPREAD } else { (squares / errors.len() as f64).sqrt().max(LEAST_SPREAD) }
}

pub(super) fn drift(own: &[&Record<'_>], spread: f64) -> Known<Drift> {
    let errors: Vec<f64> = own.iter().filter_map(|r| gold_error(r)).collect();
    let n = errors.len() as u64;
    Known::from(n, FEWEST_GOLD, || {
        let now = errors.iter().fold(0.0, |z, e| NEWEST * e + (1.0 - NEWEST) * z);
        let settled = 1.0 - (1.0 - NEWEST).powf(2.0 * n as f64);
        let limit = LIMIT * spread * (NEWEST / (2.0 - NEWEST) * settled).sqrt();
        Some(Drift { n, now, limit, alarm: now.abs() > limit })
    })
}

pub(super) fn pace(own: &[&Record<'_>], pass: Score) -> Known<Pace> {
    let time = |r: &Record<'_>| r.seconds.filter(|s| s.is_finite() && *s >= 0.0);
    let mut times: Vec<f64> = own.iter().filter_map(|r| time(r)).collect();
    times.sort_by(f64::total_cmp);
    let n = times.len() as u64;
    Known::from(n, FEWEST_TIMED, || {
        let (low, high) = (times.get((times.len() - 1) / 2)?, times.get(times.len() / 2)?);
        let median = f64::midpoint(*low, *high);
        let rushed: Vec<&&Record<'_>> = own.iter().filter(|r| time(r).is_some_and(|s| s < RUSHED * median)).collect();
        let missed = rushed.iter().filter(|r| missed(r, pass) == Some(true)).count() as u64;
        Some(Pace { n, minutes: median / 60.0, rushed: rushed.len() as u64, rushed_and_missed: missed })
    })
}

pub(super) fn fatigue(own: &[&Record<'_>], pass: Score) -> Known<Fatigue> {
    let rows: Vec<([f64; 1], f64)> =
        own.iter().filter_map(|r| missed(r, pass).map(|m| ([f64::from(r.position)], f64::from(u8::from(m))))).collect();
    let n = rows.len() as u64;
    Known::from(n, FEWEST_GOLD, || {
        let rows: Vec<Row<'_>> = rows.iter().map(|(x, y)| Row { x, y: *y, weight: 1.0 }).collect();
        // One imagined grade each way keeps a grader without a miss defined.
        let held = Penalty::Gaussian { mean: vec![0.0; 2], precision: vec![0.1, 1.0] };
        let model = Logistic::fit(&rows, &held).ok()?;
        let scale = *model.scale.first()?;
        // The covariance of intercept and slope by the 2x2 information matrix.
        let (mut ii, mut is, mut ss) = (0.1, 0.0, 1.0);
        for r in &rows {
            let p = model.predict(r.x);
            let z = (r.x[0] - model.centre[0]) / scale;
            let w = p * (1.0 - p);
            (ii, is, ss) = (ii + w, is + w * z, ss + w * z * z);
        }
        let per_item = model.weights.first()? / scale;
        let error = (ii / (ii * ss - is * is)).sqrt() / scale;
        Some(Fatigue { n, per_ten: 10.0 * per_item, error: 10.0 * error, alarm: per_item > 2.0 * error })
    })
}
