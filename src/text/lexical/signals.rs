//! What one expected answer, seen beside an answer, gives to judge by: measured once, used by the model, the rules and the reason.

use super::align::{Match, Place, align, densest, recall};
use super::dates::Agreement;
use super::lexicon::key;
use super::numbers::Likeness;
use super::search::{Searched, stands_in};
use super::tokens::{Text, Token};

/// Words of the answer that are looked at for precision and refusal.
const MAX_WORDS: usize = 512;

/// What the question asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Asked {
    /// A person.
    Who,
    /// A time.
    When,
    /// A place.
    Where,
    /// A number.
    HowMany,
    /// Anything else.
    #[default]
    Other,
}

/// The answer and the question, with what does not depend on the expected answer.
#[derive(Debug)]
pub struct Scene {
    /// The question.
    pub question: Searched,
    /// The answer.
    pub answer: Searched,
    /// What the question asks for.
    pub asked: Asked,
    /// The answer declines to answer.
    pub refusal: bool,
    /// Words of the answer that carry meaning.
    pub content: usize,
    /// Those which the question does not hold, among the first 512 words.
    pub fresh: usize,
    is_fresh: Vec<bool>,
}

impl Scene {
    /// Reads question and answer.
    #[must_use]
    pub fn new(question: &str, answer: &str) -> Self {
        let question = Searched::new(Text::read(super::tokens::head(question, 4096)));
        let answer = Searched::new(Text::read(answer));
        let asked = asked(&question);
        let refusal = refuses(&answer.text);
        let content = answer.text.content_count();
        let is_fresh: Vec<bool> = answer.text.tokens.iter().take(MAX_WORDS).map(|t| t.content() && !question.holds(t.key)).collect();
        let fresh = is_fresh.iter().filter(|f| **f).count();
        Self { question, answer, asked, refusal, content, fresh, is_fresh }
    }
}

fn asked(question: &Searched) -> Asked {
    let has = |w: &str| question.holds(key(crate::text::words::stem(w)));
    match () {
        () if has("who") || has("whom") || has("whose") => Asked::Who,
        () if has("when") || has("what") && (has("year") || has("date")) => Asked::When,
        () if has("where") => Asked::Where,
        () if has("how") && ["many", "much", "long", "old", "tall", "far", "often"].iter().any(|w| has(w)) => Asked::HowMany,
        () => Asked::Other,
    }
}

const REFUSALS: [&str; 22] = [
    "idontknow",
    "idonotknow",
    "imnotsure",
    "iamnotsure",
    "cannotanswer",
    "cantanswer",
    "notableto",
    "imunable",
    "iamunable",
    "couldntfind",
    "couldnotfind",
    "cannotfind",
    "cantfind",
    "donthaveinformation",
    "donothaveinformation",
    "donthaveaccess",
    "donothaveaccess",
    "noinformation",
    "imsorry",
    "iamsorry",
    "asanai",
    "imunaware",
];

/// Whether the beginning of an answer declines to answer.
fn refuses(answer: &Text) -> bool {
    let start = &answer.tokens[..answer.tokens.len().min(60)];
    if !start.iter().any(|t| t.hedge) {
        return false;
    }
    let end = start.last().map_or(0, |t| t.end as usize);
    let letters = &answer.squeezed[..end];
    REFUSALS.iter().any(|phrase| letters.contains(phrase))
}

/// How the numbers of the expected answer fare.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Numbers {
    /// Numbers expected that could contradict.
    pub expected: u32,
    /// Found, in any unit.
    pub agree: u32,
    /// Found within two parts in a hundred.
    pub near: u32,
    /// The expected one that is not found while the answer has another of its kind, and that other one.
    pub conflict: Option<(f64, f64)>,
}

/// How the dates of the expected answer fare: the best agreement of the worst date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dates {
    /// Dates expected.
    pub expected: u32,
    /// All there.
    pub full: u32,
    /// There, told less exactly.
    pub coarser: u32,
    /// The answer has other dates instead.
    pub conflict: u32,
}

/// All that is measured between one expected answer and an answer.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each read by its name")]
pub struct Signals {
    /// Nothing but case, articles, punctuation and word forms differs.
    pub exact: bool,
    /// The expected words stand in the answer in a row.
    pub contained: bool,
    /// The answer's words stand in the expected answer in a row.
    pub inside: bool,
    /// Weighted share of the expected words that the answer holds.
    pub recall: f64,
    /// The same within its densest place.
    pub place: Place,
    /// The first content word of the expected answer is there.
    pub first: bool,
    /// The last content word of the expected answer is there (a surname, a head noun).
    pub last: bool,
    /// Content words expected, and found (likeness over one half).
    pub words: (u32, u32),
    /// Share of the answer's fresh words that are expected.
    pub precision: f64,
    /// Fresh words of the answer that are not expected.
    pub extra: usize,
    /// Share of the expected letter triples that the answer holds.
    pub triples: f64,
    /// Dice coefficient of the letter triples.
    pub dice: f64,
    /// Where the first expected word stands, from 0 (start) to 1 (end).
    pub position: f64,
    /// Numbers.
    pub numbers: Numbers,
    /// Dates.
    pub dates: Dates,
    /// The expected answer is a statement rather than a name or an amount.
    pub statement: bool,
    /// One says `not` where the other does not, about the same words.
    pub flipped: bool,
    /// Both begin with yes or no: whether they agree.
    pub polarity: Option<bool>,
}

/// Measures one expected answer.
#[must_use]
pub fn measure(scene: &Scene, reference: &Text) -> Signals {
    let answer = &scene.answer;
    let matches = align(&scene.question, reference, answer);
    let place = densest(reference, &matches, answer);
    let content = || reference.tokens.iter().zip(&matches).filter(|(t, _)| t.content());
    let expected = content().count();
    let found = content().filter(|(_, m)| m.likeness > 0.5).count();
    let hit = |m: Option<(&Token, &Match)>| m.is_some_and(|(_, m)| m.likeness > 0.5);
    let statement = is_statement(reference, expected);
    let (hits, all) = answer.triples_of(reference);
    let right = expected_words(scene, reference, &matches);
    let share = |a: usize, b: usize| if b == 0 { 0.0 } else { a as f64 / b as f64 };
    let first_at = matches.iter().filter(|m| m.weight > 0.2).filter_map(|m| m.at).min();
    Signals {
        exact: !reference.tokens.is_empty() && reference.tokens.iter().map(|t| t.key).eq(answer.text.tokens.iter().map(|t| t.key)),
        contained: answer.holds_in_a_row(reference),
        inside: scene.content > 0 && scene.content <= 12 && stands_in(&answer.text, reference),
        recall: recall(&matches),
        place,
        first: hit(content().next()),
        last: hit(content().next_back()),
        words: (u32::try_from(expected).unwrap_or(u32::MAX), u32::try_from(found).unwrap_or(u32::MAX)),
        precision: share(right, scene.fresh),
        extra: scene.fresh - right,
        triples: share(hits, all),
        dice: share(2 * hits, all + answer.triple_count),
        position: first_at.map_or(1.0, |at| f64::from(at) / answer.text.tokens.len().max(1) as f64),
        numbers: numbers(reference, scene),
        dates: dates(reference, &answer.text),
        statement,
        flipped: statement && flipped(reference, answer, &place),
        polarity: polarity(reference).zip(polarity(&answer.text)).map(|(a, b)| a == b),
    }
}

fn numbers(reference: &Text, scene: &Scene) -> Numbers {
    let mut out = Numbers::default();
    let answer = &scene.answer.text;
    for q in reference.quantities.iter().filter(|q| !q.dated && !q.soft) {
        out.expected += 1;
        let mut best = Likeness::Unlike;
        let mut other = None;
        for a in &answer.quantities {
            match q.like(a) {
                Likeness::Equal => best = Likeness::Equal,
                Likeness::Near if best != Likeness::Equal => best = Likeness::Near,
                // A number that the question told is no claim of the answer's; nor is a year where none is expected.
                // Far from the point, a bare number says nothing about an expected amount.
                Likeness::Other
                    if !a.soft
                        && !a.dated
                        && !scene.question.holds(answer.tokens[a.from as usize].key)
                        && (q.unit.is_none() || a.unit.is_some() || scene.content <= 12) =>
                {
                    // One of the same unit tells more than a bare number.
                    let closer = q.unit.is_some() && a.unit.is_some();
                    if other.is_none_or(|(_, known): ((f64, f64), bool)| closer && !known) {
                        other = Some(((q.value, a.value), closer));
                    }
                }
                _ => {}
            }
        }
        match best {
            Likeness::Equal => out.agree += 1,
            Likeness::Near => out.near += 1,
            _ => out.conflict = out.conflict.or(other.map(|(pair, _)| pair)),
        }
    }
    out
}

fn dates(reference: &Text, answer: &Text) -> Dates {
    let mut out = Dates::default();
    for d in &reference.dates {
        out.expected += 1;
        match answer.dates.iter().map(|a| d.agreement(a)).max() {
            Some(Agreement::Full) => out.full += 1,
            Some(Agreement::Coarser) => out.coarser += 1,
            Some(Agreement::Conflict) => out.conflict += 1,
            Some(Agreement::Apart) | None => {}
        }
    }
    out
}

/// Fresh words of the answer that are expected.
fn expected_words(scene: &Scene, reference: &Text, matches: &[Match]) -> usize {
    let mut expected = vec![false; scene.is_fresh.len()];
    let last = expected.len();
    let here = |t: &Token| scene.answer.positions(t.key).take_while(move |&at| (at as usize) < last);
    let places = reference.tokens.iter().flat_map(here).chain(matches.iter().filter_map(|m| m.at));
    for at in places {
        if let Some(word) = expected.get_mut(at as usize) {
            *word = true;
        }
    }
    expected.iter().zip(&scene.is_fresh).filter(|(a, b)| **a && **b).count()
}

/// Three words or more, and an auxiliary, a pronoun or a negator among them, or four words that carry meaning.
fn is_statement(reference: &Text, content: usize) -> bool {
    let claims = || reference.tokens.iter().any(|t| t.negator || reference.meaning(t).claim);
    content >= 4 || (reference.tokens.len() >= 3 && claims()) || reference.tokens.len() == 2 && reference.tokens.iter().any(|t| t.negator)
}

/// One negates and the other does not, where most of the expected weight stands together.
fn flipped(reference: &Text, answer: &Searched, place: &Place) -> bool {
    let Some((from, to)) = place.span.filter(|_| place.recall >= 0.6) else { return false };
    let tokens = &answer.text.tokens;
    let sentence = tokens[from as usize].sentence;
    let start = from.saturating_sub(2).max(u32::from(polarity(&answer.text).is_some())).min(from) as usize;
    let negates = tokens[start..=to as usize].iter().any(|t| t.negator && t.sentence >= sentence);
    let skipped = usize::from(polarity(reference).is_some());
    negates != reference.tokens[skipped..].iter().any(|t| t.negator)
}

/// `Yes ...` or `No, ...`; `No refunds` is a negation instead.
fn polarity(text: &Text) -> Option<bool> {
    match text.word(text.tokens.first()?) {
        "yes" => Some(true),
        "no" if text.tokens.get(1).is_none_or(|next| next.gap != ' ') => Some(false),
        _ => None,
    }
}
