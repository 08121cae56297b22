//! The model: a ridge logistic regression over the signals, its embedded prior, and its update by a team's own decisions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::signal::{Features, Signal};
use crate::stats::calibrate::NoFit;
use crate::stats::calibrate::logistic::{Logistic, Penalty, Row};

/// The prior that comes with the program; written by the example `fit_risk`.
const EMBEDDED: &str = include_str!("prior.json");

/// The format that this version reads and writes.
pub const FORMAT: &str = "tribunal risk prior/1";

/// The signals that the model uses. The others are measured and shown: questions' kinds made it worse on questions that it
/// had not seen, and no recorded set has lost ballots.
pub const IN_MODEL: [Signal; 17] = [
    Signal::Against,
    Signal::Spread,
    Signal::NearMark,
    Signal::Unsure,
    Signal::SamplesDisagree,
    Signal::Fails,
    Signal::ReasonLength,
    Signal::WordsAgainst,
    Signal::WordsUnsure,
    Signal::NumbersAgainst,
    Signal::Negation,
    Signal::AnswerLength,
    Signal::LongFail,
    Signal::OthersDiffer,
    Signal::OthersSplit,
    Signal::AlikeFail,
    Signal::AlikePass,
];

/// How many graded items of the team's own the prior weighs in an update.
pub const PRIOR_ITEMS: f64 = 200.0;

/// The prior knows how signals matter better than how often a team's judges err: its base rate weighs this much less.
const BASE_RATE: f64 = 0.1;

/// P(wrong) when nothing is known of an output.
const UNKNOWN: f64 = 0.15;

/// One coefficient.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// Average of the signal.
    pub centre: f64,
    /// Standard deviation of the signal.
    pub scale: f64,
    /// What one standard deviation adds to the logit.
    pub weight: f64,
    /// How much is known of the weight: diagonal of the penalised information matrix.
    pub information: f64,
}

/// A set that the prior was fitted on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name of the file.
    pub name: String,
    /// Where it is published.
    pub origin: String,
    /// Its licence.
    pub licence: String,
    /// BLAKE3 of the file.
    pub blake3: String,
    /// Which panels of its judges were fitted on.
    pub panels: String,
    /// Verdicts fitted on, over all panels.
    pub verdicts: usize,
    /// Those that people overrule.
    pub wrong: usize,
}

/// The prior as it stands in its file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriorFile {
    /// What this file is, and its version.
    pub format: String,
    /// What it was fitted on.
    pub sources: Vec<Source>,
    /// How it was fitted, in words.
    pub method: String,
    /// Ridge penalty on standardised signals.
    pub ridge: f64,
    /// Sum of the rows' weights.
    pub items: f64,
    /// The intercept: `centre` 0, `scale` 1.
    pub intercept: Term,
    /// The weight of every signal in the model.
    pub signals: BTreeMap<String, Term>,
}

/// Why a prior was refused.
#[derive(Debug, thiserror::Error)]
pub enum PriorFault {
    /// It is no JSON of the right shape.
    #[error("the prior cannot be read")]
    Shape(#[source] serde_json::Error),
    /// It was written for another version.
    #[error("the prior is of format `{0}`, this version reads `{FORMAT}`")]
    Format(String),
    /// A name that is no signal.
    #[error("the prior names `{0}`, which is no signal")]
    Signal(String),
    /// A number is not finite, or a scale, an information or a weight of rows is not over 0.
    #[error("the prior holds a number that is off its range")]
    Number,
}

/// An output that people graded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// Its signals, measured before the grade.
    pub features: Features,
    /// People overruled the verdict.
    pub wrong: bool,
    /// 1 over its probability of being reviewed, or 1 throughout.
    pub weight: f64,
}

/// P(a verdict is wrong) by its signals.
#[derive(Clone, Debug, PartialEq)]
pub struct ChanceWrong {
    signals: Vec<Signal>,
    logistic: Logistic,
    items: f64,
}

impl Default for ChanceWrong {
    /// The embedded prior.
    fn default() -> Self {
        // A test holds that the embedded file is sound; were it not, every output would be as doubtful as any other.
        Self::parse(EMBEDDED).unwrap_or_else(|_| Self::ignorant())
    }
}

impl ChanceWrong {
    /// The same for every output.
    #[must_use]
    pub fn ignorant() -> Self {
        let intercept = (UNKNOWN / (1.0 - UNKNOWN)).ln();
        let logistic = Logistic { centre: vec![], scale: vec![], intercept, weights: vec![], information: vec![1.0] };
        Self { signals: Vec::new(), logistic, items: 1.0 }
    }

    /// Reads a prior.
    ///
    /// # Errors
    /// [`PriorFault`] when it is of another shape or format, names no signal, or holds impossible numbers.
    pub fn parse(text: &str) -> Result<Self, PriorFault> {
        let file: PriorFile = serde_json::from_str(text).map_err(PriorFault::Shape)?;
        if file.format != FORMAT {
            return Err(PriorFault::Format(file.format.chars().take(80).collect()));
        }
        let over_zero = |x: f64| x.is_finite() && x > 0.0;
        let sound = |t: &Term| t.centre.is_finite() && t.weight.is_finite() && over_zero(t.scale) && over_zero(t.information);
        if !over_zero(file.items) || !sound(&file.intercept) || !file.signals.values().all(sound) {
            return Err(PriorFault::Number);
        }
        let known = |(name, term): (String, Term)| {
            Signal::named(&name).map(|s| (s, term)).ok_or_else(|| PriorFault::Signal(name.chars().take(80).collect()))
        };
        let mut terms = file.signals.into_iter().map(known).collect::<Result<Vec<_>, _>>()?;
        terms.sort_unstable_by_key(|(s, _)| *s);
        let logistic = Logistic {
            centre: terms.iter().map(|(_, t)| t.centre).collect(),
            scale: terms.iter().map(|(_, t)| t.scale).collect(),
            intercept: file.intercept.weight,
            weights: terms.iter().map(|(_, t)| t.weight).collect(),
            information: std::iter::once(file.intercept.information).chain(terms.iter().map(|(_, t)| t.information)).collect(),
        };
        Ok(Self { signals: terms.into_iter().map(|(s, _)| s).collect(), logistic, items: file.items })
    }

    /// Fits a model on decisions alone: ridge logistic regression over [`IN_MODEL`], the intercept free.
    ///
    /// # Errors
    /// [`NoFit`] without decisions, or when all went one way.
    pub fn fit(decisions: &[Decision], ridge: f64) -> Result<Self, NoFit> {
        let signals = IN_MODEL.to_vec();
        let logistic = with_rows(&signals, decisions, |rows| Logistic::fit(rows, &Penalty::Ridge(ridge)))?;
        Ok(Self { signals, logistic, items: total(decisions) })
    }

    /// Updates this model by a team's own decisions: the coefficients that are most probable given both (MAP), the model
    /// weighing as `items` graded items ([`PRIOR_ITEMS`] unless you know better), its base rate a tenth of that.
    ///
    /// # Errors
    /// [`NoFit`] without decisions, or with weights that are no numbers.
    pub fn update(&self, decisions: &[Decision], items: f64) -> Result<Self, NoFit> {
        let strength = items / self.items;
        let mean = std::iter::once(self.logistic.intercept).chain(self.logistic.weights.iter().copied()).collect();
        let mut precision: Vec<f64> = self.logistic.information.iter().map(|i| i * strength).collect();
        if let Some(base) = precision.first_mut() {
            *base *= BASE_RATE;
        }
        let penalty = Penalty::Gaussian { mean, precision };
        let logistic = with_rows(&self.signals, decisions, |rows| self.logistic.update_with(rows, &penalty))?;
        Ok(Self { signals: self.signals.clone(), logistic, items: items + total(decisions) })
    }

    /// P(the verdict is wrong), strictly between 0 and 1.
    #[must_use]
    pub fn of(&self, features: &Features) -> f64 {
        let l = &self.logistic;
        let terms = self.signals.iter().zip(&l.centre).zip(&l.scale).zip(&l.weights);
        let logit = terms.fold(l.intercept, |t, (((signal, centre), scale), weight)| {
            t + features.get(*signal).map_or(0.0, |v| weight * ((v - centre) / scale).clamp(-LIMIT, LIMIT))
        });
        crate::stats::calibrate::logistic::sigmoid(logit).clamp(1e-9, 1.0 - 1e-9)
    }

    /// P(people pass the output), by the verdict's side: what the planner is given.
    #[must_use]
    pub fn passes(&self, features: &Features) -> f64 {
        let wrong = self.of(features);
        if features.fails() { wrong } else { 1.0 - wrong }
    }

    /// What each signal adds to the logit, the largest first: for saying why.
    #[must_use]
    pub fn why(&self, features: &Features) -> Vec<(Signal, f64)> {
        let l = &self.logistic;
        let terms = self.signals.iter().zip(&l.centre).zip(&l.scale).zip(&l.weights);
        let mut all: Vec<(Signal, f64)> = terms
            .filter_map(|(((s, centre), scale), weight)| Some((*s, weight * ((features.get(*s)? - centre) / scale).clamp(-LIMIT, LIMIT))))
            .collect();
        all.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
        all
    }

    /// The model as a file.
    #[must_use]
    pub fn to_file(&self, sources: Vec<Source>, method: &str, ridge: f64) -> PriorFile {
        let l = &self.logistic;
        let information = |i: usize| l.information.get(i).copied().map_or(0.0, rounded);
        let at = |list: &[f64], i: usize| list.get(i).copied().map_or(0.0, rounded);
        let term = |(i, s): (usize, &Signal)| {
            let (centre, scale, weight) = (at(&l.centre, i), at(&l.scale, i), at(&l.weights, i));
            (s.word().to_owned(), Term { centre, scale, weight, information: information(i + 1) })
        };
        PriorFile {
            format: FORMAT.into(),
            sources,
            method: method.into(),
            ridge,
            items: rounded(self.items),
            intercept: Term { centre: 0.0, scale: 1.0, weight: rounded(l.intercept), information: information(0) },
            signals: self.signals.iter().enumerate().map(term).collect(),
        }
    }
}

/// No signal counts for more than this many standard deviations: an answer of a million words is long, and no more.
const LIMIT: f64 = 4.0;

fn rounded(x: f64) -> f64 {
    (x * 1e6).round() / 1e6
}

fn total(decisions: &[Decision]) -> f64 {
    decisions.iter().map(|d| d.weight).filter(|w| w.is_finite() && *w > 0.0).sum()
}

fn with_rows<T>(signals: &[Signal], decisions: &[Decision], run: impl FnOnce(&[Row<'_>]) -> T) -> T {
    // The regression takes a cell that is no number as an absent one: this is the only place where absence is written so.
    let cells: Vec<f64> = decisions.iter().flat_map(|d| signals.iter().map(|s| d.features.get(*s).unwrap_or(f64::NAN))).collect();
    let width = signals.len();
    let row = |(i, d): (usize, &Decision)| {
        let x = cells.get(i * width..(i + 1) * width).unwrap_or_default();
        Row { x, y: f64::from(u8::from(d.wrong)), weight: d.weight }
    };
    let rows: Vec<Row<'_>> = decisions.iter().enumerate().map(row).collect();
    run(&rows)
}
