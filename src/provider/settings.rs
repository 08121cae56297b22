//! What a provider is told at its construction.

use std::path::PathBuf;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::backoff::Backoff;
use super::breaker::BreakerPolicy;
use super::prices::PriceTable;
use crate::domain::Usd;

/// Limits on calls. Rates hold per endpoint (server and key); the budget holds over all of them.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests a minute to one endpoint.
    pub requests_per_minute: Option<u32>,
    /// Tokens a minute, in and out, at one endpoint.
    pub tokens_per_minute: Option<u32>,
    /// Spending stops here.
    pub budget: Option<Usd>,
    /// A call with all its attempts and waits is given up after this time; waiting for our own rate limit does not count.
    pub deadline: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests_per_minute: None, tokens_per_minute: None, budget: None, deadline: Duration::from_mins(10) }
    }
}

/// How the response cache is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum CacheMode {
    /// Replies are taken from it and put into it.
    #[default]
    On,
    /// Replies are taken from it, none are put into it.
    Read,
    /// Every call is made; its reply replaces the cached one.
    Refresh,
    /// It is neither read nor written.
    Off,
}

impl CacheMode {
    /// True if replies are taken from the cache.
    #[must_use]
    pub fn reads(self) -> bool {
        matches!(self, Self::On | Self::Read)
    }

    /// True if replies are put into the cache.
    #[must_use]
    pub fn writes(self) -> bool {
        matches!(self, Self::On | Self::Refresh)
    }
}

/// How patient a provider is. The default suits real servers; tests are quicker.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// Waits between attempts.
    pub backoff: Backoff,
    /// When an endpoint is plainly down.
    pub breaker: BreakerPolicy,
    /// Draws from `[0, 1)` for the jitter.
    pub chance: fn() -> f64,
}

impl Default for Patience {
    fn default() -> Self {
        Self { backoff: Backoff::default(), breaker: BreakerPolicy::default(), chance: rand::random::<f64> }
    }
}

/// What a provider is told at its construction.
#[derive(Debug, Default)]
pub struct Settings {
    /// Limits on calls.
    pub limits: Limits,
    /// How the response cache is used; without a path it is off.
    pub cache: CacheMode,
    /// The cache's file.
    pub cache_path: Option<PathBuf>,
    /// What tokens cost. The default table is empty; [`PriceTable::load`] has the list prices.
    pub prices: PriceTable,
    /// How we name ourselves to servers. Empty: name and version of this program.
    pub user_agent: String,
    /// How patient we are.
    pub patience: Patience,
}
