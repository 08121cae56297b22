//! Puts an item on somebody's desk: picks, claims its slot in one step, and reads what is shown. A slot that somebody else took in
//! the meantime is no error: the next one is tried.

use super::{Desk, Snapshot, Who};
use crate::domain::claim::{ANY_SLOTS, LEASE_MS};
use crate::domain::{ClaimAsk, Claimed, Digest};
use crate::error::AppError;
use crate::review::queue::{Filter, Item, Pick, Serve};
use crate::review::session::{Answer, Draft, Load, Task};

/// How often a race is run again before it is given up.
const TRIES: usize = 8;

impl Desk {
    /// The best item for a person now, claimed.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn pick(&self, who: &Who, filter: &Filter) -> Result<Answer, AppError> {
        self.load(who, Load::Next, filter).await
    }

    /// Loads an item: `Loaded` with its slot claimed and the draft that was kept, or `Nothing` with the reason.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn load(&self, who: &Who, what: Load, filter: &Filter) -> Result<Answer, AppError> {
        for _ in 0..TRIES {
            let now = self.snapshot().await?;
            let audit = now.known.gold().due(&who.person, now.ledger(), self.setup.policy.seed);
            if let Some(serve) = audit.filter(|s| match what {
                Load::Next => true,
                Load::Item(d) => s.gold().on.item == d,
                Load::After(_) | Load::Before(_) => false,
            }) {
                return self.audit(who, serve, &now).await;
            }
            let picks = now.queue.picks(&who.person, filter);
            let at = |d: Digest| picks.iter().position(|p| p.item.digest() == d);
            let found = match what {
                Load::Next => picks.first(),
                Load::Item(d) => at(d).and_then(|i| picks.get(i)),
                Load::After(d) => at(d).map_or(picks.first(), |i| picks.get(i + 1).or(picks.first())),
                Load::Before(d) => at(d).map_or(picks.first(), |i| picks.get(i.wrapping_sub(1)).or(picks.last())),
            };
            let Some(pick) = found else {
                return Ok(Answer::Nothing(Self::why_not(who, what, filter, &now)));
            };
            match self.store.claim(pick.ask(who.name(), now.now_ms)).await? {
                Claimed::Yes(_) => return Ok(Answer::Loaded(Box::new(self.task(who, pick, &now).await?))),
                Claimed::Full { .. } | Claimed::Done { .. } => {}
            }
        }
        Ok(Answer::Nothing("others are quicker at the moment: try again".to_owned()))
    }

    /// Why nothing can be loaded, in words.
    fn why_not(who: &Who, what: Load, filter: &Filter, now: &Snapshot) -> String {
        let clock = |ms: i64| time_of_day(ms);
        if let Load::Item(d) = what
            && let Some(item) = now.queue.get(&d)
        {
            if let Err(bar) = now.queue.may(&who.person, item) {
                return format!("not for you now: {}", bar.words(1, &clock));
            }
            if !item.state.is_open() {
                return format!("this item is {}", item.state.word());
            }
        }
        now.queue.why_empty(&who.person, filter).text(&clock)
    }

    async fn audit(&self, who: &Who, serve: Serve<'_>, now: &Snapshot) -> Result<Answer, AppError> {
        let on = &serve.gold().on;
        let (head, row) = self.row(on).await?;
        let until_ms = now.now_ms.saturating_add(LEASE_MS);
        let ask =
            ClaimAsk { item: on.item, seat: serve.seat(), slots: ANY_SLOTS, grader: who.name().clone(), now_ms: now.now_ms, until_ms };
        self.store.claim(ask).await?;
        let draft = self.draft(who, &on.item).await?;
        let rubric = head.rubric_of(&on.set);
        let task = rubric.and_then(|r| Task::of_gold(serve, &row, r, now.ledger(), who.name(), draft.as_deref()));
        task.map(|t| Answer::Loaded(Box::new(t))).ok_or_else(|| unreadable(on.seq))
    }

    async fn task(&self, who: &Who, pick: &Pick<'_>, now: &Snapshot) -> Result<Task, AppError> {
        let on = pick.item.on();
        let (head, row) = self.row(on).await?;
        let draft = self.draft(who, &on.item).await?;
        let rubric = head.rubric_of(&on.set);
        rubric.and_then(|r| Task::of(pick, &row, r, now.ledger(), who.name(), draft.as_deref())).ok_or_else(|| unreadable(on.seq))
    }

    /// An item as this person would see it, without taking it: for `review show`.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn look(&self, who: &Who, item: &Item, now: &Snapshot) -> Result<Task, AppError> {
        let pick = Pick { item, seat: item.seat, slots: item.wanted, resumed: false };
        self.task(who, &pick, now).await
    }

    /// What a person has left on an item.
    async fn draft(&self, who: &Who, item: &Digest) -> Result<Option<String>, AppError> {
        Ok(self.store.drafts(who.name()).await?.into_iter().find(|d| d.item == *item).map(|d| d.body))
    }

    /// Where a person goes on: what they held last, else their newest draft; absent where neither can be taken now.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn resume(&self, who: &Who, filter: &Filter) -> Result<Option<Digest>, AppError> {
        let now = self.snapshot().await?;
        let picks = now.queue.picks(&who.person, filter);
        let open = |d: &Digest| picks.iter().any(|p| p.item.digest() == *d);
        // A lease of a sitting is renewed by every change: the one that lasts longest is of the item looked at last. Longer ones are
        // reservations of an offline file.
        let sitting = now.now_ms.saturating_add(LEASE_MS);
        let mine = now.claims.iter().filter(|c| c.grader == *who.name() && c.until_ms <= sitting && open(&c.item));
        if let Some(last) = mine.max_by_key(|c| c.until_ms) {
            return Ok(Some(last.item));
        }
        let drafts = self.store.drafts(who.name()).await?;
        Ok(drafts.into_iter().filter(|d| !Draft::of_body(&d.body).is_empty()).map(|d| d.item).find(open))
    }
}

fn unreadable(seq: u64) -> AppError {
    AppError::new(crate::error::Exit::Integrity, format!("trial {seq} is not what was to be looked at"))
}

/// A time of day where the reader is: `14:20`.
#[must_use]
pub fn time_of_day(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .map_or_else(|_| "later".to_owned(), |t| t.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M").to_string())
}
