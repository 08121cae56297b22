//! One recorded case, and the comparison with it.

use std::cell::Cell;
use std::path::PathBuf;

use serde_json::Value;

/// Compares one case with our function.
pub type Check = fn(&Case);

/// One recorded case.
pub struct Case {
    /// File name.
    pub id: String,
    /// What goes in.
    pub input: Value,
    /// What must come out.
    pub expected: Value,
    absolute: f64,
    relative: f64,
    compared: Cell<usize>,
    worst: Cell<f64>,
}

impl Case {
    /// Compares a number, or its absence, with the value at a JSON pointer of what is expected. `null` there means that the
    /// quantity does not exist; `"inf"` and `"-inf"` are the infinities.
    #[track_caller]
    pub fn close(&self, pointer: &str, got: Option<f64>) {
        self.compared.set(self.compared.get() + 1);
        let want = match self.expected.pointer(pointer) {
            None => panic!("{}: nothing recorded at {pointer}", self.id),
            Some(Value::Null) => return assert!(got.is_none(), "{}: {pointer} is {got:?}, but does not exist", self.id),
            Some(Value::String(s)) if s == "inf" => f64::INFINITY,
            Some(Value::String(s)) if s == "-inf" => f64::NEG_INFINITY,
            Some(v) => v.as_f64().unwrap_or_else(|| panic!("{}: {pointer} is recorded as {v}", self.id)),
        };
        let got = got.unwrap_or_else(|| panic!("{}: {pointer} is undefined, not {want}", self.id));
        if want.is_infinite() {
            return assert!(got.to_bits() == want.to_bits(), "{}: {pointer} is {got}, not {want}", self.id);
        }
        let error = (got - want).abs();
        let tolerance = self.absolute.max(self.relative * want.abs());
        assert!(error <= tolerance, "{}: {pointer} is {got}, not {want} (off by {error:e}, allowed {tolerance:e})", self.id);
        self.worst.set(self.worst.get().max(error / want.abs().max(1.0)));
    }

    /// True if the whole case is recorded as undefined.
    pub fn is_undefined(&self) -> bool {
        self.expected.get("undefined").is_some_and(|u| !u.is_null() && *u != Value::Bool(false))
    }

    /// Counts a comparison that is no number (a decision, an order, a refusal).
    #[track_caller]
    pub fn same<T: PartialEq + std::fmt::Debug>(&self, what: &str, got: &T, want: &T) {
        self.compared.set(self.compared.get() + 1);
        assert_eq!(got, want, "{}: {what}", self.id);
    }

    /// Numbers at a pointer of the input.
    pub fn numbers(&self, pointer: &str) -> Vec<f64> {
        let list = self.input.pointer(pointer).and_then(Value::as_array);
        list.unwrap_or_else(|| panic!("{}: no list at {pointer}", self.id)).iter().map(|v| v.as_f64().unwrap()).collect()
    }

    /// A number of the input.
    pub fn number(&self, pointer: &str) -> f64 {
        self.input.pointer(pointer).and_then(Value::as_f64).unwrap_or_else(|| panic!("{}: no number at {pointer}", self.id))
    }
}

/// The oracle folder; says so where there is none.
pub fn folder() -> Option<PathBuf> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/oracles");
    let path = std::env::var_os("TRIBUNAL_ORACLES").map_or_else(beside, PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: no oracles here (set TRIBUNAL_ORACLES)");
    None
}

/// Runs every case of the given families and prints the table: family, cases, worst relative error.
pub fn run(families: &[(&str, Check)]) {
    let Some(folder) = folder() else { return };
    for (family, check) in families {
        let mut files: Vec<PathBuf> = std::fs::read_dir(folder.join(family)).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        assert!(!files.is_empty(), "no case in family {family}");
        let mut worst = 0.0_f64;
        for file in &files {
            let value: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
            assert_eq!(value["schema"], "stats-oracle/1");
            let case = Case {
                id: format!("{family}/{}", value["id"].as_str().unwrap()),
                absolute: value["tol"]["abs"].as_f64().unwrap(),
                relative: value["tol"]["rel"].as_f64().unwrap(),
                input: value["input"].clone(),
                expected: value["expected"].clone(),
                compared: Cell::new(0),
                worst: Cell::new(0.0),
            };
            check(&case);
            assert!(case.compared.get() > 0, "{}: nothing was compared", case.id);
            worst = worst.max(case.worst.get());
        }
        println!("{family:22} {:3} cases  worst relative error {worst:.1e}", files.len());
    }
}
