//! Two runs compared: every format as a snapshot, and as facts about hostile text; pictures and annotations likewise.

use std::collections::BTreeSet;
use std::sync::Arc;

use insta::assert_snapshot;
use tribunal::domain::panel::settle;
use tribunal::domain::*;
use tribunal::report::compare::{Against, AgentAgainst, Change, CompareFormat, Comparisons, listed, write};
use tribunal::report::{Look, Rows, github, svg};
use tribunal::stats::compare::RunCases;
use tribunal::stats::resample::Resampling;

use crate::fake::{ONE, Shape, run};
use crate::hostile::{INVISIBLE, PAYLOADS, poisoned, tags};

fn judged(row: &mut TrialRow, score: Score, policy: PanelPolicy) {
    for b in &mut row.ballots {
        b.outcome = Ok(Judgment::new(score, "as it is"));
    }
    row.tally = Some(settle(&row.ballots, &policy));
}

/// A made-up run, and the same a day later with some answers better and more of them worse. A payload stands in every text.
fn comparison(payload: Option<&str>, cases: u64) -> Comparisons {
    let (report, mut before) = run(Shape { cases, ..ONE });
    let head = report.head;
    if let Some(p) = payload {
        for row in &mut before {
            let case = Arc::make_mut(&mut row.case);
            p.clone_into(&mut case.question);
            p.clone_into(&mut case.expected);
            case.tags = vec![p.to_owned()];
            match &mut row.answer {
                Ok(o) => o.text = format!("one two three four {p}"),
                Err(f) => p.clone_into(&mut f.detail),
            }
        }
    }
    let mut later = head.clone();
    later.id = RunId::new("r-20261122-b2").unwrap();
    later.created_ms += 86_400_000;
    later.sets[0].digest = Digest::of_bytes(b"edited");
    let mut now = before.clone();
    for (i, row) in now.iter_mut().enumerate() {
        let Ok(output) = &mut row.answer else { continue };
        let score = match i % 12 {
            0 | 5 => Score::ALL[4],
            1 | 2 | 9 => Score::ALL[0],
            _ => continue,
        };
        if i % 2 == 0 {
            output.text = output.text.replacen(' ', " really ", 1);
        } else {
            output.text = format!("Something else altogether. {}", payload.unwrap_or("No."));
        }
        judged(row, score, head.policy);
    }
    let gather = |head: &RunHead, rows: &[TrialRow]| {
        let mut cases = RunCases::new(head);
        for row in rows {
            cases.add(row);
        }
        cases
    };
    let (x, y) = (gather(&head, &before), gather(&later, &now));
    let agent = head.agents[0].name.clone();
    let (numbers, changed) = x.against(&agent, &y, &agent, Resampling { seed: 7, times: 1_000 });
    let row = |rows: &[TrialRow], seq: Option<u64>| rows[usize::try_from(seq.unwrap()).unwrap()].clone();
    let change = |c| -> Change {
        let c: &tribunal::stats::compare::Changed = c;
        Change::of(c, (&head, &row(&before, c.a_seq)), (&later, &row(&now, c.b_seq)))
    };
    let changes: Vec<Change> = listed(&changed).map(change).collect();
    let told = payload.unwrap_or("judge `strict`").to_owned();
    let left_out = (changed.len() - changes.len()) as u64;
    let agents = vec![AgentAgainst { a: agent.clone(), b: agent, numbers, changes, left_out, corrected: None }];
    let notes = vec!["set refunds was edited between the runs: only the cases that stayed as they were are compared".to_owned()];
    let other = Against { baseline: head.clone(), run: later, differences: vec![told], notes, agents };
    Comparisons { baseline: head, others: vec![other] }
}

fn text(format: CompareFormat, all: &Comparisons) -> String {
    let mut out = Vec::new();
    write(format, all, Look::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_comparison_on_a_terminal() {
    let shown = text(CompareFormat::Terminal, &comparison(None, 100));
    assert!(shown.lines().all(|l| l.chars().count() <= 80), "{shown}");
    assert_snapshot!(shown);
}

#[test]
fn a_comparison_for_a_pull_request() {
    assert_snapshot!(text(CompareFormat::Markdown, &comparison(None, 40)));
}

#[test]
fn a_comparison_for_programs() {
    let document: serde_json::Value = serde_json::from_str(&text(CompareFormat::Json, &comparison(None, 24))).unwrap();
    insta::assert_json_snapshot!(document);
}

#[test]
fn a_comparison_as_a_page() {
    let page = text(CompareFormat::Html, &comparison(None, 60));
    let (_, after) = page.split_once("</style>").unwrap();
    assert_snapshot!(after);
    assert!(page.contains("script-src &#x27;none&#x27;") && !page.contains("<script"), "{}", &page[..600]);
    assert!(page.contains("<ins>really</ins>") || page.contains("<ins>really "), "similar answers are shown word by word");
}

#[test]
fn no_payload_adds_an_element_or_an_attribute_to_a_comparison() {
    let seen = |payload: &str| {
        let page = text(CompareFormat::Html, &comparison(Some(payload), 60));
        let (before, rest) = page.split_once("<style>").unwrap();
        let (_, after) = rest.split_once("</style>").unwrap();
        let (elements, attributes) = tags(&format!("{before}{after}"));
        (elements.into_iter().collect::<BTreeSet<_>>(), attributes.into_iter().collect::<BTreeSet<_>>())
    };
    let (mut elements, attributes) = seen("plain words");
    // Where a payload makes two answers similar, what went is marked too.
    elements.insert("del".to_owned());
    for payload in PAYLOADS {
        let (e, a) = seen(payload);
        assert!(e.is_subset(&elements), "{payload}: {e:?}");
        assert!(a.is_subset(&attributes), "{payload}: {a:?}");
    }
}

#[test]
fn a_comparison_in_markdown_holds_no_markup_of_a_stranger() {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    for payload in PAYLOADS {
        let text = text(CompareFormat::Markdown, &comparison(Some(payload), 60));
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
            match event {
                Event::Html(h) | Event::InlineHtml(h) => {
                    let ours = ["<details>", "</details>", "<summary>", "</"].iter().any(|o| h.starts_with(o));
                    assert!(ours && !h.contains("script") && !h.contains("onerror"), "{payload}: {h}");
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => panic!("{payload}: {dest_url}"),
                Event::Text(t) => assert!(!t.contains("@everyone"), "{payload}: a mention outside of code"),
                _ => {}
            }
        }
    }
}

#[test]
fn what_is_invisible_is_marked_and_no_line_is_a_command() {
    for payload in INVISIBLE.iter().chain(&["::error file=a.rs::owned"]) {
        let neutral = tribunal::text::neutral::visible(payload).into_owned();
        for format in [CompareFormat::Terminal, CompareFormat::Markdown, CompareFormat::Html, CompareFormat::Json] {
            let shown = text(format, &comparison(Some(payload), 24));
            let raw = shown.find(payload).map(|at| shown[..at].chars().rev().take(120).collect::<String>());
            assert!(neutral == *payload || raw.is_none(), "{format:?}: {payload:?} after (backwards) {raw:?}");
            // No log reads a page, whose style sheet names pseudo-elements.
            let obeyed = format != CompareFormat::Html && shown.lines().any(|l| l.trim_start().starts_with("::"));
            assert!(!obeyed, "{format:?}: {payload:?}");
        }
        let document: serde_json::Value = serde_json::from_str(&text(CompareFormat::Json, &comparison(Some(payload), 24))).unwrap();
        assert_eq!(document["comparisons"][0]["agents"][0]["changes"][0]["question"], **payload, "JSON is lossless");
    }
}

#[test]
fn pictures_are_well_formed_and_hold_nothing_but_shapes_and_text() {
    for payload in PAYLOADS.iter().chain(&INVISIBLE) {
        let (report, rows) = poisoned(payload);
        let mut stream: Rows<'_> = Box::new(rows.iter().cloned().map(Ok));
        let pictures = svg::pictures(&report, &mut stream).unwrap();
        assert!(pictures.len() >= 7, "{} pictures", pictures.len());
        for p in pictures {
            let doc = roxmltree::Document::parse(&p.svg).unwrap_or_else(|e| panic!("{}: {payload:?}: {e}", p.name));
            for node in doc.descendants().filter(roxmltree::Node::is_element) {
                let name = node.tag_name().name();
                assert!(["svg", "title", "desc", "rect", "line", "circle", "text"].contains(&name), "{name}");
                assert!(node.attributes().all(|a| !a.name().starts_with("on") && a.name() != "href" && a.name() != "style"));
            }
            assert!(!p.name.contains(['/', '\\']));
        }
    }
}

#[test]
fn pictures_of_a_small_run() {
    let (report, rows) = run(Shape { cases: 40, ..ONE });
    let mut stream: Rows<'_> = Box::new(rows.iter().cloned().map(Ok));
    let pictures = svg::pictures(&report, &mut stream).unwrap();
    assert_eq!(
        pictures.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(),
        ["scores.svg", "tags.svg", "latency.svg", "pass-rate.svg", "judges.svg"]
    );
    assert_snapshot!(pictures[1].svg);
}

#[test]
fn annotations_are_few_and_guarded() {
    for payload in
        PAYLOADS.iter().chain(&["a%0A::error::b", "x,line=1::y", "::stop-commands::token-that-nobody-knows", "::token-that-nobody-knows::"])
    {
        let (mut report, mut rows) = poisoned(payload);
        report.head.sets[0].path = "evalsets/a,b:c.yaml".into();
        for row in &mut rows {
            if row.answer.is_ok() {
                judged(row, Score::ALL[0], report.head.policy);
            }
        }
        let many: Vec<TrialRow> = std::iter::repeat_n(rows, 4).flatten().collect();
        let mut stream: Rows<'_> = Box::new(many.into_iter().map(Ok));
        let mut out = Vec::new();
        github::annotations(&report, &mut stream, "token-that-nobody-knows", &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        let (last, guarded) = lines.split_at(lines.len() - 3);
        assert_eq!(last.len(), github::MOST);
        assert!(last.iter().all(|l| l.starts_with("::error ") && l.matches("::error").count() >= 1), "{text}");
        assert!(
            last.iter().all(|l| l["::error ".len()..].split("::").next().unwrap().split(',').all(|p| p.matches('=').count() >= 1)),
            "{text}"
        );
        assert_eq!((guarded[0], guarded[2]), ("::stop-commands::token-that-nobody-knows", "::token-that-nobody-knows::"));
        assert!(!guarded[1].starts_with("::") && guarded[1].contains("cases fail"), "{text}");
    }
}
