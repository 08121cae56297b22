//! The features of the model, by name: small functions of the signals. The weights file names them.

use super::signals::{Asked, Scene, Signals, measure};
use super::tokens::Text;

/// Signals with their scene and what holds across all expected answers.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Question and answer.
    pub scene: &'a Scene,
    /// One expected answer beside it.
    pub signals: &'a Signals,
    /// How many expected answers there are.
    pub references: usize,
    /// Share of them that the answer holds whole.
    pub held: f64,
}

impl View<'_> {
    /// Logarithm of the answer's length in content words.
    fn length(&self) -> f64 {
        ((1 + self.scene.content) as f64).ln()
    }

    /// 1 for an answer of one word, 0 from nine words on.
    fn brief(&self) -> f64 {
        (1.0 - self.scene.content.saturating_sub(1) as f64 / 8.0).max(0.0)
    }

    fn reference_length(&self) -> f64 {
        f64::from(1 + self.signals.words.0).ln()
    }

    fn asks(&self, what: Asked) -> f64 {
        flag(self.scene.asked == what)
    }

    fn f1(&self) -> f64 {
        let (p, r) = (self.signals.precision, self.signals.recall);
        if p + r > 0.0 { 2.0 * p * r / (p + r) } else { 0.0 }
    }
}

fn flag(b: bool) -> f64 {
    f64::from(u8::from(b))
}

fn share(part: u32, all: u32) -> f64 {
    if all == 0 { 0.0 } else { f64::from(part) / f64::from(all) }
}

/// A feature: its name in the weights file, and how it is computed.
pub type Feature = (&'static str, fn(&View<'_>) -> f64);

/// All features. The constant comes first.
pub const FEATURES: &[Feature] = &[
    ("constant", |_| 1.0),
    ("exact", |v| flag(v.signals.exact)),
    ("contained", |v| flag(v.signals.contained)),
    ("contained_x_length", |v| flag(v.signals.contained) * v.length()),
    ("inside", |v| flag(v.signals.inside)),
    ("inside_x_recall", |v| flag(v.signals.inside) * v.signals.recall),
    ("recall", |v| v.signals.recall),
    ("recall_squared", |v| v.signals.recall * v.signals.recall),
    ("recall_whole", |v| flag(v.signals.recall > 0.95)),
    ("recall_none", |v| flag(v.signals.recall < 0.1)),
    ("recall_none_x_length", |v| flag(v.signals.recall < 0.1) * v.length()),
    ("recall_x_length", |v| v.signals.recall * v.length()),
    ("recall_x_brief", |v| v.signals.recall * v.brief()),
    ("recall_in_place", |v| v.signals.place.recall),
    ("first_word", |v| flag(v.signals.first)),
    ("last_word", |v| flag(v.signals.last)),
    ("first_and_last", |v| flag(v.signals.first && v.signals.last)),
    ("precision", |v| v.signals.precision),
    ("precision_x_brief", |v| v.signals.precision * v.brief()),
    ("f1", |v| v.f1()),
    ("triples", |v| v.signals.triples),
    ("triples_x_length", |v| v.signals.triples * v.length()),
    ("dice", |v| v.signals.dice),
    ("dice_x_brief", |v| v.signals.dice * v.brief()),
    ("numbers_agree", |v| share(v.signals.numbers.agree, v.signals.numbers.expected)),
    ("numbers_near", |v| share(v.signals.numbers.near, v.signals.numbers.expected)),
    ("numbers_conflict", |v| flag(v.signals.numbers.conflict.is_some())),
    ("numbers_missing", |v| {
        let n = &v.signals.numbers;
        flag(n.expected > n.agree + n.near && n.conflict.is_none())
    }),
    ("dates_full", |v| share(v.signals.dates.full, v.signals.dates.expected)),
    ("dates_coarser", |v| share(v.signals.dates.coarser, v.signals.dates.expected)),
    ("dates_conflict", |v| share(v.signals.dates.conflict, v.signals.dates.expected)),
    ("dates_missing", |v| {
        let d = &v.signals.dates;
        share(d.expected - d.full - d.coarser - d.conflict, d.expected)
    }),
    ("yes_no_conflict", |v| flag(v.signals.polarity == Some(false))),
    ("refusal", |v| flag(v.scene.refusal)),
    ("length", |v| v.length()),
    ("brief", |v| v.brief()),
    ("reference_length", |v| v.reference_length()),
    ("reference_length_x_recall", |v| v.reference_length() * v.signals.recall),
    ("extra_words", |v| ((1 + v.signals.extra) as f64).ln()),
    ("nothing_fresh_x_recall", |v| flag(v.scene.fresh == 0) * v.signals.recall),
    ("early", |v| 1.0 - v.signals.position),
    ("who", |v| v.asks(Asked::Who)),
    ("when", |v| v.asks(Asked::When)),
    ("where", |v| v.asks(Asked::Where)),
    ("how_many", |v| v.asks(Asked::HowMany)),
    ("who_x_recall", |v| v.asks(Asked::Who) * v.signals.recall),
    ("when_x_recall", |v| v.asks(Asked::When) * v.signals.recall),
    ("where_x_recall", |v| v.asks(Asked::Where) * v.signals.recall),
    ("how_many_x_recall", |v| v.asks(Asked::HowMany) * v.signals.recall),
    ("who_x_last_word", |v| v.asks(Asked::Who) * flag(v.signals.last)),
    ("references", |v| (v.references as f64).ln()),
    ("references_held", |v| v.held),
];

/// Every expected answer beside the answer: its signals and the values of its features.
#[must_use]
pub fn rows(scene: &Scene, references: &[Text]) -> Vec<(Signals, Vec<f64>)> {
    let all: Vec<Signals> = references.iter().map(|r| measure(scene, r)).collect();
    let held = all.iter().filter(|s| s.recall > 0.95).count() as f64 / all.len().max(1) as f64;
    all.into_iter()
        .map(|signals| {
            let row = values(&View { scene, signals: &signals, references: references.len(), held });
            (signals, row)
        })
        .collect()
}

/// The value of every feature, in the order of [`FEATURES`].
#[must_use]
pub fn values(view: &View<'_>) -> Vec<f64> {
    FEATURES.iter().map(|(_, of)| of(view)).collect()
}
