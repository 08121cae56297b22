//! Oracles of calibration, aggregation, sequences and selection.

use tribunal::domain::Score;
use tribunal::stats::aggregate::{DawidSkene, Options, Vote};
use tribunal::stats::calibrate::isotonic::{Isotonic, Point};
use tribunal::stats::calibrate::scores::{Forecast, auroc, brier, ece, log_loss};
use tribunal::stats::graders::{AltOptions, Measure, alt_test};
use tribunal::stats::select::{Graded, Outcome, fixed_sequence};
use tribunal::stats::sequence::{Asymptotic, Betting, Boundary, mixture, obrien_fleming};

use super::case::{Case, Check};

/// Every family here, by name.
pub const FAMILIES: &[(&str, Check)] = &[
    ("calibration", calibration),
    ("isotonic", isotonic),
    ("dawid_skene", dawid_skene),
    ("fixed_sequence", selection),
    ("alt_test", alternative),
    ("group_sequential", group_sequential),
    ("normal_mixture", normal_mixture),
    ("betting_cs", betting),
    ("asymptotic_cs", asymptotic),
];

fn calibration(case: &Case) {
    let rows: Vec<Forecast> =
        case.numbers("/p").into_iter().zip(case.numbers("/y")).map(|(p, y)| Forecast { p, yes: y > 0.5, weight: 1.0 }).collect();
    case.close("/brier", brier(&rows).ok());
    case.close("/log_loss", log_loss(&rows).ok());
    case.close("/auroc", auroc(&rows).ok());
    // Not recorded where there is only one class.
    if case.expected.get("ece_10_equal_width").is_some() {
        case.close("/ece_10_equal_width", ece(&rows, 10).ok());
    }
}

fn isotonic(case: &Case) {
    let (x, y) = (case.numbers("/x"), case.numbers("/y"));
    let w = if case.input["w"].is_array() { case.numbers("/w") } else { vec![1.0; x.len()] };
    let points: Vec<Point> = x.iter().zip(&y).zip(&w).map(|((x, y), w)| Point { x: *x, y: *y, weight: *w }).collect();
    let Ok(curve) = Isotonic::fit(&points) else {
        return case.same("undefined", &true, &case.is_undefined());
    };
    for (i, x) in x.iter().enumerate() {
        case.close(&format!("/fitted/{i}"), Some(curve.predict(*x)));
    }
    for (i, x) in case.numbers("/query").iter().enumerate() {
        case.close(&format!("/predict/{i}"), Some(curve.predict(*x)));
    }
}

fn dawid_skene(case: &Case) {
    let place = |v: &serde_json::Value| usize::try_from(v.as_u64().unwrap()).unwrap();
    let labels: Vec<usize> = case.expected["labels"].as_array().unwrap().iter().map(place).collect();
    let votes: Vec<Vote> = case.input["votes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| Vote { item: place(&v[0]), grader: place(&v[1]), label: labels.iter().position(|l| *l == place(&v[2])).unwrap() })
        .collect();
    let options = Options { iterations: place(&case.input["iterations"]), smoothing: 0.0, tolerance: 0.0 };
    let Ok(got) = DawidSkene::fit(&votes, labels.len(), &options) else {
        return case.same("undefined", &true, &case.is_undefined());
    };
    for (item, row) in got.posterior.iter().enumerate() {
        for (label, p) in row.iter().enumerate() {
            case.close(&format!("/posterior/{item}/{label}"), Some(*p));
        }
    }
    for (label, p) in got.prior.iter().enumerate() {
        case.close(&format!("/prior/{label}"), Some(*p));
    }
}

fn selection(case: &Case) {
    let (confidence, disagree) = (case.numbers("/confidence"), case.numbers("/disagree"));
    let rows: Vec<Graded> = confidence.into_iter().zip(disagree).map(|(confidence, d)| Graded { confidence, disagrees: d > 0.5 }).collect();
    let got = fixed_sequence(&rows, &case.numbers("/thresholds"), case.number("/alpha"), case.number("/delta"));
    case.same("steps", &got.steps.len(), &case.expected["rows"].as_array().unwrap().len());
    for (i, step) in got.steps.iter().enumerate() {
        let at = |field: &str| format!("/rows/{i}/{field}");
        case.close(&at("threshold"), Some(step.threshold));
        case.close(&at("n"), Some(step.n as f64));
        case.close(&at("disagree"), Some(step.disagree as f64));
        case.close(&at("upper"), Some(step.upper));
        case.same("pass", &Some(step.pass), &case.expected["rows"][i]["pass"].as_bool());
    }
    let (lambda, coverage) = match got.outcome {
        Outcome::Accept { lambda, coverage, .. } => (Some(lambda), coverage),
        Outcome::EscalateAll { .. } => (None, 0.0),
    };
    case.close("/selected", lambda);
    case.close("/coverage", Some(coverage));
    case.same("undefined", &lambda.is_none(), &case.is_undefined());
}

fn alternative(case: &Case) {
    let scores = |v: &serde_json::Value| -> Vec<Option<Score>> {
        v.as_array().unwrap().iter().map(|s| s.as_u64().map(|s| Score::try_from(u8::try_from(s).unwrap()).unwrap())).collect()
    };
    let graders: Vec<Vec<Option<Score>>> = case.input["humans"].as_array().unwrap().iter().map(scores).collect();
    let measure = match case.input["score"].as_str().unwrap() {
        "accuracy" => Measure::Accuracy,
        "neg_rmse" => Measure::NegRmse,
        other => panic!("{}: unknown measure {other}", case.id),
    };
    let options = AltOptions { measure, epsilon: case.number("/epsilon"), q: case.number("/q") };
    let got = alt_test(&scores(&case.input["llm"]), &graders, &options).unwrap();
    case.close("/winning_rate", Some(got.winning_rate));
    case.close("/average_advantage", Some(got.advantage));
    case.same("pass", &Some(got.passes), &case.expected["pass"].as_bool());
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a recorded number of looks")]
fn group_sequential(case: &Case) {
    let (looks, alpha) = (case.number("/looks") as u8, case.number("/alpha_one_sided"));
    case.close("/obrien_fleming", Some(obrien_fleming::constant(Boundary::OBrienFleming, looks, alpha)));
    case.close("/pocock", Some(obrien_fleming::constant(Boundary::Pocock, looks, alpha)));
}

fn normal_mixture(case: &Case) {
    let [v, alpha, v_opt] = ["/v", "/alpha", "/v_opt"].map(|p| case.number(p));
    case.close("/two_sided", mixture::two_sided(v, alpha, v_opt));
    case.close("/one_sided", mixture::one_sided(v, alpha, v_opt));
}

fn betting(case: &Case) {
    let mut sequence = Betting::new(case.number("/alpha")).unwrap();
    for (i, x) in case.numbers("/x").into_iter().enumerate() {
        assert!(sequence.add(x));
        case.close(&format!("/lower/{i}"), Some(sequence.interval().low));
        case.close(&format!("/upper/{i}"), Some(sequence.interval().high));
    }
}

fn asymptotic(case: &Case) {
    let mut sequence = Asymptotic::new(case.number("/alpha"), case.number("/t_opt")).unwrap();
    for (i, x) in case.numbers("/x").into_iter().enumerate() {
        assert!(sequence.add(x));
        case.close(&format!("/mean/{i}"), sequence.mean());
        case.close(&format!("/lower/{i}"), sequence.formula().map(|f| f.low));
        case.close(&format!("/upper/{i}"), sequence.formula().map(|f| f.high));
    }
}
