//! The bootstrap as a whole.

use proptest::prelude::*;

use super::*;

fn on_threads<T: Send>(threads: usize, f: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(f)
}

fn few() -> Resampling {
    Resampling { seed: 17, times: 500 }
}

#[test]
fn the_number_of_threads_never_matters() {
    let smooth: Vec<f64> = (0..3000).map(|i| f64::from(i).sin()).collect();
    let binary: Vec<f64> = (0..3000).map(|i| f64::from(u8::from(i % 7 < 2))).collect();
    let clusters: Vec<(f64, u64)> = (0..300).map(|i| (f64::from(i).cos(), 1 + i as u64 % 4)).collect();
    let all = || {
        (
            mean(&smooth, few()).unwrap(),
            mean(&binary, few()).unwrap(),
            clustered_mean(&clusters, few()).unwrap(),
            statistic(60, few(), |places| places.iter().map(|p| smooth[*p as usize]).reduce(f64::max)).unwrap(),
        )
    };
    assert_eq!(on_threads(1, all), on_threads(4, all));
}

#[test]
fn clusters_of_one_are_observations() {
    let values = [1.0, 4.0, 2.0, 5.0, 5.0, 3.0];
    let clusters: Vec<(f64, u64)> = values.iter().map(|v| (*v, 1)).collect();
    let (a, b) = (mean(&values, few()).unwrap(), clustered_mean(&clusters, few()).unwrap());
    assert_eq!(a.replicates(), b.replicates());
    assert!((a.bca(0.05).unwrap().low - b.bca(0.05).unwrap().low).abs() < 1e-9);
}

#[test]
fn a_statistic_of_places_is_the_mean_where_it_is_the_mean() {
    let values = [1.0, 4.0, 2.0, 5.0, 5.0, 3.0, 2.0, 2.0];
    let how = Resampling { seed: 3, times: 20_000 };
    let a = mean(&values, how).unwrap();
    let b = statistic(8, how, |places| Some(places.iter().map(|p| values[*p as usize]).sum::<f64>() / places.len() as f64)).unwrap();
    assert!((a.acceleration().unwrap() - b.acceleration().unwrap()).abs() < 1e-12);
    assert!((a.error() / b.error() - 1.0).abs() < 0.03, "{} and {}", a.error(), b.error());
    assert!((a.bca(0.05).unwrap().high - b.bca(0.05).unwrap().high).abs() < 0.13);
}

#[test]
fn a_statistic_that_often_has_no_value_has_no_interval() {
    let rare = |places: &[u32]| places.contains(&0).then_some(1.0);
    assert_eq!(statistic(20, few(), rare), Err(Undefined::UndefinedResamples));
    assert_eq!(statistic(20, few(), |_| None), Err(Undefined::NoVariation));
    assert_eq!(statistic(1, few(), |_| Some(1.0)), Err(Undefined::OneObservation));
}

#[test]
fn too_little_says_why() {
    assert_eq!(mean(&[], few()), Err(Undefined::NoData));
    assert_eq!(mean(&[1.0], few()), Err(Undefined::OneObservation));
    assert_eq!(mean(&[1.0, f64::NAN], few()), Err(Undefined::UndefinedResamples));
    assert_eq!(clustered_mean(&[(3.0, 4), (0.0, 0)], few()), Err(Undefined::OneCluster));
    assert_eq!(mean(&[2.0; 9], few()).unwrap().bca(0.05), Err(Undefined::NoVariation));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn the_order_of_values_never_matters(mut values in prop::collection::vec(-5.0f64..5.0, 2..80)) {
        let forward = mean(&values, few());
        values.reverse();
        prop_assert_eq!(forward, mean(&values, few()));
    }

    /// For means the bootstrap's error is that of the textbook with n in place of n - 1.
    #[test]
    fn the_error_is_the_textbooks(values in prop::collection::vec(-5.0f64..5.0, 5..200)) {
        let b = mean(&values, Resampling { seed: 1, times: 4000 }).unwrap();
        let n = values.len() as f64;
        let m = values.iter().sum::<f64>() / n;
        let want = (values.iter().map(|v| (v - m).powi(2)).sum::<f64>()).sqrt() / n;
        prop_assert!((b.error() / want - 1.0).abs() < 0.08, "{} and {want}", b.error());
    }
}
