//! Recorded judges and people: a part of the questions is history, the rest a population to draw runs from.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::Value;
use tribunal::domain::{Case, CaseId, Digest, JudgeName, Rubric, RubricName, Score};
use tribunal::judge::lexical::LexicalJudge;
use tribunal::judge::spec::LexicalJudgeSpec;
use tribunal::routing::plan::predict_minutes;

use crate::item::Seen;
use crate::noise::Noise;

/// A recorded set.
pub struct Recorded {
    pub name: &'static str,
    /// Graded outputs that calibrators are fitted on.
    pub history: Vec<Seen>,
    /// Outputs by question, to be drawn from with replacement.
    population: Vec<Vec<Seen>>,
    /// Outputs of a run.
    pub outputs: usize,
}

/// A set, or the file that is not here.
pub type Found = Result<Recorded, (&'static str, PathBuf)>;

fn text<'a>(line: &'a Value, field: &str) -> &'a str {
    line[field].as_str().unwrap_or_default()
}

fn words(line: &Value) -> f64 {
    ["question", "expected", "answer"].iter().map(|f| text(line, f).split_whitespace().count()).sum::<usize>() as f64
}

fn scores(list: &Value) -> Vec<f64> {
    list.as_array().into_iter().flatten().filter_map(|j| j["score"].as_f64()).collect()
}

/// 0/1 labels enter a 1-5 scale as 1 and 5.
fn five(x: f64) -> f64 {
    1.0 + 4.0 * x
}

fn seen(line: &Value, judges: &[f64], line_at: f64, grade: f64) -> Option<Seen> {
    let spread = judges.iter().copied().fold(0.0, f64::max) - judges.iter().copied().fold(5.0, f64::min);
    (!judges.is_empty()).then(|| Seen::new(0, judges, line_at, predict_minutes(words(line), spread.max(0.0)), grade, grade > line_at))
}

/// One score a judge: the mean of its samples.
fn by_judge(line: &Value) -> Vec<f64> {
    let mut of: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for j in line["judge"].as_array().into_iter().flatten() {
        if let Some(s) = j["score"].as_f64() {
            of.entry(text(j, "judge")).or_default().push(s);
        }
    }
    of.values().map(|s| s.iter().sum::<f64>() / s.len() as f64).collect()
}

fn median(mut xs: Vec<f64>) -> Option<f64> {
    xs.sort_by(f64::total_cmp);
    xs.get(xs.len().checked_sub(1)? / 2).copied()
}

type Read = dyn Fn(&Value) -> Option<(String, Seen)> + Sync;

impl Recorded {
    fn load(folder: &Path, file: &str, name: &'static str, read: &Read) -> Found {
        let path = folder.join(file);
        let Ok(content) = std::fs::read_to_string(&path) else { return Err((name, path)) };
        let lines: Vec<&str> = content.lines().filter(|l| !l.is_empty()).collect();
        let rows: Vec<(String, Seen)> =
            lines.par_iter().filter_map(|l| read(&serde_json::from_str(l).expect("recorded lines are JSON"))).collect();
        let mut questions: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
        for (question, seen) in rows {
            questions.entry(question).or_default().push(seen);
        }
        let (mut history, mut population) = (Vec::new(), Vec::new());
        for (question, outputs) in questions {
            // Folds by question, fixed by its hash.
            if Digest::of_bytes(question.as_bytes()).unit() < 0.3 { history.extend(outputs) } else { population.push(outputs) }
        }
        history.truncate(1000);
        Ok(Self { name, history, population, outputs: 1000 })
    }

    /// The pass rate and mean grade of the population.
    pub fn truth(&self) -> (f64, f64) {
        let all = || self.population.iter().flatten();
        let n = all().count() as f64;
        (all().filter(|s| s.pass).count() as f64 / n, all().map(|s| f64::from(s.grade)).sum::<f64>() / n)
    }

    /// About `outputs` outputs: whole questions, drawn with replacement; a question drawn twice counts as two.
    pub fn draw(&self, noise: &mut Noise) -> Vec<Seen> {
        let mean = self.population.iter().flatten().count() as f64 / self.population.len() as f64;
        let questions = (self.outputs as f64 / mean).round() as u64;
        (0..questions)
            .flat_map(|cluster| {
                let question = &self.population[noise.below(self.population.len())];
                question.iter().map(move |s| Seen { cluster, ..s.clone() })
            })
            .collect()
    }
}

/// Every recorded set, or where its file was looked for.
pub fn all(folder: &Path) -> Vec<Found> {
    let question = |l: &Value| text(l, "question").to_owned();
    let story = |l: &Value| text(l, "id").rsplit_once('-').map_or("", |p| p.0).to_owned();
    let hanna = move |mark: f64| move |l: &Value| Some((story(l), seen(l, &by_judge(l), mark - 0.5, median(scores(&l["human"]))?)?));
    let lexical = Lexical::new();
    vec![
        Recorded::load(folder, "openqa-nq301.jsonl", "openqa-nq301: GPT-4, davinci, BEM", &move |l| {
            let judges: Vec<f64> = by_judge(l).into_iter().map(five).collect();
            Some((question(l), seen(l, &judges, 3.0, five(l["gold"].as_f64()?))?))
        }),
        Recorded::load(folder, "hanna.jsonl", "hanna, pass mark 4: five judges", &hanna(4.0)),
        Recorded::load(folder, "hanna.jsonl", "hanna, pass mark 3: five judges", &hanna(3.0)),
        Recorded::load(folder, "rubric-gpt4x3.jsonl", "rubric-gpt4x3: third sample as grader", &move |l| {
            let three = scores(&l["judge"]);
            Some((question(l), seen(l, three.get(..2)?, 3.5, *three.get(2)?)?))
        }),
        Recorded::load(folder, "evouna-nq.jsonl", "evouna-nq: our lexical judge", &move |l| {
            Some((question(l), seen(l, &[lexical.score(l)?], 3.5, five(scores(&l["human"]).first().copied()?))?))
        }),
    ]
}

/// The embedded judge; no model needed.
struct Lexical {
    judge: LexicalJudge,
    rubric: Rubric,
}

impl Lexical {
    fn new() -> Self {
        let judge = LexicalJudge::new(JudgeName::new("lexical").unwrap(), &LexicalJudgeSpec::default(), Path::new(".")).unwrap();
        let rubric = Rubric {
            name: RubricName::new("correctness").unwrap(),
            criteria: String::new(),
            anchors: std::array::from_fn(|_| String::new()),
            pass_mark: Score::ALL[3],
            notes: Vec::new(),
            examples: Vec::new(),
            template: None,
        };
        Self { judge, rubric }
    }

    /// Its expected score.
    fn score(&self, line: &Value) -> Option<f64> {
        let mut expected = text(line, "expected").split('/').map(str::trim).filter(|r| !r.is_empty());
        let mut case = Case::new(CaseId::new("c").ok()?, text(line, "question"), expected.next()?);
        case.accept = expected.map(str::to_owned).collect();
        Some(self.judge.judgment(&case, &self.rubric, text(line, "answer")).expected_score())
    }
}
