//! The key map: what decides, what is inert, and that all of it is printed.

use super::*;

const EVERY_MODE: [Mode; 9] = [
    Mode::Blind,
    Mode::Revealed,
    Mode::RulingMenu,
    Mode::SkipMenu,
    Mode::ChipMenu,
    Mode::ReviseMenu,
    Mode::CauseMenu,
    Mode::Text,
    Mode::Empty,
];

#[test]
fn enter_escape_and_backspace_never_decide_by_themselves() {
    for mode in EVERY_MODE {
        assert!(!matches!(press(mode, Key::Esc), Some(Pressed::Intent(_))), "{mode:?}");
        assert_eq!(press(mode, Key::Backspace), None, "{mode:?}");
        match press(mode, Key::Enter) {
            Some(Pressed::Intent(Intent::Submit)) => assert_eq!(mode, Mode::Blind, "and there nothing is preset"),
            Some(Pressed::Intent(Intent::Next)) => assert_eq!(mode, Mode::Revealed),
            other => assert_eq!(other, None, "{mode:?}"),
        }
    }
}

#[test]
fn letters_are_inert_in_text_and_no_capital_means_anything() {
    for c in ('a'..='z').chain('0'..='9').chain([' ', '[', ']', '?']) {
        assert_eq!(press(Mode::Text, Key::Char(c)), None);
    }
    for mode in EVERY_MODE {
        for c in 'A'..='Z' {
            assert_eq!(press(mode, Key::Char(c)), None, "{mode:?} {c}");
        }
    }
    assert_eq!(press(Mode::Text, Key::CtrlEnter), Some(Pressed::Ui(Ui::SubmitFromText)));
    assert_eq!(press(Mode::Text, Key::AltRight), Some(Pressed::Intent(Intent::Next)));
}

#[test]
fn every_key_that_is_printed_works_and_every_key_that_works_is_printed() {
    let all: Vec<Key> = (' '..='~').map(Key::Char).chain([Key::Enter, Key::CtrlEnter, Key::Esc]).collect();
    let printed = |mode: Mode| -> Vec<Key> {
        let mut keys = Vec::new();
        for word in KEYS.iter().filter(|k| k.mode == mode).flat_map(|k| k.keys.split(' ')) {
            match (word, word.as_bytes()) {
                ("Enter", _) => keys.push(Key::Enter),
                ("Ctrl+Enter", _) => keys.push(Key::CtrlEnter),
                ("Esc", _) => keys.push(Key::Esc),
                ("Space", _) => keys.push(Key::Char(' ')),
                (_, [from, b'-', to]) => keys.extend((*from..=*to).map(|c| Key::Char(char::from(c)))),
                (w, _) => keys.extend(w.chars().map(Key::Char)),
            }
        }
        keys
    };
    for mode in EVERY_MODE {
        for key in printed(mode) {
            assert!(press(mode, key).is_some(), "{mode:?}: {key:?} is printed and does nothing");
        }
        // What works everywhere is printed once, under the first mode.
        let told: Vec<Key> = printed(mode).into_iter().chain(printed(Mode::Blind)).collect();
        for key in all.iter().filter(|k| !matches!(k, Key::Esc | Key::CtrlEnter)) {
            assert!(press(mode, *key).is_none() || told.contains(key), "{mode:?}: {key:?} does something and is not printed");
        }
    }
}
