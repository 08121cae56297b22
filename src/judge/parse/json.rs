//! Finds the JSON objects of a reply, wherever they stand, without mistaking an object inside a text for the reply.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::score::{self, Reading};

/// What one object says.
#[derive(Debug, Default)]
pub struct Object {
    /// The reading of each `score` key; two for a doubled key.
    pub scores: Vec<Reading>,
    /// The first reason, by any of its usual names.
    pub reason: Option<String>,
}

/// The objects of a reply, and the text around them.
#[derive(Debug, Default)]
pub struct Found<'a> {
    /// The outermost objects, in order.
    pub objects: Vec<Object>,
    /// The text outside of them.
    pub outside: Vec<&'a str>,
    /// True if the search was given up.
    pub gave_up: bool,
}

/// An opening brace that opens no object costs a look at all that follows; so many are looked at.
const FALSE_STARTS: usize = 100;

/// Finds the outermost objects. An object inside a list counts, one inside another object or inside a string does not.
pub fn objects(text: &str) -> Found<'_> {
    let mut found = Found::default();
    let (mut at, mut outside_from, mut false_starts) = (0, 0, 0);
    while let Some(start) = text[at..].find('{').map(|i| at + i) {
        let mut stream = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Pairs<'_>>();
        if let Some(Ok(pairs)) = stream.next() {
            found.outside.push(&text[outside_from..start]);
            at = start + stream.byte_offset();
            outside_from = at;
            found.objects.push(pairs.into());
        } else {
            at = start + 1;
            false_starts += 1;
            if false_starts > FALSE_STARTS {
                found.gave_up = true;
                break;
            }
        }
    }
    found.outside.push(&text[outside_from..]);
    found
}

/// Keys and raw values in order, doubled keys included.
struct Pairs<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Pairs<'de> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        d.deserialize_map(InOrder)
    }
}

impl From<Pairs<'_>> for Object {
    fn from(Pairs(pairs): Pairs<'_>) -> Self {
        let mut object = Self::default();
        for (key, value) in pairs {
            match key.trim().to_ascii_lowercase().as_str() {
                "score" => object.scores.push(score::of_json(value.get())),
                "reason" | "reasoning" | "explanation" | "rationale" | "justification" | "feedback" | "analysis" => {
                    let text = serde_json::from_str(value.get()).unwrap_or_else(|_| value.get().to_owned());
                    object.reason.get_or_insert(text);
                }
                _ => {}
            }
        }
        object
    }
}
