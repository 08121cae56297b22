//! What makes one command agent another: its entry, and the bytes of the project's files that it runs.
//!
//! Only files inside the project count. An interpreter of the machine differs from place to place without being another agent.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::agent::spec::CommandAgentSpec;
use crate::domain::{Digest, DigestBuilder};

/// How much of a file counts, in bytes; of a longer one its length counts, too.
const READ_AT_MOST: u64 = 64 << 20;

/// The digest of a command agent. `written` is its entry as JSON.
pub(super) fn digest(spec: &CommandAgentSpec, written: &str, root: &Path) -> Digest {
    let start = DigestBuilder::new("agent-command/2").text("spec", written);
    let files = spec.run.iter().enumerate().filter_map(|(i, word)| Some((word, bytes(&file(i, word, root)?).ok()?)));
    files.fold(start, |all, (word, of)| all.text("file", word).digest("bytes", &of)).finish()
}

/// The file of the project that a word of `run` names. A program without a slash is looked up in PATH, not in the project.
fn file(position: usize, word: &str, root: &Path) -> Option<PathBuf> {
    if position == 0 && !word.contains('/') {
        return None;
    }
    let real = root.join(word).canonicalize().ok()?;
    (real.is_file() && real.starts_with(root.canonicalize().ok()?)).then_some(real)
}

/// A file that cannot be read counts by its name alone: a program may be executable and still not readable.
fn bytes(path: &Path) -> io::Result<Digest> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(file.take(READ_AT_MOST))?;
    Ok(DigestBuilder::new("file/1").bytes("length", &length.to_le_bytes()).digest("head", &hasher.finalize().into()).finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(root: &Path, run: &[&str]) -> Digest {
        let spec = CommandAgentSpec { run: run.iter().map(|w| (*w).to_owned()).collect(), ..CommandAgentSpec::default() };
        digest(&spec, &run.join(" "), root)
    }

    #[test]
    fn a_fixed_script_is_another_agent() {
        let dir = tempfile::tempdir().unwrap();
        let script = dir.path().join("agent.py");
        for run in [&["./agent.py"][..], &["python3", "agent.py"], &["python3", "-u", "./agent.py", "--fast"]] {
            std::fs::write(&script, "print(1)").unwrap();
            let before = of(dir.path(), run);
            assert_eq!(before, of(dir.path(), run));
            std::fs::write(&script, "print(2)").unwrap();
            assert_ne!(before, of(dir.path(), run), "{run:?}");
        }
    }

    #[test]
    fn what_is_not_in_the_project_counts_by_its_name_alone() {
        let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let outside = other.path().join("agent.py");
        let run = ["python3", outside.to_str().unwrap(), "no-such-file"];
        std::fs::write(&outside, "1").unwrap();
        let before = of(dir.path(), &run);
        std::fs::write(&outside, "2").unwrap();
        // Found in PATH, whatever lies in the project.
        std::fs::write(dir.path().join("python3"), "1").unwrap();
        assert_eq!(before, of(dir.path(), &run));
    }
}
