//! Recorded ballots: a file is refused with its places, or every ballot comes back as it was recorded.
#![no_main]

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tempfile::TempDir;
use tribunal::domain::{Case, CaseId, JudgeFailureKind, JudgeName, Output, Rubric, RubricName, Score};
use tribunal::judge::replay::ReplayJudge;
use tribunal::judge::spec::ReplayJudgeSpec;
use tribunal::judge::{Exhibit, Judge};
use tribunal_fuzz::{folder, ready, write};

static DIR: LazyLock<TempDir> = LazyLock::new(folder);

fn exhibit(id: CaseId, trial: u16) -> Exhibit {
    let rubric = Rubric {
        name: RubricName::new("fuzz").expect("a name"),
        criteria: String::new(),
        anchors: Default::default(),
        pass_mark: Score::ALL[3],
        notes: Vec::new(),
        examples: Vec::new(),
        template: None,
    };
    Exhibit { case: Arc::new(Case::new(id, "q", "e")), rubric: Arc::new(rubric), output: Arc::new(Output::text("a")), trial }
}

fuzz_target!(|data: &[u8]| {
    write(&DIR, "ballots.jsonl", data);
    let spec = ReplayJudgeSpec { file: PathBuf::from("ballots.jsonl"), ..ReplayJudgeSpec::default() };
    let judge = match ReplayJudge::open(JudgeName::new("replay").expect("a name"), &spec, DIR.path()) {
        Ok(judge) => judge,
        Err(e) => {
            let said = e.to_string();
            assert!(!said.is_empty() && !said.contains('\n'), "{said:?}");
            return;
        }
    };
    let data = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data);
    // The values of unknown keys are skipped unread, and may hold what a reader of all values refuses.
    let lines: Result<Vec<Value>, _> =
        data.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty()).map(serde_json::from_slice).collect();
    let Ok(lines) = lines else { return };
    assert_eq!(lines.len(), judge.len(), "a ballot was lost");
    assert!(!judge.is_empty());
    for line in &lines {
        // A list would be the fields in order; what it means is not for this target to say.
        let Some(id) = line.get("id").and_then(Value::as_str).and_then(|id| CaseId::new(id).ok()) else { continue };
        let trial = line.get("trial").and_then(Value::as_u64).unwrap_or(0);
        let Some(sample) = line.get("sample").and_then(Value::as_u64) else { continue };
        let (trial, sample) = (u16::try_from(trial).expect("in range"), u16::try_from(sample).expect("in range"));
        let ballot = ready(judge.judge(&exhibit(id, trial), sample));
        let score = line.get("score").and_then(Value::as_f64);
        let reason = line.get("reason").and_then(Value::as_str).unwrap_or_default();
        match ballot.outcome {
            Ok(j) => {
                assert_eq!(Some(f64::from(j.score.get())), score, "{line}");
                assert_eq!(j.reason, reason, "{line}");
                assert!(j.confidence.is_none_or(|c| (0.0..=1.0).contains(&c)), "{j:?}");
                assert!(j.probabilities.is_none_or(|p| (p.iter().sum::<f64>() - 1.0).abs() < 1e-9), "{j:?}");
            }
            Err(f) if line.get("failure").is_some_and(|v| !v.is_null()) => {
                assert_eq!(serde_json::to_value(f.kind).ok().as_ref(), line.get("failure"));
            }
            Err(f) => {
                assert!(matches!(f.kind, JudgeFailureKind::OffScale | JudgeFailureKind::MissingScore), "{f:?} of {line}");
                assert!(score.is_none_or(|s| !(1.0..=5.0).contains(&s) || s.fract() != 0.0), "{line}");
            }
        }
    }
});
