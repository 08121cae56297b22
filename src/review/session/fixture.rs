//! Test help: a small world (a log, drafts, and a queue that is built afresh for every item) and a face without a screen.

use std::collections::{HashMap, VecDeque};

use super::*;
use crate::domain::log::{Act, Via};
use crate::domain::{Digest, ReviewItem, RunHead, Stratum, Taken, Tier, TrialRow, Trigger};
use crate::review::fixture::{id, ledger, log, person};
use crate::review::queue::{Filter, Inputs, Ledger, Listed, Person, Policy, Queue};
use crate::stats::fixture::{edit, row, run};

/// A face without a screen. It carries effects out one by one, as a face must.
pub(super) struct World {
    pub(super) head: RunHead,
    pub(super) rows: Vec<TrialRow>,
    pub(super) acts: Vec<(&'static str, Act)>,
    pub(super) drafts: HashMap<Digest, String>,
    pub(super) said: Vec<String>,
    pub(super) me: Person,
    /// Fails the next write to the log.
    pub(super) broken: bool,
    pub(super) now_ms: i64,
}

pub(super) const ME: &str = "ana";

impl World {
    pub(super) fn new(n: u64) -> Self {
        let rows = (0..n).map(|c| {
            let mut r = edit(row(c, 0, "a", &[1, 5]), |k| k.question = format!("question{c}"));
            if let Ok(o) = &mut r.answer {
                o.text = format!("answer {c}");
            }
            r.item = Some(ReviewItem {
                seq: r.key.seq,
                triggers: vec![Trigger::SplitPanel],
                priority: 1.0,
                tier: Tier::T1,
                stratum: Stratum::Certain,
                inclusion: 1.0,
            });
            r
        });
        Self {
            head: run(1, 2),
            rows: rows.collect(),
            acts: vec![],
            drafts: HashMap::new(),
            said: vec![],
            me: person(ME),
            broken: false,
            now_ms: 0,
        }
    }

    pub(super) fn ledger(&self) -> Ledger {
        ledger(&self.acts)
    }

    pub(super) fn queue(&self) -> Queue {
        let items = self.rows.iter().filter_map(|r| Listed::of(r, &self.head)).collect();
        let policy = Policy::default();
        Queue::build(Inputs {
            items,
            ledger: &self.ledger(),
            claims: &[],
            people: &[],
            policy: &policy,
            leverage: &|_| 0.0,
            now_ms: self.now_ms,
        })
    }

    pub(super) fn row(&self, item: &Digest) -> &TrialRow {
        self.rows.iter().find(|r| r.item_digest(&self.head.rubrics[0]) == Some(*item)).unwrap()
    }

    pub(super) fn load(&self, what: Load) -> Answer {
        let q = self.queue();
        let picks = q.picks(&self.me, &Filter::default());
        let at = |d: Digest| picks.iter().position(|p| p.item.digest() == d);
        let found = match what {
            Load::Next => picks.first(),
            Load::Item(d) => at(d).and_then(|i| picks.get(i)),
            Load::After(d) => at(d).map_or(picks.first(), |i| picks.get(i + 1).or(picks.first())),
            Load::Before(d) => at(d).map_or(picks.first(), |i| picks.get(i.wrapping_sub(1)).or(picks.last())),
        };
        match found {
            None => Answer::Nothing(q.why_empty(&self.me, &Filter::default()).text(&|ms| ms.to_string())),
            Some(p) => {
                let draft = self.drafts.get(&p.item.digest()).map(String::as_str);
                let task = Task::of(p, self.row(&p.item.digest()), &self.head.rubrics[0], &self.ledger(), &self.me.name, draft);
                Answer::Loaded(Box::new(task.unwrap()))
            }
        }
    }

    pub(super) fn record(&mut self, act: Act) -> Answer {
        if std::mem::take(&mut self.broken) {
            return Answer::Failed("disk full".into());
        }
        self.acts.push((ME, act));
        Answer::Recorded { id: id(self.acts.len() - 1), taken: Taken::InTime }
    }

    pub(super) fn carry_out(&mut self, session: &mut Session, effects: Vec<Effect>) {
        let mut todo: VecDeque<Effect> = effects.into();
        while let Some(effect) = todo.pop_front() {
            let answer = match effect {
                Effect::SaveDraft { item, body } => {
                    self.drafts.insert(item, body);
                    continue;
                }
                Effect::DropDraft(item) => {
                    self.drafts.remove(&item);
                    continue;
                }
                Effect::Say(text) => {
                    self.said.push(text);
                    continue;
                }
                Effect::Release(_) | Effect::Leave => continue,
                Effect::Load(what) => self.load(what),
                Effect::Submit(out) => {
                    assert!(out.texts.iter().all(|t| !t.is_empty()));
                    let item = out.decision.on.item;
                    let answer = self.record(Act::Decided(out.decision));
                    if matches!(answer, Answer::Recorded { .. }) {
                        self.drafts.remove(&item);
                    }
                    answer
                }
                Effect::Append { act, .. } => self.record(act),
                Effect::Reveal(item) => {
                    let ledger = self.ledger();
                    let seen = Seen::find(&ledger, &item, &self.me.name).unwrap();
                    let view = RevealView::of(&seen, self.row(&item), &self.head.rubrics[0]).unwrap();
                    Answer::Revealed(Box::new(view.with_others(&seen, &ledger, &HashMap::new())))
                }
            };
            if matches!(answer, Answer::Failed(_)) {
                todo.clear();
            }
            todo.extend(session.answer(answer, self.now_ms));
        }
    }

    pub(super) fn start(&mut self, resume: Option<Digest>) -> Session {
        let events = log(&self.acts);
        let earlier = history(&events, &self.ledger(), &self.me.name, &HashMap::new());
        let (mut session, effects) = Session::start(Via::Terminal, earlier, None, resume, self.now_ms);
        self.carry_out(&mut session, effects);
        session
    }

    pub(super) fn act(&mut self, session: &mut Session, intent: Intent) {
        self.now_ms += 10_000;
        let effects = session.act(intent, self.now_ms);
        self.carry_out(session, effects);
    }

    pub(super) fn decisions(&self) -> usize {
        self.acts.iter().filter(|(_, a)| matches!(a, Act::Decided(_))).count()
    }
}

pub(super) fn item_of(session: &Session) -> Option<Digest> {
    match session.stage() {
        Stage::Blind(t) | Stage::Sending(t) | Stage::Opening(t) | Stage::Revealed { task: t, .. } => Some(t.on.item),
        Stage::Loading | Stage::Empty(_) | Stage::Left => None,
    }
}

pub(super) fn task(session: &Session) -> &Task {
    match session.stage() {
        Stage::Blind(t) => t,
        other => panic!("not blind: {other:?}"),
    }
}
