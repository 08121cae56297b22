//! A YAML set: findings at their places, or cases that passed every check; the same on a second reading.
#![no_main]

use std::collections::HashSet;
use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tribunal::domain::Status;
use tribunal::evalset::lint::lint;
use tribunal::evalset::{Rubrics, load_rubrics, raw::RawSet, read_yaml_set};
use tribunal::source::{Source, read_yaml};
use tribunal_fuzz::{case, findings, refused};

static RUBRICS: LazyLock<Rubrics> = LazyLock::new(|| load_rubrics(Path::new("none"), Path::new("/")).expect("the embedded rubric"));

fuzz_target!(|data: &[u8]| {
    let shown = Path::new("evalsets/fuzz.yaml");
    let source = match Source::from_bytes(shown, data.to_vec()) {
        Ok(source) => source,
        Err(all) => return refused(&all, None),
    };
    let generic = read_yaml::<RawSet>(&source);
    if let Err(all) = &generic {
        refused(all, Some(&source.text));
    }
    match read_yaml_set(&source, &RUBRICS) {
        Err(all) => {
            refused(&all, Some(&source.text));
            let again = read_yaml_set(&source, &RUBRICS).expect_err("refused before");
            assert_eq!(all, again);
        }
        Ok(set) => {
            assert!(generic.is_ok(), "the set is read, and its own types refuse it: {generic:?}");
            let cases: Vec<_> = set.all_cases().map(|c| c.expect("a set in memory has every case")).collect();
            assert_eq!(cases.len() as u64, set.total());
            assert_eq!(cases.iter().map(|c| c.id.clone()).collect::<HashSet<_>>().len(), cases.len(), "an id stands twice");
            assert_eq!(cases.iter().filter(|c| c.status == Status::Active).count() as u64, set.head.cases);
            assert_eq!(set.cases().count() as u64, set.head.cases);
            assert!(RUBRICS.knows(set.head.rubric.as_str()));
            cases.iter().for_each(|c| case(c));
            let hints = lint(&[set], &RUBRICS, None).expect("a checked set is linted");
            findings(&hints, None);
        }
    }
});
