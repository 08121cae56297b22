//! The page: deterministic, streamed, bounded, and readable for everybody.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};

use tribunal::domain::{JudgeFailure, JudgeFailureKind, TrialRow};
use tribunal::report::{Format, Look, Report, Rows, write};

use crate::fake::{ONE, Shape, run};

fn page(report: &Report, rows: &[TrialRow], most_cases: usize) -> String {
    let open = || -> Rows<'_> { Box::new(rows.iter().cloned().map(Ok)) };
    let mut out = Vec::new();
    write(Format::Html, report, &open, Look { most_cases, ..Look::default() }, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn the_same_run_gives_the_same_bytes_in_every_format() {
    let (report, rows) = run(ONE);
    let open = || -> Rows<'_> { Box::new(rows.iter().cloned().map(Ok)) };
    for format in Format::ALL {
        let render = || {
            let mut out = Vec::new();
            write(format, &report, &open, Look::default(), &mut out).unwrap();
            out
        };
        assert_eq!(render(), render(), "{format:?}");
    }
}

#[test]
fn the_page_says_what_it_is_and_what_it_is_not() {
    let (report, rows) = run(ONE);
    let html = page(&report, &rows, 2_000);
    for needed in ["<h1>support-bot passes 70.0% of 50 settled answers</h1>", "judges only, uncorrected", "9 answers are disputed"] {
        assert!(html.contains(needed), "{needed}");
    }
    assert_eq!(html.matches("<details class=\"case\"").count(), rows.len());
    assert!(!html.contains("This page holds"));
}

#[test]
fn an_outage_is_no_score() {
    let (report, rows) = run(Shape { down: true, cases: 12, ..ONE });
    let html = page(&report, &rows, 2_000);
    assert!(html.contains("No score") && html.contains("Not the whole run."));
    assert!(!html.contains(">0.0%<"));
}

#[test]
fn a_large_run_embeds_what_wants_attention_and_says_what_it_leaves_out() {
    let (report, rows) = run(Shape { cases: 400, ..ONE });
    let items = rows.iter().filter(|r| r.item.is_some()).count();
    let html = page(&report, &rows, items);
    assert_eq!(html.matches("<details class=\"case\"").count(), items);
    for row in &rows {
        let embedded = html.contains(&format!("id=\"case-{}\"", row.key.seq));
        assert_eq!(embedded, row.item.is_some(), "case {}", row.key.seq);
    }
    assert!(html.contains(&format!("This page holds {items} of 400 answers")) && html.contains("tribunal export r-20261121-a1"));
    let roomy = page(&report, &rows, 399);
    assert!(roomy.contains("Every answer that goes to people or did not pass is here"));
}

#[test]
fn cases_are_written_as_they_are_read() {
    struct Watched<'a> {
        bytes: &'a Cell<usize>,
        text: RefCell<Vec<u8>>,
    }
    impl Write for &Watched<'_> {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            self.bytes.set(self.bytes.get() + buf.len());
            self.text.borrow_mut().extend_from_slice(buf);
            Ok(buf.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let (report, rows) = run(ONE);
    let bytes = Cell::new(0);
    let seen: RefCell<Vec<usize>> = RefCell::default();
    let open = || -> Rows<'_> {
        Box::new(rows.iter().cloned().map(|r| {
            seen.borrow_mut().push(bytes.get());
            Ok(r)
        }))
    };
    let watched = Watched { bytes: &bytes, text: RefCell::default() };
    write(Format::Html, &report, &open, Look::default(), &mut &watched).unwrap();
    let seen = seen.into_inner();
    let (first, second) = seen.split_at(rows.len());
    assert!(first.iter().all(|b| *b == 0), "nothing is written while the page chooses");
    assert!(second.windows(2).all(|w| w[0] < w[1]), "every case is out before the next is read");
}

#[test]
fn a_row_that_cannot_be_read_stops_every_format_that_reads_rows() {
    let (report, rows) = run(Shape { cases: 3, ..ONE });
    let open = || -> Rows<'_> {
        Box::new(
            rows.iter().cloned().map(Ok).chain(std::iter::once(Err(tribunal::error::AppError::usage("a stored ballot cannot be read")))),
        )
    };
    for format in Format::ALL.into_iter().filter(|f| *f != Format::Terminal) {
        let error = write(format, &report, &open, Look::default(), &mut io::sink()).unwrap_err();
        assert_eq!(tribunal::error::AppError::from(error).to_string(), "a stored ballot cannot be read", "{format:?}");
    }
}

#[test]
fn the_policy_names_the_style_and_script_that_are_there() {
    let (report, rows) = run(Shape { cases: 2, ..ONE });
    let html = page(&report, &rows, 10);
    let policy = html.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(policy.contains("default-src &#x27;none&#x27;") || policy.contains("default-src 'none'"), "{policy}");
    assert_eq!(policy.matches("sha256-").count(), 2);
    assert!(!policy.contains("unsafe"));
}

#[test]
fn every_chart_has_a_title_and_its_numbers() {
    let (report, rows) = run(ONE);
    let html = page(&report, &rows, 10);
    for chart in html.split("<svg").skip(1).filter(|s| s.contains("role=\"img\"") && s.find("role=\"img\"") < s.find('>')) {
        assert!(chart.split_once('>').unwrap().1.trim_start().starts_with("<title>"), "{}", &chart[..80]);
    }
    for n in ["18.8% to 81.2%", "49.2%", "115 of 118"] {
        assert!(html.contains(n), "{n}");
    }
}

/// Relative luminance after WCAG 2.2.
fn luminance(hex: &str) -> f64 {
    let channel = |i: usize| {
        let v = f64::from(u8::from_str_radix(&hex[i..i + 2], 16).unwrap()) / 255.0;
        if v <= 0.04045 { v / 12.92 } else { ((v + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

#[test]
fn text_and_controls_have_the_contrast_that_wcag_asks_for() {
    let style = include_str!("../../src/report/html/assets/report.css");
    let mut schemes = style.split(":root").skip(1);
    for scheme in ["light", "dark"] {
        let block = schemes.next().unwrap().split('}').next().unwrap();
        let color = |name: &str| {
            let value = block.split(&format!("--{name}: ")).nth(1).unwrap_or_else(|| panic!("{scheme}: no --{name}"));
            value.split(';').next().unwrap().to_owned()
        };
        let ratio = |a: &str, b: &str| {
            let (x, y) = (luminance(&color(a)), luminance(&color(b)));
            (x.max(y) + 0.05) / (x.min(y) + 0.05)
        };
        let text = [
            ("text", "bg"),
            ("text", "card"),
            ("muted", "bg"),
            ("muted", "card"),
            ("muted", "quiet-soft"),
            ("accent", "bg"),
            ("accent", "card"),
            ("good", "good-soft"),
            ("bad", "bad-soft"),
            ("warn", "warn-soft"),
            ("text", "warn-soft"),
            ("text", "accent-soft"),
            ("bad", "card"),
            ("s1", "card"),
            ("s2", "card"),
            ("s3", "card"),
            ("s4", "card"),
            ("s5", "card"),
            ("on-disputed", "disputed"),
        ];
        for (a, b) in text {
            assert!(ratio(a, b) >= 4.5, "{scheme}: {a} on {b} is {:.2}", ratio(a, b));
        }
        for (a, b) in [("strong-line", "card"), ("strong-line", "bg"), ("accent", "card"), ("disputed", "card")] {
            assert!(ratio(a, b) >= 3.0, "{scheme}: {a} on {b} is {:.2}", ratio(a, b));
        }
    }
}

#[test]
fn a_judge_that_abstains_is_not_painted_like_an_outage() {
    let (mut report, mut rows) = run(Shape { cases: 12, ..ONE });
    let judge = &mut report.summary.judges[0];
    judge.scored = judge.ballots - 6;
    judge.failures = vec![("abstained".into(), 6)];
    let width = format!("class=\"lost\" width=\"{:.2}%\"", 100.0 * (judge.ballots - 6) as f64 / judge.ballots as f64);
    let silent = JudgeFailure { kind: JudgeFailureKind::Abstained, detail: "nothing to hold on to".into(), raw: None };
    rows[0].ballots[0].outcome = Err(silent.clone());
    let html = page(&report, &rows, 2_000);
    assert!(html.contains(&width), "{width}");
    assert!(html.contains("<b class=\"silent\">no score: abstained</b>"));
    rows[0].ballots[0].outcome = Err(JudgeFailure { kind: JudgeFailureKind::Timeout, ..silent });
    assert!(page(&report, &rows, 2_000).contains("<b class=\"nofit\">no score: timeout</b>"));
}
