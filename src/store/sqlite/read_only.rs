//! A store that cannot be written: opened as it stands, for reading alone.

use std::error::Error;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use rusqlite::ErrorCode::{CannotOpen, PermissionDenied, ReadOnly};
use rusqlite::{Connection, OpenFlags};

use super::schema;

type Fault = Box<dyn Error + Send + Sync>;

/// Opens an existing file without writing anything beside it.
pub fn connect(path: &Path) -> Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let c = Connection::open_with_flags(path, flags).and_then(whole);
    let c = match c {
        Err(e) if matches!(e.sqlite_error_code(), Some(CannotOpen | ReadOnly)) && path.is_file() => {
            // Its reader would have to make a file beside it. Without one the file is taken as it is, which leaves out the log.
            if std::fs::metadata(beside(path, "-wal")).is_ok_and(|m| m.len() > 0) {
                return Err("the end of it is in a log that cannot be read without writing beside it".into());
            }
            Connection::open_with_flags(uri(path)?, flags | OpenFlags::SQLITE_OPEN_URI).and_then(whole)?
        }
        other => other?,
    };
    match schema::version(&c)? {
        (found, known) if found == known => Ok(c),
        (found, known) => {
            Err(format!("it has schema version {found}, and cannot be brought to version {known} without being written").into())
        }
    }
}

/// True for an error that says that a file or its folder may not be written.
pub fn refuses_writes(e: &(dyn Error + 'static)) -> bool {
    let by_sqlite = e.downcast_ref::<rusqlite::Error>().and_then(rusqlite::Error::sqlite_error_code);
    let by_system = e.downcast_ref::<io::Error>().map(io::Error::kind);
    matches!(by_sqlite, Some(CannotOpen | ReadOnly | PermissionDenied))
        || matches!(by_system, Some(io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem))
}

/// A connection that can read: opening alone reads nothing.
fn whole(c: Connection) -> rusqlite::Result<Connection> {
    c.query_row("select count(*) from sqlite_master", [], |_| Ok(()))?;
    Ok(c)
}

fn beside(path: &Path, ending: &str) -> std::path::PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// A path as SQLite's URI of a file that nobody changes.
fn uri(path: &Path) -> Result<String, Fault> {
    let path = std::path::absolute(path)?;
    let mut uri = "file:".to_owned();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => uri.push(char::from(*byte)),
            other => write!(uri, "%{other:02x}")?,
        }
    }
    Ok(uri + "?immutable=1")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_as_it_stands_whatever_its_name() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a store? 100%#ä.db");
        let mut c = Connection::open(&path).unwrap();
        schema::migrate(&mut c, "x").unwrap();
        drop(c);
        let as_it_is = Connection::open_with_flags(uri(&path).unwrap(), OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI);
        assert_eq!(schema::version(&as_it_is.unwrap()).map(|(found, known)| found == known), Ok(true));
        assert!(connect(&path).unwrap().execute("delete from runs", []).is_err());
    }

    #[test]
    fn an_old_file_is_not_taken_for_a_new_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("old.db");
        Connection::open(&path).unwrap().execute_batch("create table tribunal_schema (version bigint not null)").unwrap();
        assert!(connect(&path).unwrap_err().to_string().contains("schema version 0"));
        assert!(connect(&dir.path().join("none.db")).is_err());
    }
}
