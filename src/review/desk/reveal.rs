//! The other side of an item, for who has decided on it: judges, triggers, colleagues, and what the run before answered.

use std::collections::HashMap;

use super::{Desk, Who};
use crate::domain::{AgentName, CaseId, Digest, RunId, SetName, TrialRow, Trigger};
use crate::error::AppError;
use crate::review::session::{RevealView, Seen};

/// Where the run before has its answers.
pub(super) type Before = Option<(RunId, HashMap<(SetName, CaseId, AgentName, u16), u64>)>;

/// A dispute came after the run: only the log knows of it.
fn with_disputes(mut view: RevealView, disputed: bool) -> RevealView {
    if disputed && !view.triggers.contains(&Trigger::Disputed) {
        view.triggers.push(Trigger::Disputed);
        view.triggers.sort_unstable();
    }
    view
}

impl Desk {
    /// The other side.
    ///
    /// # Errors
    /// A usage error for who has not decided on it; when the store fails.
    pub async fn reveal(&self, who: &Who, item: &Digest) -> Result<RevealView, AppError> {
        let now = self.snapshot().await?;
        let not_yet = || AppError::usage("the other side is shown to who has decided on the item");
        let seen = Seen::find(now.ledger(), item, who.name()).ok_or_else(not_yet)?;
        let grade = now.ledger().grades().all().iter().find(|g| g.id == *seen.decision()).ok_or_else(not_yet)?;
        let on = grade.decision.on.clone();
        let (head, row) = self.row(&on).await?;
        let view = head.rubric_of(&on.set).and_then(|r| RevealView::of(&seen, &row, r)).ok_or_else(not_yet)?;
        let notes: Vec<Digest> = now.ledger().grades().on(item).filter_map(|g| g.decision.note).collect();
        let texts = self.store.texts(notes).await?;
        let view = view.with_others(&seen, now.ledger(), &texts);
        // An open warm-up shows its key.
        let key = now.ledger().grades().on(item).filter(|g| g.by != *who.name()).last().and_then(crate::domain::Grade::last);
        let view = match key {
            Some(key) => view.with_key(&seen, key),
            None => view,
        };
        let view = with_disputes(view, !now.ledger().disputes(item).is_empty());
        let Ok(output) = &row.answer else { return Ok(view) };
        Ok(match self.previous(&row).await? {
            Some((run, before)) => view.with_previous(&run, &before, &output.text),
            None => view,
        })
    }

    /// What the newest earlier run with the same agent answered to the same case.
    async fn previous(&self, row: &TrialRow) -> Result<Option<(RunId, String)>, AppError> {
        let Some((run, places)) = self.before.get_or_try_init(|| self.index_before()).await? else { return Ok(None) };
        let key = (row.key.set.clone(), row.case.id.clone(), row.key.agent.clone(), row.key.trial);
        let Some(seq) = places.get(&key) else { return Ok(None) };
        let before = self.store.trial(run, *seq).await?;
        Ok(before.and_then(|r| r.answer.ok()).map(|o| (run.clone(), o.text)))
    }

    async fn index_before(&self) -> Result<Before, AppError> {
        let earlier = self.store.runs().await?.into_iter().find(|r| {
            r.created_ms < self.head.created_ms
                && Some(&r.id) != self.head.judged_from.as_ref()
                && r.agents.iter().any(|a| self.head.agents.iter().any(|b| b.name == a.name))
                && r.sets.iter().any(|s| self.head.sets.iter().any(|t| t.name == s.name))
        });
        let Some(run) = earlier else { return Ok(None) };
        let mut places = HashMap::new();
        let mut after = None;
        loop {
            let page = self.store.page(&run.id, after, super::PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.seq);
            for r in &page {
                places.insert((r.key.set.clone(), r.case.id.clone(), r.key.agent.clone(), r.key.trial), r.key.seq);
            }
        }
        Ok(Some((run.id, places)))
    }
}
