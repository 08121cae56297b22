//! Isotonic regression by pooling adjacent violators: the best non-decreasing curve through weighted points.
//!
//! Barlow, Bartholomew, Bremner and Brunk 1972. Points with equal x are averaged first; between knots the curve is linear,
//! outside them constant.
//!
//! Invariant: knots have strictly increasing x and non-decreasing y, also after deserialising.

use serde::{Deserialize, Serialize};

use super::newton::NoFit;

/// One weighted point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Where.
    pub x: f64,
    /// What was observed there.
    pub y: f64,
    /// How often it counts; points with weight 0 are left out.
    pub weight: f64,
}

/// A fitted curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<(f64, f64)>", into = "Vec<(f64, f64)>")]
pub struct Isotonic {
    /// The knots (x, y), at least one.
    knots: Vec<(f64, f64)>,
}

/// Knots that are no isotonic curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("knots must be finite, increasing in x and not falling in y")]
pub struct NotIsotonic;

impl TryFrom<Vec<(f64, f64)>> for Isotonic {
    type Error = NotIsotonic;
    fn try_from(knots: Vec<(f64, f64)>) -> Result<Self, NotIsotonic> {
        let finite = knots.iter().all(|(x, y)| x.is_finite() && y.is_finite());
        let ordered = knots.windows(2).all(|w| w[0].0 < w[1].0 && w[0].1 <= w[1].1);
        if finite && ordered && !knots.is_empty() { Ok(Self { knots }) } else { Err(NotIsotonic) }
    }
}

impl From<Isotonic> for Vec<(f64, f64)> {
    fn from(curve: Isotonic) -> Self {
        curve.knots
    }
}

#[derive(Clone, Copy)]
struct Block {
    first: f64,
    last: f64,
    mean: f64,
    weight: f64,
}

impl Isotonic {
    /// Fits the curve that minimises `sum w (y - f(x))^2` among the non-decreasing ones.
    pub fn fit(points: &[Point]) -> Result<Self, NoFit> {
        let mut sorted: Vec<Point> = points.iter().copied().filter(|p| p.weight.is_finite() && p.weight > 0.0).collect();
        if sorted.iter().any(|p| !p.x.is_finite() || !p.y.is_finite()) {
            return Err(NoFit::OutOfRange);
        }
        // Ties in x by y too, so that the order of the points cannot matter.
        sorted.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)).then(a.weight.total_cmp(&b.weight)));
        #[expect(clippy::float_cmp, reason = "ties are exact equality")]
        let tied = sorted.chunk_by(|a, b| a.x == b.x);
        let mut blocks: Vec<Block> = Vec::new();
        for points in tied {
            let weight: f64 = points.iter().map(|p| p.weight).sum();
            let mean = points.iter().map(|p| p.weight * p.y).sum::<f64>() / weight;
            let mut block = Block { first: points[0].x, last: points[0].x, mean, weight };
            while let Some(before) = blocks.pop_if(|b| b.mean >= block.mean) {
                let weight = before.weight + block.weight;
                let mean = (before.mean * before.weight + block.mean * block.weight) / weight;
                block = Block { first: before.first, last: block.last, mean, weight };
            }
            blocks.push(block);
        }
        let ends = |b: Block| std::iter::once((b.first, b.mean)).chain((b.last > b.first).then_some((b.last, b.mean)));
        let knots: Vec<(f64, f64)> = blocks.into_iter().flat_map(ends).collect();
        Self::try_from(knots).map_err(|NotIsotonic| NoFit::NoRows)
    }

    /// The curve at `x`; one that is not a number counts as the first knot.
    #[must_use]
    pub fn predict(&self, x: f64) -> f64 {
        let right = self.knots.partition_point(|k| k.0 < x);
        match (right.checked_sub(1).and_then(|i| self.knots.get(i)), self.knots.get(right)) {
            (Some(a), Some(b)) => a.1 + (b.1 - a.1) * ((x - a.0) / (b.0 - a.0)),
            (None, Some(only)) | (Some(only), None) => only.1,
            (None, None) => 0.0,
        }
    }

    /// The knots (x, y).
    #[must_use]
    pub fn knots(&self) -> &[(f64, f64)] {
        &self.knots
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn point((x, y, weight): (u8, f64, f64)) -> Point {
        Point { x: f64::from(x), y, weight }
    }

    #[test]
    fn nothing_cannot_be_fitted_and_forged_knots_are_refused() {
        assert_eq!(Isotonic::fit(&[]), Err(NoFit::NoRows));
        assert_eq!(Isotonic::fit(&[Point { x: f64::NAN, y: 1.0, weight: 1.0 }]), Err(NoFit::OutOfRange));
        for bad in ["[]", "[[1,2],[1,3]]", "[[1,2],[2,1]]"] {
            assert!(serde_json::from_str::<Isotonic>(bad).is_err());
        }
    }

    proptest! {
        #[test]
        fn the_curve_rises_keeps_the_mean_and_ignores_order(
            data in prop::collection::vec((0u8..10, -5.0f64..5.0, 0.1f64..5.0), 1..60),
        ) {
            let points: Vec<Point> = data.iter().copied().map(point).collect();
            let curve = Isotonic::fit(&points).unwrap();
            let at: Vec<f64> = (-10..=110).map(|i| curve.predict(f64::from(i) / 10.0)).collect();
            prop_assert!(at.windows(2).all(|w| w[0] <= w[1] + 1e-12));
            let sum = |f: &dyn Fn(&Point) -> f64| points.iter().map(|p| p.weight * f(p)).sum::<f64>();
            prop_assert!((sum(&|p| p.y) - sum(&|p| curve.predict(p.x))).abs() < 1e-6);
            let back: Vec<Point> = points.iter().rev().copied().collect();
            prop_assert_eq!(&curve, &Isotonic::fit(&back).unwrap());
            let json = serde_json::to_string(&curve).unwrap();
            prop_assert_eq!(&curve, &serde_json::from_str::<Isotonic>(&json).unwrap());
        }

        #[test]
        fn no_other_rising_curve_is_nearer(ys in prop::collection::vec(0.0f64..1.0, 2..30), tilt in -1.0f64..1.0, cut in 0usize..30) {
            let points: Vec<Point> = (0u8..).zip(&ys).map(|(i, y)| point((i, *y, 1.0))).collect();
            let curve = Isotonic::fit(&points).unwrap();
            let loss = |f: &dyn Fn(f64) -> f64| points.iter().map(|p| (p.y - f(p.x)).powi(2)).sum::<f64>();
            // A step up from some point on keeps the curve rising.
            let other = |x: f64| curve.predict(x) + if x >= cut as f64 { tilt.abs() } else { 0.0 };
            prop_assert!(loss(&|x| curve.predict(x)) <= loss(&other) + 1e-9);
        }
    }
}
