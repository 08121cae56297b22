//! The text files under some paths, in an order that does not depend on the file system.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// Larger files are data, not pages.
const MAX_FILE: u64 = 4 * 1024 * 1024;

/// Reads every page: its path as written with `/`, and its text; sorted by path. Hidden files and folders, other kinds of
/// files and files over 4 MiB are passed over; a file that is named itself may be of any kind. A folder that links lead to
/// twice is read once.
///
/// # Errors
/// The path that could not be read.
pub(super) fn texts(root: &Path, paths: &[&Path]) -> Result<Vec<(String, String)>, (PathBuf, io::Error)> {
    let mut pages = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for path in paths {
        let full = root.join(path);
        let at = |e| (path.to_path_buf(), e);
        if fs::metadata(&full).map_err(at)?.is_dir() {
            folder(&full, path, &mut seen, &mut pages)?;
        } else {
            pages.insert(shown(path), read(&full).map_err(at)?);
        }
    }
    Ok(pages.into_iter().collect())
}

fn folder(
    full: &Path,
    path: &Path,
    seen: &mut BTreeSet<PathBuf>,
    pages: &mut BTreeMap<String, String>,
) -> Result<(), (PathBuf, io::Error)> {
    let at = |e| (path.to_path_buf(), e);
    if !seen.insert(full.canonicalize().map_err(at)?) {
        return Ok(());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(full).map_err(at)? {
        names.push(entry.map_err(at)?.file_name());
    }
    // Sorted before following, so that of two links to one folder always the same one is read.
    names.sort();
    for name in names {
        if name.to_string_lossy().starts_with('.') {
            continue;
        }
        let (full, path) = (full.join(&name), path.join(&name));
        // A link that leads nowhere is nobody's page.
        let Ok(meta) = fs::metadata(&full) else { continue };
        if meta.is_dir() {
            folder(&full, &path, seen, pages)?;
        } else if meta.is_file() && is_page(&path) && meta.len() <= MAX_FILE {
            let text = read(&full).map_err(|e| (path.clone(), e))?;
            pages.insert(shown(&path), text);
        }
    }
    Ok(())
}

fn is_page(path: &Path) -> bool {
    path.extension().is_some_and(|e| ["md", "markdown", "txt"].iter().any(|known| e.eq_ignore_ascii_case(known)))
}

fn read(full: &Path) -> io::Result<String> {
    let bytes = fs::read(full)?;
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    // An old page with a few odd bytes is still a page.
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

fn shown(path: &Path) -> String {
    let parts = path.components().filter(|c| !matches!(c, std::path::Component::CurDir));
    parts.map(|c| c.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/")
}
