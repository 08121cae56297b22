//! Selections over a real set.

use std::collections::HashSet;
use std::path::Path;

use super::*;
use crate::evalset::{read_rubrics, read_sets};

fn sets(n: usize) -> (tempfile::TempDir, Vec<EvalSet>) {
    let dir = tempfile::tempdir().unwrap();
    let line = |i: usize| {
        let risk = Risk::ALL[i % 4].word();
        let trials = 1 + i % 2;
        serde_json::json!({"id": format!("c{i}"), "question": "q", "expected": "e", "tags": [format!("t{}", i % 5)], "risk": risk, "trials": trials}).to_string() + "\n"
    };
    std::fs::write(dir.path().join("s.jsonl"), (0..n).map(line).collect::<Vec<_>>().concat()).unwrap();
    let (rubrics, _) = read_rubrics(Path::new("rubrics"), dir.path());
    let (sets, faults) = read_sets(&["s.jsonl".into()], dir.path(), &rubrics);
    assert!(faults.is_empty());
    (dir, sets)
}

fn ids(selection: &Selection, sets: &[EvalSet]) -> Vec<String> {
    let chosen = selection.clone().resolve(sets).unwrap();
    let all: Vec<_> = chosen.cases(sets).map(|c| c.unwrap().1.id.to_string()).collect();
    assert_eq!(all.len() as u64, chosen.cases);
    all
}

#[test]
fn filters_must_all_hold() {
    let (_dir, sets) = sets(40);
    let s =
        Selection { tags: vec!["t1".into(), "t2".into()], not_tags: vec!["t2".into()], risks: vec![Risk::Medium], ..Selection::default() };
    assert_eq!(ids(&s, &sets), ["c1", "c21"]);
    let s = Selection { cases: vec!["c7".into(), "c3".into()], ..Selection::default() };
    assert_eq!(ids(&s, &sets), ["c3", "c7"]);
    let only = HashSet::from([(SetName::new("s").unwrap(), CaseId::new("c9").unwrap())]);
    assert_eq!(ids(&Selection { only: Some(only), ..Selection::default() }, &sets), ["c9"]);
    let all = Selection::default().resolve(&sets).unwrap();
    assert_eq!((all.cases, all.trials), (40, 60));
}

#[test]
fn a_sample_depends_on_the_seed_only_and_grows_by_adding() {
    let (_dir, sets) = sets(500);
    let draw = |n, seed| ids(&Selection { sample: Some((n, seed)), ..Selection::default() }, &sets);
    assert_eq!(draw(20, 7), draw(20, 7));
    assert_ne!(draw(20, 7), draw(20, 8));
    let small: HashSet<_> = draw(20, 7).into_iter().collect();
    assert!(small.is_subset(&draw(50, 7).into_iter().collect()));
    assert_eq!(draw(10_000, 7).len(), 500);
    let even = (0..200).filter(|seed| draw(100, *seed).contains(&"c17".to_owned())).count();
    assert!((20..=60).contains(&even), "a fifth of the draws holds any one case, not {even} of 200");
}

#[test]
fn shards_share_out_everything_once_and_stay_when_cases_are_added() {
    let (_dir, few) = sets(300);
    let (_dir2, more) = sets(400);
    let part = |part, sets: &[EvalSet]| ids(&Selection { shard: Some(Shard { part, of: 5 }), ..Selection::default() }, sets);
    let mut all: Vec<_> = (1..=5).flat_map(|p| part(p, &few)).collect();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 300);
    assert!(part(2, &few).iter().all(|c| part(2, &more).contains(c)));
    let sampled = Selection { sample: Some((50, 1)), shard: Some(Shard { part: 1, of: 2 }), ..Selection::default() };
    let other = Selection { shard: Some(Shard { part: 2, of: 2 }), ..sampled.clone() };
    assert_eq!(ids(&sampled, &few).len() + ids(&other, &few).len(), 50);
}

#[test]
fn unknown_names_get_the_nearest_one_and_an_empty_selection_has_its_own_code() {
    let (_dir, sets) = sets(40);
    let e = Selection { cases: vec!["c399".into()], ..Selection::default() }.resolve(&sets).unwrap_err();
    assert_eq!((e.exit(), e.help()), (Exit::NothingSelected, Some("did you mean `c39`?")));
    let e = Selection { tags: vec!["T1".into()], ..Selection::default() }.resolve(&sets).unwrap_err();
    assert_eq!((e.exit(), e.help()), (Exit::NothingSelected, Some("did you mean `t1`?")));
    let e = Selection { tags: vec!["t1".into()], not_tags: vec!["t1".into()], ..Selection::default() }.resolve(&sets).unwrap_err();
    assert_eq!((e.exit(), e.help()), (Exit::NothingSelected, Some("nothing matches: --tag t1 --not-tag t1")));
}

#[test]
fn a_part_is_a_number_out_of_a_number() {
    assert_eq!("2/5".parse(), Ok(Shard { part: 2, of: 5 }));
    for bad in ["", "2", "0/5", "6/5", "1/0", "-1/5", "a/b", "1/2/3"] {
        assert!(bad.parse::<Shard>().is_err(), "{bad}");
    }
}

#[test]
fn a_selection_reads_like_its_command_line() {
    let s = Selection {
        cases: vec!["a".into(), "b".into()],
        tags: vec!["x".into(), "y".into()],
        not_tags: vec!["z".into()],
        risks: vec![Risk::High, Risk::Critical],
        sample: Some((50, 7)),
        shard: Some(Shard { part: 2, of: 5 }),
        only: Some(HashSet::new()),
        only_words: "--failed-in r1".into(),
    };
    assert_eq!(
        s.to_string(),
        "--case a --case b --tag x,y --not-tag z --risk high,critical --failed-in r1 --sample 50 --seed 7 --shard 2/5"
    );
    assert_eq!(Selection::default().to_string(), "");
}
