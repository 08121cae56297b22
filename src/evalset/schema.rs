//! JSON Schemas of the files of sets and rubrics, for editors; made from the raw types.

use serde_json::Value;

use super::raw::{RawRubric, RawSet};

/// The schema of `evalsets/*.yaml`.
#[must_use]
pub fn set_schema() -> Value {
    titled(schemars::schema_for!(RawSet).to_value(), "tribunal: eval set")
}

/// The schema of `rubrics/*.yaml`.
#[must_use]
pub fn rubric_schema() -> Value {
    titled(schemars::schema_for!(RawRubric).to_value(), "tribunal: rubric")
}

fn titled(mut schema: Value, title: &str) -> Value {
    if let Some(map) = schema.as_object_mut() {
        map.insert("title".to_owned(), title.into());
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_editor_takes_what_we_take_and_refuses_what_we_refuse() {
        let rubric: Value = serde_yaml::from_str(include_str!("../../rubrics/correctness.yaml")).unwrap();
        // Editors see the numbers of `anchors` as the texts that JSON keys are.
        let rubric: Value = serde_json::from_str(&serde_json::to_string(&rubric).unwrap()).unwrap();
        let schema = jsonschema::validator_for(&rubric_schema()).unwrap();
        assert!(schema.is_valid(&rubric), "{:?}", schema.iter_errors(&rubric).map(|e| e.to_string()).collect::<Vec<_>>());
        let set = jsonschema::validator_for(&set_schema()).unwrap();
        let with = |case: Value| serde_json::json!({"name": "n", "rubric": "r", "cases": [case]});
        assert!(set.is_valid(&with(serde_json::json!({"id": "a", "question": "q", "expected": "e", "risk": "high"}))));
        assert!(!set.is_valid(&with(serde_json::json!({"id": "a", "question": "q", "expcted": "e"}))));
        assert!(!set.is_valid(&with(serde_json::json!({"id": "a", "question": "q", "expected": "e", "trials": 0}))));
    }
}
