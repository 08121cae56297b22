//! What pages are made of, as plain values for the templates.
//!
//! Invariant: [`blind`] takes a `Task` and reads its view and draft only: never its seat, level or slots.

use serde_json::{Map, Value, json};

use super::App;
use super::live::minutes;
use super::markdown::{self, MOST};
use super::sitting::Sitting;
use crate::domain::log::{Cause, Chip, SkipReason};
use crate::domain::{Risk, Verdict};
use crate::error::AppError;
use crate::review::queue::Role;
use crate::review::session::{BlindView, Draft, Intent, KEYS, Key, Mode, Passage, Piece, Pressed, RevealView, RulingKind, Task, Ui, press};

/// What every page of somebody who is signed in holds.
pub(super) async fn frame(app: &App, by: &Sitting, title: &str, page: &str) -> Result<Map<String, Value>, AppError> {
    let now = app.desk.snapshot().await?;
    let (progress, mine) = (now.queue.progress(), now.ledger().count_of(by.who.name()));
    let stop = app.desk.stop().await?.map(crate::review::queue::Stop::text);
    let said: Vec<String> = by.mind().await.said.drain(..).collect();
    let role = by.who.person.role;
    let body = json!({
        "title": title, "page": page, "said": said, "run": app.desk.head().id,
        "me": {
            "name": by.who.name(), "role": role.word(), "csrf": by.csrf, "team": app.team,
            "grades": role >= Role::Grader, "leads": role >= Role::Owner, "decides": role >= Role::Adjudicator,
        },
        "progress": {
            "done": progress.done, "of": progress.of, "minutes": minutes(progress.minutes_left), "stop": stop,
            "open": progress.of.saturating_sub(progress.done), "mine": mine,
        },
        "keys": if by.keys_on.load(std::sync::atomic::Ordering::Relaxed) { keymap() } else { String::new() }, "mode": "empty", "item": Value::Null,
    });
    match body {
        Value::Object(map) => Ok(map),
        _ => Ok(Map::new()),
    }
}

fn words(word: &str) -> String {
    word.replace('_', " ")
}

pub(super) fn risk_says(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "an error here costs little",
        Risk::Medium => "an error here costs some trust or time",
        Risk::High => "an error here can do real damage",
        Risk::Critical => "an error here must not happen",
    }
}

fn long(p: &Passage) -> Value {
    let s = markdown::shown(&p.text, p.head);
    json!({ "html": s.html, "rest": s.rest, "folded": s.folded, "cut": s.cut, "lines": p.lines, "bytes": p.text.len() })
}

fn plain(p: Option<&Passage>) -> Value {
    p.map_or(Value::Null, |p| {
        let mut end = MOST.min(p.text.len());
        while !p.text.is_char_boundary(end) {
            end -= 1;
        }
        json!({ "text": &p.text[..end], "cut": p.text.len() - end, "lines": p.lines })
    })
}

/// The case, the rubric and the answer.
fn facts(v: &BlindView) -> Value {
    let mark = v.rubric.pass_mark;
    let anchors: Vec<Value> = (1_u8..=5)
        .zip(&v.rubric.anchors)
        .rev()
        .map(|(n, text)| json!({ "n": n, "text": text, "pass": n >= mark, "line": n == mark }))
        .collect();
    let turns: Vec<Value> = v.turns.iter().map(|t| serde_json::to_value(t).unwrap_or_default()).collect();
    json!({
        "set": v.set, "case": v.case, "tags": v.tags, "risk": v.risk.word(), "risk_says": risk_says(v.risk), "turns": turns,
        "question": v.question, "expected": v.expected, "accept": v.accept, "must": v.must_mention, "must_not": v.must_not_mention,
        "context": v.context, "criteria": v.rubric.criteria, "anchors": anchors, "mark": mark, "notes": v.rubric.notes,
        "answer": long(&v.answer), "evidence": plain(v.evidence.as_ref()), "transcript": plain(v.transcript.as_ref()),
        "warning": v.warning(),
        "notices": v.notices.iter().map(|n| json!({ "why": n.kind.reason(), "line": n.line, "excerpt": n.excerpt })).collect::<Vec<_>>(),
        "sensitive": v.tags.iter().any(|t| t == "sensitive"),
    })
}

fn entered(d: &Draft) -> Value {
    let r = d.ruling.as_ref();
    let nth = |n: usize| r.and_then(|r| r.range).map(|(l, h)| if n == 0 { l.get() } else { h.get() });
    json!({
        "score": d.choice.map(crate::domain::Score::get), "note": d.note, "opened": d.opened,
        "ruling_text": r.map_or("", |r| r.text.as_str()), "trials": r.map_or(5, |r| r.trials), "low": nth(0), "high": nth(1),
        "more": d.chip.is_some() || r.is_some() || !d.note.is_empty(),
    })
}

/// The page before the decision.
pub(super) fn blind(frame: &mut Map<String, Value>, task: &Task, decision: &str) {
    let d = &task.draft;
    let chips: Vec<Value> = (1..)
        .zip(Chip::ALL)
        .map(|(n, c)| json!({ "word": c.word(), "label": words(c.word()), "key": n, "on": d.chip == Some(c) }))
        .collect();
    let on = d.ruling.as_ref().map(|r| r.kind);
    let rulings: Vec<Value> = RulingKind::ALL
        .into_iter()
        .map(|k| json!({ "word": k.word(), "label": k.label(), "key": k.key().to_string(), "asks": k.asks(), "on": on == Some(k) }))
        .collect();
    let skips: Vec<Value> =
        (1..).zip(SkipReason::ALL).map(|(n, s)| json!({ "word": s.word(), "label": skip_label(s), "key": n })).collect();
    frame.insert("item".into(), json!(task.view.item));
    frame.insert("mode".into(), json!("blind"));
    frame.insert("decision".into(), json!(decision));
    frame.insert("facts".into(), facts(&task.view));
    frame.insert("draft".into(), entered(d));
    frame.insert("chips".into(), json!(chips));
    frame.insert("rulings".into(), json!(rulings));
    frame.insert("skips".into(), json!(skips));
}

fn skip_label(s: SkipReason) -> &'static str {
    match s {
        SkipReason::NotMyField => "not my field",
        SkipReason::NeedContext => "I need more context",
        SkipReason::Sensitive => "I would rather not read this",
        SkipReason::BrokenItem => "the item is broken",
    }
}

fn verdict(v: Verdict) -> String {
    match v {
        Verdict::Settled { score } => format!("the judges settled on {score}"),
        Verdict::Split { low, high } => format!("the judges were split between {low} and {high}"),
        Verdict::Unscored { .. } => "too few judges gave a score".to_owned(),
    }
}

/// The page after the decision. `third`: the person sits in the third seat and has to name the cause still.
pub(super) fn revealed(frame: &mut Map<String, Value>, view: &BlindView, r: &RevealView, third: bool) {
    let judges: Vec<Value> = r
        .judges
        .iter()
        .map(|j| json!({ "judge": j.judge, "sample": j.sample + 1, "score": j.score.map(crate::domain::Score::get), "reason": j.reason }))
        .collect();
    let others: Vec<Value> = r
        .others
        .iter()
        .map(|o| json!({ "score": o.score.map(crate::domain::Score::get), "chip": o.chip.map(|c| words(c.word())), "ruling": o.ruling.map(words), "note": o.note }))
        .collect();
    let previous = r.previous.as_ref().map(|p| {
        let diff: Option<Vec<Value>> = p.diff.as_ref().map(|d| d.iter().map(piece).collect());
        json!({ "run": p.run, "answer": long(&p.answer), "diff": diff })
    });
    frame.insert("item".into(), json!(view.item));
    frame.insert("mode".into(), json!("revealed"));
    frame.insert("facts".into(), facts(view));
    frame.insert(
        "seen".into(),
        json!({
            "given": r.given.map(crate::domain::Score::get), "revised": r.revised.map(crate::domain::Score::get), "agent": r.agent,
            "decision": r.decision, "judges": judges, "verdict": r.verdict.map(verdict),
            "triggers": r.triggers.iter().map(|t| t.reason()).collect::<Vec<_>>(), "previous": previous, "others": others,
            "key": r.key.map(crate::domain::Score::get),
        }),
    );
    let causes: Vec<Value> = Cause::ALL.into_iter().map(|c| json!({ "word": c.word(), "label": words(c.word()) })).collect();
    frame.insert("third".into(), json!(third));
    frame.insert("causes".into(), json!(causes));
}

fn piece(p: &Piece) -> Value {
    match p {
        Piece::Same(t) => json!({ "kind": "same", "text": t }),
        Piece::Removed(t) => json!({ "kind": "gone", "text": t }),
        Piece::Added(t) => json!({ "kind": "new", "text": t }),
    }
}

/// The key map that terminal and browser share, as the script reads it: mode, key, what to do.
pub(super) fn keymap() -> String {
    let mut all = Map::new();
    for (name, mode) in [
        ("blind", Mode::Blind),
        ("revealed", Mode::Revealed),
        ("ruling", Mode::RulingMenu),
        ("skip", Mode::SkipMenu),
        ("chip", Mode::ChipMenu),
        ("revise", Mode::ReviseMenu),
        ("cause", Mode::CauseMenu),
        ("text", Mode::Text),
        ("empty", Mode::Empty),
    ] {
        let named = [
            ("Enter", Key::Enter),
            ("Ctrl+Enter", Key::CtrlEnter),
            ("Escape", Key::Esc),
            ("Backspace", Key::Backspace),
            ("ArrowUp", Key::Up),
            ("ArrowDown", Key::Down),
            ("PageUp", Key::PageUp),
            ("PageDown", Key::PageDown),
            ("Home", Key::Home),
            ("End", Key::End),
            ("Alt+ArrowLeft", Key::AltLeft),
            ("Alt+ArrowRight", Key::AltRight),
        ];
        let letters = (b' '..=b'~').map(|b| (char::from(b).to_string(), Key::Char(char::from(b))));
        let keys = named.into_iter().map(|(n, k)| (n.to_owned(), k)).chain(letters);
        let map: Map<String, Value> = keys.filter_map(|(n, k)| Some((n, json!(does(&press(mode, k)?)?)))).collect();
        all.insert(name.to_owned(), Value::Object(map));
    }
    Value::Object(all).to_string()
}

/// The help: keys and what they do.
pub(super) fn help() -> Value {
    KEYS.iter().map(|k| json!({ "keys": k.keys, "does": k.does })).collect()
}

fn does(p: &Pressed) -> Option<String> {
    Some(match p {
        Pressed::Intent(i) => match i {
            Intent::Choose(s) => format!("choose {s}"),
            Intent::Chip(c) => format!("chip {}", c.word()),
            Intent::Rule(k) => format!("rule {}", k.word()),
            Intent::Skip(r) => format!("skip {}", r.word()),
            Intent::Submit => "submit".to_owned(),
            Intent::Undo => "undo".to_owned(),
            Intent::Next => "next".to_owned(),
            Intent::Previous => "previous".to_owned(),
            Intent::Quit => "quit".to_owned(),
            _ => return None,
        },
        Pressed::Ui(u) => match u {
            Ui::Scroll(n) => format!("scroll {n}"),
            Ui::Page(n) => format!("page {n}"),
            Ui::Top => "top".to_owned(),
            Ui::Bottom => "bottom".to_owned(),
            Ui::Enter(Mode::RulingMenu) => "menu ruling".to_owned(),
            Ui::Enter(Mode::SkipMenu) => "menu skip".to_owned(),
            Ui::Enter(Mode::ChipMenu) => "menu chip".to_owned(),
            Ui::Enter(Mode::ReviseMenu) => "menu revise".to_owned(),
            Ui::Enter(Mode::CauseMenu) => "menu cause".to_owned(),
            Ui::Enter(_) => return None,
            Ui::Close => "close".to_owned(),
            Ui::ReviseTo(s) => format!("revise {s}"),
            Ui::Because(c) => format!("because {}", c.word()),
            Ui::Note => "note".to_owned(),
            Ui::SubmitFromText => "submit".to_owned(),
            Ui::Diff => "show previous".to_owned(),
            Ui::Transcript => "show transcript".to_owned(),
            Ui::Evidence => "show evidence".to_owned(),
            Ui::Rubric => "show rubric".to_owned(),
            Ui::Raw => "raw".to_owned(),
            Ui::Unfold => "show rest".to_owned(),
            Ui::Help => "help".to_owned(),
        },
    })
}
