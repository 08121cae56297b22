//! Where each recorded answer stands in its file.
//!
//! Invariant: repeated ids get the lowest free trial in file order, whatever the explicit trials around them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use super::record::{Columns, Form, Record, RecordFault};
use crate::domain::Digest;

/// The longest record, in bytes.
const MAX_RECORD: u64 = 64 * 1024 * 1024;
/// Faults collected before giving up.
const MAX_FAULTS: usize = 20;

/// One answer's place.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Of the case id.
    hash: u64,
    pub offset: u64,
    pub len: u32,
    /// 1-based line of the file.
    pub line: u32,
    /// Of the set's name; 0 where none is given.
    set: u32,
    /// As written; after [`Index::new`] always known.
    trial: Option<u16>,
}

/// A fault at its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IndexFault {
    pub line: u32,
    pub column: usize,
    pub message: String,
}

/// All places, sorted by id hash and trial.
#[derive(Debug, Default)]
pub(super) struct Index(Vec<Entry>);

impl Index {
    /// Gives every answer its trial.
    fn new(mut entries: Vec<Entry>, faults: &mut Vec<IndexFault>) -> Self {
        entries.sort_unstable_by_key(|e| (e.hash, e.offset));
        for group in entries.chunk_by_mut(|a, b| a.hash == b.hash) {
            if group.len() == 1 {
                group[0].trial.get_or_insert(0);
            } else {
                number(group, faults);
            }
        }
        entries.sort_unstable_by_key(|e| (e.hash, e.trial, e.offset));
        entries.shrink_to_fit();
        Self(entries)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The place of an answer, or how many trials of that case there are.
    pub fn find(&self, id: &str, trial: u16) -> Result<&Entry, usize> {
        let hash = hash(id);
        let from = self.0.partition_point(|e| e.hash < hash);
        let group = &self.0[from..from + self.0[from..].partition_point(|e| e.hash == hash)];
        group.binary_search_by_key(&Some(trial), |e| e.trial).map(|i| &group[i]).map_err(|_| group.len())
    }
}

/// Numbers the answers of one case, given in file order.
fn number(group: &mut [Entry], faults: &mut Vec<IndexFault>) {
    let mut taken: BTreeMap<u16, u32> = BTreeMap::new();
    for e in group.iter() {
        if e.set != group[0].set {
            let message = format!("this case id is also recorded for another set (line {}): use one file a set", group[0].line);
            push(faults, e.line, 1, message);
            return;
        }
        let Some(trial) = e.trial else { continue };
        if let Some(first) = taken.insert(trial, e.line) {
            push(faults, e.line, 1, format!("trial {trial} of this case is recorded twice (first in line {first})"));
        }
    }
    let taken: BTreeSet<u16> = taken.into_keys().collect();
    let mut free = (0..=u16::MAX).filter(|t| !taken.contains(t));
    for e in group.iter_mut().filter(|e| e.trial.is_none()) {
        e.trial = free.next();
        if e.trial.is_none() {
            push(faults, e.line, 1, "too many answers of one case".to_owned());
        }
    }
}

/// Reads the file once: its index, the digest of its content, and what is wrong with it.
pub(super) fn build(file: impl Read, form: &Form) -> io::Result<(Index, Digest, Vec<IndexFault>)> {
    let mut reader = BufReader::with_capacity(256 * 1024, Hashing { inner: file, hasher: blake3::Hasher::new() });
    let mut faults = Vec::new();
    let entries = match form {
        Form::Jsonl => jsonl(&mut reader, &mut faults)?,
        Form::Csv(_) => csv(&mut reader, &mut faults)?,
    };
    if faults.len() < MAX_FAULTS {
        io::copy(&mut reader, &mut io::sink())?;
    }
    let digest = reader.get_ref().hasher.finalize().into();
    let index = Index::new(entries, &mut faults);
    faults.sort_by_key(|f| (f.line, f.column));
    faults.truncate(MAX_FAULTS);
    Ok((index, digest, faults))
}

/// The form with its columns known.
pub(super) fn headed(file: &mut (impl Read + Seek), form: Form) -> io::Result<Form> {
    if form == Form::Jsonl {
        return Ok(form);
    }
    file.seek(SeekFrom::Start(0))?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let head = reader.byte_headers().map_err(io::Error::other)?;
    Columns::of(head).map(Form::Csv).map_err(|f| io::Error::other(f.message))
}

fn jsonl(reader: &mut impl BufRead, faults: &mut Vec<IndexFault>) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut bytes = Vec::new();
    let (mut offset, mut line) = (0u64, 0u32);
    loop {
        bytes.clear();
        let n = reader.by_ref().take(MAX_RECORD).read_until(b'\n', &mut bytes)? as u64;
        if n == 0 || faults.len() >= MAX_FAULTS {
            return Ok(entries);
        }
        line = line.saturating_add(1);
        let start = if line == 1 && bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
        let content = &bytes[start..];
        if n == MAX_RECORD {
            push(faults, line, 1, format!("the line is longer than {} MiB", MAX_RECORD / (1024 * 1024)));
            return Ok(entries);
        }
        if !content.trim_ascii().is_empty() {
            match Record::parse(&Form::Jsonl, content) {
                Ok(r) => entry(&mut entries, faults, &r, (offset + start as u64, content.len()), line),
                Err(RecordFault { column, message }) => push(faults, line, column, message),
            }
        }
        offset += n;
    }
}

fn csv(reader: &mut impl Read, faults: &mut Vec<IndexFault>) -> io::Result<Vec<Entry>> {
    let mut entries = Vec::new();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(reader);
    let columns = match Columns::of(reader.byte_headers().map_err(io::Error::other)?) {
        Ok(columns) => columns,
        Err(f) => {
            push(faults, 1, f.column, f.message);
            return Ok(entries);
        }
    };
    let mut record = csv::ByteRecord::new();
    loop {
        let start = reader.position().byte();
        if faults.len() >= MAX_FAULTS || !reader.read_byte_record(&mut record).map_err(io::Error::other)? {
            return Ok(entries);
        }
        let line = u32::try_from(record.position().map_or(0, csv::Position::line)).unwrap_or(u32::MAX);
        let len = reader.position().byte() - start;
        if len > MAX_RECORD {
            push(faults, line, 1, format!("the record is longer than {} MiB", MAX_RECORD / (1024 * 1024)));
            continue;
        }
        match Record::csv(&columns, &record) {
            Ok(r) => entry(&mut entries, faults, &r, (start, usize::try_from(len).unwrap_or(usize::MAX)), line),
            Err(f) => push(faults, line, f.column, f.message),
        }
    }
}

fn entry(entries: &mut Vec<Entry>, faults: &mut Vec<IndexFault>, record: &Record<'_>, (offset, len): (u64, usize), line: u32) {
    if record.id.is_empty() {
        return push(faults, line, 1, "`id` is empty".to_owned());
    }
    let len = u32::try_from(len).unwrap_or(u32::MAX);
    let set = record.set.as_deref().map_or(0, |s| u32::from_be_bytes(head(s)).max(1));
    entries.push(Entry { hash: hash(&record.id), offset, len, line, set, trial: record.trial });
}

fn push(faults: &mut Vec<IndexFault>, line: u32, column: usize, message: String) {
    faults.push(IndexFault { line, column, message });
}

fn hash(id: &str) -> u64 {
    u64::from_be_bytes(head(id))
}

/// The first bytes of a text's hash.
fn head<const N: usize>(text: &str) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&blake3::hash(text.as_bytes()).as_bytes()[..N]);
    out
}

/// Hashes what is read through it.
struct Hashing<R> {
    inner: R,
    hasher: blake3::Hasher,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.hasher.update(&buf[..n]);
        Ok(n)
    }
}
