//! Where runs are kept, behind a trait: everything that was paid for is durable when a write returns.

pub mod accounts;
pub mod bundle;
pub mod sqlite;

use std::collections::HashMap;

use futures::future::BoxFuture;

use crate::domain::log::{Broken, Entry, Event, Head, Link, Verifier};
use crate::domain::{
    Ballot, Claim, ClaimAsk, Claimed, Design, DesignItem, Digest, GraderName, ReviewItem, RunHead, RunId, RunStatus, StoredDraft,
    Submission, Submitted, Tally, TrialRow,
};

/// What can go wrong with a store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store could not be opened.
    #[error("could not open the store {place}")]
    Open {
        /// The file or server.
        place: String,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A newer program wrote this store.
    #[error("the store {place} has schema version {found}, this program knows versions up to {known}")]
    Newer {
        /// The file or server.
        place: String,
        /// The version found.
        found: i64,
        /// The newest version known.
        known: i64,
    },
    /// A read or a write failed.
    #[error("the store could not {what}")]
    Failed {
        /// What was tried.
        what: &'static str,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file or a page of it is damaged.
    #[error("the store is damaged")]
    Damaged {
        /// What the database says.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The decision log is not what was written.
    #[error("the decision log does not hold")]
    Chain(#[from] Broken),
    /// A stored row cannot be read back.
    #[error("a stored {what} cannot be read: {detail}")]
    Corrupt {
        /// What kind of row.
        what: &'static str,
        /// What is wrong with it.
        detail: String,
    },
}

/// A store's answer.
pub type Stored<'a, T> = BoxFuture<'a, Result<T, StoreError>>;

/// Where runs are kept. Writes are durable when they return; reads see every write that has returned.
pub trait Store: accounts::Accounts {
    /// Records a new run.
    fn create_run<'a>(&'a self, head: &'a RunHead) -> Stored<'a, ()>;
    /// Sets a run's status, and the time it finished if it has.
    fn set_status<'a>(&'a self, run: &'a RunId, status: RunStatus, finished_ms: Option<i64>) -> Stored<'a, ()>;
    /// The newest run with this key that is open or incomplete.
    fn unfinished<'a>(&'a self, key: &'a Digest) -> Stored<'a, Option<RunHead>>;
    /// All runs, newest first.
    fn runs(&self) -> Stored<'_, Vec<RunHead>>;

    /// Records an output or a failure; replaces an earlier failure of the same trial. Ballots and tally of `row` are not written.
    fn put_output<'a>(&'a self, run: &'a RunId, row: TrialRow) -> Stored<'a, ()>;
    /// Records a ballot; replaces an earlier failed one of the same trial, judge and sample.
    fn put_ballot<'a>(&'a self, run: &'a RunId, seq: u64, ballot: Ballot) -> Stored<'a, ()>;
    /// Records a verdict; replaces an earlier one of the same trial.
    fn put_tally<'a>(&'a self, run: &'a RunId, seq: u64, tally: Tally) -> Stored<'a, ()>;
    /// Replaces the review items of a run.
    fn put_items<'a>(&'a self, run: &'a RunId, items: Vec<ReviewItem>) -> Stored<'a, ()>;

    /// Puts entries at the end of the decision log, all or none, with the texts that they name. An entry whose id is there already is
    /// not put there twice. Gives the end of the chain.
    fn append(&self, entries: Vec<Entry>, texts: Vec<String>) -> Stored<'_, Head>;
    /// Up to `limit` links of the log in order, from position `from`.
    fn log(&self, from: u64, limit: u32) -> Stored<'_, Vec<Link>>;
    /// The end of the log.
    fn log_head(&self) -> Stored<'_, Head>;
    /// Texts by digest. One that was erased or never stored is absent.
    fn texts(&self, digests: Vec<Digest>) -> Stored<'_, HashMap<Digest, String>>;
    /// Erases a text; its digest stays. False if there was none.
    fn erase_text<'a>(&'a self, digest: &'a Digest) -> Stored<'a, bool>;

    /// Asks for a slot of an item; of several who want the last one, exactly one gets it. What one holds is held for longer.
    fn claim(&self, ask: ClaimAsk) -> Stored<'_, Claimed>;
    /// A sign of life: the lease lasts until then. False if it was lost; a submission is then kept as an extra opinion.
    fn extend_claim<'a>(&'a self, item: &'a Digest, grader: &'a GraderName, until_ms: i64) -> Stored<'a, bool>;
    /// Gives a slot back. False if there was none.
    fn release_claim<'a>(&'a self, item: &'a Digest, grader: &'a GraderName) -> Stored<'a, bool>;
    /// Every lease that lasts beyond `now_ms`.
    fn claims(&self, now_ms: i64) -> Stored<'_, Vec<Claim>>;
    /// Puts a decision at the end of the log, fills its slot for good and drops the draft, all or none. Never refused; a void of it
    /// (see [`Store::append`]) frees the slot.
    fn submit(&self, submission: Submission) -> Stored<'_, Submitted>;
    /// Keeps a draft; one a person and item.
    fn put_draft(&self, draft: StoredDraft) -> Stored<'_, ()>;
    /// The drafts of one person, the newest first.
    fn drafts<'a>(&'a self, grader: &'a GraderName) -> Stored<'a, Vec<StoredDraft>>;
    /// Drops a draft. False if there was none.
    fn delete_draft<'a>(&'a self, grader: &'a GraderName, item: &'a Digest) -> Stored<'a, bool>;

    /// Keeps a design beside earlier ones of the same run; the last one stands.
    fn put_design<'a>(&'a self, run: &'a RunId, design: Design, items: Vec<DesignItem>) -> Stored<'a, ()>;
    /// The design that stands, with its items in order of `seq`.
    fn design<'a>(&'a self, run: &'a RunId) -> Stored<'a, Option<(Design, Vec<DesignItem>)>>;

    /// One trial with all that happened to it.
    fn trial<'a>(&'a self, run: &'a RunId, seq: u64) -> Stored<'a, Option<TrialRow>>;
    /// Up to `limit` trials in order of `seq`, after `after` (from the start for `None`).
    fn page<'a>(&'a self, run: &'a RunId, after: Option<u64>, limit: u32) -> Stored<'a, Vec<TrialRow>>;
    /// Trials with a stored output or failure.
    fn count<'a>(&'a self, run: &'a RunId) -> Stored<'a, u64>;
}

impl From<StoreError> for crate::error::AppError {
    fn from(e: StoreError) -> Self {
        use crate::error::Exit;
        let help = match &e {
            StoreError::Open { source, .. } if sqlite::refuses_writes(&**source) => Some(
                "it cannot be written: make the folder writable, or name another place with `store:`; runs, show, queue, export, gate and report --out - only read",
            ),
            StoreError::Open { .. } => Some("is the path right, and is it a file that tribunal made?"),
            StoreError::Newer { .. } => Some("use the version of tribunal that wrote it, or a newer one"),
            StoreError::Failed { .. } => {
                Some("nothing that was finished is lost: free the disk or the lock, then give the same command again")
            }
            StoreError::Chain(_) => Some("`tribunal audit verify` says where; put back a copy of the store to go on"),
            StoreError::Damaged { .. } | StoreError::Corrupt { .. } => Some(
                "the store's file is damaged: put back a copy, or move it away; runs that were exported can be imported into a new one",
            ),
        };
        let exit = match &e {
            StoreError::Open { .. } | StoreError::Newer { .. } => Exit::Usage,
            StoreError::Failed { .. } => Exit::Incomplete,
            StoreError::Damaged { .. } | StoreError::Corrupt { .. } | StoreError::Chain(_) => Exit::Integrity,
        };
        let error = Self::new(exit, e.to_string());
        let error = match help {
            Some(h) => error.with_help(h),
            None => error,
        };
        match e {
            StoreError::Open { source, .. } | StoreError::Failed { source, .. } | StoreError::Damaged { source } => error.because(source),
            StoreError::Chain(source) => error.because(source),
            _ => error,
        }
    }
}

/// The whole log as events, in order. The chain is walked on the way.
///
/// # Errors
/// When the store fails; [`StoreError::Chain`] when the chain does not hold.
pub async fn events(store: &dyn Store) -> Result<(Vec<Event>, Head), StoreError> {
    const PAGE: u32 = 1000;
    let mut walk = Verifier::default();
    let mut events = Vec::new();
    loop {
        let links = store.log(events.len() as u64, PAGE).await?;
        if links.is_empty() {
            break;
        }
        for link in &links {
            events.push(walk.next(link)?);
        }
    }
    Ok((events, walk.finish()?))
}
