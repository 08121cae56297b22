//! Oracles of agreement, intervals, paired tests.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tribunal::stats::agreement::{
    Level, Undefined, Units, Weights, alpha, fleiss_kappa, gwet_ac, icc, kendall_tau_b, pearson, spearman, weighted_kappa,
};
use tribunal::stats::cluster::CaseMeans;
use tribunal::stats::interval::{clopper_pearson, clopper_pearson_lower, clopper_pearson_upper, wilson};
use tribunal::stats::mean::clustered_mean;
use tribunal::stats::multiple::{benjamini_hochberg, benjamini_yekutieli, bonferroni, holm};
use tribunal::stats::paired::{PairedShares, sign_flip};
use tribunal::stats::power::Power;
use tribunal::stats::quantile::normal;
use tribunal::stats::resample::{Resampling, of_mean};
use tribunal::stats::summary::Interval;

use super::case::{Case, Check};

/// Every family here, by name.
pub const FAMILIES: &[(&str, Check)] = &[
    ("krippendorff_alpha", krippendorff_alpha),
    ("weighted_kappa", kappa),
    ("fleiss_kappa", fleiss),
    ("gwet_ac", gwet),
    ("icc", intraclass),
    ("rank_correlation", correlation),
    ("proportion_ci", proportion),
    ("cluster_se", clusters),
    ("paired_bootstrap", bootstrap),
    ("sign_flip_test", signs),
    ("mcnemar", mcnemar),
    ("multiple_testing", multiple),
    ("power_paired", power),
];

/// The recorded reason is the one that we give.
#[track_caller]
fn reason(case: &Case, got: Undefined) {
    let recorded = case.expected["undefined"].as_str().unwrap_or_else(|| panic!("{}: {got} where a number is recorded", case.id));
    let want = match recorded {
        "no variation in pairable values" | "no variation" | "bca: no variation" => Undefined::NoVariation,
        "no unit has two ratings" => Undefined::NoPairs,
        "no data" | "no pairs" => Undefined::NoData,
        "one pair" | "one observation" | "fewer than two units" | "se, ci95: one unit" => Undefined::OneObservation,
        "one cluster" => Undefined::OneCluster,
        "fewer than two raters" => Undefined::OneRater,
        "unequal raters per unit" => Undefined::UnequalRaters,
        "incomplete table" => Undefined::IncompleteTable,
        other => panic!("{}: unknown reason {other}", case.id),
    };
    case.same("reason", &got, &want);
}

fn whole(x: f64) -> u64 {
    assert!(x >= 0.0 && x.fract() == 0.0 && x < 1e9, "{x} is no count");
    format!("{x}").parse().unwrap()
}

fn count(case: &Case, pointer: &str) -> u64 {
    whole(case.number(pointer))
}

fn ends(case: &Case, pointer: &str, got: Interval) {
    case.close(&format!("{pointer}/0"), Some(got.low));
    case.close(&format!("{pointer}/1"), Some(got.high));
}

/// Rows of a table, with holes.
fn rows(case: &Case, pointer: &str) -> Vec<Vec<Option<f64>>> {
    let rows = case.input.pointer(pointer).and_then(Value::as_array).unwrap();
    rows.iter().map(|r| r.as_array().unwrap().iter().map(Value::as_f64).collect()).collect()
}

/// Counts of each unit of a table of raters; values `first`, `first + 1`, ...
fn units<const K: usize>(case: &Case, first: u64) -> Vec<[u32; K]> {
    let table = rows(case, "/ratings");
    let of = |column: usize| {
        let mut counts = [0; K];
        for value in table.iter().filter_map(|r| r[column]) {
            counts[usize::try_from(whole(value) - first).unwrap()] += 1;
        }
        counts
    };
    (0..table.first().map_or(0, Vec::len)).map(of).collect()
}

fn krippendorff_alpha(case: &Case) {
    let level = match case.input["level"].as_str().unwrap() {
        "nominal" => Level::Nominal,
        "ordinal" => Level::Ordinal,
        "interval" => Level::Interval,
        other => panic!("unknown level {other}"),
    };
    // Two values more than the scale has, so that the oracles see the core at another size than ours.
    let mut all = Units::new([0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    units::<7>(case, 0).into_iter().for_each(|u| all.add(u));
    case.close("/alpha", alpha(&all, level).ok());
    match alpha(&all, level) {
        Ok(_) => case.close("/pairable", Some(all.pairable() as f64)),
        Err(why) => reason(case, why),
    }
}

fn kappa(case: &Case) {
    let weights = match case.input["weights"].as_str().unwrap() {
        "none" => Weights::Identity,
        "linear" => Weights::Linear,
        "quadratic" => Weights::Quadratic,
        other => panic!("unknown weights {other}"),
    };
    let places = |pointer| -> Vec<usize> { case.numbers(pointer).into_iter().map(|v| usize::try_from(whole(v)).unwrap() - 1).collect() };
    let got = weighted_kappa::<5>(&places("/a"), &places("/b"), weights);
    case.close("/kappa", got.ok());
    if let Err(why) = got {
        reason(case, why);
    }
}

fn fleiss(case: &Case) {
    let counts: Vec<Vec<u32>> =
        rows(case, "/counts").iter().map(|r| r.iter().map(|c| u32::try_from(whole(c.unwrap())).unwrap()).collect()).collect();
    let got = fleiss_kappa(&counts);
    case.close("/kappa", got.ok());
    if let Err(why) = got {
        reason(case, why);
    }
}

fn gwet(case: &Case) {
    let weights = match case.input["weights"].as_str().unwrap() {
        "identity" => Weights::Identity,
        "ordinal" => Weights::Ordinal,
        "quadratic" => Weights::Quadratic,
        other => panic!("unknown weights {other}"),
    };
    assert_eq!(case.numbers("/categories"), [1.0, 2.0, 3.0, 4.0, 5.0]);
    let all = units::<5>(case, 1);
    let got = gwet_ac(&all, weights);
    case.close("/coefficient", got.ok().map(|g| g.coefficient));
    case.close("/pa", got.ok().map(|g| g.agreement));
    case.close("/pe", got.ok().map(|g| g.by_chance));
    case.close("/se", got.ok().and_then(|g| g.error.ok()));
    let rated = all.iter().filter(|u| u.iter().sum::<u32>() > 0).count();
    match got.map(|g| (g.error, g.interval(rated))) {
        Err(why) | Ok((Err(why), _)) => {
            reason(case, why);
            case.close("/ci95", None);
        }
        Ok((Ok(_), interval)) => ends(case, "/ci95", interval.unwrap()),
    }
}

fn intraclass(case: &Case) {
    let got = icc(&rows(case, "/scores"));
    if let Err(why) = got {
        reason(case, why);
    }
    let got = got.ok();
    case.close("/icc1", got.and_then(|g| g.one_way));
    case.close("/icc2", got.and_then(|g| g.agreement));
    case.close("/icc3", got.and_then(|g| g.consistency));
    case.close("/icc1k", got.and_then(|g| g.one_way_mean));
    case.close("/icc2k", got.and_then(|g| g.agreement_mean));
    case.close("/icc3k", got.and_then(|g| g.consistency_mean));
}

fn correlation(case: &Case) {
    let (x, y) = (case.numbers("/x"), case.numbers("/y"));
    for (pointer, got) in [("/pearson", pearson(&x, &y)), ("/spearman", spearman(&x, &y)), ("/kendall_tau_b", kendall_tau_b(&x, &y))] {
        case.close(pointer, got.ok());
        if let Err(why) = got {
            reason(case, why);
        }
    }
}

fn proportion(case: &Case) {
    let (k, n, level) = (count(case, "/k"), count(case, "/n"), case.number("/alpha"));
    ends(case, "/wilson", wilson(k as f64 / n as f64, n as f64, normal(1.0 - level / 2.0)));
    ends(case, "/clopper_pearson", clopper_pearson(k, n, level));
    case.close("/clopper_pearson_one_sided/lower", Some(clopper_pearson_lower(k, n, level)));
    case.close("/clopper_pearson_one_sided/upper", Some(clopper_pearson_upper(k, n, level)));
}

fn clusters(case: &Case) {
    let y = case.numbers("/y");
    let cluster: Vec<u64> = case.numbers("/cluster").into_iter().map(whole).collect();
    let got = clustered_mean(&y, &cluster);
    case.close("/se_iid", got.ok().map(|m| m.iid));
    case.close("/se_cr0", got.ok().map(|m| m.cr0));
    case.close("/se_cr1", got.ok().and_then(|m| m.cr1.ok()));
    match got {
        Err(why) => return reason(case, why),
        Ok(m) => {
            case.close("/mean", Some(m.mean));
            case.close("/clusters", Some(m.clusters as f64));
            if let Err(why) = m.cr1 {
                reason(case, why);
            }
        }
    }
    // With clusters of equal size the mean of cluster means is the plain mean, and its error the CR1 error.
    let mut groups: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    y.into_iter().zip(cluster).for_each(|(y, c)| groups.entry(c).or_default().push(y));
    let mut means = CaseMeans::default();
    groups.values().for_each(|ys| means.add(ys.iter().sum::<f64>() / ys.len() as f64, ys.len() as u64));
    let sizes: BTreeSet<usize> = groups.values().map(Vec::len).collect();
    if sizes.len() == 1 {
        case.close("/mean", means.mean());
        case.close("/se_cr1", means.standard_error());
    }
}

fn bootstrap(case: &Case) {
    let (a, b) = (case.numbers("/a"), case.numbers("/b"));
    let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let draws = rows(case, "/indices");
    let got = of_mean(&differences, |n| {
        let of = |draw: &Vec<Option<f64>>| draw.iter().map(|i| differences[usize::try_from(whole(i.unwrap())).unwrap()]).sum::<f64>() / n;
        draws.iter().map(of).collect()
    });
    let Ok(got) = got else {
        ["/se", "/percentile", "/bca"].iter().for_each(|p| case.close(p, None));
        return reason(case, got.unwrap_err());
    };
    let level = case.number("/alpha");
    case.close("/estimate", Some(got.estimate()));
    case.close("/se", Some(got.error()));
    ends(case, "/percentile", got.percentile(level));
    match got.bca(level) {
        Ok(interval) => {
            ends(case, "/bca", interval);
            case.close("/z0", got.bias().ok());
            case.close("/acceleration", got.acceleration());
        }
        Err(why) => {
            case.close("/bca", None);
            reason(case, why);
        }
    }
}

fn signs(case: &Case) {
    let got = sign_flip(&case.numbers("/differences"), Resampling::of(0));
    case.close("/statistic", got.ok().map(|g| g.statistic));
    case.close("/p_greater", got.ok().map(|g| g.greater));
    case.close("/p_two_sided", got.ok().map(|g| g.two_sided));
    match got {
        Ok(g) => case.same("exact", &g.exact, &true),
        Err(why) => reason(case, why),
    }
}

fn mcnemar(case: &Case) {
    let [both, only_a, only_b, neither] = ["/both_pass", "/only_a", "/only_b", "/both_fail"].map(|p| count(case, p));
    let got = PairedShares { both, only_a, only_b, neither };
    case.close("/p_exact", Some(got.exact()));
    case.close("/p_mid", Some(got.mid()));
    case.close("/chi2_cc", got.corrected().map(|c| c.0));
    case.close("/p_chi2_cc", got.corrected().map(|c| c.1));
    // Recorded as A minus B; ours is B minus A.
    case.close("/difference", got.difference().map(|d| -d));
}

fn multiple(case: &Case) {
    type Adjust = fn(&[f64]) -> Vec<f64>;
    let (p, level) = (case.numbers("/p"), case.number("/alpha"));
    let methods: [(&str, Adjust); 4] =
        [("bh", benjamini_hochberg), ("by", benjamini_yekutieli), ("holm", holm), ("bonferroni", bonferroni)];
    for (name, adjust) in methods {
        let adjusted = adjust(&p);
        for (i, got) in adjusted.iter().enumerate() {
            case.close(&format!("/{name}/adjusted/{i}"), Some(*got));
        }
        let want: Vec<bool> = case.expected[name]["reject"].as_array().unwrap().iter().map(|r| r.as_bool().unwrap()).collect();
        case.same(name, &adjusted.iter().map(|a| *a <= level).collect(), &want);
    }
}

fn power(case: &Case) {
    let goal = Power { alpha: case.number("/alpha"), power: case.number("/power"), two_sided: true };
    let (sd, difference) = (case.number("/sd_difference"), case.number("/mde"));
    case.close("/n_normal", Some(goal.pairs(sd, difference)));
    case.close("/n_t", goal.pairs_t(sd, difference));
}

/// 640 items, each scored three times by one model: the published agreement of its samples.
#[test]
fn recorded_samples_agree_as_published() {
    let beside = || std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let folder = std::env::var_os("TRIBUNAL_DATA").map_or_else(beside, std::path::PathBuf::from);
    if !folder.is_dir() {
        eprintln!("skipped: no recorded data here (set TRIBUNAL_DATA)");
        return;
    }
    let mut units = Units::of_scores();
    for line in std::fs::read_to_string(folder.join("rubric-gpt4x3.jsonl")).unwrap().lines() {
        let item: Value = serde_json::from_str(line).unwrap();
        let mut counts = [0; 5];
        for j in item["judge"].as_array().unwrap() {
            counts[usize::try_from(j["score"].as_u64().unwrap()).unwrap() - 1] += 1;
        }
        units.add(counts);
    }
    let share = |n: u64| n as f64 / units.count() as f64;
    assert_eq!(units.count(), 640);
    assert!((alpha(&units, Level::Ordinal).unwrap() - 0.7812).abs() < 0.000_05);
    assert!((1.0 - share(units.wide(1)) - 0.531).abs() < 0.0005);
    assert!((share(units.wide(2)) - 0.039).abs() < 0.0005);
}
