//! Correlations of two lists: Pearson, Spearman, Kendall's tau-b.

use super::super::undefined::Undefined;

/// Pearson's correlation. Lists of unequal length are cut to the shorter, pairs with a number that is not finite left out,
/// here and below.
///
/// # Errors
/// [`Undefined`] below two pairs or where a list does not vary.
pub fn pearson(x: &[f64], y: &[f64]) -> Result<f64, Undefined> {
    let (x, y) = clean(x, y)?;
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (mx, my) = (mean(&x), mean(&y));
    let sum = |f: &dyn Fn(f64, f64) -> f64| x.iter().zip(&y).map(|(a, b)| f(a - mx, b - my)).sum::<f64>();
    let product = sum(&|a, b| a * b);
    let (sx, sy) = (sum(&|a, _| a * a), sum(&|_, b| b * b));
    if constant(&x) || constant(&y) || sx <= 0.0 || sy <= 0.0 {
        return Err(Undefined::NoVariation);
    }
    Ok((product / (sx.sqrt() * sy.sqrt())).clamp(-1.0, 1.0))
}

/// Spearman's rank correlation: Pearson's of the ranks, ties at their mean rank (Spearman 1904).
///
/// # Errors
/// As [`pearson`].
pub fn spearman(x: &[f64], y: &[f64]) -> Result<f64, Undefined> {
    let (x, y) = clean(x, y)?;
    pearson(&ranks(&x), &ranks(&y))
}

/// Kendall's tau-b: `(C - D) / sqrt((P - Tx)(P - Ty))`, P all pairs, Tx and Ty those tied in x and in y (Kendall 1945), in
/// O(n log n) by counting the exchanges of a merge sort (Knight 1966).
///
/// # Errors
/// As [`pearson`].
pub fn kendall_tau_b(x: &[f64], y: &[f64]) -> Result<f64, Undefined> {
    let (x, y) = clean(x, y)?;
    let n = x.len();
    let mut pairs: Vec<(f64, f64)> = x.into_iter().zip(y).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let all = choose_2(n);
    let tied_x: f64 = pairs.chunk_by(|a, b| same(a.0, b.0)).map(|run| choose_2(run.len())).sum();
    let tied_both: f64 = pairs.chunk_by(|a, b| same(a.0, b.0) && same(a.1, b.1)).map(|run| choose_2(run.len())).sum();
    let mut ys: Vec<f64> = pairs.iter().map(|p| p.1).collect();
    let exchanged = sort_counting(&mut ys, &mut vec![0.0; n]) as f64;
    let tied_y: f64 = ys.chunk_by(|a, b| same(*a, *b)).map(|run| choose_2(run.len())).sum();
    if tied_x >= all || tied_y >= all {
        return Err(Undefined::NoVariation);
    }
    let difference = all - tied_x - tied_y + tied_both - 2.0 * exchanged;
    Ok((difference / ((all - tied_x).sqrt() * (all - tied_y).sqrt())).clamp(-1.0, 1.0))
}

/// The usable pairs, two or more; adding 0 makes one zero of the two.
fn clean(x: &[f64], y: &[f64]) -> Result<(Vec<f64>, Vec<f64>), Undefined> {
    let finite = |(a, b): (&f64, &f64)| (a.is_finite() && b.is_finite()).then_some((a + 0.0, b + 0.0));
    let lists: (Vec<f64>, Vec<f64>) = x.iter().zip(y).filter_map(finite).unzip();
    match lists.0.len() {
        0 => Err(Undefined::NoData),
        1 => Err(Undefined::OneObservation),
        _ => Ok(lists),
    }
}

fn constant(v: &[f64]) -> bool {
    v.windows(2).all(|w| same(w[0], w[1]))
}

/// Equal as numbers are.
fn same(a: f64, b: f64) -> bool {
    a.partial_cmp(&b) == Some(std::cmp::Ordering::Equal)
}

fn choose_2(n: usize) -> f64 {
    n as f64 * (n as f64 - 1.0) / 2.0
}

/// Ranks from 1, ties at their mean.
fn ranks(v: &[f64]) -> Vec<f64> {
    let mut places: Vec<usize> = (0..v.len()).collect();
    places.sort_by(|a, b| v[*a].total_cmp(&v[*b]));
    let mut ranks = vec![0.0; v.len()];
    let mut before = 0;
    for run in places.chunk_by(|a, b| same(v[*a], v[*b])) {
        let rank = before as f64 + (run.len() as f64 + 1.0) / 2.0;
        run.iter().for_each(|&place| ranks[place] = rank);
        before += run.len();
    }
    ranks
}

/// Sorts and counts the pairs that were in strictly descending order.
fn sort_counting(v: &mut [f64], spare: &mut [f64]) -> u64 {
    let n = v.len();
    if n < 2 {
        return 0;
    }
    let (left, right) = v.split_at_mut(n / 2);
    let mut count = sort_counting(left, spare) + sort_counting(right, spare);
    let (mut i, mut j) = (0, 0);
    for slot in &mut spare[..n] {
        if j == right.len() || (i < left.len() && left[i] <= right[j]) {
            *slot = left[i];
            i += 1;
        } else {
            *slot = right[j];
            j += 1;
            count += (left.len() - i) as u64;
        }
    }
    v.copy_from_slice(&spare[..n]);
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn by_pairs(list: &[(f64, f64)]) -> f64 {
        let (mut difference, mut x, mut y) = (0.0_f64, 0.0_f64, 0.0_f64);
        for (i, a) in list.iter().enumerate() {
            for b in &list[i + 1..] {
                let sign = |d: f64| {
                    if d > 0.0 {
                        1.0
                    } else if d < 0.0 {
                        -1.0
                    } else {
                        0.0
                    }
                };
                let (dx, dy) = (sign(a.0 - b.0), sign(a.1 - b.1));
                difference += dx * dy;
                x += dx * dx;
                y += dy * dy;
            }
        }
        difference / (x * y).sqrt()
    }

    fn lists() -> impl Strategy<Value = Vec<(f64, f64)>> {
        prop::collection::vec((0u8..6, 0u8..6).prop_map(|(a, b)| (f64::from(a), f64::from(b))), 2..50)
    }

    proptest! {
        #[test]
        fn the_fast_tau_equals_counting_pairs(list in lists()) {
            let (x, y): (Vec<f64>, Vec<f64>) = list.iter().copied().unzip();
            match kendall_tau_b(&x, &y) {
                Ok(tau) => prop_assert!((tau - by_pairs(&list)).abs() < 1e-12),
                Err(_) => prop_assert!(by_pairs(&list).is_nan()),
            }
        }

        #[test]
        fn who_is_first_and_order_never_matter(mut list in lists()) {
            for f in [pearson, spearman, kendall_tau_b] {
                let (x, y): (Vec<f64>, Vec<f64>) = list.iter().copied().unzip();
                let forward = f(&x, &y);
                list.reverse();
                let (x, y): (Vec<f64>, Vec<f64>) = list.iter().copied().unzip();
                match (forward, f(&y, &x)) {
                    (Ok(a), Ok(b)) => prop_assert!((a - b).abs() < 1e-12),
                    (a, b) => prop_assert_eq!(a, b),
                }
            }
        }

        #[test]
        fn ranks_only_see_the_order(list in lists()) {
            let (x, y): (Vec<f64>, Vec<f64>) = list.iter().copied().unzip();
            let bent: Vec<f64> = x.iter().map(|v| v.exp()).collect();
            prop_assert_eq!(spearman(&x, &y), spearman(&bent, &y));
            prop_assert_eq!(kendall_tau_b(&x, &y), kendall_tau_b(&bent, &y));
        }
    }
}
