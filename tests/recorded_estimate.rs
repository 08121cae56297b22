//! Estimates on recorded verdicts and grades equal independently computed ones. Skipped visibly where the data are absent.

use std::path::PathBuf;

use serde_json::Value;
use tribunal::stats::estimate::ppi::ppi;
use tribunal::stats::estimate::rogan_gladen::JudgeRates;

/// GPT-4's verdict and the adjudicated label of every row that has both, in the order of the file.
fn rows() -> Option<Vec<(bool, bool)>> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("TRIBUNAL_DATA").map_or_else(beside, PathBuf::from);
    let Ok(text) = std::fs::read_to_string(folder.join("openqa-nq301.jsonl")) else {
        eprintln!("skipped: no openqa-nq301.jsonl here (set TRIBUNAL_DATA)");
        return None;
    };
    let row = |line: &str| {
        let v: Value = serde_json::from_str(line).unwrap();
        let judge = v["judge"].as_array()?.iter().find(|j| j["judge"] == "gpt-4")?["score"].as_f64()?;
        Some((judge >= 0.5, v["gold"].as_f64()? >= 0.5))
    };
    Some(text.lines().filter_map(row).collect())
}

#[test]
fn rogan_gladen_and_ppi_with_the_first_300_rows_labelled() {
    let Some(rows) = rows() else { return };
    let labelled = &rows[..300];
    let count = |people: bool, judge: bool| labelled.iter().filter(|(j, p)| *p == people && *j == judge).count() as u64;
    // The judge's pass rate is that of the rows without a label.
    let passes = rows[300..].iter().filter(|(j, _)| *j).count() as u64;
    let rates = JudgeRates::from_counts(
        passes,
        rows.len() as u64 - 300,
        count(false, false),
        count(false, true),
        count(true, false),
        count(true, true),
    );
    assert_eq!(format!("{:.4}", rates.estimate().unwrap()), "0.5745");

    let number = |b: bool| f64::from(u8::from(b));
    let people: Vec<f64> = labelled.iter().map(|(_, p)| number(*p)).collect();
    let judge: Vec<f64> = labelled.iter().map(|(j, _)| number(*j)).collect();
    let rest: Vec<f64> = rows[300..].iter().map(|(j, _)| number(*j)).collect();
    let got = ppi(&people, &judge, &rest).unwrap().untuned;
    assert_eq!((format!("{:.4}", got.estimate), format!("{:.4}", got.error)), ("0.5648".to_owned(), "0.0261".to_owned()));
}
