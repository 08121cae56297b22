//! The map is the tree, and arrows point down.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// From the top to the bottom. A file may import from its own module and from modules below it.
const ORDER: [&str; 18] = [
    "cli", "review", "report", "ui", "config", "runner", "judge", "agent", "provider", "store", "evalset", "source", "gate", "routing",
    "stats", "text", "domain", "error",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn files(dir: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.push(path);
        }
    }
}

fn rust_files() -> Vec<PathBuf> {
    let mut all = Vec::new();
    files(&root().join("src"), &mut all);
    all.retain(|p| p.extension().is_some_and(|e| e == "rs"));
    all.sort();
    assert!(all.len() > 30, "the walk found only {} files", all.len());
    all
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().into_owned()
}

/// `src/judge/llm.rs` -> `judge`; `src/gate.rs` -> `gate`.
fn module_of(relative: &str) -> &str {
    let inside = relative.strip_prefix("src/").unwrap();
    inside.split('/').next().unwrap().trim_end_matches(".rs")
}

fn rank(module: &str) -> usize {
    ORDER.iter().position(|m| *m == module).unwrap_or_else(|| panic!("module `{module}` has no place in the order: give it one"))
}

/// Modules named after `crate::` on a line, braces included: `use crate::{agent::Ask, domain::Case}` -> agent, domain.
fn imports(line: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in line.split("crate::").skip(1) {
        if let Some(group) = part.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => found.push(std::mem::take(&mut name)),
                    c if depth == 0 => name.push(c),
                    _ => {}
                }
            }
            found.push(name);
        } else {
            found.push(part.to_owned());
        }
    }
    found
        .iter()
        .map(|f| f.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect())
        .filter(|m: &String| !m.is_empty())
        .collect()
}

/// Lines with their numbers, comments left out and every `use` joined up to its `;`, so that a list over several lines is one.
fn statements(text: &str) -> Vec<(usize, String)> {
    let mut all: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (number, line) in text.lines().enumerate().map(|(n, l)| (n + 1, l.trim())).filter(|(_, l)| !l.starts_with("//")) {
        let begins = line.split_whitespace().take_while(|w| *w == "use" || w.starts_with("pub")).any(|w| w == "use");
        match all.last_mut().filter(|_| open) {
            Some((_, joined)) => joined.push_str(line),
            None => all.push((number, line.to_owned())),
        }
        open = (open || begins) && !line.contains(';');
    }
    all
}

#[test]
fn a_use_over_several_lines_is_one_statement() {
    let text = "use crate::{\n    agent::{Ask, // why\n    Agent},\n    // not this\n    store,\n};\nlet a = 1;\npub(super) use crate::\n    cli::x;\nf();\n";
    let all = statements(text);
    assert_eq!(all.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [1, 7, 8, 10]);
    assert_eq!(imports(&all[0].1), ["agent", "store"]);
    assert_eq!(imports(&all[2].1), ["cli"]);
}

#[test]
fn imports_are_read_from_every_form() {
    assert_eq!(imports("use crate::domain::Case;"), ["domain"]);
    assert_eq!(imports("use crate::{agent::{Ask, Agent}, store};"), ["agent", "store"]);
    assert_eq!(imports("    crate::text::words::fold(x)"), ["text"]);
}

#[test]
fn arrows_point_down() {
    let mut up = Vec::new();
    for path in rust_files() {
        let name = relative(&path);
        if matches!(name.as_str(), "src/main.rs" | "src/lib.rs") {
            continue;
        }
        let here = module_of(&name);
        for (number, statement) in statements(&fs::read_to_string(&path).unwrap()) {
            for there in imports(&statement) {
                if ORDER.contains(&there.as_str()) && rank(&there) < rank(here) {
                    up.push(format!("{name}:{number}: {here} must not know {there}"));
                }
            }
        }
    }
    assert!(up.is_empty(), "{}", up.join("\n"));
}

/// Files that only tests compile: they may read oracles and recorded data.
fn is_of_tests(path: &Path) -> bool {
    let stem = path.file_stem().unwrap().to_string_lossy();
    stem == "tests" || stem.ends_with("_tests") || matches!(&*stem, "oracle" | "fixture")
}

/// The pure half of the reviewer's side; its faces touch the world.
fn is_pure_review(name: &str) -> bool {
    name.starts_with("src/review/queue/") || name.starts_with("src/review/session/")
}

#[test]
fn the_pure_half_of_reviewing_knows_only_what_is_pure() {
    const KNOWS: [&str; 6] = ["review", "gate", "routing", "stats", "text", "domain"];
    let mut found = Vec::new();
    let mut seen = 0;
    for path in rust_files() {
        let name = relative(&path);
        if !is_pure_review(&name) || is_of_tests(&path) {
            continue;
        }
        seen += 1;
        let text = fs::read_to_string(&path).unwrap();
        for (number, statement) in statements(text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default()) {
            for there in imports(&statement).into_iter().filter(|t| ORDER.contains(&t.as_str()) && !KNOWS.contains(&t.as_str())) {
                found.push(format!("{name}:{number}: must not know {there}"));
            }
            // The queue does not know the session, and neither knows a face.
            for part in statement.split("crate::review::").skip(1) {
                let queue_only = name.starts_with("src/review/queue/");
                let ok = part.starts_with("queue") || (!queue_only && part.starts_with("session"));
                if !ok {
                    found.push(format!("{name}:{number}: must not know review::{part}"));
                }
            }
        }
    }
    assert!(seen > 10, "only {seen} files were looked at");
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_pure_core_touches_no_world() {
    const PURE: [&str; 5] = ["domain", "stats", "routing", "gate", "text"];
    const WORLD: [&str; 11] = [
        "std::fs",
        "std::env",
        "std::net",
        "std::process",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "rand::",
        "tokio::",
        "reqwest::",
        "rusqlite::",
    ];
    let mut found = Vec::new();
    for path in rust_files() {
        let name = relative(&path);
        if !(PURE.contains(&module_of(&name)) || is_pure_review(&name)) || is_of_tests(&path) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate() {
            if let Some(w) = WORLD.iter().find(|w| !line.trim_start().starts_with("//") && line.contains(**w)) {
                found.push(format!("{name}:{}: {w}", number + 1));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_file_opens_with_its_one_job() {
    let bad: Vec<String> =
        rust_files().iter().filter(|p| !fs::read_to_string(p).unwrap().starts_with("//! ")).map(|p| relative(p)).collect();
    assert!(bad.is_empty(), "no //! on the first line: {bad:?}");
}

#[test]
fn the_map_names_every_file_and_no_other() {
    let map = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let named: BTreeSet<String> = map
        .lines()
        .filter_map(|l| l.trim_start().strip_prefix("- `"))
        .filter_map(|l| l.split('`').next())
        .filter(|p| p.starts_with("src/"))
        .map(str::to_owned)
        .collect();
    let there: BTreeSet<String> = rust_files().iter().map(|p| relative(p)).collect();
    let missing: Vec<_> = there.difference(&named).collect();
    let gone: Vec<_> = named.difference(&there).collect();
    assert!(missing.is_empty() && gone.is_empty(), "not in ARCHITECTURE.md: {missing:?}\nin ARCHITECTURE.md, but gone: {gone:?}");
}
