//! Eval sets and rubrics: from files to checked domain types.
//!
//! Invariant: an [`EvalSet`] in hand has passed every check; cases of JSONL and CSV sets are read again from disk each time,
//! and bytes that changed since the check are an error, never a case.

pub mod check;
mod csv_set;
mod jsonl;
pub mod lint;
mod load;
mod looks;

pub mod raw;
mod rubrics;
pub mod schema;
mod second;

pub mod select;
mod stream;
mod weak;
mod yaml;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::{Case, SetHead, Status};
use crate::error::AppError;

pub use load::{is_set_file, load_sets, read_sets, read_yaml_set};
pub use rubrics::{Rubrics, load_rubrics, read_rubric, read_rubrics};
pub use second::second_opinion;
pub use select::{Chosen, Selection, Shard};

/// Distinct tags counted a set; a set with more has no list of tags to check names against.
const MAX_TAGS: usize = 10_000;

/// Cases, one after another; an error ends them.
pub type Cases = Box<dyn Iterator<Item = Result<Arc<Case>, AppError>> + Send>;

/// A checked set.
#[derive(Clone, Debug)]
pub struct EvalSet {
    /// Name, rubric, file, digest, number of active cases.
    pub head: SetHead,
    /// The file itself; `head.path` is how it is shown.
    file: PathBuf,
    counts: Counts,
    body: Body,
}

#[derive(Clone, Debug)]
enum Body {
    Memory(Arc<[Arc<Case>]>),
    Stream(Arc<stream::Blocks>),
}

/// What a first pass over the cases counts.
#[derive(Clone, Debug, Default)]
struct Counts {
    /// All cases, drafts and retired ones among them.
    all: u64,
    active: u64,
    /// Active cases whose expected answer no person has checked.
    unchecked: u64,
    /// Active cases by tag; `None` once there are too many tags.
    tags: Option<BTreeMap<String, u64>>,
}

impl Counts {
    fn new() -> Self {
        Self { tags: Some(BTreeMap::new()), ..Self::default() }
    }

    fn add(&mut self, case: &Case) {
        self.all += 1;
        if case.status != Status::Active {
            return;
        }
        self.active += 1;
        self.unchecked += u64::from(!case.human_checked);
        for tag in &case.tags {
            let Some(tags) = &mut self.tags else { return };
            if let Some(n) = tags.get_mut(tag) {
                *n += 1;
            } else if tags.len() < MAX_TAGS {
                tags.insert(tag.clone(), 1);
            } else {
                self.tags = None;
            }
        }
    }
}

impl EvalSet {
    /// Every active case in file order: what runs.
    #[must_use]
    pub fn cases(&self) -> Cases {
        Box::new(self.all_cases().filter(|c| c.as_ref().map_or(true, |c| c.status == Status::Active)))
    }

    /// Every case in file order, drafts and retired ones too.
    #[must_use]
    pub fn all_cases(&self) -> Cases {
        match &self.body {
            Body::Memory(cases) => {
                let cases = Arc::clone(cases);
                Box::new((0..cases.len()).map(move |i| Ok(Arc::clone(&cases[i]))))
            }
            Body::Stream(blocks) => Box::new(stream::StreamedCases::open(Arc::clone(blocks))),
        }
    }

    /// Whether cases are called after their rows: ids that move when a row is added.
    #[must_use]
    pub fn derives_ids(&self) -> bool {
        matches!(&self.body, Body::Stream(blocks) if matches!(&blocks.format, stream::Format::Csv(columns) if columns.derives_ids()))
    }

    /// Cases in the file, drafts and retired ones too.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.all
    }

    /// Active cases whose expected answer no person has checked.
    #[must_use]
    pub fn unchecked(&self) -> u64 {
        self.counts.unchecked
    }

    /// Active cases by tag; `None` for a set with more than 10,000 tags.
    #[must_use]
    pub fn tags(&self) -> Option<&BTreeMap<String, u64>> {
        self.counts.tags.as_ref()
    }
}
