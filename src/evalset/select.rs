//! Which cases of the sets are meant: `--case`, `--tag`, `--not-tag`, `--risk`, `--sample`, `--shard`, and those named by a
//! run. Filters are pure; draws depend on the seed and on names only, so every machine draws the same.

use std::collections::{BinaryHeap, HashSet};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::domain::{Case, CaseId, Digest, DigestBuilder, Risk, SetName};
use crate::error::{AppError, Exit};
use crate::source::did_you_mean;

use super::EvalSet;

/// One of several parts of a selection, `2/5`: decided by the case's name, so that cases added later move no other case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1.
    pub part: u32,
    /// How many parts.
    pub of: u32,
}

/// A text that is no part such as `2/5`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a part: {0:?} (2/5 is the second of five parts)")]
pub struct NotAShard(String);

impl FromStr for Shard {
    type Err = NotAShard;

    fn from_str(s: &str) -> Result<Self, NotAShard> {
        let fault = || NotAShard(s.chars().take(40).collect());
        let (part, of) = s.split_once('/').ok_or_else(fault)?;
        let number = |t: &str| t.trim().parse::<u32>().map_err(|_| fault());
        let shard = Self { part: number(part)?, of: number(of)? };
        if (1..=shard.of).contains(&shard.part) { Ok(shard) } else { Err(fault()) }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.of)
    }
}

/// What was asked for; a case must satisfy all of it. Empty lists ask for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Any of these ids, in any set.
    pub cases: Vec<String>,
    /// Any of these tags.
    pub tags: Vec<String>,
    /// None of these tags.
    pub not_tags: Vec<String>,
    /// Any of these risks.
    pub risks: Vec<Risk>,
    /// So many cases at random, with this seed: drawn of those that the rest leaves.
    pub sample: Option<(u64, u64)>,
    /// One part of what the rest leaves, the sample included.
    pub shard: Option<Shard>,
    /// Only these cases of these sets.
    pub only: Option<HashSet<(SetName, CaseId)>>,
    /// Where `only` comes from, in command line words, e.g. `--failed-in RUN`.
    pub only_words: String,
}

/// A selection that has been resolved: the draw is made, and it is known how much there is.
#[derive(Clone, Debug)]
pub struct Chosen {
    selection: Selection,
    drawn: Option<HashSet<[u8; 16]>>,
    /// Cases selected.
    pub cases: u64,
    /// Trials of those cases as their sets have it.
    pub trials: u64,
}

impl Selection {
    /// Whether a case passes every filter but the sample and the shard.
    #[must_use]
    pub fn wants(&self, set: &SetName, case: &Case) -> bool {
        let has = |tags: &[String]| tags.iter().any(|t| case.tags.binary_search(t).is_ok());
        (self.cases.is_empty() || self.cases.iter().any(|c| c == case.id.as_str()))
            && (self.tags.is_empty() || has(&self.tags))
            && !has(&self.not_tags)
            && (self.risks.is_empty() || self.risks.contains(&case.risk))
            && self.only.as_ref().is_none_or(|only| only.contains(&(set.clone(), case.id.clone())))
    }

    /// Makes the draw and counts, in one pass over the sets and in memory bounded by the size of the sample.
    ///
    /// # Errors
    /// A case id or a tag that no set has, with the nearest one, and nothing selected (exit 5); a set that changed.
    pub fn resolve(self, sets: &[EvalSet]) -> Result<Chosen, AppError> {
        self.known_tags(sets)?;
        let mut found: HashSet<&str> = HashSet::new();
        let mut draw = self.sample.map(|(n, seed)| Draw { most: n, seed, heap: BinaryHeap::new() });
        let mut chosen = Chosen { selection: self.clone(), drawn: None, cases: 0, trials: 0 };
        for set in sets {
            for case in set.cases() {
                let case = case?;
                found.extend(self.cases.iter().map(String::as_str).filter(|id| *id == case.id.as_str()));
                if !self.wants(&set.head.name, &case) {
                    continue;
                }
                match &mut draw {
                    Some(draw) => draw.offer(&set.head.name, &case),
                    None => chosen.count(&case.id, case.trials),
                }
            }
        }
        if let Some(missing) = self.cases.iter().find(|id| !found.contains(id.as_str())) {
            return Err(unknown_case(missing, sets));
        }
        if let Some(draw) = draw {
            let kept = draw.heap.into_vec();
            for d in &kept {
                chosen.count(&d.case_id, d.trials);
            }
            chosen.drawn = Some(kept.into_iter().map(|d| d.key).collect());
        }
        if chosen.cases == 0 {
            let words = self.to_string();
            let help = if words.is_empty() { "the sets have no active case".to_owned() } else { format!("nothing matches: {words}") };
            return Err(AppError::new(Exit::NothingSelected, "no case is selected").with_help(help));
        }
        Ok(chosen)
    }

    fn known_tags(&self, sets: &[EvalSet]) -> Result<(), AppError> {
        let Some(known) = sets.iter().map(EvalSet::tags).collect::<Option<Vec<_>>>() else { return Ok(()) };
        let unknown = |t: &&String| !known.iter().any(|k| k.contains_key(*t));
        let Some(tag) = self.tags.iter().chain(&self.not_tags).find(unknown) else { return Ok(()) };
        let names = known.iter().flat_map(|k| k.keys().map(String::as_str));
        let error = AppError::new(Exit::NothingSelected, format!("no case has the tag `{tag}`"));
        Err(match did_you_mean(tag, names) {
            Some(help) => error.with_help(help),
            None => error,
        })
    }
}

fn unknown_case(id: &str, sets: &[EvalSet]) -> AppError {
    let mut best: Option<(usize, String)> = None;
    for case in sets.iter().flat_map(EvalSet::all_cases).flatten() {
        let distance = strsim::osa_distance(id, case.id.as_str());
        if best.as_ref().is_none_or(|(d, _)| distance < *d) {
            best = Some((distance, case.id.as_str().to_owned()));
        }
        if case.id.as_str() == id {
            return AppError::new(Exit::NothingSelected, format!("the case `{id}` does not run: it is a draft or retired"));
        }
    }
    let error = AppError::new(Exit::NothingSelected, format!("there is no case `{id}`"));
    match best {
        Some((d, name)) if d <= id.chars().count().div_ceil(2) => error.with_help(format!("did you mean `{name}`?")),
        _ => error,
    }
}

impl Chosen {
    /// Whether a case is selected.
    #[must_use]
    pub fn keeps(&self, set: &SetName, case: &Case) -> bool {
        self.in_shard(&case.id)
            && match (&self.drawn, self.selection.sample) {
                (Some(drawn), Some((_, seed))) => drawn.contains(&key(seed, set, &case.id)),
                _ => self.selection.wants(set, case),
            }
    }

    /// The selected cases in file order, each with the index of its set.
    pub fn cases<'a>(&'a self, sets: &'a [EvalSet]) -> impl Iterator<Item = Result<(usize, Arc<Case>), AppError>> + Send + 'a {
        sets.iter().enumerate().flat_map(move |(i, set)| {
            set.cases().filter(move |c| c.as_ref().map_or(true, |c| self.keeps(&set.head.name, c))).map(move |c| c.map(|c| (i, c)))
        })
    }

    /// What was asked for.
    #[must_use]
    pub fn selection(&self) -> &Selection {
        &self.selection
    }

    fn in_shard(&self, id: &CaseId) -> bool {
        self.selection.shard.is_none_or(|s| {
            let digest = DigestBuilder::new("shard/1").text("case", id.as_str()).finish();
            head(&digest) % u64::from(s.of) == u64::from(s.part - 1)
        })
    }

    fn count(&mut self, id: &CaseId, trials: u16) {
        if self.in_shard(id) {
            self.cases += 1;
            self.trials += u64::from(trials);
        }
    }
}

/// The cases with the smallest keys so far.
struct Draw {
    most: u64,
    seed: u64,
    heap: BinaryHeap<Drawn>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Drawn {
    key: [u8; 16],
    case_id: CaseId,
    trials: u16,
}

impl Draw {
    fn offer(&mut self, set: &SetName, case: &Case) {
        let key = key(self.seed, set, &case.id);
        if (self.heap.len() as u64) < self.most {
            self.heap.push(Drawn { key, case_id: case.id.clone(), trials: case.trials });
        } else if self.heap.peek().is_some_and(|top| key < top.key) {
            self.heap.pop();
            self.heap.push(Drawn { key, case_id: case.id.clone(), trials: case.trials });
        }
    }
}

/// A case's place in a draw: the smallest win.
fn key(seed: u64, set: &SetName, id: &CaseId) -> [u8; 16] {
    let digest =
        DigestBuilder::new("sample/1").bytes("seed", &seed.to_le_bytes()).text("set", set.as_str()).text("case", id.as_str()).finish();
    let mut key = [0; 16];
    key.copy_from_slice(&digest.bytes()[..16]);
    key
}

fn head(digest: &Digest) -> u64 {
    digest.bytes()[..8].iter().fold(0, |n, b| (n << 8) | u64::from(*b))
}

/// In the words of the command line; empty if everything is meant.
impl fmt::Display for Selection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words: Vec<String> = self.cases.iter().map(|c| format!("--case {c}")).collect();
        for (flag, list) in [("--tag", &self.tags), ("--not-tag", &self.not_tags)] {
            if !list.is_empty() {
                words.push(format!("{flag} {}", list.join(",")));
            }
        }
        if !self.risks.is_empty() {
            words.push(format!("--risk {}", self.risks.iter().map(|r| r.word()).collect::<Vec<_>>().join(",")));
        }
        if self.only.is_some() && !self.only_words.is_empty() {
            words.push(self.only_words.clone());
        }
        if let Some((n, seed)) = self.sample {
            words.push(format!("--sample {n} --seed {seed}"));
        }
        if let Some(shard) = self.shard {
            words.push(format!("--shard {shard}"));
        }
        f.write_str(&words.join(" "))
    }
}

#[cfg(test)]
#[path = "select_tests.rs"]
mod tests;
