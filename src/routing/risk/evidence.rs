//! What the words of question, answer and expected answers say for or against a verdict.

use super::signal::{Features, Signal};
use crate::domain::{Case, Score};
use crate::text::lexical::EMBEDDED;
use crate::text::lexical::assess::look;
use crate::text::lexical::model::Model;
use crate::text::lexical::signals::{Asked, Signals};

/// No answer is read further than this, in bytes: what decides a short comparison stands at the start.
const MAX_ANSWER: usize = 8192;

/// The lexical model that weighs words against verdicts.
#[derive(Clone, Debug)]
pub struct Words(Option<Model>);

impl Default for Words {
    /// The embedded weights.
    fn default() -> Self {
        // A test holds that the embedded file is sound; were it not, its signals would be absent.
        Self(Model::parse(EMBEDDED).ok())
    }
}

impl Words {
    /// With other weights.
    #[must_use]
    pub fn new(model: Model) -> Self {
        Self(Some(model))
    }

    /// No lexical evidence at all.
    #[must_use]
    pub fn none() -> Self {
        Self(None)
    }

    /// Sets the signals of the words. Nothing is set where nothing is expected.
    pub(super) fn measure(&self, case: &Case, answer: &str, mark: Score, passes: bool, out: &mut Features) {
        let Some(model) = self.0.as_ref().filter(|_| case.references().any(|r| !r.trim().is_empty())) else { return };
        let found = look(model, case, crate::text::lexical::tokens::head(answer, MAX_ANSWER));
        let pass = model.at_least(found.assessment.linear, mark);
        out.set(Signal::WordsAgainst, if passes { 1.0 - pass } else { pass });
        out.set(Signal::WordsUnsure, 4.0 * pass * (1.0 - pass));
        let against = found.signals.as_ref().is_some_and(|s| numbers_against(s, passes));
        out.set(Signal::NumbersAgainst, f64::from(u8::from(against)));
        out.set(Signal::Negation, f64::from(u8::from(passes && found.signals.is_some_and(|s| s.flipped))));
        let length = (found.content as f64).ln_1p();
        out.set(Signal::AnswerLength, length);
        out.set(Signal::LongFail, if passes { 0.0 } else { length });
        for (signal, asked) in [
            (Signal::AsksWho, Asked::Who),
            (Signal::AsksWhen, Asked::When),
            (Signal::AsksWhere, Asked::Where),
            (Signal::AsksHowMany, Asked::HowMany),
        ] {
            out.set(signal, f64::from(u8::from(found.asked == asked)));
        }
    }
}

fn numbers_against(s: &Signals, passes: bool) -> bool {
    if passes {
        s.numbers.conflict.is_some() || s.dates.conflict > 0
    } else {
        let expected = s.numbers.expected + s.dates.expected;
        expected > 0 && s.numbers.agree + s.dates.full == expected
    }
}
