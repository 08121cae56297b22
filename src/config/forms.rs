//! Values of `tribunal.yaml` that may be written in two ways. Each says its JSON schema itself, since `untagged` enums
//! give messages that help nobody.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU16;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

/// One text, or a list of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OneOrMany {
    /// The texts, in order.
    pub items: Vec<String>,
    /// True if it was written as a list: its items then have places of their own.
    pub listed: bool,
}

impl OneOrMany {
    /// Every text with its JSON pointer, given the pointer of the whole.
    pub fn places(&self, whole: &str) -> impl Iterator<Item = (String, &str)> {
        self.items.iter().enumerate().map(move |(i, item)| {
            let at = if self.listed { format!("{whole}/{i}") } else { whole.to_owned() };
            (at, item.as_str())
        })
    }
}

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl<'de> Visitor<'de> for V {
            type Value = OneOrMany;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }
            fn visit_str<E: de::Error>(self, s: &str) -> Result<OneOrMany, E> {
                Ok(OneOrMany { items: vec![s.to_owned()], listed: false })
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<OneOrMany, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(OneOrMany { items, listed: true })
            }
        }
        d.deserialize_any(V)
    }
}

impl JsonSchema for OneOrMany {
    fn schema_name() -> Cow<'static, str> {
        "OneOrMany".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "One, or a list.",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]
        })
    }
}

/// `auto`, or a number of at least 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Auto {
    /// Found out while running.
    #[default]
    Auto,
    /// As many as this.
    Fixed(NonZeroU16),
}

impl<'de> Deserialize<'de> for Auto {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct V;
        impl Visitor<'_> for V {
            type Value = Auto;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`auto` or a whole number from 1 to 65535")
            }
            fn visit_str<E: de::Error>(self, s: &str) -> Result<Auto, E> {
                if s == "auto" { Ok(Auto::Auto) } else { Err(E::invalid_value(de::Unexpected::Str(s), &self)) }
            }
            fn visit_u64<E: de::Error>(self, n: u64) -> Result<Auto, E> {
                let fixed = u16::try_from(n).ok().and_then(NonZeroU16::new);
                fixed.map(Auto::Fixed).ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(n), &self))
            }
        }
        d.deserialize_any(V)
    }
}

impl JsonSchema for Auto {
    fn schema_name() -> Cow<'static, str> {
        "Auto".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "`auto`, or a number.",
            "anyOf": [{"type": "string", "const": "auto"}, {"type": "integer", "minimum": 1, "maximum": 65535}]
        })
    }
}

/// Defines a newtype over a mapping that may also be written as a bare number within a range.
macro_rules! number_or {
    ($(#[$doc:meta])* $name:ident, $of:ty, $min:literal, $max:literal, $from:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name(pub $of);

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                struct V;
                impl<'de> serde::de::Visitor<'de> for V {
                    type Value = $name;
                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a number or a mapping")
                    }
                    fn visit_f64<E>(self, n: f64) -> Result<$name, E> {
                        let from: fn(f64) -> $of = $from;
                        Ok($name(from(n)))
                    }
                    fn visit_u64<E: serde::de::Error>(self, n: u64) -> Result<$name, E> {
                        self.visit_f64(n as f64)
                    }
                    fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<$name, A::Error> {
                        serde::Deserialize::deserialize(serde::de::value::MapAccessDeserializer::new(map)).map($name)
                    }
                }
                d.deserialize_any(V)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                let mapping = generator.subschema_for::<$of>();
                schemars::json_schema!({"anyOf": [{"type": "number", "minimum": $min, "maximum": $max}, mapping]})
            }
        }
    };
}
pub(super) use number_or;
