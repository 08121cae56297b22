//! Two agents compared case by case, in words: said once, the same in every format.

use super::words;
use crate::stats::summary::{AgentPair, Summary};

/// A comparison with the names of its agents. Names are untrusted: each renderer neutralises them in its own way.
#[derive(Clone, Copy, Debug)]
pub struct PairView<'a> {
    /// The first agent's name.
    pub first: &'a str,
    /// The second agent's name.
    pub second: &'a str,
    /// The numbers, second minus first.
    pub pair: &'a AgentPair,
}

/// What a comparison tells about the accuracies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The whole interval lies below 0.
    FirstPassesMore,
    /// The whole interval lies above 0.
    SecondPassesMore,
    /// The interval holds 0.
    NotToldApart,
    /// One case has no interval.
    OneCase,
    /// No common case is settled for both.
    NothingSettled,
    /// The agents share no case.
    NothingInCommon,
}

impl<'a> PairView<'a> {
    /// The comparisons of a summary, in its order.
    #[must_use]
    pub fn all(s: &'a Summary) -> Vec<Self> {
        let name = |i: usize| s.agents.get(i).map(|a| a.agent.as_str());
        s.pairs.iter().filter_map(|pair| Some(Self { first: name(pair.first)?, second: name(pair.second)?, pair })).collect()
    }

    /// What the comparison tells about the accuracies.
    #[must_use]
    pub fn reading(&self) -> Reading {
        match self.pair.share_interval {
            Some(i) if i.low > 0.0 => Reading::SecondPassesMore,
            Some(i) if i.high < 0.0 => Reading::FirstPassesMore,
            Some(_) => Reading::NotToldApart,
            None if self.pair.settled > 0 => Reading::OneCase,
            None if self.pair.cases > 0 => Reading::NothingSettled,
            None => Reading::NothingInCommon,
        }
    }

    /// The reading in words; `named` makes a name harmless.
    #[must_use]
    pub fn says(&self, named: impl Fn(&str) -> String) -> String {
        match self.reading() {
            Reading::FirstPassesMore => format!("{} passes more", named(self.first)),
            Reading::SecondPassesMore => format!("{} passes more", named(self.second)),
            Reading::NotToldApart => "not told apart".to_owned(),
            Reading::OneCase => "one case says nothing".to_owned(),
            Reading::NothingSettled => "no common case is settled for both".to_owned(),
            Reading::NothingInCommon => "no case in common".to_owned(),
        }
    }

    /// How many of the common cases the accuracies are compared on: `44 of 60`.
    #[must_use]
    pub fn settled(&self) -> String {
        format!("{} of {}", words::count(self.pair.settled), words::count(self.pair.cases))
    }

    /// How many cases pass for whom; `named` makes a name harmless.
    #[must_use]
    pub fn counts(&self, named: impl Fn(&str) -> String) -> [String; 4] {
        let p = self.pair;
        [
            format!("{} pass for both", words::count(p.both)),
            format!("{} only for {}", words::count(p.only_first), named(self.first)),
            format!("{} only for {}", words::count(p.only_second), named(self.second)),
            format!("{} for neither", words::count(p.neither)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::summary::Interval;

    #[test]
    fn only_an_interval_without_zero_tells_agents_apart() {
        let of = |cases, settled, interval: Option<(f64, f64)>| {
            let share_interval = interval.map(|(low, high)| Interval { low, high });
            let pair = AgentPair {
                first: 0,
                second: 1,
                cases,
                settled,
                both: 0,
                only_first: 0,
                only_second: 0,
                neither: 0,
                share: None,
                share_interval,
                scored: 0,
                score: None,
                score_interval: None,
            };
            PairView { first: "a", second: "b", pair: &pair }.says(str::to_owned)
        };
        assert_eq!(of(9, 9, Some((0.01, 0.2))), "b passes more");
        assert_eq!(of(9, 9, Some((-0.2, -0.01))), "a passes more");
        assert_eq!(of(9, 9, Some((-0.2, 0.0))), "not told apart");
        assert_eq!(of(9, 1, None), "one case says nothing");
        assert_eq!(of(9, 0, None), "no common case is settled for both");
        assert_eq!(of(0, 0, None), "no case in common");
    }
}
