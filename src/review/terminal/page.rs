//! An item as rows: question, expected answer, rubric, answer; after the decision the other side below it. Pure.

use super::rows::{Kind, Row, block, part, spans};
use crate::domain::{Risk, Score, Verdict};
use crate::review::session::{BlindView, Draft, Passage, Piece, RevealView, word_diff};
use crate::text::neutral::{clip, log_line, visible};

/// What is opened at the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "six drawers, each open or not, in any combination")]
pub struct Shows {
    /// What is folded.
    pub unfolded: bool,
    /// The transcript.
    pub transcript: bool,
    /// The evidence.
    pub evidence: bool,
    /// The whole rubric.
    pub rubric: bool,
    /// The answer as it came.
    pub raw: bool,
    /// The difference: to the expected answer, and after the decision to the answer of the run before.
    pub diff: bool,
}

/// What an error on a case of this risk means, in words.
fn risk_words(risk: Risk) -> &'static str {
    match risk {
        Risk::Low => "a wrong answer is a nuisance",
        Risk::Medium => "a wrong answer costs somebody something",
        Risk::High => "a wrong answer does real harm",
        Risk::Critical => "a wrong answer must not ship",
    }
}

/// The blind side.
#[must_use]
pub fn blind(view: &BlindView, shows: Shows, width: usize) -> Vec<Row> {
    let mut out = Vec::new();
    let kind = if view.risk >= Risk::High { Kind::Alarm } else { Kind::Plain };
    part(&mut out, "RISK", kind, &format!("{}: {}", view.risk.word(), risk_words(view.risk)), width);
    for t in &view.turns {
        part(&mut out, t.role.word(), Kind::Quiet, &t.text, width);
    }
    part(&mut out, "QUESTION", Kind::Strong, &view.question, width);
    part(&mut out, "EXPECTED", Kind::Plain, &view.expected, width);
    let list = |out: &mut Vec<Row>, name: &str, all: &[String]| {
        for (n, text) in all.iter().enumerate() {
            part(out, if n == 0 { name } else { "" }, Kind::Plain, text, width);
        }
    };
    list(&mut out, "also right", &view.accept);
    list(&mut out, "must say", &view.must_mention);
    list(&mut out, "must not", &view.must_not_mention);
    if let Some(context) = &view.context {
        passage(&mut out, "CONTEXT", &Passage::of(context), shows.evidence, 'e', width);
    }
    rubric(&mut out, view, shows.rubric, width);
    answer(&mut out, view, shows, width);
    if let Some(warning) = view.warning() {
        part(&mut out, "!", Kind::Alarm, &warning, width);
    }
    if let Some(t) = &view.transcript {
        passage(&mut out, "TRANSCRIPT", t, shows.transcript, 't', width);
    }
    if let Some(e) = &view.evidence {
        passage(&mut out, "EVIDENCE", e, shows.evidence, 'e', width);
    }
    out
}

/// Something that is closed at first.
fn passage(out: &mut Vec<Row>, name: &str, p: &Passage, open: bool, key: char, width: usize) {
    let lines = if p.lines == 1 { "1 line".to_owned() } else { format!("{} lines", p.lines) };
    if open {
        part(out, name, Kind::Quiet, &format!("{lines}, {key} closes"), width);
        block(out, &[(Kind::Plain, p.text.clone())], 3, width, false);
    } else {
        part(out, name, Kind::Quiet, &format!("{lines}, {key} opens"), width);
    }
}

/// A text of ours without the line ends of its file; an empty line still parts it.
fn reflowed(text: &str) -> String {
    let paragraphs: Vec<String> = text.split("\n\n").map(|p| p.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    paragraphs.join("\n")
}

fn rubric(out: &mut Vec<Row>, view: &BlindView, whole: bool, width: usize) {
    let r = &view.rubric;
    let anchor = |score: u8| r.anchors.get(usize::from(score - 1)).map(|a| reflowed(&visible(a))).unwrap_or_default();
    if !whole {
        let mut text = String::new();
        for score in (1..=5_u8).rev() {
            let short = clip(anchor(score).trim(), 20).into_owned();
            text.push_str(format!("{score}={short}").trim_end());
            text.push_str(if score == r.pass_mark { " | " } else { "  " });
        }
        return part(out, "RUBRIC", Kind::Plain, text.trim_end(), width);
    }
    part(out, "RUBRIC", Kind::Plain, &reflowed(&r.criteria), width);
    for score in (1..=5_u8).rev() {
        part(out, "", Kind::Plain, &format!("{score}  {}", anchor(score)), width);
        if score == r.pass_mark {
            part(out, "", Kind::Quiet, "-- passes above this line --", width);
        }
    }
    for note in &r.notes {
        part(out, "note", Kind::Plain, &reflowed(note), width);
    }
}

fn answer(out: &mut Vec<Row>, view: &BlindView, shows: Shows, width: usize) {
    let a = &view.answer;
    let lines = if a.lines == 1 { "1 line".to_owned() } else { format!("{} lines", a.lines) };
    let how = match (shows.raw, shows.diff) {
        (true, _) => ", as it came: \u{b7} space, \u{2192} tab, \u{b6} end of line",
        (_, true) => ", against the expected answer",
        _ => "",
    };
    part(out, "ANSWER", Kind::Quiet, &format!("{lines}{how}"), width);
    if shows.diff {
        match word_diff(&view.expected, &a.text) {
            Some(pieces) => return block(out, &marked(&pieces), 3, width, true),
            None => part(out, "", Kind::Quiet, "too different from the expected answer for a comparison by words", width),
        }
    }
    let text = if shows.unfolded { a.text.as_str() } else { a.before_fold() };
    let text = if shows.raw {
        visible(text).replace(' ', "\u{b7}").replace('\t', "\u{2192}").replace('\n', "\u{b6}\n")
    } else {
        text.trim_end_matches('\n').to_owned()
    };
    let text = if text.trim().is_empty() { "(empty)".to_owned() } else { text };
    block(out, &[(Kind::Plain, text)], 3, width, true);
    if a.is_folded() && !shows.unfolded {
        block(out, &[(Kind::Alarm, format!("... {} more lines: o opens them", a.hidden_lines))], 3, width, true);
    }
}

/// A difference by signs, not by colour alone: `[-removed-]` and `{+added+}`.
fn marked(pieces: &[Piece]) -> Vec<(Kind, String)> {
    pieces
        .iter()
        .map(|p| match p {
            Piece::Same(t) => (Kind::Plain, t.clone()),
            Piece::Added(t) => (Kind::Added, format!("{{+{t}+}}")),
            Piece::Removed(t) => (Kind::Removed, format!("[-{t}-]")),
        })
        .collect()
}

/// The other side, for below the blind one.
#[must_use]
pub fn revealed(view: &RevealView, shows: Shows, width: usize) -> Vec<Row> {
    let mut out = Vec::new();
    let score = |s: Option<Score>| s.map_or_else(|| "-".to_owned(), |s| s.to_string());
    let yours = match (view.given, view.revised) {
        (given, Some(r)) => format!("{} (blind: {})", r, score(given)),
        (given, None) => score(given),
    };
    part(&mut out, "YOU GAVE", Kind::Strong, &yours, width);
    if let Some(key) = view.key {
        part(&mut out, "KEY", Kind::Strong, &format!("{key}: this was a warm-up with a known answer"), width);
    }
    let all: Vec<String> = view.judges.iter().map(|j| score(j.score)).collect();
    let came_to = match view.verdict {
        Some(Verdict::Settled { score }) => format!("settled at {score}"),
        Some(Verdict::Split { low, high }) => format!("split, {low} to {high}"),
        Some(Verdict::Unscored { .. }) | None => "no score".to_owned(),
    };
    part(&mut out, "PANEL", Kind::Plain, &format!("{}   ({came_to})", all.join(" ")), width);
    for j in &view.judges {
        let said =
            [(Kind::Strong, format!("{} {}  ", log_line(j.judge.as_str()), score(j.score))), (Kind::Plain, j.reason.replace('\n', " "))];
        spans(&mut out, "", &said, width);
    }
    let reasons: Vec<&str> = view.triggers.iter().map(|t| t.reason()).collect();
    part(&mut out, "WHY HERE", Kind::Plain, &if reasons.is_empty() { "somebody asked".to_owned() } else { reasons.join("; ") }, width);
    for (n, o) in view.others.iter().enumerate() {
        let words: Vec<String> =
            [o.chip.map(|c| c.word().to_owned()), o.ruling.map(str::to_owned), o.note.clone()].into_iter().flatten().collect();
        part(&mut out, if n == 0 { "THE OTHERS" } else { "" }, Kind::Plain, &format!("{}  {}", score(o.score), words.join("; ")), width);
    }
    if let Some(p) = &view.previous {
        part(&mut out, "BEFORE", Kind::Quiet, &format!("run {}{}", p.run, if shows.diff { ", compared by words" } else { "" }), width);
        let text = match (&p.diff, shows.diff) {
            (Some(pieces), true) => marked(pieces),
            _ => vec![(Kind::Plain, p.answer.before_fold().trim_end().to_owned())],
        };
        block(&mut out, &text, 3, width, false);
    }
    out
}

/// What was entered so far, in one line.
#[must_use]
pub fn choice(draft: &Draft) -> String {
    let mut all = vec![format!("choice: {}", draft.choice.map_or_else(|| "none".to_owned(), |s| s.to_string()))];
    all.extend(draft.chip.map(|c| c.word().replace('_', " ")));
    if let Some(r) = &draft.ruling {
        let text = if r.text.trim().is_empty() { String::new() } else { format!(" \u{201c}{}\u{201d}", r.text.trim()) };
        let range = r.range.map(|(l, h)| format!(" {l}-{h}")).unwrap_or_default();
        all.push(format!("case: {}{range}{text}", r.kind.word().replace('_', " ")));
    }
    if !draft.note.trim().is_empty() {
        all.push(format!("note: {}", draft.note.trim()));
    }
    visible(&all.join("  \u{b7} ")).replace(['\n', '\t'], " ")
}
