//! A rubric: findings at their places, or a whole rubric that is called after its file.
#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use tribunal::evalset::read_rubric;
use tribunal::source::Source;
use tribunal_fuzz::refused;

fuzz_target!(|data: &[u8]| {
    let source = match Source::from_bytes(Path::new("rubrics/fuzz.yaml"), data.to_vec()) {
        Ok(source) => source,
        Err(all) => return refused(&all, None),
    };
    match read_rubric(&source) {
        Err(all) => {
            refused(&all, Some(&source.text));
            assert_eq!(all, read_rubric(&source).expect_err("refused before"));
        }
        Ok(rubric) => {
            assert_eq!(rubric.name.as_str(), "fuzz");
            assert!(!rubric.criteria.is_empty() && rubric.anchors.iter().all(|a| !a.is_empty()), "{rubric:?}");
            assert_eq!(rubric, read_rubric(&source).expect("read before"));
            let json = serde_json::to_string(&rubric).expect("a rubric is written as JSON");
            let back: tribunal::domain::Rubric = serde_json::from_str(&json).expect("and read back");
            assert_eq!(rubric, back);
            assert_eq!(rubric.digest(), back.digest());
        }
    }
});
