//! Who is drawn: an order by keyed hash that anyone can replay, the queue for graders, and top-ups.

use super::candidate::Candidate;
use crate::domain::{Design, DesignItem, Digest, DigestBuilder, Reason};

/// What an output is drawn by: the first eight bytes of the audit's keyed hash, so that the default audit and the router
/// draw the same outputs. `identity` is [`crate::routing::identity`].
#[must_use]
pub fn draw_key(seed: u64, identity: &Digest) -> u64 {
    head(&crate::routing::audit::key(seed, identity))
}

fn head(digest: &Digest) -> u64 {
    let mut bytes = [0_u8; 8];
    bytes.copy_from_slice(&digest.bytes()[..8]);
    u64::from_be_bytes(bytes)
}

/// Orders the members of a stratum for drawing. With a stratum number the keys are hashed with it, so that the order in
/// one stratum says nothing of that in another; without one they stand as they are.
pub(super) fn ranked(candidates: &[Candidate], members: &mut [u32], stratum: Option<u32>) {
    let rank = |i: &u32| {
        let Some(c) = candidates.get(*i as usize) else { return (u64::MAX, u64::MAX) };
        let key = match stratum {
            Some(k) => head(&DigestBuilder::new("draw/1").bytes("stratum", &k.to_le_bytes()).bytes("key", &c.key.to_le_bytes()).finish()),
            None => c.key,
        };
        (key, c.seq)
    };
    members.sort_by_cached_key(rank);
}

/// The trials that a design draws, in order of `seq`, replays included.
pub fn drawn<'a>(design: &'a Design, items: &'a [DesignItem]) -> impl Iterator<Item = &'a DesignItem> {
    items.iter().filter(|i| design.strata.get(i.stratum as usize).is_some_and(|s| i.rank < s.drawn))
}

/// The trials that people are asked to grade, in an order that tells nothing of why: replays are left out.
#[must_use]
pub fn queue(design: &Design, items: &[DesignItem]) -> Vec<u64> {
    let replay = |i: &&DesignItem| design.strata.get(i.stratum as usize).is_some_and(|s| s.reason == Reason::Replay);
    let mut seqs: Vec<u64> = drawn(design, items).filter(|i| !replay(i)).map(|i| i.seq).collect();
    let place =
        |seq: &u64| DigestBuilder::new("queue/1").bytes("seed", &design.seed.to_le_bytes()).bytes("seq", &seq.to_le_bytes()).finish();
    seqs.sort_by_cached_key(place);
    seqs
}

/// The design with `more` grades from the audit: each stratum gives in proportion to what it gave, the next ranks first.
/// What was drawn stays drawn; the digest is another one. At most all outputs are drawn.
#[must_use]
pub fn top_up(design: &Design, items: &[DesignItem], more: u64) -> Design {
    let mut strata = design.strata.clone();
    let open = |s: &crate::domain::DesignStratum| s.reason == Reason::Audit && s.drawn < s.size;
    let start: Vec<u64> = strata.iter().map(|s| s.drawn.max(1)).collect();
    let left: u64 = strata.iter().filter(|s| open(s)).map(|s| s.size - s.drawn).sum();
    for _ in 0..more.min(left) {
        // The stratum that has grown least against what it gave at first.
        let grown = |k: usize, drawn: u64| drawn as f64 / start.get(k).copied().unwrap_or(1) as f64;
        let next = (0..).zip(&strata).filter(|(_, s)| open(s)).min_by(|(j, a), (k, b)| grown(*j, a.drawn).total_cmp(&grown(*k, b.drawn)));
        let Some(k) = next.map(|(k, _)| k) else { break };
        if let Some(s) = strata.get_mut(k) {
            s.drawn += 1;
        }
    }
    Design::freeze(design.seed, design.minutes, design.calibrator, strata, items)
}
