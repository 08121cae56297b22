//! Where `tribunal.yaml` is: named, or found by walking up from the working folder.

use std::path::{Path, PathBuf};

use crate::error::AppError;

/// The name that is looked for.
pub const FILE_NAME: &str = "tribunal.yaml";

/// A configuration file and its project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The file, absolute.
    pub file: PathBuf,
    /// The folder that holds it, absolute: relative paths in the file start here.
    pub root: PathBuf,
    /// The file as messages name it: as given, or relative to the working folder.
    pub shown: PathBuf,
}

/// Finds the file: `named` (relative to `cwd`), or the nearest `tribunal.yaml` in `cwd` or a folder above. `cwd` is absolute.
///
/// # Errors
/// A usage error when there is none.
pub fn find(named: Option<&Path>, cwd: &Path) -> Result<Found, AppError> {
    if let Some(named) = named {
        let file = cwd.join(named);
        if file.is_dir() {
            return Err(AppError::usage(format!("{} is a folder", named.display()))
                .with_help(format!("name the file: `--config {}`", named.join(FILE_NAME).display())));
        }
        if !file.exists() {
            return Err(AppError::usage(format!("there is no {}", named.display())).with_help("`tribunal init` makes a working project"));
        }
        let root = file.parent().unwrap_or(cwd).to_owned();
        return Ok(Found { file, root, shown: named.to_owned() });
    }
    for (up, folder) in cwd.ancestors().enumerate() {
        let file = folder.join(FILE_NAME);
        if file.is_file() {
            let shown = (0..up).map(|_| "..").chain([FILE_NAME]).collect();
            return Ok(Found { file, root: folder.to_owned(), shown });
        }
    }
    Err(AppError::usage("no tribunal.yaml here or in a folder above")
        .with_help("`tribunal init` makes a working project; `--config FILE` names a file elsewhere"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_file_above_is_found() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        std::fs::write(dir.path().join(FILE_NAME), "").unwrap();
        let found = find(None, &deep).unwrap();
        assert_eq!(found.root, dir.path());
        assert_eq!(found.shown, Path::new("../../tribunal.yaml"));
        std::fs::write(dir.path().join("a").join(FILE_NAME), "").unwrap();
        assert_eq!(find(None, &deep).unwrap().root, dir.path().join("a"));
        assert_eq!(find(Some(Path::new("../tribunal.yaml")), &deep).unwrap().shown, Path::new("../tribunal.yaml"));
    }

    #[test]
    fn without_a_file_the_help_says_how_to_begin() {
        let dir = tempfile::tempdir().unwrap();
        for named in [None, Some(Path::new("x.yaml"))] {
            // A file above the temporary folder would be found: then there is nothing to test.
            if let Err(e) = find(named, dir.path()) {
                assert!(e.help().unwrap().contains("tribunal init"));
            }
        }
        let e = find(Some(Path::new(".")), dir.path()).unwrap_err();
        assert!(e.help().unwrap().contains("tribunal.yaml"), "{e:?}");
    }
}
