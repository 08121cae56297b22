//! A YAML tree of places: what stands where. Scalars keep their text only where it differs from the file's.

use std::ops::Range;

use super::scalar::{self, Plain};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A text, a number, `true`, `null`.
    Scalar,
    /// A list.
    Seq,
    /// A mapping.
    Map,
}

/// One value of a YAML file, with its byte range.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) value: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    /// Unquoted; its text is the span.
    Plain,
    /// Quoted; its text is the span without the quotes.
    Quoted,
    /// Its text is not in the file as it stands: escapes, block scalars, several lines.
    Own {
        text: Box<str>,
        plain: bool,
    },
    Seq(Box<[Node]>),
    Map(Box<[Entry]>),
    /// Refused by the builder, which has said so.
    Refused,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub(super) key: Node,
    pub(super) value: Node,
}

impl Entry {
    /// The key's text.
    pub fn key<'a>(&'a self, text: &'a str) -> &'a str {
        self.key.text(text).unwrap_or("")
    }

    /// Byte range of the key.
    #[must_use]
    pub fn key_span(&self) -> Range<usize> {
        self.key.span()
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &Node {
        &self.value
    }
}

impl Node {
    /// Byte range in the file's text. A block scalar's begins after its `|` line; an absent value's is empty.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.value {
            Value::Seq(_) => Kind::Seq,
            Value::Map(_) => Kind::Map,
            _ => Kind::Scalar,
        }
    }

    /// A scalar's text, as YAML reads it; `None` for lists and mappings. `text` is the file's text.
    #[must_use]
    pub fn text<'a>(&'a self, text: &'a str) -> Option<&'a str> {
        let (from, to) = (self.start as usize, self.end as usize);
        match &self.value {
            Value::Plain => text.get(from..to),
            Value::Quoted => text.get(from + 1..to.saturating_sub(1)),
            Value::Own { text, .. } => Some(text),
            Value::Seq(_) | Value::Map(_) | Value::Refused => None,
        }
    }

    /// Whether it is a plain `null`, `~` or nothing at all.
    #[must_use]
    pub fn is_null(&self, text: &str) -> bool {
        matches!(self.plain(text), Some(Plain::Null))
    }

    /// The meaning of an unquoted scalar; `None` for everything else.
    pub(super) fn plain(&self, text: &str) -> Option<Plain> {
        let plain = matches!(self.value, Value::Plain | Value::Own { plain: true, .. });
        if plain { self.text(text).map(scalar::resolve) } else { None }
    }

    /// The items of a list; empty for anything else.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        if let Value::Seq(items) = &self.value { items } else { &[] }
    }

    /// The items of a list, to be had one by one and freed one by one; none for anything else.
    pub fn into_items(self) -> impl ExactSizeIterator<Item = Self> {
        if let Value::Seq(items) = self.value { items.into_vec() } else { Vec::new() }.into_iter()
    }

    /// Takes the value of a key out of the tree.
    pub fn take(&mut self, key: &str, text: &str) -> Option<Self> {
        let Value::Map(entries) = &mut self.value else { return None };
        let value = &mut entries.iter_mut().find(|e| e.key.text(text) == Some(key))?.value;
        let rest = Self { start: value.start, end: value.end, value: Value::Refused };
        Some(std::mem::replace(value, rest))
    }

    /// The entries of a mapping in file order; empty for anything else.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        if let Value::Map(entries) = &self.value { entries } else { &[] }
    }

    /// The entry of a key.
    #[must_use]
    pub fn entry(&self, key: &str, text: &str) -> Option<&Entry> {
        self.entries().iter().find(|e| e.key(text) == key)
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str, text: &str) -> Option<&Node> {
        self.entry(key, text).map(Entry::value)
    }

    /// The node that a JSON pointer names, e.g. `/cases/3/expected`.
    #[must_use]
    pub fn pointer(&self, pointer: &str, text: &str) -> Option<&Node> {
        let (node, rest) = self.walk(pointer, text);
        rest.is_none().then_some(node)
    }

    /// The place that a JSON pointer names, or that of its nearest existing parent. A mapping stands for its first key, so
    /// that the place is one line.
    #[must_use]
    pub fn span_of(&self, pointer: &str, text: &str) -> Range<usize> {
        self.walk(pointer, text).0.head()
    }

    /// The place of the last key of a JSON pointer; for an item of a list the item; else as [`Node::span_of`].
    #[must_use]
    pub fn key_span(&self, pointer: &str, text: &str) -> Range<usize> {
        let (parent, last) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        let entry = self.pointer(parent, text).and_then(|p| p.entry(&unescape(last), text));
        entry.map_or_else(|| self.span_of(pointer, text), Entry::key_span)
    }

    /// One line that stands for the node: a scalar itself, a list or mapping by its first entry.
    #[must_use]
    pub fn head(&self) -> Range<usize> {
        match &self.value {
            Value::Map(entries) => entries.first().map_or_else(|| self.span(), Entry::key_span),
            Value::Seq(items) => items.first().map_or_else(|| self.span(), Node::head),
            _ => self.span(),
        }
    }

    /// The deepest existing node on the way, and what was not found from there.
    fn walk<'p>(&self, pointer: &'p str, text: &str) -> (&Node, Option<&'p str>) {
        let mut node = self;
        for step in pointer.split('/').skip(1) {
            let next = match &node.value {
                Value::Seq(items) => step.parse::<usize>().ok().and_then(|i| items.get(i)),
                _ => node.get(&unescape(step), text),
            };
            match next {
                Some(n) => node = n,
                None => return (node, Some(step)),
            }
        }
        (node, None)
    }
}

fn unescape(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}

#[cfg(test)]
mod tests {
    use crate::source::{Source, parse_yaml};

    const TEXT: &str = "name: x\ncases:\n  - id: a\n    q: |\n      long\n      text\n  - {id: b, q: 'it''s', 'a/b': [1, 2]}\n";

    #[test]
    fn pointers_find_values_and_keys() {
        let s = Source::new("x", TEXT);
        let n = parse_yaml(&s).unwrap();
        let value = |p: &str| n.pointer(p, TEXT).and_then(|n| n.text(TEXT));
        assert_eq!(value("/cases/0/q"), Some("long\ntext\n"));
        assert_eq!(value("/cases/1/q"), Some("it's"));
        assert_eq!(value("/cases/1/a~1b/1"), Some("2"));
        assert_eq!(value("/cases/7"), None);
        assert_eq!(&TEXT[n.key_span("/cases/1/q", TEXT)], "q");
        assert_eq!(s.place(n.key_span("/cases/0/q", TEXT)).line, 4);
    }

    #[test]
    fn a_missing_place_falls_back_to_its_parent() {
        let n = parse_yaml(&Source::new("x", TEXT)).unwrap();
        assert_eq!(&TEXT[n.span_of("/cases/0/expected", TEXT)], "id");
        assert_eq!(&TEXT[n.span_of("/nothing/at/all", TEXT)], "name");
        assert_eq!(&TEXT[n.key_span("/cases/0/expected", TEXT)], "id");
    }
}
