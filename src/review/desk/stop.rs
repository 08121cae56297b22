//! The stop rule on a real run: the gate with every open item passing, and with every one failing.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Desk, Gate};
use crate::domain::{RunHead, Score, Verdict};
use crate::error::AppError;
use crate::gate::{GateBuilder, GateSpec, GateVerdict};
use crate::review::queue::{Assume, Stop};
use crate::store::Store;

/// The gate of a spec over a stored run, with people's scores in place of the judges' where they are given.
#[must_use]
pub fn gate_of(store: Arc<dyn Store>, head: RunHead, spec: GateSpec) -> Gate {
    Arc::new(move |scores| {
        let handle = tokio::runtime::Handle::current();
        let mut builder = GateBuilder::new(&head, spec.clone());
        let mut after = None;
        loop {
            let page = handle.block_on(store.page(&head.id, after, super::PAGE))?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.seq);
            for mut row in page {
                if let (Some(score), Some(tally)) = (scores.get(&row.key.seq), &mut row.tally) {
                    tally.verdict = Verdict::Settled { score: *score };
                }
                builder.add(&row);
            }
        }
        Ok(builder.finish().found)
    })
}

impl Desk {
    /// Whether going on can still change the gate's verdict; absent without a gate. Asked once for every change of the log.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn stop(&self) -> Result<Option<Stop>, AppError> {
        let Some(gate) = &self.setup.gate else { return Ok(None) };
        let now = self.snapshot().await?;
        let at = now.known.events().len() as u64;
        let mut last = self.stopped.lock().await;
        if let Some((when, stop)) = *last
            && when == at
        {
            return Ok(Some(stop));
        }
        let given = |open: Score| -> HashMap<u64, Score> {
            let of = |i: &crate::review::queue::Item| {
                let l = &i.listed;
                let label = now.ledger().grades().label(&l.on.item, l.mark, l.risk).score();
                if i.state.is_open() { Some((l.on.seq, open)) } else { label.map(|s| (l.on.seq, s)) }
            };
            now.queue.items().iter().filter_map(of).collect()
        };
        let ends = [given(Score::ALL[4]), given(Score::ALL[0])];
        let gate = Arc::clone(gate);
        let verdicts: Result<Vec<GateVerdict>, AppError> = tokio::task::spawn_blocking(move || ends.iter().map(|e| gate(e)).collect())
            .await
            .map_err(|e| AppError::new(crate::error::Exit::Incomplete, "the gate could not be asked").because(e))?;
        let verdicts = verdicts?;
        let stop = now.queue.stop(|assume| match assume {
            Assume::AllPass => verdicts[0],
            Assume::AllFail => verdicts[1],
        });
        *last = Some((at, stop));
        Ok(Some(stop))
    }
}
