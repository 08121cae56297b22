//! Recorded ballots from real files.

use std::fmt::Write as _;
use std::sync::Arc;

use super::*;
use crate::domain::{Case, CaseId, Output, Rubric, RubricName};

fn open_as(text: &[u8], judge: Option<&str>) -> Result<ReplayJudge, AppError> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ballots.jsonl"), text).unwrap();
    let spec = ReplayJudgeSpec { file: "ballots.jsonl".into(), judge: judge.map(str::to_owned), samples: Some(3) };
    ReplayJudge::open(JudgeName::new("recorded").unwrap(), &spec, folder.path())
}

fn open(text: &str) -> ReplayJudge {
    open_as(text.as_bytes(), None).unwrap()
}

fn fault(text: &str) -> String {
    let Err(error) = open_as(text.as_bytes(), None) else { panic!("no error for {text}") };
    format!("{}|{error}", error.snippet().unwrap_or_default())
}

fn exhibit(id: &str, trial: u16) -> Exhibit {
    Exhibit {
        case: Arc::new(Case::new(CaseId::new(id).unwrap(), "q", "e")),
        rubric: Arc::new(Rubric {
            name: RubricName::new("r").unwrap(),
            criteria: String::new(),
            anchors: Default::default(),
            pass_mark: Score::ALL[3],
            notes: Vec::new(),
            examples: Vec::new(),
            template: None,
        }),
        output: Arc::new(Output::text("a")),
        trial,
    }
}

fn outcome(judge: &ReplayJudge, id: &str, trial: u16, sample: u16) -> Result<u8, JudgeFailureKind> {
    judge.outcome(&exhibit(id, trial), sample).map(|j| j.score.get()).map_err(|f| f.kind)
}

#[tokio::test]
async fn a_recorded_ballot_is_cast_as_it_is() {
    let judge =
        open(r#"{"id": "a", "sample": 1, "score": 4, "reason": "fine", "probabilities": [0, 0, 0.1, 0.7, 0.2], "answer": "ignored"}"#);
    let ballot = judge.judge(&exhibit("a", 0), 1).await;
    let judgment = ballot.outcome.unwrap();
    assert_eq!((judgment.score.get(), judgment.reason.as_str()), (4, "fine"));
    assert!((judgment.confidence.unwrap() - 0.7).abs() < 1e-9, "the probability of the score");
    assert!((judgment.probabilities.unwrap().iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert_eq!((ballot.sample, ballot.spend), (1, Spend::default()));
    assert_eq!(judge.head().samples, 3);
    assert_eq!(judge.settles_alone_at(), None);
}

#[test]
fn what_is_not_recorded_is_said_to_be_missing() {
    let judge = open("{\"id\": \"a\", \"score\": 4, \"sample\": 0}\n\n{\"id\": \"a\", \"score\": 2, \"trial\": 1}\n");
    assert_eq!(outcome(&judge, "a", 0, 0), Ok(4));
    assert_eq!(outcome(&judge, "a", 1, 0), Ok(2));
    for (id, trial, sample) in [("a", 0, 1), ("a", 2, 0), ("b", 0, 0)] {
        assert_eq!(outcome(&judge, id, trial, sample), Err(JudgeFailureKind::NotRecorded));
    }
}

#[test]
fn lines_without_a_sample_fill_what_is_free() {
    let judge = open(
        "{\"id\":\"a\",\"score\":1}\n{\"id\":\"a\",\"score\":2}\n{\"id\":\"a\",\"score\":5,\"sample\":1}\n{\"id\":\"a\",\"score\":3,\"trial\":4}",
    );
    assert_eq!([0, 1, 2].map(|s| outcome(&judge, "a", 0, s)), [Ok(1), Ok(5), Ok(2)]);
    assert_eq!(outcome(&judge, "a", 4, 0), Ok(3));
    assert_eq!(judge.len(), 4);
}

#[test]
fn a_recorded_score_off_the_scale_is_a_failure_and_never_a_nearby_score() {
    for (score, expected) in [
        ("4.333333", JudgeFailureKind::OffScale),
        ("4.999999999999", JudgeFailureKind::OffScale),
        ("0", JudgeFailureKind::OffScale),
        ("6", JudgeFailureKind::OffScale),
        ("-1", JudgeFailureKind::OffScale),
        ("1e300", JudgeFailureKind::OffScale),
        ("null", JudgeFailureKind::MissingScore),
    ] {
        assert_eq!(outcome(&open(&format!("{{\"id\":\"a\",\"score\":{score}}}")), "a", 0, 0), Err(expected), "{score}");
    }
    assert_eq!(outcome(&open("{\"id\":\"a\",\"score\":4.0}"), "a", 0, 0), Ok(4));
    assert_eq!(outcome(&open("{\"id\":\"a\",\"failure\":\"refusal\"}"), "a", 0, 0), Err(JudgeFailureKind::Refusal));
    assert_eq!(outcome(&open("{\"id\":\"a\",\"score\":null,\"failure\":\"timeout\"}"), "a", 0, 0), Err(JudgeFailureKind::Timeout));
}

#[test]
fn every_bad_line_is_reported_at_its_place() {
    let good = "{\"id\":\"a\",\"score\":4}";
    let text = fault(&format!("{good}\n{{\"id\":\"b\",\"score\":4\n\n{{\"id\":\"c d\",\"score\":4}}\n{{\"id\":\"e\"}}\n"));
    assert!(text.contains("ballots.jsonl:2:"), "{text}");
    assert!(text.contains("ballots.jsonl:4:"), "{text}");
    assert!(text.contains("ballots.jsonl:5:1: neither `score` nor `failure`"), "{text}");
    for (line, part) in [
        ("{\"score\":4}", "missing field `id`"),
        ("{\"id\":\"a\",\"score\":\"4\"}", "`score` is not a number"),
        ("{\"id\":\"a\",\"score\":4,\"failure\":\"refusal\"}", "exclude each other"),
        ("{\"id\":\"a\",\"failure\":\"sulking\"}", "unknown variant `sulking`"),
        ("{\"id\":\"a\",\"score\":4,\"sample\":-1}", "1:31: invalid value"),
        ("{\"id\":\"a\",\"score\":4,\"confidence\":1.5}", "`confidence`"),
        ("{\"id\":\"a\",\"score\":4,\"probabilities\":[1,1,0,0,0]}", "`probabilities`"),
        ("{\"id\":\"a\",\"score\":4,\"probabilities\":[1,0]}", "invalid length 2"),
        ("{\"id\":\"a\",\"score\":4} x", "trailing characters"),
        ("[1]", "ballots.jsonl:1:"),
    ] {
        let text = fault(line);
        assert!(text.contains(part), "{line}: {text}");
    }
    let many = fault(&"nonsense\n".repeat(100));
    assert!(many.contains("and 80 more"), "{many}");
}

#[test]
fn a_ballot_recorded_twice_asks_whose_it_is() {
    let text = "{\"id\":\"a\",\"judge\":\"x\",\"sample\":0,\"score\":4}\n{\"id\":\"a\",\"judge\":\"y\",\"sample\":0,\"score\":2}\n";
    let Err(error) = open_as(text.as_bytes(), None) else { panic!("recorded twice") };
    assert!(error.snippet().unwrap().contains("ballots.jsonl:2:1: a ballot for case a, trial 0, sample 0 is recorded twice"));
    assert!(error.help().unwrap().contains("judge: NAME"));
    assert_eq!(outcome(&open_as(text.as_bytes(), Some("y")).unwrap(), "a", 0, 0), Ok(2));
    let Err(error) = open_as(text.as_bytes(), Some("z")) else { panic!("no such judge") };
    assert!(error.to_string().contains("holds no ballots of judge `z`"));
    assert_eq!(error.help(), Some("it holds ballots of: x, y"));
}

#[test]
fn odd_files_are_read_or_refused() {
    assert_eq!(outcome(&open("\u{FEFF}{\"id\":\"a\",\"score\":4}\r\n"), "a", 0, 0), Ok(4));
    assert!(open_as(b"{\"id\":\"\xFF\",\"score\":4}", None).is_err());
    assert!(open_as(b"", None).is_err());
    let spec = ReplayJudgeSpec { file: "nosuch.jsonl".into(), ..ReplayJudgeSpec::default() };
    let Err(error) = ReplayJudge::open(JudgeName::new("j").unwrap(), &spec, Path::new("/")) else { panic!("no such file") };
    assert_eq!(error.to_string(), "cannot read the recorded ballots in nosuch.jsonl");
}

#[test]
fn another_file_or_judge_is_another_digest() {
    let one = "{\"id\":\"a\",\"judge\":\"x\",\"score\":4}";
    let digest = |text: &str, judge| open_as(text.as_bytes(), judge).unwrap().head().digest;
    assert_eq!(digest(one, None), digest(one, None));
    assert_ne!(digest(one, None), digest(one, Some("x")));
    assert_ne!(digest(one, None), digest(&one.replace('4', "5"), None));
}

#[test]
fn the_recorded_ballots_of_a_real_study_are_all_read() {
    let folder =
        std::env::var_os("TRIBUNAL_DATA").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from);
    let Ok(text) = std::fs::read_to_string(folder.join("rubric-gpt4x3.jsonl")) else {
        eprintln!("skipped: no rubric-gpt4x3.jsonl in {}", folder.display());
        return;
    };
    let (mut lines, mut expected) = (String::new(), Vec::new());
    for row in text.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()) {
        for b in row["judge"].as_array().unwrap() {
            let line =
                serde_json::json!({"id": row["id"], "judge": b["judge"], "sample": b["sample"], "score": b["score"], "reason": b["raw"]});
            writeln!(lines, "{line}").unwrap();
            expected.push((row["id"].as_str().unwrap().to_owned(), b["sample"].as_u64().unwrap(), b["score"].as_u64().unwrap()));
        }
    }
    let judge = open_as(lines.as_bytes(), Some("gpt-4")).unwrap();
    assert_eq!(judge.len(), 1920);
    for (id, sample, score) in expected {
        let read = outcome(&judge, &id, 0, u16::try_from(sample).unwrap());
        assert_eq!(read.map(u64::from), Ok(score), "{id} {sample}");
    }
}
