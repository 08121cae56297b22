//! Oracles of calibration, aggregation, sequences and selection.

use tribunal::stats::calibrate::scores::{Forecast, auroc, brier, ece, log_loss};
use tribunal::stats::select::{Graded, Outcome, fixed_sequence};
use tribunal::stats::sequence::{Asymptotic, Betting, Boundary, mixture, obrien_fleming};

use super::case::{Case, Check};

/// Every family here, by name.
pub const FAMILIES: &[(&str, Check)] = &[
    ("calibration", calibration),
    ("fixed_sequence", selection),
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
