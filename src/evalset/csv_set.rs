//! CSV sets: questions out of a spreadsheet, streamed. `question` and `expected` are needed; a cell of `accept`,
//! `must_mention`, `must_not_mention` or `tags` may hold several entries, separated by `|`. Without a column `id`, a case is
//! called after the file and its row: `faq-1` is the first row below the header of `faq.csv`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

use csv::ByteRecord;

use crate::domain::Case;
use crate::source::{Diagnostic, Place, Severity, Source, did_you_mean};

use super::check::{self, Defaults};
use super::load::head_of;
use super::raw::{RawCase, RawHead};
use super::stream::{Block, BlockWriter, Blocks, Format, Lines, MAX_FAULTS, MAX_RECORD, SeenIds};
use super::yaml::duplicate_id;
use super::{Body, Counts, EvalSet, Rubrics};

/// What a column may be called.
const NAMES: [&str; 9] = ["id", "question", "expected", "accept", "must_mention", "must_not_mention", "context", "tags", "risk"];
/// The column of trials; last, so that the list above fits a line.
const TRIALS: &str = "trials";

/// What each column of a file holds, in the file's order.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    names: Vec<&'static str>,
    stem: String,
}

impl Columns {
    /// Whether cases are called after their rows.
    pub fn derives_ids(&self) -> bool {
        !self.names.contains(&"id")
    }
}

/// Reads the whole file once: checks every row and keeps none.
pub(super) fn load(path: &Path, shown: &Path, rubrics: &Rubrics) -> Result<EvalSet, Vec<Diagnostic>> {
    let (file, _) = crate::source::open(path, shown).map_err(|d| vec![*d])?;
    let mut faults = Vec::new();
    let head = head_of(RawHead::default(), shown, None, rubrics, &mut faults);
    let mut rows = Rows::new(file, Lines::from(1, 0));
    let mut writer = BlockWriter::new();
    let (mut counts, mut ids) = (Counts::new(), SeenIds::default());
    let mut columns: Option<Columns> = None;
    while let Some(read) = rows.next(Some(&mut writer)) {
        let row = match read {
            Ok(row) => row,
            Err(e) => {
                faults.push(unreadable(&e, shown, rows.lines.line));
                break;
            }
        };
        match &columns {
            None => match header(&row.cells, shown, row.line) {
                Ok(c) => columns = Some(c),
                Err(d) => {
                    faults.extend(d);
                    break;
                }
            },
            Some(columns) => match case(&row, columns, shown, &Defaults::default()) {
                Ok(None) => {}
                Ok(Some(case)) => {
                    counts.add(&case);
                    ids.add(case.id.as_str());
                }
                Err(d) => faults.extend(d),
            },
        }
        if faults.len() >= MAX_FAULTS {
            faults.push(Diagnostic::new(Severity::Note, "stopped", format!("reading stopped after {MAX_FAULTS} faults"), shown));
            break;
        }
    }
    let Some(columns) = columns else {
        if faults.is_empty() {
            faults.push(Diagnostic::new(Severity::Error, "empty-file", "the file is empty", shown));
        }
        return Err(faults);
    };
    faults.extend(repeats(path, shown, &ids.repeated(), &columns));
    if counts.all == 0 && faults.is_empty() {
        faults.push(Diagnostic::new(Severity::Error, "empty-set", "the set has no case", shown).help("write one case a row"));
    }
    let (list, digest) = writer.finish(&rows.lines);
    let blocks =
        Blocks { path: path.to_owned(), shown: shown.to_owned(), format: Format::Csv(columns), defaults: Defaults::default(), list };
    head.finish(path, digest, counts, Body::Stream(Arc::new(blocks)), faults)
}

/// Reads the cases of a checked block.
pub(super) fn cases_of(bytes: &[u8], block: &Block, columns: &Columns, blocks: &Blocks) -> Result<Vec<Arc<Case>>, Vec<Diagnostic>> {
    let mut rows = Rows::new(bytes, Lines::from(block.line, block.before));
    let mut cases = Vec::new();
    while let Some(read) = rows.next(None) {
        let row = read.map_err(|e| vec![unreadable(&e, &blocks.shown, rows.lines.line)])?;
        if row.number > 0 {
            cases.extend(case(&row, columns, &blocks.shown, &blocks.defaults)?);
        }
    }
    Ok(cases)
}

/// One record.
struct Row {
    cells: ByteRecord,
    line: u32,
    /// 0 for the header.
    number: u64,
}

/// Records with their lines, and their bytes for hashing.
struct Rows<R> {
    reader: csv::Reader<Tee<R>>,
    seen: Rc<RefCell<Seen>>,
    lines: Lines,
    consumed: u64,
}

/// Bytes that the reader has taken in, and how many of them belong to finished records.
#[derive(Default)]
struct Seen {
    bytes: Vec<u8>,
    done: usize,
}

struct Tee<R> {
    inner: R,
    seen: Rc<RefCell<Seen>>,
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        let mut seen = self.seen.borrow_mut();
        let done = std::mem::take(&mut seen.done);
        seen.bytes.drain(..done);
        if seen.bytes.len() > MAX_RECORD {
            let message = format!("a row is longer than {} MiB; a quote may not be closed", MAX_RECORD / (1024 * 1024));
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        seen.bytes.extend_from_slice(&buffer[..n]);
        Ok(n)
    }
}

impl<R: Read> Rows<R> {
    fn new(inner: R, lines: Lines) -> Self {
        let seen = Rc::new(RefCell::new(Seen::default()));
        let tee = Tee { inner, seen: Rc::clone(&seen) };
        let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(64 * 1024).from_reader(tee);
        Self { reader, seen, lines, consumed: 0 }
    }

    /// The next record; a writer gets its bytes.
    fn next(&mut self, writer: Option<&mut BlockWriter>) -> Option<Result<Row, csv::Error>> {
        let mut cells = ByteRecord::new();
        let more = match self.reader.read_byte_record(&mut cells) {
            Ok(more) => more,
            Err(e) => return Some(Err(e)),
        };
        let end = self.reader.position().byte();
        let len = usize::try_from(end - self.consumed).unwrap_or(0);
        self.consumed = end;
        let mut seen = self.seen.borrow_mut();
        let from = seen.done;
        seen.done = (from + len).min(seen.bytes.len());
        let raw = &seen.bytes[from..seen.done];
        let number = self.lines.records;
        let line = if let Some(writer) = writer {
            writer.record(&mut self.lines, raw)
        } else {
            self.lines.records += 1;
            self.lines.of(raw)
        };
        more.then_some(Ok(Row { cells, line, number }))
    }
}

fn unreadable(e: &csv::Error, shown: &Path, line: u32) -> Diagnostic {
    Diagnostic::new(Severity::Error, "unreadable", format!("cannot be read: {e}"), shown).at(Place::line(line))
}

fn fault(code: &'static str, message: String, shown: &Path, line: u32) -> Diagnostic {
    Diagnostic::new(Severity::Error, code, message, shown).at(Place::line(line))
}

/// Reads the header.
fn header(cells: &ByteRecord, shown: &Path, line: u32) -> Result<Columns, Vec<Diagnostic>> {
    let known = || NAMES.iter().copied().chain([TRIALS]);
    let (mut names, mut faults) = (Vec::new(), Vec::new());
    for cell in cells {
        let cell = String::from_utf8_lossy(cell.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(cell)).trim().to_lowercase();
        match known().find(|n| *n == cell) {
            Some(name) if names.contains(&name) => {
                faults.push(fault("duplicate-column", format!("the column `{name}` stands twice"), shown, line));
            }
            Some(name) => names.push(name),
            None => {
                let mut d = fault("unknown-column", format!("unknown column `{}`", cell.chars().take(60).collect::<String>()), shown, line);
                d.help = did_you_mean(&cell, known());
                faults.push(d);
            }
        }
    }
    for needed in ["question", "expected"] {
        if !names.contains(&needed) {
            let help = "the first row names the columns: question,expected,id,tags,...";
            faults.push(fault("missing-column", format!("there is no column `{needed}`"), shown, line).help(help));
        }
    }
    let stem = shown.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    if faults.is_empty() { Ok(Columns { names, stem }) } else { Err(faults) }
}

/// Reads a row; `None` if all its cells are empty.
fn case(row: &Row, columns: &Columns, shown: &Path, defaults: &Defaults) -> Result<Option<Arc<Case>>, Vec<Diagnostic>> {
    if row.cells.iter().all(|c| c.trim_ascii().is_empty()) {
        return Ok(None);
    }
    let (have, want) = (row.cells.len(), columns.names.len());
    if have != want {
        let message = format!("the row has {have} cells, the header has {want}");
        return Err(vec![fault("ragged-row", message, shown, row.line).help("put a cell that holds a comma or a quote in double quotes")]);
    }
    let mut faults = Vec::new();
    let mut raw = RawCase::default();
    for (name, cell) in columns.names.iter().zip(&row.cells) {
        match std::str::from_utf8(cell) {
            Ok(cell) => faults.extend(fill(&mut raw, name, cell).map(|m| fault("bad-cell", m, shown, row.line))),
            Err(_) => faults
                .push(fault("not-utf8", format!("the cell of `{name}` is not UTF-8 text"), shown, row.line).help("save the file as UTF-8")),
        }
    }
    if raw.id.is_empty() && columns.derives_ids() {
        raw.id = format!("{}-{}", columns.stem, row.number);
    }
    match check::case(raw, defaults, Some(row.line)) {
        Ok(case) if faults.is_empty() => Ok(Some(case)),
        Ok(_) => Err(faults),
        Err(all) => {
            faults.extend(all.into_iter().map(|c| c.diagnostic(shown).at(row_place(row, shown))));
            Err(faults)
        }
    }
}

/// The start of a row, with what it says.
fn row_place(row: &Row, shown: &Path) -> Place {
    let text: Vec<_> = row.cells.iter().map(|c| String::from_utf8_lossy(c).replace(['\n', '\r'], " ")).collect();
    Source::part(shown, text.join(","), row.line).place(0..0)
}

/// Puts a cell where it belongs; says what is wrong with it.
fn fill(raw: &mut RawCase, name: &str, cell: &str) -> Option<String> {
    let small = cell.trim();
    let list = || small.split('|').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    match name {
        "id" => small.clone_into(&mut raw.id),
        "question" => cell.clone_into(&mut raw.question),
        "expected" => cell.clone_into(&mut raw.expected),
        "accept" => raw.accept = list(),
        "must_mention" => raw.must_mention = list(),
        "must_not_mention" => raw.must_not_mention = list(),
        "tags" => raw.tags = list(),
        "context" => raw.context = (!small.is_empty()).then(|| cell.to_owned()),
        "risk" if !small.is_empty() => {
            let word = small.to_lowercase();
            raw.risk = crate::domain::Risk::ALL.into_iter().find(|r| r.word() == word);
            if raw.risk.is_none() {
                return Some(format!("the cell of `risk` must be `low`, `medium`, `high` or `critical`, not `{small}`"));
            }
        }
        TRIALS if !small.is_empty() => match small.parse() {
            Ok(n) => raw.trials = Some(n),
            Err(_) => return Some(format!("the cell of `trials` must be a whole number, not `{small}`")),
        },
        _ => {}
    }
    None
}

/// Reads the file again to name both rows of each id that stands twice.
fn repeats(path: &Path, shown: &Path, twice: &[u64], columns: &Columns) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    let Ok((file, _)) = crate::source::open(path, shown) else { return all };
    if twice.is_empty() {
        return all;
    }
    let (mut rows, mut first) = (Rows::new(file, Lines::from(1, 0)), HashMap::new());
    while let Some(Ok(row)) = rows.next(None) {
        let Ok(Some(case)) = case(&row, columns, shown, &Defaults::default()) else { continue };
        if all.len() >= MAX_FAULTS || twice.binary_search(&SeenIds::hash(case.id.as_str())).is_err() {
            continue;
        }
        let at = row_place(&row, shown);
        if let Some(before) = first.get(&case.id) {
            let d = Diagnostic::new(Severity::Error, "duplicate-id", "", shown).at(at).also(Place::clone(before), "first here");
            all.push(duplicate_id(case.id.as_str(), d));
        } else {
            first.insert(case.id.clone(), at);
        }
    }
    all
}
