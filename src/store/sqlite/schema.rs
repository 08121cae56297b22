//! The tables, and how an older file becomes a newer one. SQL that PostgreSQL takes as well, but for the types.

use rusqlite::{Connection, TransactionBehavior};

use crate::store::StoreError;

/// One step a version, applied in order, each in a transaction. Never edit a step that has shipped: add one.
const MIGRATIONS: [&str; 4] = [
    "
    create table runs (
        id text primary key, key text not null, created_ms bigint not null, finished_ms bigint,
        status text not null, head text not null);
    create index runs_by_key on runs (key, created_ms);
    create table cases (digest text primary key, body text not null);
    create table outputs (
        run text not null, seq bigint not null, agent text not null, set_name text not null, case_id text not null,
        trial bigint not null, case_body text not null, case_digest text not null, answered bigint not null,
        body text not null, spend text not null, primary key (run, seq));
    create table ballots (
        run text not null, seq bigint not null, judge text not null, sample bigint not null, scored bigint not null,
        body text not null, primary key (run, seq, judge, sample));
    create table tallies (run text not null, seq bigint not null, body text not null, primary key (run, seq));
    create table items (run text not null, seq bigint not null, body text not null, primary key (run, seq));
",
    "
    create table log (position bigint primary key, id text not null unique, body text not null, digest text not null);
    create table texts (digest text primary key, body text);
    create table designs (run text not null, number bigint not null, body text not null, items blob not null, primary key (run, number));
",
    "
    create table claims (
        item text not null, seat text not null, slot bigint not null, grader text not null, until_ms bigint not null, event text,
        primary key (item, seat, slot));
    create index claims_by_event on claims (event);
    create table drafts (
        grader text not null, item text not null, body text not null, at_ms bigint not null, primary key (grader, item));
",
    "
    create table users (name text primary key, role text not null);
    create table invites (token text primary key, name text not null, until_ms bigint not null);
    create table logins (token text primary key, name text not null, until_ms bigint not null);
",
];

/// The version of a file's schema, and the one that this program writes.
pub fn version(c: &Connection) -> rusqlite::Result<(i64, i64)> {
    let found = c.query_row("select coalesce(max(version), 0) from tribunal_schema", [], |r| r.get(0))?;
    Ok((found, i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)))
}

/// Brings the file's schema up to date.
pub fn migrate(c: &mut Connection, place: &str) -> Result<(), StoreError> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let open = |source: rusqlite::Error| StoreError::Open { place: place.to_owned(), source: source.into() };
    // IMMEDIATE: two processes that open a new file at once must not both create the tables.
    let t = c.transaction_with_behavior(TransactionBehavior::Immediate).map_err(open)?;
    t.execute_batch("create table if not exists tribunal_schema (version bigint not null)").map_err(open)?;
    let found: i64 = t.query_row("select coalesce(max(version), 0) from tribunal_schema", [], |r| r.get(0)).map_err(open)?;
    if found > known {
        return Err(StoreError::Newer { place: place.to_owned(), found, known });
    }
    for (version, step) in (1..).zip(MIGRATIONS) {
        if version > found {
            t.execute_batch(step).map_err(open)?;
            t.execute("insert into tribunal_schema (version) values (?1)", [version]).map_err(open)?;
        }
    }
    t.commit().map_err(open)
}
