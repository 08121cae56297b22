//! Numbers as people read them: shares, counts, times, money, bars. The same number is written the same way in every format.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use crate::domain::{Spend, Tokens, Trigger, Usd};
use crate::stats::summary::Interval;

/// What stands where there is no number.
pub const NONE: &str = "\u{2013}";

/// `0.854` as `85.4%`; absent as a dash.
#[must_use]
pub fn percent(share: Option<f64>) -> String {
    share.filter(|s| s.is_finite()).map_or_else(|| NONE.to_owned(), |s| format!("{:.1}%", s * 100.0))
}

/// An interval of shares: `72.8% to 92.8%`; absent as a dash.
#[must_use]
pub fn percent_range(interval: Option<Interval>) -> String {
    interval.map_or_else(|| NONE.to_owned(), |i| format!("{} to {}", percent(Some(i.low)), percent(Some(i.high))))
}

/// An interval cut to what is possible.
#[must_use]
pub fn within(i: Interval, low: f64, high: f64) -> Interval {
    Interval { low: i.low.clamp(low, high), high: i.high.clamp(low, high) }
}

/// A score or coefficient with two decimals; absent as a dash.
#[must_use]
pub fn decimal(value: Option<f64>) -> String {
    value.filter(|v| v.is_finite()).map_or_else(|| NONE.to_owned(), |v| format!("{v:.2}"))
}

/// An interval of scores or coefficients: `3.91 to 4.20`; absent as a dash.
#[must_use]
pub fn decimal_range(interval: Option<Interval>) -> String {
    interval.map_or_else(|| NONE.to_owned(), |i| format!("{} to {}", decimal(Some(i.low)), decimal(Some(i.high))))
}

/// A signed difference with two decimals: `+0.25`, `-0.10`, `0.00`.
#[must_use]
pub fn signed(value: f64) -> String {
    let text = format!("{value:+.2}");
    if text == "+0.00" || text == "-0.00" { "0.00".to_owned() } else { text }
}

/// An interval of differences: `-0.31 to +0.05`; absent as a dash.
#[must_use]
pub fn signed_range(interval: Option<Interval>) -> String {
    interval.map_or_else(|| NONE.to_owned(), |i| format!("{} to {}", signed(i.low), signed(i.high)))
}

/// A difference of shares in percentage points: `0.042` as `+4.2 points`; absent as a dash.
#[must_use]
pub fn points(difference: Option<f64>) -> String {
    difference.filter(|d| d.is_finite()).map_or_else(|| NONE.to_owned(), |d| format!("{} points", hundredths(d)))
}

/// An interval of differences of shares, in percentage points: `-1.5 to +9.9`; absent as a dash.
#[must_use]
pub fn points_range(interval: Option<Interval>) -> String {
    interval.map_or_else(|| NONE.to_owned(), |i| format!("{} to {}", hundredths(i.low), hundredths(i.high)))
}

fn hundredths(share: f64) -> String {
    let text = format!("{:+.1}", share * 100.0);
    if text == "+0.0" || text == "-0.0" { "0.0".to_owned() } else { text }
}

/// `1234567` as `1,234,567`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A count with its noun: `1 case`, `2 cases`.
#[must_use]
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// Milliseconds: `812 ms`, `2.41 s`, `24.1 s`, `3 min 12 s`, `2 h 05 min`.
#[must_use]
pub fn millis(ms: u64) -> String {
    let s = ms / 1000;
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..10_000 => format!("{:.2} s", ms as f64 / 1000.0),
        10_000..60_000 => format!("{:.1} s", ms as f64 / 1000.0),
        60_000..3_600_000 => format!("{} min {:02} s", s / 60, s % 60),
        _ => format!("{} h {:02} min", s / 3600, s % 3600 / 60),
    }
}

/// Unix milliseconds as `2026-11-21 09:12 UTC`; a time that no calendar holds as a dash.
#[must_use]
pub fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| NONE.to_owned(), |t| t.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string())
}

/// Unix milliseconds as RFC 3339 in UTC, for machines; absent if no calendar holds it.
#[must_use]
pub fn rfc3339(ms: i64) -> Option<String> {
    Timestamp::from_millisecond(ms).ok().map(|t| t.to_string())
}

/// What something cost, and whether that is all of it.
#[must_use]
pub fn cost(spend: &Spend) -> String {
    match (spend.cost, spend.unpriced) {
        (Usd(0), true) => "no price known".to_owned(),
        (c, true) => format!("at least {c}"),
        (c, false) => c.to_string(),
    }
}

/// Tokens: `12,412 in, 3,012 out`; none as a dash.
#[must_use]
pub fn tokens(t: Tokens) -> String {
    if t == Tokens::default() { NONE.to_owned() } else { format!("{} in, {} out", count(t.input), count(t.output)) }
}

/// A bar in block characters, `width` cells for the whole; a count above zero always shows.
#[must_use]
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the share is within 0 and 1, the width small")]
pub fn bar(n: u64, most: u64, width: usize) -> String {
    if n == 0 || most == 0 || width == 0 {
        return String::new();
    }
    let eighths = ((n as f64 / most as f64).min(1.0) * (width * 8) as f64).round().max(1.0) as usize;
    let mut out = "\u{2588}".repeat(eighths / 8);
    if let Some(part) = ["", "\u{258F}", "\u{258E}", "\u{258D}", "\u{258C}", "\u{258B}", "\u{258A}", "\u{2589}"].get(eighths % 8) {
        out.push_str(part);
    }
    out
}

/// The first line's worth of a text: white space runs become one space, cut at `most` columns with an ellipsis.
#[must_use]
pub fn clip(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    for c in text.split_whitespace().flat_map(|w| std::iter::once(' ').chain(w.chars())).skip(1) {
        used += c.width().unwrap_or(0);
        if used > most {
            while out.width() >= most && out.pop().is_some() {}
            out.push('\u{2026}');
            return out;
        }
        out.push(c);
    }
    out
}

/// A text with spaces up to `width` columns.
#[must_use]
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

/// A word of a file as people read it: `rate_limited` becomes `rate limited`.
#[must_use]
pub fn plain(word: &str) -> String {
    word.replace('_', " ")
}

/// A trigger's word of a file, said in full: `split_panel` is "the judges are too far apart".
#[must_use]
pub fn trigger(word: &str) -> String {
    use Trigger as T;
    let all = [
        T::SplitPanel,
        T::StraddlesPassMark,
        T::SamplesDisagree,
        T::Unscored,
        T::AddressedToGrader,
        T::HighRiskNearMark,
        T::Contradictory,
        T::RandomAudit,
    ];
    all.into_iter().find(|t| t.word() == word).map_or_else(|| plain(word), |t| t.reason().to_owned())
}

/// Counts by word, most first: `timeout 3, crashed 1`; none as a dash.
#[must_use]
pub fn tally(counts: &[(String, u64)]) -> String {
    if counts.is_empty() {
        return NONE.to_owned();
    }
    let mut sorted: Vec<&(String, u64)> = counts.iter().collect();
    sorted.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    sorted.iter().map(|(w, n)| format!("{} {}", plain(w), count(*n))).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absence_is_a_dash_and_never_a_zero() {
        assert_eq!(percent(None), NONE);
        assert_eq!(percent(Some(f64::NAN)), NONE);
        assert_eq!(percent_range(None), NONE);
        assert_eq!(decimal(None), NONE);
        assert_eq!(
            (points(None), points(Some(f64::NAN)), points_range(None), signed_range(None)),
            (NONE.into(), NONE.into(), NONE.into(), NONE.into())
        );
        assert_eq!(tally(&[]), NONE);
        assert_eq!(tokens(Tokens::default()), NONE);
        assert_eq!(time(i64::MAX), NONE);
    }

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(percent(Some(0.854)), "85.4%");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(999), "999");
        assert_eq!(counted(1, "case", "cases"), "1 case");
        assert_eq!(signed(-0.001), "0.00");
        assert_eq!(signed(0.25), "+0.25");
        assert_eq!(points(Some(0.042)), "+4.2 points");
        assert_eq!(points(Some(-0.0004)), "0.0 points");
        assert_eq!(points_range(Some(Interval { low: -0.015, high: 0.099 })), "-1.5 to +9.9");
        assert_eq!(signed_range(Some(Interval { low: -0.001, high: 0.5 })), "0.00 to +0.50");
        assert_eq!(time(1_795_251_123_000), "2026-11-21 08:52 UTC");
        assert_eq!(tally(&[("crashed".into(), 1), ("rate_limited".into(), 3)]), "rate limited 3, crashed 1");
        let times = [812, 2_410, 24_100, 192_000, 7_500_000].map(millis);
        assert_eq!(times, ["812 ms", "2.41 s", "24.1 s", "3 min 12 s", "2 h 05 min"]);
    }

    #[test]
    fn an_unpriced_model_never_looks_free() {
        let spend = |usd, unpriced| Spend { cost: Usd::from_dollars(usd), unpriced, ..Spend::default() };
        assert_eq!(cost(&spend(0.0, false)), "$0");
        assert_eq!(cost(&spend(0.0, true)), "no price known");
        assert_eq!(cost(&spend(1.5, true)), "at least $1.50");
    }

    #[test]
    fn a_bar_shows_every_count_above_zero_and_never_exceeds_its_width() {
        assert_eq!(bar(0, 10, 8), "");
        assert_eq!(bar(1, 1_000_000, 8), "\u{258F}");
        assert_eq!(bar(5, 10, 8), "\u{2588}".repeat(4));
        assert_eq!(bar(30, 10, 8).chars().count(), 8);
    }

    #[test]
    fn a_clipped_text_is_one_line_of_at_most_that_many_columns() {
        assert_eq!(clip("  a\n\tb  c ", 10), "a b c");
        assert_eq!(clip("abcdef", 4), "abc\u{2026}");
        assert_eq!(clip("abcd", 4), "abcd");
        assert_eq!(clip("\u{6F22}\u{5B57}\u{6F22}", 5), "\u{6F22}\u{5B57}\u{2026}");
        assert_eq!(pad("\u{6F22}", 4), "\u{6F22}  ");
    }
}
