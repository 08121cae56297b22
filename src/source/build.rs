//! From YAML events to a tree of places; refuses what a set must not hold, and says why.
//!
//! Invariant: a tree is at most [`MAX_DEPTH`] deep and has at most [`MAX_NODES`] nodes, so walking it needs no guard.

use std::collections::HashMap;
use std::ops::Range;

use serde_saphyr::granit_parser::{self as granit, ErrorKind, Event, Parser, ScalarStyle, ScanError, StructureStyle};

use super::node::{Entry, Node, Value};
use super::{Diagnostic, Source};

/// Lists and mappings inside each other.
const MAX_DEPTH: usize = 64;
/// Values of one file: far above what 64 MiB of real cases hold, and about 300 MB.
const MAX_NODES: usize = 5_000_000;
/// Refusals reported of one file.
const MAX_REFUSALS: usize = 50;

/// A list or mapping that is still open.
struct Frame {
    start: usize,
    flow: bool,
    map: bool,
    /// In a mapping: the key that waits for its value.
    key: Option<Node>,
    items: Vec<Node>,
    entries: Vec<Entry>,
}

struct Builder<'s> {
    source: &'s Source,
    stack: Vec<Frame>,
    root: Option<Node>,
    nodes: usize,
    faults: Vec<Diagnostic>,
}

/// Parses one YAML document.
pub(super) fn parse(source: &Source) -> Result<Node, Vec<Diagnostic>> {
    let options = granit::options! {
        emit_comments: false,
        emit_anchor_events: true,
        emit_unresolved_aliases: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut b = Builder { source, stack: Vec::new(), root: None, nodes: 0, faults: Vec::new() };
    for next in Parser::new_from_str_with_options(&source.text, options) {
        let go_on = match next {
            Ok((event, span)) => {
                let range = span.byte_range().unwrap_or(0..0);
                let tag = span.tag_span().and_then(|t| t.byte_range());
                b.event(&event, range, tag)
            }
            Err(e) => {
                b.faults.push(syntax(&e, source));
                false
            }
        };
        if !go_on {
            break;
        }
    }
    match b.root {
        Some(root) if b.faults.is_empty() => Ok(root),
        _ => {
            if b.faults.is_empty() {
                b.faults.push(Diagnostic::error("empty-file", "the file is empty", source, 0..0));
            }
            Err(b.faults)
        }
    }
}

impl Builder<'_> {
    /// Takes one event; false to stop.
    fn event(&mut self, event: &Event<'_>, span: Range<usize>, tag: Option<Range<usize>>) -> bool {
        if let Some(tag) = tag {
            self.refuse(
                "tag",
                "YAML tags are not supported",
                tag,
                "a tag",
                "remove it; put a text in quotes if it could be read as a number",
            );
        }
        match event {
            Event::DocumentStart(..) if self.root.is_some() => {
                let help = "keep one set, rubric or configuration a file";
                self.refuse("several-documents", "the file holds more than one YAML document", span, "a second document starts here", help);
                return false;
            }
            Event::Scalar(value, style, ..) => {
                let node = self.scalar(value, *style, span);
                return self.place(node);
            }
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                let help = "write the value out: a reviewed decision edits one value in place, and an alias would change all of them";
                self.refuse("alias", "aliases are not supported", span.clone(), "an alias", help);
                return self.place(Node { start: at(span.start), end: at(span.end), value: Value::Refused });
            }
            Event::Anchor(..) => {
                let help = "write the value out where it is used: a reviewed decision edits one value in place, and an anchor would change all its aliases";
                self.refuse("anchor", "anchors are not supported", span, "an anchor", help);
            }
            Event::SequenceStart(style, ..) => return self.open(span.start, *style, false),
            Event::MappingStart(style, ..) => return self.open(span.start, *style, true),
            Event::SequenceEnd | Event::MappingEnd => return self.close(span.end),
            _ => {}
        }
        self.faults.len() < MAX_REFUSALS
    }

    fn scalar(&self, value: &str, style: ScalarStyle, span: Range<usize>) -> Node {
        let text = &self.source.text;
        let plain = style == ScalarStyle::Plain;
        let slice = text.get(span.clone()).unwrap_or("");
        let inner = slice.len() >= 2 && matches!(style, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted);
        let kept = if plain && (slice == value || (slice.is_empty() && value == "~")) {
            Value::Plain
        } else if inner && &slice[1..slice.len() - 1] == value {
            Value::Quoted
        } else {
            Value::Own { text: value.into(), plain }
        };
        Node { start: at(span.start), end: at(span.end), value: kept }
    }

    fn open(&mut self, start: usize, style: StructureStyle, map: bool) -> bool {
        if self.stack.len() >= MAX_DEPTH {
            self.faults.push(too_deep(self.source, start));
            return false;
        }
        let flow = style == StructureStyle::Flow;
        self.stack.push(Frame { start, flow, map, key: None, items: Vec::new(), entries: Vec::new() });
        true
    }

    fn close(&mut self, end: usize) -> bool {
        let Some(mut frame) = self.stack.pop() else { return false };
        // A block ends where its last value does, not where the next token starts.
        let last = frame.entries.last().map(|e| e.value.end.max(e.key.end)).or(frame.items.last().map(|n| n.end));
        let end = if frame.flow { at(end) } else { last.unwrap_or(at(end)) };
        let value = if frame.map {
            self.repeated_keys(&mut frame.entries);
            Value::Map(frame.entries.into())
        } else {
            Value::Seq(frame.items.into())
        };
        self.place(Node { start: at(frame.start), end, value })
    }

    /// Puts a finished node where it belongs.
    fn place(&mut self, node: Node) -> bool {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            let message = format!("the file holds more than {MAX_NODES} values");
            self.refuse(
                "too-many-values",
                &message,
                node.span(),
                "one too many",
                "keep very large sets as JSONL (one case a line): those stream",
            );
            return false;
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root.get_or_insert(node);
            return true;
        };
        if !frame.map {
            frame.items.push(node);
        } else if let Some(key) = frame.key.take() {
            frame.entries.push(Entry { key, value: node });
        } else {
            let text = node.text(&self.source.text);
            let (merge, complex) = (text == Some("<<"), text.is_none() && !matches!(node.value, Value::Refused));
            let span = node.head();
            frame.key = Some(node);
            if merge {
                let help = "write the keys out: a reviewed decision edits one value in place";
                self.refuse("merge-key", "merge keys are not supported", span, "a merge key", help);
            } else if complex {
                let help = "put a text that begins with `{` or `[` in quotes";
                self.refuse("complex-key", "a key must be a text", span, "not a text", help);
            }
        }
        true
    }

    fn repeated_keys(&mut self, entries: &mut [Entry]) {
        let text: &str = &self.source.text;
        let mut repeats = Vec::new();
        if entries.len() <= 16 {
            for (i, e) in entries.iter().enumerate() {
                let first = entries[..i].iter().find(|f| f.key(text) == e.key(text));
                repeats.extend(first.map(|f| (f, e)));
            }
        } else {
            let mut seen: HashMap<&str, &Entry> = HashMap::with_capacity(entries.len());
            for e in &*entries {
                match seen.entry(e.key(text)) {
                    std::collections::hash_map::Entry::Occupied(first) => repeats.push((*first.get(), e)),
                    std::collections::hash_map::Entry::Vacant(v) => _ = v.insert(e),
                }
            }
        }
        for (first, again) in repeats.into_iter().filter(|(_, e)| e.key.text(text).is_some()).take(MAX_REFUSALS) {
            let message = format!("the key `{}` stands twice in one mapping", again.key(text));
            self.faults.push(
                Diagnostic::error("duplicate-key", message, self.source, again.key_span())
                    .label("again here")
                    .also(self.source.place(first.key_span()), "first here")
                    .help("remove one of the two"),
            );
        }
    }

    fn refuse(&mut self, code: &'static str, message: &str, span: Range<usize>, label: &str, help: &str) {
        self.faults.push(Diagnostic::error(code, message, self.source, span).label(label).help(help));
    }
}

fn at(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

fn too_deep(source: &Source, offset: usize) -> Diagnostic {
    let message = format!("lists and mappings are nested more than {MAX_DEPTH} deep");
    Diagnostic::error("too-deep", message, source, offset..offset + 1).label("too deep here")
}

/// The parser's complaint in our voice; it stops at the first one.
fn syntax(e: &ScanError, source: &Source) -> Diagnostic {
    let offset = e.marker().byte_offset().unwrap_or(0);
    let line_end = source.text.get(offset..).and_then(|t| t.find(['\r', '\n'])).map_or(source.text.len(), |i| offset + i);
    let mark = offset..(offset + 1).min(line_end.max(offset));
    let help = match e.kind() {
        ErrorKind::RecursionLimitExceeded => return too_deep(source, offset),
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation | ErrorKind::TabInIndentation | ErrorKind::TabAtBlockScalarStart => {
            return Diagnostic::error("tab", "a tab cannot indent YAML", source, mark).label("near this tab").help("indent with spaces");
        }
        ErrorKind::MappingValueNotAllowed => "put a text that holds `: ` in quotes",
        ErrorKind::UnexpectedCharacter { .. } => "put a text that begins with this character in quotes",
        ErrorKind::UnclosedQuotedScalar | ErrorKind::InvalidTrailingSingleQuotedScalar | ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            "close the quotes; inside single quotes a quote is written twice, inside double quotes as \\\""
        }
        ErrorKind::UnknownQuotedScalarEscape => "inside double quotes write a backslash twice, or use single quotes",
        ErrorKind::UnclosedFlowCollection { .. } => "close the bracket",
        ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry | ErrorKind::InvalidIndentation => {
            "check the indentation: entries of one list or mapping start in the same column"
        }
        _ => "check the indentation, quotes and brackets here and on the line before",
    };
    let message = format!("not valid YAML: {}", e.info());
    Diagnostic::error("yaml-syntax", message, source, mark).label("here").help(help)
}
