//! What the estimate needs of one output: 48 bytes, so that a million of them is a small thing.

use super::difference::Row;
use super::refuse::Refusal;

/// What a drawn item's blind grade says.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlindGrade {
    /// The grade, 1 to 5 (a mean where several people graded).
    pub score: f32,
    /// True at or above the rubric's pass mark.
    pub pass: bool,
    /// Who graded, by index; any fixed numbering.
    pub grader: u16,
}

/// Where an item stands with people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Review {
    /// The design did not draw it.
    NotDrawn,
    /// Drawn, and no blind grade yet (or it was skipped).
    Waiting,
    /// Drawn and graded, before the judges were shown.
    Graded(BlindGrade),
}

/// The judges' label of an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// They pass it.
    Pass,
    /// They fail it.
    Fail,
    /// They gave no score.
    Unscored,
}

/// One output of one agent, as the estimate sees it. A grade from outside the design (a complaint, curiosity) is not
/// entered here: it labels the case and says nothing of the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Item {
    /// Which items look alike: the case where trials repeat, else the document, template or conversation.
    pub cluster: u64,
    /// Index of its stratum in the design.
    pub stratum: u32,
    /// P(people pass it), by the frozen calibrator, 0 to 1.
    pub predicted: f64,
    /// E(grade), from judges alone, frozen: 1 to 5.
    pub expected_score: f32,
    /// Var(grade) given what judges say; see [`score_variance`].
    pub score_variance: f32,
    /// Minutes that grading it takes or took.
    pub minutes: f32,
    /// The judges' label: their lower median against the pass mark.
    pub label: Label,
    /// True if the judges' label stands unless the audit draws it: no person was asked because of it.
    pub accepted: bool,
    /// Where it stands with people.
    pub review: Review,
}

/// A default for [`Item::score_variance`] where no ordinal calibrator exists: passes lie near 4.5 and failures near 2.2,
/// each with a variance of about one half, so `0.5 + 5 p(1-p)`. Only widths depend on it, not the estimate.
#[must_use]
pub fn score_variance(p: f64) -> f64 {
    0.5 + 5.0 * p * (1.0 - p)
}

impl Item {
    /// The blind grade, where there is one.
    #[must_use]
    pub fn grade(&self) -> Option<BlindGrade> {
        match self.review {
            Review::Graded(g) => Some(g),
            Review::NotDrawn | Review::Waiting => None,
        }
    }

    /// True if the design drew it.
    #[must_use]
    pub fn drawn(&self) -> bool {
        self.review != Review::NotDrawn
    }

    /// `p(1-p)`: the variance that the calibrator expects of the pass.
    #[must_use]
    pub fn pass_variance(&self) -> f64 {
        self.predicted * (1.0 - self.predicted)
    }

    /// In terms of passes, with a given prediction.
    fn row(&self, predicted: f64, seen: Option<f64>) -> Row {
        Row { stratum: self.stratum, cluster: self.cluster, predicted, expected_variance: self.pass_variance(), seen }
    }

    /// In terms of passes.
    #[must_use]
    pub fn pass_row(&self) -> Row {
        self.row(self.predicted, self.grade().map(|g| f64::from(u8::from(g.pass))))
    }

    /// In terms of passes, without any judge: what people alone say.
    #[must_use]
    pub fn people_row(&self) -> Row {
        Row { predicted: 0.0, ..self.pass_row() }
    }

    /// In terms of passes, with a fixed answer for what is drawn and not graded: the worst cases.
    #[must_use]
    pub fn assumed_row(&self, pass: bool) -> Row {
        let row = self.pass_row();
        if self.review == Review::Waiting { Row { seen: Some(f64::from(u8::from(pass))), ..row } } else { row }
    }

    /// In terms of grades, 1 to 5.
    #[must_use]
    pub fn score_row(&self) -> Row {
        let seen = self.grade().map(|g| f64::from(g.score));
        Row { expected_variance: f64::from(self.score_variance), ..self.row(f64::from(self.expected_score), seen) }
    }

    /// In terms of squared grades.
    #[must_use]
    pub fn square_row(&self) -> Row {
        let predicted = f64::from(self.expected_score).powi(2) + f64::from(self.score_variance);
        let seen = self.grade().map(|g| f64::from(g.score).powi(2));
        Row { expected_variance: 0.0, ..self.row(predicted, seen) }
    }
}

/// Refuses numbers that are off their scale.
///
/// # Errors
/// [`Refusal::OffScale`] with the position of the first.
pub fn check(items: &[Item]) -> Result<(), Refusal> {
    let fine = |i: &Item| {
        (0.0..=1.0).contains(&i.predicted)
            && (1.0..=5.0).contains(&i.expected_score)
            && (0.0..=16.0).contains(&i.score_variance)
            && i.minutes.is_finite()
            && i.minutes >= 0.0
            && i.grade().is_none_or(|g| (1.0..=5.0).contains(&g.score))
    };
    match (0_u64..).zip(items).find(|(_, i)| !fine(i)) {
        Some((item, _)) => Err(Refusal::OffScale { item }),
        None => Ok(()),
    }
}
