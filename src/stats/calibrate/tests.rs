//! Tests of the frozen calibrator and its folds, on made-up panels.

use super::folds::{Part, fold, forecasts, out_of_fold, part};
use super::frozen::{FrozenCalibrator, Kind, Labelled};
use super::scores::{auroc, brier, ece};
use super::{NoFit, PanelFeatures};
use crate::domain::Score;

const MARK: Score = Score::ALL[3];
const KINDS: [Kind; 4] = [Kind::Share, Kind::Logistic, Kind::Isotonic, Kind::Ordinal];

/// `n` outputs: a true level from a fixed pattern, three judges near it but one too mild, a human grade near it.
fn panel(n: usize) -> Vec<(PanelFeatures, Score, String)> {
    (0..n)
        .map(|i| {
            let truth = [4, 2, 4, 0, 3, 4, 1, 4, 3, 4][i % 10];
            let noise = |k: usize| [0i32, 0, 1, 0, -1, 0, 0][(i * 31 + k * 17 + i / 7) % 7];
            let level = |shift: i32| Score::ALL[usize::try_from((truth + shift).clamp(0, 4)).unwrap()];
            let judges = [level(1 + noise(1)), level(1 + noise(2)), level(1 + noise(3))];
            (PanelFeatures::of(&judges, MARK).unwrap(), level(noise(4)), format!("document {}", i / 3))
        })
        .collect()
}

fn labelled(panel: &[(PanelFeatures, Score, String)]) -> Vec<Labelled<'_>> {
    panel.iter().map(|(features, grade, cluster)| Labelled { features: *features, grade: *grade, weight: 2.0, cluster }).collect()
}

#[test]
fn every_kind_predicts_chances_and_grades_in_range_and_survives_json() {
    let data = panel(600);
    let rows = labelled(&data);
    let mut digests = Vec::new();
    for kind in KINDS {
        let fitted = FrozenCalibrator::fit(&rows, kind, MARK).unwrap();
        for r in &rows {
            let said = fitted.predict(&r.features);
            assert!((0.001..=0.999).contains(&said.p) && (1.0..=5.0).contains(&said.f));
        }
        let back: FrozenCalibrator = serde_json::from_str(&serde_json::to_string(&fitted).unwrap()).unwrap();
        assert_eq!((back.digest(), &back), (fitted.digest(), &fitted));
        assert!(!fitted.describe().is_empty());
        digests.push(fitted.digest());
    }
    digests.sort_unstable();
    digests.dedup();
    assert_eq!(digests.len(), KINDS.len(), "each kind has its own digest");
}

#[test]
fn a_fitted_calibrator_takes_the_judges_mildness_away() {
    let data = panel(600);
    let rows = labelled(&data);
    let share = |f: &dyn Fn(&Labelled<'_>) -> f64| rows.iter().map(f).sum::<f64>() / rows.len() as f64;
    let truth = share(&|r| f64::from(u8::from(r.grade >= MARK)));
    let grade = share(&|r| f64::from(r.grade.get()));
    let raw = share(&|r| FrozenCalibrator::Share.predict(&r.features).p);
    assert!(raw > truth + 0.04, "the judges are too mild: {raw} against {truth}");
    for kind in [Kind::Logistic, Kind::Isotonic, Kind::Ordinal] {
        let fitted = FrozenCalibrator::fit(&rows, kind, MARK).unwrap();
        let off = share(&|r| fitted.predict(&r.features).p) - truth;
        assert!(off.abs() < 0.02, "{kind:?} is off by {off}");
        let off = share(&|r| fitted.predict(&r.features).f) - grade;
        assert!(off.abs() < 0.06, "{kind:?} is off by {off} grades");
    }
}

#[test]
fn out_of_fold_scores_are_honest_and_no_worse_than_the_raw_share() {
    let data = panel(600);
    let rows = labelled(&data);
    let score = |kind| {
        let said = out_of_fold(&rows, kind, MARK, 5).unwrap();
        forecasts(&rows, &said, MARK)
    };
    let raw = score(Kind::Share);
    for kind in [Kind::Logistic, Kind::Isotonic, Kind::Ordinal] {
        let fitted = score(kind);
        assert!(brier(&fitted).unwrap() < brier(&raw).unwrap(), "{kind:?}");
        assert!(ece(&fitted, 10).unwrap() < ece(&raw, 10).unwrap(), "{kind:?}");
        assert!(auroc(&fitted).unwrap() > 0.8, "{kind:?}");
    }
}

#[test]
fn few_labels_or_labels_of_one_kind_fall_back_to_the_share() {
    let data = panel(600);
    let rows = labelled(&data);
    assert_eq!(FrozenCalibrator::fit_for_size(&rows[..99], MARK), (FrozenCalibrator::Share, None));
    assert!(matches!(FrozenCalibrator::fit_for_size(&rows[..100], MARK).0, FrozenCalibrator::Logistic { .. }));
    assert!(matches!(FrozenCalibrator::fit_for_size(&rows, MARK).0, FrozenCalibrator::Isotonic { .. }));
    let passed: Vec<Labelled<'_>> = rows.iter().filter(|r| r.grade >= MARK).copied().collect();
    assert_eq!(FrozenCalibrator::fit_for_size(&passed, MARK), (FrozenCalibrator::Share, Some(NoFit::OneClass)));
    let unusable: Vec<Labelled<'_>> = rows.iter().map(|r| Labelled { weight: 0.0, ..*r }).collect();
    assert_eq!(FrozenCalibrator::fit(&unusable, Kind::Logistic, MARK), Err(NoFit::NoRows));
}

#[test]
fn only_the_ratio_of_weights_counts() {
    let data = panel(200);
    let rows = labelled(&data);
    let heavy: Vec<Labelled<'_>> = rows.iter().map(|r| Labelled { weight: r.weight * 8.0, ..*r }).collect();
    let [a, b] = [rows, heavy].map(|r| FrozenCalibrator::fit(&r, Kind::Logistic, MARK).unwrap());
    assert_eq!(a.digest(), b.digest());
}

#[test]
fn a_cluster_is_never_split_and_parts_have_their_share() {
    let names: Vec<String> = (0..2000).map(|i| format!("case-{i}")).collect();
    let test = names.iter().filter(|n| part(n) == Part::Test).count();
    assert!((500..700).contains(&test), "{test} of 2000");
    for k in 0..5 {
        let n = names.iter().filter(|n| fold(n, 5) == k).count();
        assert!((300..500).contains(&n), "fold {k} has {n}");
    }
    assert_eq!((fold("a", 0), fold("a", 1)), (0, 0));
}
