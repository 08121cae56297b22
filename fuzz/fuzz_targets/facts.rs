//! The facts judge: the table at the head of its file, and no way to move a score by the order of alternatives. Fields as
//! those of `lexical`.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tribunal::domain::{Case, CaseId, JudgeFailureKind, JudgeName, Score};
use tribunal::judge::facts::FactsJudge;
use tribunal_fuzz::{entries, fields};

static JUDGE: LazyLock<FactsJudge> = LazyLock::new(|| FactsJudge::new(JudgeName::new("facts").expect("a name")));

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut f = fields(&text);
    let mut next = || f.next().unwrap_or_default();
    let mut case = Case::new(CaseId::new("c").expect("an id"), next(), next());
    case.accept = entries(next());
    case.must_mention = entries(next());
    case.must_not_mention = entries(next());
    let answer = next();
    let judged = JUDGE.judgment(&case, answer);
    assert_eq!(judged, JUDGE.judgment(&case, answer));
    let mut turned = case.clone();
    turned.accept.reverse();
    assert_eq!(judged, JUDGE.judgment(&turned, answer));
    match &judged {
        Ok(j) => {
            assert!(!j.reason.is_empty());
            assert_eq!((j.confidence, j.probabilities), (None, None));
            if j.reason.starts_with("mentions what it must not") {
                assert!(!case.must_not_mention.is_empty());
                assert_eq!(j.score, Score::ALL[0]);
            }
        }
        Err(f) => assert_eq!(f.kind, JudgeFailureKind::Abstained),
    }
    // An expected answer is right in its own eyes.
    case.must_mention.clear();
    case.must_not_mention.clear();
    if case.expected.trim().is_empty() {
        return;
    }
    if let Ok(j) = JUDGE.judgment(&case, &case.expected) {
        assert_eq!(j.score, Score::ALL[4], "{j:?} for {:?}", case.expected);
    }
});
