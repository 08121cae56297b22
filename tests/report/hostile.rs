//! Hostile text in every place that a stranger can fill, through every format.

use std::sync::Arc;

use tribunal::domain::*;
use tribunal::report::{Format, Look, Report, Rows, write};

use crate::fake::{ONE, Shape, run};

/// Text that would act somewhere if it got through as it is.
pub const PAYLOADS: [&str; 14] = [
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "\"><svg onload=alert(1)>",
    "' onmouseover='alert(1)",
    "<a href=\"javascript:alert(1)\">x</a>",
    "[x](javascript:alert(1)) ![x](https://evil.test/p.png) https://evil.test/auto",
    "{{ 7 * 7 }}{% for x in y %}${7*7}",
    "]]><!-- --><![CDATA[",
    "::error file=a.rs::owned",
    "@everyone #1 | broken | table |\n\n# heading\n- item",
    "=HYPERLINK(\"https://evil.test\")",
    "&lt;script&gt;&#60;script&#62;",
    "```\n<b>fence</b>\n~~~",
];

/// What a terminal obeys or an eye misses. Neutralised by `text::neutral`, whatever marks that leaves.
pub const INVISIBLE: [&str; 5] = ["a\u{1b}]0;title\u{7}b", "a\u{1b}[2Jb", "a\u{9b}2Jb", "a\u{202e}b\u{2066}c", "a\u{200b}b\u{e0041}c"];

pub fn poisoned(payload: &str) -> (Report, Vec<TrialRow>) {
    let (mut report, mut rows) = run(Shape { cases: 6, agents: &["a", "b"], ..ONE });
    let p = payload.to_owned();
    for row in &mut rows {
        let case = Arc::make_mut(&mut row.case);
        case.question.clone_from(&p);
        case.expected.clone_from(&p);
        case.accept = vec![p.clone()];
        case.must_mention = vec![p.clone()];
        case.must_not_mention = vec![p.clone()];
        case.context = Some(p.clone());
        case.turns = vec![Turn { role: Speaker::User, text: p.clone() }];
        case.tags = vec![p.clone()];
        match &mut row.answer {
            Ok(o) => {
                *o = Output {
                    text: p.clone(),
                    context: Some(p.clone()),
                    trace: Some(p.clone()),
                    finish: Some(p.clone()),
                    latency_ms: 5,
                    model: Some(p.clone()),
                };
            }
            Err(f) => f.detail.clone_from(&p),
        }
        for (i, b) in row.ballots.iter_mut().enumerate() {
            b.outcome = if i % 2 == 0 {
                Ok(Judgment::new(Score::ALL[i % 5], p.clone()))
            } else {
                Err(JudgeFailure::new(JudgeFailureKind::Unreadable, p.clone()).with_raw(&p))
            };
        }
    }
    rows[0].answer = Err(AgentFailure::new(AgentFailureKind::BadReply, p.clone()));
    for a in &mut report.summary.agents {
        a.tags[0].name.clone_from(&p);
        a.slowest = vec![(p.clone(), 5)];
        a.failures = vec![(p.clone(), 1)];
        a.triggers.push((p.clone(), 1));
    }
    report.summary.judges[0].failures = vec![(p.clone(), 1)];
    report.summary.agreement.alpha = Err(p.clone());
    report.head.selection.clone_from(&p);
    report.head.version.clone_from(&p);
    report.head.sets[0].path = p.clone().into();
    for r in &mut report.head.rubrics {
        r.criteria.clone_from(&p);
        r.anchors = [0; 5].map(|_| p.clone());
        r.notes = vec![p.clone()];
    }
    for a in &mut report.head.agents {
        a.model = Some(p.clone());
    }
    (report, rows)
}

fn rendered(format: Format, payload: &str) -> String {
    let (report, rows) = poisoned(payload);
    let open = || -> Rows<'_> { Box::new(rows.iter().cloned().map(Ok)) };
    let mut out = Vec::new();
    write(format, &report, &open, Look::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Everything of the page that is not our own style and script.
fn markup(page: &str) -> String {
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let (middle, rest) = rest.rsplit_once("<script>").unwrap();
    let (_, after) = rest.split_once("</script>").unwrap();
    format!("{before}{middle}{after}")
}

/// Names of the elements and attributes of a page, as a parser of our own output sees them. Text is escaped, so that every
/// `<` opens a tag and every attribute value stands in double quotes without one.
pub fn tags(markup: &str) -> (Vec<String>, Vec<String>) {
    let (mut elements, mut attributes) = (Vec::new(), Vec::new());
    for tag in markup.split('<').skip(1) {
        let (inside, _) = tag.split_once('>').unwrap();
        let name = inside.split([' ', '/']).find(|s| !s.is_empty()).unwrap();
        elements.push(name.to_owned());
        for (i, part) in inside.split('"').enumerate() {
            if i % 2 == 0 {
                attributes.extend(part.split_whitespace().filter_map(|w| w.strip_suffix('=').map(str::to_owned)));
            }
        }
    }
    (elements, attributes)
}

#[test]
fn no_payload_adds_an_element_or_an_attribute_to_the_page() {
    let (plain_elements, plain_attributes) = tags(&markup(&rendered(Format::Html, "plain words")));
    for payload in PAYLOADS {
        let page = rendered(Format::Html, payload);
        let (elements, attributes) = tags(&markup(&page));
        assert_eq!(elements, plain_elements, "{payload}");
        assert_eq!(attributes, plain_attributes, "{payload}");
        assert_eq!(page.matches("<script>").count(), 1, "{payload}");
        assert_eq!(page.matches("</script>").count(), 1, "{payload}");
        assert!(attributes.iter().all(|a| !a.starts_with("on") && a != "style" && a != "src"), "{attributes:?}");
    }
}

/// Names have no white space; the rest of what acts somewhere they may have.
const NAMES: [&[&str]; 4] = [
    &["<script>alert(1)</script>", "\"><svg/onload=alert(1)>"],
    &["[x](javascript:alert(1))", "![x](https://evil.test/p.png)"],
    &["`</summary><b>`", "|broken|table|", "&lt;script&gt;"],
    &["::error::owned", "@everyone", "{{7*7}}"],
];

#[test]
fn the_names_of_compared_agents_do_no_harm() {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    for names in NAMES {
        let render = |format, agents| {
            let (report, rows) = run(Shape { cases: 12, agents, ..ONE });
            let open = || -> Rows<'_> { Box::new(rows.iter().cloned().map(Ok)) };
            let mut out = Vec::new();
            write(format, &report, &open, Look::default(), &mut out).unwrap();
            String::from_utf8(out).unwrap()
        };
        let head = |page: &str| markup(page).split("<section aria-labelledby=\"cases\"").next().unwrap().to_owned();
        // Names weigh in what is drawn, so that only the kinds of elements can be compared.
        let kinds = |page: &str| tags(page).0.into_iter().collect::<std::collections::BTreeSet<_>>();
        let page = head(&render(Format::Html, names));
        assert!(page.contains("Case by case"));
        assert_eq!(kinds(&page), kinds(&head(&render(Format::Html, &["a", "b"]))), "{names:?}");
        let markdown = render(Format::Markdown, names);
        assert!(markdown.contains("| agent | against |"));
        for event in Parser::new_ext(&markdown, Options::ENABLE_TABLES) {
            match event {
                Event::Html(h) | Event::InlineHtml(h) => {
                    let ours = ["<details>", "</details>", "<summary>", "</summary>"];
                    let left = ours.iter().fold(h.to_string(), |left, tag| left.replace(tag, ""));
                    assert!(!left.contains('<'), "{names:?}: {h}");
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => panic!("{names:?}: {dest_url}"),
                Event::Text(t) => assert!(!t.contains("@everyone"), "{names:?}"),
                _ => {}
            }
        }
        let terminal = render(Format::Terminal, names);
        assert!(terminal.contains("case by case"));
        assert!(!terminal.contains("::"), "{terminal}");
    }
}

#[test]
fn every_link_of_the_page_leads_into_the_page() {
    for payload in PAYLOADS {
        let page = rendered(Format::Html, payload);
        for link in markup(&page).split("href=\"").skip(1) {
            assert!(link.starts_with('#'), "{payload}: {}", &link[..40.min(link.len())]);
        }
        assert!(!page.contains("url(") && !page.contains("@import"), "the style must load nothing");
    }
}

#[test]
fn a_template_in_an_answer_is_not_run() {
    assert!(!rendered(Format::Html, "{{ 7 * 7 }}").contains("<div class=\"text\" dir=\"auto\">49"));
    assert!(rendered(Format::Html, "{{ 7 * 7 }}").contains("{{ 7 * 7 }}"));
}

#[test]
fn markdown_holds_no_markup_of_a_stranger() {
    use pulldown_cmark::{Event, Options, Parser, Tag};
    for payload in PAYLOADS {
        let text = rendered(Format::Markdown, payload);
        let mut tables = 0;
        for event in Parser::new_ext(&text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
            match event {
                Event::Html(h) | Event::InlineHtml(h) => {
                    let ours =
                        h.starts_with("<details>") || h.starts_with("</details>") || h.starts_with("<summary>") || h.starts_with("</");
                    assert!(ours && !h.contains("script") && !h.contains("onerror"), "{payload}: {h}");
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => panic!("{payload}: {dest_url}"),
                Event::Start(Tag::Heading { .. }) => tables += 1,
                Event::Text(t) => assert!(!t.contains("@everyone"), "{payload}: a mention outside of code"),
                _ => {}
            }
        }
        assert_eq!(tables, 2, "{payload}: a heading that is not ours");
    }
}

#[test]
fn no_line_for_a_terminal_or_a_log_begins_with_a_workflow_command() {
    for format in [Format::Terminal, Format::Markdown, Format::Json, Format::Jsonl] {
        for line in rendered(format, "::error file=a.rs::owned").lines() {
            assert!(!line.trim_start().starts_with("::"), "{format:?}: {line}");
        }
    }
}

#[test]
fn json_is_lossless_and_inert() {
    for payload in PAYLOADS.iter().chain(&INVISIBLE) {
        let text = rendered(Format::Json, payload);
        assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}')), "{payload:?}");
        let document: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["cases"][1]["question"], **payload);
    }
}

#[test]
fn no_cell_of_the_table_is_a_formula() {
    for payload in PAYLOADS.iter().chain(&["+1", "-1", "@x", "\t=1", "\r=1"]) {
        let text = rendered(Format::Csv, payload);
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for record in reader.records() {
            for cell in &record.unwrap() {
                assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
            }
        }
    }
}

#[test]
fn what_is_invisible_goes_through_the_neutraliser_in_every_text_format() {
    for payload in INVISIBLE {
        let neutral = tribunal::text::neutral::visible(payload).into_owned();
        for format in [Format::Html, Format::Markdown, Format::Terminal, Format::Csv] {
            let text = rendered(format, payload);
            // Where the neutraliser changes a text, none of the original may be left.
            assert!(neutral == payload || !text.contains(payload), "{format:?}: {payload:?}");
        }
    }
}
