//! Queries: rows back to domain types.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;

use crate::domain::{AgentName, Ballot, Case, Design, DesignItem, ReviewItem, RunHead, RunStatus, SetName, Tally, TrialKey, TrialRow};
use crate::store::StoreError;

fn failed(what: &'static str) -> impl Fn(rusqlite::Error) -> StoreError {
    move |e| super::failure(what, e)
}

fn parsed<T: DeserializeOwned>(what: &'static str, body: &str) -> Result<T, StoreError> {
    serde_json::from_str(body).map_err(|e| StoreError::Corrupt { what, detail: e.to_string() })
}

/// Head text, status word and finishing time: the columns that change win over the head as it was written.
type HeadColumns = (String, String, Option<i64>);

fn head_columns(r: &Row<'_>) -> rusqlite::Result<HeadColumns> {
    Ok((r.get(0)?, r.get(1)?, r.get(2)?))
}

fn head((body, status, finished_ms): HeadColumns) -> Result<RunHead, StoreError> {
    let mut head: RunHead = parsed("run", &body)?;
    head.status = match status.as_str() {
        "open" => RunStatus::Open,
        "complete" => RunStatus::Complete,
        "incomplete" => RunStatus::Incomplete,
        other => return Err(StoreError::Corrupt { what: "run", detail: format!("unknown status {other:?}") }),
    };
    head.finished_ms = finished_ms;
    Ok(head)
}

pub fn unfinished(c: &Connection, key: &str) -> Result<Option<RunHead>, StoreError> {
    c.prepare_cached(
        "select head, status, finished_ms from runs where key = ?1 and status <> 'complete' order by created_ms desc, id desc limit 1",
    )
    .and_then(|mut q| q.query_row([key], head_columns).optional())
    .map_err(failed("look for an unfinished run"))?
    .map(head)
    .transpose()
}

pub fn runs(c: &Connection) -> Result<Vec<RunHead>, StoreError> {
    c.prepare_cached("select head, status, finished_ms from runs order by created_ms desc, id desc")
        .and_then(|mut q| q.query_map([], head_columns)?.collect::<rusqlite::Result<Vec<_>>>())
        .map_err(failed("list the runs"))?
        .into_iter()
        .map(head)
        .collect()
}

pub fn count(c: &Connection, run: &str) -> Result<u64, StoreError> {
    let n: i64 = c
        .prepare_cached("select count(*) from outputs where run = ?1")
        .and_then(|mut q| q.query_row([run], |r| r.get(0)))
        .map_err(failed("count trials"))?;
    Ok(n.unsigned_abs())
}

struct Raw {
    seq: u64,
    agent: String,
    set: String,
    trial: i64,
    case: String,
    case_digest: String,
    answer: String,
    spend: String,
    tally: Option<String>,
    item: Option<String>,
}

fn raw(r: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok(Raw {
        seq: r.get::<_, i64>(0)?.unsigned_abs(),
        agent: r.get(1)?,
        set: r.get(2)?,
        trial: r.get(3)?,
        case: r.get(4)?,
        case_digest: r.get(5)?,
        answer: r.get(6)?,
        spend: r.get(7)?,
        tally: r.get(8)?,
        item: r.get(9)?,
    })
}

fn row(raw: Raw) -> Result<TrialRow, StoreError> {
    let corrupt = |e: &dyn std::fmt::Display| StoreError::Corrupt { what: "trial", detail: e.to_string() };
    Ok(TrialRow {
        key: TrialKey {
            seq: raw.seq,
            agent: AgentName::new(&raw.agent).map_err(|e| corrupt(&e))?,
            set: SetName::new(&raw.set).map_err(|e| corrupt(&e))?,
            trial: u16::try_from(raw.trial).map_err(|e| corrupt(&e))?,
        },
        case: Arc::new(parsed::<Case>("case", &raw.case)?),
        case_digest: raw.case_digest.parse().map_err(|e| corrupt(&e))?,
        answer: parsed("output", &raw.answer)?,
        spend: parsed("spend", &raw.spend)?,
        ballots: Vec::new(),
        tally: raw.tally.map(|t| parsed::<Tally>("tally", &t)).transpose()?,
        item: raw.item.map(|t| parsed::<ReviewItem>("review item", &t)).transpose()?,
        label: None,
    })
}

/// Up to `limit` trials from `from` on, with their ballots.
pub fn page(c: &Connection, run: &str, from: u64, limit: u32) -> Result<Vec<TrialRow>, StoreError> {
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let raws = c
        .prepare_cached(
            "select o.seq, o.agent, o.set_name, o.trial, c.body, o.case_digest, o.body, o.spend, t.body, i.body
             from outputs o
             join cases c on c.digest = o.case_body
             left join tallies t on t.run = o.run and t.seq = o.seq
             left join items i on i.run = o.run and i.seq = o.seq
             where o.run = ?1 and o.seq >= ?2 order by o.seq limit ?3",
        )
        .and_then(|mut q| q.query_map(params![run, from, limit], raw)?.collect::<rusqlite::Result<Vec<_>>>())
        .map_err(failed("read trials"))?;
    let mut rows = raws.into_iter().map(row).collect::<Result<Vec<_>, _>>()?;
    let (Some(first), Some(last)) = (rows.first().map(|r| r.key.seq), rows.last().map(|r| r.key.seq)) else {
        return Ok(rows);
    };
    let bodies = c
        .prepare_cached("select seq, body from ballots where run = ?1 and seq between ?2 and ?3 order by seq, judge, sample")
        .and_then(|mut q| {
            q.query_map(params![run, first.cast_signed(), last.cast_signed()], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?)))?
                .collect::<rusqlite::Result<Vec<_>>>()
        })
        .map_err(failed("read ballots"))?;
    let mut at = 0;
    for (seq, body) in bodies {
        while rows.get(at).is_some_and(|r| r.key.seq < seq.unsigned_abs()) {
            at += 1;
        }
        if let Some(r) = rows.get_mut(at).filter(|r| r.key.seq == seq.unsigned_abs()) {
            r.ballots.push(parsed::<Ballot>("ballot", &body)?);
        }
    }
    Ok(rows)
}

/// The newest design of a run, with its items in order.
pub fn design(c: &Connection, run: &str) -> Result<Option<(Design, Vec<DesignItem>)>, StoreError> {
    let failed = failed("read the design");
    let newest = c
        .prepare_cached("select body, items from designs where run = ?1 order by number desc limit 1")
        .and_then(|mut q| q.query_row([run], |r| Ok((r.get::<_, String>(0)?, r.get::<_, Vec<u8>>(1)?))).optional())
        .map_err(failed)?;
    let Some((body, bytes)) = newest else { return Ok(None) };
    let design: Design = parsed("design", &body)?;
    let (rows, rest) = bytes.as_chunks::<{ DesignItem::BYTES }>();
    let items: Vec<DesignItem> = rows.iter().map(DesignItem::of_bytes).collect();
    if !rest.is_empty() || !design.holds(&items) {
        return Err(StoreError::Corrupt {
            what: "design",
            detail: "its digest does not hold: it was changed after it was frozen".to_owned(),
        });
    }
    Ok(Some((design, items)))
}
