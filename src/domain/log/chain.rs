//! The hash chain: sealing an event, and finding edits, reordering, gaps and a cut tail.
//!
//! An event's body is canonical JSON (keys sorted, no white space, whole numbers only); its digest is BLAKE3 over a domain tag and
//! that body, and the next event holds it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Entry, Event};
use crate::domain::digest::{Digest, DigestBuilder};

/// The end of a chain: what a report quotes, so that a tail that is cut later shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Events in the chain.
    pub events: u64,
    /// Digest of the last one; of nothing for an empty chain.
    pub digest: Digest,
}

impl Default for Head {
    fn default() -> Self {
        Self { events: 0, digest: DigestBuilder::new("log/1").finish() }
    }
}

/// A sealed event: the bytes that are stored, and their digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Place in the chain, from 0.
    pub position: u64,
    /// Canonical JSON of the event.
    pub body: String,
    /// Digest of the body.
    pub digest: Digest,
}

/// Why a chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// The body is not what was sealed.
    #[error("event {position} was edited: its digest does not hold")]
    Edited {
        /// Where.
        position: u64,
    },
    /// An event is missing, doubled or moved.
    #[error("event {expected} is missing or was moved: event {found} stands in its place")]
    Gap {
        /// The place that should follow.
        expected: u64,
        /// The place that is there.
        found: u64,
    },
    /// The event does not follow the one before it.
    #[error("event {position} does not follow the one before it: events were exchanged, or one was put in")]
    Unlinked {
        /// Where.
        position: u64,
    },
    /// The body cannot be read.
    #[error("event {position} cannot be read: {detail}")]
    Unreadable {
        /// Where.
        position: u64,
        /// Why.
        detail: String,
    },
    /// A head that was written down is not in the chain.
    #[error(
        "the chain had {events} events ending in {digest} when that was written down, and no longer has: its tail was cut or rewritten"
    )]
    Cut {
        /// How many events there were.
        events: u64,
        /// What the last one's digest was.
        digest: Digest,
    },
}

/// Puts an entry at the end of a chain.
///
/// # Errors
/// When the entry cannot be written as JSON, which no entry of ours does.
pub fn seal(entry: Entry, head: &Head) -> Result<Link, serde_json::Error> {
    let event = Event { position: head.events, prev: head.digest, entry };
    let body = canonical(&serde_json::to_value(&event)?);
    let digest = digest_of(&body);
    Ok(Link { position: head.events, body, digest })
}

fn digest_of(body: &str) -> Digest {
    DigestBuilder::new("log/1").text("event", body).finish()
}

/// JSON with sorted keys and no white space, whatever order a map of this build keeps.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<&String> = map.keys().collect();
            keys.sort_unstable();
            let fields: Vec<String> = keys.iter().map(|k| format!("{}:{}", Value::String((*k).clone()), canonical(&map[*k]))).collect();
            format!("{{{}}}", fields.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

/// Walks a chain link by link.
#[derive(Clone, Debug, Default)]
pub struct Verifier {
    head: Head,
    known: Vec<Head>,
}

impl Verifier {
    /// Nothing walked yet; `known` are heads that were written down elsewhere and must be met on the way.
    #[must_use]
    pub fn new(known: Vec<Head>) -> Self {
        let mut v = Self { head: Head::default(), known };
        v.meet();
        v
    }

    fn meet(&mut self) {
        let head = self.head;
        self.known.retain(|k| *k != head);
    }

    /// The next link, in order of position.
    ///
    /// # Errors
    /// [`Broken`] when it does not follow.
    pub fn next(&mut self, link: &Link) -> Result<Event, Broken> {
        let position = link.position;
        if position != self.head.events {
            return Err(Broken::Gap { expected: self.head.events, found: position });
        }
        if digest_of(&link.body) != link.digest {
            return Err(Broken::Edited { position });
        }
        let event: Event = serde_json::from_str(&link.body).map_err(|e| Broken::Unreadable { position, detail: e.to_string() })?;
        if event.prev != self.head.digest || event.position != position {
            return Err(Broken::Unlinked { position });
        }
        self.head = Head { events: position + 1, digest: link.digest };
        self.meet();
        Ok(event)
    }

    /// The end.
    ///
    /// # Errors
    /// [`Broken::Cut`] when a known head was not met.
    pub fn finish(self) -> Result<Head, Broken> {
        match self.known.first() {
            Some(k) => Err(Broken::Cut { events: k.events, digest: k.digest }),
            None => Ok(self.head),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{EventId, GraderName, RunId};
    use crate::domain::log::{Act, Author, Known};

    fn entry(n: u64) -> Entry {
        Entry {
            id: EventId::new(&format!("d-{n}")).unwrap(),
            at_ms: 1_000 + i64::try_from(n).unwrap(),
            by: Author { name: GraderName::new("ana").unwrap(), known: Known::Local },
            act: Act::Planned { run: RunId::new("r").unwrap(), design: Digest::of_bytes(&n.to_le_bytes()), drawn: n },
        }
    }

    fn chain(n: u64) -> Vec<Link> {
        let mut head = Head::default();
        (0..n)
            .map(|i| {
                let link = seal(entry(i), &head).unwrap();
                head = Head { events: i + 1, digest: link.digest };
                link
            })
            .collect()
    }

    fn walk(links: &[Link], known: Vec<Head>) -> Result<Head, Broken> {
        let mut v = Verifier::new(known);
        for l in links {
            v.next(l)?;
        }
        v.finish()
    }

    #[test]
    fn a_chain_holds_and_gives_its_events_back() {
        let links = chain(5);
        let mut v = Verifier::default();
        let ids: Vec<String> = links.iter().map(|l| v.next(l).unwrap().entry.id.to_string()).collect();
        assert_eq!(ids, ["d-0", "d-1", "d-2", "d-3", "d-4"]);
        assert_eq!(v.finish().unwrap().events, 5);
    }

    #[test]
    fn an_edit_a_gap_an_exchange_and_a_cut_are_told_apart() {
        let links = chain(5);
        let whole = walk(&links, vec![]).unwrap();
        let mut edited = links.clone();
        edited[2].body = edited[2].body.replace("ana", "bob");
        assert_eq!(walk(&edited, vec![]), Err(Broken::Edited { position: 2 }));
        let mut resealed = edited.clone();
        resealed[2].digest = digest_of(&resealed[2].body);
        assert_eq!(walk(&resealed, vec![]), Err(Broken::Unlinked { position: 3 }));
        let mut gap = links.clone();
        gap.remove(1);
        assert_eq!(walk(&gap, vec![]), Err(Broken::Gap { expected: 1, found: 2 }));
        assert_eq!(walk(&links[..3], vec![whole]), Err(Broken::Cut { events: 5, digest: whole.digest }));
        assert_eq!(walk(&links[..3], vec![]).unwrap().events, 3, "without a head written down a cut cannot show");
        assert!(walk(&links, vec![whole, Head::default()]).is_ok());
    }

    #[test]
    fn keys_are_sorted_and_nothing_is_spaced() {
        let link = seal(entry(7), &Head::default()).unwrap();
        assert!(link.body.starts_with(r#"{"act":{"act":"planned","design":""#), "{}", link.body);
        assert!(!link.body.contains(": "));
    }
}
