//! Who holds which slot, and drafts, in SQL.
//!
//! Invariant: every change happens in the writer's IMMEDIATE transaction, so that of two people who want one slot exactly one gets
//! it; a slot whose decision is recorded is filled until that decision is taken back.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{failure, log};
use crate::domain::claim::ANY_SLOTS;
use crate::domain::log::{Act, Decision, Entry, Seat};
use crate::domain::{Claim, ClaimAsk, Claimed, Digest, EventId, GraderName, StoredDraft, Submission, Submitted, Taken};
use crate::store::StoreError;

/// One slot of an item as it is stored.
struct Slot {
    number: u16,
    grader: String,
    until_ms: i64,
    event: Option<String>,
}

impl Slot {
    /// Held or filled by somebody other than `grader`.
    fn blocks(&self, grader: &GraderName, now_ms: i64) -> bool {
        self.event.is_some() || (self.until_ms > now_ms && self.grader != grader.as_str())
    }
}

fn slots(c: &Connection, item: &Digest, seat: Seat) -> rusqlite::Result<Vec<Slot>> {
    c.prepare_cached("select slot, grader, until_ms, event from claims where item = ?1 and seat = ?2 order by slot")?
        .query_map(params![item.to_string(), seat.word()], |r| {
            Ok(Slot { number: r.get(0)?, grader: r.get(1)?, until_ms: r.get(2)?, event: r.get(3)? })
        })?
        .collect()
}

/// The decision that this person has recorded on the item: in either labelling seat for these, else in the same seat.
fn decided(c: &Connection, item: &Digest, seat: Seat, grader: &GraderName) -> rusqlite::Result<Option<EventId>> {
    let seats: &[Seat] = if seat.labels() { &[Seat::Grader, Seat::Adjudicator] } else { &[seat] };
    let mut query = c.prepare_cached("select event from claims where item = ?1 and seat = ?2 and grader = ?3 and event is not null")?;
    for s in seats {
        let found: Option<String> = query.query_row(params![item.to_string(), s.word(), grader.as_str()], |r| r.get(0)).optional()?;
        if let Some(id) = found {
            return EventId::new(&id).map(Some).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()));
        }
    }
    Ok(None)
}

fn put(c: &Connection, item: &Digest, seat: Seat, slot: u16, grader: &GraderName, until_ms: i64) -> rusqlite::Result<()> {
    c.prepare_cached(
        "insert into claims (item, seat, slot, grader, until_ms, event) values (?1, ?2, ?3, ?4, ?5, null)
         on conflict (item, seat, slot) do update set grader = excluded.grader, until_ms = excluded.until_ms, event = null",
    )?
    .execute(params![item.to_string(), seat.word(), slot, grader.as_str(), until_ms])?;
    Ok(())
}

/// The lowest of `limit` slots that nobody else holds or has filled.
fn free(all: &[Slot], grader: &GraderName, now_ms: i64, limit: u16) -> Option<u16> {
    let filled = all.iter().filter(|s| s.event.is_some()).count();
    if filled >= usize::from(limit) {
        return None;
    }
    (0..limit).find(|n| all.iter().all(|s| s.number != *n || !s.blocks(grader, now_ms)))
}

pub fn claim(c: &Connection, ask: &ClaimAsk) -> rusqlite::Result<Claimed> {
    if let Some(of) = decided(c, &ask.item, ask.seat, &ask.grader)? {
        return Ok(Claimed::Done { of });
    }
    let all = slots(c, &ask.item, ask.seat)?;
    // An own lease, ended or not, is as good as a free slot, and stays where it is: nobody holds two.
    let own = all.iter().find(|s| s.event.is_none() && s.grader == ask.grader.as_str()).map(|s| s.number);
    let Some(slot) = own.filter(|n| *n < ask.slots).or_else(|| free(&all, &ask.grader, ask.now_ms, ask.slots)) else {
        let free_at_ms = all.iter().filter(|s| s.event.is_none()).map(|s| s.until_ms).min();
        return Ok(Claimed::Full { free_at_ms });
    };
    release(c, &ask.item, &ask.grader)?;
    put(c, &ask.item, ask.seat, slot, &ask.grader, ask.until_ms)?;
    Ok(Claimed::Yes(Claim { item: ask.item, seat: ask.seat, slot, grader: ask.grader.clone(), until_ms: ask.until_ms }))
}

/// A longer lease for who still has it: also after its end, as long as nobody took it over.
pub fn extend(c: &Connection, item: &Digest, grader: &GraderName, until_ms: i64) -> rusqlite::Result<bool> {
    let n = c.prepare_cached("update claims set until_ms = ?3 where item = ?1 and grader = ?2 and event is null")?.execute(params![
        item.to_string(),
        grader.as_str(),
        until_ms
    ])?;
    Ok(n > 0)
}

pub fn release(c: &Connection, item: &Digest, grader: &GraderName) -> rusqlite::Result<bool> {
    let n = c
        .prepare_cached("delete from claims where item = ?1 and grader = ?2 and event is null")?
        .execute(params![item.to_string(), grader.as_str()])?;
    Ok(n > 0)
}

/// Fills a slot for good: the person's own, else the lowest free one, else the next number beyond all.
fn fill(c: &Connection, d: &Decision, grader: &GraderName, id: &EventId, now_ms: i64, limit: u16) -> rusqlite::Result<(u16, Taken)> {
    let all = slots(c, &d.on.item, d.seat)?;
    let own = all.iter().find(|s| s.event.is_none() && s.grader == grader.as_str()).map(|s| s.number);
    let (slot, taken) = match own.or_else(|| free(&all, grader, now_ms, limit)) {
        Some(n) => (n, Taken::InTime),
        None => (all.iter().map(|s| s.number.saturating_add(1)).max().unwrap_or(0).max(limit), Taken::Extra),
    };
    release(c, &d.on.item, grader)?;
    put(c, &d.on.item, d.seat, slot, grader, now_ms)?;
    c.prepare_cached("update claims set event = ?4 where item = ?1 and seat = ?2 and slot = ?3")?.execute(params![
        d.on.item.to_string(),
        d.seat.word(),
        slot,
        id.as_str()
    ])?;
    Ok((slot, taken))
}

/// Puts a decision into the log and its slot out of reach, and drops the draft.
pub fn submit(c: &Connection, s: &Submission, texts: &[(String, String)]) -> rusqlite::Result<Submitted> {
    let item = &s.decision.on.item;
    let recorded: Option<u16> =
        c.prepare_cached("select slot from claims where event = ?1")?.query_row([s.id.as_str()], |r| r.get(0)).optional()?;
    if let Some(slot) = recorded {
        return Ok(Submitted { taken: Taken::Again, slot, head: log::head(c)? });
    }
    if log::holds(c, &s.id)? {
        // Recorded, and taken back since.
        return Ok(Submitted { taken: Taken::Again, slot: s.decision.slot, head: log::head(c)? });
    }
    if decided(c, item, s.decision.seat, &s.by.name)?.is_some() {
        return Ok(Submitted { taken: Taken::Twice, slot: s.decision.slot, head: log::head(c)? });
    }
    let (slot, taken) = fill(c, &s.decision, &s.by.name, &s.id, s.at_ms, s.slots)?;
    let act = Act::Decided(Decision { slot, ..s.decision.clone() });
    let entry = Entry { id: s.id.clone(), at_ms: s.at_ms, by: s.by.clone(), act };
    let head = log::put(c, std::slice::from_ref(&entry), texts)?;
    delete_draft(c, &s.by.name, item)?;
    Ok(Submitted { taken, slot, head })
}

/// What an entry of the log means for slots: a decision that came in another way fills one, and what is taken back frees its own.
pub fn follow(c: &Connection, entry: &Entry) -> rusqlite::Result<()> {
    match &entry.act {
        Act::Decided(d) if decided(c, &d.on.item, d.seat, &entry.by.name)?.is_none() => {
            fill(c, d, &entry.by.name, &entry.id, entry.at_ms, ANY_SLOTS)?;
        }
        Act::Voided { of } => {
            c.prepare_cached("delete from claims where event = ?1 and grader = ?2")?.execute([of.as_str(), entry.by.name.as_str()])?;
        }
        _ => {}
    }
    Ok(())
}

pub fn put_draft(c: &Connection, d: &StoredDraft) -> rusqlite::Result<()> {
    c.prepare_cached(
        "insert into drafts (grader, item, body, at_ms) values (?1, ?2, ?3, ?4)
         on conflict (grader, item) do update set body = excluded.body, at_ms = excluded.at_ms",
    )?
    .execute(params![d.grader.as_str(), d.item.to_string(), d.body, d.at_ms])?;
    Ok(())
}

pub fn delete_draft(c: &Connection, grader: &GraderName, item: &Digest) -> rusqlite::Result<bool> {
    let n = c.prepare_cached("delete from drafts where grader = ?1 and item = ?2")?.execute([grader.as_str(), &item.to_string()])?;
    Ok(n > 0)
}

fn conversion(column: usize, e: impl std::error::Error + Send + Sync + 'static) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(e))
}

fn digest(r: &Row<'_>, column: usize) -> rusqlite::Result<Digest> {
    r.get::<_, String>(column)?.parse().map_err(|e: crate::domain::digest::NotADigest| conversion(column, e))
}

fn grader(r: &Row<'_>, column: usize) -> rusqlite::Result<GraderName> {
    GraderName::new(&r.get::<_, String>(column)?).map_err(|e| conversion(column, e))
}

/// Every lease that lasts beyond `now_ms`.
pub fn claims(c: &Connection, now_ms: i64) -> Result<Vec<Claim>, StoreError> {
    c.prepare_cached(
        "select item, seat, slot, grader, until_ms from claims where event is null and until_ms > ?1 order by item, seat, slot",
    )
    .and_then(|mut q| {
        q.query_map([now_ms], |r| {
            let word: String = r.get(1)?;
            let seat = Seat::of(&word).ok_or(rusqlite::Error::InvalidColumnType(1, word, rusqlite::types::Type::Text))?;
            Ok(Claim { item: digest(r, 0)?, seat, slot: r.get(2)?, grader: grader(r, 3)?, until_ms: r.get(4)? })
        })?
        .collect()
    })
    .map_err(|e| failure("read the claims", e))
}

/// The drafts of one person, the newest first.
pub fn drafts(c: &Connection, by: &GraderName) -> Result<Vec<StoredDraft>, StoreError> {
    c.prepare_cached("select item, grader, body, at_ms from drafts where grader = ?1 order by at_ms desc, item")
        .and_then(|mut q| {
            q.query_map([by.as_str()], |r| {
                Ok(StoredDraft { item: digest(r, 0)?, grader: grader(r, 1)?, body: r.get(2)?, at_ms: r.get(3)? })
            })?
            .collect()
        })
        .map_err(|e| failure("read drafts", e))
}
