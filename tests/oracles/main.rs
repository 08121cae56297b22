//! Our numbers against independent implementations: every family and every file of the oracle folder, within the tolerance
//! that each file states. Where the folder is absent the tests say that they are skipped.

mod agreement;
mod case;
mod estimate;
mod learn;

use case::{Check, folder, run};

fn all() -> Vec<(&'static str, Check)> {
    [agreement::FAMILIES, estimate::FAMILIES, learn::FAMILIES].concat()
}

#[test]
fn every_family_in_the_folder_has_a_check() {
    let Some(folder) = folder() else { return };
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap())
        .filter(|e| e.path().is_dir())
        .map(|e| e.file_name().into_string().unwrap())
        .collect();
    found.sort();
    let mut known: Vec<&str> = all().iter().map(|(f, _)| *f).collect();
    known.sort_unstable();
    assert_eq!(found, known);
}

#[test]
fn agreement_and_comparison() {
    run(agreement::FAMILIES);
}

#[test]
fn estimates() {
    run(estimate::FAMILIES);
}

#[test]
fn learning_and_sequences() {
    run(learn::FAMILIES);
}
