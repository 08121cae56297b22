//! Fits the weights of the lexical judge: `cargo run --release --example fit_lexical -- FILE [--without FILE] [--out FILE]`.
//!
//! Ridge logistic regression of people's pass/fail on the features, on 80% of the questions; the rest chooses the ridge and
//! calibrates the confidence. Deterministic: the same file gives the same weights.

mod labelled;

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use tribunal::domain::Digest;
use tribunal::domain::digest::DigestBuilder;
use tribunal::judge::lexical::features::{FEATURES, rows};
use tribunal::judge::lexical::fit::{Labelled, logistic_ridge};
use tribunal::judge::lexical::model::{FORMAT, Source, Validation, WeightsFile, logistic};
use tribunal::judge::lexical::signals::Scene;
use tribunal::judge::lexical::tokens::Text;

#[derive(Parser)]
struct Args {
    /// Labelled answers, JSONL.
    file: PathBuf,
    /// What stands between alternatives in `expected`.
    #[arg(long, default_value = "/")]
    separator: String,
    /// Leave out every question of this file: what the judge will be measured on.
    #[arg(long)]
    without: Option<PathBuf>,
    /// Where the file is published, for the record.
    #[arg(long, default_value = "https://github.com/wangcunxiang/QA-Eval, EVOUNA/NQ.json, commit 90007d39d4ef")]
    origin: String,
    /// Its licence, for the record.
    #[arg(long, default_value = "Apache-2.0")]
    licence: String,
    /// Where the weights go; printed only if absent.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// An answer: its feature rows, one an expected answer, and its label.
struct Answer {
    rows: Vec<Vec<f64>>,
    pass: bool,
    question: String,
    short: bool,
}

impl Answer {
    fn best(&self, weights: &[f64]) -> &[f64] {
        self.rows.iter().max_by(|a, b| dot(a, weights).total_cmp(&dot(b, weights))).map_or(&[], Vec::as_slice)
    }

    fn probability(&self, weights: &[f64]) -> f64 {
        logistic(dot(self.best(weights), weights))
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn normal(question: &str) -> String {
    tribunal::text::words::words(question).join(" ")
}

/// Fits, with the expected answer that fits best chosen anew in each of five rounds.
fn fit(answers: &[&Answer], ridge: f64) -> Option<Vec<f64>> {
    let column = |name: &str| FEATURES.iter().position(|f| f.0 == name);
    let mut weights = vec![0.0; FEATURES.len()];
    for (name, w) in [("exact", 4.0), ("recall", 2.0), ("f1", 1.0), ("triples", 0.1)] {
        weights[column(name)?] = w;
    }
    for _ in 0..5 {
        let data = Labelled { rows: answers.iter().map(|a| a.best(&weights)).collect(), labels: answers.iter().map(|a| a.pass).collect() };
        weights = logistic_ridge(&data, ridge)?;
    }
    Some(weights)
}

fn share(items: impl Iterator<Item = bool>) -> (f64, usize) {
    let (yes, n) = items.fold((0usize, 0usize), |(y, n), b| (y + usize::from(b), n + 1));
    (yes as f64 / n.max(1) as f64, n)
}

fn log_loss(answers: &[&Answer], weights: &[f64]) -> f64 {
    let loss = |a: &&Answer| {
        let p = a.probability(weights).clamp(1e-9, 1.0 - 1e-9);
        -if a.pass { p.ln() } else { (1.0 - p).ln() }
    };
    answers.iter().map(loss).sum::<f64>() / answers.len() as f64
}

fn accuracy(answers: &[&Answer], weights: &[f64]) -> f64 {
    share(answers.iter().map(|a| (a.probability(weights) >= 0.5) == a.pass)).0
}

/// The median of the linear scores of one label.
fn median(answers: &[&Answer], weights: &[f64], pass: bool) -> f64 {
    let mut s: Vec<f64> = answers.iter().filter(|a| a.pass == pass).map(|a| dot(a.best(weights), weights)).collect();
    s.sort_by(f64::total_cmp);
    s.get(s.len() / 2).copied().unwrap_or_default()
}

fn rounded(x: f64) -> f64 {
    (x * 1e6).round() / 1e6
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let items = labelled::read(&args.file, &args.separator)?;
    let measured: BTreeSet<String> = match &args.without {
        Some(path) => labelled::read(path, " | ")?.iter().map(|i| normal(&i.question)).collect(),
        None => BTreeSet::new(),
    };
    let total = items.len();
    let answers: Vec<Answer> = items
        .iter()
        .filter(|i| !i.references.is_empty() && !measured.contains(&normal(&i.question)))
        .map(|i| {
            let scene = Scene::new(&i.question, &i.answer);
            let references: Vec<Text> = i.references.iter().map(|r| Text::read(r)).collect();
            let rows = rows(&scene, &references).into_iter().map(|(_, row)| row).collect();
            Answer { rows, pass: i.pass, question: normal(&i.question), short: scene.content <= 6 }
        })
        .collect();
    let held_out = |a: &&Answer| DigestBuilder::new("lexical-split/1").text("question", &a.question).finish().unit() < 0.2;
    let (validation, train): (Vec<&Answer>, Vec<&Answer>) = answers.iter().partition(held_out);
    let questions = |a: &[&Answer]| a.iter().map(|a| a.question.as_str()).collect::<BTreeSet<_>>().len();
    println!("{} answers to fit on, {} held out, {} left out", train.len(), validation.len(), total - answers.len());

    let mut best: Option<(f64, f64, Vec<f64>)> = None;
    for ridge in [1.0, 3.0, 10.0, 30.0, 100.0, 300.0] {
        let weights = fit(&train, ridge).ok_or("nothing to fit")?;
        let loss = log_loss(&validation, &weights);
        let short: Vec<&Answer> = validation.iter().filter(|a| a.short).copied().collect();
        println!(
            "ridge {ridge:>5}: held-out log loss {loss:.4}, accuracy {:.4} (fitted on: {:.4}; held-out answers of up to 6 words: {:.4})",
            accuracy(&validation, &weights),
            accuracy(&train, &weights),
            accuracy(&short, &weights)
        );
        if best.as_ref().is_none_or(|b| loss < b.0) {
            best = Some((loss, ridge, weights));
        }
    }
    let (_, ridge, weights) = best.ok_or("nothing to fit")?;
    let weights: Vec<f64> = weights.into_iter().map(rounded).collect();

    let confidence = |a: &Answer| a.probability(&weights).max(1.0 - a.probability(&weights));
    let agreement = |t: f64, of: &dyn Fn(&Answer) -> bool| {
        let sure = validation.iter().filter(|a| of(a) && confidence(a) >= t);
        share(sure.map(|a| (a.probability(&weights) >= 0.5) == a.pass))
    };
    // It must hold for brief and for long answers, so that a mix of another kind does not break it.
    let holds = |t: f64| agreement(t, &|a| a.short).0.min(agreement(t, &|a| !a.short).0) >= 0.95;
    let settles = (100..200).map(|t| f64::from(t) / 200.0).find(|&t| holds(t)).unwrap_or(1.0);
    let (accuracy_covered, n_covered) = agreement(settles, &|_| true);
    let brier = validation.iter().map(|a| (a.probability(&weights) - f64::from(u8::from(a.pass))).powi(2)).sum::<f64>();

    let (low, high) = (median(&train, &weights, false).min(-1.0), median(&train, &weights, true).max(1.0));
    let file = WeightsFile {
        format: FORMAT.into(),
        source: Source {
            name: args.file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default(),
            origin: args.origin,
            licence: args.licence,
            blake3: Digest::of_bytes(&std::fs::read(&args.file)?).to_string(),
            answers: train.len(),
            questions: questions(&train),
            left_out: total - answers.len(),
        },
        method: "Ridge logistic regression of people's pass/fail (score >= 4) on the features, Newton's method; of several expected \
            answers the best-fitting one counts; the ridge has the lowest log loss on held-out questions. settles_alone_at is the lowest confidence \
            (in steps of 0.005) at which at least 95% of the held-out verdicts agree with people, among answers of up to 6 content \
            words and among longer ones alike. The data has no scores of \
            1 to 5, so only the threshold for 4 is fitted (it is 0). The others are placed by rule: 5 begins at the median linear \
            score of what people passed, 2 at the median of what they failed, 3 halfway between the thresholds for 2 and 4."
            .into(),
        ridge,
        validation: Validation {
            answers: validation.len(),
            questions: questions(&validation),
            accuracy: rounded(accuracy(&validation, &weights)),
            brier: rounded(brier / validation.len() as f64),
            coverage: rounded(n_covered as f64 / validation.len() as f64),
            accuracy_covered: rounded(accuracy_covered),
        },
        settles_alone_at: settles,
        thresholds: [rounded(low), rounded(low / 2.0), 0.0, rounded(high)],
        features: FEATURES.iter().zip(&weights).map(|(f, w)| (f.0.to_owned(), *w)).collect::<BTreeMap<_, _>>(),
    };
    let text = serde_json::to_string_pretty(&file)? + "\n";
    match args.out {
        Some(path) => std::fs::write(path, text)?,
        None => print!("{text}"),
    }
    Ok(())
}
