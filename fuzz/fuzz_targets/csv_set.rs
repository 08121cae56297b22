//! A CSV set: findings, or cases that are the same each time they stream from the file. A form feed in an input becomes
//! 256 KiB of blanks, so that blocks end where the fuzzer wants.
#![no_main]

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use tribunal::domain::{Digest, Status};
use tribunal::evalset::lint::lint;
use tribunal::evalset::{Rubrics, load_rubrics, read_sets};
use tribunal_fuzz::{case, findings, folder, refused, stretched, write};

static RUBRICS: LazyLock<Rubrics> = LazyLock::new(|| load_rubrics(Path::new("none"), Path::new("/")).expect("the embedded rubric"));
static DIR: LazyLock<TempDir> = LazyLock::new(folder);

fuzz_target!(|data: &[u8]| {
    let bytes = stretched(data);
    write(&DIR, "fuzz.csv", &bytes);
    let (sets, all) = read_sets(&[PathBuf::from("fuzz.csv")], DIR.path(), &RUBRICS);
    let Some(set) = sets.first() else { return refused(&all, None) };
    assert!(all.is_empty(), "a set with faults was read: {all:?}");
    assert_eq!(set.head.digest, Digest::of_bytes(&bytes));
    let cases: Vec<_> = set.all_cases().map(|c| c.expect("an unchanged file streams")).collect();
    let again: Vec<_> = set.all_cases().map(|c| c.expect("an unchanged file streams")).collect();
    assert_eq!(cases, again);
    assert_eq!(cases.len() as u64, set.total());
    assert!(!cases.is_empty());
    assert_eq!(cases.iter().map(|c| c.id.clone()).collect::<HashSet<_>>().len(), cases.len(), "an id stands twice");
    assert_eq!(cases.iter().filter(|c| c.status == Status::Active).count() as u64, set.head.cases);
    assert!(cases.windows(2).all(|c| c[0].line < c[1].line), "lines do not rise");
    let lines = u32::try_from(bytes.iter().filter(|b| **b == b'\n').count() + 1).unwrap_or(u32::MAX);
    assert!(cases.iter().all(|c| c.line.is_some_and(|l| l <= lines)));
    cases.iter().for_each(|c| case(c));
    findings(&lint(&sets, &RUBRICS, None).expect("a checked set is linted"), None);
});
