//! Names that cannot be mixed up: a case id is not a judge name. Checked once, at construction.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::invisible::is_invisible;

/// Why a name was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// The name is empty.
    #[error("a {0} must not be empty")]
    Empty(&'static str),
    /// The name is longer than [`MAX_NAME`] characters.
    #[error("a {0} has at most {MAX_NAME} characters, this one has {1}")]
    TooLong(&'static str, usize),
    /// The name holds a character that would not survive a shell, a file name or a log line.
    #[error("a {0} has no white space, control or invisible characters, this one has {1:?}")]
    BadCharacter(&'static str, char),
}

/// The longest name, in characters.
pub const MAX_NAME: usize = 200;

fn checked(what: &'static str, s: &str) -> Result<Arc<str>, NameFault> {
    let n = s.chars().count();
    if n == 0 {
        return Err(NameFault::Empty(what));
    }
    if n > MAX_NAME {
        return Err(NameFault::TooLong(what, n));
    }
    if let Some(c) = s.chars().find(|c| c.is_whitespace() || c.is_control() || is_invisible(*c)) {
        return Err(NameFault::BadCharacter(what, c));
    }
    Ok(Arc::from(s))
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(Arc<str>);

        impl $type {
            /// Checks and wraps a name.
            ///
            /// # Errors
            /// [`NameFault`] when it is empty, too long or holds a character that no name may hold.
            pub fn new(s: &str) -> Result<Self, NameFault> {
                checked($what, s).map(Self)
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameFault;
            fn try_from(s: String) -> Result<Self, NameFault> {
                Self::new(&s)
            }
        }

        impl From<$type> for String {
            fn from(n: $type) -> Self {
                n.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

name!(
    /// Identity of a case; never changes during the case's life.
    CaseId,
    "case id"
);
name!(
    /// Name of an eval set.
    SetName,
    "set name"
);
name!(
    /// Name of an agent in `tribunal.yaml`.
    AgentName,
    "agent name"
);
name!(
    /// Name of a judge in `tribunal.yaml`.
    JudgeName,
    "judge name"
);
name!(
    /// Name of a rubric: the stem of its file.
    RubricName,
    "rubric name"
);
name!(
    /// Identity of a run; sorts by time of creation.
    RunId,
    "run id"
);
name!(
    /// Name of a person who grades; a pseudonym is fine.
    GraderName,
    "grader name"
);
name!(
    /// Identity of an event of the decision log.
    EventId,
    "decision id"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_refuses_what_would_not_survive_a_log_line() {
        assert!(CaseId::new("refund-eu-14d").is_ok());
        assert_eq!(CaseId::new(""), Err(NameFault::Empty("case id")));
        assert!(matches!(CaseId::new("a b"), Err(NameFault::BadCharacter(_, ' '))));
        assert!(matches!(CaseId::new("a\u{200B}b"), Err(NameFault::BadCharacter(..))));
        assert!(matches!(CaseId::new(&"x".repeat(201)), Err(NameFault::TooLong(_, 201))));
    }
}
