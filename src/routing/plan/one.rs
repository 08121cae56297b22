//! One agent's part of a plan: what is certain, what is audited, and what that is expected to give.

use super::allocate::{Offer, allocate};
use super::candidate::{Candidate, Standing};
use super::counts::{cut, draws};
use super::{Forecast, PlanOptions};
use crate::domain::Reason;
use crate::stats::quantile::Z_TWO_SIDED_95;

/// Below this chance of an error a review is not bought for the verdict's sake.
const WRONG: f64 = 0.2;

/// At a smaller predicted gain over random review all minutes buy precision.
const WORTH: f64 = 1.1;

/// An item that is nearly certain to be drawn is drawn.
const SURE: f64 = 0.9;

/// Candidates of one agent that share a stratum, by position.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub agent: u16,
    pub reason: Reason,
    pub members: Vec<u32>,
    pub drawn: u64,
    /// Order members by a hash with the stratum's number, not by their keys alone.
    pub rehash: bool,
}

impl Group {
    /// The price expected of its draws; replays are free.
    pub fn expected(&self, candidates: &[Candidate], price: &dyn Fn(&Candidate) -> f64) -> f64 {
        if self.reason == Reason::Replay || self.members.is_empty() {
            return 0.0;
        }
        let all: f64 = self.members.iter().filter_map(|i| candidates.get(*i as usize)).map(price).sum();
        all * self.drawn as f64 / self.members.len() as f64
    }
}

/// A division of one agent's open items.
struct Division {
    fixed: Vec<u32>,
    sure: Vec<u32>,
    audit: Vec<(u32, f64)>,
    budget: f64,
}

/// Plans one agent's items within a budget for those that the plan decides on.
pub(super) fn plan_one(
    candidates: &[Candidate],
    own: &[u32],
    agent: u16,
    budget: f64,
    options: PlanOptions,
    price: &dyn Fn(&Candidate) -> f64,
) -> (Vec<Group>, Forecast) {
    let of = |standing: Standing| -> Vec<u32> {
        own.iter().copied().filter(|i| candidates.get(*i as usize).is_some_and(|c| c.kind() == standing)).collect()
    };
    let (replay, must, rest) = (of(Standing::Replay), of(Standing::Must), of(Standing::Open));
    let one = One { candidates, own, budget: budget + cost(candidates, &must, price), options, price };
    let mut fix = options.fix.clamp(0.0, 1.0);
    let mut division = one.divide(&rest, budget, fix);
    let mut efficiency = one.efficiency(&division);
    if fix > 0.0 && efficiency.is_some_and(|e| e < WORTH) {
        fix = 0.0;
        division = one.divide(&rest, budget, fix);
        efficiency = one.efficiency(&division);
    }
    let variance = one.variance(&division);
    let cuts = cut(candidates, division.audit, price);
    let counts = draws(&cuts, division.budget - cost(candidates, &division.sure, price));
    let whole = |reason, members: Vec<u32>| Group { agent, reason, drawn: members.len() as u64, members, rehash: true };
    let mut groups = vec![
        whole(Reason::Replay, replay),
        whole(Reason::Must, must),
        whole(Reason::Evr, division.fixed),
        whole(Reason::Sure, division.sure),
    ];
    groups.extend(cuts.into_iter().zip(counts).map(|(c, drawn)| Group {
        agent,
        reason: Reason::Audit,
        members: c.members,
        drawn,
        rehash: true,
    }));
    groups.retain(|g| !g.members.is_empty());
    let minutes = |c: &Candidate| f64::from(c.minutes);
    let forecast = Forecast {
        agent,
        items: own.len() as u64,
        drawn: groups.iter().filter(|g| g.reason != Reason::Replay).map(|g| g.drawn).sum(),
        minutes: groups.iter().map(|g| g.expected(candidates, &minutes)).sum(),
        fix,
        efficiency,
        half_width: Z_TWO_SIDED_95 * variance.sqrt(),
    };
    (groups, forecast)
}

fn cost(candidates: &[Candidate], members: &[u32], price: &dyn Fn(&Candidate) -> f64) -> f64 {
    members.iter().filter_map(|i| candidates.get(*i as usize)).map(price).sum()
}

/// What the steps for one agent share.
struct One<'a> {
    candidates: &'a [Candidate],
    own: &'a [u32],
    budget: f64,
    options: PlanOptions,
    price: &'a dyn Fn(&Candidate) -> f64,
}

impl One<'_> {
    fn get(&self, i: u32) -> Option<&Candidate> {
        self.candidates.get(i as usize)
    }

    /// The certainty part by expected value of review, then probabilities for the rest.
    fn divide(&self, rest: &[u32], budget: f64, fix: f64) -> Division {
        let fixed = self.worth_fixing(rest, budget * fix);
        let mut taken = fixed.clone();
        taken.sort_unstable();
        let audit: Vec<u32> = rest.iter().copied().filter(|i| taken.binary_search(i).is_err()).collect();
        let left = (budget - cost(self.candidates, &fixed, self.price)).max(0.0);
        let offers: Vec<Offer> =
            audit.iter().filter_map(|i| self.get(*i)).map(|c| Offer { p: c.predicted, minutes: (self.price)(c) }).collect();
        let all: f64 = offers.iter().map(|o| o.minutes).sum();
        let floor = if all > 0.0 { self.options.floor * left / all } else { 0.0 };
        let pi = allocate(&offers, left, self.options.eps, floor);
        let (sure, audit): (Vec<_>, Vec<_>) = audit.into_iter().zip(pi).partition(|(_, pi)| *pi >= SURE);
        let certain: Vec<u32> = sure.iter().map(|(i, _)| *i).collect();
        if cost(self.candidates, &certain, self.price) > left * (1.0 + 1e-12) {
            // To round them all up is more than there is: they are drawn like the others.
            return Division { fixed, sure: Vec::new(), audit: [sure, audit].concat(), budget: left };
        }
        Division { fixed, sure: certain, audit, budget: left }
    }

    /// Items by expected loss avoided a minute, the dearest first, until the minutes are spent.
    fn worth_fixing(&self, rest: &[u32], budget: f64) -> Vec<u32> {
        let mut by_value: Vec<(f64, u64, u32, f64)> = rest
            .iter()
            .filter_map(|&i| self.get(i).map(|c| (i, c)))
            .filter(|(_, c)| budget > 0.0 && c.wrong() >= WRONG)
            .map(|(i, c)| (c.wrong() * f64::from(c.cost) / (self.price)(c), c.seq, i, (self.price)(c)))
            .collect();
        by_value.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut spent = 0.0;
        by_value
            .into_iter()
            .take_while(|(.., price)| {
                spent += price;
                spent <= budget + 1e-9
            })
            .map(|(_, _, i, _)| i)
            .collect()
    }

    fn mean_pass(&self) -> f64 {
        self.own.iter().filter_map(|i| self.get(*i)).map(|c| c.predicted).sum::<f64>() / self.own.len() as f64
    }

    /// Variance expected of the estimate: `sum sigma^2 (1/pi - 1)/N^2 + theta(1-theta)/N`.
    fn variance(&self, division: &Division) -> f64 {
        let (n, theta) = (self.own.len() as f64, self.mean_pass());
        let left =
            |(i, pi): &(u32, f64)| self.get(*i).map_or(0.0, |c| (c.predicted * (1.0 - c.predicted) + self.options.eps) * (1.0 / pi - 1.0));
        division.audit.iter().filter(|(_, pi)| *pi > 0.0).map(left).sum::<f64>() / (n * n) + theta * (1.0 - theta) / n
    }

    /// Variance of as many minutes of random review without judges, over that of this division.
    fn efficiency(&self, division: &Division) -> Option<f64> {
        let (n, theta) = (self.own.len() as f64, self.mean_pass());
        let all: f64 = self.own.iter().filter_map(|i| self.get(*i)).map(self.price).sum();
        let graded = (self.budget / (all / n)).min(n);
        let random = theta * (1.0 - theta) / graded;
        let ratio = random / self.variance(division);
        ratio.is_finite().then_some(ratio)
    }
}
