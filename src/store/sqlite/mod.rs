//! The embedded store: one SQLite file, one writer thread with group commit, readers on connections of their own.
//!
//! Invariant: a write that has returned is on disk (WAL, `synchronous = FULL`). A batch is one transaction; when one write
//! of a batch fails, the others are done again without it.

mod accounts;
mod claims;
mod log;
mod read;
mod read_only;
mod schema;
mod write;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::{Store, StoreError, Stored};
use crate::domain::log::{Entry, Head, Link};
use crate::domain::{
    Ballot, Claim, ClaimAsk, Claimed, Design, DesignItem, Digest, GraderName, ReviewItem, RunHead, RunId, RunStatus, StoredDraft,
    Submission, Submitted, Tally, TrialRow,
};
pub(super) use read_only::refuses_writes;
use write::{Op, Writer, Written};

/// How long a connection waits for another process's write.
const BUSY: Duration = Duration::from_mins(1);

/// The embedded store.
pub struct SqliteStore {
    writer: Writer,
    reader: Arc<Mutex<Connection>>,
}

impl SqliteStore {
    /// Opens or creates the file, brings its schema up to date and starts the writer.
    ///
    /// # Errors
    /// [`StoreError::Open`] when the file cannot be opened or is no store, [`StoreError::Newer`] when a newer program wrote it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let open = || -> Result<(Connection, Connection), Box<dyn std::error::Error + Send + Sync>> {
            if let Some(dir) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
                std::fs::create_dir_all(dir)?;
            }
            let writer = connect(path, OpenFlags::default())?;
            Ok((writer, connect(path, OpenFlags::default())?))
        };
        let (mut writer, reader) = open().map_err(|source| StoreError::Open { place: place(path), source })?;
        schema::migrate(&mut writer, &place(path))?;
        Ok(Self { writer: Writer::start(writer), reader: Arc::new(Mutex::new(reader)) })
    }

    /// Opens the file as [`SqliteStore::open`] does; one that cannot be written is opened as it stands, and every write fails.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        match Self::open(path) {
            Err(StoreError::Open { source, .. }) if refuses_writes(&*source) && path.is_file() => {
                let reader = read_only::connect(path).map_err(|source| StoreError::Open { place: place(path), source })?;
                Ok(Self { writer: Writer::closed(), reader: Arc::new(Mutex::new(reader)) })
            }
            opened => opened,
        }
    }

    fn write<'a>(&self, op: Result<Op, StoreError>) -> Stored<'a, ()> {
        let done = self.writer.send(op);
        Box::pin(async move { done.await.map(|_| ()) })
    }

    /// A write that says whether it changed something.
    fn change<'a>(&self, op: Op) -> Stored<'a, bool> {
        let done = self.writer.send(Ok(op));
        Box::pin(async move { done.await.map(|w| w == Written::Changed(true)) })
    }

    fn read<'a, T, F>(&'a self, what: &'static str, query: F) -> Stored<'a, T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    {
        let reader = Arc::clone(&self.reader);
        Box::pin(async move {
            tokio::task::spawn_blocking(move || {
                // A panic elsewhere leaves no half-done state in a reading connection.
                query(&reader.lock().unwrap_or_else(PoisonError::into_inner))
            })
            .await
            .map_err(|e| StoreError::Failed { what, source: e.into() })?
        })
    }
}

/// The writer answered another question.
fn unexpected() -> StoreError {
    StoreError::Corrupt { what: "answer", detail: "the writer gave an answer of another kind".to_owned() }
}

/// A database error as ours: damage is told from what may pass.
fn failure(what: &'static str, e: rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    let damaged = matches!(e.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase))
        || matches!(
            e,
            rusqlite::Error::Utf8Error(..) | rusqlite::Error::InvalidColumnType(..) | rusqlite::Error::FromSqlConversionFailure(..)
        );
    if damaged { StoreError::Damaged { source: e.into() } } else { StoreError::Failed { what, source: e.into() } }
}

fn place(path: &Path) -> String {
    format!("sqlite:{}", path.display())
}

fn connect(path: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let c = Connection::open_with_flags(PathBuf::from(path), flags)?;
    c.busy_timeout(BUSY)?;
    c.pragma_update(None, "journal_mode", "WAL")?;
    c.pragma_update(None, "synchronous", "FULL")?;
    // A text that is erased is overwritten, not only forgotten.
    c.pragma_update(None, "secure_delete", "ON")?;
    c.set_prepared_statement_cache_capacity(32);
    Ok(c)
}

impl Store for SqliteStore {
    fn create_run<'a>(&'a self, head: &'a RunHead) -> Stored<'a, ()> {
        self.write(Op::create_run(head))
    }

    fn set_status<'a>(&'a self, run: &'a RunId, status: RunStatus, finished_ms: Option<i64>) -> Stored<'a, ()> {
        self.write(Ok(Op::SetStatus { run: run.clone(), status, finished_ms }))
    }

    fn unfinished<'a>(&'a self, key: &'a Digest) -> Stored<'a, Option<RunHead>> {
        let key = key.to_string();
        self.read("look for an unfinished run", move |c| read::unfinished(c, &key))
    }

    fn runs(&self) -> Stored<'_, Vec<RunHead>> {
        self.read("list the runs", read::runs)
    }

    fn put_output<'a>(&'a self, run: &'a RunId, row: TrialRow) -> Stored<'a, ()> {
        self.write(Op::output(run, &row))
    }

    fn put_ballot<'a>(&'a self, run: &'a RunId, seq: u64, ballot: Ballot) -> Stored<'a, ()> {
        self.write(Op::ballot(run, seq, &ballot))
    }

    fn put_tally<'a>(&'a self, run: &'a RunId, seq: u64, tally: Tally) -> Stored<'a, ()> {
        self.write(Op::tally(run, seq, &tally))
    }

    fn put_items<'a>(&'a self, run: &'a RunId, items: Vec<ReviewItem>) -> Stored<'a, ()> {
        self.write(Op::items(run, &items))
    }

    fn append(&self, entries: Vec<Entry>, texts: Vec<String>) -> Stored<'_, Head> {
        let done = self.writer.send(Ok(Op::append(entries, texts)));
        Box::pin(async move {
            match done.await? {
                Written::Log(head) => Ok(head),
                _ => Err(unexpected()),
            }
        })
    }

    fn claim(&self, ask: ClaimAsk) -> Stored<'_, Claimed> {
        let done = self.writer.send(Ok(Op::Claim(ask)));
        Box::pin(async move {
            match done.await? {
                Written::Claim(answer) => Ok(answer),
                _ => Err(unexpected()),
            }
        })
    }

    fn extend_claim<'a>(&'a self, item: &'a Digest, grader: &'a GraderName, until_ms: i64) -> Stored<'a, bool> {
        self.change(Op::Extend { item: *item, grader: grader.clone(), until_ms })
    }

    fn release_claim<'a>(&'a self, item: &'a Digest, grader: &'a GraderName) -> Stored<'a, bool> {
        self.change(Op::Release { item: *item, grader: grader.clone() })
    }

    fn claims(&self, now_ms: i64) -> Stored<'_, Vec<Claim>> {
        self.read("read the claims", move |c| claims::claims(c, now_ms))
    }

    fn submit(&self, submission: Submission) -> Stored<'_, Submitted> {
        let done = self.writer.send(Ok(Op::submit(submission)));
        Box::pin(async move {
            match done.await? {
                Written::Submitted(answer) => Ok(answer),
                _ => Err(unexpected()),
            }
        })
    }

    fn put_draft(&self, draft: StoredDraft) -> Stored<'_, ()> {
        self.write(Ok(Op::PutDraft(draft)))
    }

    fn drafts<'a>(&'a self, grader: &'a GraderName) -> Stored<'a, Vec<StoredDraft>> {
        let grader = grader.clone();
        self.read("read drafts", move |c| claims::drafts(c, &grader))
    }

    fn delete_draft<'a>(&'a self, grader: &'a GraderName, item: &'a Digest) -> Stored<'a, bool> {
        self.change(Op::DeleteDraft { item: *item, grader: grader.clone() })
    }

    fn log(&self, from: u64, limit: u32) -> Stored<'_, Vec<Link>> {
        self.read("read the decision log", move |c| log::links(c, from, limit))
    }

    fn log_head(&self) -> Stored<'_, Head> {
        self.read("read the decision log", |c| log::head(c).map_err(|e| failure("read the decision log", e)))
    }

    fn texts(&self, digests: Vec<Digest>) -> Stored<'_, HashMap<Digest, String>> {
        self.read("read texts", move |c| log::texts(c, &digests))
    }

    fn erase_text<'a>(&'a self, digest: &'a Digest) -> Stored<'a, bool> {
        self.change(Op::EraseText { digest: digest.to_string() })
    }

    fn put_design<'a>(&'a self, run: &'a RunId, design: Design, items: Vec<DesignItem>) -> Stored<'a, ()> {
        self.write(Op::design(run, &design, &items))
    }

    fn design<'a>(&'a self, run: &'a RunId) -> Stored<'a, Option<(Design, Vec<DesignItem>)>> {
        let run = run.clone();
        self.read("read the design", move |c| read::design(c, run.as_str()))
    }

    fn trial<'a>(&'a self, run: &'a RunId, seq: u64) -> Stored<'a, Option<TrialRow>> {
        let run = run.clone();
        self.read("read a trial", move |c| Ok(read::page(c, run.as_str(), seq, 1)?.into_iter().find(|r| r.key.seq == seq)))
    }

    fn page<'a>(&'a self, run: &'a RunId, after: Option<u64>, limit: u32) -> Stored<'a, Vec<TrialRow>> {
        let run = run.clone();
        self.read("read trials", move |c| read::page(c, run.as_str(), after.map_or(0, |a| a.saturating_add(1)), limit))
    }

    fn count<'a>(&'a self, run: &'a RunId) -> Stored<'a, u64> {
        let run = run.clone();
        self.read("count trials", move |c| read::count(c, run.as_str()))
    }
}
