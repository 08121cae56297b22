//! Takes the terminal, and puts it back however the program ends: at the end, on an error, on a panic, on a signal.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Once;

use ratatui::crossterm::event::{
    DisableBracketedPaste, EnableBracketedPaste, KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::crossterm::{cursor, execute};

/// Holds the terminal; puts it back when dropped.
pub struct Guard(());

impl Guard {
    /// Raw mode, the other screen, pasted text told from keys.
    ///
    /// # Errors
    /// When there is no terminal.
    pub fn take() -> io::Result<Self> {
        static HOOK: Once = Once::new();
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                put_back();
                before(panic);
            }));
        });
        enable_raw_mode()?;
        let guard = Self(());
        // Terminals that do not know the last one ignore it; with it Ctrl+Enter is told from Enter.
        execute!(
            io::stdout(),
            EnterAlternateScreen,
            EnableBracketedPaste,
            cursor::Hide,
            PushKeyboardEnhancementFlags(KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES)
        )?;
        Ok(guard)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        put_back();
    }
}

fn put_back() {
    let mut out = io::stdout();
    // Nothing can be done about a terminal that is gone.
    _ = execute!(out, PopKeyboardEnhancementFlags, DisableBracketedPaste, LeaveAlternateScreen, cursor::Show);
    _ = out.flush();
    _ = disable_raw_mode();
}

/// Resolves when the system asks the program to end.
#[cfg(unix)]
pub fn ended() -> Pin<Box<dyn Future<Output = ()> + Send>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (term, hup) = (signal(SignalKind::terminate()), signal(SignalKind::hangup()));
    Box::pin(async move {
        match (term, hup) {
            (Ok(mut term), Ok(mut hup)) => {
                tokio::select! { _ = term.recv() => {}, _ = hup.recv() => {} }
            }
            _ => std::future::pending().await,
        }
    })
}

/// Resolves when the system asks the program to end.
#[cfg(not(unix))]
pub fn ended() -> Pin<Box<dyn Future<Output = ()> + Send>> {
    Box::pin(std::future::pending())
}
