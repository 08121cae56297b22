//! Reads labelled answers (JSONL: question, expected, answer, human 0/1 scores, gold) for the fit and measure programs.

use std::error::Error;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
struct Line {
    question: String,
    expected: String,
    answer: String,
    #[serde(default)]
    human: Vec<Grade>,
    #[serde(default)]
    gold: Option<f64>,
}

#[derive(Deserialize)]
struct Grade {
    score: Option<f64>,
}

/// One answer with what people said of it.
pub struct Item {
    /// The question.
    pub question: String,
    /// Expected answer and alternatives.
    pub references: Vec<String>,
    /// The answer.
    pub answer: String,
    /// Whether people passed it: the adjudicated label, else the only one.
    pub pass: bool,
}

/// Reads a file; alternatives in `expected` stand between `separator`s.
pub fn read(path: &Path, separator: &str) -> Result<Vec<Item>, Box<dyn Error>> {
    let text = std::fs::read_to_string(path)?;
    text.lines()
        .filter(|l| !l.trim().is_empty())
        .map(|l| {
            let line: Line = serde_json::from_str(l)?;
            let label = line.gold.or_else(|| line.human.first().and_then(|g| g.score)).ok_or("an item has no label")?;
            Ok(Item {
                references: line.expected.split(separator).map(|r| r.trim().to_owned()).filter(|r| !r.is_empty()).collect(),
                question: line.question,
                answer: line.answer,
                pass: label >= 0.5,
            })
        })
        .collect()
}
