//! Takes decisions that were made elsewhere, each once.

use super::{Back, Returned};
use crate::domain::Taken;
use crate::domain::log::Seat;
use crate::error::AppError;
use crate::review::desk::{Desk, Who};
use crate::review::queue::State;
use crate::review::session::Draft;

/// What became of one decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is in the log; late ones are one more opinion.
    Applied {
        /// Its slot was taken by others in the meantime.
        late: bool,
    },
    /// It was in the log already.
    Duplicate,
    /// The item is no longer what was looked at.
    Stale(String),
    /// This person has decided otherwise on the item since.
    Conflict,
    /// It says too little.
    Unfinished(String),
}

impl Fate {
    /// The word for people.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Applied { late: false } => "applied",
            Self::Applied { late: true } => "applied as one more opinion",
            Self::Duplicate => "duplicate",
            Self::Stale(_) => "stale",
            Self::Conflict => "conflict",
            Self::Unfinished(_) => "unfinished",
        }
    }

    /// Why, where there is more to say.
    #[must_use]
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Stale(why) | Self::Unfinished(why) => Some(why),
            _ => None,
        }
    }
}

/// Takes a file, line by line. Taking it again changes nothing.
///
/// # Errors
/// When the store fails: what was taken until then stands, and is a duplicate the next time.
pub async fn take(desk: &Desk, who: &Who, file: &Returned) -> Result<Vec<(Back, Fate)>, AppError> {
    let mut out = Vec::new();
    for (n, back) in file.decisions.iter().enumerate() {
        let fate = one(desk, who, back, u32::try_from(n).unwrap_or(u32::MAX)).await?;
        out.push((back.clone(), fate));
    }
    Ok(out)
}

async fn one(desk: &Desk, who: &Who, back: &Back, place: u32) -> Result<Fate, AppError> {
    let now = desk.snapshot().await?;
    if let Some(e) = now.known.events().iter().find(|e| e.entry.id == back.id) {
        // Somebody else's id is no way to overwrite what they said.
        return Ok(if e.entry.by.name == *who.name() { Fate::Duplicate } else { Fate::Conflict });
    }
    let Some(item) = now.queue.get(&back.item) else {
        return Ok(Fate::Stale("the run has no such item".to_owned()));
    };
    if let State::Withdrawn { why } = item.state {
        return Ok(Fate::Stale(why.reason().to_owned()));
    }
    if matches!(item.state, State::Folded { .. }) {
        return Ok(Fate::Stale("it is folded into the set".to_owned()));
    }
    let mut task = desk.look(who, item, &now).await?;
    // Somebody who scored blind elsewhere was a grader, whatever became of the item since.
    task.seat = Seat::Grader;
    task.slots = desk.policy().graders(item.listed.risk);
    let made = &back.made;
    task.draft =
        Draft { choice: made.score, chip: made.chip, ruling: made.ruling.clone(), note: made.note.clone(), opened: true, seconds: 0 };
    let outgoing = match task.outgoing(who.via, made.seconds, place) {
        Ok(outgoing) => outgoing,
        Err(not_yet) => return Ok(Fate::Unfinished(not_yet.to_string())),
    };
    Ok(match desk.submit(who, outgoing, &back.id).await?.taken {
        Taken::InTime => Fate::Applied { late: false },
        Taken::Extra => Fate::Applied { late: true },
        Taken::Again => Fate::Duplicate,
        Taken::Twice => Fate::Conflict,
    })
}
