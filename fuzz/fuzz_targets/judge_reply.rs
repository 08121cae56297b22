//! A judge's reply: a score that stands in the reply, or one defined failure of the reply, never of the world.
#![no_main]

use libfuzzer_sys::fuzz_target;
use tribunal::domain::judgment::RAW_KEPT;
use tribunal::domain::{JudgeFailureKind as Kind, Score};
use tribunal::judge::parse::parse;

fuzz_target!(|data: &[u8]| {
    let Ok(reply) = std::str::from_utf8(data) else { return };
    let read = parse(reply, None, None);
    assert_eq!(read, parse(reply, None, None));
    match &read {
        Ok(judgment) => {
            let digit = u32::from(judgment.score.get());
            let forms = [b'0', 0].map(|b| u32::from(b) + digit);
            let stands = reply.chars().any(|c| u32::from(c) == forms[0] || u32::from(c) == 0xFF10 + digit);
            assert!(stands, "{} does not stand in {reply:?}", judgment.score);
            assert!(judgment.reason.chars().count() <= 8001, "a reason without end");
            assert_eq!((judgment.confidence, judgment.probabilities), (None, None));
        }
        Err(failure) => {
            let of_reply =
                [Kind::OffScale, Kind::MissingScore, Kind::Contradictory, Kind::Refusal, Kind::Truncated, Kind::Empty, Kind::Unreadable];
            assert!(of_reply.contains(&failure.kind) && !failure.kind.is_outage(), "{failure:?}");
            let kept: String = reply.chars().take(RAW_KEPT).collect();
            assert_eq!(failure.raw.as_deref(), Some(kept.as_str()));
            assert!(failure.detail.is_ascii() && failure.detail.len() < 200, "{failure:?}");
        }
    }
    // White space around a reply says nothing.
    let outcome = |r: Result<tribunal::domain::Judgment, tribunal::domain::JudgeFailure>| r.map_err(|f| f.kind);
    assert_eq!(outcome(read), outcome(parse(&format!(" \n{reply}\n "), Some("stop"), None)));
    // What the server says about the reply goes before what the reply says.
    assert_eq!(parse(reply, Some("length"), None).map_err(|f| f.kind), Err(Kind::Truncated));
    assert_eq!(parse(reply, Some("content_filter"), None).map_err(|f| f.kind), Err(Kind::Refusal));
    assert_eq!(parse(reply, None, Some("no")).map_err(|f| f.kind), Err(Kind::Refusal));
    // The text as the reason of a reply that is as it should be: no text in a reason changes the score beside it.
    for score in [Score::ALL[0], Score::ALL[2], Score::ALL[4]] {
        let whole = serde_json::json!({"reason": reply, "score": score.get()}).to_string();
        if whole.len() > 200 * 1024 {
            return;
        }
        match parse(&whole, Some("stop"), None) {
            Ok(judgment) => assert_eq!(judgment.score, score, "{whole}"),
            Err(f) => assert!(matches!(f.kind, Kind::Contradictory | Kind::Refusal), "{f:?} of {whole}"),
        }
    }
    let without = serde_json::json!({"reason": reply}).to_string();
    assert!(parse(&without, None, None).is_err(), "a score out of a reason: {without}");
});
