//! The lexical model fitted on other questions than it judges.

use std::error::Error;

use serde_json::Value;
use tribunal::domain::digest::DigestBuilder;
use tribunal::judge::lexical::fit::{Labelled, logistic_ridge};
use tribunal::text::lexical::EMBEDDED;
use tribunal::text::lexical::features::{FEATURES, rows};
use tribunal::text::lexical::model::{Model, WeightsFile};
use tribunal::text::lexical::signals::Scene;
use tribunal::text::lexical::tokens::Text;

const FOLDS: usize = 5;

/// Which fold a question is in.
pub fn fold(question: &str) -> usize {
    let unit = DigestBuilder::new("lexical-cross-fit/1").text("question", question).finish().unit();
    (0..FOLDS).rev().find(|&k| unit >= k as f64 / FOLDS as f64).unwrap_or(0)
}

/// For each fold a model that was fitted on the others, with the ridge of the embedded one.
pub fn cross_fitted(items: &[Value]) -> Result<Vec<Model>, Box<dyn Error>> {
    struct Answer {
        rows: Vec<Vec<f64>>,
        pass: bool,
        fold: usize,
    }
    impl Answer {
        fn best(&self, score: &dyn Fn(&[f64]) -> f64) -> &[f64] {
            self.rows.iter().max_by(|x, y| score(x).total_cmp(&score(y))).map_or(&[], Vec::as_slice)
        }
    }
    let mut answers = Vec::new();
    for v in items {
        let question = super::text(v, "question");
        let scene = Scene::new(question, super::text(v, "answer"));
        let references: Vec<Text> =
            super::text(v, "expected").split('/').map(str::trim).filter(|r| !r.is_empty()).map(Text::read).collect();
        let pass = v["human"][0]["score"].as_f64().ok_or("an item has no label")? >= 0.5;
        if !references.is_empty() {
            let rows = rows(&scene, &references).into_iter().map(|(_, row)| row).collect();
            answers.push(Answer { rows, pass, fold: fold(&super::normal(question)) });
        }
    }
    let file: WeightsFile = serde_json::from_str(EMBEDDED)?;
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let start: Vec<f64> = FEATURES.iter().map(|(name, _)| file.features.get(*name).copied().unwrap_or(0.0)).collect();
    (0..FOLDS)
        .map(|k| {
            // Which of several expected answers counts is chosen anew in each round; the start only speeds that up.
            let mut weights = start.clone();
            for _ in 0..3 {
                let of_others: Vec<&Answer> = answers.iter().filter(|a| a.fold != k).collect();
                let score = |row: &[f64]| dot(row, &weights);
                let data = Labelled {
                    rows: of_others.iter().map(|a| a.best(&score)).collect(),
                    labels: of_others.iter().map(|a| a.pass).collect(),
                };
                weights = logistic_ridge(&data, file.ridge).ok_or("nothing to fit")?;
            }
            let features = FEATURES.iter().zip(&weights).map(|((name, _), w)| ((*name).to_owned(), *w)).collect();
            Ok(Model::parse(&serde_json::to_string(&WeightsFile { features, ..file.clone() })?)?)
        })
        .collect()
}
