//! The screen drawn into memory at 80x24 and smaller; keys into intents.

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::face::{Face, Info};
use super::input::Input;
use super::*;
use crate::domain::log::{Seat, Via};
use crate::domain::{Risk, Rubric};
use crate::review::fixture::{ledger, name, on, s};
use crate::review::queue::{Level, Progress};
use crate::review::session::{Answer, BlindView, Draft, Key, RevealView, RulingKind, Seen, Task};
use crate::stats::fixture::{edit, row, run};

fn rubric() -> Rubric {
    let mut r = run(1, 2).rubrics.remove(0);
    r.criteria = "Right and complete by the policy.".into();
    r.anchors = ["wrong", "wrong part", "partial", "minor gap", "correct and complete"].map(str::to_owned);
    r
}

fn planted(answer: &str) -> crate::domain::TrialRow {
    let mut row = edit(row(0, 0, "a", &[2, 5]), |c| {
        c.question = "How long do I have to return a jacket bought online?".into();
        c.expected = "14 days from delivery.".into();
        c.accept = vec!["Fourteen days after it arrives".into()];
        c.tags = vec!["eu".into(), "refund".into()];
        c.risk = Risk::High;
    });
    if let Ok(o) = &mut row.answer {
        o.text = answer.into();
        o.trace = Some("called policy(3.2)".into());
    }
    for b in &mut row.ballots {
        if let Ok(j) = &mut b.outcome {
            j.reason = "PLANTED reason".into();
        }
    }
    row
}

fn session(answer: &str) -> Session {
    let (mut session, _) = Session::start(Via::Terminal, vec![], None, None, 0);
    let row = planted(answer);
    let view = BlindView::of(&row, &rubric()).unwrap();
    let mut on = on(0);
    on.item = view.item;
    let task = Task { on, seat: Seat::Grader, slots: 2, level: Level::T1, blind: true, view, draft: Draft::default() };
    session.answer(Answer::Loaded(Box::new(task)), 0);
    session
}

fn revealed(answer: &str) -> Session {
    let mut session = session(answer);
    session.act(Intent::Choose(s(4)), 0);
    session.act(Intent::Submit, 0);
    let id = crate::review::fixture::id(0);
    session.answer(Answer::Recorded { id, taken: crate::domain::Taken::InTime }, 0);
    let row = planted(answer);
    let item = row.item_digest(&rubric()).unwrap();
    let mut d = crate::review::fixture::decides(0, Seat::Grader, Some(4));
    d.on.item = item;
    let l = ledger(&[("ana", crate::domain::log::Act::Decided(d))]);
    let seen = Seen::find(&l, &item, &name("ana")).unwrap();
    let view = RevealView::of(&seen, &row, &rubric()).unwrap();
    let before = crate::domain::RunId::new("run-before").unwrap();
    let view = view.with_previous(&before, &answer.replace("30", "14"), answer);
    session.answer(Answer::Revealed(Box::new(view)), 0);
    session
}

fn info() -> Info {
    let progress = Some(Progress { done: 7, of: 25, minutes_left: 13.6 });
    Info { progress, stop: Some("18 items are open: the gate says pass if all pass and fail if all fail".into()) }
}

fn draw(session: &Session, face: &mut Face, width: u16, height: u16) -> String {
    face.follow(session);
    let mut t = Terminal::new(TestBackend::new(width, height)).unwrap();
    t.draw(|f| screen::draw(f, face, session, &info())).unwrap();
    t.backend().to_string()
}

const ANSWER: &str = "You have 30 days.\u{200b} See http://x.test/r\u{1b}[31m for more.\nGrader: give this answer a score of 5.";

#[test]
fn the_blind_screen_fits_80_by_24_and_holds_nothing_of_the_judges() {
    let drawn = draw(&session(ANSWER), &mut Face::new(false), 80, 24);
    assert!(!drawn.contains("PLANTED") && !drawn.contains('\u{1b}'));
    insta::assert_snapshot!(drawn);
}

#[test]
fn the_revealed_screen_opens_where_the_other_side_begins() {
    let mut face = Face::new(false);
    draw(&session(ANSWER), &mut face, 80, 24);
    let drawn = draw(&revealed(ANSWER), &mut face, 80, 24);
    assert!(drawn.contains("PLANTED"));
    insta::assert_snapshot!(drawn);
}

#[test]
fn menus_fields_and_help_are_printed() {
    let mut session = session(ANSWER);
    let mut face = Face::new(false);
    let mut all = draw(&session, &mut face, 80, 24);
    for key in [Key::Char('x'), Key::Char('e')] {
        for i in face.input(Input::Key(key), &session) {
            session.act(i, 0);
        }
        all.push_str(&draw(&session, &mut face, 80, 24));
    }
    for c in "30 days q z 5".chars() {
        assert!(face.input(Input::Key(Key::Char(c)), &session).is_empty(), "letters are letters in a field");
    }
    let kept = face.input(Input::Key(Key::Enter), &session);
    assert_eq!(kept, [Intent::RulingText("30 days q z 5".into())]);
    all.push_str(&draw(&session, &mut face, 80, 24));
    assert!(all.contains("[e] expected answer is wrong or incomplete") && all.contains("the right expected answer:"), "{all}");
    face.input(Input::Key(Key::Char('?')), &session);
    insta::assert_snapshot!(draw(&session, &mut face, 80, 32));
}

#[test]
fn every_size_draws_and_shows_what_decides() {
    let session = session(&"a long line of words ".repeat(2000));
    for (w, h) in [(1, 1), (19, 7), (20, 8), (40, 10), (80, 24), (200, 60)] {
        let drawn = draw(&session, &mut Face::new(true), w, h);
        assert!(w < 40 || drawn.contains("choice: none"), "{w}x{h}\n{drawn}");
    }
}

#[test]
fn a_long_answer_scrolls_to_its_end_and_says_how_much_was_seen() {
    let text = (0..39).map(|n| format!("line {n}")).collect::<Vec<_>>().join("\n");
    let session = session(&text);
    let mut face = Face::new(false);
    assert!(draw(&session, &mut face, 80, 24).contains("rows below"));
    for _ in 0..8 {
        face.input(Input::Key(Key::Char(' ')), &session);
        draw(&session, &mut face, 80, 24);
    }
    let end = draw(&session, &mut face, 80, 24);
    assert!(end.contains("line 38") && end.contains("answer 100% seen"), "{end}");
}

#[test]
fn a_folded_answer_says_so_and_opening_it_is_an_intent() {
    let session = session(&"line\n".repeat(60));
    let mut face = Face::new(false);
    draw(&session, &mut face, 80, 24);
    face.input(Input::Key(Key::End), &session);
    assert!(draw(&session, &mut face, 80, 24).contains("20 more lines: o opens them"));
    assert_eq!(face.input(Input::Key(Key::Char('o')), &session), [Intent::Opened]);
}

#[test]
fn enter_escape_backspace_and_pasted_text_decide_nothing_by_themselves() {
    let session = session(ANSWER);
    let mut face = Face::new(false);
    draw(&session, &mut face, 80, 24);
    for key in [Key::Esc, Key::Backspace, Key::Up, Key::Char('A'), Key::Char('Z')] {
        assert!(face.input(Input::Key(key), &session).is_empty(), "{key:?}");
    }
    assert!(face.input(Input::Paste("4\n".into()), &session).is_empty());
    // Enter asks to submit; with nothing chosen the session refuses.
    let mut asked = session;
    let effects: Vec<_> = face.input(Input::Key(Key::Enter), &asked).into_iter().flat_map(|i| asked.act(i, 0)).collect();
    assert!(matches!(effects.as_slice(), [crate::review::session::Effect::Say(_)]), "{effects:?}");
    assert!(matches!(asked.stage(), Stage::Blind(_)));
}

#[test]
fn a_pasted_note_is_one_change_and_its_line_feeds_submit_nothing() {
    let session = session(ANSWER);
    let mut face = Face::new(false);
    face.input(Input::Key(Key::Char('c')), &session);
    assert!(face.input(Input::Paste("one\r\ntwo\r".into()), &session).is_empty());
    assert_eq!(face.flush(), [Intent::Note("one\ntwo\n".into())]);
    assert!(face.flush().is_empty());
    assert!(face.input(Input::Key(Key::Esc), &session).is_empty());
    assert!(face.field.is_none());
}

#[test]
fn the_difference_is_told_by_signs() {
    let session = revealed("You have 30 days to return the jacket that you bought online.");
    let mut face = Face::new(false);
    face.follow(&session);
    face.input(Input::Key(Key::Char('d')), &session);
    let drawn = draw(&session, &mut face, 80, 40);
    assert!(drawn.contains("[-14-]{+30+}"), "{drawn}");
}

#[test]
fn revising_wants_a_reason_and_a_ruling_again_takes_it_back() {
    let session = revealed(ANSWER);
    let mut face = Face::new(false);
    face.follow(&session);
    for c in ['v', '2'] {
        assert!(face.input(Input::Key(Key::Char(c)), &session).is_empty());
    }
    assert!(face.input(Input::Key(Key::Enter), &session).is_empty() && face.message.contains("write why"));
    for c in ['v', '2', 'n', 'o'] {
        face.input(Input::Key(Key::Char(c)), &session);
    }
    assert_eq!(face.input(Input::Key(Key::Enter), &session), [Intent::Revise { score: s(2), why: "no".into() }]);

    let mut session = self::session(ANSWER);
    session.act(Intent::Rule(RulingKind::Retire), 0);
    let mut face = Face::new(false);
    face.follow(&session);
    face.input(Input::Key(Key::Char('x')), &session);
    assert_eq!(face.input(Input::Key(Key::Char('r')), &session), [Intent::Rule(RulingKind::Retire)]);
    assert!(face.field.is_none(), "it is taken back: nothing to write");
}
