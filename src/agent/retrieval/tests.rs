//! Real folders, in every order.

use std::path::PathBuf;
use std::sync::Arc;

use futures::executor::block_on;
use proptest::prelude::*;

use super::*;
use crate::domain::{Case, CaseId};
use crate::error::Exit;

const PAGES: [(&str, &str); 4] = [
    (
        "docs/ci.md",
        "# Continuous integration\n\nRun the gate in your pipeline.\n\n## Exit codes\n\n| code | meaning |\n|---|---|\n| 0 | the gate passed |\n| 4 | the run is incomplete |\n\nThe gate is run like this:\n\n```sh\ntribunal run --gate\n```\n",
    ),
    (
        "docs/review/queue.md",
        "# Review\n\nReviewers see disputed items first. Each item shows the question. A random audit catches shared errors.\n",
    ),
    ("docs/notes.txt", "Refunds are paid within 14 days of delivery.\n\nShipping is free in the EU.\n"),
    ("docs/.hidden.md", "The secret of the hidden page is refunds refunds refunds.\n"),
];

fn project(pages: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (path, text) in pages {
        let full = dir.path().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, text).unwrap();
    }
    dir
}

fn spec(folder: &str) -> RetrievalAgentSpec {
    RetrievalAgentSpec { folder: PathBuf::from(folder), ..RetrievalAgentSpec::default() }
}

fn agent(dir: &tempfile::TempDir, spec: &RetrievalAgentSpec) -> Result<RetrievalAgent, AppError> {
    RetrievalAgent::new(AgentName::new("r").unwrap(), spec, dir.path())
}

fn ask(agent: &RetrievalAgent, question: &str) -> Output {
    let case = Arc::new(Case::new(CaseId::new("a").unwrap(), question, "e"));
    block_on(agent.answer(&Ask { case, trial: 0 })).result.unwrap()
}

#[test]
fn the_best_passage_answers_and_names_its_place() {
    let dir = project(&PAGES);
    let a = agent(&dir, &spec("docs/")).unwrap();
    let output = ask(&a, "When are refunds paid?");
    assert_eq!(output.text, "Refunds are paid within 14 days of delivery.");
    assert_eq!(output.context.as_deref(), Some("docs/notes.txt\nRefunds are paid within 14 days of delivery."));
    assert_eq!(ask(&a, "What does exit code 4 mean?").context.as_deref(), Some("docs/ci.md#exit-codes\n4: the run is incomplete"));
    assert_eq!(ask(&a, "How do I run the gate?").text, "The gate is run like this:\ntribunal run --gate");
}

#[test]
fn no_match_is_said_rather_than_guessed() {
    let dir = project(&PAGES);
    let a = agent(&dir, &spec("docs")).unwrap();
    for question in ["Quelle heure est-il?", "", "what is it"] {
        assert_eq!(ask(&a, question), Output::text(NOTHING_FOUND));
    }
}

#[test]
fn a_number_of_sentences_can_be_asked_for() {
    let dir = project(&PAGES);
    let a = agent(&dir, &RetrievalAgentSpec { sentences: Some(1), ..spec("docs") }).unwrap();
    let output = ask(&a, "What does a random audit catch?");
    assert_eq!(output.text, "A random audit catches shared errors.");
    assert!(output.context.unwrap().contains("Reviewers see disputed items first."));
}

#[test]
fn more_folders_and_single_files_can_be_named() {
    let dir = project(&[("docs/a.md", "Alpha."), ("README", "Beta is in the readme."), ("docs/b.rs", "gamma")]);
    let a = agent(&dir, &RetrievalAgentSpec { also: vec!["README".into(), "./docs".into()], ..spec("docs") }).unwrap();
    assert_eq!(ask(&a, "beta").text, "Beta is in the readme.");
    assert_eq!(ask(&a, "gamma").text, NOTHING_FOUND);
    assert_eq!(a.passages.len(), 2);
}

#[test]
fn a_folder_without_text_and_a_missing_one_are_usage_errors() {
    let dir = project(&[("empty/x.rs", "code"), ("blank/x.md", "\n\n")]);
    for folder in ["empty", "blank", "missing"] {
        assert_eq!(agent(&dir, &spec(folder)).unwrap_err().exit(), Exit::Usage, "{folder}");
    }
}

#[test]
fn large_files_are_passed_over() {
    let dir = project(&[("docs/a.md", "small")]);
    std::fs::write(dir.path().join("docs/big.md"), "big ".repeat(1_100_000)).unwrap();
    assert_eq!(ask(&agent(&dir, &spec("docs")).unwrap(), "big").text, NOTHING_FOUND);
}

#[cfg(unix)]
#[test]
fn a_loop_of_links_ends() {
    let dir = project(&[("docs/sub/a.md", "alpha")]);
    std::os::unix::fs::symlink("..", dir.path().join("docs/sub/up")).unwrap();
    std::os::unix::fs::symlink("sub", dir.path().join("docs/again")).unwrap();
    std::os::unix::fs::symlink("nowhere", dir.path().join("docs/broken.md")).unwrap();
    let a = agent(&dir, &spec("docs")).unwrap();
    assert_eq!(a.passages.len(), 1);
    assert_eq!(a.passages[0].place, "docs/again/a.md");
}

#[test]
fn the_digest_follows_the_content_and_the_options() {
    let dir = project(&PAGES);
    let digest = |s: &RetrievalAgentSpec| agent(&dir, s).unwrap().head().digest;
    let before = digest(&spec("docs"));
    assert_eq!(before, digest(&spec("docs/")));
    assert_ne!(before, digest(&RetrievalAgentSpec { sentences: Some(2), ..spec("docs") }));
    std::fs::write(dir.path().join("docs/notes.txt"), "Other.").unwrap();
    assert_ne!(before, digest(&spec("docs")));
}

proptest! {
    // Each case makes a folder.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_question_has_an_answer(question in any::<String>(), sentences in prop::option::of(1u16..5)) {
        let dir = project(&PAGES);
        let a = agent(&dir, &RetrievalAgentSpec { sentences, ..spec("docs") }).unwrap();
        prop_assert!(!ask(&a, &question).text.is_empty());
    }

    #[test]
    fn any_page_can_be_read(page in any::<String>(), name in "x\\.(md|txt)") {
        let dir = project(&[(&format!("docs/{name}"), &page), ("docs/z.md", "alpha")]);
        let a = agent(&dir, &spec("docs")).unwrap();
        prop_assert_ne!(ask(&a, "alpha").text, NOTHING_FOUND);
    }

    #[test]
    fn ranking_does_not_depend_on_the_order_of_files(order in Just(PAGES.to_vec()).prop_shuffle(), question in "(refunds|gate|run|exit|the|review|audit|items| ){1,6}") {
        let (one, two) = (project(&PAGES), project(&order));
        let (a, b) = (agent(&one, &spec("docs")).unwrap(), agent(&two, &spec("docs")).unwrap());
        prop_assert_eq!(ask(&a, &question), ask(&b, &question));
        prop_assert_eq!(a.head(), b.head());
    }
}
