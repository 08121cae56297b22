//! Lines on numbers that random blind grades have corrected.

use super::lines::{line, percent};
use super::{Basis, GateLine, GateVerdict, Noise};
use crate::stats::estimate::{Corrected, Decision, Estimated, Needed, Release, decide};
use crate::stats::summary::Interval;

/// The accuracy, if it could be estimated.
pub(super) fn accuracy(release: Option<&Release>, threshold: f64) -> Option<GateLine> {
    let release = release?;
    let e = release.estimated()?;
    let (verdict, why) = match decide(release, threshold) {
        Decision::Pass => (GateVerdict::Pass, format!("at least {} with 95% confidence, {}", percent(e.pass_rate.lower), by(release, e))),
        Decision::Fail => (GateVerdict::Fail, format!("at most {} with 95% confidence, {}", percent(e.pass_rate.upper), by(release, e))),
        Decision::Undecided { needed } => (GateVerdict::Undecided, open(&e.pass_rate, &needed)),
    };
    let value = Some(e.pass_rate.theta.clamp(0.0, 1.0));
    Some(GateLine { value, ..of(&e.pass_rate, threshold, "accuracy", verdict, why) })
}

/// The mean score, if it could be estimated.
pub(super) fn mean_score(release: Option<&Release>, threshold: f64) -> Option<GateLine> {
    let release = release?;
    let e = release.estimated()?;
    let m = &e.mean_grade;
    let (verdict, why) = if m.lower >= threshold {
        (GateVerdict::Pass, format!("at least {:.2} with 95% confidence, {}", m.lower, by(release, e)))
    } else if m.upper < threshold {
        (GateVerdict::Fail, format!("at most {:.2} with 95% confidence, {}", m.upper, by(release, e)))
    } else {
        (GateVerdict::Undecided, format!("between {:.2} and {:.2}: more random grades narrow it", m.lower, m.upper))
    };
    Some(GateLine { value: Some(m.theta), ..of(m, threshold, "mean score", verdict, why) })
}

fn of(c: &Corrected, threshold: f64, name: &str, verdict: GateVerdict, why: String) -> GateLine {
    let error = c.variance.max(0.0).sqrt();
    GateLine {
        basis: Basis::People,
        interval: Some(Interval { low: c.lower, high: c.upper }),
        threshold: Some(threshold),
        noise: Noise::of(c.theta, error, threshold, error),
        ..line(name, verdict, why)
    }
}

fn by(release: &Release, e: &Estimated) -> String {
    let few = if e.indicative { " (indicative: fewer than 30)" } else { "" };
    format!("by {} blind grades{few}", release.graded)
}

/// More answers than anybody has.
const MANY: u64 = 1_000_000;

fn open(c: &Corrected, needed: &Needed) -> String {
    let between = format!("between {} and {}", percent(c.lower.clamp(0.0, 1.0)), percent(c.upper.clamp(0.0, 1.0)));
    match needed {
        Needed::Grades { grades, minutes } => {
            format!("{between}: about {grades} more random grades would decide it, about {} minutes", minutes.ceil())
        }
        Needed::Items { items: Some(n) } if *n <= MANY => {
            format!("{between}: no more grades can decide it, about {n} answers in all would")
        }
        Needed::Items { .. } => format!("{between}: it is too near the line to be told from it"),
        Needed::Estimate { refusal } => format!("{between}: {refusal}"),
    }
}
