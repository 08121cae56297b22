//! A small run joined with its design and grades.

use super::*;
use crate::domain::grade::plain;
use crate::domain::log::{Act, Author, Entry, Event, Head, ItemRef, Known, Via, seal};
use crate::domain::{DesignStratum, EventId, GraderName, Score};
use crate::stats::estimate::Estimate;
use crate::stats::fixture::{agent, row, run};

fn events(head: &RunHead, graded: &[(&TrialRow, u8, bool)]) -> Vec<Event> {
    let mut end = Head::default();
    graded
        .iter()
        .enumerate()
        .map(|(i, (row, score, blind))| {
            let on = ItemRef {
                item: row.item_digest(head.rubric_of(&row.key.set).unwrap()).unwrap(),
                run: head.id.clone(),
                seq: row.key.seq,
                set: row.key.set.clone(),
                case: row.case.id.clone(),
                case_digest: row.case_digest,
            };
            let mut decision = plain(on, Score::try_from(*score).unwrap(), Via::Web);
            decision.blind = *blind;
            let by = Author { name: GraderName::new("ana").unwrap(), known: Known::Local };
            let entry = Entry { id: EventId::new(&format!("d-{i}")).unwrap(), at_ms: 0, by, act: Act::Decided(decision) };
            let link = seal(entry, &end).unwrap();
            end = Head { events: end.events + 1, digest: link.digest };
            serde_json::from_str(&link.body).unwrap()
        })
        .collect()
}

/// 40 answers: the first four disputed (certain), of the other 36 the first `drawn` drawn.
fn design(rows: &[TrialRow], drawn: u64) -> (Design, Vec<DesignItem>) {
    let stratum = |reason, size, drawn| DesignStratum { agent: agent("a"), reason, size, drawn };
    let strata = vec![stratum(Reason::Must, 4, 4), stratum(Reason::Audit, 36, drawn)];
    let items: Vec<DesignItem> = (0u64..)
        .zip(rows)
        .map(|(i, r)| {
            let (stratum, rank) = if i < 4 { (0, i) } else { (1, i - 4) };
            DesignItem { seq: r.key.seq, stratum, rank, predicted: if i < 4 { 0.5 } else { 0.95 }, minutes: 0.5 }
        })
        .collect();
    (Design::freeze(1, None, Digest::of_bytes(b"c"), strata, &items), items)
}

fn rows() -> Vec<TrialRow> {
    (0..40).map(|c| row(c, 0, "a", if c < 4 { &[1, 5] } else { &[5, 5] })).collect()
}

fn honest(rows: &[TrialRow], design: Option<(Design, Vec<DesignItem>)>, graded: &[(&TrialRow, u8, bool)]) -> Honest {
    let head = run(1, 2);
    let grades = Grades::of(&events(&head, graded));
    let mut b = HonestBuilder::new(&head, design, &grades);
    for r in rows {
        b.add(r);
    }
    b.finish()
}

fn refusal(h: &Honest) -> Option<Refusal> {
    match &h.agents[0].release.estimate {
        Estimate::NotEstimable { refusal } => Some(refusal.clone()),
        Estimate::Estimated(_) => None,
    }
}

#[test]
fn disputed_answers_alone_never_make_an_estimate() {
    let rows = rows();
    let graded: Vec<_> = rows[..4].iter().map(|r| (r, 1, true)).collect();
    let h = honest(&rows, Some(design(&rows, 18)), &graded);
    assert_eq!(refusal(&h), Some(Refusal::Ungraded { drawn: 22, graded: 4 }));
    assert_eq!(h.people.graded, 4);
}

#[test]
fn random_grades_correct_the_judges() {
    let rows = rows();
    // Judges pass the 36; people fail 9 of the 18 drawn, and all disputed ones.
    let graded: Vec<_> = rows[..22].iter().enumerate().map(|(i, r)| (r, if i >= 13 { 5 } else { 2 }, true)).collect();
    let h = honest(&rows, Some(design(&rows, 18)), &graded);
    let e = h.agents[0].release.estimated().unwrap();
    assert!((e.pass_rate.theta - 0.45).abs() < 1e-9, "36 x 0.5 of 40: {}", e.pass_rate.theta);
    assert!(e.pass_rate.interval.low > 0.2 && e.pass_rate.interval.high < 0.7);
    assert!(h.agents[0].release.judge_only.pass_rate.unwrap() >= 0.9);
}

#[test]
fn grades_after_the_reveal_do_not_count() {
    let rows = rows();
    let graded: Vec<_> = rows[..22].iter().map(|r| (r, 5, false)).collect();
    let h = honest(&rows, Some(design(&rows, 18)), &graded);
    assert_eq!(refusal(&h), Some(Refusal::Ungraded { drawn: 22, graded: 0 }));
}

#[test]
fn grades_of_answers_that_were_not_drawn_do_not_count() {
    let rows = rows();
    let picked: Vec<_> = rows[30..].iter().map(|r| (r, 1, true)).collect();
    let drawn: Vec<_> = rows[..22].iter().map(|r| (r, 5, true)).collect();
    let with = honest(&rows, Some(design(&rows, 18)), &[drawn.clone(), picked].concat());
    let without = honest(&rows, Some(design(&rows, 18)), &drawn);
    let theta = |h: &Honest| h.agents[0].release.estimated().unwrap().pass_rate.theta;
    assert!((theta(&with) - theta(&without)).abs() < 1e-12);
    assert_eq!((with.people.graded, without.people.graded), (32, 22), "they still tell how judges and people agree");
}

#[test]
fn an_answer_that_the_design_does_not_hold_is_a_changed_design() {
    let mut rows = rows();
    let d = design(&rows, 18);
    rows.push(row(77, 0, "a", &[5, 5]));
    assert_eq!(refusal(&honest(&rows, Some(d), &[])), Some(Refusal::DesignChanged));
    assert_eq!(refusal(&honest(&rows, None, &[])), Some(Refusal::NothingDrawn));
}
