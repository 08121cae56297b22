//! The decision log and the texts beside it, in SQL.
//!
//! Invariant: an entry is sealed inside the writing transaction, against the last link that is there: two processes that append at
//! once make one chain.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, params};

use super::{claims, failure};
use crate::domain::log::{Entry, Head, Link, seal};
use crate::domain::{Digest, EventId};
use crate::store::StoreError;

/// Seals and appends; an entry whose id is there already is left out. Slots follow.
pub fn append(c: &Connection, entries: &[Entry], texts: &[(String, String)]) -> rusqlite::Result<Head> {
    for entry in entries {
        if !holds(c, &entry.id)? {
            claims::follow(c, entry)?;
        }
    }
    put(c, entries, texts)
}

/// Whether an event is in the log.
pub fn holds(c: &Connection, id: &EventId) -> rusqlite::Result<bool> {
    c.prepare_cached("select 1 from log where id = ?1")?.exists([id.as_str()])
}

/// Seals and appends, and leaves slots alone.
pub fn put(c: &Connection, entries: &[Entry], texts: &[(String, String)]) -> rusqlite::Result<Head> {
    let mut end = head(c)?;
    // A text that was erased may be given again by somebody who may.
    let mut keep =
        c.prepare_cached("insert into texts (digest, body) values (?1, ?2) on conflict (digest) do update set body = excluded.body")?;
    for (digest, body) in texts {
        keep.execute(params![digest, body])?;
    }
    let mut insert = c.prepare_cached("insert into log (position, id, body, digest) values (?1, ?2, ?3, ?4)")?;
    for entry in entries {
        if holds(c, &entry.id)? {
            continue;
        }
        let link = seal(entry.clone(), &end).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))?;
        insert.execute(params![link.position.cast_signed(), entry.id.as_str(), link.body, link.digest.to_string()])?;
        end = Head { events: end.events + 1, digest: link.digest };
    }
    Ok(end)
}

fn digest(column: usize, text: &str) -> rusqlite::Result<Digest> {
    text.parse().map_err(|e: crate::domain::digest::NotADigest| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(e))
    })
}

pub fn head(c: &Connection) -> rusqlite::Result<Head> {
    let last = c
        .prepare_cached("select position, digest from log order by position desc limit 1")?
        .query_row([], |r| Ok((r.get::<_, i64>(0)?, r.get::<_, String>(1)?)))
        .optional()?;
    match last {
        Some((position, text)) => Ok(Head { events: position.unsigned_abs() + 1, digest: digest(1, &text)? }),
        None => Ok(Head::default()),
    }
}

pub fn links(c: &Connection, from: u64, limit: u32) -> Result<Vec<Link>, StoreError> {
    c.prepare_cached("select position, body, digest from log where position >= ?1 order by position limit ?2")
        .and_then(|mut q| {
            q.query_map(params![i64::try_from(from).unwrap_or(i64::MAX), limit], |r| {
                Ok(Link { position: r.get::<_, i64>(0)?.unsigned_abs(), body: r.get(1)?, digest: digest(2, &r.get::<_, String>(2)?)? })
            })?
            .collect()
        })
        .map_err(|e| failure("read the decision log", e))
}

pub fn texts(c: &Connection, digests: &[Digest]) -> Result<HashMap<Digest, String>, StoreError> {
    let read = || -> rusqlite::Result<HashMap<Digest, String>> {
        let mut query = c.prepare_cached("select body from texts where digest = ?1 and body is not null")?;
        let mut found = HashMap::new();
        for d in digests {
            if let Some(body) = query.query_row([d.to_string()], |r| r.get::<_, String>(0)).optional()? {
                found.insert(*d, body);
            }
        }
        Ok(found)
    };
    let found = read().map_err(|e| failure("read texts", e))?;
    match found.iter().find(|(d, body)| Digest::of_bytes(body.as_bytes()) != **d) {
        Some((d, _)) => Err(StoreError::Corrupt { what: "text", detail: format!("it does not have the digest {}", d.short()) }),
        None => Ok(found),
    }
}
