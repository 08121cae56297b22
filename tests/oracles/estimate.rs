//! Oracles of estimates from a sample of grades, and the planner.

use serde_json::Value;
use tribunal::routing::plan::allocate::{Offer, allocate};
use tribunal::stats::estimate::aipw::{Drawn, poisson};
use tribunal::stats::estimate::ppi::{Normal, PpiStratum, ppi, stratified};
use tribunal::stats::estimate::rogan_gladen::JudgeRates;
use tribunal::stats::estimate::share::share;
use tribunal::stats::estimate::{Difference, Form, Refusal, Row, Settings, Shrinkage};
use tribunal::stats::summary::Interval;
use tribunal::stats::survey::{Cell, stratified_mean};

use super::case::{Case, Check};

/// Every family here, by name.
pub const FAMILIES: &[(&str, Check)] = &[
    ("release_estimate", release_estimate),
    ("aipw_poisson", aipw_poisson),
    ("ppi_mean", ppi_mean),
    ("stratified_ppi", stratified_ppi),
    ("stratified_difference", stratified_difference),
    ("rogan_gladen", rogan_gladen),
    ("survey_proportion_ci", survey_proportion_ci),
    ("allocation", allocation),
];

/// A list with holes.
fn maybe(case: &Case, pointer: &str) -> Vec<Option<f64>> {
    case.input.pointer(pointer).and_then(Value::as_array).unwrap().iter().map(Value::as_f64).collect()
}

fn whole(x: f64) -> u64 {
    assert!(x >= 0.0 && x.fract() == 0.0 && x < 1e9, "{x} is no count");
    format!("{x}").parse().unwrap()
}

fn stratum(x: f64) -> u32 {
    u32::try_from(whole(x)).unwrap()
}

fn ends(case: &Case, pointer: &str, got: Option<Interval>) {
    case.close(&format!("{pointer}/0"), got.map(|i| i.low));
    case.close(&format!("{pointer}/1"), got.map(|i| i.high));
}

fn normal(case: &Case, pointer: &str, interval: &str, got: &Normal) {
    case.close(&format!("{pointer}/estimate"), Some(got.estimate));
    ends(case, &format!("{pointer}/{interval}"), Some(got.interval(case.number("/alpha"))));
}

/// Rows in the order of the lists; without a list of clusters every item is its own.
fn rows(case: &Case) -> Vec<Row> {
    let clusters = case.input["cluster"].is_array().then(|| case.numbers("/cluster"));
    let (strata, predicted, seen) = (case.numbers("/stratum"), case.numbers("/f"), maybe(case, "/h"));
    (0..strata.len())
        .map(|i| Row {
            stratum: stratum(strata[i]),
            cluster: clusters.as_ref().map_or(i as u64, |c| whole(c[i])),
            predicted: predicted[i],
            expected_variance: predicted[i] * (1.0 - predicted[i]),
            seen: seen[i],
        })
        .collect()
}

fn release_estimate(case: &Case) {
    let settings = Settings { alpha: case.number("/alpha"), shrinkage: Shrinkage { nu: case.number("/nu"), eps: case.number("/eps") } };
    let got = share(&rows(case), |r| *r, settings);
    if case.is_undefined() {
        case.same("refusal", &got.map(|_| ()).unwrap_err().to_string().starts_with(case.expected["undefined"].as_str().unwrap()), &true);
        case.close("/estimate", None);
        return;
    }
    let (got, _) = got.unwrap();
    case.close("/estimate", Some(got.theta));
    case.close("/v_design", Some(got.v_design));
    case.close("/v_population", Some(got.v_population));
    case.close("/df", Some(got.df));
    case.close("/n_eff", got.n_eff);
    let form = if got.form == Some(Form::Wilson) { "wilson" } else { "korn_graubard" };
    case.same("form", &form, &case.expected["form"].as_str().unwrap());
    ends(case, "/ci", Some(got.interval));
    case.close("/lower_one_sided", Some(got.lower));
    case.close("/upper_one_sided", Some(got.upper));
    ends(case, "/ci_finite_set", Some(got.this_set));
}

fn aipw_poisson(case: &Case) {
    let (pi, predicted) = (case.numbers("/pi"), case.numbers("/f"));
    let items: Vec<Drawn> = maybe(case, "/y")
        .into_iter()
        .zip(predicted)
        .zip(pi)
        .map(|((seen, predicted), inclusion)| Drawn { seen, predicted, inclusion })
        .collect();
    let got = poisson(&items);
    if case.is_undefined() {
        case.same("refusal", &matches!(got, Err(Refusal::NoChance { .. })), &true);
        return;
    }
    let got = got.unwrap();
    normal(case, "/aipw", "ci95", &got.aipw);
    case.close("/aipw/se", Some(got.aipw.error));
    normal(case, "/aipw_tuned", "ci95", &got.tuned);
    case.close("/aipw_tuned/se", Some(got.tuned.error));
    case.close("/ipw_glide/estimate", Some(got.horvitz_thompson.estimate));
    case.close("/ipw_glide/se", Some(got.horvitz_thompson.error));
    case.close("/horvitz_thompson", Some(got.horvitz_thompson.estimate));
    case.close("/hajek", got.hajek);
    case.close("/var_design_poisson", Some(got.design_variance));
}

fn ppi_mean(case: &Case) {
    let got = ppi(&case.numbers("/y"), &case.numbers("/f_labeled"), &case.numbers("/f_unlabeled"));
    if case.is_undefined() {
        case.same("refusal", &matches!(got, Err(Refusal::FewLabels { needed: 2, .. })), &true);
        return;
    }
    let got = got.unwrap();
    normal(case, "/ppi", "ci", &got.untuned);
    normal(case, "/classical", "ci", &got.classical);
    normal(case, "/ppi_plus_plus", "ci", &got.tuned);
    case.close("/ppi_plus_plus/lambda", Some(got.lambda));
}

fn stratified_ppi(case: &Case) {
    let mut strata: Vec<PpiStratum> = Vec::new();
    for ((y, f), k) in maybe(case, "/y").into_iter().zip(case.numbers("/f")).zip(case.numbers("/stratum")) {
        let at = stratum(k) as usize;
        strata.resize(strata.len().max(at + 1), PpiStratum::default());
        match y {
            Some(y) => {
                strata[at].y.push(y);
                strata[at].f.push(f);
            }
            None => strata[at].unlabelled.push(f),
        }
    }
    for (name, tuned) in [("tuned", true), ("untuned", false)] {
        let got = stratified(&strata, tuned).unwrap();
        normal(case, &format!("/{name}"), "ci95", &got);
        case.close(&format!("/{name}/se"), Some(got.error));
    }
}

fn stratified_difference(case: &Case) {
    let rows = rows(case);
    let fit = Difference::of(&rows, |r| *r).unwrap();
    let people = Difference::of(&rows, |r| Row { predicted: 0.0, ..*r }).unwrap();
    for (i, r) in rows.iter().enumerate() {
        let part = &fit.parts[r.stratum as usize];
        case.same("sizes", &(part.size as f64, part.seen as f64), &(case.numbers("/stratum_size")[i], case.numbers("/sampled")[i]));
    }
    case.close("/estimate", Some(fit.theta));
    case.close("/se_design", Some(fit.plain_variance().sqrt()));
    case.close("/ht_mean_of_h", Some(people.theta));
    case.close("/se_ht", Some(people.plain_variance().sqrt()));
}

fn rogan_gladen(case: &Case) {
    let judge = JudgeRates {
        passes: case.number("/p_judge"),
        items: case.number("/n"),
        specificity: case.number("/specificity"),
        failures: case.number("/m0"),
        sensitivity: case.number("/sensitivity"),
        successes: case.number("/m1"),
    };
    if case.is_undefined() {
        case.same("refusal", &judge.estimate().unwrap_err().to_string().as_str(), &case.expected["undefined"].as_str().unwrap());
        case.same("refusal of the interval", &judge.interval(case.number("/alpha")), &Err(Refusal::BlindJudge));
        return;
    }
    case.close("/estimate", judge.estimate().ok());
    ends(case, "/ci", judge.interval(case.number("/alpha")).ok());
}

fn survey_proportion_ci(case: &Case) {
    let mut cells: Vec<Cell> = Vec::new();
    for ((k, size), h) in case.numbers("/stratum").into_iter().zip(case.numbers("/stratum_size")).zip(case.numbers("/h")) {
        let at = stratum(k) as usize;
        cells.resize(cells.len().max(at + 1), Cell::of_share(0, 0, 0));
        let c = &mut cells[at];
        (c.size, c.seen, c.sum, c.squares) = (whole(size), c.seen + 1, c.sum + h, c.squares + h * h);
    }
    let got = stratified_mean(&cells).unwrap();
    let alpha = case.number("/alpha");
    case.close("/estimate", Some(got.mean));
    case.close("/se", Some(got.error));
    case.close("/df", Some(got.df));
    ends(case, "/korn_graubard", got.korn_graubard(alpha));
    ends(case, "/logit_t", got.logit_t(alpha));
}

fn allocation(case: &Case) {
    let items: Vec<Offer> = case.numbers("/p").into_iter().zip(case.numbers("/minutes")).map(|(p, minutes)| Offer { p, minutes }).collect();
    let got = allocate(&items, case.number("/budget"), case.number("/eps"), case.number("/floor"));
    case.same("items", &got.len(), &case.expected["pi"].as_array().unwrap().len());
    for (i, pi) in got.iter().enumerate() {
        case.close(&format!("/pi/{i}"), Some(*pi));
    }
    let minutes: f64 = got.iter().zip(&items).map(|(pi, i)| pi * i.minutes).sum();
    case.close("/expected_minutes", Some(minutes));
}
