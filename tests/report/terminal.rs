//! The terminal at 80 columns, without colour, as a reader sees it.

use insta::assert_snapshot;
use tribunal::domain::{TrialRow, Verdict};
use tribunal::report::{GateNote, GateState, Look, Report, lists, show, terminal};
use unicode_width::UnicodeWidthStr;

use crate::fake::{ONE, Shape, run};

fn summary(report: &Report, width: usize, color: bool) -> String {
    let mut out = Vec::new();
    terminal::render(report, Look { width, color, ..Look::default() }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn fits(text: &str, width: usize) {
    for line in text.lines() {
        assert!(line.width() <= width, "{} columns: {line}", line.width());
        assert_eq!(line.trim_end(), line, "trailing white space");
    }
}

const TWO: Shape = Shape { agents: &["concise", "baseline"], ..ONE };

#[test]
fn one_agent() {
    let text = summary(&run(ONE).0, 80, false);
    fits(&text, 80);
    assert_snapshot!(text);
}

#[test]
fn two_agents_and_a_gate() {
    let (mut report, _) = run(TWO);
    report.gate = Some(GateNote {
        state: GateState::Undecided,
        reasons: vec!["accuracy at least 90%: the interval holds it; 14 more grades would decide".into()],
    });
    let text = summary(&report, 80, false);
    fits(&text, 80);
    assert_snapshot!(text);
}

#[test]
fn agents_are_compared_only_on_what_is_settled_for_both() {
    let (mut report, _) = run(Shape { cases: 8, agents: &["concise", "baseline", "third"], ..ONE });
    let section = |report: &Report| {
        let text = summary(report, 80, false);
        text.split("agents, case by case").nth(1).unwrap().split("\n\n").next().unwrap().to_owned()
    };
    assert_eq!(section(&report).lines().filter(|l| l.starts_with("- ")).count(), 3, "each against each");
    report.summary.pairs.truncate(1);
    let p = &mut report.summary.pairs[0];
    (p.settled, p.share, p.share_interval, p.score, p.score_interval) = (0, None, None, None, None);
    assert!(section(&report).contains("- baseline against concise: no common case is settled for both"), "{}", section(&report));
    assert!(!summary(&run(ONE).0, 80, false).contains("case by case"), "one agent is compared with nobody");
}

#[test]
fn everything_failed() {
    let text = summary(&run(Shape { down: true, cases: 12, ..ONE }).0, 80, false);
    fits(&text, 80);
    assert!(!text.contains("0.0%"), "an outage must not look like a score");
    assert_snapshot!(text);
}

#[test]
fn a_cascade_with_savings() {
    let text = summary(&run(Shape { cascade: true, ..ONE }).0, 80, false);
    fits(&text, 80);
    assert_snapshot!(text);
}

#[test]
fn unpriced_models() {
    let text = summary(&run(Shape { unpriced: true, cases: 30, ..ONE }).0, 80, false);
    fits(&text, 80);
    assert_snapshot!(text);
}

#[test]
fn every_width_is_kept() {
    for width in [60, 80, 100, 132, 200] {
        for shape in [ONE, TWO, Shape { agents: &["a", "b", "c", "d", "a-rather-long-agent-name"], cases: 20, ..ONE }] {
            fits(&summary(&run(shape).0, width, false), width);
        }
    }
}

#[test]
fn colour_changes_no_word() {
    let (report, _) = run(TWO);
    let plain = summary(&report, 80, false);
    let painted = summary(&report, 80, true);
    assert!(painted.contains('\x1b') && !plain.contains('\x1b'));
    let stripped = regex::Regex::new("\x1b\\[[0-9;]*m").unwrap().replace_all(&painted, "").into_owned();
    let words = |s: &str| s.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&stripped), words(&plain));
}

fn shown(pick: impl Fn(&TrialRow) -> bool) -> String {
    let (report, rows) = run(ONE);
    let row = rows.iter().find(|r| pick(r)).unwrap();
    let mut out = Vec::new();
    show::trial(&report.head, row, Look::default(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    fits(&text, 80);
    text
}

#[test]
fn a_split_case_in_full() {
    assert_snapshot!(shown(|r| matches!(r.tally.as_ref().map(|t| t.verdict), Some(Verdict::Split { .. })) && !r.case.accept.is_empty()));
}

#[test]
fn a_case_without_an_answer() {
    assert_snapshot!(shown(|r| r.answer.is_err()));
}

#[test]
fn the_lists() {
    let (report, rows) = run(Shape { cases: 12, ..TWO });
    let mut out = Vec::new();
    let mut items: Vec<TrialRow> = rows.iter().filter(|r| r.item.is_some()).cloned().collect();
    items.sort_by(|a, b| b.item.as_ref().unwrap().priority.total_cmp(&a.item.as_ref().unwrap().priority));
    lists::queue(&report.head, &items[..6], Look::default(), &mut out).unwrap();
    out.extend_from_slice(b"\n");
    lists::runs(std::slice::from_ref(&report.head), Look::default(), &mut out).unwrap();
    out.extend_from_slice(b"\n");
    let mut stream: tribunal::report::Rows<'_> = Box::new(rows.into_iter().map(Ok));
    lists::trials(&report.head, &mut stream, Look::default(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    fits(&text, 80);
    assert_snapshot!(text);
}

#[test]
fn empty_lists_say_so() {
    let (report, _) = run(ONE);
    let mut out = Vec::new();
    lists::queue(&report.head, &[], Look::default(), &mut out).unwrap();
    lists::runs(&[], Look::default(), &mut out).unwrap();
    assert_eq!(String::from_utf8(out).unwrap(), "the queue of run r-20261121-a1 is empty\nthere is no run yet: `tribunal run` makes one\n");
}
