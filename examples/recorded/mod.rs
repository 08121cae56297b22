//! Recorded panels beside human labels as trials with signals, for the risk programs and their test.

#![allow(dead_code, reason = "each program that shares this file uses a part of it")]

pub mod cross;
pub mod lexical;

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use tribunal::domain::digest::DigestBuilder;
use tribunal::domain::{
    AgentName, Ballot, Case, CaseId, Digest, JudgeFailure, JudgeFailureKind, JudgeName, Judgment, Output, PanelPolicy, Score, SetName,
    Spend, TrialKey, TrialRow, panel,
};
use tribunal::routing::risk::{Features, Others, Outcome, Words};

/// The pass mark throughout.
pub const MARK: Score = Score::ALL[3];

type Fallible<T> = Result<T, Box<dyn Error>>;

/// One verdict of a panel beside people's.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    /// The signals, other outputs of the case included.
    pub features: Features,
    /// People overrule it.
    pub wrong: bool,
    /// What belongs together: the question.
    pub cluster: u64,
}

/// Items without the signals of the case's other outputs: what a run of one agent with one trial has.
pub fn alone(items: &[Item]) -> Vec<Item> {
    items.iter().map(|i| Item { features: i.features.beside(&Others::default()), ..*i }).collect()
}

/// All non-empty subsets of some judges, the whole panel first.
pub fn panels<'a>(judges: &[&'a str]) -> Vec<Vec<&'a str>> {
    let of = |bits: usize| judges.iter().enumerate().filter(|(i, _)| bits >> i & 1 == 1).map(|(_, j)| *j).collect();
    (1..1usize << judges.len()).rev().map(of).collect()
}

pub fn lines(path: &Path) -> Fallible<Vec<Value>> {
    Ok(std::fs::read_to_string(path)?.lines().filter(|l| !l.trim().is_empty()).map(serde_json::from_str).collect::<Result<_, _>>()?)
}

pub fn text<'a>(v: &'a Value, key: &str) -> &'a str {
    v[key].as_str().unwrap_or_default()
}

/// A stable number for a text.
pub fn cluster(text: &str) -> u64 {
    DigestBuilder::new("cluster/1").text("text", text).finish().bytes().iter().take(8).fold(0, |n, b| n << 8 | u64::from(*b))
}

/// A question's words, so that two spellings are one.
pub fn normal(question: &str) -> String {
    tribunal::text::words::words(question).join(" ")
}

pub fn case(question: &str, expected: &str, separator: &str) -> Fallible<Case> {
    let mut references = expected.split(separator).map(str::trim).filter(|r| !r.is_empty());
    let mut case = Case::new(CaseId::new("c")?, question, references.next().unwrap_or_default());
    case.accept = references.map(str::to_owned).collect();
    Ok(case)
}

pub fn ballot(judge: &str, sample: u16, outcome: Option<Judgment>) -> Fallible<Ballot> {
    Ok(Ballot {
        judge: JudgeName::new(judge)?,
        judge_digest: Digest::of_bytes(b""),
        sample,
        outcome: outcome.ok_or_else(|| JudgeFailure::new(JudgeFailureKind::Unreadable, "")),
        spend: Spend::default(),
        latency_ms: 0,
    })
}

pub fn trial(case: Case, answer: &str, ballots: Vec<Ballot>) -> Fallible<TrialRow> {
    let tally = panel::settle(&ballots, &PanelPolicy { quorum: 1, max_spread: 4 });
    Ok(TrialRow {
        key: TrialKey { seq: 0, agent: AgentName::new("a")?, set: SetName::new("s")?, trial: 0 },
        case_digest: Digest::of_bytes(b""),
        case: Arc::new(case),
        answer: Ok(Output::text(answer)),
        spend: Spend::default(),
        ballots,
        tally: Some(tally),
        item: None,
        label: None,
    })
}

/// A trial beside people's label, its case and how many agents gave it.
pub struct Labelled {
    pub row: TrialRow,
    pub pass: bool,
    pub cluster: u64,
    pub case: u64,
    pub agents: usize,
}

/// Measures trials; each sees the other outputs of its case. `agents` copies of an output count as that many outputs.
pub fn measure(trials: &[Labelled], words: &dyn Fn(&Labelled) -> Words) -> Vec<Item> {
    let mut cases: HashMap<u64, Vec<Outcome>> = HashMap::new();
    for t in trials {
        if let Some(o) = Outcome::of(&t.row, MARK) {
            cases.entry(t.case).or_default().extend(std::iter::repeat_n(o, t.agents));
        }
    }
    let item = |t: &Labelled| {
        let others = Outcome::of(&t.row, MARK).and_then(|o| Some(Others::count(&o, cases.get(&t.case)?))).unwrap_or_default();
        let features = Features::of(&t.row, MARK, &words(t))?.beside(&others);
        Some(Item { features, wrong: features.fails() == t.pass, cluster: t.cluster })
    };
    trials.iter().filter_map(item).collect()
}

pub const OPENQA: [&str; 3] = ["gpt-4", "text-davinci-003", "BEM"];

/// openqa-nq301: verdicts of some of its judges (0/1 as 1/5; BEM with its probability; the others with their reply as the
/// reason) beside the adjudicated label. Rows on which one of the three judges gave no verdict are left out of every panel.
pub fn openqa(path: &Path, judges: &[&str]) -> Fallible<Vec<Item>> {
    let words = Words::default();
    let mut trials = Vec::new();
    for v in lines(path)? {
        let recorded: Vec<&Value> = v["judge"].as_array().into_iter().flatten().collect();
        if recorded.iter().any(|j| j["score"].is_null()) {
            continue;
        }
        let mut ballots = Vec::new();
        for j in recorded.iter().filter(|j| judges.contains(&text(j, "judge"))) {
            let score = if j["score"].as_f64() == Some(1.0) { Score::ALL[4] } else { Score::ALL[0] };
            let raw = text(j, "raw");
            let mut judgment = Judgment::new(score, "");
            match raw.strip_prefix("p=") {
                Some(p) => judgment.probabilities = p.parse::<f64>().ok().map(|p| [1.0 - p, 0.0, 0.0, 0.0, p]),
                None => raw.clone_into(&mut judgment.reason),
            }
            ballots.push(ballot(text(j, "judge"), 0, Some(judgment))?);
        }
        let row = trial(case(text(&v, "question"), text(&v, "expected"), " | ")?, text(&v, "answer"), ballots)?;
        let cluster = cluster(&v["meta"]["question_id"].to_string());
        // An answer that no system is known to have given was given by one.
        let agents = v["meta"]["systems"].as_array().map_or(1, |s| s.len().max(1));
        trials.push(Labelled { row, pass: v["gold"].as_f64() == Some(1.0), cluster, case: cluster, agents });
    }
    Ok(measure(&trials, &|_| words.clone()))
}

pub const HANNA: [&str; 5] = ["Beluga-13B", "OrcaPlatypus", "Mistral-7B", "Llama-13B", "ChatGPT"];

/// hanna: four prompts a judge as four samples, rounded to whole scores; people's label is the median of three. A case is a
/// prompt and a criterion, its outputs are the eleven systems' stories; the stories themselves are not in the data.
pub fn hanna(path: &Path, judges: &[&str]) -> Fallible<Vec<Item>> {
    let mut trials = Vec::new();
    for v in lines(path)? {
        let mut people: Vec<f64> = v["human"].as_array().into_iter().flatten().filter_map(|h| h["score"].as_f64()).collect();
        people.sort_by(f64::total_cmp);
        let Some(label) = people.get(people.len() / 2) else { continue };
        let mut ballots = Vec::new();
        for j in v["judge"].as_array().into_iter().flatten().filter(|j| judges.contains(&text(j, "judge"))) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "scores of 1 to 5")]
            let score = j["score"].as_f64().and_then(|s| Score::try_from(s.round() as u8).ok());
            let sample = u16::try_from(j["sample"].as_u64().unwrap_or_default())?;
            ballots.push(ballot(text(j, "judge"), sample, score.map(|s| Judgment::new(s, "")))?);
        }
        let prompt = v["meta"]["prompt_id"].to_string();
        let case_of = cluster(&format!("{prompt} {}", text(&v, "criterion")));
        let row = trial(case("", "", "|")?, "", ballots)?;
        trials.push(Labelled { row, pass: *label >= 4.0, cluster: cluster(&prompt), case: case_of, agents: 1 });
    }
    Ok(measure(&trials, &|_| Words::none()))
}

/// rubric-gpt4x3 has no human grades: the panel is the first two samples of one judge, and what stands in for people is
/// whether the third sample passes. That is stability, not correctness.
pub fn rubric(path: &Path) -> Fallible<Vec<Item>> {
    let words = Words::default();
    let mut trials = Vec::new();
    for v in lines(path)? {
        let mut ballots = Vec::new();
        let mut third = None;
        for j in v["judge"].as_array().into_iter().flatten() {
            let Some(score) = j["score"].as_u64().and_then(|s| Score::try_from(u8::try_from(s).ok()?).ok()) else { continue };
            let sample = u16::try_from(j["sample"].as_u64().unwrap_or_default())?;
            if sample < 2 {
                ballots.push(ballot("gpt-4", sample, Some(Judgment::new(score, text(j, "raw"))))?);
            } else {
                third = Some(score >= MARK);
            }
        }
        let Some(pass) = third else { continue };
        let row = trial(case(text(&v, "question"), text(&v, "expected"), "\u{1f}")?, text(&v, "answer"), ballots)?;
        let question = cluster(&normal(text(&v, "question")));
        trials.push(Labelled { row, pass, cluster: question, case: question, agents: 1 });
    }
    Ok(measure(&trials, &|_| words.clone()))
}

/// evouna: the panel is the lexical judge alone, each question judged by weights that were fitted on other questions; people's
/// label is the only one. A case's outputs are its five systems'.
pub fn evouna(path: &Path) -> Fallible<Vec<Item>> {
    let all = lines(path)?;
    let judges = lexical::cross_fitted(&all)?;
    let mut trials = Vec::new();
    let mut folds: BTreeMap<u64, usize> = BTreeMap::new();
    for v in &all {
        let (question, answer) = (text(v, "question"), text(v, "answer"));
        let id = cluster(&normal(question));
        let fold = lexical::fold(&normal(question));
        folds.insert(id, fold);
        let case = case(question, text(v, "expected"), "/")?;
        let Some(model) = judges.get(fold) else { continue };
        let linear = tribunal::text::lexical::assess::assess(model, &case, answer).linear;
        let mut judgment = Judgment::new(model.score(linear), "");
        judgment.probabilities = Some(model.probabilities(linear));
        let pass = v["human"][0]["score"].as_f64().ok_or("an item has no label")? >= 0.5;
        trials.push(Labelled {
            row: trial(case, answer, vec![ballot("lexical", 0, Some(judgment))?])?,
            pass,
            cluster: id,
            case: id,
            agents: 1,
        });
    }
    let words: Vec<Words> = judges.into_iter().map(Words::new).collect();
    Ok(measure(&trials, &|t| folds.get(&t.cluster).and_then(|f| words.get(*f)).cloned().unwrap_or_else(Words::none)))
}
