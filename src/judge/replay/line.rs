//! One line of recorded ballots, checked.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::{CaseId, JudgeFailureKind, Score};
use crate::text::neutral::{clip, log_line};

/// A faulty line.
pub struct Fault {
    /// 1-based line in the file.
    pub line: u64,
    /// 1-based column.
    pub column: usize,
    /// What is wrong.
    pub message: String,
}

/// As it stands in the file.
#[derive(Deserialize)]
struct Raw {
    id: CaseId,
    #[serde(default, deserialize_with = "present")]
    score: Option<Value>,
    #[serde(default)]
    failure: Option<JudgeFailureKind>,
    #[serde(default)]
    judge: Option<String>,
    #[serde(default)]
    sample: Option<u16>,
    #[serde(default)]
    trial: Option<u16>,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    confidence: Option<f64>,
    #[serde(default)]
    probabilities: Option<[f64; 5]>,
}

/// Tells `"score": null` (present, without a value) from no `score` at all.
fn present<'de, D: serde::Deserializer<'de>>(d: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(d).map(Some)
}

/// A checked line.
pub struct Line {
    /// Which case.
    pub id: CaseId,
    /// Whose ballot.
    pub judge: Option<String>,
    /// Which sample, where the line says it.
    pub sample: Option<u16>,
    /// Which trial.
    pub trial: u16,
    /// The score, or the failure that is recorded or that the score amounts to.
    pub outcome: Result<Score, JudgeFailureKind>,
    /// Why; empty where there is none.
    pub reason: String,
    /// From 0 to 1.
    pub confidence: Option<f64>,
    /// Normalised.
    pub probabilities: Option<[f64; 5]>,
}

impl Line {
    /// Reads one line; the error is a 1-based column and what is wrong there.
    pub fn read(bytes: &[u8]) -> Result<Self, (usize, String)> {
        let raw: Raw = serde_json::from_slice(bytes).map_err(|e| (e.column().max(1), told(&e)))?;
        let outcome = match (raw.score, raw.failure) {
            (None, None) => return Err((1, "neither `score` nor `failure` is there".to_owned())),
            (None | Some(Value::Null), Some(kind)) => Err(kind),
            (Some(_), Some(_)) => return Err((1, "`score` and `failure` exclude each other".to_owned())),
            (Some(Value::Null), None) => Err(JudgeFailureKind::MissingScore),
            (Some(Value::Number(n)), None) => on_scale(&n).ok_or(JudgeFailureKind::OffScale),
            (Some(_), None) => return Err((1, "`score` is not a number".to_owned())),
        };
        if raw.confidence.is_some_and(|c| !(0.0..=1.0).contains(&c)) {
            return Err((1, "`confidence` is not between 0 and 1".to_owned()));
        }
        let probabilities = raw.probabilities.map(normalised).transpose()?;
        let confidence = raw.confidence.or_else(|| Some(probabilities?[outcome.ok()?.index()]));
        Ok(Self {
            id: raw.id,
            judge: raw.judge,
            sample: raw.sample,
            trial: raw.trial.unwrap_or(0),
            outcome,
            reason: raw.reason.unwrap_or_default(),
            confidence,
            probabilities,
        })
    }
}

/// 1 to 5, also written as 4.0; nothing is rounded.
fn on_scale(n: &serde_json::Number) -> Option<Score> {
    let value = n.as_f64()?;
    Score::ALL.into_iter().find(|s| (f64::from(s.get()) - value).abs() < f64::EPSILON)
}

fn normalised(p: [f64; 5]) -> Result<[f64; 5], (usize, String)> {
    let sum: f64 = p.iter().sum();
    if p.iter().all(|p| (0.0..=1.0).contains(p)) && (sum - 1.0).abs() <= 0.01 {
        Ok(p.map(|p| p / sum))
    } else {
        Err((1, "`probabilities` are not five numbers from 0 to 1 that sum to 1".to_owned()))
    }
}

/// serde's message without its own position (the line is ours to tell), made harmless: it may quote the file.
fn told(e: &serde_json::Error) -> String {
    let text = e.to_string();
    let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
    clip(&log_line(message), 200).into_owned()
}
