//! A table of replies and their outcomes, and that no score is ever made up.

use proptest::prelude::*;

use super::*;
use JudgeFailureKind::{Contradictory, Empty, MissingScore, OffScale, Refusal, Truncated, Unreadable};

/// `Ok(score)` or the kind of failure.
fn outcome(reply: &str) -> Result<u8, JudgeFailureKind> {
    parse(reply, Some("stop"), None).map(|j| j.score.get()).map_err(|f| f.kind)
}

#[test]
fn every_reply_has_its_outcome() {
    let table: &[(&str, Result<u8, JudgeFailureKind>)] = &[
        // The promised form.
        (r#"{"reason": "It matches.", "score": 4}"#, Ok(4)),
        (r#"{"score": 4, "reason": "It matches."}"#, Ok(4)),
        (r#"  {"reason":"r","score":1}  "#, Ok(1)),
        (r#"{"reason": "r", "score": 3, "confidence": 0.9, "notes": []}"#, Ok(3)),
        (r#"{"Reason": "r", "SCORE": 3}"#, Ok(3)),
        (r#"{"rationale": "r", "score": 2}"#, Ok(2)),
        (r#"{"score": 5}"#, Ok(5)),
        // Around it.
        ("```json\n{\"reason\": \"r\", \"score\": 4}\n```", Ok(4)),
        ("```\n{\"reason\": \"r\", \"score\": 4}\n```", Ok(4)),
        ("Here is my judgment:\n{\"reason\": \"r\", \"score\": 4}\nThank you.", Ok(4)),
        ("[{\"reason\": \"r\", \"score\": 4}]", Ok(4)),
        ("<think>score 1? {\"score\": 1}</think>{\"reason\": \"r\", \"score\": 4}", Ok(4)),
        ("<think>a</think><think>b</think>\n{\"reason\": \"r\", \"score\": 4}", Ok(4)),
        ("It might be 2.\n</think>\n{\"reason\": \"r\", \"score\": 4}", Ok(4)),
        ("\u{FEFF}{\"reason\": \"r\", \"score\": 4}", Ok(4)),
        ("{\"reason\": \"two\nlines\", \"score\": 4}", Ok(4)),
        // Objects and quotations inside the reason.
        (r#"{"reason": "The answer holds {\"score\": 5} as an order.", "score": 1}"#, Ok(1)),
        (r#"{"reason": "It says Score: 5 on its last line.", "score": 2}"#, Ok(2)),
        (r#"{"reason": "quotes </think> and {braces}", "score": 2}"#, Ok(2)),
        (r#"{"reason": {"correctness": "fine", "score": 5}, "score": 2}"#, Ok(2)),
        // Two objects.
        (r#"{"reason": "r", "score": 4} {"reason": "r", "score": 4}"#, Ok(4)),
        (r#"{"reason": "r", "score": 4} {"reason": "r", "score": 5}"#, Err(Unreadable)),
        (r#"The answer said {"score": 5}. {"reason": "r", "score": 2}"#, Err(Unreadable)),
        (r#"{"note": "draft"} {"reason": "r", "score": 4}"#, Ok(4)),
        (r#"{"score": 4, "score": 4}"#, Ok(4)),
        (r#"{"score": 2, "reason": "r", "score": 5}"#, Err(Unreadable)),
        ("{\"reason\": \"r\", \"score\": 4}\nScore: 4", Ok(4)),
        ("{\"reason\": \"r\", \"score\": 4}\nScore: 2", Err(Unreadable)),
        // How the number is written.
        (r#"{"reason": "r", "score": "4"}"#, Ok(4)),
        (r#"{"reason": "r", "score": 4.0}"#, Ok(4)),
        (r#"{"reason": "r", "score": "4/5"}"#, Ok(4)),
        (r#"{"reason": "r", "score": "4 out of 5"}"#, Ok(4)),
        (r#"{"reason": "r", "score": "8/10"}"#, Err(OffScale)),
        (r#"{"reason": "r", "score": "4/4"}"#, Err(OffScale)),
        (r#"{"reason": "r", "score": "4.5/5"}"#, Err(OffScale)),
        (r#"{"reason": "r", "score": 4.5}"#, Err(OffScale)),
        (r#"{"reason": "r", "score": "4,5"}"#, Err(OffScale)),
        (r#"{"reason": "r", "score": 3.9999999999999999999}"#, Err(OffScale)),
        (r#"{"reason": "r", "score": 0}"#, Err(OffScale)),
        (r#"{"reason": "r", "score": 6}"#, Err(OffScale)),
        (r#"{"reason": "r", "score": 10}"#, Err(OffScale)),
        (r#"{"reason": "r", "score": -4}"#, Err(OffScale)),
        (r#"{"reason": "r", "score": 123456789012345678901234567890}"#, Err(OffScale)),
        ("{\"reason\": \"r\", \"score\": ４}", Ok(4)),
        ("{\"reason\": \"r\", \"score\": \"４\"}", Ok(4)),
        ("{\"reason\": \"r\", \"score\": \"④\"}", Err(Unreadable)),
        (r#"{"reason": "r", "score": 1e0}"#, Err(Unreadable)),
        (r#"{"reason": "r", "score": "four"}"#, Err(Unreadable)),
        (r#"{"reason": "r", "score": "3-4"}"#, Err(Unreadable)),
        (r#"{"reason": "r", "score": "3 or 4"}"#, Err(Unreadable)),
        (r#"{"reason": "r", "score": "80%"}"#, Err(Unreadable)),
        (r#"{"reason": "r", "score": true}"#, Err(Unreadable)),
        (r#"{"reason": "r", "score": [4]}"#, Err(Unreadable)),
        (r#"{"reason": "r", "score": {"value": 4}}"#, Err(Unreadable)),
        // No score.
        (r#"{"reason": "r", "score": null}"#, Err(MissingScore)),
        (r#"{"reason": "r", "score": ""}"#, Err(MissingScore)),
        (r#"{"reason": "r", "score": "N/A"}"#, Err(MissingScore)),
        (r#"{"reason": "r"}"#, Err(MissingScore)),
        ("{}", Err(MissingScore)),
        (r#"{"reason": "r", "rating": 4}"#, Err(MissingScore)),
        (r#"{"result": {"reason": "r", "score": 4}}"#, Err(MissingScore)),
        // Broken JSON.
        (r#"{"reason": "r", "score": 4"#, Err(Unreadable)),
        (r#"{"reason": "unclosed, "score": 4}"#, Err(Unreadable)),
        ("{'reason': 'r', 'score': 4}", Err(Unreadable)),
        ("```json\n{\"reason\": \"r\", \"score\": \n```", Err(Unreadable)),
        // The text form.
        ("It matches the expected answer.\nScore: 4", Ok(4)),
        ("It matches.\n\n**Score:** 4/5\n", Ok(4)),
        ("It matches.\n**Score: 4**", Ok(4)),
        ("Reason: fine\nFinal score: 5.", Ok(5)),
        ("fine\nscore = 2", Ok(2)),
        ("fine\nScore (1-5): 3", Ok(3)),
        ("fine\nＳcore: 3", Err(Unreadable)),
        ("fine\nScore： ３", Ok(3)),
        ("Score: 4", Ok(4)),
        ("fine\nScore: 4.5", Err(OffScale)),
        ("fine\nScore: 7", Err(OffScale)),
        ("fine\nScore: 9/10", Err(OffScale)),
        ("fine\nScore:", Err(MissingScore)),
        ("fine\nScore: four", Err(Unreadable)),
        ("fine\nScore: 4 because it is fine", Err(Unreadable)),
        ("Score: 4\nIt matches.", Err(Unreadable)),
        ("Score: 2\nOn reflection:\nScore: 4", Err(Unreadable)),
        ("The object {\"a\": 1} is right.\nScore: 4", Ok(4)),
        ("I would give it a 4.", Err(Unreadable)),
        ("4", Err(Unreadable)),
        ("Great answer!", Err(Unreadable)),
        // Nothing.
        ("", Err(Empty)),
        (" \n\t ", Err(Empty)),
        ("<think>hm</think>", Err(Empty)),
        ("<think>never closed {\"score\": 4}", Err(Empty)),
        // Refusals.
        ("I'm sorry, but I can't assist with that.", Err(Refusal)),
        ("I cannot evaluate this answer.", Err(Refusal)),
        ("As an AI language model, I am unable to judge this.", Err(Refusal)),
        (r#"{"reason": "I can’t help with that.", "score": 1}"#, Err(Refusal)),
        (r#"{"reason": "I cannot assist with this request.", "score": null}"#, Err(Refusal)),
        (r#"{"reason": "I cannot grade this."}"#, Err(Refusal)),
        (r#"{"reason": "I cannot find any error.", "score": 5}"#, Ok(5)),
        (r#"{"reason": "I cannot rate this higher, since a fact is missing.", "score": 3}"#, Ok(3)),
        (r#"{"reason": "I can't help but notice two errors.", "score": 2}"#, Ok(2)),
        (r#"{"reason": "The answer says: I can't help with that.", "score": 1}"#, Ok(1)),
        // Contradictions.
        (r#"{"reason": "The answer is completely wrong.", "score": 5}"#, Err(Contradictory)),
        (r#"{"reason": "The response is entirely correct.", "score": 1}"#, Err(Contradictory)),
        ("The answer is incorrect.\nScore: 5", Err(Contradictory)),
        (r#"{"reason": "The answer is wrong.", "score": 2}"#, Ok(2)),
    ];
    assert!(table.len() >= 60);
    for (reply, expected) in table {
        assert_eq!(outcome(reply), *expected, "reply: {reply}");
    }
}

#[test]
fn what_the_server_says_comes_first() {
    let good = r#"{"reason": "r", "score": 4}"#;
    let kind = |finish, refusal| parse(good, finish, refusal).map_err(|f| f.kind).map(|j| j.score.get());
    assert_eq!(kind(Some("stop"), Some("No.")), Err(Refusal));
    assert_eq!(kind(Some("content_filter"), None), Err(Refusal));
    assert_eq!(kind(Some("length"), None), Err(Truncated));
    assert_eq!(kind(Some("max_tokens"), None), Err(Truncated));
    assert_eq!(kind(None, Some(" ")), Ok(4));
    assert_eq!(kind(Some("eos"), None), Ok(4));
}

#[test]
fn the_reason_is_what_the_judge_wrote() {
    let reason = |reply: &str| parse(reply, None, None).unwrap().reason;
    assert_eq!(reason(r#"{"reason": "two\nlines", "score": 4}"#), "two\nlines");
    assert_eq!(reason("Reason: It matches.\nMostly.\nScore: 4"), "It matches.\nMostly.");
    assert_eq!(reason("<think>secret</think>It matches.\nScore: 4"), "It matches.");
    assert_eq!(reason(r#"{"reason": ["a", "b"], "score": 4}"#), r#"["a", "b"]"#);
    let long = format!(r#"{{"reason": "{}", "score": 4}}"#, "x".repeat(20_000));
    assert_eq!(reason(&long).chars().count(), REASON_MAX + 1);
}

#[test]
fn a_failure_keeps_the_reply_beside_it() {
    let failure = parse("Great answer!", None, None).unwrap_err();
    assert_eq!(failure.raw.as_deref(), Some("Great answer!"));
}

#[test]
fn a_monstrous_reply_is_unreadable_rather_than_slow() {
    assert_eq!(outcome(&"x".repeat(REPLY_MAX + 1)), Err(Unreadable));
    assert_eq!(outcome(&r#"{"a":"#.repeat(40_000)), Err(Unreadable));
    assert_eq!(outcome(&"[".repeat(200_000)), Err(Unreadable));
    assert_eq!(outcome(&format!(r#"{{"a":{}1{}, "score": 4}}"#, "[".repeat(60_000), "]".repeat(60_000))), Ok(4));
}

/// Pieces that replies are made of, right and wrong.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(vec![
            "{", "}", "\"", "score", "\"score\"", ":", "4", "5", "6", "0", ".5", "/5", "-", "e", "\n", "Score: ", "reason", "\"reason\"", ",",
            "```json", "<think>", "</think>", " out of ", "null", "true", "[", "]", "\\", "４", "④", "four", "１", "．", "／", " ",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ]
}

#[test]
fn reasons_of_real_judges_do_not_contradict_their_scores() {
    let folder = std::env::var_os("TRIBUNAL_DATA")
        .map_or_else(|| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), std::path::PathBuf::from);
    let Ok(text) = std::fs::read_to_string(folder.join("rubric-gpt4x3.jsonl")) else {
        eprintln!("skipped: no rubric-gpt4x3.jsonl in {}", folder.display());
        return;
    };
    let (mut read, mut failed) = (0, 0);
    for row in text.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()) {
        for ballot in row["judge"].as_array().unwrap() {
            let reply = serde_json::json!({"reason": ballot["raw"], "score": ballot["score"]}).to_string();
            match parse(&reply, Some("stop"), None) {
                Ok(j) => assert_eq!(u64::from(j.score.get()), ballot["score"].as_u64().unwrap()),
                Err(f) => {
                    failed += 1;
                    eprintln!("{}: {f}: {}", row["id"], ballot["raw"]);
                }
            }
            read += 1;
        }
    }
    eprintln!("{failed} of {read} real judgments are not read as judgments");
    assert_eq!((read, failed), (1920, 0));
}

proptest! {
    #[test]
    fn no_reply_panics_and_no_score_is_made_up(pieces in prop::collection::vec(piece(), 0..24)) {
        let reply: String = pieces.concat();
        if let Ok(judgment) = parse(&reply, None, None) {
            let n = judgment.score.get();
            let ascii = char::from(b'0' + n);
            let full = char::from_u32(0xFF10 + u32::from(n)).unwrap();
            prop_assert!(reply.contains([ascii, full]), "{n} is not in {reply:?}");
        }
    }

    #[test]
    fn a_judgment_survives_writing_and_reading(reason in "[^\u{0}-\u{1F}]{0,60}", n in 2u8..=4) {
        let reply = serde_json::json!({"reason": format!("It: {reason}"), "score": n}).to_string();
        let judgment = parse(&reply, Some("stop"), None).unwrap();
        prop_assert_eq!(judgment.score.get(), n);
        prop_assert_eq!(judgment.reason, format!("It: {reason}"));
    }
}
