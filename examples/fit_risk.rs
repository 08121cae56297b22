//! Fits the prior of P(a verdict is wrong): `cargo run --release --example fit_risk -- FOLDER [--out FILE]`.
//!
//! Deterministic: the same files give the same prior.

mod recorded;

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use recorded::cross::prior;
use recorded::{HANNA, Item, OPENQA, evouna, hanna, openqa, panels};
use tribunal::domain::Digest;
use tribunal::routing::risk::Source;

#[derive(Parser)]
struct Args {
    /// Folder of openqa-nq301.jsonl, hanna.jsonl and evouna-nq.jsonl.
    folder: PathBuf,
    /// Where the prior goes; printed only if absent.
    #[arg(long)]
    out: Option<PathBuf>,
}

/// A set as it was read.
type Read = Result<Vec<Item>, Box<dyn Error>>;

/// What each set counts.
const ITEMS: f64 = 1500.0;

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let at = |name: &str| args.folder.join(name);
    let all = |of: &dyn Fn(&[&str]) -> Read, judges: &[&'static str]| {
        panels(judges).iter().map(|p| of(p)).collect::<Result<Vec<_>, _>>().map(|v| v.concat())
    };
    let sets = [
        (
            "openqa-nq301.jsonl",
            "https://github.com/ehsk/OpenQA-eval, commit 8b9317d0f0c9",
            "MIT",
            "every panel of GPT-4, text-davinci-003 and BEM (7), beside the adjudicated label",
            all(&|p| openqa(&at("openqa-nq301.jsonl"), p), &OPENQA)?,
        ),
        (
            "hanna.jsonl",
            "https://github.com/dig-team/hanna-benchmark-asg, commit 282f27536a5d",
            "MIT",
            "five judges with four samples each, beside the median of three people",
            hanna(&at("hanna.jsonl"), &HANNA)?,
        ),
        (
            "evouna-nq.jsonl",
            "https://github.com/wangcunxiang/QA-Eval, EVOUNA/NQ.json, commit 90007d39d4ef",
            "Apache-2.0",
            "the lexical judge, each question judged by weights fitted on other questions, beside one person's label",
            evouna(&at("evouna-nq.jsonl"))?,
        ),
    ];
    let rows: Vec<&[Item]> = sets.iter().map(|s| s.4.as_slice()).collect();
    let (model, ridge) = prior(&rows, ITEMS)?;
    let source = |(name, origin, licence, panels, items): &(&str, &str, &str, &str, Vec<Item>)| {
        Ok(Source {
            name: (*name).into(),
            origin: (*origin).into(),
            licence: (*licence).into(),
            blake3: Digest::of_bytes(&std::fs::read(at(name))?).to_string(),
            panels: (*panels).into(),
            verdicts: items.len(),
            wrong: items.iter().filter(|i| i.wrong).count(),
        })
    };
    let sources = sets.iter().map(source).collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let method = format!(
        "Ridge logistic regression of `people overrule the verdict` (pass mark 4) on the standardised signals, Newton's method. Each set \
        counts {ITEMS} items, whatever its size. An absent signal counts as an average one. The ridge has the lowest log loss of 10, 30, \
        100, 300 and 1000 in five folds by question."
    );
    let text = serde_json::to_string_pretty(&model.to_file(sources, &method, ridge))? + "\n";
    match args.out {
        Some(path) => std::fs::write(path, text)?,
        None => print!("{text}"),
    }
    Ok(())
}
