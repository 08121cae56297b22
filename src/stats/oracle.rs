//! Test help: reads recorded reference values. Where the folder is absent the test says that it is skipped.

use std::path::PathBuf;

use serde_json::Value;

/// One recorded case.
pub(crate) struct Oracle {
    /// Its name.
    pub id: String,
    /// What goes in.
    pub input: Value,
    /// What must come out.
    pub expected: Value,
    absolute: f64,
    relative: f64,
}

impl Oracle {
    /// Fails the test if a number is not the one at a JSON pointer, within the recorded tolerance.
    pub fn assert_close(&self, pointer: &str, got: f64) {
        let want = self.expected.pointer(pointer).and_then(Value::as_f64).unwrap();
        let tol = self.absolute.max(self.relative * want.abs());
        assert!((got - want).abs() <= tol, "{}: {pointer} is {got}, not {want}", self.id);
    }
}

/// Runs a check on every case of a family.
pub(crate) fn each(family: &str, check: impl Fn(&Oracle)) {
    let Some(folder) = folder("TRIBUNAL_ORACLES", "../shared/oracles") else {
        eprintln!("skipped: no oracles here (set TRIBUNAL_ORACLES)");
        return;
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder.join(family)).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no case in family {family}");
    for file in files {
        let value: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        let tolerance = |name: &str| value["tol"][name].as_f64().unwrap();
        check(&Oracle {
            id: value["id"].as_str().unwrap().to_owned(),
            absolute: tolerance("abs"),
            relative: tolerance("rel"),
            input: value["input"].clone(),
            expected: value["expected"].clone(),
        });
    }
}

/// A folder named by an environment variable, else beside the crate; `None` if there is none.
pub(crate) fn folder(variable: &str, beside: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(beside), PathBuf::from);
    path.is_dir().then_some(path)
}
