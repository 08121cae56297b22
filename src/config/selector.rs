//! `must_pass` of a gate: which cases must all pass.

use std::fmt;
use std::str::FromStr;

use crate::domain::{CaseId, Risk};

use super::fault::nearest;

/// A group of cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// Cases with this tag.
    Tag(String),
    /// One case.
    Case(CaseId),
    /// Cases of this risk.
    Risk(Risk),
}

/// Why a text is no selector, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NotASelector {
    /// What is wrong.
    pub message: String,
    /// What to do next.
    pub help: String,
}

/// How a selector is written.
const FORM: &str = "write `tag:NAME`, `case:ID` or `risk:low|medium|high|critical`";

impl FromStr for Selector {
    type Err = NotASelector;

    fn from_str(text: &str) -> Result<Self, NotASelector> {
        let fault = |message: String, help: Option<String>| NotASelector { message, help: help.unwrap_or_else(|| FORM.to_owned()) };
        let Some((kind, name)) = text.split_once(':') else {
            return Err(fault(format!("`{text}` does not say what it selects"), None));
        };
        let name = name.trim();
        match kind.trim() {
            "tag" if name.is_empty() => Err(fault("the tag is missing".to_owned(), None)),
            "tag" => Ok(Self::Tag(name.to_owned())),
            "case" => CaseId::new(name).map(Self::Case).map_err(|e| fault(e.to_string(), None)),
            "risk" => Risk::ALL.into_iter().find(|r| r.word() == name).map(Self::Risk).ok_or_else(|| {
                let near = nearest(name, Risk::ALL.map(Risk::word)).map(|w| format!("did you mean `risk:{w}`?"));
                fault(format!("unknown risk `{name}`"), near)
            }),
            other => {
                let near = nearest(other, ["tag", "case", "risk"]).map(|w| format!("did you mean `{w}:{name}`?"));
                Err(fault(format!("`{other}:` selects nothing"), near))
            }
        }
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tag(t) => write!(f, "tag:{t}"),
            Self::Case(c) => write!(f, "case:{c}"),
            Self::Risk(r) => write!(f, "risk:{r}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selector_survives_its_text() {
        for text in ["tag:safety", "case:refund-eu-14d", "risk:critical", "tag:a:b"] {
            assert_eq!(text.parse::<Selector>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_mistyped_selector_gets_the_nearest() {
        assert_eq!("risk:critcal".parse::<Selector>().unwrap_err().help, "did you mean `risk:critical`?");
        assert_eq!("tags:x".parse::<Selector>().unwrap_err().help, "did you mean `tag:x`?");
        for bad in ["safety", "tag:", "case:a b", "nonsense:x", ""] {
            assert!(bad.parse::<Selector>().is_err(), "{bad}");
        }
    }
}
