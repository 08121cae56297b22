//! JSONL sets: one case a line, streamed. A line that `serde_json` refuses is read again as YAML flow, of which JSON is a
//! part, so that its faults are told in the same words and places as those of YAML sets.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use crate::domain::Case;
use crate::source::{Diagnostic, Node, Place, Schema, Severity, Source, decode, parse_yaml};

use super::check::{self, Defaults};
use super::load::{Head, head_of};
use super::raw::{RawCase, RawHead, RawHeadLine};
use super::stream::{Block, BlockWriter, Blocks, Format, Lines, MAX_FAULTS, MAX_RECORD, SeenIds};
use super::yaml::{duplicate_id, place};
use super::{Body, Counts, EvalSet, Rubrics};

/// Reads the whole file once: checks every line and keeps none.
pub(super) fn load(path: &Path, shown: &Path, rubrics: &Rubrics) -> Result<EvalSet, Vec<Diagnostic>> {
    let (file, _) = crate::source::open(path, shown).map_err(|d| vec![*d])?;
    let mut reader = BufReader::with_capacity(256 * 1024, file);
    let mut writer = BlockWriter::new();
    let (mut lines, mut counts, mut ids) = (Lines::from(1, 0), Counts::new(), SeenIds::default());
    let mut faults = Vec::new();
    let mut head: Option<Head> = None;
    let mut replaced = Vec::new();
    let mut reading = LineReader::new(shown, Defaults::default());
    let mut buffer = Vec::new();
    while next_line(&mut reader, &mut buffer, shown, lines.line, &mut faults) {
        let line = lines.line;
        writer.record(&mut lines, &buffer);
        let Some(text) = text_of(&buffer, line, shown, &mut faults) else { continue };
        if head.is_none() {
            let (found, is_line) = read_head(text, line, shown, rubrics, &mut faults);
            reading.defaults = found.defaults.clone();
            head = Some(found);
            if is_line {
                continue;
            }
        }
        match reading.case(text, line) {
            Ok((case, by)) => {
                counts.add(&case);
                ids.add(case.id.as_str());
                replaced.extend(by.map(|b| (b, line)));
            }
            Err(d) => faults.extend(d),
        }
        if faults.len() >= MAX_FAULTS {
            faults.push(Diagnostic::new(Severity::Note, "stopped", format!("reading stopped after {MAX_FAULTS} faults"), shown));
            break;
        }
    }
    let head = head.unwrap_or_else(|| head_of(RawHead::default(), shown, None, rubrics, &mut faults));
    faults.extend(repeats(path, shown, &ids.repeated()));
    for (by, line) in replaced.into_iter().filter(|(by, _)| !ids.holds(by)).take(MAX_FAULTS) {
        let message = format!("there is no case `{by}` in this set");
        faults.push(Diagnostic::new(Severity::Error, "unknown-case", message, shown).at(Place::line(line)));
    }
    if counts.all == 0 && faults.is_empty() {
        faults.push(Diagnostic::new(Severity::Error, "empty-set", "the set has no case", shown).help("write one case a line"));
    }
    let (list, digest) = writer.finish(&lines);
    let blocks = Blocks { path: path.to_owned(), shown: shown.to_owned(), format: Format::Jsonl, defaults: head.defaults.clone(), list };
    head.finish(path, digest, counts, Body::Stream(Arc::new(blocks)), faults)
}

/// Reads the cases of a checked block.
pub(super) fn cases_of(bytes: &[u8], block: &Block, blocks: &Blocks) -> Result<Vec<Arc<Case>>, Vec<Diagnostic>> {
    let mut lines = Lines::from(block.line, block.before);
    let reading = LineReader::new(&blocks.shown, blocks.defaults.clone());
    let mut cases = Vec::new();
    let mut first = block.before == 0;
    for bytes in bytes.split_inclusive(|b| *b == b'\n') {
        let line = lines.line;
        lines.of(bytes);
        let mut faults = Vec::new();
        let Some(text) = text_of(bytes, line, &blocks.shown, &mut faults) else {
            if faults.is_empty() {
                continue;
            }
            return Err(faults);
        };
        if std::mem::take(&mut first) && is_head(text) {
            continue;
        }
        cases.push(reading.case(text, line)?.0);
    }
    Ok(cases)
}

/// Reads one line with its line feed; false at the end, or when it is too long.
fn next_line(reader: &mut impl BufRead, buffer: &mut Vec<u8>, shown: &Path, line: u32, faults: &mut Vec<Diagnostic>) -> bool {
    buffer.clear();
    match reader.by_ref().take(MAX_RECORD as u64 + 1).read_until(b'\n', buffer) {
        Ok(0) => false,
        Ok(n) if n > MAX_RECORD => {
            let message = format!("the line is longer than {} MiB", MAX_RECORD / (1024 * 1024));
            faults.push(
                Diagnostic::new(Severity::Error, "too-long", message, shown).at(Place::line(line)).help("one case stands on one line"),
            );
            false
        }
        Ok(_) => true,
        Err(e) => {
            faults.push(Diagnostic::new(Severity::Error, "unreadable", format!("cannot be read: {e}"), shown));
            false
        }
    }
}

/// The text of a line; `None` if it is blank or not UTF-8.
fn text_of<'a>(bytes: &'a [u8], line: u32, shown: &Path, faults: &mut Vec<Diagnostic>) -> Option<&'a str> {
    let bytes = if line == 1 { bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes) } else { bytes };
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.trim_matches(['\r', '\n', ' ', '\t'])).filter(|t| !t.is_empty()),
        Err(e) => {
            faults.push(crate::source::not_utf8(shown, bytes, e.valid_up_to(), line));
            None
        }
    }
}

fn is_head(text: &str) -> bool {
    text.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with("\"set\""))
}

/// The head of the first line, or the defaults; true if the line was a head.
fn read_head(text: &str, line: u32, shown: &Path, rubrics: &Rubrics, faults: &mut Vec<Diagnostic>) -> (Head, bool) {
    if !is_head(text) {
        return (head_of(RawHead::default(), shown, None, rubrics, faults), false);
    }
    let source = Source::part(shown, text, line);
    let read = parse_yaml(&source).and_then(|node| {
        let all = Schema::of::<RawHeadLine>().check(&node, &source);
        if !all.is_empty() {
            return Err(all);
        }
        let raw: RawHeadLine = decode(&node, &source)?;
        Ok((raw.set, node))
    });
    let head = match read {
        Ok((raw, node)) => head_of(raw, shown, node.get("set", text).map(|n| (n, &source)), rubrics, faults),
        Err(d) => {
            faults.extend(d);
            head_of(RawHead::default(), shown, None, rubrics, &mut Vec::new())
        }
    };
    (head, true)
}

/// Turns lines into cases.
struct LineReader<'a> {
    shown: &'a Path,
    defaults: Defaults,
    schema: OnceCell<Schema>,
}

impl<'a> LineReader<'a> {
    fn new(shown: &'a Path, defaults: Defaults) -> Self {
        Self { shown, defaults, schema: OnceCell::new() }
    }

    /// The case of a line, and the id of the case that replaces it.
    fn case(&self, text: &str, line: u32) -> Result<(Arc<Case>, Option<String>), Vec<Diagnostic>> {
        let source = || Source::part(self.shown, text, line);
        let raw: Result<RawCase, _> = serde_json::from_str(text);
        match raw {
            // A list would be read as the fields in order: let the schema refuse it.
            Ok(raw) if text.starts_with('{') => {
                let by = raw.replaced_by.clone();
                check::case(raw, &self.defaults, Some(line)).map(|c| (c, by)).map_err(|all| {
                    let source = source();
                    let node = parse_yaml(&source).ok();
                    let at = |c: check::Complaint| match &node {
                        Some(node) => place(c, node, &source),
                        None => c.diagnostic(self.shown).at(Place::line(line)),
                    };
                    all.into_iter().map(at).collect()
                })
            }
            Err(e) if e.is_syntax() || e.is_eof() => Err(vec![not_json(&e, &source())]),
            raw => self.explain(&source(), line, raw.err()),
        }
    }

    /// Reads a line that is JSON but not a case as it should be; some are kindly taken, e.g. a number as a text.
    fn explain(
        &self,
        source: &Source,
        line: u32,
        cause: Option<serde_json::Error>,
    ) -> Result<(Arc<Case>, Option<String>), Vec<Diagnostic>> {
        let node: Node = parse_yaml(source).map_err(|all| match &cause {
            // Valid JSON that YAML refuses: keep to what the JSON reader said, unless it is a repeated key.
            Some(e) if all.iter().all(|d| d.code != "duplicate-key") => vec![not_json(e, source)],
            _ => all,
        })?;
        let faults = self.schema.get_or_init(Schema::of::<RawCase>).check(&node, source);
        if !faults.is_empty() {
            return Err(faults);
        }
        let raw: RawCase = decode(&node, source)?;
        let by = raw.replaced_by.clone();
        let case = check::case(raw, &self.defaults, Some(line));
        case.map(|c| (c, by)).map_err(|all| all.into_iter().map(|c| place(c, &node, source)).collect())
    }
}

fn not_json(e: &serde_json::Error, source: &Source) -> Diagnostic {
    let words = e.to_string();
    let words = words.split(" at line ").next().unwrap_or(&words);
    // The reader's column counts bytes, from 1, to the byte after which it gave up.
    let at = e.column().saturating_sub(1);
    Diagnostic::error("json-syntax", format!("not a JSON object: {words}"), source, at..at + 1)
        .label("here")
        .help("write one JSON object a line: {\"id\": \"...\", \"question\": \"...\", \"expected\": \"...\"}")
}

/// Reads the file again to name both lines of each id that stands twice.
fn repeats(path: &Path, shown: &Path, twice: &[u64]) -> Vec<Diagnostic> {
    let mut all = Vec::new();
    let Ok((file, _)) = crate::source::open(path, shown) else { return all };
    if twice.is_empty() {
        return all;
    }
    let mut reader = BufReader::with_capacity(256 * 1024, file);
    let (mut buffer, mut first, mut lines) = (Vec::new(), HashMap::new(), Lines::from(1, 0));
    let reading = LineReader::new(shown, Defaults::default());
    while all.len() < MAX_FAULTS && next_line(&mut reader, &mut buffer, shown, lines.line, &mut Vec::new()) {
        let line = lines.line;
        lines.of(&buffer);
        let Some(text) = text_of(&buffer, line, shown, &mut Vec::new()) else { continue };
        let Ok((case, _)) = reading.case(text, line) else { continue };
        if twice.binary_search(&SeenIds::hash(case.id.as_str())).is_err() {
            continue;
        }
        let source = Source::part(shown, text, line);
        let at = parse_yaml(&source).map_or(Place::line(line), |n| source.place(n.span_of("/id", text)));
        if let Some(before) = first.get(&case.id) {
            let d = Diagnostic::new(Severity::Error, "duplicate-id", "", shown).at(at).also(Place::clone(before), "first here");
            all.push(duplicate_id(case.id.as_str(), d));
        } else {
            first.insert(case.id.clone(), at);
        }
    }
    all
}
