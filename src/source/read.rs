//! From a path to a text: size, encoding and characters are checked before anything parses.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::domain::Digest;

use super::{Diagnostic, Severity, Source};

/// The largest file that is read whole, in bytes. Larger sets are JSONL or CSV, which stream.
pub const MAX_WHOLE_FILE: u64 = 64 * 1024 * 1024;
/// Bad characters reported of one file.
const MAX_BAD: usize = 20;

impl Source {
    /// Reads a file whole.
    ///
    /// # Errors
    /// It does not exist, is a folder, is too large, or is not UTF-8 text without control characters.
    pub fn read(path: &Path) -> Result<Self, Vec<Diagnostic>> {
        Self::read_as(path, path)
    }

    /// Reads a file whole and names it by another path, e.g. one relative to the project.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn read_as(path: &Path, shown: &Path) -> Result<Self, Vec<Diagnostic>> {
        let bytes = read_bytes(path, shown, MAX_WHOLE_FILE).map_err(|d| vec![*d])?;
        Self::from_bytes(shown, bytes)
    }

    /// Reads a file whole, with the digest of its bytes as they are on disk.
    ///
    /// # Errors
    /// As [`Source::read`].
    pub fn read_with_digest(path: &Path, shown: &Path) -> Result<(Self, Digest), Vec<Diagnostic>> {
        let bytes = read_bytes(path, shown, MAX_WHOLE_FILE).map_err(|d| vec![*d])?;
        let digest = Digest::of_bytes(&bytes);
        Ok((Self::from_bytes(shown, bytes)?, digest))
    }

    /// Checks bytes that were read already.
    ///
    /// # Errors
    /// They are not UTF-8 text without control characters.
    pub fn from_bytes(shown: &Path, mut bytes: Vec<u8>) -> Result<Self, Vec<Diagnostic>> {
        if bytes.starts_with(b"\xEF\xBB\xBF") {
            bytes.drain(..3);
        }
        let text = String::from_utf8(bytes).map_err(|e| vec![not_utf8(shown, e.as_bytes(), e.utf8_error().valid_up_to(), 1)])?;
        let source = Self::new(shown, text);
        let bad = bad_characters(&source);
        if bad.is_empty() { Ok(source) } else { Err(bad) }
    }
}

/// Opens a regular file: no folder, and no pipe or device, which would never end or never begin.
///
/// # Errors
/// Those of the operating system, and `InvalidInput` for what is no regular file.
pub fn open_regular(path: &Path) -> std::io::Result<File> {
    // Looked at before it is opened: opening a pipe waits for its other end.
    let meta = std::fs::metadata(path)?;
    if !meta.is_file() {
        let what = if meta.is_dir() { "a folder" } else { "a pipe or a device" };
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, format!("{what} stands where a file is wanted")));
    }
    File::open(path)
}

/// Reads a small text file: a template, a price table, weights.
///
/// # Errors
/// Those of [`open_regular`], and a file that is larger than a MiB or no UTF-8.
pub fn read_small(path: &Path) -> std::io::Result<String> {
    const MOST: u64 = 1 << 20;
    let mut text = String::new();
    open_regular(path)?.take(MOST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MOST {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidInput, "it is larger than 1 MiB"));
    }
    Ok(text)
}

/// Opens a regular file.
///
/// # Errors
/// It does not exist, cannot be read or is a folder, a pipe or a device.
pub(crate) fn open(path: &Path, shown: &Path) -> Result<(File, u64), Box<Diagnostic>> {
    let fault = |message: String| Diagnostic::new(Severity::Error, "unreadable", message, shown);
    if path.is_dir() {
        return Err(Box::new(fault("a folder stands where a file is wanted".to_owned()).help("name a file in it")));
    }
    let file = open_regular(path).map_err(|e| {
        let missing = e.kind() == std::io::ErrorKind::NotFound;
        let d = fault(if missing { "the file does not exist".to_owned() } else { format!("cannot be opened: {e}") });
        Box::new(if missing { d.help("check the path; paths are relative to the project's folder") } else { d })
    })?;
    let meta = file.metadata().map_err(|e| Box::new(fault(format!("cannot be read: {e}"))))?;
    Ok((file, meta.len()))
}

fn read_bytes(path: &Path, shown: &Path, cap: u64) -> Result<Vec<u8>, Box<Diagnostic>> {
    let (file, len) = open(path, shown)?;
    let too_large = || {
        let message = format!("the file is larger than {} MiB", cap / (1024 * 1024));
        Box::new(
            Diagnostic::new(Severity::Error, "too-large", message, shown)
                .help("keep very large sets as JSONL (one case a line) or CSV: those stream and have no limit"),
        )
    };
    if len > cap {
        return Err(too_large());
    }
    let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0));
    // A file may grow, and a pipe has no length: never read more than the cap.
    file.take(cap + 1)
        .read_to_end(&mut bytes)
        .map_err(|e| Box::new(Diagnostic::new(Severity::Error, "unreadable", format!("cannot be read: {e}"), shown)))?;
    if bytes.len() as u64 > cap { Err(too_large()) } else { Ok(bytes) }
}

/// Says where bytes stop being UTF-8. `first_line` is the line of `bytes[0]`.
pub(crate) fn not_utf8(shown: &Path, bytes: &[u8], valid_up_to: usize, first_line: u32) -> Diagnostic {
    let from = bytes[..valid_up_to].iter().rposition(|b| *b == b'\n').map_or(0, |i| i + 1);
    let line = first_line.saturating_add(u32::try_from(bytes[..from].split(|b| *b == b'\n').count() - 1).unwrap_or(u32::MAX));
    let end = bytes[valid_up_to..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |i| valid_up_to + i);
    let source = Source::part(shown, String::from_utf8_lossy(&bytes[from..end]), line);
    let at = valid_up_to - from;
    let mut place = source.place(at..at + '\u{FFFD}'.len_utf8());
    place.span = valid_up_to..valid_up_to;
    let utf16 = bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF");
    Diagnostic::new(Severity::Error, "not-utf8", format!("byte {valid_up_to} is not UTF-8 text"), shown)
        .at(place)
        .label("not UTF-8 from here")
        .help(if utf16 { "the file seems to be UTF-16: save it as UTF-8" } else { "save the file as UTF-8" })
}

/// Every control character but tab, line feed and the carriage return before a line feed.
fn bad_characters(source: &Source) -> Vec<Diagnostic> {
    let text = &source.text;
    text.char_indices()
        .filter(|(i, c)| match c {
            '\t' | '\n' => false,
            '\r' => text.as_bytes().get(i + 1) != Some(&b'\n'),
            c => c.is_control(),
        })
        .take(MAX_BAD)
        .map(|(i, c)| {
            let (what, help) = match c {
                '\0' => ("a NUL character", "the file may be binary or UTF-16: save it as UTF-8 text"),
                '\r' => ("a carriage return without a line feed", "save the file with LF or CRLF line endings"),
                _ => ("a control character", "remove it; in a double-quoted text it can be written as an escape, e.g. \"\\x1b\""),
            };
            Diagnostic::error("control-character", format!("{what} (U+{:04X})", u32::from(c)), source, i..i + c.len_utf8())
                .label("this character")
                .help(help)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(bytes: &[u8]) -> Result<Source, Vec<Diagnostic>> {
        Source::from_bytes(Path::new("x.yaml"), bytes.to_vec())
    }

    #[test]
    fn a_byte_order_mark_is_not_text() {
        assert_eq!(&*of(b"\xEF\xBB\xBFa: 1").unwrap().text, "a: 1");
    }

    #[test]
    fn invalid_utf8_is_named_by_line_and_column() {
        let d = &of(b"a: \xC3\xBC\nb: \xFFx\n").unwrap_err()[0];
        assert_eq!((d.code, d.line_column()), ("not-utf8", Some((2, 4))));
    }

    #[test]
    fn every_control_character_is_named_at_its_place() {
        let all = of(b"a: 1\r\nb: \0x\ty\x1b\n\rz").unwrap_err();
        let at: Vec<_> = all.iter().map(|d| d.line_column().unwrap()).collect();
        assert_eq!(at, [(2, 4), (2, 8), (3, 1)]);
        assert!(all[0].message.contains("NUL"));
    }

    #[test]
    fn a_folder_and_a_missing_file_are_explained() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Source::read(dir.path()).unwrap_err()[0].message.contains("folder"));
        assert!(Source::read(&dir.path().join("no.yaml")).unwrap_err()[0].message.contains("does not exist"));
    }

    #[test]
    fn a_file_over_the_cap_is_refused_without_reading_it() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("big.yaml");
        File::create(&path).unwrap().set_len(MAX_WHOLE_FILE + 1).unwrap();
        assert_eq!(Source::read(&path).unwrap_err()[0].code, "too-large");
    }

    proptest! {
        #[test]
        fn any_bytes_are_text_or_faults(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Err(faults) = of(&bytes) {
                prop_assert!(!faults.is_empty());
                let lines = u32::try_from(bytes.split(|b| *b == b'\n').count()).unwrap();
                prop_assert!(faults.iter().all(|d| d.line_column().unwrap().0 <= lines));
            }
        }
    }
}
