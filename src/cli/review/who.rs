//! Who types: `--as NAME`, else the name in the git configuration, else the account's.

use std::process::{Command, Stdio};

use crate::domain::log::Via;
use crate::error::AppError;
use crate::review::desk::{Who, name_of};

/// Who types. A name that was typed is a claim.
///
/// # Errors
/// A usage error where nobody says so.
pub fn who(typed: Option<&str>, via: Via) -> Result<Who, AppError> {
    if let Some(name) = typed {
        return Ok(Who::local(super::grader(name)?, true, via));
    }
    let found = git().or_else(account).ok_or_else(|| {
        AppError::usage("nobody says who you are").with_help("give `--as NAME` (a pseudonym is fine), or `git config user.name NAME`")
    })?;
    Ok(Who::local(found, false, via))
}

fn git() -> Option<crate::domain::GraderName> {
    let out = Command::new("git").args(["config", "user.name"]).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    name_of(&String::from_utf8_lossy(&out.stdout)).filter(|_| out.status.success())
}

fn account() -> Option<crate::domain::GraderName> {
    ["USER", "LOGNAME", "USERNAME"].iter().find_map(|v| name_of(&std::env::var(v).ok()?))
}
