//! JUnit XML: what CI systems show.

use insta::assert_snapshot;
use tribunal::report::{Format, GateNote, GateState, Look, Rows, write};

use crate::fake::{ONE, Shape, run};

fn xml(gate: Option<GateState>, shape: Shape) -> String {
    let (mut report, rows) = run(shape);
    report.gate = gate.map(|state| GateNote { state, reasons: vec!["accuracy at least 90%: 66.7% <= 70%".into()] });
    let open = || -> Rows<'_> { Box::new(rows.iter().cloned().map(Ok)) };
    let mut out = Vec::new();
    write(Format::Junit, &report, &open, Look::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn junit_of_a_small_run() {
    assert_snapshot!(xml(Some(GateState::Fail), Shape { cases: 8, ..ONE }));
}

#[test]
fn the_counts_are_those_of_the_cases_below() {
    for state in [None, Some(GateState::Pass), Some(GateState::Fail), Some(GateState::Undecided)] {
        let text = xml(state, Shape { cases: 60, agents: &["concise", "baseline"], ..ONE });
        let doc = roxmltree::Document::parse(&text).unwrap();
        let named = |node: roxmltree::Node<'_, '_>, tag: &str| node.descendants().filter(|n| n.has_tag_name(tag)).count().to_string();
        for node in doc.descendants().filter(|n| n.has_tag_name("testsuite") || n.has_tag_name("testsuites")) {
            for (attribute, tag) in [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")] {
                assert_eq!(node.attribute(attribute), Some(named(node, tag).as_str()), "{tag} with gate {state:?}");
            }
        }
    }
}
