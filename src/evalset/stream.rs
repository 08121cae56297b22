//! Sets that stay on disk: hashed in blocks when they are checked, and read again block by block when they run.
//!
//! Invariant: no case is ever made of bytes that differ from those that were checked. Memory is one block.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::{Case, Digest};
use crate::error::AppError;
use crate::source::{Diagnostic, Faults};

use super::check::Defaults;
use super::csv_set::{self, Columns};
use super::jsonl;

/// A block ends at the first record that ends at or after this many bytes.
pub(super) const BLOCK: usize = if cfg!(test) { 1024 } else { 256 * 1024 };
/// The longest line of JSONL and the longest record of CSV, in bytes.
pub(super) const MAX_RECORD: usize = 16 * 1024 * 1024;
/// Faults collected of one file before reading stops.
pub(super) const MAX_FAULTS: usize = 100;

/// How the records of a file are read.
#[derive(Clone, Debug)]
pub(super) enum Format {
    Jsonl,
    Csv(Columns),
}

/// A file as it was checked.
#[derive(Clone, Debug)]
pub(super) struct Blocks {
    pub path: PathBuf,
    pub shown: PathBuf,
    pub format: Format,
    pub defaults: Defaults,
    pub list: Vec<Block>,
}

/// Some whole records of a file.
#[derive(Clone, Debug)]
pub(super) struct Block {
    len: usize,
    hash: [u8; 16],
    /// 1-based line on which the block starts.
    pub line: u32,
    /// Records of the file before it, head or header among them.
    pub before: u64,
}

/// Cuts a file into blocks while it is read for the first time.
pub(super) struct BlockWriter {
    pub list: Vec<Block>,
    whole: blake3::Hasher,
    open: blake3::Hasher,
    current: Block,
}

impl BlockWriter {
    pub fn new() -> Self {
        let current = Block { len: 0, hash: [0; 16], line: 1, before: 0 };
        Self { list: Vec::new(), whole: blake3::Hasher::new(), open: blake3::Hasher::new(), current }
    }

    /// Takes one record with its line end; says on which line its first byte that is no line end stands.
    pub fn record(&mut self, lines: &mut Lines, bytes: &[u8]) -> u32 {
        let line = lines.of(bytes);
        self.whole.update(bytes);
        self.open.update(bytes);
        self.current.len += bytes.len();
        lines.records += 1;
        if self.current.len >= BLOCK {
            self.cut(lines);
        }
        line
    }

    fn cut(&mut self, lines: &Lines) {
        let next = Block { len: 0, hash: [0; 16], line: lines.line, before: lines.records };
        let mut done = std::mem::replace(&mut self.current, next);
        done.hash = short(&self.open);
        self.open.reset();
        self.list.push(done);
    }

    /// The blocks, and the digest of the whole file.
    pub fn finish(mut self, lines: &Lines) -> (Vec<Block>, Digest) {
        if self.current.len > 0 {
            self.cut(lines);
        }
        (self.list, self.whole.finalize().into())
    }
}

/// Counts lines and records.
#[derive(Clone, Debug)]
pub(super) struct Lines {
    /// The line on which the next byte stands.
    pub line: u32,
    /// Records so far.
    pub records: u64,
}

impl Lines {
    pub fn from(line: u32, records: u64) -> Self {
        Self { line, records }
    }

    /// The line of a record's first byte that is no line end; counts the record's lines.
    pub fn of(&mut self, bytes: &[u8]) -> u32 {
        let feeds = |b: &[u8]| u32::try_from(b.split(|b| *b == b'\n').count() - 1).unwrap_or(u32::MAX);
        let content = bytes.iter().position(|b| !matches!(b, b'\n' | b'\r')).unwrap_or(bytes.len());
        let line = self.line.saturating_add(feeds(&bytes[..content]));
        self.line = line.saturating_add(feeds(&bytes[content..]));
        line
    }
}

fn short(hasher: &blake3::Hasher) -> [u8; 16] {
    let mut out = [0; 16];
    out.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
    out
}

/// The cases of a file, block by block.
pub(super) struct StreamedCases {
    blocks: Arc<Blocks>,
    file: Option<File>,
    next: usize,
    ready: std::vec::IntoIter<Arc<Case>>,
    over: bool,
}

impl StreamedCases {
    pub fn open(blocks: Arc<Blocks>) -> Self {
        Self { blocks, file: None, next: 0, ready: Vec::new().into_iter(), over: false }
    }

    fn changed(&self) -> AppError {
        AppError::usage(format!("{} changed while it was being read", self.blocks.shown.display())).with_help("run the command again")
    }

    /// Reads and checks the next block; an empty list at the end of the file.
    fn fill(&mut self) -> Result<Vec<Arc<Case>>, AppError> {
        let mut file = match self.file.take() {
            Some(file) => file,
            None => File::open(&self.blocks.path).map_err(|e| self.changed().because(e))?,
        };
        let Some(block) = self.blocks.list.get(self.next) else {
            return match file.read(&mut [0]) {
                Ok(0) => Ok(Vec::new()),
                Ok(_) => Err(self.changed()),
                Err(e) => Err(self.changed().because(e)),
            };
        };
        let mut bytes = vec![0; block.len];
        file.read_exact(&mut bytes).map_err(|e| self.changed().because(e))?;
        if short(blake3::Hasher::new().update(&bytes)) != block.hash {
            return Err(self.changed());
        }
        self.file = Some(file);
        self.next += 1;
        let read = match &self.blocks.format {
            Format::Jsonl => jsonl::cases_of(&bytes, block, &self.blocks),
            Format::Csv(columns) => csv_set::cases_of(&bytes, block, columns, &self.blocks),
        };
        read.map_err(|faults: Vec<Diagnostic>| Faults::gather(faults).map_or_else(|| self.changed(), |f| f.into_error(false)))
    }
}

impl Iterator for StreamedCases {
    type Item = Result<Arc<Case>, AppError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(case) = self.ready.next() {
                return Some(Ok(case));
            }
            if self.over {
                return None;
            }
            // A block may hold no case: blank lines only.
            let at_end = self.next >= self.blocks.list.len();
            match self.fill() {
                Ok(cases) => self.ready = cases.into_iter(),
                Err(e) => {
                    self.over = true;
                    return Some(Err(e));
                }
            }
            self.over = at_end;
        }
    }
}

/// Finds ids that stand twice without keeping the ids: eight bytes of a hash each. Colliding hashes only cost a second look.
#[derive(Default)]
pub(super) struct SeenIds(Vec<u64>);

impl SeenIds {
    pub fn hash(id: &str) -> u64 {
        let mut head = [0; 8];
        head.copy_from_slice(&blake3::hash(id.as_bytes()).as_bytes()[..8]);
        u64::from_le_bytes(head)
    }

    pub fn add(&mut self, id: &str) {
        self.0.push(Self::hash(id));
    }

    /// Sorted hashes; those that stand more than once.
    pub fn repeated(&mut self) -> Vec<u64> {
        self.0.sort_unstable();
        let mut twice: Vec<u64> = self.0.windows(2).filter(|w| w[0] == w[1]).map(|w| w[0]).collect();
        twice.dedup();
        twice
    }

    /// Whether an id was added; only after [`SeenIds::repeated`].
    pub fn holds(&self, id: &str) -> bool {
        self.0.binary_search(&Self::hash(id)).is_ok()
    }
}
