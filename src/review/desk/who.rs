//! Who sits at the desk, and how far the name can be trusted.

use crate::domain::GraderName;
use crate::domain::log::{Author, Known, Via};
use crate::review::queue::{Person, Role};

/// Who sits at the desk.
#[derive(Clone, Debug)]
pub struct Who {
    /// The profile.
    pub person: Person,
    /// How far the name can be trusted.
    pub known: Known,
    /// How they come in.
    pub via: Via,
}

impl Who {
    /// The one person of a local project, who may do everything; `claimed` where the name was typed.
    #[must_use]
    pub fn local(name: GraderName, claimed: bool, via: Via) -> Self {
        let known = if claimed { Known::Claimed } else { Known::Local };
        Self { person: Person::new(name, Role::Owner), known, via }
    }

    /// The name.
    #[must_use]
    pub fn name(&self) -> &GraderName {
        &self.person.name
    }

    /// As the log names them.
    #[must_use]
    pub fn author(&self) -> Author {
        Author { name: self.person.name.clone(), known: self.known }
    }
}

/// A name made of whatever a system calls a person: white space becomes `-`, what no name may hold is left out. Absent where nothing is
/// left.
#[must_use]
pub fn name_of(text: &str) -> Option<GraderName> {
    let words: Vec<String> = text
        .split_whitespace()
        .map(|w| w.chars().filter(|c| c.is_alphanumeric() || ".-_@+".contains(*c)).collect::<String>())
        .filter(|w| !w.is_empty())
        .collect();
    let name: String = words.join("-").to_lowercase().chars().take(60).collect();
    GraderName::new(&name).ok()
}
