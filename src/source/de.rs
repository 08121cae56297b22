//! From a tree of places to a value. A text field takes any scalar by its text as written (`1.10` stays `1.10`, `no` stays
//! `no`); every error knows the innermost place at which it arose.

use std::fmt;
use std::ops::Range;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

use super::node::{Entry, Node, Value};
use super::scalar::Plain;

/// What a type refused, and where.
#[derive(Debug)]
pub(super) struct Refusal {
    pub message: String,
    pub span: Option<Range<usize>>,
}

impl Refusal {
    fn or_at(mut self, node: &Node) -> Self {
        self.span.get_or_insert_with(|| node.head());
        self
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refusal {}

impl de::Error for Refusal {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self { message: message.to_string(), span: None }
    }
}

/// Turns a tree into a value; `text` is the text that the tree was parsed from.
pub(super) fn decode<'a, T: de::Deserialize<'a>>(node: &'a Node, text: &'a str) -> Result<T, Refusal> {
    T::deserialize(De { node, text }).map_err(|e| e.or_at(node))
}

#[derive(Clone, Copy)]
struct De<'a> {
    node: &'a Node,
    text: &'a str,
}

impl<'a> De<'a> {
    fn child(self, node: &'a Node) -> Self {
        Self { node, text: self.text }
    }

    fn scalar(self, wanted: &str) -> Result<&'a str, Refusal> {
        self.node.text(self.text).ok_or_else(|| de::Error::custom(format!("{wanted} is wanted here")))
    }
}

impl<'a> de::Deserializer<'a> for De<'a> {
    type Error = Refusal;

    fn deserialize_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Refusal> {
        match &self.node.value {
            Value::Map(entries) => visitor.visit_map(Entries { de: self, rest: entries.iter(), value: None }),
            Value::Seq(items) => visitor.visit_seq(Items { de: self, rest: items.iter() }),
            _ => match self.node.plain(self.text) {
                Some(Plain::Null) => visitor.visit_unit(),
                Some(Plain::Bool(b)) => visitor.visit_bool(b),
                Some(Plain::Unsigned(n)) => visitor.visit_u64(n),
                Some(Plain::Signed(n)) => visitor.visit_i64(n),
                Some(Plain::Float(x)) => visitor.visit_f64(x),
                Some(Plain::Text) | None => visitor.visit_borrowed_str(self.scalar("a value")?),
            },
        }
        .map_err(|e: Refusal| e.or_at(self.node))
    }

    fn deserialize_str<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Refusal> {
        if self.node.is_null(self.text) {
            return Err(de::Error::custom("a text is wanted, there is nothing"));
        }
        visitor.visit_borrowed_str(self.scalar("a text")?)
    }

    fn deserialize_string<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Refusal> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_borrowed_str(self.scalar("a name")?)
    }

    fn deserialize_option<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Refusal> {
        if self.node.is_null(self.text) { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'a>>(self, _: &'static str, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_ignored_any<V: Visitor<'a>>(self, visitor: V) -> Result<V::Value, Refusal> {
        visitor.visit_unit()
    }

    fn deserialize_enum<V: Visitor<'a>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Refusal> {
        match self.node.entries() {
            [] => visitor.visit_enum(self.scalar("a word")?.into_deserializer()),
            [one] => visitor.visit_enum(Variant { de: self, entry: one }),
            _ => Err(de::Error::custom("one key is wanted here")),
        }
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'a>>
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
    }
}

struct Items<'a> {
    de: De<'a>,
    rest: std::slice::Iter<'a, Node>,
}

impl<'a> de::SeqAccess<'a> for Items<'a> {
    type Error = Refusal;

    fn next_element_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>, Refusal> {
        self.rest.next().map(|n| seed.deserialize(self.de.child(n)).map_err(|e| e.or_at(n))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Entries<'a> {
    de: De<'a>,
    rest: std::slice::Iter<'a, Entry>,
    value: Option<&'a Node>,
}

impl<'a> de::MapAccess<'a> for Entries<'a> {
    type Error = Refusal;

    fn next_key_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<Option<S::Value>, Refusal> {
        let Some(e) = self.rest.next() else { return Ok(None) };
        self.value = Some(&e.value);
        let key = BorrowedStrDeserializer::new(e.key(self.de.text));
        seed.deserialize(key).map(Some).map_err(|err: Refusal| err.or_at(&e.key))
    }

    fn next_value_seed<S: DeserializeSeed<'a>>(&mut self, seed: S) -> Result<S::Value, Refusal> {
        let Some(n) = self.value.take() else { return Err(de::Error::custom("a value is wanted here")) };
        seed.deserialize(self.de.child(n)).map_err(|e| e.or_at(n))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len())
    }
}

struct Variant<'a> {
    de: De<'a>,
    entry: &'a Entry,
}

impl<'a> de::EnumAccess<'a> for Variant<'a> {
    type Error = Refusal;
    type Variant = De<'a>;

    fn variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<(S::Value, De<'a>), Refusal> {
        let key = BorrowedStrDeserializer::new(self.entry.key(self.de.text));
        let name = seed.deserialize(key).map_err(|e: Refusal| e.or_at(&self.entry.key))?;
        Ok((name, self.de.child(&self.entry.value)))
    }
}

impl<'a> de::VariantAccess<'a> for De<'a> {
    type Error = Refusal;

    fn unit_variant(self) -> Result<(), Refusal> {
        de::Deserialize::deserialize(self)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'a>>(self, seed: S) -> Result<S::Value, Refusal> {
        seed.deserialize(self).map_err(|e| e.or_at(self.node))
    }

    fn tuple_variant<V: Visitor<'a>>(self, _: usize, visitor: V) -> Result<V::Value, Refusal> {
        de::Deserializer::deserialize_any(self, visitor)
    }

    fn struct_variant<V: Visitor<'a>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, Refusal> {
        de::Deserializer::deserialize_any(self, visitor)
    }
}

#[cfg(test)]
mod tests {
    use crate::source::{Source, decode, parse_yaml};
    use serde::Deserialize;
    use std::collections::BTreeMap;

    fn read<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, (u32, u32)> {
        let s = Source::new("x", text);
        let n = parse_yaml(&s).map_err(|_| (0, 0))?;
        decode(&n, &s).map_err(|d| d[0].line_column().unwrap())
    }

    #[test]
    fn a_text_field_takes_any_scalar_as_written() {
        let m: BTreeMap<String, String> = read("a: 1.10\nb: no\nc: 007\nd: true\ne: '~'\nf: 2024-01-01\n007: x\n").unwrap();
        assert_eq!(m.values().map(String::as_str).collect::<Vec<_>>(), ["x", "1.10", "no", "007", "true", "~", "2024-01-01"]);
    }

    #[test]
    fn nothing_is_not_a_text() {
        assert_eq!(read::<BTreeMap<String, String>>("a: x\nb:\n"), Err((2, 2)));
        assert_eq!(read::<BTreeMap<String, String>>("a: x\nbb: null\n"), Err((2, 5)));
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(tag = "kind", rename_all = "lowercase")]
    enum Tagged {
        A { n: u8, s: Option<String> },
        B(Inner),
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        f: f64,
        v: serde_json::Value,
    }

    #[test]
    fn tagged_enums_numbers_and_free_values_are_read() {
        let all: Vec<Tagged> = read("- {kind: a, n: 3, s: }\n- kind: b\n  f: 2\n  v: {x: [1, 2.5, yes, ~, \"1\"]}\n").unwrap();
        assert_eq!(all[0], Tagged::A { n: 3, s: None });
        assert_eq!(all[1], Tagged::B(Inner { f: 2.0, v: serde_json::json!({"x": [1, 2.5, "yes", null, "1"]}) }));
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Plain {
        One,
        Two(u8),
        Three { x: u8 },
    }

    #[test]
    fn plain_enums_are_words_or_single_keys() {
        assert_eq!(read("[one, {two: 2}, {three: {x: 3}}]"), Ok(vec![Plain::One, Plain::Two(2), Plain::Three { x: 3 }]));
        assert_eq!(read::<Vec<Plain>>("[one, four]"), Err((1, 7)));
    }
}
