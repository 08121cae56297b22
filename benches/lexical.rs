//! Judgments a second of the embedded lexical judge on one core: short answers, and passages. `cargo bench --bench lexical`.
//!
//! The texts are put together here from word lists, seeded by position: the same in every run.

#![expect(clippy::expect_used, reason = "a bench may stop at once when its own texts are wrong")]

use std::hint::black_box;
use std::path::Path;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tribunal::domain::{Case, CaseId, JudgeName, Rubric, RubricName, Score};
use tribunal::judge::lexical::LexicalJudge;
use tribunal::judge::spec::LexicalJudgeSpec;

const PEOPLE: [&str; 8] = ["Anna Keller", "J. K. Marsh", "Zoë Brandt", "Louis XIV", "Ravi Menon", "Ingrid Åberg", "Tomás Rey", "Mei Lin"];
const PLACES: [&str; 6] = ["Lisbon, Portugal", "New Harbour", "the United Kingdom", "Łódź", "Green Valley", "Port Stanley"];
const VERBS: [&str; 6] = ["built", "opened", "painted", "measured", "returned", "discovered"];
const THINGS: [&str; 7] =
    ["the old lighthouse", "a railway bridge", "the first library", "the town hall", "two ships", "a map", "the archive"];
const CASES: usize = 256;

/// Question, expected answer and alternatives, answer.
fn short(i: usize) -> (Case, String) {
    let (who, place, verb, thing) = (PEOPLE[i % 8], PLACES[i % 6], VERBS[i / 3 % 6], THINGS[i / 5 % 7]);
    let (day, year) = (1 + i % 28, 1850 + i % 150);
    let (question, expected, accept) = match i % 3 {
        0 => (format!("who {verb} {thing}"), who.to_owned(), vec![who.split(' ').next_back().unwrap_or(who).to_owned()]),
        1 => (format!("where was {thing} {verb}"), place.to_owned(), Vec::new()),
        _ => (format!("when was {thing} {verb}"), format!("July {day}, {year}"), vec![year.to_string()]),
    };
    let answer = match i % 5 {
        0 => expected.clone(),
        1 => format!("{} {verb} it in {}", PEOPLE[(i + 1) % 8], PLACES[(i + 2) % 6]),
        2 => format!("{day} July {year}"),
        3 => format!("It was {who} who {verb} {thing} in {place}."),
        _ => "I don't know.".to_owned(),
    };
    let mut case = Case::new(CaseId::new("c").expect("a name"), question, expected);
    case.accept = accept;
    (case, answer)
}

/// An expected sentence, and a passage of about 150 words.
fn long(i: usize) -> (Case, String) {
    let sentence = |i: usize| {
        let (who, verb, thing, place) = (PEOPLE[i % 8], VERBS[i % 6], THINGS[i % 7], PLACES[i / 2 % 6]);
        format!("In {}, {who} {verb} {thing} near {place}, and it took {} days. ", 1850 + i % 150, 10 + i % 90)
    };
    let case = Case::new(CaseId::new("c").expect("a name"), format!("what did {} do", PEOPLE[i % 8]), sentence(i));
    (case, (0..9).map(|n| sentence(i + n * (1 + i % 3))).collect())
}

fn lexical(c: &mut Criterion) {
    let judge = LexicalJudge::new(JudgeName::new("lexical").expect("a name"), &LexicalJudgeSpec::default(), Path::new("."))
        .expect("the embedded weights");
    let rubric = Rubric {
        name: RubricName::new("correctness").expect("a name"),
        criteria: String::new(),
        anchors: std::array::from_fn(|_| String::new()),
        pass_mark: Score::ALL[3],
        notes: Vec::new(),
        examples: Vec::new(),
        template: None,
    };
    let mut group = c.benchmark_group("lexical");
    for (name, make) in [("short answers", short as fn(usize) -> (Case, String)), ("passages", long)] {
        let items: Vec<(Case, String)> = (0..CASES).map(make).collect();
        group.throughput(Throughput::Elements(CASES as u64));
        group.bench_function(name, |b| {
            b.iter(|| {
                items.iter().map(|(case, answer)| judge.judgment(black_box(case), &rubric, black_box(answer)).score.index()).sum::<usize>()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, lexical);
criterion_main!(benches);
