//! Where trials come from: a fresh plan beside what an earlier attempt left, or the stored outputs of another run.
//!
//! Both sides are in order of `seq`, so they are merged in one pass with a page in memory.

use std::collections::VecDeque;
use std::sync::Arc;

use super::plan::{Plan, PlannedTrial};
use crate::domain::{Digest, Rubric, RunHead, RunId, SetName, TrialRow};
use crate::error::AppError;
use crate::store::{Store, StoreError};

/// Rows a page.
pub const PAGE: u32 = 500;

/// A run's stored rows in order, a page at a time.
pub struct Rows {
    store: Arc<dyn Store>,
    run: RunId,
    buffer: VecDeque<TrialRow>,
    after: Option<u64>,
    more: bool,
}

impl Rows {
    /// All rows of a run.
    pub fn new(store: Arc<dyn Store>, run: RunId) -> Self {
        Self { store, run, buffer: VecDeque::new(), after: None, more: true }
    }

    async fn fill(&mut self) -> Result<(), StoreError> {
        if self.buffer.is_empty() && self.more {
            let page = self.store.page(&self.run, self.after, PAGE).await?;
            self.more = page.len() == PAGE as usize;
            self.after = page.last().map_or(self.after, |r| Some(r.key.seq));
            self.buffer = page.into();
        }
        Ok(())
    }

    /// The next row.
    pub async fn next(&mut self) -> Result<Option<TrialRow>, StoreError> {
        self.fill().await?;
        Ok(self.buffer.pop_front())
    }

    /// The row with this position, passing over earlier ones. Positions must be asked for in ascending order.
    async fn at(&mut self, seq: u64) -> Result<Option<TrialRow>, StoreError> {
        loop {
            self.fill().await?;
            match self.buffer.front() {
                Some(r) if r.key.seq < seq => _ = self.buffer.pop_front(),
                Some(r) if r.key.seq == seq => return Ok(self.buffer.pop_front()),
                _ => return Ok(None),
            }
        }
    }
}

/// Whether a stored row is of this very trial. The run's key makes sure of it, but a position alone proves nothing.
fn same(row: &TrialRow, planned: &PlannedTrial) -> bool {
    row.key == planned.key && row.case_digest == planned.case_digest
}

/// A trial to run, with what is known of it already.
pub struct Fed {
    /// The trial.
    pub planned: PlannedTrial,
    /// What the store holds of it.
    pub prior: Option<TrialRow>,
    /// The stored failure of the agent stands: nobody is asked for an output.
    pub given: bool,
}

/// The source of trials.
pub enum Feed {
    /// A plan, beside the rows of the same run from an earlier attempt (absent for a new run).
    Planned(Box<Plan>, Option<Rows>),
    /// The outputs of another run, to be judged again by these rubrics.
    Stored(Box<Stored>),
}

/// Another run's outputs, and what the new run makes of them.
pub struct Stored {
    /// The other run's rows.
    pub rows: Rows,
    /// Rubrics by set.
    pub rubrics: Vec<(SetName, Arc<Rubric>)>,
    /// Agents of the run, to find an index by name.
    pub head: RunHead,
    /// Rows of the new run from an earlier attempt.
    pub prior: Option<Rows>,
}

impl Feed {
    /// The next trial.
    pub async fn next(&mut self) -> Result<Option<Fed>, AppError> {
        match self {
            Self::Planned(plan, prior) => {
                let Some(planned) = plan.next().transpose()? else { return Ok(None) };
                let prior = match prior {
                    Some(rows) => rows.at(planned.key.seq).await?.filter(|r| same(r, &planned)),
                    None => None,
                };
                Ok(Some(Fed { planned, prior, given: false }))
            }
            Self::Stored(s) => s.next().await,
        }
    }
}

impl Stored {
    async fn next(&mut self) -> Result<Option<Fed>, AppError> {
        let Some(mut row) = self.rows.next().await? else { return Ok(None) };
        let rubric = self.rubrics.iter().find(|(set, _)| *set == row.key.set).map(|(_, r)| Arc::clone(r));
        let agent = self.head.agents.iter().position(|a| a.name == row.key.agent);
        let (Some(rubric), Some(agent)) = (rubric, agent) else {
            return Err(AppError::usage(format!("stored trial {} names a set or an agent that its run does not have", row.key.seq)));
        };
        let planned =
            PlannedTrial { key: row.key.clone(), agent, case: Arc::clone(&row.case), case_digest: Digest::clone(&row.case_digest), rubric };
        let prior = match &mut self.prior {
            Some(rows) => rows.at(planned.key.seq).await?.filter(|r| same(r, &planned)),
            None => None,
        };
        // The output was paid for by the other run; here it costs nothing.
        row.spend = crate::domain::Spend::default();
        row.ballots.clear();
        row.tally = None;
        row.item = None;
        Ok(Some(Fed { planned, prior: prior.or(Some(row)), given: true }))
    }
}
