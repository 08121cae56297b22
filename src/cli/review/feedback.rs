//! `feedback import`: thumbs, ratings and comments from production. What complains disputes the answers to the same case; what names no
//! case of the run is listed, so that somebody can write one.

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use super::disputed;
use crate::cli::project::Project;
use crate::domain::log::ItemRef;
use crate::error::{AppError, Exit};
use crate::review::desk::{Desk, Who};
use crate::text::neutral::{clip, log_line};

/// The largest file, in bytes.
const LARGEST: u64 = 64 << 20;

/// One piece of feedback.
#[derive(Debug, PartialEq, Eq)]
struct Voice {
    line: usize,
    case: Option<String>,
    question: Option<String>,
    /// It complains.
    bad: bool,
    why: String,
}

fn voice(line: usize, get: &dyn Fn(&str) -> Option<String>) -> Voice {
    let first = |names: &[&str]| names.iter().find_map(|n| get(n)).filter(|v| !v.trim().is_empty());
    let thumb = first(&["thumb", "thumbs", "feedback", "vote"]).map(|t| t.trim().to_lowercase());
    let rating = first(&["rating", "csat", "stars", "score"]).and_then(|r| r.trim().parse::<f64>().ok());
    let comment = first(&["comment", "text", "reason", "message"]);
    let down =
        thumb.as_deref().map(|t| matches!(t, "down" | "-1" | "0" | "no" | "false" | "bad" | "negative" | "thumbs_down" | "\u{1f44e}"));
    let bad = down.unwrap_or(false) || rating.is_some_and(|r| r <= 2.0) || (down.is_none() && rating.is_none() && comment.is_some());
    let said: Vec<String> = [
        down.filter(|d| *d).map(|_| "thumb down".to_owned()),
        rating.filter(|r| *r <= 2.0).map(|r| format!("rated {r}")),
        comment.map(|c| c.trim().to_owned()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let why = format!("feedback from production: {}", said.join("; "));
    Voice { line, case: first(&["case", "case_id", "id"]), question: first(&["question", "input", "query", "prompt"]), bad, why }
}

fn of_csv(text: &str) -> Result<Vec<Voice>, AppError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).trim(csv::Trim::Headers).from_reader(text.as_bytes());
    let fault = |e: csv::Error| AppError::usage("the file is no CSV").because(e);
    let names: Vec<String> = reader.headers().map_err(fault)?.iter().map(|h| h.trim_start_matches('\u{feff}').to_lowercase()).collect();
    let mut out = Vec::new();
    for (n, record) in reader.records().enumerate() {
        let record = record.map_err(fault)?;
        let line = record.position().map_or(n + 2, |p| usize::try_from(p.line()).unwrap_or(n + 2));
        let get = |name: &str| names.iter().position(|h| h == name).and_then(|i| record.get(i)).map(str::to_owned);
        out.push(voice(line, &get));
    }
    Ok(out)
}

fn of_jsonl(text: &str) -> Result<Vec<Voice>, AppError> {
    let mut out = Vec::new();
    for (n, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let value: Value =
            serde_json::from_str(line).map_err(|e| AppError::usage(format!("line {} is no JSON object", n + 1)).because(e))?;
        let get = |name: &str| match value.get(name)? {
            Value::String(s) => Some(s.clone()),
            Value::Null => None,
            other => Some(other.to_string()),
        };
        out.push(voice(n + 1, &get));
    }
    Ok(out)
}

fn folded(question: &str) -> String {
    question.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

/// Cases of the run by id, and by question.
type Places = HashMap<String, Vec<ItemRef>>;

async fn places(desk: &Desk) -> Result<(Places, Places), AppError> {
    let questions = std::sync::Mutex::new(HashMap::<u64, String>::new());
    let refs = desk
        .refs(&|row| {
            if let Ok(mut q) = questions.lock() {
                q.insert(row.key.seq, folded(&row.case.question));
            }
            true
        })
        .await?;
    let questions = questions.into_inner().unwrap_or_default();
    let (mut by_case, mut by_question) = (Places::new(), Places::new());
    for on in refs {
        if let Some(q) = questions.get(&on.seq) {
            by_question.entry(q.clone()).or_default().push(on.clone());
        }
        by_case.entry(on.case.to_string()).or_default().push(on);
    }
    Ok((by_case, by_question))
}

/// `feedback import`
pub async fn import(project: &Project, desk: &Desk, who: &Who, file: &Path) -> Result<Exit, AppError> {
    let cannot = |e| AppError::usage(format!("{} cannot be read", file.display())).because(e);
    if std::fs::metadata(file).map_err(cannot)?.len() > LARGEST {
        return Err(AppError::usage(format!("{} is larger than 64 MiB", file.display())).with_help("import it in parts"));
    }
    let text = std::fs::read_to_string(file).map_err(cannot)?;
    let csv = file.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    let voices = if csv { of_csv(&text)? } else { of_jsonl(&text)? };
    let (by_case, by_question) = places(desk).await?;
    let (mut new, mut again, mut good, mut strangers) = (0, 0, 0, Vec::new());
    for v in &voices {
        if !v.bad {
            good += 1;
            continue;
        }
        let found = v.case.as_ref().and_then(|c| by_case.get(c.trim())).or_else(|| by_question.get(&folded(v.question.as_deref()?)));
        let Some(answers) = found else {
            strangers.push(v);
            continue;
        };
        if disputed(desk, who, answers.clone(), &v.why).await? > 0 { new += 1 } else { again += 1 }
    }
    project.ui.say(&format!(
        "{} read: {new} disputed an answer, {again} were there already, {good} have no complaint, {} name no case of run {}",
        voices.len(),
        strangers.len(),
        desk.head().id
    ));
    for v in &strangers {
        let what = v.question.as_deref().or(v.case.as_deref()).unwrap_or("(neither case nor question)");
        project.ui.line(format!("line {}: {}", v.line, clip(&log_line(what), 100)))?;
    }
    if !strangers.is_empty() {
        project.ui.say("these questions might be worth a case of their own");
    }
    Ok(Exit::Good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thumbs_ratings_and_comments_are_read_from_both_forms() {
        let csv = of_csv("Case,Thumb,Comment\nfr,down,\"wrong, it is Lyon\"\nde,up,\n").unwrap();
        assert_eq!((csv[0].bad, csv[1].bad), (true, false));
        assert_eq!(csv[0].why, "feedback from production: thumb down; wrong, it is Lyon");
        let lines = of_jsonl("{\"question\":\"Q\",\"rating\":1}\n\n{\"case\":\"x\",\"csat\":\"5\"}\n{\"case\":\"y\",\"comment\":\"no\"}\n")
            .unwrap();
        assert_eq!(lines.iter().map(|v| (v.line, v.bad)).collect::<Vec<_>>(), [(1, true), (3, false), (4, true)]);
        assert!(of_jsonl("nonsense").is_err());
    }
}
