//! Which item a word means: a trial's number, a case, or the beginning of a case's or an item's name.

use super::{Desk, Snapshot};
use crate::domain::TrialRow;
use crate::domain::log::ItemRef;
use crate::error::AppError;
use crate::review::queue::Item;
use crate::source::did_you_mean;

fn several(word: &str, of: &[&Item]) -> AppError {
    let some: Vec<String> = of.iter().take(6).map(|i| format!("{} ({})", i.on().seq, i.on().case)).collect();
    AppError::usage(format!("`{word}` means {} items", of.len())).with_help(format!("name one by its number: {}", some.join(", ")))
}

impl Desk {
    /// The item of the queue that a word means: a number (`seq`), a case, the beginning of one, or of the item's digest.
    ///
    /// # Errors
    /// A usage error when none or several are meant.
    pub fn find<'a>(&self, snapshot: &'a Snapshot, word: &str) -> Result<&'a Item, AppError> {
        let items = snapshot.queue.items();
        if let Ok(seq) = word.parse::<u64>()
            && let Some(i) = items.iter().find(|i| i.on().seq == seq)
        {
            return Ok(i);
        }
        let passes: [&dyn Fn(&Item) -> bool; 3] = [&|i| i.on().case.as_str() == word, &|i| i.on().case.as_str().starts_with(word), &|i| {
            word.len() >= 4 && i.digest().to_string().starts_with(&word.to_ascii_lowercase())
        }];
        for pass in passes {
            let found: Vec<&Item> = items.iter().filter(|i| pass(i)).collect();
            match found.as_slice() {
                [] => {}
                [one] => return Ok(one),
                many => return Err(several(word, many)),
            }
        }
        let near = did_you_mean(word, items.iter().map(|i| i.on().case.as_str()));
        let help = near.unwrap_or_else(|| format!("`tribunal queue {}` lists them", self.head.id));
        Err(AppError::usage(format!("run {} has no item `{word}`", self.head.id)).with_help(help))
    }

    /// The answers of a case in this run: whether they are in the queue or not.
    ///
    /// # Errors
    /// When the store fails; a usage error for a case that the run does not have.
    pub async fn answers_of(&self, case: &str) -> Result<Vec<ItemRef>, AppError> {
        let found = self.refs(&|row| row.case.id.as_str() == case).await?;
        if found.is_empty() {
            return Err(AppError::usage(format!("run {} has no answer to a case `{case}`", self.head.id))
                .with_help(format!("`tribunal show {}` lists its cases", self.head.id)));
        }
        Ok(found)
    }

    /// The answers of this run to cases that a test lets through.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn refs(&self, lets: &(dyn Fn(&TrialRow) -> bool + Sync)) -> Result<Vec<ItemRef>, AppError> {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = self.store.page(&self.head.id, after, super::PAGE).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.key.seq);
            for row in page.iter().filter(|r| lets(r)) {
                if let Some(l) = crate::review::queue::Listed::of(row, &self.head) {
                    found.push(l.on);
                }
            }
        }
        Ok(found)
    }
}
