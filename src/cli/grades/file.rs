//! Grades in a file, one a line: JSON lines or CSV with a header. Every fault is found before anything is stored.

use std::io::{BufRead, BufReader};
use std::path::Path;

use serde::Deserialize;

use crate::domain::log::Seat;
use crate::domain::{AgentName, CaseId, GraderName, Score, SetName};
use crate::error::AppError;
use crate::source::open_regular;
use crate::text::neutral::{clip, log_line};

/// The longest line, in bytes.
const LONGEST: u64 = 1 << 20;
/// Faults told at once.
const TOLD: usize = 20;

/// One grade as a file says it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// Which case.
    pub case: CaseId,
    /// Of which set; needed only where two sets have a case of this id.
    #[serde(default)]
    pub set: Option<SetName>,
    /// Whose answer; needed only where a run has several agents.
    #[serde(default)]
    pub agent: Option<AgentName>,
    /// Which trial; needed only where a case has several.
    #[serde(default)]
    pub trial: Option<u16>,
    /// Who grades.
    pub grader: GraderName,
    /// 1 to 5.
    pub score: Score,
    /// `grader`, or `adjudicator` for the third person on a conflict.
    #[serde(default)]
    pub seat: Seat,
    /// False if the person had seen a judge's or a colleague's score.
    #[serde(default = "yes")]
    pub blind: bool,
    /// How long it took.
    #[serde(default)]
    pub seconds: Option<u32>,
    /// A note.
    #[serde(default)]
    pub note: Option<String>,
}

fn yes() -> bool {
    true
}

/// The lines of a file with their numbers, from 1.
///
/// # Errors
/// A usage error that tells every fault (up to twenty) at its line.
pub fn read(path: &Path) -> Result<Vec<(u64, Line)>, AppError> {
    let name = path.display().to_string();
    let refused = |e: std::io::Error| AppError::usage(format!("could not read {name}")).because(e);
    let file = open_regular(path).map_err(refused)?;
    let mut faults = Vec::new();
    let csv = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    let lines = if csv { csv_lines(file, &mut faults) } else { json_lines(BufReader::new(file), &mut faults).map_err(refused)? };
    if faults.is_empty() {
        return Ok(lines);
    }
    let all = faults.len();
    let told: Vec<String> = faults.into_iter().take(TOLD).map(|(line, what)| format!("{name}:{line}: {what}")).collect();
    let more = if all > TOLD { format!("\nand {} more", all - TOLD) } else { String::new() };
    Err(AppError::usage(format!("{name} cannot be read as grades; nothing of it was stored"))
        .with_snippet(format!("{}{more}", told.join("\n")))
        .with_help("one grade a line: {\"case\": \"...\", \"grader\": \"ana\", \"score\": 4}, or CSV with a header case,grader,score"))
}

type Faults = Vec<(u64, String)>;

fn told(e: &impl ToString) -> String {
    clip(&log_line(&e.to_string()), 200).into_owned()
}

fn json_lines(mut reader: impl BufRead, faults: &mut Faults) -> std::io::Result<Vec<(u64, Line)>> {
    let mut lines = Vec::new();
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        let read = std::io::Read::take(&mut reader, LONGEST + 1).read_until(b'\n', &mut bytes)?;
        if read == 0 {
            break;
        }
        if read as u64 > LONGEST {
            faults.push((number, format!("the line is longer than {} KiB", LONGEST >> 10)));
            break;
        }
        let content = if number == 1 { bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes) } else { &bytes };
        if content.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        match serde_json::from_slice(content) {
            Ok(line) => keep((number, line), &mut lines, faults),
            Err(e) => faults.push((number, told(&e))),
        }
    }
    Ok(lines)
}

fn csv_lines(file: std::fs::File, faults: &mut Faults) -> Vec<(u64, Line)> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(file);
    let mut lines = Vec::new();
    for (i, record) in reader.deserialize::<Line>().enumerate() {
        match record {
            Ok(line) => keep((line_number(i), line), &mut lines, faults),
            Err(e) => {
                faults.push((e.position().map_or(line_number(i), csv::Position::line), told(&e)));
                if !matches!(e.kind(), csv::ErrorKind::Deserialize { .. } | csv::ErrorKind::UnequalLengths { .. }) {
                    break;
                }
            }
        }
    }
    lines
}

fn keep(line: (u64, Line), lines: &mut Vec<(u64, Line)>, faults: &mut Faults) {
    if matches!(line.1.seat, Seat::Grader | Seat::Adjudicator) {
        lines.push(line);
    } else {
        faults.push((line.0, "`seat` is `grader` or `adjudicator`".to_owned()));
    }
}

/// Of the i-th record, below the header, where no field holds a line break.
fn line_number(i: usize) -> u64 {
    i as u64 + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(name: &str, text: &str) -> Result<Vec<(u64, Line)>, AppError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn json_lines_and_csv_say_the_same() {
        let json = read_text("g.jsonl", "\u{feff}{\"case\":\"a\",\"grader\":\"ana\",\"score\":4}\n\n").unwrap();
        let csv = read_text("g.csv", "case,grader,score\na,ana,4\n").unwrap();
        assert_eq!(json[0].1, csv[0].1);
        assert!(json[0].1.blind);
    }

    #[test]
    fn every_fault_is_told_at_its_line() {
        let e = read_text(
            "g.jsonl",
            "{\"case\":\"a\",\"grader\":\"ana\",\"score\":6}\nnonsense\n{\"case\":\"b\",\"grader\":\"\",\"score\":1}\n",
        );
        let e = e.unwrap_err();
        let told = e.snippet().unwrap();
        assert!(
            told.contains("g.jsonl:1: score 6 is off the scale") && told.contains(":2: ") && told.contains(":3: a grader name"),
            "{told}"
        );
        let e = read_text("g.csv", "case,grader,score\na,ana,4\nb,ana,x\n").unwrap_err();
        assert!(e.snippet().unwrap().contains("g.csv:3: "), "{:?}", e.snippet());
    }
}
