//! Does the 95% interval cover? `cargo run --release --example coverage [--runs N] [--seed N] [--data FOLDER] [--only TEXT]`.
//!
//! Simulated panels with known truth and recorded panels with recorded people: every run plans a review, draws it, looks up
//! the blind grades, and estimates. Prints the table that docs/statistics.md quotes; exits with 1 if a goal is missed.
//! Recorded sets whose file is absent are named and skipped.

#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "simulated numbers, within range")]

mod calibrate;
mod item;
mod noise;
mod recorded;
mod scenario;
mod tally;
mod trial;
mod world;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use rayon::prelude::*;

use calibrate::Frozen;
use noise::Noise;
use scenario::{Calibrator, Design, Scenario};
use tally::{HEAD, Row, row};

struct Args {
    runs: u64,
    seed: u64,
    data: PathBuf,
    only: String,
}

fn args() -> Result<Args, String> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let mut found =
        Args { runs: 4000, seed: 1, data: std::env::var_os("TRIBUNAL_DATA").map_or_else(beside, PathBuf::from), only: String::new() };
    let mut rest = std::env::args().skip(1);
    while let Some(name) = rest.next() {
        let value = rest.next().ok_or_else(|| format!("{name} needs a value"))?;
        let number = || value.parse::<u64>().map_err(|e| format!("{name} {value}: {e}"));
        match name.as_str() {
            "--runs" => found.runs = number()?.max(1),
            "--seed" => found.seed = number()?,
            "--only" => found.only = value,
            "--data" => found.data = PathBuf::from(value),
            _ => return Err(format!("unknown option {name} (there are --runs, --seed, --data and --only)")),
        }
    }
    Ok(found)
}

fn simulated(args: &Args, number: u64, s: &Scenario) -> Row {
    let one = |run: u64| {
        let mut noise = Noise::new(args.seed, number, run);
        let history = match s.calibrator {
            Calibrator::History(n) | Calibrator::Overconfident(n) => s.before.draw(n, &mut noise),
            Calibrator::Cold => Vec::new(),
        };
        let frozen = Frozen::fit(s.calibrator, &history);
        let seen = s.world.draw(s.outputs, &mut noise);
        trial::run(&seen, &frozen, s.design, &mut noise)
    };
    let outcomes: Vec<_> = (0..args.runs).into_par_iter().map(one).collect();
    row(s.name, (s.world.pass_rate, s.world.mean_grade()), s.minutes, s.promised, &outcomes)
}

fn replayed(args: &Args, number: u64, set: &recorded::Recorded) -> Row {
    let frozen = Frozen::fit(Calibrator::History(set.history.len()), &set.history);
    let one = |run: u64| {
        let mut noise = Noise::new(args.seed, number, run);
        let seen = set.draw(&mut noise);
        trial::run(&seen, &frozen, Design::Plan(150.0), &mut noise)
    };
    let outcomes: Vec<_> = (0..args.runs).into_par_iter().map(one).collect();
    row(set.name, set.truth(), None, true, &outcomes)
}

fn main() -> ExitCode {
    let args = match args() {
        Ok(args) => args,
        Err(e) => {
            eprintln!("error: {e}");
            return ExitCode::from(2);
        }
    };
    let begun = Instant::now();
    println!("{} runs a row, seed {}\n\n{HEAD}", args.runs, args.seed);
    let mut missed = Vec::new();
    let mut show = |row: Row| {
        println!("{}", row.line());
        missed.extend(row.misses().into_iter().map(|m| format!("{}: {m}", row.name)));
    };
    let scenarios = scenario::all();
    for (number, s) in (0_u64..).zip(&scenarios).filter(|(_, s)| s.name.contains(&args.only)) {
        show(simulated(&args, number, s));
    }
    let mut skipped = Vec::new();
    for (number, found) in (1000_u64..).zip(recorded::all(&args.data)) {
        match found {
            Ok(set) if !set.name.contains(&args.only) => {}
            Ok(set) => show(replayed(&args, number, &set)),
            Err((name, path)) => skipped.push(format!("skipped: {name} (no {})", path.display())),
        }
    }
    println!();
    for s in skipped {
        println!("{s}");
    }
    eprintln!("{:.0} seconds", begun.elapsed().as_secs_f64());
    if missed.is_empty() {
        println!("every goal is met");
        return ExitCode::SUCCESS;
    }
    for m in &missed {
        println!("missed: {m}");
    }
    if args.runs < 2000 {
        println!("(fewer than 2000 runs: goals may be missed by chance)");
    }
    ExitCode::from(1)
}
