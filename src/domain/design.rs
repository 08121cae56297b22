//! Which outputs of a run people were asked to grade, and with which probability. Frozen before the first grade.
//!
//! Invariant: every inclusion probability is `drawn / size` of its stratum and never 0, and the digest covers all of it.

use serde::{Deserialize, Serialize};

use super::digest::{Digest, DigestBuilder};
use super::ids::AgentName;

/// Why a stratum is reviewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// An unchanged answer that already has a blind grade: costs nothing.
    Replay,
    /// Policy: a must-pass tag, a judge that gave no score, a dispute.
    Must,
    /// Reviewing it is expected to repay its minutes by putting the verdict right.
    Evr,
    /// So uncertain that the audit takes it with certainty.
    Sure,
    /// Drawn at random.
    Audit,
}

impl Reason {
    /// The word used in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Must => "must",
            Self::Evr => "evr",
            Self::Sure => "sure",
            Self::Audit => "audit",
        }
    }
}

/// A part of a run from which a fixed number of outputs is drawn without replacement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DesignStratum {
    /// Which agent's outputs; strata never cross agents.
    pub agent: AgentName,
    /// Why it is reviewed.
    pub reason: Reason,
    /// Outputs in it.
    pub size: u64,
    /// Outputs drawn: from 1 to `size` (0 only where nothing is reviewed, and then nothing can be estimated).
    pub drawn: u64,
}

impl DesignStratum {
    /// P(an output of it is drawn), from 0 to 1.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    pub fn inclusion(&self) -> f64 {
        if self.size == 0 { 0.0 } else { self.drawn as f64 / self.size as f64 }
    }
}

/// One output's place in a design.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DesignItem {
    /// The trial's position in the run.
    pub seq: u64,
    /// Index into [`Design::strata`].
    pub stratum: u32,
    /// Order of drawing within the stratum, from 0: drawn while below `drawn`; a top-up takes the next ranks.
    pub rank: u64,
    /// Predicted probability that people pass it, from judges alone, by the frozen calibrator.
    pub predicted: f64,
    /// Minutes that grading it is expected to take.
    pub minutes: f64,
}

impl DesignItem {
    /// Bytes of one item: what is stored and what the digest covers.
    pub const BYTES: usize = 36;

    /// The item as bytes, little-endian, field after field.
    #[must_use]
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        let mut row = [0_u8; Self::BYTES];
        row[..8].copy_from_slice(&self.seq.to_le_bytes());
        row[8..12].copy_from_slice(&self.stratum.to_le_bytes());
        row[12..20].copy_from_slice(&self.rank.to_le_bytes());
        row[20..28].copy_from_slice(&self.predicted.to_bits().to_le_bytes());
        row[28..].copy_from_slice(&self.minutes.to_bits().to_le_bytes());
        row
    }

    /// The item of such bytes.
    #[must_use]
    pub fn of_bytes(row: &[u8; Self::BYTES]) -> Self {
        fn part<const N: usize>(row: &[u8], from: usize) -> [u8; N] {
            let mut bytes = [0; N];
            bytes.copy_from_slice(&row[from..from + N]);
            bytes
        }
        Self {
            seq: u64::from_le_bytes(part(row, 0)),
            stratum: u32::from_le_bytes(part(row, 8)),
            rank: u64::from_le_bytes(part(row, 12)),
            predicted: f64::from_bits(u64::from_le_bytes(part(row, 20))),
            minutes: f64::from_bits(u64::from_le_bytes(part(row, 28))),
        }
    }
}

/// A frozen plan of who grades what. Its items are kept beside it, in order of `seq`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Design {
    /// Seed of the draws.
    pub seed: u64,
    /// Minutes asked for; absent for the default audit.
    pub minutes: Option<f64>,
    /// The calibrator that predicted, in words and numbers.
    pub calibrator: Digest,
    /// The parts.
    pub strata: Vec<DesignStratum>,
    /// Over all of the above and every item: what was frozen.
    pub digest: Digest,
}

impl Design {
    /// Freezes a design. Items are in order of `seq`.
    #[must_use]
    pub fn freeze(seed: u64, minutes: Option<f64>, calibrator: Digest, strata: Vec<DesignStratum>, items: &[DesignItem]) -> Self {
        let digest = Self::digest_of(seed, minutes, calibrator, &strata, items);
        Self { seed, minutes, calibrator, strata, digest }
    }

    /// True if these items are the ones that were frozen.
    #[must_use]
    pub fn holds(&self, items: &[DesignItem]) -> bool {
        self.digest == Self::digest_of(self.seed, self.minutes, self.calibrator, &self.strata, items)
    }

    fn digest_of(seed: u64, minutes: Option<f64>, calibrator: Digest, strata: &[DesignStratum], items: &[DesignItem]) -> Digest {
        let mut b = DigestBuilder::new("design/1").bytes("seed", &seed.to_le_bytes()).digest("calibrator", &calibrator);
        if let Some(m) = minutes {
            b = b.bytes("minutes", &m.to_bits().to_le_bytes());
        }
        for s in strata {
            b = b
                .text("agent", s.agent.as_str())
                .text("reason", s.reason.word())
                .bytes("size", &s.size.to_le_bytes())
                .bytes("drawn", &s.drawn.to_le_bytes());
        }
        for i in items {
            b = b.bytes("item", &i.to_bytes());
        }
        b.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_design_holds_until_one_bit_of_it_changes() {
        let agent = AgentName::new("a").unwrap();
        let strata = vec![DesignStratum { agent, reason: Reason::Audit, size: 4, drawn: 1 }];
        let items: Vec<DesignItem> =
            (0..4).map(|seq| DesignItem { seq, stratum: 0, rank: 3 - seq, predicted: 0.5, minutes: 0.5 }).collect();
        let design = Design::freeze(7, Some(2.0), Digest::of_bytes(b"c"), strata, &items);
        assert!((design.strata[0].inclusion() - 0.25).abs() < 1e-12);
        assert!(design.holds(&items));
        assert!(items.iter().all(|i| DesignItem::of_bytes(&i.to_bytes()) == *i));
        let mut changed = items.clone();
        changed[2].rank = 0;
        assert!(!design.holds(&changed));
        assert!(!design.holds(&items[1..]));
        let mut other = design.clone();
        other.strata[0].drawn = 2;
        assert!(!other.holds(&items));
    }
}
