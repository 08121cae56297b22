//! The decision log, the texts beside it and designs, on a real file.

use std::sync::Arc;

use tribunal::domain::log::{Act, Author, Entry, Head, Known, Verifier};
use tribunal::domain::*;
use tribunal::store::sqlite::SqliteStore;
use tribunal::store::{Store, StoreError, events};

fn open(dir: &std::path::Path) -> Arc<dyn Store> {
    Arc::new(SqliteStore::open(&dir.join("tribunal.db")).unwrap())
}

fn entry(id: &str) -> Entry {
    Entry {
        id: EventId::new(id).unwrap(),
        at_ms: 7,
        by: Author { name: GraderName::new("ana").unwrap(), known: Known::Local },
        act: Act::Voided { of: EventId::new("d-x").unwrap() },
    }
}

#[tokio::test]
async fn what_was_appended_is_there_after_reopening_and_only_once() {
    let dir = tempfile::tempdir().unwrap();
    let head = {
        let store = open(dir.path());
        store.append(vec![entry("d-1"), entry("d-2")], vec!["a note".into()]).await.unwrap();
        store.append(vec![entry("d-2"), entry("d-3")], vec![]).await.unwrap()
    };
    let store = open(dir.path());
    let (all, end) = events(&*store).await.unwrap();
    assert_eq!(all.iter().map(|e| e.entry.id.as_str()).collect::<Vec<_>>(), ["d-1", "d-2", "d-3"]);
    assert_eq!((end, end.events), (head, 3));
    assert_eq!(store.log_head().await.unwrap(), head);
    let note = Digest::of_bytes(b"a note");
    assert_eq!(store.texts(vec![note]).await.unwrap()[&note], "a note");
}

#[tokio::test]
async fn an_erased_text_is_gone_and_the_chain_holds() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let head = store.append(vec![entry("d-1")], vec!["Ana lives in 12 Elm Street".into()]).await.unwrap();
    let text = Digest::of_bytes(b"Ana lives in 12 Elm Street");
    assert!(store.erase_text(&text).await.unwrap());
    assert!(!store.erase_text(&text).await.unwrap(), "there is nothing left to erase");
    assert!(store.texts(vec![text]).await.unwrap().is_empty());
    let mut walk = Verifier::new(vec![head]);
    for link in store.log(0, 10).await.unwrap() {
        walk.next(&link).unwrap();
    }
    assert_eq!(walk.finish(), Ok(head));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_stores_on_one_file_make_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (open(dir.path()), open(dir.path()));
    let all = (0..60).map(|i| {
        let store = Arc::clone(if i % 2 == 0 { &one } else { &two });
        tokio::spawn(async move { store.append(vec![entry(&format!("d-{i}"))], vec![]).await.unwrap() })
    });
    for task in all.collect::<Vec<_>>() {
        task.await.unwrap();
    }
    let (all, head) = events(&*one).await.unwrap();
    assert_eq!((all.len(), head.events), (60, 60));
}

#[tokio::test]
async fn an_edit_behind_our_back_is_found() {
    let dir = tempfile::tempdir().unwrap();
    {
        open(dir.path()).append(vec![entry("d-1"), entry("d-2")], vec![]).await.unwrap();
    }
    let c = rusqlite::Connection::open(dir.path().join("tribunal.db")).unwrap();
    c.execute("update log set body = replace(body, 'ana', 'bob') where position = 1", []).unwrap();
    let found = events(&*open(dir.path())).await;
    assert!(matches!(found, Err(StoreError::Chain(log::Broken::Edited { position: 1 }))), "{found:?}");
}

fn design(size: u64) -> (Design, Vec<DesignItem>) {
    let strata = vec![DesignStratum { agent: AgentName::new("a").unwrap(), reason: Reason::Audit, size, drawn: 1 }];
    let items: Vec<_> = (0..size).map(|seq| DesignItem { seq, stratum: 0, rank: seq, predicted: 0.25, minutes: 0.5 }).collect();
    (Design::freeze(3, None, Digest::of_bytes(b"c"), strata, &items), items)
}

#[tokio::test]
async fn the_last_design_stands_and_a_changed_one_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let run = RunId::new("r").unwrap();
    {
        let store = open(dir.path());
        assert_eq!(store.design(&run).await.unwrap(), None);
        for size in [3, 5] {
            let (d, items) = design(size);
            store.put_design(&run, d, items).await.unwrap();
        }
        assert_eq!(store.design(&run).await.unwrap(), Some(design(5)));
    }
    let c = rusqlite::Connection::open(dir.path().join("tribunal.db")).unwrap();
    c.execute("update designs set body = replace(body, '\"drawn\":1', '\"drawn\":2')", []).unwrap();
    let found = open(dir.path()).design(&run).await;
    assert!(matches!(found, Err(StoreError::Corrupt { what: "design", .. })), "{found:?}");
}

#[tokio::test]
async fn an_empty_log_has_a_head_too() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(open(dir.path()).log_head().await.unwrap(), Head::default());
}
