//! Reads a judge's reply: a judgment, or the one defined failure. Never a score that the reply does not hold.
//!
//! | reply | outcome |
//! | --- | --- |
//! | one JSON object with `reason` and `score` 1..5, also in fences or prose, keys in any case | judgment |
//! | last line `Score: n` | judgment; the reason is what stands before |
//! | score as `"4"`, `4.0`, `"4/5"`, `"4 out of 5"`, full-width digits | judgment |
//! | 0, 6, -1, 4.5, `"8/10"` | off scale |
//! | no `score` key, `null`, empty text | missing score |
//! | score in words, a range, a boolean, a list, `1e0` | unreadable |
//! | several different scores, in objects, doubled keys or score lines | unreadable; equal ones are one |
//! | prose, broken JSON, a score line that is not the last line | unreadable |
//! | reason says plainly wrong and score 5, or plainly right and score 1 | contradictory |
//! | the server's refusal field, `content_filter`, a reason that declines to judge | refusal |
//! | `length` | truncated, even where a score stands in it: the rest might have changed it |
//! | nothing, or nothing but thinking | empty |

mod contradiction;
mod json;
mod score;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

use self::contradiction::contradicts;
use self::score::{Reading, half_width};
use crate::domain::{JudgeFailure, JudgeFailureKind, Judgment, Score};

/// The longest reply that is read, in bytes.
const REPLY_MAX: usize = 256 * 1024;

/// The longest reason that is kept, in characters.
const REASON_MAX: usize = 8000;

/// Reads a reply. `finish` is why generation stopped, `refusal` the server's own refusal field.
///
/// # Errors
/// The kind from the table above, with a short detail in our own words (never the reply's) and the reply as `raw`.
pub fn parse(reply: &str, finish: Option<&str>, refusal: Option<&str>) -> Result<Judgment, JudgeFailure> {
    use JudgeFailureKind as Kind;
    let fail = |kind, detail: &str| Err(JudgeFailure::new(kind, detail).with_raw(reply));
    if let Some(refusal) = refusal.filter(|r| !r.trim().is_empty()) {
        return Err(JudgeFailure::new(Kind::Refusal, "the judge declined").with_raw(refusal));
    }
    match finish {
        Some("content_filter" | "refusal") => return fail(Kind::Refusal, "the server filtered the reply"),
        Some("length" | "max_tokens" | "model_length") => return fail(Kind::Truncated, "the reply was cut off at the token limit"),
        _ => {}
    }
    if reply.len() > REPLY_MAX {
        return fail(Kind::Unreadable, "the reply is longer than 256 KiB");
    }
    let said = without_thinking(reply);
    if said.is_empty() {
        return fail(Kind::Empty, if reply.trim().is_empty() { "the reply is empty" } else { "the reply is nothing but thinking" });
    }
    let (reason, reading) = match read(said) {
        Ok(found) => found,
        Err((kind, _)) if declines(said) && kind != Kind::OffScale => return fail(Kind::Refusal, "the judge declined to judge"),
        Err((kind, detail)) => return fail(kind, detail),
    };
    if reason_declines(&reason) {
        return fail(Kind::Refusal, "the reason declines to judge");
    }
    let score = match reading {
        Reading::Score(score) => score,
        Reading::Off => return fail(Kind::OffScale, "the score is not one of 1, 2, 3, 4, 5"),
        Reading::Missing => return fail(Kind::MissingScore, "the score is empty"),
        Reading::Unclear(why) => return fail(Kind::Unreadable, why),
    };
    if contradicts(&reason, score) {
        return fail(Kind::Contradictory, "the reason and the score contradict each other");
    }
    Ok(Judgment::new(score, shortened(reason)))
}

type Read = Result<(String, Reading), (JudgeFailureKind, &'static str)>;

/// Finds reason and score in a reply that is not empty.
fn read(said: &str) -> Read {
    use JudgeFailureKind::{MissingScore, Refusal, Unreadable};
    // Raw line feeds inside strings and full-width digits outside are no JSON, yet their meaning is plain.
    let plain;
    let mut found = json::objects(said);
    if found.objects.is_empty() && said.contains('{') {
        plain = half_width(said).replace(['\n', '\r', '\t'], " ");
        found = json::objects(&plain);
    }
    if found.gave_up {
        return Err((Unreadable, "the reply holds too many broken JSON objects"));
    }
    let mut readings: Vec<Reading> = found.objects.iter().flat_map(|o| o.scores.iter().copied()).collect();
    if readings.is_empty() {
        if found.objects.is_empty() && bare(said).starts_with('{') {
            return Err((Unreadable, "the reply is broken JSON"));
        }
        let declined = found.objects.iter().filter_map(|o| o.reason.as_deref()).any(declines);
        return last_line(said).unwrap_or(Err(match found.objects.is_empty() {
            true => (Unreadable, "the reply holds neither a JSON object nor a score on its last line"),
            false if declined => (Refusal, "the reason declines to judge"),
            false => (MissingScore, "the JSON object has no score"),
        }));
    }
    // Score lines outside the objects must not say anything else.
    let outside = found.outside.iter().flat_map(|part| part.lines()).filter_map(score_line);
    readings.extend(outside.filter(|r| matches!(r, Reading::Score(_))));
    readings.dedup();
    match readings.as_slice() {
        [one] => {
            let reason = found.objects.into_iter().filter(|o| !o.scores.is_empty()).find_map(|o| o.reason).unwrap_or_default();
            Ok((reason, *one))
        }
        _ => Err((Unreadable, "the reply holds several different scores")),
    }
}

/// The text form: reasoning, then `Score: n` as the last line. `None` if there is no score line at all.
fn last_line(said: &str) -> Option<Read> {
    use JudgeFailureKind::Unreadable;
    let lines: Vec<&str> = said.lines().filter(|l| !l.trim().is_empty() && !l.trim_start().starts_with("```")).collect();
    let readings: Vec<Reading> = lines.iter().filter_map(|l| score_line(l)).collect();
    let last = *readings.last()?;
    if lines.last().copied().and_then(score_line).is_none() {
        return Some(Err((Unreadable, "the score is not on the last line")));
    }
    let conflict = |r: &Reading| matches!(r, Reading::Score(_)) && *r != last;
    if matches!(last, Reading::Score(_)) && readings.iter().any(conflict) {
        return Some(Err((Unreadable, "the reply holds several different scores")));
    }
    let before = lines[..lines.len() - 1].join("\n");
    let reason = before.trim().trim_start_matches(['*', '_', '#', ' ']);
    let reason = ["Reason:", "Reasoning:", "reason:"].iter().find_map(|p| reason.strip_prefix(p)).unwrap_or(reason);
    Some(Ok((reason.trim_start_matches(['*', '_']).trim().to_owned(), last)))
}

#[expect(clippy::expect_used, reason = "a constant pattern; a test reads with it")]
static SCORE_LINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)^[\s>*_#`~-]*(?:(?:the|my|final|overall|total)\s+){0,2}score["'*_`]*\s*(?:\([^)]{0,20}\))?["'*_`]*\s*[:=]\s*(.*)$"#)
        .expect("the pattern is constant")
});

/// The score of a line that is nothing but a score, e.g. `**Score:** 4/5`.
fn score_line(line: &str) -> Option<Reading> {
    // Long lines are prose; the pattern need not look at them.
    if line.len() > 300 {
        return None;
    }
    SCORE_LINE.captures(&half_width(line)).map(|c| score::of_text(&c[1]))
}

/// What is left of a reply once its thinking is taken away.
fn without_thinking(reply: &str) -> &str {
    let mut rest = reply.trim().trim_start_matches('\u{FEFF}').trim_start();
    for (open, close) in [("<think>", "</think>"), ("<thinking>", "</thinking>"), ("<thought>", "</thought>")] {
        while let Some(thinking) = rest.strip_prefix(open) {
            // Never closed: all of it is thinking.
            rest = thinking.find(close).map_or("", |end| thinking[end + close.len()..].trim_start());
        }
        // Some servers swallow the opening tag. In a JSON reply the closer can only be a quotation.
        if let (false, Some(end)) = (bare(rest).starts_with(['{', '[']), rest.rfind(close)) {
            rest = rest[end + close.len()..].trim_start();
        }
    }
    rest.trim()
}

/// The text without an opening code fence.
fn bare(text: &str) -> &str {
    text.strip_prefix("```").map_or(text, |t| t.trim_start_matches(char::is_alphanumeric).trim_start())
}

/// How a refusal opens, in the first person.
const OPENING: &str = concat!(
    r"(?i)^\W*(?:(?:i['’]m|i am)\s+(?:very\s+|really\s+)?sorry\W+(?:but\s+)?|sorry\W+(?:but\s+)?|i\s+apologi[sz]e\W+(?:but\s+)?",
    r"|unfortunately\W+|as\s+an?\s+ai[\w\s]{0,30}\W+)*",
    r"i\s*(?:can['’]?t|can\s?not|(?:am|['’]m)\s+(?:unable|not\s+able)\s+to|will\s+not|won['’]t|must\s+decline\s+to)\s+",
);

/// What is refused in a reply without a usable score.
const ANY_TASK: &str =
    r"(?:assist|help|comply|provide|evaluate|grade|judge|fulfil|score|rate|engage|continue|process|do\s+that|participate|answer\s+th)";

/// What is refused in a reason beside a score. Narrow: "I cannot rate this higher" is a reason like any other.
const THE_TASK: &str = r"(?:assist|help\s+(?:you|with)|comply|fulfil|participate|do\s+that)";

#[expect(clippy::expect_used, reason = "constant patterns; a test reads with them")]
static DECLINES: LazyLock<[Regex; 2]> =
    LazyLock::new(|| [ANY_TASK, THE_TASK].map(|task| Regex::new(&format!("{OPENING}{task}")).expect("the pattern is constant")));

/// Whether a reply without a usable score opens by declining.
fn declines(reply: &str) -> bool {
    DECLINES[0].is_match(reply)
}

/// Whether a reason opens by declining although a score stands beside it: a forced form leaves a refusal no other way.
fn reason_declines(reason: &str) -> bool {
    DECLINES[1].is_match(reason)
}

fn shortened(reason: String) -> String {
    match reason.char_indices().nth(REASON_MAX) {
        Some((end, _)) => format!("{}…", &reason[..end]),
        None => reason,
    }
}

/// Whether a token of the reply stands for this score: the digit alone, among quotes and spaces.
pub(super) fn token_score(token: &str) -> Option<Score> {
    let digit: Cow<'_, str> = half_width(token);
    let digit = digit.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ':' | '*' | '}' | '▁' | 'Ġ'));
    let [b @ b'1'..=b'5'] = digit.as_bytes() else { return None };
    Score::try_from(b - b'0').ok()
}
