//! `tribunal review` in a terminal: a full screen, or line by line. A shell over the session; nothing is decided here.
//!
//! Invariant: whatever ends the program, the terminal is put back as it was; what was entered is in the store already.

mod face;
mod input;
mod page;
mod plain;
mod restore;
mod rows;
mod screen;

#[cfg(test)]
mod tests;

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use tokio::sync::mpsc;

pub use page::{Shows, blind as blind_rows, revealed as revealed_rows};
pub use plain::run as plain;
pub use rows::{Kind, Row};

use self::face::{Face, Info};
use self::input::Input;
use crate::domain::Digest;
use crate::error::{AppError, Exit};
use crate::review::desk::{Desk, Who};
use crate::review::queue::Filter;
use crate::review::session::{Intent, Session, Stage};

/// Between two signs of life.
const BEAT: Duration = Duration::from_mins(1);
/// The largest run whose gate is asked after every decision; of a larger one it is asked at the start only.
const ASK_AGAIN: u64 = 5_000;

/// The item on the screen.
fn item_of(session: &Session) -> Option<Digest> {
    match session.stage() {
        Stage::Blind(t) | Stage::Sending(t) | Stage::Opening(t) | Stage::Revealed { task: t, .. } => Some(t.on.item),
        Stage::Loading | Stage::Empty(_) | Stage::Left => None,
    }
}

/// What the first lines say.
async fn info(desk: &Desk, first: bool, before: &Info) -> Info {
    let progress = desk.progress().await.ok();
    let stop = if first || desk.head().planned <= ASK_AGAIN {
        desk.stop().await.ok().flatten().map(crate::review::queue::Stop::text)
    } else {
        before.stop.clone()
    };
    Info { progress, stop }
}

/// The full screen.
///
/// # Errors
/// When the terminal or the store fails.
pub async fn screen(desk: &Desk, who: &Who, filter: &Filter, color: bool) -> Result<Exit, AppError> {
    let (mut session, said) = desk.start(who, filter).await?;
    let mut face = Face::new(color);
    face.said(said);
    let mut head = info(desk, true, &Info::default()).await;
    let failed =
        |e: std::io::Error| AppError::new(Exit::Incomplete, "the terminal cannot be used").with_help("`--plain` works anywhere").because(e);
    let guard = restore::Guard::take().map_err(failed)?;
    let mut terminal = Terminal::new(CrosstermBackend::new(std::io::stdout())).map_err(failed)?;
    let (send, mut inputs) = mpsc::unbounded_channel();
    std::thread::spawn(move || input::read(&send));
    let mut beat = tokio::time::interval(BEAT);
    let mut ended = restore::ended();
    let exit = loop {
        face.follow(&session);
        terminal.draw(|f| screen::draw(f, &mut face, &session, &head)).map_err(failed)?;
        let first = tokio::select! {
            input = inputs.recv() => input,
            _ = beat.tick() => {
                if let Some(item) = item_of(&session) {
                    // A lost lease is no loss: a late submission is kept as one more opinion.
                    _ = desk.heartbeat(who, &item).await;
                }
                continue;
            }
            () = &mut ended => Some(Input::Interrupt),
        };
        let Some(first) = first else { break Exit::Good };
        let decided = session.decisions();
        let mut interrupted = false;
        // Everything that is there already is one step: a pasted text is saved once.
        let mut next = Some(first);
        let mut intents = Vec::new();
        while let Some(input) = next {
            interrupted |= input == Input::Interrupt;
            intents.extend(face.input(input, &session));
            // An intent may change what the next key means.
            if intents.iter().any(face::changes_stage) {
                break;
            }
            next = inputs.try_recv().ok();
        }
        intents.extend(face.flush());
        for intent in intents {
            let effects = session.act(intent, desk.now_ms());
            face.said(desk.carry_out(who, filter, &mut session, effects).await);
        }
        if interrupted {
            let effects = session.act(Intent::Quit, desk.now_ms());
            desk.carry_out(who, filter, &mut session, effects).await;
            break Exit::Interrupted;
        }
        if matches!(session.stage(), Stage::Left) {
            break Exit::Good;
        }
        if session.decisions() != decided || face.is_elsewhere(&session) {
            head = info(desk, false, &head).await;
        }
    };
    drop(terminal);
    drop(guard);
    let n = session.decisions();
    println!("{n} {} in this sitting; what you entered elsewhere is kept", if n == 1 { "decision" } else { "decisions" });
    Ok(exit)
}
