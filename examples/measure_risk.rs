//! Measures what tells a wrong verdict from a right one, on recorded panels beside human labels:
//! `cargo run --release --example measure_risk -- FOLDER`.
//!
//! For each set: AUROC of every signal, and of the model in four ways (cross-validated by question on the set alone; a prior
//! from the other sets updated by the other folds; that prior alone; without the signals of other outputs), with the share
//! of the panel's errors that a budget of 20% finds.

mod recorded;

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use clap::Parser;
use recorded::cross::{FOLDS, fit_alone, graded, held_out, prior};
use recorded::{HANNA, Item, OPENQA, alone, evouna, hanna, openqa, panels, rubric};
use tribunal::domain::digest::DigestBuilder;
use tribunal::routing::risk::auroc::{Graded, area, difference, found};
use tribunal::routing::risk::{Decision, PRIOR_ITEMS, Signal};

/// A set as it was read.
type Read = Result<Vec<Item>, Box<dyn Error>>;

#[derive(Parser)]
struct Args {
    /// Folder of the recorded sets.
    folder: PathBuf,
    /// How many divisions into folds are averaged.
    #[arg(long, default_value_t = 5)]
    divisions: u64,
}

/// Share of all items that are reviewed.
const BUDGET: f64 = 0.2;

/// What each set counts in a prior.
const ITEMS: f64 = 1500.0;

struct Set {
    name: &'static str,
    items: Vec<Item>,
    /// What a prior for the other sets is fitted on: more panels of the same judges.
    panels: Vec<Item>,
}

/// Mean over the rows of one fold at a time, so that no fold's base rate counts against it.
fn within(rows: &[Graded], folds: &[usize]) -> f64 {
    let (mut won, mut pairs) = (0.0, 0.0);
    for k in 0..FOLDS {
        let here: Vec<Graded> = rows.iter().zip(folds).filter(|(_, f)| **f == k).map(|(r, _)| *r).collect();
        let wrong = here.iter().filter(|r| r.wrong).count() as f64;
        if let Some(a) = area(&here) {
            won += a.value * wrong * (here.len() as f64 - wrong);
            pairs += wrong * (here.len() as f64 - wrong);
        }
    }
    won / pairs
}

/// 95% of 1,000 resamples of the questions: budget share of the first less that of the second.
fn budget_interval(first: &[Graded], second: &[Graded]) -> (f64, f64) {
    let mut clusters: Vec<u64> = first.iter().map(|r| r.cluster).collect();
    clusters.sort_unstable();
    clusters.dedup();
    let mut differences: Vec<f64> = (0..1000u64)
        .filter_map(|b| {
            let unit =
                |i: usize| DigestBuilder::new("risk-bootstrap/1").bytes("b", &b.to_le_bytes()).bytes("i", &i.to_le_bytes()).finish().unit();
            let mut times = std::collections::HashMap::new();
            for i in 0..clusters.len() {
                #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below the number of clusters")]
                let c = clusters[((unit(i) * clusters.len() as f64) as usize).min(clusters.len() - 1)];
                *times.entry(c).or_insert(0.0) += 1.0;
            }
            let weigh = |rows: &[Graded]| -> Vec<Graded> {
                rows.iter().map(|r| Graded { weight: times.get(&r.cluster).copied().unwrap_or(0.0), ..*r }).collect()
            };
            Some(found(&weigh(first), BUDGET)? - found(&weigh(second), BUDGET)?)
        })
        .collect();
    differences.sort_by(f64::total_cmp);
    (differences[differences.len() / 40], differences[differences.len() - 1 - differences.len() / 40])
}

fn line(name: &str, rows: &[Graded], spread: &[Graded], folds: Option<&[usize]>) {
    let (Some(a), Some(f), Some((d, i))) = (area(rows), found(rows, BUDGET), difference(rows, spread)) else {
        println!("  {name:<44} no errors, or no rights");
        return;
    };
    let (low, high) = budget_interval(rows, spread);
    let over = f - found(spread, BUDGET).unwrap_or_default();
    let inside = folds.map_or(String::new(), |k| format!(" (within folds {:.3})", within(rows, k)));
    println!(
        "  {name:<44} AUROC {:.3} [{:.3}, {:.3}]{inside}, over spread {d:+.3} [{:+.3}, {:+.3}]; finds {:.1}%, over spread {:+.1} [{:+.1}, {:+.1}]",
        a.value,
        a.interval.low,
        a.interval.high,
        i.low,
        i.high,
        100.0 * f,
        100.0 * over,
        100.0 * low,
        100.0 * high
    );
}

fn report(set: &Set, others: &[&Set], divisions: u64) -> Result<(), Box<dyn Error>> {
    let items = &set.items;
    let wrong = items.iter().filter(|i| i.wrong).count();
    let mut clusters: Vec<u64> = items.iter().map(|i| i.cluster).collect();
    clusters.sort_unstable();
    clusters.dedup();
    println!("\n{}: {} verdicts, {wrong} wrong, {} questions", set.name, items.len(), clusters.len());
    for signal in Signal::ALL {
        let seen: Vec<Graded> = items.iter().filter_map(|i| Some(graded(i, i.features.get(signal)?))).collect();
        match area(&seen) {
            Some(a) => println!(
                "    {:<18} AUROC {:.3} [{:.3}, {:.3}] on {} of {}",
                signal.word(),
                a.value,
                a.interval.low,
                a.interval.high,
                a.n,
                items.len()
            ),
            None => println!("    {:<18} absent", signal.word()),
        }
    }
    let spread: Vec<Graded> = items.iter().map(|i| graded(i, i.features.get(Signal::Spread).unwrap_or_default())).collect();
    line("spread alone", &spread, &spread, None);
    let flat: Vec<Graded> = spread.iter().map(|g| Graded { suspicion: 0.0, ..*g }).collect();
    line("random", &flat, &spread, None);

    let panels: Vec<&[Item]> = others.iter().map(|s| s.panels.as_slice()).collect();
    let (from_others, ridge) = prior(&panels, ITEMS)?;
    println!("  prior from {}: ridge {ridge}", others.iter().map(|s| s.name).collect::<Vec<_>>().join(", "));
    let transfer: Vec<Graded> = items.iter().map(|i| graded(i, from_others.of(&i.features))).collect();
    line("prior from the other sets, nothing of this one", &transfer, &spread, None);
    let single = alone(items);
    let transfer: Vec<Graded> = single.iter().map(|i| graded(i, from_others.of(&i.features))).collect();
    line("  the same without other outputs", &transfer, &spread, None);

    let updated = |train: &[&Item]| {
        let decisions: Vec<Decision> = train.iter().map(|i| Decision { features: i.features, wrong: i.wrong, weight: 1.0 }).collect();
        from_others.update(&decisions, PRIOR_ITEMS)
    };
    #[expect(clippy::type_complexity, reason = "four ways, named where they are used")]
    let ways: [(&str, &[Item], &dyn Fn(&[&Item]) -> Result<_, _>); 4] = [
        ("this set alone, cross-validated", items, &fit_alone),
        ("  the same without other outputs", &single, &fit_alone),
        ("prior updated by this set, cross-validated", items, &updated),
        ("  the same without other outputs", &single, &updated),
    ];
    for (name, items, fit) in ways {
        let (mut areas, mut shares) = (Vec::new(), Vec::new());
        for salt in 0..divisions {
            let chances = held_out(items, salt, FOLDS, fit)?;
            let rows: Vec<Graded> = items.iter().zip(&chances).map(|(i, p)| graded(i, *p)).collect();
            if salt == 0 {
                let folds: Vec<usize> = items.iter().map(|i| recorded::cross::fold(i.cluster, 0, FOLDS)).collect();
                line(name, &rows, &spread, Some(&folds));
            }
            areas.extend(area(&rows).map(|a| a.value));
            shares.extend(found(&rows, BUDGET));
        }
        let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
        println!("    over {divisions} divisions into {FOLDS} folds: mean AUROC {:.3}, finds {:.1}%", mean(&areas), 100.0 * mean(&shares));
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = Args::parse();
    let at = |name: &str| args.folder.join(name);
    let started = Instant::now();
    let all = |of: &dyn Fn(&[&str]) -> Read, judges: &[&'static str]| {
        panels(judges).iter().map(|p| of(p)).collect::<Result<Vec<_>, _>>().map(|v| v.concat())
    };
    let (nq, stories) = (at("openqa-nq301.jsonl"), at("hanna.jsonl"));
    let of_evouna = evouna(&at("evouna-nq.jsonl"))?;
    let of_hanna = hanna(&stories, &HANNA)?;
    let sets = [
        Set { name: "openqa-nq301", items: openqa(&nq, &OPENQA)?, panels: all(&|p| openqa(&nq, p), &OPENQA)? },
        Set { name: "hanna", items: of_hanna.clone(), panels: of_hanna },
        Set { name: "evouna-nq (lexical judge, cross-fitted)", items: of_evouna.clone(), panels: of_evouna },
        Set {
            name: "rubric-gpt4x3 (stand-in for people: the third sample)",
            items: rubric(&at("rubric-gpt4x3.jsonl"))?,
            panels: Vec::new(),
        },
    ];
    println!("signals measured in {:.1} s", started.elapsed().as_secs_f64());
    for set in &sets {
        let others: Vec<&Set> = sets.iter().filter(|s| s.name != set.name && !s.panels.is_empty()).collect();
        report(set, &others, args.divisions)?;
    }
    Ok(())
}
