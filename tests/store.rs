//! What every store must do, on a real file.

use std::path::Path;
use std::sync::Arc;

use tribunal::domain::panel::{PanelPolicy, settle};
use tribunal::domain::run::{AgentHead, JudgeHead};
use tribunal::domain::*;
use tribunal::store::sqlite::SqliteStore;
use tribunal::store::{Store, StoreError, bundle};

const POLICY: PanelPolicy = PanelPolicy { quorum: 1, max_spread: 1 };

fn head(id: &str, key: &str, created_ms: i64) -> RunHead {
    RunHead {
        id: RunId::new(id).unwrap(),
        key: Digest::of_bytes(key.as_bytes()),
        created_ms,
        finished_ms: None,
        status: RunStatus::Open,
        agents: vec![AgentHead { name: AgentName::new("a").unwrap(), kind: "replay".into(), model: None, digest: Digest::of_bytes(b"a") }],
        judges: vec![JudgeHead {
            name: JudgeName::new("j").unwrap(),
            kind: "lexical".into(),
            model: None,
            samples: 1,
            digest: Digest::of_bytes(b"j"),
            settles_alone_at: None,
        }],
        policy: POLICY,
        cascade: false,
        sets: vec![],
        rubrics: vec![],
        selection: id.to_owned(),
        planned: 3,
        seed: 0,
        judged_from: None,
        baseline: None,
        agent_version: None,
        version: "test".into(),
    }
}

fn row(seq: u64, answer: Result<Output, AgentFailure>) -> TrialRow {
    let case = Case::new(CaseId::new(&format!("c{seq}")).unwrap(), "question", "expected");
    TrialRow {
        key: TrialKey { seq, agent: AgentName::new("a").unwrap(), set: SetName::new("s").unwrap(), trial: 0 },
        case_digest: case.digest(),
        case: Arc::new(case),
        answer,
        spend: Spend::default(),
        ballots: vec![],
        tally: None,
        item: None,
        label: None,
    }
}

fn ballot(sample: u16, score: u8) -> Ballot {
    Ballot {
        judge: JudgeName::new("j").unwrap(),
        judge_digest: Digest::of_bytes(b"j"),
        sample,
        outcome: Ok(Judgment::new(Score::try_from(score).unwrap(), "because")),
        spend: Spend::default(),
        latency_ms: 1,
    }
}

fn open(dir: &Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(&dir.join("deep/er/tribunal.db")).unwrap())
}

async fn full(store: &dyn Store, run: &RunId, seq: u64) {
    let r = row(seq, Ok(Output::text(format!("answer {seq}"))));
    store.put_output(run, r).await.unwrap();
    store.put_ballot(run, seq, ballot(0, 4)).await.unwrap();
    store.put_ballot(run, seq, ballot(1, 5)).await.unwrap();
    store.put_tally(run, seq, settle(&[ballot(0, 4), ballot(1, 5)], &POLICY)).await.unwrap();
}

#[tokio::test]
async fn what_returned_is_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let h = head("r1", "k", 1);
    {
        let store = open(dir.path());
        store.create_run(&h).await.unwrap();
        full(&*store, &h.id, 0).await;
    }
    let store = open(dir.path());
    let rows = store.page(&h.id, None, 10).await.unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].answer, Ok(Output::text("answer 0")));
    assert_eq!(rows[0].ballots, vec![ballot(0, 4), ballot(1, 5)]);
    assert_eq!(rows[0].tally.as_ref().unwrap().median, Score::try_from(4).ok());
    assert_eq!(store.runs().await.unwrap(), vec![h]);
}

#[tokio::test]
async fn a_retry_replaces_the_failure_it_retries() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let h = head("r1", "k", 1);
    store.create_run(&h).await.unwrap();
    store.put_output(&h.id, row(0, Err(AgentFailure::new(AgentFailureKind::Timeout, "slow")))).await.unwrap();
    assert!(store.trial(&h.id, 0).await.unwrap().unwrap().answer.is_err());
    store.put_output(&h.id, row(0, Ok(Output::text("x")))).await.unwrap();
    assert!(store.trial(&h.id, 0).await.unwrap().unwrap().answer.is_ok());
    assert_eq!(store.count(&h.id).await.unwrap(), 1);
    assert_eq!(store.trial(&h.id, 1).await.unwrap(), None);
}

#[tokio::test]
async fn only_the_newest_unfinished_run_of_a_key_is_resumed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for (id, key, at) in [("r1", "k", 1), ("r2", "k", 2), ("r3", "other", 3)] {
        store.create_run(&head(id, key, at)).await.unwrap();
    }
    let key = Digest::of_bytes(b"k");
    assert_eq!(store.unfinished(&key).await.unwrap().unwrap().id.as_str(), "r2");
    store.set_status(&RunId::new("r2").unwrap(), RunStatus::Complete, Some(9)).await.unwrap();
    assert_eq!(store.unfinished(&key).await.unwrap().unwrap().id.as_str(), "r1");
    store.set_status(&RunId::new("r1").unwrap(), RunStatus::Complete, Some(9)).await.unwrap();
    assert_eq!(store.unfinished(&key).await.unwrap(), None);
    let ids: Vec<String> = store.runs().await.unwrap().iter().map(|r| r.id.to_string()).collect();
    assert_eq!(ids, ["r3", "r2", "r1"]);
}

#[tokio::test]
async fn pages_are_in_order_and_whole() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let h = head("r1", "k", 1);
    store.create_run(&h).await.unwrap();
    for seq in [4, 2, 0, 3, 1] {
        full(&*store, &h.id, seq).await;
    }
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.page(&h.id, after, 2).await.unwrap();
        assert!(page.iter().all(|r| r.ballots.len() == 2));
        let Some(last) = page.last() else { break };
        after = Some(last.key.seq);
        seen.extend(page.iter().map(|r| r.key.seq));
    }
    assert_eq!(seen, [0, 1, 2, 3, 4]);
}

#[tokio::test]
async fn one_bad_write_does_not_spoil_its_neighbours() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let h = head("r1", "k", 1);
    store.create_run(&h).await.unwrap();
    // The second creation of the same run breaks the primary key, in the same batch as good writes.
    let (again, a, b) = tokio::join!(
        store.create_run(&h),
        store.put_output(&h.id, row(0, Ok(Output::text("x")))),
        store.put_output(&h.id, row(1, Ok(Output::text("y")))),
    );
    assert!(matches!(again, Err(StoreError::Failed { .. })));
    a.unwrap();
    b.unwrap();
    assert_eq!(store.count(&h.id).await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_may_write_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (open(dir.path()), open(dir.path()));
    let (h1, h2) = (head("r1", "k", 1), head("r2", "k2", 2));
    one.create_run(&h1).await.unwrap();
    two.create_run(&h2).await.unwrap();
    tokio::join!(
        async {
            for seq in 0..50 {
                full(&*one, &h1.id, seq).await;
            }
        },
        async {
            for seq in 0..50 {
                full(&*two, &h2.id, seq).await;
            }
        }
    );
    assert_eq!((one.count(&h2.id).await.unwrap(), two.count(&h1.id).await.unwrap()), (50, 50));
}

#[test]
fn a_file_that_is_no_store_is_refused_with_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    std::fs::write(&path, "this is not a database, but a text that is long enough to look like one").unwrap();
    let Err(e) = SqliteStore::open(&path) else { panic!("a text file was opened as a store") };
    assert!(e.to_string().contains("x.db"), "{e}");
}

#[tokio::test]
async fn a_store_from_the_future_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.db");
    drop(SqliteStore::open(&path).unwrap());
    rusqlite::Connection::open(&path).unwrap().execute("insert into tribunal_schema values (999)", []).unwrap();
    assert!(matches!(SqliteStore::open(&path), Err(StoreError::Newer { found: 999, .. })));
}

#[tokio::test]
async fn an_export_survives_the_journey_and_a_damaged_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let h = head("r1", "k", 1);
    store.create_run(&h).await.unwrap();
    for seq in 0..3 {
        full(&*store, &h.id, seq).await;
    }
    let mut text = Vec::new();
    assert_eq!(bundle::export(&*store, &h, &mut text).await.unwrap(), 3);

    let mut rows = Vec::new();
    let read = bundle::read("x", text.as_slice(), |r| {
        rows.push(r);
        Ok(())
    });
    assert_eq!(read.unwrap(), h);
    assert_eq!(rows, store.page(&h.id, None, 10).await.unwrap());

    let other = open(&dir.path().join("elsewhere"));
    other.create_run(&h).await.unwrap();
    bundle::take(&other, &h.id, rows.clone()).await.unwrap();
    assert_eq!(other.page(&h.id, None, 10).await.unwrap(), rows);

    let text = String::from_utf8(text).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let damaged = [
        text.replace("answer 1", "answer 9"),
        lines[..lines.len() - 1].join("\n"),
        [lines[0], lines[2], lines[3], lines[4]].join("\n"),
        String::new(),
        "{}".to_owned(),
        text.replace("\"tribunal_run\":1", "\"tribunal_run\":9"),
    ];
    for bad in damaged {
        let e = bundle::read("x", bad.as_bytes(), |_| Ok(())).unwrap_err();
        assert_eq!(e.exit(), tribunal::error::Exit::Integrity, "{e}");
    }
}

#[test]
fn parts_merge_and_strangers_do_not() {
    let part = |id: &str, k: &str| RunHead { selection: format!("--tag eu --shard {k}"), ..head(id, k, 1) };
    let merge = |heads: &[RunHead]| bundle::merge_heads(heads, RunId::new("m").unwrap(), 9, false);
    let (a, b) = (part("a", "1/2"), part("b", "2/2"));
    let merged = merge(&[a.clone(), b.clone()]).unwrap();
    assert_eq!((merged.planned, merged.selection.as_str(), merged.created_ms), (6, "--tag eu", 9));
    assert_eq!(merged.key, merge(&[b.clone(), a.clone()]).unwrap().key);
    let refused = |heads: &[RunHead], word: &str| {
        let e = merge(heads).unwrap_err().to_string();
        assert!(e.contains(word), "{e}");
    };
    refused(&[a.clone(), RunHead { seed: 7, ..b.clone() }], "seed");
    refused(&[a.clone(), b.clone(), part("c", "2/2")], "twice");
    refused(&[part("a", "1/3"), part("b", "2/3")], "missing parts: 3/3");
    refused(&[a.clone(), part("c", "2/3")], "different runs");
    refused(&[a.clone(), RunHead { selection: "--shard 2/2".into(), ..b.clone() }], "different runs");
    refused(&[a.clone(), head("c", "kc", 1)], "--shard");
    assert!(bundle::merge_heads(&[part("a", "1/3"), part("b", "2/3")], RunId::new("m").unwrap(), 9, true).is_ok());
}

#[test]
fn a_set_that_only_one_part_has_is_in_the_whole_and_a_changed_set_is_refused() {
    let set = |name: &str, bytes: &[u8]| SetHead {
        name: SetName::new(name).unwrap(),
        rubric: RubricName::new("r").unwrap(),
        path: format!("{name}.yaml").into(),
        digest: Digest::of_bytes(bytes),
        cases: 1,
    };
    let part = |k: &str, sets: Vec<SetHead>| RunHead { selection: format!("--shard {k}"), sets, ..head(&k[..1], k, 1) };
    let merge = |heads: &[RunHead]| bundle::merge_heads(heads, RunId::new("m").unwrap(), 9, false);
    let merged = merge(&[part("1/2", vec![set("b", b"b")]), part("2/2", vec![set("a", b"a"), set("b", b"b")])]).unwrap();
    assert_eq!(merged.sets.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    assert!(merge(&[part("1/2", vec![set("b", b"b")]), part("2/2", vec![set("b", b"other")])]).is_err());
}
