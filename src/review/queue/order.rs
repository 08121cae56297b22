//! Which item first: expected loss avoided per reviewer minute, with leverage on the gate and age. The terms can be shown.

use serde::Serialize;

use super::state::{Item, Level};
use super::{Inputs, Judged, Listed, Policy, cluster};
use crate::domain::Risk;

const DAY_MS: f64 = 86_400_000.0;

/// What an item's place comes from: `score = loss * (1 + leverage) / minutes + typical loss * (age / SLA)^2`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Terms {
    /// Probability that the judges are wrong, from 0 to 1.
    pub p_wrong: f64,
    /// Cost of that error, in units of a wrong verdict on a low-risk case; over all trials that gave this answer.
    pub cost: f64,
    /// Expected loss: the product of both.
    pub loss: f64,
    /// How much the item alone can move the gate, from 0 to 1.
    pub leverage: f64,
    /// Minutes that one person is expected to need.
    pub minutes: f64,
    /// Days that it has waited.
    pub age_days: f64,
    /// What its age adds to the score.
    pub waiting: f64,
    /// Higher goes first.
    pub score: f64,
}

impl Terms {
    pub(super) fn of(listed: &Listed, level: Level, copies: u32, leverage: f64, now_ms: i64, policy: &Policy) -> Self {
        let costs = policy.costs(listed.risk);
        let each = match listed.judged {
            Judged::Pass => costs.false_pass,
            Judged::Fail => costs.false_fail,
            Judged::Unscored => costs.false_pass.max(costs.false_fail),
        };
        let minutes = match level {
            Level::T0 | Level::T1 => policy.minutes.glance,
            Level::T2 => policy.minutes.deep,
            Level::T3 => policy.minutes.adjudicate,
        };
        // People who differ know no more than a coin.
        let p_wrong = if level == Level::T3 { listed.p_wrong.max(0.5) } else { listed.p_wrong };
        let cost = each * f64::from(copies);
        let age_days = now_ms.saturating_sub(listed.since_ms).max(0) as f64 / DAY_MS;
        Self { p_wrong, cost, loss: p_wrong * cost, leverage, minutes: minutes.max(0.05), age_days, waiting: 0.0, score: 0.0 }
    }

    fn scored(mut self, typical_loss: f64, policy: &Policy) -> Self {
        let sla_days = (policy.sla_ms.max(1)) as f64 / DAY_MS;
        self.waiting = typical_loss * (self.age_days / sla_days).powi(2);
        self.score = self.loss * (1.0 + self.leverage) / self.minutes + self.waiting;
        self
    }
}

/// How urgent an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub enum Band {
    /// The gate hangs on it.
    P0,
    /// High risk, disputed, in conflict, or waiting for too long.
    P1,
    /// Something speaks against the verdict.
    P2,
    /// Nothing does: a random audit.
    P3,
}

impl Band {
    /// All four.
    pub const ALL: [Self; 4] = [Self::P0, Self::P1, Self::P2, Self::P3];

    /// The word used in files and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::P0 => "P0",
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
        }
    }

    pub(super) fn of(listed: &Listed, level: Level, disputed: bool, gating: bool, overdue: bool) -> Self {
        if gating {
            Self::P0
        } else if disputed || level == Level::T3 || (!listed.is_routine() && (listed.risk >= Risk::High || overdue)) {
            Self::P1
        } else if listed.is_routine() {
            Self::P3
        } else {
            Self::P2
        }
    }
}

/// The lower median; 0 for nothing.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len().saturating_sub(1) / 2).copied().unwrap_or(0.0)
}

/// Scores the items and puts them in order: open ones first; by band; similar ones together, where the best of them stands; by score.
pub(super) fn ordered(mut items: Vec<Item>, inputs: &Inputs<'_>) -> Vec<Item> {
    let typical = median(items.iter().filter(|i| i.state.is_open()).map(|i| i.terms.loss).collect());
    for i in &mut items {
        i.terms = i.terms.scored(typical, inputs.policy);
    }
    let clusters = cluster::clusters(items.iter().map(|i| (&i.listed.on.set, i.listed.question.as_str())));
    for (i, c) in items.iter_mut().zip(clusters) {
        i.cluster = c;
    }
    let mut best = std::collections::HashMap::new();
    for i in items.iter().filter(|i| i.state.is_open()) {
        let b = best.entry((i.band, i.cluster)).or_insert(f64::MIN);
        *b = b.max(i.terms.score);
    }
    let of_cluster = |i: &Item| best.get(&(i.band, i.cluster)).copied().unwrap_or(f64::MIN);
    items.sort_by(|a, b| {
        (!a.state.is_open(), a.band)
            .cmp(&(!b.state.is_open(), b.band))
            .then(of_cluster(b).total_cmp(&of_cluster(a)))
            .then(a.cluster.cmp(&b.cluster))
            .then(b.terms.score.total_cmp(&a.terms.score))
            .then(a.on().seq.cmp(&b.on().seq))
            .then(a.digest().cmp(&b.digest()))
    });
    items
}
