//! The sentences that are printed with the number: what it assumes, and what looks wrong.

/// Facts that decide which sentences apply.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Facts {
    pub graded: u64,
    pub missing: u64,
    pub graders: u64,
    pub clustered: bool,
    pub whole: bool,
    pub contradicted: bool,
}

/// Below this many grades the interval is only indicative.
pub(super) const FEW: u64 = 30;

/// What the number rests on.
pub(super) fn assumptions(f: Facts) -> Vec<String> {
    let mut all = vec![
        "The questions of this set stand for the questions that users ask.".to_owned(),
        "Grades were given blind: before the judges' scores were shown.".to_owned(),
        "The predictions were frozen before the first grade, and none was fitted on this run's grades.".to_owned(),
    ];
    if !f.whole {
        all.push(
            "Items were drawn at random with the probabilities stored in the design, which was frozen before the first grade.".to_owned(),
        );
    }
    all.push(if f.clustered {
        "Items of one cluster may succeed or fail together; clusters do not influence each other.".to_owned()
    } else {
        "No two questions are alike: each is a draw of its own.".to_owned()
    });
    all.push(match f.graders {
        0 | 1 => "One person graded: if that person is too kind or too strict, so is the number.".to_owned(),
        n => format!("The {n} people who graded stand for all qualified graders; a severity that they share is not in the interval."),
    });
    if f.missing > 0 {
        all.push(format!(
            "{} drawn items without a grade resemble the graded ones of their stratum; the worst cases are given beside it.",
            f.missing
        ));
    }
    if f.contradicted {
        all.push(
            "The grades contradict the frozen predictions (a judge or the questions changed): the interval was widened; refit before the next run."
                .to_owned(),
        );
    }
    if f.graded < FEW {
        all.push(format!("Only {} grades: the interval is indicative.", f.graded));
    }
    all
}
