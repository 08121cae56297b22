//! Sets as files: what is read, what is refused, and where.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use crate::domain::{Case, Digest, Risk, Status};
use crate::evalset::{EvalSet, Rubrics, read_rubrics, read_sets};
use crate::source::{Diagnostic, sort};

struct Folder(tempfile::TempDir, Rubrics);

impl Folder {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (rubrics, faults) = read_rubrics(Path::new("rubrics"), dir.path());
        assert!(faults.is_empty());
        Self(dir, rubrics)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        fs::write(self.0.path().join(name), bytes).unwrap();
        PathBuf::from(name)
    }

    fn read(&self, paths: &[PathBuf]) -> (Vec<EvalSet>, Vec<Diagnostic>) {
        read_sets(paths, self.0.path(), &self.1)
    }
}

fn set(name: &str, bytes: impl AsRef<[u8]>) -> (Folder, EvalSet) {
    let folder = Folder::new();
    let path = folder.write(name, bytes);
    let (mut sets, faults) = folder.read(&[path]);
    assert!(faults.is_empty(), "{faults:?}");
    (folder, sets.remove(0))
}

fn cases(set: &EvalSet) -> Vec<Case> {
    set.all_cases().map(|c| c.unwrap().as_ref().clone()).collect()
}

/// Every fault of one file, a line each, with the second place where there is one.
fn said(name: &str, bytes: impl AsRef<[u8]>) -> String {
    let folder = Folder::new();
    let path = folder.write(name, bytes);
    let (_, mut faults) = folder.read(&[path]);
    sort(&mut faults);
    let mut out = String::new();
    for d in faults {
        let also = d.also.as_ref().map_or_else(String::new, |a| format!(" ({} {}:{})", a.1, a.0.line, a.0.column));
        let help = d.help.as_ref().map_or_else(String::new, |h| format!(" [{h}]"));
        writeln!(out, "{}{also}{help}", d.line_form()).unwrap();
    }
    out
}

const HEAD: &str = "name: s\nrubric: correctness\n";

#[test]
fn a_yaml_set_is_read_whole() {
    let text = "\u{feff}name: refunds\r\nrubric: correctness\r\ndefaults: {tags: [support], risk: high, trials: 2}\r\ncases:\r\n  - id: 007\r\n    question: How many?\r\n    expected: 1.10\r\n    accept: [no, 14]\r\n    context:\r\n    tags: [eu]\r\n  - {id: b, question: q, expected: no, risk: low, trials: 1, status: draft, reviewed: {by: ann, on: 2026-03-31}}\r\n";
    let (_folder, set) = set("refunds.yaml", text);
    assert_eq!((set.head.name.as_str(), set.head.cases, set.total()), ("refunds", 1, 2));
    assert_eq!(set.head.digest, Digest::of_bytes(text.as_bytes()));
    let all = cases(&set);
    assert_eq!((all[0].id.as_str(), all[0].expected.as_str(), all[0].accept.join(" ")), ("007", "1.10", "no 14".to_owned()));
    assert_eq!((all[0].tags.join(" ").as_str(), all[0].risk, all[0].trials, all[0].line), ("eu support", Risk::High, 2, Some(5)));
    assert_eq!((all[1].status, all[1].human_checked, all[1].line), (Status::Draft, true, Some(11)));
    assert_eq!(set.cases().count(), 1);
    assert_eq!(set.tags().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), ["eu", "support"]);
}

#[test]
fn every_fault_of_a_yaml_set_comes_in_one_pass() {
    let text = "name: a set\nrubric: corectness\ndefaults: {tags: ['x y'], trials: 0}\ncases:\n  - id: a\n    question: q\n    expcted: e\n  - id: b\n    question: ' '\n    expected:\n    risk: hihg\n  - id: a\n    question: q\n    expected: [x]\n  - id: c\n    question: q\n    expected: e\n    tags: ['a,b', \"c d\"]\n    retired: wrong\n    replaced_by: bb\n  - {id: 'd e', question: q, expected: e, reviewed: {by: x, on: soon}}\n";
    insta::assert_snapshot!(said("s.yaml", text));
}

#[test]
fn broken_yaml_sets_are_explained() {
    let all = [
        format!("{HEAD}cases: null\n"),
        format!("{HEAD}cases: []\n"),
        format!("{HEAD}cases:\n"),
        format!("{HEAD}cases: [1, x]\n"),
        "cases: x\n".to_owned(),
        format!("{HEAD}cases:\n  - &a {{id: a, question: q, expected: e}}\n  - *a\n"),
        format!("{HEAD}cases:\n  - id: a\n    question: q\n    question: r\n    expected: e\n"),
        format!("{HEAD}cases:\n  - id: a\n\tquestion: q\n"),
    ];
    let shown: Vec<String> = all.iter().map(|t| format!("{t}{}---\n", said("s.yaml", t))).collect();
    insta::assert_snapshot!(shown.concat());
}

const HEAD_LINE: &str = "{\"set\": {\"name\": \"faq\", \"defaults\": {\"tags\": [\"t\"]}}}\n";

fn jsonl(n: usize) -> String {
    (0..n).fold(String::new(), |mut s, i| {
        writeln!(s, "{{\"id\": \"c{i}\", \"question\": \"q{i}?\", \"expected\": \"e {i} \\ud83d\\ude00\", \"tags\": [\"x{}\"]}}", i % 3)
            .unwrap();
        s
    })
}

#[test]
fn a_jsonl_set_streams_the_same_cases_as_yaml_holds() {
    let (_f, yaml) = set(
        "faq.yaml",
        format!("name: faq\nrubric: correctness\ndefaults: {{tags: [t]}}\ncases:\n{}", jsonl(200).replace("{\"id", "- {\"id")),
    );
    let (_g, streamed) = set("faq.jsonl", format!("\u{feff}{HEAD_LINE}\n{}", jsonl(200).replace('\n', "\r\n")));
    assert_eq!((streamed.head.name.as_str(), streamed.head.cases), ("faq", 200));
    let strip = |all: Vec<Case>| all.into_iter().map(|mut c| (c.line.take(), c).1).collect::<Vec<_>>();
    assert_eq!(cases(&streamed)[199].line, Some(202));
    assert_eq!(strip(cases(&streamed)), strip(cases(&yaml)));
    assert_eq!(streamed.tags(), yaml.tags());
}

#[test]
fn a_jsonl_set_without_a_head_is_called_after_its_file() {
    let (_f, s) = set("faq.jsonl", "{\"id\": \"a\", \"question\": \"q\", \"expected\": 1.10}");
    assert_eq!((s.head.name.as_str(), s.head.rubric.as_str()), ("faq", "correctness"));
    assert_eq!(cases(&s)[0].expected, "1.10");
}

#[test]
fn every_fault_of_a_jsonl_set_has_line_and_column() {
    let mut bytes = HEAD_LINE.replace("\"faq\"", "\"faq\", \"rubric\": \"fatihfulness\"").into_bytes();
    for line in [
        "{\"id\": \"a\", \"question\": \"q\", \"expected\": \"e\"}",
        "{\"id\": \"b\", \"question\": \"q\", \"expcted\": \"e\"}",
        "{\"id\": \"c\", \"question\": \"q\"",
        "not json",
        "[\"d\", \"q\", \"e\"]",
        "",
        "{\"id\": \"a\", \"question\": \"q\", \"expected\": \"e\"}",
        "{\"id\": \"f\", \"id\": \"g\", \"question\": \"q\", \"expected\": \"e\"}",
        "{\"id\": \"全 角\", \"question\": \"\", \"expected\": null, \"trials\": 0, \"tags\": [\"a,b\"]}",
        "{\"id\": \"h\", \"question\": \"q\", \"expected\": \" \", \"tags\": [\"a,b\"]}",
        "{\"id\": \"i\", \"question\": \"q\", \"expected\": \"e\", \"retired\": \"x\", \"replaced_by\": \"nobody\"}",
        "{\"id\": \"j\", \"question\": \"q\", \"expected\": \"e\"} {\"id\": \"k\"}",
    ] {
        bytes.extend_from_slice(line.as_bytes());
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(b"{\"id\": \"k\xFF\"}\n");
    insta::assert_snapshot!(said("faq.jsonl", bytes));
}

#[test]
fn a_jsonl_file_of_faults_stops_early() {
    let shown = said("faq.jsonl", "{\n".repeat(100_000));
    assert!(shown.lines().count() < 110 && shown.contains("reading stopped"));
}

#[test]
fn a_line_without_end_is_an_error_and_not_a_memory() {
    let folder = Folder::new();
    let path = folder.0.path().join("long.jsonl");
    // A sparse file of NUL bytes: 1 GiB that costs no disk.
    fs::File::create(&path).unwrap().set_len(1 << 30).unwrap();
    let (_, faults) = folder.read(&["long.jsonl".into()]);
    assert_eq!(faults[0].code, "too-long");
}

fn csv(n: usize, end: &str) -> String {
    (0..n).fold(format!("Question,expected,tags{end}"), |mut s, i| {
        write!(s, "\"q {i}, and{}more\",e {i},a|b{}{end}", if i % 7 == 0 { "\n" } else { " " }, i % 3).unwrap();
        s
    })
}

#[test]
fn a_csv_set_streams_with_ids_of_rows_and_true_lines() {
    for end in ["\n", "\r\n"] {
        let (_f, s) = set("faq.csv", format!("\u{feff}{}", csv(300, end)));
        let all = cases(&s);
        assert_eq!((all.len(), s.head.cases), (300, 300));
        assert_eq!((all[0].id.as_str(), all[299].id.as_str()), ("faq-1", "faq-300"));
        assert_eq!((all[0].line, all[1].line, all[299].line), (Some(2), Some(4), Some(344)), "{end:?}");
        assert_eq!((all[7].question.as_str(), all[7].tags.join(" ").as_str()), ("q 7, and\nmore", "a b1"));
    }
}

#[test]
fn every_fault_of_a_csv_set_has_its_line() {
    insta::assert_snapshot!(said("faq.csv", "id,question,expectd,question\nx,y,z,w\n"));
    let rows: &[u8] = b"id,question,expected,risk,trials,tags\na,q,e,,,\na,q,e,high,2,x|y\n,,,,,\nb,,e,hgh,many,x y\nc,q,e\nd,q\xFF,e,,,\n\"e\",\"two\nlines\",,,,\n";
    insta::assert_snapshot!(said("faq.csv", rows));
    assert!(said("faq.csv", "").contains("the file is empty"));
    assert!(said("faq.csv", "question,expected\n").contains("no case"));
    assert!(said("f q.csv", "question,expected\na,b\n").contains("rename the file"));
}

#[test]
fn a_set_that_changed_since_it_was_checked_is_an_error_and_never_garbage() {
    for (name, text) in [("faq.jsonl", jsonl(200)), ("faq.csv", csv(200, "\n"))] {
        let edits: [fn(String) -> String; 5] =
            [|t| t.replace("e 150", "e 151"), |t| t + "\n", |t| t[..t.len() - 1].to_owned(), |t| t[..2000].to_owned(), |_| String::new()];
        for (i, edit) in edits.iter().enumerate() {
            let (folder, s) = set(name, &text);
            let before = cases(&s);
            folder.write(name, edit(text.clone()));
            let after: Vec<_> = s.cases().collect();
            assert!(after.last().unwrap().is_err(), "{name} {i}");
            assert!(after.iter().filter_map(|c| c.as_ref().ok()).zip(&before).all(|(a, b)| a.as_ref() == b), "{name} {i}");
        }
    }
}

#[test]
fn a_folder_is_read_in_order_and_names_are_unique() {
    let folder = Folder::new();
    fs::create_dir(folder.0.path().join("sets")).unwrap();
    let one = |name: &str| format!("name: {name}\nrubric: correctness\ncases: [{{id: a, question: q, expected: e}}]\n");
    folder.write("sets/b.yaml", one("b"));
    folder.write("sets/a.yml", one("a"));
    folder.write("sets/c.yaml", one("a"));
    folder.write("sets/.hidden.yaml", "x");
    folder.write("sets/README.md", "x");
    let (sets, faults) = folder.read(&["sets".into(), "sets/b.yaml".into()]);
    assert_eq!(sets.iter().map(|s| s.head.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!((faults.len(), faults[0].code), (1, "duplicate-name"));
    assert!(faults[0].message.contains("sets/a.yml"));
    let (_, faults) = folder.read(&["nowhere".into(), "notes.txt".into(), ".".into()]);
    assert_eq!(faults.iter().map(|d| d.code).collect::<Vec<_>>(), ["unknown-format", "unknown-format", "no-sets"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_in_any_format_are_a_set_or_faults(bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[\\{\\}\\[\\]\":,a-c\n\r| \\\\]{0,200}") {
        let folder = Folder::new();
        for (name, bytes) in [("a.yaml", &bytes[..]), ("a.jsonl", &bytes), ("a.csv", &bytes), ("a.yaml", text.as_bytes()), ("a.jsonl", text.as_bytes()), ("a.csv", text.as_bytes())] {
            let path = folder.write(name, bytes);
            let (sets, faults) = folder.read(&[path]);
            prop_assert!(sets.is_empty() != faults.is_empty());
        }
    }

    /// What is checked in one pass is what is read in the other, whatever the records look like.
    #[test]
    fn both_passes_over_a_csv_file_agree(rows in prop::collection::vec(("[a-z \n\"',|]{1,30}", "[a-z\r\n ]{0,9}x"), 1..60), crlf in any::<bool>()) {
        let mut writer = csv::WriterBuilder::new().terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') }).from_writer(Vec::new());
        writer.write_record(["question", "expected"]).unwrap();
        for (q, e) in &rows {
            writer.write_record([format!("q{q}"), e.clone()]).unwrap();
        }
        let (_f, s) = set("p.csv", writer.into_inner().unwrap());
        let all = cases(&s);
        prop_assert_eq!(all.len(), rows.len());
        for (i, (case, (q, e))) in all.iter().zip(&rows).enumerate() {
            prop_assert_eq!(case.id.to_string(), format!("p-{}", i + 1));
            prop_assert_eq!((case.question.strip_prefix('q'), &case.expected), (Some(q.as_str()), e));
        }
    }
}
