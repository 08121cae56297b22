//! From the terminal's events to keys.

use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc::UnboundedSender;

use crate::review::session::Key;

/// Something that the terminal says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// A key.
    Key(Key),
    /// A line feed inside a field.
    Break,
    /// Text that was pasted.
    Paste(String),
    /// The size has changed.
    Resize,
    /// Ctrl+C, or the terminal is gone.
    Interrupt,
}

/// What an event means; absent where it means nothing.
pub fn of(event: Event) -> Option<Input> {
    match event {
        Event::Key(k) if k.kind != KeyEventKind::Release => key(k),
        Event::Paste(text) => Some(Input::Paste(text)),
        Event::Resize(..) => Some(Input::Resize),
        _ => None,
    }
}

fn key(k: KeyEvent) -> Option<Input> {
    let ctrl = k.modifiers.contains(KeyModifiers::CONTROL);
    let alt = k.modifiers.contains(KeyModifiers::ALT);
    Some(Input::Key(match k.code {
        KeyCode::Char('c') if ctrl => return Some(Input::Interrupt),
        KeyCode::Enter if ctrl => Key::CtrlEnter,
        KeyCode::Enter if alt => return Some(Input::Break),
        KeyCode::Enter => Key::Enter,
        KeyCode::Left if alt => Key::AltLeft,
        KeyCode::Right if alt => Key::AltRight,
        KeyCode::Esc => Key::Esc,
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        // No capital letter does anything outside a field, and no letter with Ctrl or Alt anywhere.
        KeyCode::Char(c) if !ctrl && !alt => Key::Char(c),
        _ => return None,
    }))
}

/// Reads until the other side is gone. Blocking: for a thread of its own.
pub fn read(to: &UnboundedSender<Input>) {
    loop {
        let Ok(event) = event::read() else {
            _ = to.send(Input::Interrupt);
            return;
        };
        if let Some(input) = of(event)
            && to.send(input).is_err()
        {
            return;
        }
    }
}
