//! The lexical judge: a distribution that sums to 1, a score that goes with it, and no way to move it by the order of
//! alternatives. Fields: question, expected, accept, must_mention, must_not_mention, answer.
#![no_main]

use std::path::Path;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tribunal::domain::{Case, CaseId, JudgeName, Rubric, RubricName, Score};
use tribunal::judge::lexical::LexicalJudge;
use tribunal::judge::spec::LexicalJudgeSpec;
use tribunal_fuzz::{entries, fields};

static JUDGE: LazyLock<LexicalJudge> = LazyLock::new(|| {
    let name = JudgeName::new("lexical").expect("a name");
    LexicalJudge::new(name, &LexicalJudgeSpec::default(), Path::new("/")).expect("the embedded weights")
});

fn rubric(pass_mark: Score) -> Rubric {
    Rubric {
        name: RubricName::new("fuzz").expect("a name"),
        criteria: String::new(),
        anchors: Default::default(),
        pass_mark,
        notes: Vec::new(),
        examples: Vec::new(),
        template: None,
    }
}

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut f = fields(&text);
    let mut next = || f.next().unwrap_or_default();
    let mut case = Case::new(CaseId::new("c").expect("an id"), next(), next());
    case.accept = entries(next());
    case.must_mention = entries(next());
    case.must_not_mention = entries(next());
    let answer = next();
    for mark in Score::ALL {
        let rubric = rubric(mark);
        let j = JUDGE.judgment(&case, &rubric, answer);
        let p = j.probabilities.expect("the lexical judge knows probabilities");
        assert!(p.iter().all(|p| (0.0..=1.0).contains(p)), "{j:?}");
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{j:?}");
        assert!(j.confidence.is_some_and(|c| (0.5..=1.0).contains(&c)), "{j:?}");
        assert!(!j.reason.is_empty());
        assert!((1.0..=5.0).contains(&j.expected_score()));
        let pass = JUDGE.pass_probability(&case, &rubric, answer);
        assert!((0.0..=1.0).contains(&pass));
        assert_eq!(j.score >= mark, pass >= 0.5, "{j:?} passes {mark} with {pass}");
        assert_eq!(j, JUDGE.judgment(&case, &rubric, answer));
        let mut turned = case.clone();
        turned.accept.reverse();
        assert_eq!(j, JUDGE.judgment(&turned, &rubric, answer));
        if answer.trim().is_empty() {
            assert_eq!(j.score, Score::ALL[0]);
        } else if case.must_mention.is_empty() && case.must_not_mention.is_empty() && case.references().any(|r| r.trim() == answer.trim()) {
            assert_eq!(j.score, Score::ALL[4]);
        }
    }
});
