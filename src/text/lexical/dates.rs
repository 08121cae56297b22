//! Dates in their common forms: `July 11 1901`, `11 July 1901`, `1901-07-11`, `7/11/1901`, `July 1901`, `1901`, `the 1900s`,
//! `the 20th century`.

use super::tokens::Text;

/// A date, as far as it is told. At least one of year and month is present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Date {
    /// 1000 to 2199.
    pub year: Option<u16>,
    /// Years told: 1, or 10 for a decade and 100 for a century that begin with `year`.
    pub years: u16,
    /// 1 to 12.
    pub month: Option<u8>,
    /// 1 to 31.
    pub day: Option<u8>,
    /// Day and month may be the other way round (`7/11/1901`).
    pub either_way: bool,
    /// First token.
    pub from: u32,
    /// One past its last token.
    pub to: u32,
}

/// How an answer's date stands to the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// A part that both tell differs.
    Conflict,
    /// Nothing that both tell.
    Apart,
    /// All that both tell is equal, but the answer tells less.
    Coarser,
    /// All that is expected is there.
    Full,
}

impl Date {
    /// How `answer` stands to this expected date.
    #[must_use]
    pub fn agreement(&self, answer: &Self) -> Agreement {
        let straight = self.compare(answer, answer.month, answer.day);
        if answer.either_way || self.either_way { straight.max(self.compare(answer, answer.day, answer.month)) } else { straight }
    }

    fn compare(&self, answer: &Self, month: Option<u8>, day: Option<u8>) -> Agreement {
        let parts = [self.compare_years(answer), told(self.month, month), told(self.day, day)];
        let any = |a| parts.contains(&Some(a));
        match () {
            () if any(Agreement::Conflict) => Agreement::Conflict,
            () if !any(Agreement::Full) && !any(Agreement::Coarser) => Agreement::Apart,
            () if any(Agreement::Coarser) || any(Agreement::Apart) => Agreement::Coarser,
            () => Agreement::Full,
        }
    }

    /// A year within the expected decade agrees; a decade around the expected year tells less.
    fn compare_years(&self, answer: &Self) -> Option<Agreement> {
        let (Some(a), Some(b)) = (self.year, answer.year) else { return told(self.year, answer.year) };
        Some(match () {
            () if b >= a && b + answer.years <= a + self.years => Agreement::Full,
            () if a >= b && a + self.years <= b + answer.years => Agreement::Coarser,
            () => Agreement::Conflict,
        })
    }
}

/// One part of a date: `None` where nothing is expected, `Apart` where the answer does not tell it.
fn told<T: PartialEq>(expected: Option<T>, answer: Option<T>) -> Option<Agreement> {
    let expected = expected?;
    Some(answer.map_or(Agreement::Apart, |a| if a == expected { Agreement::Full } else { Agreement::Conflict }))
}

/// Finds the dates of a text. The numbers in them are quantities no more.
pub fn mark(text: &mut Text) {
    let mut found = Vec::new();
    let mut i = 0;
    while i < text.tokens.len() {
        let date = named(text, i).or_else(|| numeric(text, i)).or_else(|| period(text, i)).or_else(|| year_alone(text, i));
        let Some(date) = date else {
            i += 1;
            continue;
        };
        found.push(date);
        i = date.to as usize;
    }
    for date in &found {
        let inside = |from: u32| from >= date.from && from < date.to;
        // Year alone stays a quantity too: `1984` may be a count.
        let alone = date.month.is_none();
        for q in text.quantities.iter_mut().filter(|q| inside(q.from)) {
            q.dated = !alone || q.unit.is_none();
        }
        for token in &mut text.tokens[date.from as usize..date.to as usize] {
            token.number = true;
        }
    }
    text.dates = found;
}

fn number_at(text: &Text, i: usize) -> Option<f64> {
    let at = u32::try_from(i).ok()?;
    let n = text.quantities.binary_search_by_key(&at, |q| q.from).ok()?;
    let q = &text.quantities[n];
    (q.to == q.from + 1).then_some(q.value)
}

fn small(text: &Text, i: usize, max: f64) -> Option<u8> {
    let v = number_at(text, i).filter(|&v| v >= 1.0 && v <= max && v.fract() == 0.0)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a whole number from 1 to 31")]
    Some(v as u8)
}

fn year(text: &Text, i: usize) -> Option<u16> {
    let word = text.word(text.tokens.get(i)?);
    (word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit())).then(|| word.parse().ok())?.filter(|y| (1000..2200).contains(y))
}

fn month(text: &Text, i: usize) -> Option<u8> {
    text.meaning(text.tokens.get(i)?).month
}

fn date(from: usize, to: usize, parts: (Option<u16>, Option<u8>, Option<u8>), either_way: bool) -> Option<Date> {
    let (year, month, day) = parts;
    Some(Date { year, years: 1, month, day, either_way, from: u32::try_from(from).ok()?, to: u32::try_from(to).ok()? })
}

/// `July 11, 1901`, `11 (of) July 1901`, `July 1901`, `July 11`; `July` or `May` alone is none.
fn named(text: &Text, i: usize) -> Option<Date> {
    if let Some(m) = month(text, i) {
        let behind_day = small(text, i + 1, 31.0);
        let y = year(text, i + 1 + usize::from(behind_day.is_some()));
        if behind_day.is_none() && y.is_none() {
            let sure = text.word(&text.tokens[i]).len() > 3 && !matches!(m, 3 | 5) || text.tokens[i].capital && i > 0;
            return if sure { date(i, i + 1, (None, Some(m), None), false) } else { None };
        }
        let to = i + 1 + usize::from(behind_day.is_some()) + usize::from(y.is_some());
        return date(i, to, (y, Some(m), behind_day), false);
    }
    let day = small(text, i, 31.0)?;
    let of = usize::from(text.tokens.get(i + 1).is_some_and(|t| text.word(t) == "of"));
    let m = month(text, i + 1 + of)?;
    let y = year(text, i + 2 + of);
    date(i, i + 2 + of + usize::from(y.is_some()), (y, Some(m), Some(day)), false)
}

/// `1901-07-11`, `7/11/1901`, `11.7.1901` (read as one word), with either order of day and month where both are possible.
fn numeric(text: &Text, i: usize) -> Option<Date> {
    let gap = |n: usize| text.tokens.get(i + n).map(|t| t.gap).filter(|g| matches!(g, '-' | '/'));
    if gap(1).is_some() && gap(1) == gap(2) {
        if let Some(y) = year(text, i) {
            let (m, d) = (small(text, i + 1, 12.0)?, small(text, i + 2, 31.0)?);
            return date(i, i + 3, (Some(y), Some(m), Some(d)), false);
        }
        let (a, b, y) = (small(text, i, 31.0)?, small(text, i + 1, 31.0)?, year(text, i + 2)?);
        return match (a <= 12, b <= 12) {
            (true, _) => date(i, i + 3, (Some(y), Some(a), Some(b)), b <= 12),
            (false, true) => date(i, i + 3, (Some(y), Some(b), Some(a)), false),
            (false, false) => None,
        };
    }
    let mut parts = text.word(text.tokens.get(i)?).split('.');
    let (d, m, y) = (parts.next()?, parts.next()?, parts.next()?);
    let (d, m, y): (u8, u8, u16) = (d.parse().ok()?, m.parse().ok()?, y.parse().ok()?);
    let real = parts.next().is_none() && (1..=31).contains(&d) && (1..=12).contains(&m) && (1000..2200).contains(&y);
    if real { date(i, i + 1, (Some(y), Some(m), Some(d)), false) } else { None }
}

/// `1980s`, `the 19th century`, `the nineteenth century`; before our era is none.
fn period(text: &Text, i: usize) -> Option<Date> {
    let word = text.word(text.tokens.get(i)?);
    if let Some(y) = word.strip_suffix('s').filter(|y| y.len() == 4) {
        let year = y.parse().ok().filter(|y: &u16| (1000..2200).contains(y) && y.is_multiple_of(10))?;
        return Some(Date { years: if year.is_multiple_of(100) { 100 } else { 10 }, ..date(i, i + 1, (Some(year), None, None), false)? });
    }
    let behind = |n: usize| text.tokens.get(i + n).map(|t| text.word(t));
    if behind(1) != Some("century") || matches!(behind(2), Some("bc" | "bce")) {
        return None;
    }
    let century = small(text, i, 22.0).filter(|c| *c >= 11)?;
    Some(Date { years: 100, ..date(i, i + 2, (Some((u16::from(century) - 1) * 100), None, None), false)? })
}

/// A year by itself: four digits without a unit behind them.
fn year_alone(text: &Text, i: usize) -> Option<Date> {
    let y = year(text, i)?;
    let at = u32::try_from(i).ok()?;
    let n = text.quantities.binary_search_by_key(&at, |q| q.from).ok()?;
    if text.quantities[n].unit.is_some() || !text.quantities[n].literal {
        return None;
    }
    date(i, i + 1, (Some(y), None, None), false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(text: &str) -> Date {
        let t = Text::read(text);
        assert_eq!(t.dates.len(), 1, "{text}: {:?}", t.dates);
        t.dates[0]
    }

    #[test]
    fn all_forms_of_one_date_agree() {
        let expected = only("July 11, 1901");
        for form in
            ["11 July 1901", "1901-07-11", "the 11th of July 1901", "7/11/1901", "11/7/1901", "Jul 11 1901", "11.7.1901", "July 11th, 1901"]
        {
            assert_eq!(expected.agreement(&only(form)), Agreement::Full, "{form}");
        }
    }

    #[test]
    fn a_year_only_is_coarser_and_another_day_conflicts() {
        let expected = only("July 11 1901");
        assert_eq!(expected.agreement(&only("1901")), Agreement::Coarser);
        assert_eq!(expected.agreement(&only("July 1901")), Agreement::Coarser);
        assert_eq!(expected.agreement(&only("July 12 1901")), Agreement::Conflict);
        assert_eq!(only("1901").agreement(&expected), Agreement::Full);
    }

    #[test]
    fn a_year_within_a_decade_or_century_agrees_with_it() {
        assert_eq!(only("the 1980s").agreement(&only("1984")), Agreement::Full);
        assert_eq!(only("1984").agreement(&only("in the 20th century")), Agreement::Coarser);
        assert_eq!(only("the nineteenth century").agreement(&only("1984")), Agreement::Conflict);
        assert!(Text::read("the 5th century BC").dates.is_empty());
    }

    #[test]
    fn amounts_are_no_years_and_verbs_no_months() {
        assert!(Text::read("it costs 1500 dollars").dates.is_empty());
        assert!(Text::read("you may march").dates.is_empty());
        assert_eq!(Text::read("1910-1939").dates.len(), 2);
    }

    #[test]
    fn numbers_in_a_date_are_no_quantities() {
        let t = Text::read("July 11 1901, 30 days");
        assert_eq!(t.quantities.iter().filter(|q| !q.dated).map(|q| q.value).collect::<Vec<_>>(), [30.0]);
    }
}
