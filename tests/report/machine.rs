//! Markdown, JSON, JSONL and CSV: what scripts and pull requests read.

use insta::assert_snapshot;
use tribunal::domain::TrialRow;
use tribunal::report::{Format, GateNote, GateState, Look, Report, Rows, csv, markdown, write};

use crate::fake::{ONE, Shape, run};

fn text(format: Format, report: &Report, rows: &[TrialRow]) -> String {
    let open = || -> Rows<'_> { Box::new(rows.iter().cloned().map(Ok)) };
    let mut out = Vec::new();
    write(format, report, &open, Look::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn markdown_of_a_small_run() {
    let (mut report, rows) = run(Shape { cases: 12, agents: &["concise", "baseline"], ..ONE });
    report.gate = Some(GateNote { state: GateState::Fail, reasons: vec!["accuracy at least 90%: 66.7% is below".into()] });
    assert_snapshot!(text(Format::Markdown, &report, &rows));
}

#[test]
fn markdown_stays_below_the_limit_of_a_step_summary_and_says_that_it_was_cut() {
    let (mut report, rows) = run(Shape { cases: 40, ..ONE });
    let many: Vec<_> = (0..20_000).flat_map(|_| report.summary.agents[0].tags.clone()).collect();
    report.summary.agents[0].tags = many;
    let text = text(Format::Markdown, &report, &rows);
    assert!(text.len() < markdown::MOST_BYTES + 1_000);
    assert!(text.contains("Cut here"));
}

#[test]
fn json_of_a_small_run() {
    let (report, rows) = run(Shape { cases: 3, ..ONE });
    let document: serde_json::Value = serde_json::from_str(&text(Format::Json, &report, &rows)).unwrap();
    assert_eq!(document["schema_version"], 1);
    insta::assert_json_snapshot!(document);
}

#[test]
fn the_document_names_the_agents_of_a_comparison_and_its_direction() {
    let (report, rows) = run(Shape { cases: 30, agents: &["concise", "baseline"], ..ONE });
    let document: serde_json::Value = serde_json::from_str(&text(Format::Json, &report, &rows)).unwrap();
    insta::assert_json_snapshot!(document["summary"]["pairs"]);
}

#[test]
fn a_line_of_jsonl_is_the_case_of_the_document() {
    let (report, rows) = run(Shape { cases: 8, ..ONE });
    let document: serde_json::Value = serde_json::from_str(&text(Format::Json, &report, &rows)).unwrap();
    let jsonl = text(Format::Jsonl, &report, &rows);
    let lines: Vec<serde_json::Value> = jsonl.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(document["cases"].as_array().unwrap(), &lines);
}

#[test]
fn a_run_without_rows_is_still_a_document() {
    let (report, _) = run(Shape { cases: 2, ..ONE });
    let document: serde_json::Value = serde_json::from_str(&text(Format::Json, &report, &[])).unwrap();
    assert_eq!(document["cases"].as_array().unwrap().len(), 0);
    assert_eq!(text(Format::Jsonl, &report, &[]), "");
    assert_eq!(text(Format::Csv, &report, &[]), format!("{}\n", csv::COLUMNS.join(",")));
}

#[test]
fn csv_of_a_small_run() {
    let (report, rows) = run(Shape { cases: 4, ..ONE });
    assert_snapshot!(text(Format::Csv, &report, &rows));
}
