//! The state of every item, derived.

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::order::{Band, Terms};
use super::{Inputs, Ledger, Listed, Person, Policy, Stale};
use crate::domain::log::{ItemRef, Seat};
use crate::domain::{Claim, Digest, Grade, GraderName, Score, Standing, Tier, Trigger};

/// Where an item stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum State {
    /// Waits for a person.
    Pending,
    /// Held, and not graded by anybody yet.
    Claimed {
        /// Leases.
        held: u16,
        /// When the first of them ends, in Unix milliseconds.
        until_ms: i64,
    },
    /// Graded by some of the people that it wants.
    Graded {
        /// Graders so far.
        given: u16,
        /// Graders wanted.
        of: u16,
    },
    /// Its graders differ, or somebody disputes what they agreed on: waits for a third person.
    Conflicted {
        /// Third persons so far.
        given: u16,
        /// Third persons wanted.
        of: u16,
    },
    /// Its graders agree.
    Agreed {
        /// The score; absent where they agree that the case is wrong.
        score: Option<Score>,
    },
    /// A third person decided.
    Adjudicated {
        /// The score; absent where none can be given.
        score: Option<Score>,
    },
    /// Passed on: waits for somebody else.
    Deferred {
        /// People who passed it on.
        skips: u16,
    },
    /// No longer what was looked at. Its grades are kept.
    Withdrawn {
        /// Why.
        why: Stale,
    },
    /// A decision on it is written into a set or rubric.
    Folded {
        /// The score.
        score: Option<Score>,
    },
}

impl State {
    /// The word used in files and on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Claimed { .. } => "claimed",
            Self::Graded { .. } => "graded",
            Self::Conflicted { .. } => "conflicted",
            Self::Agreed { .. } => "agreed",
            Self::Adjudicated { .. } => "adjudicated",
            Self::Deferred { .. } => "deferred",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Folded { .. } => "folded",
        }
    }

    /// True if it still wants a person.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Pending | Self::Claimed { .. } | Self::Graded { .. } | Self::Conflicted { .. } | Self::Deferred { .. })
    }

    /// True if people have decided it.
    #[must_use]
    pub fn is_done(self) -> bool {
        matches!(self, Self::Agreed { .. } | Self::Adjudicated { .. } | Self::Folded { .. })
    }
}

/// How much care an item wants now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// Settled by the judges alone; here only since it was drawn at random.
    T0,
    /// A glance, one grader.
    T1,
    /// A deep look, two blind graders.
    T2,
    /// A third person decides.
    T3,
}

/// An item with all that is derived about it.
#[derive(Clone, Debug)]
pub struct Item {
    /// What the run left.
    pub listed: Listed,
    /// Where it stands.
    pub state: State,
    /// How much care it wants.
    pub level: Level,
    /// In which seat the next person would sit.
    pub seat: Seat,
    /// People wanted in that seat.
    pub wanted: u16,
    /// People who have decided in that seat.
    pub given: u16,
    /// Leases that hold, in that seat, by end.
    pub held: Vec<Claim>,
    /// People who have decided, in every labelling seat.
    pub graders: BTreeSet<GraderName>,
    /// People who have passed it on.
    pub skipped: BTreeSet<GraderName>,
    /// To whom it is given, while that holds.
    pub assigned: Option<GraderName>,
    /// Trials of the run that gave this very answer.
    pub copies: u32,
    /// Its grades were given in another run: nobody reads it again.
    pub carried: bool,
    /// Somebody disputes the verdict.
    pub disputed: bool,
    /// Flipping it alone can change the gate.
    pub gating: bool,
    /// People who may not be its only graders.
    pub(super) partial: BTreeSet<GraderName>,
    /// What its place in the queue comes from.
    pub terms: Terms,
    /// How urgent it is.
    pub band: Band,
    /// Items of one cluster ask similar questions.
    pub cluster: u32,
}

impl Item {
    /// Which output, and what exactly was looked at.
    #[must_use]
    pub fn on(&self) -> &ItemRef {
        &self.listed.on
    }

    /// Its identity: case, output and rubric.
    #[must_use]
    pub fn digest(&self) -> Digest {
        self.listed.on.item
    }
}

/// States of all items, in no order; of equal ones one is kept.
pub(super) fn derive(inputs: &Inputs<'_>) -> Vec<Item> {
    let mut copies: HashMap<Digest, u32> = HashMap::new();
    let mut first: HashMap<Digest, &Listed> = HashMap::new();
    for l in inputs.items.iter().filter(|l| !l.triggers.is_empty() || inputs.ledger.knows(&l.on.item)) {
        *copies.entry(l.on.item).or_default() += 1;
        // The strongest reason wins, so that the order of the trials never matters.
        let key = |l: &Listed| (l.is_routine(), l.stale.is_some(), l.on.seq);
        first
            .entry(l.on.item)
            .and_modify(|f| {
                if key(l) < key(f) {
                    *f = l;
                }
            })
            .or_insert(l);
    }
    let mut held: HashMap<&Digest, Vec<&Claim>> = HashMap::new();
    for c in inputs.claims.iter().filter(|c| c.is_live(inputs.now_ms)) {
        held.entry(&c.item).or_default().push(c);
    }
    let none = Vec::new();
    let mut all: Vec<Item> = first
        .into_iter()
        .map(|(digest, l)| item(l.clone(), copies.get(&digest).copied().unwrap_or(1), held.get(&digest).unwrap_or(&none), inputs))
        .collect();
    all.sort_by_key(|i| (i.on().seq, i.digest()));
    all
}

fn item(mut listed: Listed, copies: u32, claims: &[&Claim], inputs: &Inputs<'_>) -> Item {
    let Inputs { ledger, policy, people, now_ms, .. } = inputs;
    let disputed = !ledger.disputes(&listed.on.item).is_empty();
    if disputed {
        listed = listed.with_triggers(&[Trigger::Disputed]);
    }
    let leverage = (inputs.leverage)(&listed.on).clamp(0.0, 1.0);
    let gating = leverage >= 1.0;
    let partial = partial(&listed, disputed, gating, people, policy);
    let verdict = verdict(&listed, disputed, &partial, ledger, policy);
    let mut held: Vec<Claim> = claims.iter().filter(|c| c.seat == verdict.seat).map(|c| (*c).clone()).collect();
    held.sort_by(|a, b| (a.until_ms, a.slot, &a.grader).cmp(&(b.until_ms, b.slot, &b.grader)));
    held.dedup_by(|a, b| a.grader == b.grader);
    let skipped: BTreeSet<GraderName> = ledger.skips(&listed.on.item).iter().map(|s| s.by.clone()).collect();
    let state = match (verdict.state, listed.stale, held.first()) {
        (State::Folded { .. }, ..) => verdict.state,
        (_, Some(why), _) => State::Withdrawn { why },
        (State::Pending, None, Some(first)) => State::Claimed { held: count(held.len()), until_ms: first.until_ms },
        (State::Pending, None, None) if !skipped.is_empty() => State::Deferred { skips: count(skipped.len()) },
        (state, ..) => state,
    };
    let level = match (state, listed.tier) {
        (State::Conflicted { .. } | State::Adjudicated { .. }, _) => Level::T3,
        (_, Tier::T2) => Level::T2,
        _ if verdict.wanted > 1 => Level::T2,
        _ if listed.is_routine() => Level::T0,
        _ => Level::T1,
    };
    let graders: BTreeSet<GraderName> = ledger.grades().on(&listed.on.item).map(|g| g.by.clone()).collect();
    let elsewhere = |g: &Grade| g.decision.on.run != listed.on.run;
    let carried = state.is_done() && !graders.is_empty() && ledger.grades().on(&listed.on.item).all(elsewhere);
    let assigned = ledger.assigned(&listed.on.item).filter(|(_, at)| now_ms.saturating_sub(*at) < policy.sla_ms).map(|(to, _)| to.clone());
    let terms = Terms::of(&listed, level, copies, leverage, *now_ms, policy);
    let band = Band::of(&listed, level, disputed, gating, terms.age_days * 86_400_000.0 > policy.sla_ms as f64);
    Item {
        state,
        level,
        seat: verdict.seat,
        wanted: verdict.wanted,
        given: verdict.given,
        held,
        graders,
        skipped,
        assigned,
        copies,
        carried,
        disputed,
        gating,
        partial,
        terms,
        band,
        cluster: 0,
        listed,
    }
}

/// Who may not be the only grader: who wrote the expected answer of a disputed item; who made the change that the item decides on.
fn partial(listed: &Listed, disputed: bool, gating: bool, people: &[Person], policy: &Policy) -> BTreeSet<GraderName> {
    let wrote = people.iter().filter(|p| disputed && p.wrote(&listed.on.set, &listed.on.case)).map(|p| p.name.clone());
    wrote.chain(policy.changed_by.iter().filter(|_| gating).cloned()).collect()
}

/// What the log alone says of an item.
struct FromLog {
    state: State,
    seat: Seat,
    wanted: u16,
    given: u16,
}

fn verdict(listed: &Listed, disputed: bool, partial: &BTreeSet<GraderName>, ledger: &Ledger, policy: &Policy) -> FromLog {
    let digest = &listed.on.item;
    let grades: Vec<_> = ledger.grades().on(digest).collect();
    let of_seat = |seat: Seat| grades.iter().filter(move |g| g.decision.seat == seat);
    let graders: BTreeSet<&GraderName> = of_seat(Seat::Grader).map(|g| &g.by).collect();
    let settlements = ledger.grades().settlements(digest);
    let thirds: BTreeSet<&GraderName> = of_seat(Seat::Adjudicator).map(|g| &g.by).chain(settlements.iter().map(|s| &s.by)).collect();
    let label = ledger.grades().label(digest, listed.mark, listed.risk);
    let given = count(graders.len());
    let mut wanted = policy.graders(listed.risk);
    if disputed {
        wanted = wanted.max(2);
    }
    if given >= wanted && graders.iter().all(|g| partial.contains(*g)) {
        wanted = given.saturating_add(1);
    }
    // What answers a dispute: the last third person, else the grader with whom they were enough. An extra opinion does not.
    let last_third = of_seat(Seat::Adjudicator).map(|g| g.position).max().max(ledger.settled_at(digest));
    let mut firsts: Vec<u64> = graders.iter().filter_map(|by| of_seat(Seat::Grader).find(|g| g.by == **by).map(|g| g.position)).collect();
    firsts.sort_unstable();
    let enough = firsts.get(usize::from(wanted).saturating_sub(1)).copied();
    let looked = last_third.or(enough);
    let disputed_since = ledger.disputes(digest).iter().any(|d| looked.is_some_and(|l| d.position > l));
    let third = count(thirds.len());
    // A settlement replaces the same person's blind score.
    let unsettled = |g: &Grade| settlements.iter().all(|s| s.by != g.by);
    let third_scored =
        settlements.iter().any(|s| s.score.is_some()) || of_seat(Seat::Adjudicator).any(|g| g.last().is_some() && unsettled(g));
    let folded = grades.iter().any(|g| ledger.is_folded(&g.id));
    if folded {
        return FromLog { state: State::Folded { score: label.score() }, seat: Seat::Grader, wanted, given };
    }
    // A third person's word without a score is a word too; one with a score that does not settle it waits for a second person.
    let closed = match label {
        Standing::Adjudicated { score } => Some(Some(score)),
        _ if third > 0 && !third_scored => Some(None),
        _ => None,
    };
    let of = third.saturating_add(1);
    let conflicted = FromLog { state: State::Conflicted { given: third, of }, seat: Seat::Adjudicator, wanted: of, given: third };
    let grading = |state| FromLog { state, seat: Seat::Grader, wanted, given };
    match (closed, label) {
        (Some(_), _) if disputed_since => conflicted,
        (Some(score), _) => FromLog { state: State::Adjudicated { score }, seat: Seat::Adjudicator, wanted: third, given: third },
        (None, Standing::Conflict) => conflicted,
        _ if given == 0 => grading(State::Pending),
        _ if given < wanted => grading(State::Graded { given, of: wanted }),
        _ if disputed_since => conflicted,
        _ => grading(State::Agreed { score: label.score() }),
    }
}

fn count(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}
