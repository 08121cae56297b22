//! The embedded lexical judge: an ordinal model over word features, free, without network, the same on every machine.
//!
//! Its confidence is P(the verdict is right): the larger of P(score >= pass mark) and its complement. It is calibrated at
//! a pass mark of 4, which its weights were fitted at; at another mark, and where a rule of [`rules`] decided, it rests on
//! thresholds that are placed by rule. Calibration is to the fitted data: where people accept names and wordings that the
//! set does not list, a confident fail is right less often than it says (list them under `accept`).

pub mod fit;

pub use crate::text::lexical::{EMBEDDED, align, assess, dates, features, lexicon, model, numbers, reader, rules, search, signals, tokens};

use std::path::Path;

use futures::future::BoxFuture;

use super::spec::LexicalJudgeSpec;
use super::{Exhibit, Judge};
use crate::domain::digest::DigestBuilder;
use crate::domain::ids::JudgeName;
use crate::domain::money::Spend;
use crate::domain::run::JudgeHead;
use crate::domain::{Ballot, Case, Digest, Judgment, Rubric};
use crate::error::AppError;
use model::Model;

/// Changes with features, rules and reading: a judgment of another version is another judge's.
const VERSION: &str = "lexical/1";

/// The embedded model as a judge. One sample.
#[derive(Clone, Debug)]
pub struct LexicalJudge {
    name: JudgeName,
    model: Model,
    settles_alone_at: f64,
    digest: Digest,
}

impl LexicalJudge {
    /// A judge with the embedded weights, or with those of `spec.weights` (relative to `root`).
    ///
    /// # Errors
    /// A weights file that cannot be read or does not fit this version, and a threshold outside of 0 to 1 (exit 2).
    pub fn new(name: JudgeName, spec: &LexicalJudgeSpec, root: &Path) -> Result<Self, AppError> {
        let (text, from) = match &spec.weights {
            Some(path) => {
                let path = root.join(path);
                let text = crate::source::read_small(&path).map_err(|e| {
                    AppError::usage(format!("could not read the weights of judge `{name}`: {}", path.display()))
                        .because(e)
                        .with_help("leave `weights` out to use the embedded ones")
                })?;
                (text, path.display().to_string())
            }
            None => (EMBEDDED.to_owned(), "embedded".to_owned()),
        };
        let model = Model::parse(&text).map_err(|e| {
            AppError::usage(format!("the weights of judge `{name}` are unusable ({from})"))
                .because(e)
                .with_help("fit them with this version: `cargo run --release --example fit_lexical -- FILE --out WEIGHTS`")
        })?;
        let settles_alone_at = spec.settles_alone_at.unwrap_or(model.settles_alone_at);
        if !(0.0..=1.0).contains(&settles_alone_at) {
            return Err(AppError::usage(format!("`settles_alone_at` of judge `{name}` is {settles_alone_at}"))
                .with_help("give a confidence from 0 to 1"));
        }
        let digest = DigestBuilder::new("judge/1").text("kind", "lexical").text("version", VERSION).text("weights", &text).finish();
        Ok(Self { name, model, settles_alone_at, digest })
    }

    /// Judges one answer. Pure.
    #[must_use]
    pub fn judgment(&self, case: &Case, rubric: &Rubric, answer: &str) -> Judgment {
        let found = assess::assess(&self.model, case, answer);
        let pass = self.model.at_least(found.linear, rubric.pass_mark);
        Judgment {
            score: self.model.score(found.linear),
            reason: found.reason,
            confidence: Some(pass.max(1.0 - pass)),
            probabilities: Some(self.model.probabilities(found.linear)),
        }
    }

    /// P(score >= pass mark) of one answer: what is calibrated.
    #[must_use]
    pub fn pass_probability(&self, case: &Case, rubric: &Rubric, answer: &str) -> f64 {
        self.model.at_least(assess::assess(&self.model, case, answer).linear, rubric.pass_mark)
    }
}

impl Judge for LexicalJudge {
    fn head(&self) -> JudgeHead {
        JudgeHead { name: self.name.clone(), kind: "lexical".into(), model: None, samples: 1, digest: self.digest, settles_alone_at: None }
    }

    fn settles_alone_at(&self) -> Option<f64> {
        Some(self.settles_alone_at)
    }

    fn judge<'a>(&'a self, exhibit: &'a Exhibit, sample: u16) -> BoxFuture<'a, Ballot> {
        Box::pin(async move {
            Ballot {
                judge: self.name.clone(),
                judge_digest: self.digest,
                sample,
                outcome: Ok(self.judgment(&exhibit.case, &exhibit.rubric, &exhibit.output.text)),
                spend: Spend::default(),
                latency_ms: 0,
            }
        })
    }
}

#[cfg(test)]
mod tests;
