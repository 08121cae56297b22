//! Carries out what a session asks for, one effect after the other, and stops at the first that fails.

use std::collections::{HashMap, VecDeque};

use super::{Desk, Who, new_event_id};
use crate::domain::claim::LEASE_MS;
use crate::domain::log::{Act, Entry};
use crate::domain::{Digest, EventId, StoredDraft, Submission, Submitted, Taken};
use crate::error::AppError;
use crate::review::queue::Filter;
use crate::review::session::{Answer, Done, Effect, Outgoing, Session, history, texts_of, usual_seconds};

impl Desk {
    /// A sitting begins where the last one was left. Gives what there is to say.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn start(&self, who: &Who, filter: &Filter) -> Result<(Session, Vec<String>), AppError> {
        let resume = self.resume(who, filter).await?;
        self.start_at(who, filter, resume).await
    }

    /// A sitting begins with this item.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn start_at(&self, who: &Who, filter: &Filter, item: Option<Digest>) -> Result<(Session, Vec<String>), AppError> {
        let earlier = self.history(who).await?;
        let usual = usual_seconds(self.snapshot().await?.ledger(), who.name());
        let (mut session, effects) = Session::start(who.via, earlier, usual, item, self.now_ms());
        let said = self.carry_out(who, filter, &mut session, effects).await;
        Ok((session, said))
    }

    /// The person's own acts that may still be taken back, oldest first.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn history(&self, who: &Who) -> Result<Vec<Done>, AppError> {
        let now = self.snapshot().await?;
        let mine = now.known.events().iter().filter(|e| e.entry.by.name == *who.name());
        let named: Vec<Digest> = mine
            .flat_map(|e| match &e.entry.act {
                Act::Decided(d) => texts_of(d),
                _ => Vec::new(),
            })
            .collect();
        let texts: HashMap<Digest, String> = self.store.texts(named).await?;
        Ok(history(now.known.events(), now.ledger(), who.name(), &texts))
    }

    /// Carries effects out and feeds the answers back, until nothing is left to do. Gives what there is to say to the person. A store
    /// that fails is an answer too: the session says so and loses nothing.
    pub async fn carry_out(&self, who: &Who, filter: &Filter, session: &mut Session, effects: Vec<Effect>) -> Vec<String> {
        let mut todo: VecDeque<Effect> = effects.into();
        let mut said = Vec::new();
        while let Some(effect) = todo.pop_front() {
            if let Effect::Say(text) = effect {
                said.push(text);
                continue;
            }
            let answer = match self.effect(who, filter, effect).await {
                Ok(None) => continue,
                Ok(Some(answer)) => answer,
                Err(e) => {
                    todo.clear();
                    Answer::Failed(e.to_string())
                }
            };
            todo.extend(session.answer(answer, self.now_ms()));
        }
        said
    }

    async fn effect(&self, who: &Who, filter: &Filter, effect: Effect) -> Result<Option<Answer>, AppError> {
        match effect {
            Effect::SaveDraft { item, body } => self.save_draft(who, item, body).await?,
            Effect::DropDraft(item) => _ = self.store.delete_draft(who.name(), &item).await?,
            Effect::Release(item) => _ = self.release(who, &item).await?,
            Effect::Submit(out) => {
                let id = new_event_id();
                let taken = self.submit(who, *out, &id).await?.taken;
                return Ok(Some(Answer::Recorded { id, taken }));
            }
            Effect::Append { act, texts } => {
                let id = self.append(who, act, texts).await?;
                return Ok(Some(Answer::Recorded { id, taken: Taken::InTime }));
            }
            Effect::Load(what) => return self.load(who, what, filter).await.map(Some),
            Effect::Reveal(item) => return self.reveal(who, &item).await.map(|v| Some(Answer::Revealed(Box::new(v)))),
            Effect::Say(_) | Effect::Leave => {}
        }
        Ok(None)
    }

    /// Puts a decision into the log under this id: sending it twice records it once.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn submit(&self, who: &Who, out: Outgoing, id: &EventId) -> Result<Submitted, AppError> {
        let Outgoing { decision, texts, slots } = out;
        let submission = Submission { id: id.clone(), at_ms: self.now_ms(), by: who.author(), decision, texts, slots };
        Ok(self.store.submit(submission).await?)
    }

    /// Puts an act into the log; gives its new id.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn append(&self, who: &Who, act: Act, texts: Vec<String>) -> Result<EventId, AppError> {
        let id = new_event_id();
        let entry = Entry { id: id.clone(), at_ms: self.now_ms(), by: who.author(), act };
        self.store.append(vec![entry], texts).await?;
        Ok(id)
    }

    /// Keeps a draft, which is a sign of life too.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn save_draft(&self, who: &Who, item: Digest, body: String) -> Result<(), AppError> {
        let at_ms = self.now_ms();
        self.store.put_draft(StoredDraft { item, grader: who.name().clone(), body, at_ms }).await?;
        self.heartbeat(who, &item).await?;
        Ok(())
    }

    /// A sign of life: the lease lasts for another quarter of an hour. False if it was lost.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn heartbeat(&self, who: &Who, item: &Digest) -> Result<bool, AppError> {
        Ok(self.store.extend_claim(item, who.name(), self.now_ms().saturating_add(LEASE_MS)).await?)
    }

    /// Gives a slot back; the draft is kept.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn release(&self, who: &Who, item: &Digest) -> Result<bool, AppError> {
        Ok(self.store.release_claim(item, who.name()).await?)
    }
}
