//! The writer thread: takes what is waiting, commits it as one transaction, then acknowledges.

use std::sync::mpsc::{Receiver, Sender, channel};

use rusqlite::{Connection, TransactionBehavior, params};
use serde::Serialize;
use tokio::sync::oneshot;

use super::accounts::AccountOp;
use super::{accounts, claims, log};
use crate::domain::log::{Entry, Head};
use crate::domain::{
    Ballot, ClaimAsk, Claimed, Design, DesignItem, Digest, GraderName, ReviewItem, RunHead, RunId, RunStatus, StoredDraft, Submission,
    Submitted, Tally, TrialRow,
};
use crate::store::{StoreError, Stored};

/// The most writes in one transaction. Callers wait for their acknowledgement, so the queue is as long as work in flight.
const BATCH: usize = 500;

/// One write, with its texts made already (on the caller's thread).
pub enum Op {
    CreateRun { id: RunId, key: String, created_ms: i64, status: RunStatus, finished_ms: Option<i64>, head: String },
    SetStatus { run: RunId, status: RunStatus, finished_ms: Option<i64> },
    Output { run: RunId, row: Box<OutputRow> },
    Ballot { run: RunId, seq: i64, judge: String, sample: i64, scored: bool, body: String },
    Tally { run: RunId, seq: i64, body: String },
    Items { run: RunId, items: Vec<(i64, String)> },
    Append { entries: Vec<Entry>, texts: Vec<(String, String)> },
    EraseText { digest: String },
    Design { run: RunId, body: String, items: Vec<u8> },
    Claim(ClaimAsk),
    Extend { item: Digest, grader: GraderName, until_ms: i64 },
    Release { item: Digest, grader: GraderName },
    Submit { submission: Box<Submission>, texts: Vec<(String, String)> },
    PutDraft(StoredDraft),
    DeleteDraft { item: Digest, grader: GraderName },
    Account(AccountOp),
}

/// What a write gives back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// Nothing but that it is done.
    Done,
    /// The end of the log.
    Log(Head),
    /// Whether something was changed.
    Changed(bool),
    /// Whether a slot was given.
    Claim(Claimed),
    /// Whose invite it was.
    Account(Option<crate::store::accounts::Account>),
    /// What became of a decision.
    Submitted(Submitted),
}

/// The columns of an output.
pub struct OutputRow {
    seq: i64,
    agent: String,
    set: String,
    case_id: String,
    trial: i64,
    case_body_digest: String,
    case_body: String,
    case_digest: String,
    answered: bool,
    body: String,
    spend: String,
}

fn json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Failed { what: "write a value as JSON", source: e.into() })
}

/// Texts with their digests.
fn named(texts: Vec<String>) -> Vec<(String, String)> {
    texts.into_iter().map(|t| (Digest::of_bytes(t.as_bytes()).to_string(), t)).collect()
}

fn int(n: u64) -> Result<i64, StoreError> {
    i64::try_from(n).map_err(|e| StoreError::Failed { what: "store a number over 2^63", source: e.into() })
}

impl Op {
    pub fn create_run(head: &RunHead) -> Result<Self, StoreError> {
        Ok(Self::CreateRun {
            id: head.id.clone(),
            key: head.key.to_string(),
            created_ms: head.created_ms,
            status: head.status,
            finished_ms: head.finished_ms,
            head: json(head)?,
        })
    }

    pub fn output(run: &RunId, row: &TrialRow) -> Result<Self, StoreError> {
        let case_body = json(&*row.case)?;
        Ok(Self::Output {
            run: run.clone(),
            row: Box::new(OutputRow {
                seq: int(row.key.seq)?,
                agent: row.key.agent.to_string(),
                set: row.key.set.to_string(),
                case_id: row.case.id.to_string(),
                trial: i64::from(row.key.trial),
                case_body_digest: Digest::of_bytes(case_body.as_bytes()).to_string(),
                case_body,
                case_digest: row.case_digest.to_string(),
                answered: row.answer.is_ok(),
                body: json(&row.answer)?,
                spend: json(&row.spend)?,
            }),
        })
    }

    pub fn ballot(run: &RunId, seq: u64, b: &Ballot) -> Result<Self, StoreError> {
        Ok(Self::Ballot {
            run: run.clone(),
            seq: int(seq)?,
            judge: b.judge.to_string(),
            sample: i64::from(b.sample),
            scored: b.outcome.is_ok(),
            body: json(b)?,
        })
    }

    pub fn tally(run: &RunId, seq: u64, t: &Tally) -> Result<Self, StoreError> {
        Ok(Self::Tally { run: run.clone(), seq: int(seq)?, body: json(t)? })
    }

    pub fn items(run: &RunId, items: &[ReviewItem]) -> Result<Self, StoreError> {
        let items = items.iter().map(|i| Ok((int(i.seq)?, json(i)?))).collect::<Result<_, StoreError>>()?;
        Ok(Self::Items { run: run.clone(), items })
    }

    pub fn append(entries: Vec<Entry>, texts: Vec<String>) -> Self {
        Self::Append { entries, texts: named(texts) }
    }

    pub fn submit(mut submission: Submission) -> Self {
        let texts = named(std::mem::take(&mut submission.texts));
        Self::Submit { submission: Box::new(submission), texts }
    }

    pub fn design(run: &RunId, design: &Design, items: &[DesignItem]) -> Result<Self, StoreError> {
        let items = items.iter().flat_map(DesignItem::to_bytes).collect();
        Ok(Self::Design { run: run.clone(), body: json(design)?, items })
    }

    fn apply(&self, c: &Connection) -> rusqlite::Result<Written> {
        match self {
            Self::CreateRun { id, key, created_ms, status, finished_ms, head } => {
                c.prepare_cached("insert into runs (id, key, created_ms, finished_ms, status, head) values (?1, ?2, ?3, ?4, ?5, ?6)")?
                    .execute(params![id.as_str(), key, created_ms, finished_ms, status.word(), head])?;
            }
            Self::SetStatus { run, status, finished_ms } => {
                c.prepare_cached("update runs set status = ?2, finished_ms = ?3 where id = ?1")?.execute(params![
                    run.as_str(),
                    status.word(),
                    finished_ms
                ])?;
            }
            Self::Output { run, row } => {
                c.prepare_cached("insert into cases (digest, body) values (?1, ?2) on conflict (digest) do nothing")?
                    .execute(params![row.case_body_digest, row.case_body])?;
                c.prepare_cached(
                    "insert into outputs (run, seq, agent, set_name, case_id, trial, case_body, case_digest, answered, body, spend)
                     values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                     on conflict (run, seq) do update set answered = excluded.answered, body = excluded.body, spend = excluded.spend",
                )?
                .execute(params![
                    run.as_str(),
                    row.seq,
                    row.agent,
                    row.set,
                    row.case_id,
                    row.trial,
                    row.case_body_digest,
                    row.case_digest,
                    i64::from(row.answered),
                    row.body,
                    row.spend
                ])?;
            }
            Self::Ballot { run, seq, judge, sample, scored, body } => {
                c.prepare_cached(
                    "insert into ballots (run, seq, judge, sample, scored, body) values (?1, ?2, ?3, ?4, ?5, ?6)
                     on conflict (run, seq, judge, sample) do update set scored = excluded.scored, body = excluded.body",
                )?
                .execute(params![run.as_str(), seq, judge, sample, i64::from(*scored), body])?;
            }
            Self::Tally { run, seq, body } => {
                c.prepare_cached(
                    "insert into tallies (run, seq, body) values (?1, ?2, ?3) on conflict (run, seq) do update set body = excluded.body",
                )?
                .execute(params![run.as_str(), seq, body])?;
            }
            Self::Items { run, items } => {
                c.prepare_cached("delete from items where run = ?1")?.execute([run.as_str()])?;
                let mut insert = c.prepare_cached("insert into items (run, seq, body) values (?1, ?2, ?3)")?;
                for (seq, body) in items {
                    insert.execute(params![run.as_str(), seq, body])?;
                }
            }
            Self::Append { entries, texts } => return log::append(c, entries, texts).map(Written::Log),
            Self::EraseText { digest } => {
                let n = c.prepare_cached("update texts set body = null where digest = ?1 and body is not null")?.execute([digest])?;
                return Ok(Written::Changed(n > 0));
            }
            Self::Claim(ask) => return claims::claim(c, ask).map(Written::Claim),
            Self::Extend { item, grader, until_ms } => return claims::extend(c, item, grader, *until_ms).map(Written::Changed),
            Self::Release { item, grader } => return claims::release(c, item, grader).map(Written::Changed),
            Self::Submit { submission, texts } => return claims::submit(c, submission, texts).map(Written::Submitted),
            Self::PutDraft(draft) => claims::put_draft(c, draft)?,
            Self::DeleteDraft { item, grader } => return claims::delete_draft(c, grader, item).map(Written::Changed),
            Self::Account(op) => return accounts::apply(c, op),
            Self::Design { run, body, items } => {
                let number: i64 = c
                    .prepare_cached("select coalesce(max(number), 0) + 1 from designs where run = ?1")?
                    .query_row([run.as_str()], |r| r.get(0))?;
                c.prepare_cached("insert into designs (run, number, body, items) values (?1, ?2, ?3, ?4)")?.execute(params![
                    run.as_str(),
                    number,
                    body,
                    items
                ])?;
            }
        }
        Ok(Written::Done)
    }
}

type Ack = oneshot::Sender<Result<Written, StoreError>>;

/// The sending side of the writer thread. Dropping it lets the thread finish what is queued and end.
pub struct Writer {
    queue: Option<Sender<(Op, Ack)>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread that owns the writing connection.
    pub fn start(c: Connection) -> Self {
        let (queue, waiting) = channel();
        let thread = std::thread::spawn(move || serve(c, &waiting));
        Self { queue: Some(queue), thread: Some(thread) }
    }

    /// A writer that has ended: every write fails.
    pub fn closed() -> Self {
        Self { queue: None, thread: None }
    }

    /// Queues a write; the future resolves once it is durable.
    pub fn send<'a>(&self, op: Result<Op, StoreError>) -> Stored<'a, Written> {
        let (ack, done) = oneshot::channel();
        let queued = op.map(|op| self.queue.as_ref().is_some_and(|q| q.send((op, ack)).is_ok()));
        Box::pin(async move {
            queued?;
            // A queue that is gone drops the acknowledgement, which reads as an error here.
            done.await.unwrap_or_else(|e| Err(StoreError::Failed { what: "write: its writer has ended", source: e.into() }))
        })
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(t) = self.thread.take() {
            _ = t.join();
        }
    }
}

fn serve(mut c: Connection, waiting: &Receiver<(Op, Ack)>) {
    let mut erased = false;
    while let Ok(first) = waiting.recv() {
        let mut batch = vec![first];
        batch.extend(waiting.try_iter().take(BATCH - 1));
        erased |= batch.iter().any(|(op, _)| matches!(op, Op::EraseText { .. }));
        if let Ok(all) = commit(&mut c, batch.iter().map(|(op, _)| op)) {
            for ((_, ack), written) in batch.into_iter().zip(all) {
                _ = ack.send(Ok(written)); // a caller that went away no longer cares
            }
        } else {
            for (op, ack) in batch {
                let done = commit(&mut c, std::iter::once(&op));
                let written = done.map(|all| all.into_iter().next().unwrap_or(Written::Done));
                _ = ack.send(written.map_err(|e| super::failure("write", e)));
            }
        }
    }
    // Leave a tidy file behind; a failure here costs nothing but a longer WAL.
    // What was erased must not live on in the log of writes.
    _ = c.execute_batch(if erased { "pragma wal_checkpoint(truncate)" } else { "pragma wal_checkpoint(passive)" });
}

fn commit<'a>(c: &mut Connection, ops: impl Iterator<Item = &'a Op>) -> rusqlite::Result<Vec<Written>> {
    let t = c.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let written = ops.map(|op| op.apply(&t)).collect::<rusqlite::Result<Vec<_>>>()?;
    t.commit()?;
    Ok(written)
}
