//! The key map: which key does what in which mode. Terminal and browser read it, help prints it.
//!
//! Invariant: Enter submits only what was chosen; Esc and Backspace never decide; in a text field letters are letters.

use super::{Intent, RulingKind};
use crate::domain::Score;
use crate::domain::log::{Cause, Chip, SkipReason};

/// A key, whatever the device calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    /// A character; Space is `' '`.
    Char(char),
    /// Enter.
    Enter,
    /// Ctrl and Enter.
    CtrlEnter,
    /// Escape.
    Esc,
    /// Backspace.
    Backspace,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
    /// Alt and left.
    AltLeft,
    /// Alt and right.
    AltRight,
}

/// What the keys mean at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Looks at an item, blind.
    Blind,
    /// Looks at the other side.
    Revealed,
    /// Has pressed `x`: what is wrong with the case?
    RulingMenu,
    /// Has pressed `s`: why pass it on?
    SkipMenu,
    /// Has pressed `y`: why this score?
    ChipMenu,
    /// Has pressed `v`: which score instead?
    ReviseMenu,
    /// A third person names the cause.
    CauseMenu,
    /// Writes.
    Text,
    /// Nothing to grade.
    Empty,
}

/// What a face does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Ui {
    /// Lines down; up where negative.
    Scroll(i16),
    /// Pages down; up where negative.
    Page(i16),
    /// To the beginning.
    Top,
    /// To the end.
    Bottom,
    /// Another mode.
    Enter(Mode),
    /// Out of a menu or a field; what was written is kept.
    Close,
    /// A new score, after the reveal: ask why, then `Intent::Revise`.
    ReviseTo(Score),
    /// A cause: ask for the final score, then `Intent::Settle`.
    Because(Cause),
    /// Write the note.
    Note,
    /// Close the field and submit.
    SubmitFromText,
    /// Diff mode.
    Diff,
    /// Transcript.
    Transcript,
    /// Evidence.
    Evidence,
    /// The rubric.
    Rubric,
    /// As it came, hidden characters shown.
    Raw,
    /// Opens and closes what is folded.
    Unfold,
    /// The keys.
    Help,
}

/// What a key means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// For the session.
    Intent(Intent),
    /// For the face.
    Ui(Ui),
}

/// The meaning of a key; absent where it has none (in a text field: where it is a letter or edits).
#[must_use]
pub fn press(mode: Mode, key: Key) -> Option<Pressed> {
    let ui = |u| Some(Pressed::Ui(u));
    let intent = |i| Some(Pressed::Intent(i));
    match (mode, key) {
        (Mode::Text, Key::CtrlEnter) => ui(Ui::SubmitFromText),
        (Mode::Text, Key::Esc) => ui(Ui::Close),
        (_, Key::AltLeft) => intent(Intent::Previous),
        (_, Key::AltRight) => intent(Intent::Next),
        (Mode::Text, _) => None,
        (Mode::RulingMenu | Mode::SkipMenu | Mode::ChipMenu | Mode::ReviseMenu | Mode::CauseMenu, key) => menu(mode, key),
        (Mode::Blind, Key::Char(c @ '1'..='5')) => intent(Intent::Choose(score(c)?)),
        (Mode::Blind, Key::Enter | Key::CtrlEnter) => intent(Intent::Submit),
        (Mode::Blind, Key::Char('x')) => ui(Ui::Enter(Mode::RulingMenu)),
        (Mode::Blind, Key::Char('s')) => ui(Ui::Enter(Mode::SkipMenu)),
        (Mode::Blind, Key::Char('y')) => ui(Ui::Enter(Mode::ChipMenu)),
        (Mode::Blind, Key::Char('c')) => ui(Ui::Note),
        (Mode::Revealed, Key::Enter | Key::CtrlEnter) | (Mode::Blind | Mode::Revealed | Mode::Empty, Key::Char(']')) => {
            intent(Intent::Next)
        }
        (Mode::Revealed, Key::Char('v')) => ui(Ui::Enter(Mode::ReviseMenu)),
        (Mode::Revealed, Key::Char('b')) => ui(Ui::Enter(Mode::CauseMenu)),
        (Mode::Blind | Mode::Revealed | Mode::Empty, key) => anywhere(key),
    }
}

fn anywhere(key: Key) -> Option<Pressed> {
    Some(match key {
        Key::Char('[') => Pressed::Intent(Intent::Previous),
        Key::Char('z') => Pressed::Intent(Intent::Undo),
        Key::Char('q') => Pressed::Intent(Intent::Quit),
        Key::Char('j') | Key::Down => Pressed::Ui(Ui::Scroll(1)),
        Key::Char('k') | Key::Up => Pressed::Ui(Ui::Scroll(-1)),
        Key::Char(' ') | Key::PageDown => Pressed::Ui(Ui::Page(1)),
        Key::PageUp => Pressed::Ui(Ui::Page(-1)),
        Key::Home => Pressed::Ui(Ui::Top),
        Key::End => Pressed::Ui(Ui::Bottom),
        Key::Char('d') => Pressed::Ui(Ui::Diff),
        Key::Char('t') => Pressed::Ui(Ui::Transcript),
        Key::Char('e') => Pressed::Ui(Ui::Evidence),
        Key::Char('r') => Pressed::Ui(Ui::Rubric),
        Key::Char('w') => Pressed::Ui(Ui::Raw),
        Key::Char('o') => Pressed::Ui(Ui::Unfold),
        Key::Char('?') => Pressed::Ui(Ui::Help),
        _ => return None,
    })
}

fn menu(mode: Mode, key: Key) -> Option<Pressed> {
    let c = match key {
        Key::Esc => return Some(Pressed::Ui(Ui::Close)),
        Key::Char(c) => c,
        _ => return None,
    };
    let nth = c.to_digit(10).and_then(|n| usize::try_from(n).ok()?.checked_sub(1));
    match mode {
        Mode::RulingMenu => RulingKind::of_key(c).map(|k| Pressed::Intent(Intent::Rule(k))),
        Mode::SkipMenu => SkipReason::ALL.get(nth?).map(|r| Pressed::Intent(Intent::Skip(*r))),
        Mode::ChipMenu => Chip::ALL.get(nth?).map(|c| Pressed::Intent(Intent::Chip(*c))),
        Mode::ReviseMenu => score(c).map(|s| Pressed::Ui(Ui::ReviseTo(s))),
        Mode::CauseMenu => Cause::ALL.get(nth?).map(|c| Pressed::Ui(Ui::Because(*c))),
        Mode::Blind | Mode::Revealed | Mode::Text | Mode::Empty => None,
    }
}

fn score(c: char) -> Option<Score> {
    Score::try_from(u8::try_from(c.to_digit(10)?).ok()?).ok()
}

/// One line of the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyHelp {
    /// In which mode.
    pub mode: Mode,
    /// The keys, as printed.
    pub keys: &'static str,
    /// What they do.
    pub does: &'static str,
}

const fn line(mode: Mode, keys: &'static str, does: &'static str) -> KeyHelp {
    KeyHelp { mode, keys, does }
}

/// The help: every key, in the order in which it is printed.
pub const KEYS: [KeyHelp; 27] = [
    line(Mode::Blind, "1-5", "choose a score (again: take it back)"),
    line(Mode::Blind, "Enter", "submit the choice"),
    line(Mode::Blind, "y", "why this score"),
    line(Mode::Blind, "x", "the case is wrong"),
    line(Mode::Blind, "s", "skip, with a reason"),
    line(Mode::Blind, "c", "note"),
    line(Mode::Revealed, "Enter", "next item"),
    line(Mode::Revealed, "v", "revise the score"),
    line(Mode::Revealed, "b", "why the two differed (third person)"),
    line(Mode::Blind, "[ ]", "previous, next, without deciding"),
    line(Mode::Blind, "z", "undo, repeatable"),
    line(Mode::Blind, "j k", "scroll"),
    line(Mode::Blind, "Space", "page"),
    line(Mode::Blind, "o", "open what is folded"),
    line(Mode::Blind, "d", "diff mode"),
    line(Mode::Blind, "t", "transcript"),
    line(Mode::Blind, "e", "evidence"),
    line(Mode::Blind, "r", "rubric"),
    line(Mode::Blind, "w", "raw view"),
    line(Mode::Blind, "?", "keys"),
    line(Mode::Blind, "q", "quit, the draft is kept"),
    line(Mode::RulingMenu, "e a q u p f r m n", "expected, accept, question, rubric, split, flaky, retire, example, no single answer"),
    line(Mode::SkipMenu, "1-4", "not my field, need context, rather not read, broken"),
    line(Mode::ChipMenu, "1-8", "the reasons, in their order"),
    line(Mode::ReviseMenu, "1-5", "the new score"),
    line(Mode::CauseMenu, "1-5", "slip, gap in the rubric, ambiguous case, expected wrong, real difference"),
    line(Mode::Text, "Ctrl+Enter Esc", "submit; close the field"),
];
