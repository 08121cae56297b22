//! From a frozen design and what is known of each output to the items of one agent's estimate.
//!
//! Invariant: only grades of drawn items enter; a grade obtained otherwise (a complaint, curiosity) never does.

use super::item::{BlindGrade, Item, Label, Review, score_variance};
use super::refuse::Refusal;
use crate::domain::{AgentName, Design, DesignItem, Reason};

/// What a run knows of one output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    /// Which items look alike: the case where trials repeat, else the document, template or conversation.
    pub cluster: u64,
    /// The mean of the judges' expected scores, 1 to 5; the middle of the scale where there is none.
    pub expected_score: f32,
    /// The judges' label.
    pub label: Label,
    /// The blind grade, wherever it came from.
    pub grade: Option<BlindGrade>,
}

/// The items of one agent's estimate, in order of the design's items. `known` is asked for every output of the agent.
///
/// # Errors
/// [`Refusal::DesignChanged`] where the design is not the one that was frozen with these items, or knows an output that
/// the run does not; [`Refusal::NoItems`] where the agent has none.
pub fn items(
    design: &Design,
    frozen: &[DesignItem],
    agent: &AgentName,
    mut known: impl FnMut(u64) -> Option<Known>,
) -> Result<Vec<Item>, Refusal> {
    if !design.holds(frozen) {
        return Err(Refusal::DesignChanged);
    }
    let mut out = Vec::new();
    for d in frozen {
        let stratum = design.strata.get(d.stratum as usize).ok_or(Refusal::DesignChanged)?;
        if stratum.agent != *agent {
            continue;
        }
        let k = known(d.seq).ok_or(Refusal::DesignChanged)?;
        let review = match k.grade {
            _ if d.rank >= stratum.drawn => Review::NotDrawn,
            Some(grade) => Review::Graded(grade),
            None => Review::Waiting,
        };
        #[expect(clippy::cast_possible_truncation, reason = "minutes and variances need no more digits")]
        let short = |x: f64| x as f32;
        out.push(Item {
            cluster: k.cluster,
            stratum: d.stratum,
            predicted: d.predicted,
            expected_score: k.expected_score,
            score_variance: short(score_variance(d.predicted)),
            minutes: short(d.minutes),
            label: k.label,
            accepted: stratum.reason == Reason::Audit,
            review,
        });
    }
    if out.is_empty() { Err(Refusal::NoItems) } else { Ok(out) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{DesignStratum, Digest};
    use crate::stats::fixture::agent;

    fn design() -> (Design, Vec<DesignItem>) {
        let strata = ["a", "b"].map(|a| DesignStratum { agent: agent(a), reason: Reason::Audit, size: 4, drawn: 2 }).into();
        let items: Vec<DesignItem> =
            (0..8).map(|seq| DesignItem { seq, stratum: u32::from(seq % 2 == 1), rank: seq / 2, predicted: 0.5, minutes: 1.0 }).collect();
        (Design::freeze(1, None, Digest::of_bytes(b"c"), strata, &items), items)
    }

    fn known(grade: bool) -> Known {
        let grade = grade.then_some(BlindGrade { score: 5.0, pass: true, grader: 0 });
        Known { cluster: 0, expected_score: 3.0, label: Label::Pass, grade }
    }

    #[test]
    fn a_grade_from_outside_the_draw_never_enters() {
        let (design, frozen) = design();
        let all = items(&design, &frozen, &agent("a"), |_| Some(known(true))).unwrap();
        assert_eq!(all.len(), 4);
        assert_eq!(all.iter().filter(|i| i.grade().is_some()).count(), 2);
        let waiting = items(&design, &frozen, &agent("a"), |_| Some(known(false))).unwrap();
        assert_eq!(waiting.iter().filter(|i| i.review == Review::Waiting).count(), 2);
    }

    #[test]
    fn a_design_that_was_touched_is_refused() {
        let (mut design, mut frozen) = design();
        assert_eq!(items(&design, &frozen, &agent("c"), |_| Some(known(true))), Err(Refusal::NoItems));
        assert_eq!(items(&design, &frozen, &agent("a"), |_| None), Err(Refusal::DesignChanged));
        frozen[3].predicted = 0.6;
        assert_eq!(items(&design, &frozen, &agent("a"), |_| Some(known(true))), Err(Refusal::DesignChanged));
        frozen[3].predicted = 0.5;
        design.strata[1].drawn = 3;
        assert_eq!(items(&design, &frozen, &agent("a"), |_| Some(known(true))), Err(Refusal::DesignChanged));
    }
}
