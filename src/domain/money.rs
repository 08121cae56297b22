//! Tokens and money, counted in whole units so that sums are exact and order-free.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::{Deserialize, Serialize};

/// US dollars in billionths: a price of $0.05 per million tokens is 50 a token, exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Usd(pub u64);

impl Usd {
    /// From dollars; negative and non-finite amounts become 0.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the range first")]
    pub fn from_dollars(d: f64) -> Self {
        Self((d * 1e9).round().clamp(0.0, 9.0e18) as u64)
    }

    /// In dollars.
    #[must_use]
    pub fn dollars(self) -> f64 {
        self.0 as f64 / 1e9
    }
}

impl Add for Usd {
    type Output = Self;
    fn add(self, o: Self) -> Self {
        Self(self.0.saturating_add(o.0))
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, o: Self) {
        *self = *self + o;
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        iter.fold(Self(0), Add::add)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let d = self.dollars();
        if self.0 == 0 {
            f.pad("$0")
        } else if d < 0.01 {
            f.pad(&format!("${d:.5}"))
        } else {
            f.pad(&format!("${d:.2}"))
        }
    }
}

/// Tokens in and out, as the server counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Prompt tokens.
    pub input: u64,
    /// Completion tokens.
    pub output: u64,
}

/// What an output or a ballot cost, over all its attempts. Money is counted once: here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spend {
    /// Calls made, retries and repairs included; 0 when nothing was called (cached, recorded, embedded).
    pub attempts: u32,
    /// Tokens over all attempts.
    pub tokens: Tokens,
    /// Price over all attempts, by the price table; 0 where the model has no known price.
    pub cost: Usd,
    /// True if the reply came from the response cache.
    pub cached: bool,
    /// True if some attempt used a model that the price table does not know, so that `cost` is too low.
    #[serde(default)]
    pub unpriced: bool,
}

impl Spend {
    /// The sum of two spends; `cached` holds only if both were.
    #[must_use]
    pub fn plus(self, o: Self) -> Self {
        Self {
            attempts: self.attempts.saturating_add(o.attempts),
            tokens: Tokens {
                input: self.tokens.input.saturating_add(o.tokens.input),
                output: self.tokens.output.saturating_add(o.tokens.output),
            },
            cost: self.cost + o.cost,
            cached: self.cached && o.cached,
            unpriced: self.unpriced || o.unpriced,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_prices_add_up_exactly() {
        let per_token = Usd::from_dollars(0.05 / 1e6);
        assert_eq!((0..1_000_000).map(|_| per_token).sum::<Usd>(), Usd::from_dollars(0.05));
        assert_eq!(Usd::from_dollars(f64::NAN), Usd(0));
        assert_eq!(Usd::from_dollars(-1.0), Usd(0));
    }
}
