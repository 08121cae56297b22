//! How likely each item is to be drawn: the probabilities that buy the smallest variance for the minutes.

/// What an item costs and how uncertain its prediction is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offer {
    /// P(people pass it), frozen.
    pub p: f64,
    /// Minutes that grading it takes; over 0.
    pub minutes: f64,
}

impl Offer {
    /// `p(1-p) + eps`: the squared error expected of the prediction, with distrust of the calibrator.
    #[must_use]
    pub fn variance(&self, eps: f64) -> f64 {
        self.p * (1.0 - self.p) + eps
    }
}

/// Halvings of the interval around the multiplier: past the precision of an f64.
const STEPS: usize = 200;

/// Inclusion probabilities `clip(k sqrt(p(1-p)+eps)/sqrt(t), floor, 1)`, with k such that the expected minutes are `budget`.
///
/// The design variance falls fastest per minute at `pi ~ sqrt(E[(h-f)^2]/t)` (Zrnic and Candes, arXiv 2403.03208;
/// Angelopoulos et al., arXiv 2506.07949). A budget for everything gives 1 to all; one that the floor alone exceeds gives
/// the floor to all.
#[must_use]
pub fn allocate(items: &[Offer], budget: f64, eps: f64, floor: f64) -> Vec<f64> {
    let floor = if floor.is_nan() { 0.0 } else { floor.clamp(0.0, 1.0) };
    if items.iter().map(|i| i.minutes).sum::<f64>() <= budget {
        return vec![1.0; items.len()];
    }
    let weights: Vec<f64> = items.iter().map(|i| (i.variance(eps).max(0.0) / i.minutes).sqrt()).collect();
    let minutes = |k: f64| weights.iter().zip(items).map(|(w, i)| (k * w).clamp(floor, 1.0) * i.minutes).sum::<f64>();
    let smallest = weights.iter().copied().filter(|w| *w > 0.0).fold(f64::INFINITY, f64::min);
    let (mut low, mut high) = (0.0, if smallest.is_finite() { 1.0 / smallest } else { 0.0 });
    for _ in 0..STEPS {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if minutes(middle) > budget { high = middle } else { low = middle }
    }
    weights.into_iter().map(|w| (low * w).clamp(floor, 1.0)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_uncertain_quick_item_is_likelier_than_a_sure_slow_one() {
        let items = [Offer { p: 0.5, minutes: 1.0 }, Offer { p: 0.99, minutes: 1.0 }, Offer { p: 0.5, minutes: 4.0 }];
        let pi = allocate(&items, 1.5, 0.02, 0.01);
        assert!(pi[0] > pi[1] && pi[0] > pi[2]);
        assert!((pi[0] / pi[2] - 2.0).abs() < 1e-9);
    }

    #[test]
    fn minutes_for_everything_take_everything() {
        assert_eq!(allocate(&[Offer { p: 0.9, minutes: 2.0 }; 3], 6.0, 0.02, 0.0), [1.0; 3]);
    }

    proptest! {
        #[test]
        fn the_minutes_are_spent_and_nobody_is_left_out(
            items in prop::collection::vec((0.0f64..=1.0, 0.1f64..9.0), 1..60), share in 0.05f64..0.95
        ) {
            let items: Vec<Offer> = items.into_iter().map(|(p, minutes)| Offer { p, minutes }).collect();
            let all: f64 = items.iter().map(|i| i.minutes).sum();
            let pi = allocate(&items, all * share, 0.02, share * 0.25);
            let spent: f64 = pi.iter().zip(&items).map(|(p, i)| p * i.minutes).sum();
            prop_assert!((spent - all * share).abs() < 1e-6 * all);
            prop_assert!(pi.iter().all(|p| *p >= share * 0.25 && *p <= 1.0));
        }
    }
}
