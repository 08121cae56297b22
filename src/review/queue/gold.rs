//! Hidden audits: decided items that are served again, to see how a grader does. Which ones they are never leaves the server.
//!
//! Invariant: what is given on them is in the seat `gold` (or `session` for open warm-ups) and never labels or counts.

use super::{Judged, Ledger, Person};
use crate::domain::grade::conflict;
use crate::domain::log::{ItemRef, Seat};
use crate::domain::{DigestBuilder, EventId, GraderName, Score};

/// A new grader's first decisions are on audits that are shown as such, with their answer.
pub const WARM_UPS: u32 = 5;

/// One decision in so many is a hidden audit.
const ONE_IN: f64 = 12.0;

/// Results that count for a pause, and misses among them that make one.
const WINDOW: usize = 10;
const MISSES: usize = 2;

/// What only a look at the run tells about an audit item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldFacts {
    /// The pass mark.
    pub mark: Score,
    /// What the judges made of it.
    pub judged: Judged,
    /// The case's tags.
    pub tags: Vec<String>,
}

/// A decided item with a known answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gold {
    /// Which item, in the run in which it was decided.
    pub on: ItemRef,
    /// The decision that is its key.
    pub key: EventId,
    /// The score of that decision.
    pub score: Score,
    /// The pass mark.
    pub mark: Score,
    /// The judges' verdict was on the other side.
    pub judge_wrong: bool,
    tags: Vec<String>,
    by: Vec<GraderName>,
}

/// An audit item to serve in place of the queue's next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Serve<'a> {
    /// Shown as a warm-up, with its answer afterwards.
    WarmUp(&'a Gold),
    /// Shown as any other item.
    Hidden(&'a Gold),
}

impl<'a> Serve<'a> {
    /// The item.
    #[must_use]
    pub fn gold(self) -> &'a Gold {
        match self {
            Self::WarmUp(g) | Self::Hidden(g) => g,
        }
    }

    /// The seat in which it is decided.
    #[must_use]
    pub fn seat(self) -> Seat {
        match self {
            Self::WarmUp(_) => Seat::Session,
            Self::Hidden(_) => Seat::Gold,
        }
    }
}

/// How a person did on one hidden audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditResult {
    /// Which item.
    pub on: ItemRef,
    /// The person's decision.
    pub of: EventId,
    /// What the person gave.
    pub given: Score,
    /// What the key says.
    pub key: Score,
    /// Two or more apart, or on the other side of the pass mark.
    pub missed: bool,
    position: u64,
}

/// All audit items.
#[derive(Clone, Debug, Default)]
pub struct GoldPool {
    all: Vec<Gold>,
}

impl GoldPool {
    /// The audit items that the log names and that still stand. `facts` looks an item up in its run; one without facts is left out.
    #[must_use]
    pub fn of(ledger: &Ledger, facts: &dyn Fn(&ItemRef) -> Option<GoldFacts>) -> Self {
        let mut all = Vec::new();
        for g in ledger.grades().all() {
            let Some(score) = g.last().filter(|_| ledger.is_gold(&g.id) && g.decision.seat.labels()) else { continue };
            let on = &g.decision.on;
            let Some(GoldFacts { mark, judged, tags }) = facts(on) else { continue };
            let label = ledger.grades().settlements(&on.item).last().and_then(|s| s.score).unwrap_or(score);
            let judge_wrong = match judged {
                Judged::Pass => label < mark,
                Judged::Fail => label >= mark,
                Judged::Unscored => false,
            };
            let by = ledger.grades().on(&on.item).map(|g| g.by.clone()).collect();
            all.push(Gold { on: on.clone(), key: g.id.clone(), score: label, mark, judge_wrong, tags, by });
        }
        all.sort_by_key(|g| g.on.item);
        all.dedup_by_key(|g| g.on.item);
        Self { all }
    }

    /// True without an audit item.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// The audit item that a person gets now instead of the queue's next, if one is due. The same until they decide on it.
    #[must_use]
    pub fn due<'a>(&'a self, person: &Person, ledger: &Ledger, seed: u64) -> Option<Serve<'a>> {
        let place = ledger.count_of(&person.name);
        let draw = |what: &str| {
            DigestBuilder::new("gold/1")
                .bytes("seed", &seed.to_le_bytes())
                .text("grader", person.name.as_str())
                .bytes("place", &place.to_le_bytes())
                .text("what", what)
                .finish()
        };
        let warm = place < WARM_UPS;
        if !warm && draw("due").unit() >= 1.0 / ONE_IN {
            return None;
        }
        // Half of them are items that the judges got wrong, or as many as there are.
        let wants_wrong = draw("side").unit() < 0.5;
        let rank = |g: &Gold| (g.judge_wrong != wants_wrong, draw(&g.on.item.to_string()));
        let gold = self.all.iter().filter(|g| Self::fits(g, person, ledger)).min_by_key(|g| rank(g))?;
        Some(if warm { Serve::WarmUp(gold) } else { Serve::Hidden(gold) })
    }

    /// Within the person's field, never seen by them, and disputed by nobody.
    fn fits(gold: &Gold, person: &Person, ledger: &Ledger) -> bool {
        let tagged = |prefix: &'static str| gold.tags.iter().filter_map(move |t| t.strip_prefix(prefix));
        let seen = ledger.grades().all().iter().any(|d| d.by == person.name && d.decision.on.item == gold.on.item);
        let lang = tagged("lang:").next().is_none() || tagged("lang:").any(|l| person.langs.hold(l));
        !seen
            && !gold.by.contains(&person.name)
            && ledger.disputes(&gold.on.item).is_empty()
            && ledger.skips(&gold.on.item).iter().all(|s| s.by != person.name)
            && tagged("skill:").all(|s| person.skills.hold(s))
            && lang
            && !(person.spared && gold.tags.iter().any(|t| t == "sensitive"))
    }

    /// How a person did on hidden audits, in order. One that somebody disputes says nothing about the person.
    #[must_use]
    pub fn results(&self, person: &GraderName, ledger: &Ledger) -> Vec<AuditResult> {
        let mine = ledger.grades().all().iter().filter(|d| d.by == *person && d.decision.seat == Seat::Gold);
        mine.filter_map(|d| {
            let gold = self.all.iter().find(|g| g.on.item == d.decision.on.item)?;
            let given = d.decision.score.filter(|_| ledger.disputes(&gold.on.item).is_empty())?;
            let missed = conflict(given.min(gold.score), given.max(gold.score), gold.mark);
            Some(AuditResult { on: gold.on.clone(), of: d.id.clone(), given, key: gold.score, missed, position: d.position })
        })
        .collect()
    }

    /// Why a person gets nothing for now: two misses in the last ten, and no calibration session since. In words, without a full stop.
    #[must_use]
    pub fn pause(&self, person: &GraderName, ledger: &Ledger) -> Option<String> {
        let results = self.results(person, ledger);
        let last = &results[results.len().saturating_sub(WINDOW)..];
        let misses: Vec<&AuditResult> = last.iter().filter(|r| r.missed).collect();
        let since = misses.last()?.position;
        let calibrated = ledger.grades().all().iter().any(|d| d.by == *person && d.decision.seat == Seat::Session && d.position > since);
        (misses.len() >= MISSES && !calibrated).then(|| {
            format!(
                "{} of your last {} audits differ from what was decided: a calibration session helps (`tribunal calibrate --session`), \
                 and an audit that you think is wrong can be disputed",
                misses.len(),
                last.len()
            )
        })
    }
}
