//! A sealed project in a temporary folder, and the real binary run in it.

#![allow(dead_code, reason = "every test file uses another part of it")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A project in a temporary folder.
pub struct Sandbox {
    dir: tempfile::TempDir,
}

/// What a command did.
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Fails the test unless the exit code is the one given.
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// stdout as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|e| panic!("stdout is no JSON: {e}\n{}", self.stdout))
    }
}

impl From<Output> for Ran {
    fn from(o: Output) -> Self {
        Self {
            code: o.status.code(),
            stdout: String::from_utf8_lossy(&o.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&o.stderr).into_owned(),
        }
    }
}

impl Sandbox {
    /// An empty folder.
    pub fn empty() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    /// A project with three cases, recorded answers (right, wrong, half right) and the embedded judge.
    pub fn small() -> Self {
        let s = Self::empty();
        s.write("tribunal.yaml", "agents:\n  recorded: {kind: replay, file: answers.jsonl}\njudges:\n  lexical: {kind: lexical}\n");
        s.write(
            "evalsets/capitals.yaml",
            "name: capitals\nrubric: correctness\ncases:\n\
             \x20 - {id: fr, question: What is the capital of France?, expected: Paris, tags: [europe]}\n\
             \x20 - {id: de, question: What is the capital of Germany?, expected: Berlin, tags: [europe], risk: high}\n\
             \x20 - {id: jp, question: What is the capital of Japan?, expected: Tokyo, tags: [asia]}\n",
        );
        s.write(
            "answers.jsonl",
            "{\"id\":\"fr\",\"answer\":\"Paris\"}\n{\"id\":\"de\",\"answer\":\"It is Munich\"}\n{\"id\":\"jp\",\"answer\":\"Tokyo\"}\n",
        );
        s
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> &Self {
        let path = self.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// The binary with these arguments, in this folder, with an environment of its own.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_tribunal"));
        c.args(args).current_dir(self.path()).env_clear().env("HOME", self.path()).env("NO_COLOR", "1").env("COLUMNS", "100");
        // Programs that an agent starts are looked up here.
        c.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        c
    }

    pub fn run(&self, args: &[&str]) -> Ran {
        self.command(args).output().unwrap().into()
    }

    pub fn run_with(&self, args: &[&str], env: &[(&str, &str)]) -> Ran {
        self.command(args).envs(env.iter().copied()).output().unwrap().into()
    }
}

/// A folder of recorded data that is not part of the repository, or a printed notice that the test is skipped.
pub fn outside(variable: &str, folder: &str) -> Option<PathBuf> {
    let path =
        std::env::var_os(variable).map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(folder), PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    println!("SKIPPED: {} is not here; set {variable} to the folder that holds it", path.display());
    None
}

/// A client that follows no redirect and trusts nothing: for servers on this machine.
pub fn client() -> reqwest::Client {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().take(1).filter_map(|c| reqwest::Certificate::from_der(c.as_ref()).ok());
    client_with(roots)
}

/// The same, for servers with one of these certificates.
pub fn client_with(roots: impl IntoIterator<Item = reqwest::Certificate>) -> reqwest::Client {
    _ = rustls::crypto::ring::default_provider().install_default(); // another test of this process was first
    reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().tls_certs_merge(roots).build().unwrap()
}

/// A run of `n` cases of this risk on which two recorded judges are far apart (scores 1 and 5, with reasons that no blind stage may
/// show), and of 40 cases on which they agree.
pub fn disputed(n: usize, risk: &str) -> Sandbox {
    let s = Sandbox::empty();
    s.write(
        "tribunal.yaml",
        "agents:\n  recorded: {kind: replay, file: answers.jsonl}\n\
         judges:\n  hard: {kind: replay, file: ballots.jsonl, judge: hard}\n  soft: {kind: replay, file: ballots.jsonl, judge: soft}\n\
         panel: {judges: [hard, soft], quorum: 2, max_spread: 1}\nreview: {audit: 0, audit_at_least: 0}\n",
    );
    let (mut set, mut answers, mut ballots) = ("name: demo\nrubric: correctness\ncases:\n".to_owned(), String::new(), String::new());
    let mut add = |id: &str, question: &str, answer: &str, scores: [u8; 2]| {
        writeln!(set, "  - {{id: {id}, question: {question}, expected: right, risk: {risk}, tags: [eu]}}").unwrap();
        writeln!(answers, "{{\"id\":\"{id}\",\"answer\":\"{answer}\"}}").unwrap();
        for (judge, score) in ["hard", "soft"].iter().zip(scores) {
            let number = id.trim_start_matches(char::is_alphabetic);
            writeln!(ballots, "{{\"id\":\"{id}\",\"judge\":\"{judge}\",\"score\":{score},\"reason\":\"PLANTED-REASON-{judge}-{number}\"}}")
                .unwrap();
        }
    };
    for i in 0..n {
        add(&format!("c{i}"), &format!("question {i}"), &format!("answer {i}"), [1, 5]);
    }
    for i in 0..40 {
        add(&format!("sure{i}"), &format!("sure question {i}"), &format!("sure answer {i}"), [5, 5]);
    }
    s.write("evalsets/demo.yaml", set).write("answers.jsonl", answers).write("ballots.jsonl", ballots);
    s.run(&["run"]).exits(0);
    s
}
