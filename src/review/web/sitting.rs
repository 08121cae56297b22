//! One login at work: who it is, what they were shown and since when, and what there is to say to them on the next page.

use std::collections::HashMap;
use std::sync::atomic::AtomicBool;

use tokio::sync::{Mutex, MutexGuard};

use super::door::Pace;
use crate::domain::Digest;
use crate::domain::log::Seat;
use crate::review::desk::Who;
use crate::review::session::Session;

/// One login at work.
pub(super) struct Sitting {
    pub who: Who,
    /// What every form must send back.
    pub csrf: String,
    pub until_ms: i64,
    pub pace: Pace,
    /// Single keys act.
    pub keys_on: AtomicBool,
    mind: Mutex<Mind>,
}

/// When an item was first shown, the seconds of earlier sittings, and the seat that it was shown in: a late decision is one of that seat,
/// whatever the item has become since.
#[derive(Clone, Copy)]
pub(super) struct Since {
    pub shown_ms: i64,
    pub before: u32,
    pub seat: Seat,
    pub slots: u16,
}

/// What changes while somebody works.
#[derive(Default)]
pub(super) struct Mind {
    /// Their session, from the first decision on: it knows pace and place.
    pub session: Option<Session>,
    /// Items that were shown.
    pub shown: HashMap<Digest, Since>,
    /// What there is to say on the next page.
    pub said: Vec<String>,
}

/// What there is to say is no more than this.
const SAID: usize = 6;

impl Mind {
    pub fn say(&mut self, text: impl Into<String>) {
        self.said.push(text.into());
        let many = self.said.len().saturating_sub(SAID);
        self.said.drain(..many);
    }
}

impl Sitting {
    pub fn new(who: Who, csrf: String, until_ms: i64) -> Self {
        // A person who flies through pages asks for a few a second; a script that was let loose does not get far.
        Self { who, csrf, until_ms, pace: Pace::new(120.0, 40.0), keys_on: AtomicBool::new(true), mind: Mutex::default() }
    }

    /// One request at a time of one login changes it.
    pub async fn mind(&self) -> MutexGuard<'_, Mind> {
        self.mind.lock().await
    }
}
