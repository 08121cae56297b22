//! Sheets and pages, without a store. The way there and back is tested with the real program.

use super::*;
use crate::domain::{Digest, EventId};

fn parcel(answer: &str) -> Parcel {
    Parcel {
        run: RunId::new("r").unwrap(),
        by: GraderName::new("ana").unwrap(),
        until_ms: 0,
        items: vec![out::Packed {
            id: EventId::new("d-1").unwrap(),
            item: Digest::of_bytes(b"i"),
            set: "set".into(),
            case: "c".into(),
            risk: "low",
            tags: vec![],
            parts: vec![("question", "=1+1".into()), ("expected", "e".into()), ("rubric", "r".into())],
            answer: answer.into(),
            warning: String::new(),
        }],
    }
}

#[test]
fn no_cell_is_a_formula_and_a_filled_sheet_comes_back() {
    let sheet = write_sheet(&parcel("@SUM(A1)")).unwrap();
    assert!(sheet.contains("'=1+1") && sheet.contains("'@SUM(A1)"), "{sheet}");
    assert!(read_sheet(&sheet).unwrap().is_empty(), "an empty sheet decides nothing");
    let filled = sheet.trim_end().strip_suffix(",,,,").unwrap().to_owned() + "2,wrong_fact,expected_wrong,'=30 days,why not\n";
    let back = read_sheet(&filled).unwrap();
    let ruling = back[0].made.ruling.as_ref().unwrap();
    assert_eq!((back[0].id.as_str(), back[0].made.score.map(Score::get)), ("d-1", Some(2)));
    assert_eq!((ruling.text.as_str(), back[0].made.note.as_str()), ("=30 days", "why not"));
    assert!(read_sheet(&filled.replace(",2,wrong", ",9,wrong")).is_err());
    assert!(read_sheet("a,b\n1,2\n").is_err());
}

#[test]
fn nothing_in_an_answer_leaves_its_script_element() {
    let page = html(&parcel("</script><script>alert(1)</script><!--")).unwrap();
    assert!(!page.contains("alert(1)</script>") && !page.contains("</script><script>alert"));
    assert!(page.contains("default-src 'none'") && !page.contains("%NONCE%") && !page.contains("http://") && !page.contains("https://"));
}

#[test]
fn a_decision_from_a_page_is_read() {
    let text = format!(
        r#"{{"tribunal_decisions":1,"run":"r","by":"ana","decisions":[{{"id":"d-1","item":"{}","score":4,"chip":null,"note":"","seconds":3,"ruling":{{"kind":"accept","text":""}}}}]}}"#,
        Digest::of_bytes(b"i")
    );
    let back: Returned = serde_json::from_str(&text).unwrap();
    assert_eq!(back.decisions[0].made.score.map(Score::get), Some(4));
    assert!(serde_json::from_str::<Returned>(&text.replace(":4,", ":6,")).is_err());
}
