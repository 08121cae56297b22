//! Cross-validation by question: all answers to one question are in the same fold, by a fixed hash.

use tribunal::domain::digest::DigestBuilder;
use tribunal::routing::risk::auroc::Graded;
use tribunal::routing::risk::{ChanceWrong, Decision};
use tribunal::stats::calibrate::NoFit;
use tribunal::stats::calibrate::scores::{Forecast, log_loss};

use super::Item;

/// Folds.
pub const FOLDS: usize = 10;

/// Ridges that are tried, on standardised signals.
const RIDGES: [f64; 5] = [10.0, 30.0, 100.0, 300.0, 1000.0];

/// Which of `folds` a cluster is in; another `salt`, another division.
pub fn fold(cluster: u64, salt: u64, folds: usize) -> usize {
    let unit =
        DigestBuilder::new("risk-fold/1").bytes("salt", &salt.to_le_bytes()).bytes("cluster", &cluster.to_le_bytes()).finish().unit();
    (0..folds).rev().find(|&k| unit >= k as f64 / folds as f64).unwrap_or(0)
}

/// Items as decisions of a weight each.
pub fn decisions<'a>(items: impl IntoIterator<Item = &'a Item>, weight: f64) -> Vec<Decision> {
    items.into_iter().map(|i| Decision { features: i.features, wrong: i.wrong, weight }).collect()
}

/// What an item's suspicion is worth, for the measures.
pub fn graded(item: &Item, suspicion: f64) -> Graded {
    Graded { suspicion, wrong: item.wrong, weight: 1.0, cluster: item.cluster }
}

/// Every item's chance by a model that saw no answer to its question: `fit` is given the other folds.
pub fn held_out(items: &[Item], salt: u64, folds: usize, fit: &dyn Fn(&[&Item]) -> Result<ChanceWrong, NoFit>) -> Result<Vec<f64>, NoFit> {
    let of: Vec<usize> = items.iter().map(|i| fold(i.cluster, salt, folds)).collect();
    let mut chances = vec![0.0; items.len()];
    for k in 0..folds {
        let train: Vec<&Item> = items.iter().zip(&of).filter(|(_, f)| **f != k).map(|(i, _)| i).collect();
        let model = fit(&train)?;
        for ((chance, item), _) in chances.iter_mut().zip(items).zip(&of).filter(|(_, f)| **f == k) {
            *chance = model.of(&item.features);
        }
    }
    Ok(chances)
}

/// The ridge of the lowest log loss in five folds by question within the items given.
pub fn ridge(weighted: &[(Item, f64)]) -> Result<f64, NoFit> {
    let of: Vec<usize> = weighted.iter().map(|(i, _)| fold(i.cluster, 99, 5)).collect();
    let mut best: Option<(f64, f64)> = None;
    for ridge in RIDGES {
        let mut forecasts = Vec::with_capacity(weighted.len());
        for k in 0..5 {
            let train = weighted.iter().zip(&of).filter(|(_, f)| **f != k);
            let train: Vec<Decision> = train.map(|((i, w), _)| Decision { features: i.features, wrong: i.wrong, weight: *w }).collect();
            let model = ChanceWrong::fit(&train, ridge)?;
            let test = weighted.iter().zip(&of).filter(|(_, f)| **f == k);
            forecasts.extend(test.map(|((i, w), _)| Forecast { p: model.of(&i.features), yes: i.wrong, weight: *w }));
        }
        let loss = log_loss(&forecasts).map_err(|_| NoFit::NoRows)?;
        if best.is_none_or(|(b, _)| loss < b) {
            best = Some((loss, ridge));
        }
    }
    best.map(|(_, r)| r).ok_or(NoFit::NoRows)
}

/// A model on items alone, its ridge chosen within them.
pub fn fit_alone(train: &[&Item]) -> Result<ChanceWrong, NoFit> {
    let weighted: Vec<(Item, f64)> = train.iter().map(|i| (**i, 1.0)).collect();
    ChanceWrong::fit(&decisions(train.iter().copied(), 1.0), ridge(&weighted)?)
}

/// A prior on sets that count alike, `items` each, whatever their size; its ridge chosen within them.
pub fn prior(sets: &[&[Item]], items: f64) -> Result<(ChanceWrong, f64), NoFit> {
    let weighted: Vec<(Item, f64)> = sets.iter().flat_map(|s| s.iter().map(|i| (*i, items / s.len() as f64))).collect();
    let ridge = ridge(&weighted)?;
    let decisions: Vec<Decision> = weighted.iter().map(|(i, w)| Decision { features: i.features, wrong: i.wrong, weight: *w }).collect();
    Ok((ChanceWrong::fit(&decisions, ridge)?, ridge))
}
