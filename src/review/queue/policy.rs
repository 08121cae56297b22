//! The rules of a queue: how many graders, what errors cost, how long things may wait.

use std::collections::BTreeSet;

use crate::domain::{GraderName, Risk};
use crate::routing::{Costs, costs};

/// Minutes that one person is expected to need.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minutes {
    /// For a glance (T0, T1).
    pub glance: f64,
    /// For a deep look (T2).
    pub deep: f64,
    /// For deciding a conflict (T3).
    pub adjudicate: f64,
}

/// The rules of a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Graders an item, by risk from low to critical; at least 1.
    pub graders: [u16; 4],
    /// Cost of errors, by risk from low to critical.
    pub costs: [Costs; 4],
    /// Minutes a person.
    pub minutes: Minutes,
    /// How long an item may wait, in milliseconds. After half of it the fields of a person no longer matter.
    pub sla_ms: i64,
    /// Skips by different people after which only an owner gets an item.
    pub skips_to_owner: u16,
    /// Authors of the change under the gate: none of them decides a gate alone.
    pub changed_by: BTreeSet<GraderName>,
    /// The largest share of routine items (random audits) that is mixed in while others wait, from 0 to 1.
    pub routine_share: f64,
    /// Seed of the mixing.
    pub seed: u64,
}

const DAY_MS: i64 = 24 * 3600 * 1000;

impl Default for Policy {
    fn default() -> Self {
        Self {
            graders: [1, 1, 2, 2],
            costs: Risk::ALL.map(costs),
            minutes: Minutes { glance: 0.5, deep: 3.0, adjudicate: 5.0 },
            sla_ms: 3 * DAY_MS,
            skips_to_owner: 3,
            changed_by: BTreeSet::new(),
            routine_share: 0.25,
            seed: 0,
        }
    }
}

/// Place of a risk in a table from low to critical.
fn place(risk: Risk) -> usize {
    Risk::ALL.iter().position(|r| *r == risk).unwrap_or(0)
}

impl Policy {
    /// Graders that an item of this risk wants; at least 1.
    #[must_use]
    pub fn graders(&self, risk: Risk) -> u16 {
        self.graders[place(risk)].max(1)
    }

    /// What errors on a case of this risk cost.
    #[must_use]
    pub fn costs(&self, risk: Risk) -> Costs {
        self.costs[place(risk)]
    }
}
