//! The documents say what the program does: every verb, flag and file they name exists, and none is left out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use clap::{CommandFactory, ValueEnum};
use tribunal::cli::args::{Cli, SchemaKind};
use tribunal::cli::meta::schema_text;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn documents() -> Vec<(String, String)> {
    let mut all = vec!["README.md".to_owned(), "CONTRIBUTING.md".to_owned(), "ARCHITECTURE.md".to_owned()];
    for entry in fs::read_dir(root().join("docs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if Path::new(&name).extension().is_some_and(|e| e == "md") {
            all.push(format!("docs/{name}"));
        }
    }
    all.sort();
    assert!(all.len() > 10, "where is the handbook?");
    all.into_iter().map(|p| (p.clone(), read(&p))).collect()
}

fn flags(command: &clap::Command, into: &mut BTreeSet<String>) {
    into.extend(command.get_arguments().filter_map(|a| a.get_long()).map(|l| format!("--{l}")));
    for sub in command.get_subcommands() {
        flags(sub, into);
    }
}

fn all_flags() -> BTreeSet<String> {
    let mut command = Cli::command();
    command.build();
    let mut all = BTreeSet::new();
    flags(&command, &mut all);
    all
}

#[test]
fn the_reference_names_every_verb_and_flag() {
    let text = read("docs/reference.md");
    let command = Cli::command();
    let verbs: Vec<String> =
        command.get_subcommands().map(|s| format!("tribunal {}", s.get_name())).filter(|v| v != "tribunal help").collect();
    let missing: Vec<String> = all_flags().into_iter().chain(verbs).filter(|w| !text.contains(w.as_str())).collect();
    assert!(missing.is_empty(), "docs/reference.md does not name {missing:?}");
}

#[test]
fn no_document_names_a_flag_that_tribunal_does_not_have() {
    let known = all_flags();
    let mut strangers = Vec::new();
    for (path, text) in documents() {
        for (number, line) in text.lines().enumerate() {
            for part in line.split("tribunal ").skip(1) {
                let command = part.split(['`', '|', '#', ';', '&']).next().unwrap_or_default();
                for word in command.split_whitespace().filter(|w| w.starts_with("--") && w.len() > 2) {
                    let word = word.trim_start_matches('[').split(['=', ']', ',', ')', '.']).next().unwrap_or_default();
                    if !known.contains(word) {
                        strangers.push(format!("{path}:{}: {word}", number + 1));
                    }
                }
            }
        }
    }
    assert!(strangers.is_empty(), "{}", strangers.join("\n"));
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut dead = Vec::new();
    for (path, text) in documents() {
        let folder = root().join(&path).parent().unwrap().to_owned();
        for target in text.split("](").skip(1).filter_map(|t| t.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            if !file.is_empty() && !file.contains("://") && !folder.join(file).exists() {
                dead.push(format!("{path}: {target}"));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}

#[test]
fn the_committed_schemas_are_the_programs() {
    for kind in SchemaKind::value_variants() {
        let name = kind.to_possible_value().unwrap().get_name().to_owned();
        let path = format!("docs/schema/{name}.json");
        assert!(
            fs::read_to_string(root().join(&path)).is_ok_and(|t| t == schema_text(*kind)),
            "{path} differs from the program's: cargo run -- schema {name} > {path}"
        );
    }
}

#[test]
fn the_schemas_accept_our_own_files() {
    for (kind, files) in [
        (SchemaKind::Set, vec!["evalsets/handbook.yaml", "src/cli/init/evalsets/first.yaml"]),
        (SchemaKind::Rubric, vec!["rubrics/correctness.yaml", "rubrics/faithfulness.yaml", "rubrics/helpfulness.yaml"]),
        (SchemaKind::Config, vec!["tribunal.yaml", "src/cli/init/tribunal.yaml"]),
    ] {
        let schema = serde_json::from_str(&schema_text(kind)).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        for file in files {
            let value: serde_json::Value = serde_yaml::from_str(&read(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
            let faults: Vec<String> = validator.iter_errors(&value).map(|e| format!("{file}: {} at {}", e, e.instance_path())).collect();
            assert!(faults.is_empty(), "{}", faults.join("\n"));
            assert!(read(file).starts_with("# yaml-language-server: $schema="), "{file} does not name its schema");
        }
    }
}

#[test]
fn ci_runs_the_two_commands_of_the_readme() {
    let (readme, ci) = (read("README.md"), read(".ci/run"));
    for command in ["cargo run --release -- run", "cargo nextest run"] {
        assert!(readme.contains(command), "README.md lacks `{command}`");
        assert!(ci.lines().any(|l| l.trim() == command), ".ci/run lacks `{command}`");
    }
}

#[test]
fn no_file_names_a_machine() {
    // Built here from parts, so that this file passes its own test.
    let bad: Vec<String> = ["work", "farm", "root"].iter().map(|d| format!("/{d}/")).collect();
    let tracked = std::process::Command::new("git").args(["ls-files"]).current_dir(root()).output();
    let Ok(tracked) = tracked else { return };
    for file in String::from_utf8_lossy(&tracked.stdout).lines() {
        let Ok(text) = fs::read_to_string(root().join(file)) else { continue };
        for line in text.lines() {
            for b in &bad {
                let hit = line
                    .match_indices(b.as_str())
                    .any(|(i, _)| !line[..i].ends_with(|c: char| c.is_alphanumeric() || c == '.' || c == '}'));
                assert!(!hit, "{file}: {line}");
            }
        }
    }
}
