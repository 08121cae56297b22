//! Constants of group-sequential boundaries, one-sided: O'Brien-Fleming and Pocock.
//!
//! With K equally spaced looks the score `S_k` is a random walk with unit normal steps, `Z_k = S_k / sqrt(k)`. The constant
//! C makes `P(some Z_k >= c_k)` equal alpha under no effect, with `c_k = C sqrt(K / k)` (O'Brien and Fleming 1979) or
//! `c_k = C` (Pocock 1977). The probability comes from the recursion of Armitage, McPherson and Rowe (1969).

use super::super::quantile;
use super::super::tail::normal_cdf;
use super::looks::Boundary;

/// The most looks for which constants are computed.
pub const MOST_LOOKS: u8 = 10;

/// Half the points of a Simpson grid.
const HALF: usize = 80;
/// How far below zero a walk is followed, in its own standard deviations.
const REACH: f64 = 8.0;

/// The boundary of `Z_k` at look `k` (1 to K) for a constant.
pub(super) fn boundary(shape: Boundary, constant: f64, k: u8, looks: u8) -> f64 {
    match shape {
        Boundary::OBrienFleming => constant * (f64::from(looks) / f64::from(k)).sqrt(),
        Boundary::Pocock => constant,
    }
}

/// The constant for `looks` looks (1 to 10; others are clamped) at a one-sided level `alpha` (0.0001 to 0.5; clamped).
/// Good to 1e-5.
#[must_use]
pub fn constant(shape: Boundary, looks: u8, alpha: f64) -> f64 {
    let looks = looks.clamp(1, MOST_LOOKS);
    let alpha = if alpha.is_nan() { 0.05 } else { alpha.clamp(1e-4, 0.5) };
    // One look needs the quantile; K looks at most that of alpha / K (Bonferroni).
    let (mut low, mut high) = (quantile::normal(1.0 - alpha), quantile::normal(1.0 - alpha / f64::from(looks)));
    while high - low > 1e-7 {
        let middle = f64::midpoint(low, high);
        if crossing(shape, middle, looks) > alpha {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// `P(Z_k >= c_k for some k)` under no effect.
fn crossing(shape: Boundary, constant: f64, looks: u8) -> f64 {
    let bound = |k: u8| boundary(shape, constant, k, looks) * f64::from(k).sqrt();
    let mut crossed = 1.0 - normal_cdf(bound(1));
    // The density of the walk at look k, on walks that have not crossed.
    let mut grid = Grid::new(-REACH, bound(1));
    let mut density: Vec<f64> = grid.points().map(phi).collect();
    for k in 2..=looks {
        let b = bound(k);
        let cross = |s: f64| 1.0 - normal_cdf(b - s);
        crossed += grid.integrate(&density, cross);
        if k < looks {
            let next = Grid::new(-REACH * f64::from(k).sqrt(), b);
            density = next.points().map(|s| grid.integrate(&density, |u| phi(s - u))).collect();
            grid = next;
        }
    }
    crossed
}

fn phi(z: f64) -> f64 {
    (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt()
}

/// Simpson's rule on an interval.
struct Grid {
    low: f64,
    step: f64,
}

impl Grid {
    fn new(low: f64, high: f64) -> Self {
        Self { low, step: (high - low) / (2 * HALF) as f64 }
    }

    fn points(&self) -> impl Iterator<Item = f64> {
        let (low, step) = (self.low, self.step);
        (0..=2 * HALF).map(move |i| low + step * i as f64)
    }

    fn integrate(&self, density: &[f64], f: impl Fn(f64) -> f64) -> f64 {
        let weigh = |i: usize| match i {
            0 => 1.0,
            i if i == 2 * HALF => 1.0,
            i if i % 2 == 1 => 4.0,
            _ => 2.0,
        };
        let terms = self.points().zip(density).enumerate().map(|(i, (x, d))| weigh(i) * d * f(x));
        terms.sum::<f64>() * self.step / 3.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_equal_the_published_ones() {
        for (k, want) in [(1, 1.645), (2, 1.678), (3, 1.710), (4, 1.733), (5, 1.751)] {
            assert!((constant(Boundary::OBrienFleming, k, 0.05) - want).abs() < 1e-3, "{k} looks");
        }
        // Jennison and Turnbull 2000, table 2.1 at a two-sided 5%: the one-sided constants agree to three digits.
        assert!((constant(Boundary::Pocock, 5, 0.025) - 2.413).abs() < 1e-3);
    }

    #[test]
    fn the_crossing_probability_falls_with_the_constant_and_grows_with_looks() {
        for shape in [Boundary::OBrienFleming, Boundary::Pocock] {
            assert!(crossing(shape, 1.7, 3) > crossing(shape, 1.8, 3));
        }
        assert!(crossing(Boundary::Pocock, 1.7, 4) > crossing(Boundary::Pocock, 1.7, 3));
    }

    #[test]
    fn absurd_arguments_still_give_a_constant() {
        for alpha in [f64::NAN, -1.0, 0.0, 2.0] {
            assert!(constant(Boundary::Pocock, 0, alpha).is_finite());
        }
    }
}
