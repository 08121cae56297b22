//! Calibrators on recorded panels, cross-validated by question: better than the raw share of judges that pass an answer.

mod support;

use std::fs;

use serde_json::Value;
use support::outside;
use tribunal::domain::Score;
use tribunal::stats::calibrate::folds::{forecasts, out_of_fold};
use tribunal::stats::calibrate::scores::{auroc, brier, ece, log_loss};
use tribunal::stats::calibrate::{Kind, Labelled, PanelFeatures};

const MARK: Score = Score::ALL[3];

struct Item {
    features: PanelFeatures,
    grade: Score,
    cluster: String,
}

fn score(x: f64) -> Score {
    Score::ALL.into_iter().min_by(|a, b| (f64::from(a.get()) - x).abs().total_cmp(&(f64::from(b.get()) - x).abs())).unwrap()
}

/// 0/1 labels are 1 and 5 here; a judge's value between is rounded.
fn items(file: &str, cluster: impl Fn(&Value) -> String) -> Option<Vec<Item>> {
    let text = fs::read_to_string(outside("TRIBUNAL_DATA", "data")?.join(file)).unwrap();
    let item = |line: &str| {
        let v: Value = serde_json::from_str(line).unwrap();
        let stretch = if v["scale"][1] == 1 { |x: f64| 1.0 + 4.0 * x } else { |x: f64| x };
        let all =
            |list: &str| -> Vec<f64> { v[list].as_array().unwrap().iter().filter_map(|g| g["score"].as_f64()).map(stretch).collect() };
        let judges: Vec<Score> = all("judge").into_iter().map(score).collect();
        let people = all("human");
        let mean = people.iter().sum::<f64>() / people.len() as f64;
        // The lower of two equally near grades; an adjudicated label where there is one.
        let grade = v["gold"].as_f64().map_or(mean, stretch);
        Some(Item { features: PanelFeatures::of(&judges, MARK)?, grade: score(grade), cluster: cluster(&v) })
    };
    Some(text.lines().filter_map(item).collect())
}

fn check(name: &str, data: &[Item]) {
    let rows: Vec<Labelled<'_>> =
        data.iter().map(|i| Labelled { features: i.features, grade: i.grade, weight: 1.0, cluster: &i.cluster }).collect();
    let share = rows.iter().filter(|r| r.grade >= MARK).count() as f64 / rows.len() as f64;
    println!("{name}: {} items, {share:.3} pass", rows.len());
    let mut raw = None;
    for kind in [Kind::Share, Kind::Logistic, Kind::Isotonic, Kind::Ordinal] {
        let said = out_of_fold(&rows, kind, MARK, 5).unwrap();
        let rated = forecasts(&rows, &said, MARK);
        let [b, l, e, a] = [brier(&rated), log_loss(&rated), ece(&rated, 10), auroc(&rated)].map(Result::unwrap);
        let mae = rows.iter().zip(&said).map(|(r, s)| (s.f - f64::from(r.grade.get())).abs()).sum::<f64>() / rows.len() as f64;
        println!("  {kind:?}: Brier {b:.4}, log loss {l:.4}, ECE {e:.4}, AUROC {a:.4}, grade off by {mae:.3}");
        let (raw_brier, raw_ece) = *raw.get_or_insert((b, e));
        if kind != Kind::Share {
            assert!(b < raw_brier && e < raw_ece, "{name}: {kind:?} is no better than the raw share");
        }
    }
}

#[test]
fn fitted_calibrators_beat_the_raw_share_on_answers_to_questions() {
    let question = |v: &Value| v["question"].as_str().unwrap().to_owned();
    if let Some(data) = items("openqa-nq301.jsonl", question) {
        check("openqa-nq301", &data);
    }
}

#[test]
fn fitted_calibrators_beat_the_raw_share_on_stories() {
    let prompt = |v: &Value| v["meta"]["prompt_id"].to_string();
    if let Some(data) = items("hanna.jsonl", prompt) {
        check("hanna", &data);
    }
}
