//! Measures the embedded judges against people: `cargo run --release --example measure_lexical -- FILE [--separator " | "]`.
//!
//! Prints accuracy (pass = score >= 4), confusion, AUROC, calibration and coverage for the lexical judge, the same for
//! simple containment, and accuracy and abstention for the facts judge.

mod labelled;

use std::error::Error;
use std::path::{Path, PathBuf};

use clap::Parser;
use tribunal::domain::{Case, CaseId, JudgeName, Rubric, RubricName, Score};
use tribunal::judge::Judge;
use tribunal::judge::facts::FactsJudge;
use tribunal::judge::lexical::LexicalJudge;
use tribunal::judge::spec::LexicalJudgeSpec;

#[derive(Parser)]
struct Args {
    /// Labelled answers, JSONL.
    file: PathBuf,
    /// What stands between alternatives in `expected`.
    #[arg(long, default_value = " | ")]
    separator: String,
    /// Weights to measure; default: the embedded ones.
    #[arg(long)]
    weights: Option<PathBuf>,
}

/// One verdict beside people's: P(pass), pass, people's pass.
struct Verdict {
    p: f64,
    pass: bool,
    people: bool,
}

fn share(part: usize, all: usize) -> f64 {
    part as f64 / all.max(1) as f64
}

fn confusion(name: &str, verdicts: &[Verdict]) {
    let count = |pass, people| verdicts.iter().filter(|v| v.pass == pass && v.people == people).count();
    let (tp, fp, fn_, tn) = (count(true, true), count(true, false), count(false, true), count(false, false));
    println!("{name}: {} answers, accuracy {:.4}", verdicts.len(), share(tp + tn, verdicts.len()));
    println!("              people pass  people fail");
    println!("  judge pass  {tp:>11}  {fp:>11}");
    println!("  judge fail  {fn_:>11}  {tn:>11}");
}

/// Area under the ROC curve: chance that a passed answer has a higher P(pass) than a failed one; ties count one half.
fn auroc(verdicts: &[Verdict]) -> f64 {
    let mut sorted: Vec<&Verdict> = verdicts.iter().collect();
    sorted.sort_by(|a, b| a.p.total_cmp(&b.p));
    let (mut wins, mut below, mut passes) = (0.0, 0.0, 0.0);
    for tied in sorted.chunk_by(|a, b| a.p.total_cmp(&b.p).is_eq()) {
        let up = tied.iter().filter(|v| v.people).count() as f64;
        let down = tied.len() as f64 - up;
        wins += up * (below + down / 2.0);
        below += down;
        passes += up;
    }
    wins / (passes * below)
}

/// Expected calibration error over ten equal bins of P(pass).
fn calibration_error(verdicts: &[Verdict]) -> f64 {
    (0..10)
        .map(|bin| {
            let (low, high) = (f64::from(bin) / 10.0, f64::from(bin + 1) / 10.0);
            let inside: Vec<&Verdict> = verdicts.iter().filter(|v| v.p >= low && (v.p < high || bin == 9)).collect();
            let (p, y) = inside.iter().fold((0.0, 0.0), |(p, y), v| (p + v.p, y + f64::from(u8::from(v.people))));
            (p - y).abs() / verdicts.len() as f64
        })
        .sum()
}

fn calibration(verdicts: &[Verdict], settles_alone_at: f64) {
    let brier = verdicts.iter().map(|v| (v.p - f64::from(u8::from(v.people))).powi(2)).sum::<f64>() / verdicts.len() as f64;
    println!("  AUROC {:.4}, Brier {brier:.4}, ECE (10 bins) {:.4}", auroc(verdicts), calibration_error(verdicts));
    let sure: Vec<&Verdict> = verdicts.iter().filter(|v| v.p.max(1.0 - v.p) >= settles_alone_at).collect();
    let right = sure.iter().filter(|v| v.pass == v.people).count();
    println!(
        "  confidence >= {settles_alone_at}: {:.1}% of the answers, accuracy {:.4}",
        100.0 * share(sure.len(), verdicts.len()),
        share(right, sure.len())
    );
}

/// Lower case, no articles, no punctuation: the usual normalisation of open-domain question answering.
fn plain(text: &str) -> String {
    tribunal::text::words::words(text).into_iter().filter(|w| !matches!(w.as_str(), "a" | "an" | "the")).collect::<Vec<_>>().join(" ")
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let items = labelled::read(&args.file, &args.separator)?;
    let spec = LexicalJudgeSpec { weights: args.weights, ..LexicalJudgeSpec::default() };
    let lexical = LexicalJudge::new(JudgeName::new("lexical")?, &spec, Path::new("."))?;
    let facts = FactsJudge::new(JudgeName::new("facts")?);
    let rubric = Rubric {
        name: RubricName::new("correctness")?,
        criteria: String::new(),
        anchors: std::array::from_fn(|_| String::new()),
        pass_mark: Score::ALL[3],
        notes: Vec::new(),
        examples: Vec::new(),
        template: None,
    };
    let (mut model, mut containment, mut hard) = (Vec::new(), Vec::new(), Vec::new());
    let mut scores = [[0usize; 2]; 5];
    for item in &items {
        let mut references = item.references.iter();
        let mut case = Case::new(CaseId::new("c")?, &item.question, references.next().map(String::as_str).unwrap_or_default());
        case.accept = references.cloned().collect();
        let judgment = lexical.judgment(&case, &rubric, &item.answer);
        scores[judgment.score.index()][usize::from(item.pass)] += 1;
        let p = lexical.pass_probability(&case, &rubric, &item.answer);
        model.push(Verdict { p, pass: rubric.passes(judgment.score), people: item.pass });
        let answer = plain(&item.answer);
        let held = item.references.iter().any(|r| answer.contains(&plain(r)));
        containment.push(Verdict { p: f64::from(u8::from(held)), pass: held, people: item.pass });
        if let Ok(j) = facts.judgment(&case, &item.answer) {
            hard.push(Verdict { p: f64::from(j.score.get()) / 5.0, pass: rubric.passes(j.score), people: item.pass });
        }
    }
    confusion("lexical", &model);
    calibration(&model, lexical.settles_alone_at().unwrap_or(1.0));
    println!("  score   people fail  people pass");
    for (score, [fail, pass]) in (1..).zip(scores) {
        println!("  {score:>5}  {fail:>12}  {pass:>11}");
    }
    confusion("containment", &containment);
    calibration(&containment, 1.0);
    confusion("facts", &hard);
    println!("  abstained on {:.1}% of {} answers", 100.0 * (1.0 - share(hard.len(), items.len())), items.len());
    Ok(())
}
