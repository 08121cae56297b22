//! What tokens cost: a table by model, embedded, and one of the user's own before it.

use std::collections::HashMap;
use std::fmt;
use std::path::Path;
use std::sync::{PoisonError, RwLock};

use globset::{Glob, GlobMatcher};
use serde::Deserialize;

use crate::domain::{Tokens, Usd};
use crate::error::AppError;

const EMBEDDED: &str = include_str!("prices.yaml");

/// A higher price per million tokens is a slip of the pen.
const MOST_DOLLARS: f64 = 1e6;

/// What one model's tokens cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// One prompt token.
    pub input: Usd,
    /// One completion token.
    pub output: Usd,
}

impl Price {
    /// The cost of some tokens.
    #[must_use]
    pub fn of(&self, t: Tokens) -> Usd {
        Usd(self.input.0.saturating_mul(t.input)) + Usd(self.output.0.saturating_mul(t.output))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    prices: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    model: String,
    /// Dollars per million tokens.
    input: f64,
    output: f64,
}

/// Patterns of one file, the longest first.
type Patterns = Vec<(GlobMatcher, Price)>;

/// Prices by model. The tables are asked in order; within one, the longest pattern that matches wins.
#[derive(Default)]
pub struct PriceTable {
    tables: Vec<Patterns>,
    known: RwLock<HashMap<String, Option<Price>>>,
}

impl PriceTable {
    /// The embedded list prices.
    ///
    /// # Errors
    /// Never in practice: a test reads the embedded table.
    pub fn embedded() -> Result<Self, AppError> {
        let table = parse(EMBEDDED).map_err(|e| AppError::usage("the embedded price table cannot be read").because(e))?;
        Ok(Self { tables: vec![table], known: RwLock::default() })
    }

    /// The user's prices before the embedded ones.
    ///
    /// # Errors
    /// When the file cannot be read or does not have the form of `prices.yaml`.
    pub fn load(user: Option<&Path>) -> Result<Self, AppError> {
        let mut all = Self::embedded()?;
        if let Some(path) = user {
            let text = crate::source::read_small(path)
                .map_err(|e| AppError::usage(format!("could not read the price file {}", path.display())).because(e))?;
            let table = parse(&text).map_err(|e| {
                AppError::usage(format!("the price file {} is at fault", path.display()))
                    .because(e)
                    .with_help("its form: `prices: [{model: \"my-model*\", input: 0.15, output: 0.60}]`, in dollars per million tokens")
            })?;
            all.tables.insert(0, table);
        }
        Ok(all)
    }

    /// What a model's tokens cost, if any pattern matches it.
    pub fn price(&self, model: &str) -> Option<Price> {
        if let Some(p) = self.known.read().unwrap_or_else(PoisonError::into_inner).get(model) {
            return *p;
        }
        let found = self.tables.iter().find_map(|t| t.iter().find(|(m, _)| m.is_match(model)).map(|(_, p)| *p));
        self.known.write().unwrap_or_else(PoisonError::into_inner).insert(model.to_owned(), found);
        found
    }
}

impl fmt::Debug for PriceTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PriceTable").field("patterns", &self.tables.iter().map(Vec::len).sum::<usize>()).finish_non_exhaustive()
    }
}

fn parse(text: &str) -> Result<Patterns, Box<dyn std::error::Error + Send + Sync>> {
    let mut lines = serde_saphyr::from_str::<File>(text)?.prices;
    // Longest first; the sort is stable, so among equals the earlier line wins.
    lines.sort_by_key(|l| std::cmp::Reverse(l.model.len()));
    lines
        .into_iter()
        .map(|l| {
            if ![l.input, l.output].iter().all(|dollars| (0.0..=MOST_DOLLARS).contains(dollars)) {
                return Err(format!("the price of `{}` is not from 0 to {MOST_DOLLARS} dollars per million tokens", l.model).into());
            }
            let price = Price { input: Usd::from_dollars(l.input / 1e6), output: Usd::from_dollars(l.output / 1e6) };
            Ok((Glob::new(&l.model)?.compile_matcher(), price))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    #[test]
    fn the_longest_pattern_wins() {
        let t = PriceTable::embedded().unwrap();
        assert_eq!(t.price("gpt-5-mini-2025-08-07"), Some(Price { input: Usd(250), output: Usd(2000) }));
        assert_eq!(t.price("gpt-5-2025-08-07"), Some(Price { input: Usd(1250), output: Usd(10_000) }));
        assert_eq!(t.price("llama-3.3-70b"), None);
        assert_eq!(t.price("llama-3.3-70b"), None, "also from memory");
    }

    #[test]
    fn a_cost_is_exact() {
        let p = Price { input: Usd(50), output: Usd(400) };
        assert_eq!(p.of(Tokens { input: 1_000_000, output: 1 }), Usd(50_000_400));
        assert_eq!(p.of(Tokens { input: u64::MAX, output: u64::MAX }), Usd(u64::MAX));
    }

    #[test]
    fn a_users_pattern_wins_over_a_longer_embedded_one() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "prices:\n  - {{model: \"gpt*\", input: 1, output: 2}}\n").unwrap();
        let t = PriceTable::load(Some(file.path())).unwrap();
        assert_eq!(t.price("gpt-5-mini"), Some(Price { input: Usd(1000), output: Usd(2000) }));
        assert!(t.price("o3-mini").is_some(), "what the file does not name keeps its list price");
    }

    #[test]
    fn a_bad_price_file_is_named() {
        for text in [
            "prices: 3",
            "prices: [{model: a, input: -1, output: 0}]",
            "prices: [{model: a, input: .inf, output: 0}]",
            "prices: [{model: a, input: 1, output: 1e7}]",
            "prices: [{model: '[', input: 1, output: 0}]",
        ] {
            let mut file = tempfile::NamedTempFile::new().unwrap();
            write!(file, "{text}").unwrap();
            let e = PriceTable::load(Some(file.path())).unwrap_err();
            assert!(e.to_string().contains("is at fault") && e.help().is_some(), "{text}");
        }
        assert!(PriceTable::load(Some(Path::new("no/such/file"))).is_err());
    }
}
