//! The same as a sheet: CSV out with empty columns to fill, and back. No cell can be taken for a formula.

use super::{Back, Made, Parcel};
use crate::domain::log::Chip;
use crate::domain::{Digest, EventId, Score};
use crate::error::{AppError, Exit};
use crate::review::session::{RulingDraft, RulingKind};

const COLUMNS: [&str; 13] =
    ["id", "item", "set", "case", "risk", "question", "expected", "details", "answer", "score", "reason", "case_is_wrong", "text"];

fn is_formula(c: char) -> bool {
    matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\u{FF1D}' | '\u{FF0B}' | '\u{FF0D}' | '\u{FF20}')
}

fn cell(text: &str) -> String {
    if text.starts_with(is_formula) { format!("'{text}") } else { text.to_owned() }
}

fn uncell(text: &str) -> &str {
    text.strip_prefix('\'').filter(|t| t.starts_with(is_formula)).unwrap_or(text)
}

/// Writes the sheet.
///
/// # Errors
/// When it cannot be written.
pub fn write(parcel: &Parcel) -> Result<String, AppError> {
    let fault = |e: csv::Error| AppError::new(Exit::Incomplete, "the sheet cannot be written").because(e);
    let mut w = csv::Writer::from_writer(Vec::new());
    w.write_record(COLUMNS.iter().copied().chain(["note"])).map_err(fault)?;
    for i in &parcel.items {
        let part = |name: &str| i.parts.iter().find(|(n, _)| *n == name).map(|(_, t)| cell(t)).unwrap_or_default();
        let rest: Vec<String> =
            i.parts.iter().filter(|(n, _)| !matches!(*n, "question" | "expected")).map(|(n, t)| format!("{n}: {t}")).collect();
        let (question, expected, item) = (part("question"), part("expected"), i.item.to_string());
        let texts = [i.id.to_string(), item, cell(&i.set), cell(&i.case), i.risk.to_owned(), question, expected];
        let filled = [cell(&rest.join("\n")), cell(&i.answer)];
        let empty = std::iter::repeat_n(String::new(), 5);
        w.write_record(texts.into_iter().chain(filled).chain(empty)).map_err(fault)?;
    }
    let bytes = w.into_inner().map_err(|e| AppError::new(Exit::Incomplete, "the sheet cannot be written").because(e.into_error()))?;
    String::from_utf8(bytes).map_err(|e| AppError::new(Exit::Incomplete, "the sheet cannot be written").because(e))
}

/// Reads a filled sheet. Rows without a score and without a ruling are not decisions.
///
/// # Errors
/// A usage error with the line for what cannot be read.
pub fn read(text: &str) -> Result<Vec<Back>, AppError> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let fault = |e: csv::Error| AppError::usage("the file is no CSV").because(e);
    let names: Vec<String> = reader.headers().map_err(fault)?.iter().map(|h| h.trim().to_lowercase()).collect();
    if !["id", "item", "score"].iter().all(|n| names.iter().any(|h| h == n)) {
        return Err(AppError::usage("the sheet has no columns `id`, `item` and `score`")
            .with_help("fill in the sheet that `tribunal review export` wrote"));
    }
    let mut out = Vec::new();
    for (n, record) in reader.records().enumerate() {
        let record = record.map_err(fault)?;
        let get =
            |name: &str| names.iter().position(|h| h == name).and_then(|i| record.get(i)).map(|t| uncell(t).trim()).unwrap_or_default();
        let wrong = |what: &str| AppError::usage(format!("row {}: {what}", n + 2));
        let (score, kind) = (get("score"), get("case_is_wrong"));
        if score.is_empty() && kind.is_empty() {
            continue;
        }
        let score = match score {
            "" => None,
            s => Some(s.parse::<u8>().ok().and_then(|n| Score::try_from(n).ok()).ok_or_else(|| wrong("the score is not 1 to 5"))?),
        };
        let chip = match get("reason") {
            "" => None,
            word => Some(Chip::of(word).ok_or_else(|| wrong("the reason is not one of the words"))?),
        };
        let ruling = match kind {
            "" => None,
            word => {
                let kind = RulingKind::of(word).ok_or_else(|| wrong("`case_is_wrong` is not one of the words"))?;
                Some(RulingDraft { text: get("text").to_owned(), ..RulingDraft::new(kind) })
            }
        };
        let id = EventId::new(get("id")).map_err(|_| wrong("there is no id"))?;
        let item: Digest = get("item").parse().map_err(|_| wrong("there is no item"))?;
        out.push(Back { id, item, made: Made { score, chip, ruling, note: get("note").to_owned(), seconds: 0 } });
    }
    Ok(out)
}
