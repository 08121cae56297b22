//! The session itself: what each intent does in each stage.
//!
//! Invariant: nothing is decided but by an explicit intent; a decision is recorded before the next item is asked for; whatever was
//! entered is in an effect before anything else happens.

use std::collections::HashSet;

use super::draft::Under;
use super::{Answer, Beat, Done, Draft, Effect, Intent, Load, Nudge, Outgoing, RulingDraft, Stage, Task, Undoable};
use crate::domain::log::{Act, Cause, Seat, SkipReason, Via};
use crate::domain::{Digest, EventId, Score, Taken};
use crate::review::queue::Level;

/// What is on its way into the log.
#[derive(Clone, Debug)]
enum Flight {
    Decision { draft: Draft, beat: Beat },
    Skip(Digest),
    Revision { item: Digest, score: Score },
    Settlement(Digest),
    Void(Done),
}

/// One person looking at one item after another.
#[derive(Clone, Debug)]
pub struct Session {
    via: Via,
    stage: Stage,
    done: Vec<Done>,
    folded: HashSet<EventId>,
    beats: Vec<Beat>,
    usual: Option<f64>,
    began_ms: i64,
    last_ms: i64,
    shown_ms: i64,
    warned: bool,
    flight: Option<Flight>,
}

impl Session {
    /// A sitting begins. `earlier` are the person's own acts of other sittings that may still be taken back, oldest first; `usual` is
    /// the median of their seconds. The first effect is to load an item: `resume` where a draft or a claim was left.
    #[must_use]
    pub fn start(via: Via, earlier: Vec<Done>, usual: Option<f64>, resume: Option<Digest>, now_ms: i64) -> (Self, Vec<Effect>) {
        let s = Self {
            via,
            stage: Stage::Loading,
            done: earlier,
            folded: HashSet::new(),
            beats: Vec::new(),
            usual,
            began_ms: now_ms,
            last_ms: now_ms,
            shown_ms: now_ms,
            warned: false,
            flight: None,
        };
        (s, vec![Effect::Load(resume.map_or(Load::Next, Load::Item))])
    }

    /// Where it stands.
    #[must_use]
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// Decisions in this sitting.
    #[must_use]
    pub fn decisions(&self) -> usize {
        self.beats.len()
    }

    /// Own acts that may be taken back, oldest first.
    #[must_use]
    pub fn history(&self) -> &[Done] {
        &self.done
    }

    /// These decisions were folded: they are no longer taken back here.
    pub fn folded(&mut self, decisions: impl IntoIterator<Item = EventId>) {
        self.folded.extend(decisions);
    }

    /// What a person wants.
    pub fn act(&mut self, intent: Intent, now_ms: i64) -> Vec<Effect> {
        if matches!(intent, Intent::Quit) {
            return self.quit(now_ms);
        }
        if self.flight.is_some() {
            return say("one moment: the last decision is being saved");
        }
        match intent {
            Intent::Undo => self.undo(now_ms),
            Intent::Open(item) => self.leave_for(Load::Item(item), now_ms),
            Intent::Previous => self.elsewhere(Load::Before, now_ms),
            Intent::Next => self.elsewhere(Load::After, now_ms),
            Intent::Submit => self.submit(now_ms),
            Intent::Skip(why) => self.skip(why, now_ms),
            Intent::Revise { score, why } => self.revise(score, &why),
            Intent::Settle { score, cause } => self.settle(score, cause),
            edit => self.edit(edit, now_ms),
        }
    }

    /// What the world answers.
    pub fn answer(&mut self, answer: Answer, now_ms: i64) -> Vec<Effect> {
        match answer {
            Answer::Loaded(task) => {
                self.shown_ms = now_ms;
                self.warned = false;
                self.stage = Stage::Blind(task);
                Vec::new()
            }
            Answer::Nothing(why) => {
                self.stage = Stage::Empty(why);
                Vec::new()
            }
            Answer::Recorded { id, taken } => self.recorded(id, taken, now_ms),
            Answer::Revealed(view) => {
                if let Stage::Opening(task) = &self.stage {
                    let settled = task.seat != Seat::Adjudicator;
                    self.stage = Stage::Revealed { task: task.clone(), view, settled };
                }
                Vec::new()
            }
            Answer::Failed(why) => self.failed(&why),
        }
    }

    /// What was entered changes, and is kept at once.
    fn edit(&mut self, edit: Intent, now_ms: i64) -> Vec<Effect> {
        let spent = self.spent(now_ms);
        let Stage::Blind(task) = &mut self.stage else { return Vec::new() };
        let d = &mut task.draft;
        match edit {
            Intent::Choose(s) => d.choice = if d.choice == Some(s) { None } else { Some(s) },
            Intent::Chip(c) => d.chip = if d.chip == Some(c) { None } else { Some(c) },
            Intent::Rule(k) => {
                let same = d.ruling.as_ref().is_some_and(|r| r.kind == k);
                d.ruling = if same { None } else { Some(RulingDraft::new(k)) };
            }
            Intent::RulingText(text) => d.ruling.iter_mut().for_each(|r| r.text.clone_from(&text)),
            Intent::RulingTrials(n) => d.ruling.iter_mut().for_each(|r| r.trials = n),
            Intent::RulingRange(low, high) => d.ruling.iter_mut().for_each(|r| r.range = Some((low, high))),
            Intent::Note(text) => d.note = text,
            Intent::Opened => d.opened = true,
            _ => return Vec::new(),
        }
        vec![save(task, spent)]
    }

    fn submit(&mut self, now_ms: i64) -> Vec<Effect> {
        let seconds = self.spent(now_ms);
        let place = u32::try_from(self.beats.len()).unwrap_or(u32::MAX);
        let Stage::Blind(task) = &self.stage else {
            return match self.stage {
                Stage::Blind(_) | Stage::Sending(_) | Stage::Left => Vec::new(),
                _ => self.elsewhere(Load::After, now_ms),
            };
        };
        let under =
            Under { on: &task.on, seat: task.seat, blind: task.blind, via: self.via, seconds, place, answer: &task.view.answer.text };
        let (decision, texts) = match task.draft.decision(&under) {
            Ok(made) => made,
            Err(not_yet) => return say(&not_yet.to_string()),
        };
        if !self.warned && task.level >= Level::T2 && task.view.answer.is_folded() && !task.draft.opened {
            let n = task.view.answer.hidden_lines;
            self.warned = true;
            return say(&format!("{n} lines of the answer were never opened: open them, or submit again"));
        }
        let outgoing = Outgoing { decision, texts, slots: task.slots };
        self.flight = Some(Flight::Decision { draft: task.draft.clone(), beat: Beat { seconds, score: task.draft.choice } });
        let keep = save(task, seconds);
        self.stage = Stage::Sending(task.clone());
        vec![keep, Effect::Submit(Box::new(outgoing))]
    }

    fn skip(&mut self, why: SkipReason, now_ms: i64) -> Vec<Effect> {
        let spent = self.spent(now_ms);
        let Stage::Blind(task) = &self.stage else { return say("only an open item can be passed on") };
        let (on, keep) = (task.on.clone(), save(task, spent));
        self.flight = Some(Flight::Skip(on.item));
        vec![keep, Effect::Append { act: Act::Skipped { on, why }, texts: Vec::new() }]
    }

    fn revise(&mut self, score: Score, why: &str) -> Vec<Effect> {
        let Stage::Revealed { view, .. } = &self.stage else {
            return say("a score is revised after the reveal; until then just choose another");
        };
        let why = why.trim();
        if why.is_empty() {
            return say("write why you change the score");
        }
        if view.revised.or(view.given) == Some(score) {
            return say("that is the score already");
        }
        let act = Act::Revised { of: view.decision.clone(), score, why: Digest::of_bytes(why.as_bytes()) };
        self.flight = Some(Flight::Revision { item: view.item, score });
        vec![Effect::Append { act, texts: vec![why.to_owned()] }]
    }

    fn settle(&mut self, score: Option<Score>, cause: Cause) -> Vec<Effect> {
        let Stage::Revealed { task, .. } = &self.stage else { return say("a conflict is closed after both sides were shown") };
        if task.seat != Seat::Adjudicator {
            return say("there is no conflict to close here");
        }
        let on = task.on.clone();
        self.flight = Some(Flight::Settlement(on.item));
        vec![Effect::Append { act: Act::Settled { on, score, cause }, texts: Vec::new() }]
    }

    /// Takes the last own act back. A decision comes back as a draft; whoever saw its other side is no longer blind.
    fn undo(&mut self, now_ms: i64) -> Vec<Effect> {
        let Some(last) = self.done.last().cloned() else { return say("there is nothing to take back") };
        if self.folded.contains(&last.id) {
            return say("your last decision is folded into a set: `tribunal fold --undo` reverses that");
        }
        let mut effects = self.put_away(now_ms);
        effects.push(Effect::Append { act: Act::Voided { of: last.id.clone() }, texts: Vec::new() });
        self.flight = Some(Flight::Void(last));
        effects
    }

    fn recorded(&mut self, id: EventId, taken: Taken, now_ms: i64) -> Vec<Effect> {
        let Some(flight) = self.flight.take() else { return Vec::new() };
        match flight {
            Flight::Decision { draft, beat } => {
                let Stage::Sending(task) = &self.stage else { return Vec::new() };
                let (item, task) = (task.on.item, task.clone());
                self.stage = Stage::Opening(task);
                let mut effects = vec![Effect::Reveal(item)];
                if taken == Taken::Twice {
                    effects.push(Effect::DropDraft(item));
                    effects.push(Effect::Say("you had decided on this item already: that decision stands".to_owned()));
                    return effects;
                }
                if taken == Taken::Extra {
                    effects.push(Effect::Say(
                        "your time on this item had run out and others took it: yours is kept as one more opinion".to_owned(),
                    ));
                }
                self.done.push(Done { id, item, what: Undoable::Decision(draft) });
                self.beats.push(beat);
                let minutes = |ms: i64| ms.saturating_sub(self.began_ms) / 60_000;
                if let Some(n) = Nudge::after(&self.beats, self.usual, minutes(now_ms), minutes(self.last_ms)) {
                    effects.push(Effect::Say(n.text()));
                }
                self.last_ms = now_ms;
                effects
            }
            Flight::Skip(item) => {
                self.done.push(Done { id, item, what: Undoable::Skip });
                self.stage = Stage::Loading;
                vec![
                    Effect::Release(item),
                    Effect::Say("passed on: somebody else gets it, you do not".to_owned()),
                    Effect::Load(Load::Next),
                ]
            }
            Flight::Revision { item, score } => {
                self.done.push(Done { id, item, what: Undoable::Revision });
                if let Stage::Revealed { view, .. } = &mut self.stage {
                    view.revised = Some(score);
                }
                say("revised; your blind score is kept beside it")
            }
            Flight::Settlement(item) => {
                self.done.push(Done { id, item, what: Undoable::Settlement });
                if let Stage::Revealed { settled, .. } = &mut self.stage {
                    *settled = true;
                }
                say("the conflict is closed")
            }
            Flight::Void(was) => self.voided(was),
        }
    }

    fn voided(&mut self, was: Done) -> Vec<Effect> {
        self.done.retain(|d| d.id != was.id);
        match was.what {
            Undoable::Decision(draft) => {
                self.beats.pop();
                self.stage = Stage::Loading;
                let body = draft.to_body();
                vec![
                    Effect::SaveDraft { item: was.item, body },
                    Effect::Say("taken back: it is a draft again".to_owned()),
                    Effect::Load(Load::Item(was.item)),
                ]
            }
            Undoable::Skip => {
                self.stage = Stage::Loading;
                vec![Effect::Say("the skip is taken back".to_owned()), Effect::Load(Load::Item(was.item))]
            }
            Undoable::Revision => {
                if let Stage::Revealed { view, .. } = &mut self.stage
                    && view.item == was.item
                {
                    view.revised = None;
                }
                say("the revision is taken back: your blind score stands")
            }
            Undoable::Settlement => {
                if let Stage::Revealed { task, settled, .. } = &mut self.stage
                    && task.on.item == was.item
                {
                    *settled = false;
                }
                say("the conflict is open again")
            }
        }
    }

    fn failed(&mut self, why: &str) -> Vec<Effect> {
        self.flight = None;
        if let Stage::Sending(task) = &self.stage {
            self.stage = Stage::Blind(task.clone());
        }
        say(&format!("not saved: {why}; nothing is lost, try again"))
    }

    /// To another item: from a blind one with its draft kept, from a revealed one when there is nothing left to name.
    fn elsewhere(&mut self, load: fn(Digest) -> Load, now_ms: i64) -> Vec<Effect> {
        match &self.stage {
            Stage::Revealed { settled: false, .. } => say("name why the two differed first"),
            Stage::Revealed { task, .. } => {
                let target = match load(task.on.item) {
                    // After a decision the queue itself says what is best.
                    Load::After(_) => Load::Next,
                    other => other,
                };
                self.leave_for(target, now_ms)
            }
            Stage::Blind(task) => {
                let target = load(task.on.item);
                self.leave_for(target, now_ms)
            }
            // Whatever was asked for did not come: ask again.
            Stage::Empty(_) | Stage::Loading | Stage::Opening(_) => self.leave_for(Load::Next, now_ms),
            Stage::Sending(_) | Stage::Left => Vec::new(),
        }
    }

    fn leave_for(&mut self, load: Load, now_ms: i64) -> Vec<Effect> {
        let mut effects = self.put_away(now_ms);
        self.stage = Stage::Loading;
        effects.push(Effect::Load(load));
        effects
    }

    fn quit(&mut self, now_ms: i64) -> Vec<Effect> {
        let mut effects = self.put_away(now_ms);
        self.stage = Stage::Left;
        effects.push(Effect::Leave);
        effects
    }

    /// What was entered is kept, and the slot with it; an untouched item goes back.
    fn put_away(&self, now_ms: i64) -> Vec<Effect> {
        match &self.stage {
            Stage::Blind(task) if task.draft.is_empty() => vec![Effect::Release(task.on.item)],
            Stage::Blind(task) => vec![save(task, self.spent(now_ms))],
            _ => Vec::new(),
        }
    }

    /// Seconds on the item, earlier sittings included; an hour at most counts for one sight of it.
    fn spent(&self, now_ms: i64) -> u32 {
        let here = u32::try_from((now_ms.saturating_sub(self.shown_ms) / 1000).clamp(0, 3600)).unwrap_or(0);
        match &self.stage {
            Stage::Blind(task) | Stage::Sending(task) => task.draft.seconds.saturating_add(here),
            _ => here,
        }
    }
}

fn save(task: &Task, seconds: u32) -> Effect {
    let draft = Draft { seconds, ..task.draft.clone() };
    Effect::SaveDraft { item: task.on.item, body: draft.to_body() }
}

fn say(text: &str) -> Vec<Effect> {
    vec![Effect::Say(text.to_owned())]
}
