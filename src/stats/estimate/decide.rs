//! Pass, fail or undecided against a bar, by the one-sided bounds; and what would decide it.

use serde::Serialize;

use super::refuse::Refusal;
use super::release::{Estimate, Estimated, Release};
use crate::stats::quantile::Z_ONE_SIDED_95;

/// What an undecided run needs.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "need", rename_all = "snake_case")]
pub enum Needed {
    /// More random grades of the same run.
    Grades {
        /// About how many.
        grades: u64,
        /// About how many minutes.
        minutes: f64,
    },
    /// More questions: grading all of these would still leave it open.
    Items {
        /// About how many in all; absent where the estimate lies on the bar.
        items: Option<u64>,
    },
    /// An estimate at all.
    Estimate {
        /// What stands in its way.
        refusal: Refusal,
    },
}

/// The three states of a gate.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Decision {
    /// The one-sided 95% lower bound is at or above the bar.
    Pass,
    /// The upper bound is below it.
    Fail,
    /// Neither.
    Undecided {
        /// What would decide it.
        needed: Needed,
    },
}

/// Decides whether the pass rate is at least `bar`. Never by the point estimate.
#[must_use]
pub fn decide(release: &Release, bar: f64) -> Decision {
    match &release.estimate {
        Estimate::NotEstimable { refusal } => Decision::Undecided { needed: Needed::Estimate { refusal: refusal.clone() } },
        Estimate::Estimated(e) if e.pass_rate.lower >= bar => Decision::Pass,
        Estimate::Estimated(e) if e.pass_rate.upper < bar => Decision::Fail,
        Estimate::Estimated(e) => Decision::Undecided { needed: needed(e, bar) },
    }
}

/// What would put the bound on one side of the bar if the estimate stays where it is: the design variance may be at most
/// `V = ((theta - bar)/1.645)^2 - V_p`, which takes `B(V)` minutes. The closed form is scaled to what the minutes spent so
/// far have bought. Where the bar lies nearer to one half than the estimate, Wilson's bound is wider by
/// `bar(1-bar)/(p~(1-p~))`, and the variance must be as much smaller.
fn needed(e: &Estimated, bar: f64) -> Needed {
    let (rate, effort) = (&e.pass_rate, &e.effort);
    let theta = rate.theta.clamp(0.0, 1.0);
    let spread = rate.n_eff.map_or(1.0, |n| n * rate.variance) / (bar * (1.0 - bar));
    let allowed = ((theta - bar) / Z_ONE_SIDED_95).powi(2) * if spread.is_finite() { spread.clamp(0.0, 1.0) } else { 1.0 };
    let Some(total) = effort.minutes_for(allowed - rate.v_population).filter(|_| effort.open > 0) else {
        // With all items graded only V_p remains, and it falls with their number.
        let items = effort.items * rate.v_population / allowed;
        return Needed::Items { items: items.is_finite().then(|| up(items).max(up(effort.items) + 1)) };
    };
    let so_far = effort.minutes_for(rate.v_design).filter(|b| *b > 0.0 && effort.spent > 0.0);
    let scale = so_far.map_or(1.0, |b| effort.spent / b);
    let left = effort.all - effort.spent;
    let each = left / effort.open as f64;
    let minutes = (total * scale - effort.spent).clamp(each.min(left), left.max(0.0));
    Needed::Grades { grades: up(minutes / each).clamp(1, effort.open), minutes }
}

/// Rounded up to a whole number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to counts first")]
fn up(x: f64) -> u64 {
    (x - 1e-9).ceil().clamp(0.0, 1e15) as u64
}
