//! Criteria, five anchors, pass mark, notes and calibration examples.

use serde::{Deserialize, Serialize};

use super::digest::{Digest, DigestBuilder};
use super::ids::{CaseId, RubricName};
use super::score::Score;

/// A worked example for the judge's prompt. It never judges its own case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The case it came from, if it came from one: never shown when that case is judged.
    pub case: Option<CaseId>,
    /// The question of that case.
    pub question: Option<String>,
    /// The expected answer of that case.
    pub expected: Option<String>,
    /// The answer that was graded.
    pub answer: String,
    /// The grade that people agreed on.
    pub score: Score,
    /// Why.
    pub why: String,
}

/// What each score means, and where the pass mark lies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rubric {
    /// The stem of its file.
    pub name: RubricName,
    /// What is judged, in words.
    pub criteria: String,
    /// What 1, 2, 3, 4 and 5 mean, in this order.
    pub anchors: [String; 5],
    /// An answer passes at this score or above. Never shown to a judge.
    pub pass_mark: Score,
    /// Clarifications that people added.
    pub notes: Vec<String>,
    /// Calibration examples.
    pub examples: Vec<Example>,
    /// A judge prompt of the user's own (minijinja), in place of ours.
    pub template: Option<String>,
}

impl Rubric {
    /// Whether a score passes.
    #[must_use]
    pub fn passes(&self, score: Score) -> bool {
        score >= self.pass_mark
    }

    /// Digest over everything that a verdict depends on, the pass mark included.
    #[must_use]
    pub fn digest(&self) -> Digest {
        DigestBuilder::new("rubric/1").digest("prompt", &self.prompt_digest()).bytes("pass_mark", &[self.pass_mark.get()]).finish()
    }

    /// Digest over what a judge is shown. The pass mark does not count: moving it never re-asks a judge.
    #[must_use]
    pub fn prompt_digest(&self) -> Digest {
        let b = DigestBuilder::new("rubric-prompt/1")
            .text("criteria", &self.criteria)
            .list("anchors", &self.anchors)
            .list("notes", &self.notes)
            .maybe("template", self.template.as_deref());
        self.examples
            .iter()
            .fold(b, |b, e| {
                b.maybe("case", e.case.as_ref().map(CaseId::as_str))
                    .maybe("question", e.question.as_deref())
                    .maybe("expected", e.expected.as_deref())
                    .text("answer", &e.answer)
                    .bytes("score", &[e.score.get()])
                    .text("why", &e.why)
            })
            .finish()
    }
}
