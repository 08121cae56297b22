//! Signs of tiredness, from a person's own pace and scores only. A nudge is said once and never locks anything.

use crate::domain::log::ItemRef;
use crate::domain::{GraderName, Score};
use crate::review::queue::Ledger;

/// Decisions in a row that count for a change of pace.
const WINDOW: usize = 8;
/// Faster than this share of the own median is a nudge.
const HURRY: f64 = 0.4;
/// Equal scores in a row that are worth a word.
const RUN: usize = 12;
/// Decisions after which a break is suggested.
const SOFT_BREAK: usize = 25;
/// Decisions and minutes that make a session.
const SESSION: usize = 40;
const SESSION_MINUTES: i64 = 50;

/// One decision of a sitting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Seconds that it took.
    pub seconds: u32,
    /// The score, if one was given.
    pub score: Option<Score>,
}

/// A word to a tired person.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Nudge {
    /// The last decisions were far quicker than the person's own median.
    Hurry {
        /// Own median, in seconds.
        median: f64,
    },
    /// The same score again and again.
    SameScore {
        /// Which.
        score: Score,
        /// How often in a row.
        times: usize,
    },
    /// Time for a break.
    Break {
        /// Decisions in this sitting.
        decisions: usize,
    },
    /// Enough for one session.
    Enough {
        /// Decisions in this sitting.
        decisions: usize,
        /// Minutes since it began.
        minutes: i64,
    },
}

impl Nudge {
    /// What there is to say after the last of these decisions. `usual` is the median of earlier sittings in seconds; without it the
    /// decisions before the last eight tell.
    #[must_use]
    pub fn after(beats: &[Beat], usual: Option<f64>, minutes: i64, minutes_before: i64) -> Option<Self> {
        let n = beats.len();
        if n == SESSION || (minutes >= SESSION_MINUTES && minutes_before < SESSION_MINUTES) {
            return Some(Self::Enough { decisions: n, minutes });
        }
        if n == SOFT_BREAK {
            return Some(Self::Break { decisions: n });
        }
        let (earlier, last) = beats.split_at(n.saturating_sub(WINDOW));
        let own = if earlier.len() >= WINDOW { median_seconds(earlier.iter().map(|b| b.seconds)) } else { None };
        let hurried = |median: f64| last.len() == WINDOW && last.iter().all(|b| f64::from(b.seconds) < HURRY * median);
        // Once a stretch: the one that has just become eight long, and every eighth after it.
        if let Some(median) = usual.or(own).filter(|m| hurried(*m) && hurried_stretch(beats, *m).is_multiple_of(WINDOW)) {
            return Some(Self::Hurry { median });
        }
        let score = beats.last()?.score?;
        let times = beats.iter().rev().take_while(|b| b.score == Some(score)).count();
        (times > 0 && times.is_multiple_of(RUN)).then_some(Self::SameScore { score, times })
    }

    /// In words, without a full stop.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Hurry { median } => {
                format!("your last 8 took far less than your usual {median:.0} seconds: a short break, or more time for each?")
            }
            Self::SameScore { score, times } => format!("{times} times a {score} in a row: still looking at each one afresh?"),
            Self::Break { decisions } => format!("{decisions} decisions: a good moment for a break, everything is saved"),
            Self::Enough { decisions, minutes } => {
                format!("{decisions} decisions in {minutes} minutes are enough for one session, everything is saved")
            }
        }
    }
}

fn hurried_stretch(beats: &[Beat], median: f64) -> usize {
    beats.iter().rev().take_while(|b| f64::from(b.seconds) < HURRY * median).count()
}

/// The lower median of some seconds; absent for none.
#[must_use]
pub fn median_seconds(seconds: impl Iterator<Item = u32>) -> Option<f64> {
    let mut all: Vec<u32> = seconds.collect();
    all.sort_unstable();
    all.get(all.len().checked_sub(1)? / 2).map(|s| f64::from(*s))
}

/// How often a person's last word is the judges' score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reliance {
    /// Decisions on items with a judges' score.
    pub of: u64,
    /// Blind scores equal to it.
    pub blind: u64,
    /// Final scores equal to it.
    pub last: u64,
}

impl Reliance {
    /// Counts a person's labelling decisions, of all people for `None`. `judges` gives the judges' median.
    #[must_use]
    pub fn of(ledger: &Ledger, by: Option<&GraderName>, judges: &dyn Fn(&ItemRef) -> Option<Score>) -> Self {
        let mut r = Self::default();
        for g in ledger.grades().all().iter().filter(|g| g.decision.seat.labels() && g.decision.blind && by.is_none_or(|b| g.by == *b)) {
            if let (Some(judged), Some(given)) = (judges(&g.decision.on), g.decision.score) {
                r.of += 1;
                r.blind += u64::from(given == judged);
                r.last += u64::from(g.last() == Some(judged));
            }
        }
        r
    }

    /// An alarm when final scores are nearly always the judges': at least 98% of 50 or more. In words, without a full stop.
    #[must_use]
    pub fn alarm(self) -> Option<String> {
        (self.of >= 50 && self.last * 100 >= self.of * 98).then(|| {
            format!(
                "{} of {} final scores are the judges' own ({} before the reveal): are people still judging for themselves?",
                self.last, self.of, self.blind
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beats(seconds: &[u32]) -> Vec<Beat> {
        (0_usize..).zip(seconds).map(|(i, s)| Beat { seconds: *s, score: Some(Score::ALL[i % 5]) }).collect()
    }

    fn after(b: &[Beat]) -> Option<Nudge> {
        Nudge::after(b, None, 1, 1)
    }

    #[test]
    fn eight_decisions_under_two_fifths_of_the_own_median_are_a_nudge_once() {
        let mut all = vec![60; 10];
        all.extend([20; 7]);
        assert_eq!(after(&beats(&all)), None);
        all.push(20);
        assert_eq!(after(&beats(&all)), Some(Nudge::Hurry { median: 60.0 }));
        all.push(20);
        assert_eq!(after(&beats(&all)), None, "said once");
        assert_eq!(after(&beats(&[20; 16])), None, "a quick person is not hurried");
    }

    #[test]
    fn the_same_score_twelve_times_is_worth_a_word() {
        let same = |n| vec![Beat { seconds: 30, score: Some(Score::ALL[3]) }; n];
        assert_eq!(after(&same(11)), None);
        assert_eq!(after(&same(12)), Some(Nudge::SameScore { score: Score::ALL[3], times: 12 }));
        assert_eq!(after(&same(13)), None);
    }

    #[test]
    fn a_break_comes_at_25_and_the_end_at_40_or_50_minutes() {
        assert_eq!(after(&beats(&[30; 25])), Some(Nudge::Break { decisions: 25 }));
        assert!(matches!(after(&beats(&[30; 40])), Some(Nudge::Enough { .. })));
        assert!(matches!(Nudge::after(&beats(&[30; 9]), None, 51, 49), Some(Nudge::Enough { .. })));
        assert_eq!(Nudge::after(&beats(&[30; 9]), None, 53, 51), None);
    }

    #[test]
    fn agreement_near_98_percent_after_the_reveal_is_an_alarm() {
        assert!(Reliance { of: 100, blind: 70, last: 98 }.alarm().is_some());
        assert!(Reliance { of: 100, blind: 97, last: 97 }.alarm().is_none());
        assert!(Reliance { of: 49, blind: 49, last: 49 }.alarm().is_none());
    }
}
