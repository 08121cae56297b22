//! Lines on numbers that random blind grades have corrected.

use super::lines::{line, percent};
use super::{Basis, GateLine, GateVerdict, Noise};
use crate::stats::estimate::{Corrected, Decision, Estimate, Estimated, Needed, Release, decide};
use crate::stats::interval::exact;
use crate::stats::quantile::{Z_ONE_SIDED_95, student_t};
use crate::stats::summary::Interval;

/// The accuracy, if it could be estimated.
pub(super) fn accuracy(release: Option<&Release>, threshold: f64) -> Option<GateLine> {
    let release = release?;
    let e = release.estimated()?;
    let safe = bounds(&e.pass_rate);
    let (verdict, why) = if safe.low >= threshold {
        (GateVerdict::Pass, format!("at least {} with 95% confidence, {}", percent(safe.low), by(release, e)))
    } else if safe.high < threshold {
        (GateVerdict::Fail, format!("at most {} with 95% confidence, {}", percent(safe.high), by(release, e)))
    } else {
        (GateVerdict::Undecided, open(safe, &decide(release, threshold)))
    };
    let value = Some(e.pass_rate.theta.clamp(0.0, 1.0));
    Some(GateLine { value, interval: Some(safe), ..of(&e.pass_rate, threshold, "accuracy", verdict, why) })
}

/// Why grades that people gave do not make a corrected number yet; nothing where nobody has graded.
pub(super) fn why_not(release: Option<&Release>) -> Option<String> {
    let release = release.filter(|r| r.graded > 0)?;
    match &release.estimate {
        Estimate::NotEstimable { refusal } => Some(refusal.to_string()),
        Estimate::Estimated(_) => None,
    }
}

/// The bounds that a gate decides by: the wider of the estimate's own one-sided bounds and the exact ones (Korn and Graubard 1998) on
/// the effective sample size. Near the ends the former alone are wrong a little more often than one time in twenty.
pub(super) fn bounds(c: &Corrected) -> Interval {
    let z_over_t = Z_ONE_SIDED_95 / student_t(0.95, c.df);
    let exact = c.n_eff.map(|n| exact(c.theta.clamp(0.0, 1.0), n * z_over_t * z_over_t, 0.05));
    let low = exact.map_or(c.lower, |x| x.low.min(c.lower)).clamp(0.0, 1.0);
    let high = exact.map_or(c.upper, |x| x.high.max(c.upper)).clamp(0.0, 1.0);
    Interval { low, high }
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

fn open(safe: Interval, decision: &Decision) -> String {
    let between = format!("between {} and {}", percent(safe.low), percent(safe.high));
    let Decision::Undecided { needed } = decision else { return format!("{between}: a few more random grades would decide it") };
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
