//! A judge beside people: how it errs, in which direction, and how often it passes what people fail. On a review queue this
//! would describe hard items only; weights 1/pi make it hold for all items that the design could draw.

use serde::Serialize;

use super::super::interval::wilson;
use super::super::quantile::student_t;
use super::super::summary::Interval;
use super::super::undefined::Undefined;
use super::confusion::Confusion;
use super::weights::Weights;
use crate::domain::Score;

/// One item that the judge and a person scored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct JudgeGrade {
    /// The judge's score.
    pub judge: Score,
    /// The person's blind grade.
    pub person: Score,
    /// 1/pi with pi the probability that the design drew the item; 1 where all were drawn. Another number than a finite
    /// positive one leaves the item out.
    pub weight: f64,
}

/// A weighted share with its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Rate {
    /// The share, 0 to 1; absent where there is no item to have it.
    pub value: Option<f64>,
    /// 95% interval (0 to 1 where there is no item).
    pub interval: Interval,
    /// Items that it is a share of.
    pub items: u64,
}

/// What a judge does, beside people.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JudgeGrades {
    /// Items.
    pub items: u64,
    /// Rows are the judge's scores 1 to 5, columns the person's; sums of weights.
    pub confusion: Confusion,
    /// Weighted share of equal scores.
    pub exact: Option<f64>,
    /// Weighted share of scores at most one apart.
    pub adjacent: Option<f64>,
    /// Weighted mean of |judge - person|, points.
    pub mean_absolute_error: Option<f64>,
    /// Weighted mean of judge - person, points: positive where the judge is milder.
    pub bias: Option<f64>,
    /// 95% interval of the bias; absent below two items.
    pub bias_interval: Option<Interval>,
    /// Share of the items that people fail which the judge passes.
    pub false_pass: Rate,
    /// Share of the items that people pass which the judge fails.
    pub false_fail: Rate,
    /// Quadratic weighted kappa.
    pub kappa: Result<f64, Undefined>,
}

/// Puts a judge beside people; `pass` is the least passing score.
///
/// Shares and means are ratios of weighted sums (Hajek 1971) with linearised variance `sum w^2 (z - r)^2 / (sum w)^2 * n/(n-1)`
/// (Sarndal, Swensson and Wretman 1992, section 5.6, drawing taken as with replacement: a little too wide where most items
/// were drawn). Rates: Wilson on `r(1-r)/V` observations, with Student's t in place of z; where that says nothing because no
/// item or every item errs, on Kish's `(sum w)^2 / sum w^2`. Bias: Student's t.
#[must_use]
pub fn judge_grades(grades: &[JudgeGrade], pass: Score) -> JudgeGrades {
    let used: Vec<&JudgeGrade> = grades.iter().filter(|g| g.weight.is_finite() && g.weight > 0.0).collect();
    let mut confusion = Confusion::default();
    for g in &used {
        confusion.add_scores(g.judge, g.person, g.weight);
    }
    let of = |people_pass: bool| {
        let those = used.iter().filter(|g| (g.person >= pass) == people_pass);
        rate(&those.map(|g| ((g.judge >= pass) != people_pass, g.weight)).collect::<Vec<_>>())
    };
    let errors: Vec<(f64, f64)> = used.iter().map(|g| (f64::from(g.judge.get()) - f64::from(g.person.get()), g.weight)).collect();
    JudgeGrades {
        items: confusion.items(),
        exact: confusion.exact(),
        adjacent: confusion.adjacent(),
        mean_absolute_error: confusion.mean_absolute_error(),
        bias: confusion.bias(),
        bias_interval: mean_and_variance(&errors).and_then(|(mean, variance)| {
            let half = student_t(0.975, errors.len() as f64 - 1.0) * variance?.sqrt();
            Some(Interval { low: (mean - half).max(-4.0), high: (mean + half).min(4.0) })
        }),
        false_pass: of(false),
        false_fail: of(true),
        kappa: confusion.kappa(Weights::Quadratic),
        confusion,
    }
}

/// A weighted share: whether each item is a hit, and its weight.
fn rate(items: &[(bool, f64)]) -> Rate {
    let n = items.len() as f64;
    let values: Vec<(f64, f64)> = items.iter().map(|(hit, w)| (f64::from(u8::from(*hit)), *w)).collect();
    let Some((p, variance)) = mean_and_variance(&values) else {
        return Rate { value: None, interval: Interval { low: 0.0, high: 1.0 }, items: 0 };
    };
    let kish = items.iter().map(|i| i.1).sum::<f64>().powi(2) / items.iter().map(|i| i.1 * i.1).sum::<f64>();
    let effective = variance.map(|v| p * (1.0 - p) / v).filter(|e| e.is_finite() && *e > 0.0).map_or(kish, |e| e.min(n));
    let z = student_t(0.975, (n - 1.0).max(1.0));
    Rate { value: Some(p), interval: wilson(p, effective, z), items: items.len() as u64 }
}

/// Weighted mean and its linearised variance (absent below two items); `None` without an item.
fn mean_and_variance(items: &[(f64, f64)]) -> Option<(f64, Option<f64>)> {
    let n = items.len() as f64;
    let total: f64 = items.iter().map(|i| i.1).sum();
    let mean = items.iter().map(|(z, w)| z * w).sum::<f64>() / total;
    let spread: f64 = items.iter().map(|(z, w)| (w * (z - mean)).powi(2)).sum();
    mean.is_finite().then(|| (mean, (n > 1.0).then(|| spread / (total * total) * n / (n - 1.0))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MARK: Score = Score::ALL[3];

    fn grade(judge: usize, person: usize, weight: f64) -> JudgeGrade {
        JudgeGrade { judge: Score::ALL[judge - 1], person: Score::ALL[person - 1], weight }
    }

    #[test]
    fn rates_are_shares_of_what_people_said() {
        // People pass four, of which the judge fails one; people fail two, of which the judge passes one.
        let list = [grade(5, 5, 1.0), grade(4, 4, 1.0), grade(4, 5, 1.0), grade(3, 4, 1.0), grade(4, 3, 1.0), grade(1, 1, 1.0)];
        let got = judge_grades(&list, MARK);
        assert_eq!((got.false_fail.value, got.false_fail.items), (Some(0.25), 4));
        assert_eq!((got.false_pass.value, got.false_pass.items), (Some(0.5), 2));
        assert_eq!((got.items, got.exact, got.adjacent), (6, Some(0.5), Some(1.0)));
        assert!((got.bias.unwrap() + 1.0 / 6.0).abs() < 1e-12);
    }

    #[test]
    fn certain_and_audited_items_count_by_what_they_stand_for() {
        // Ten disputed items all reviewed, the judge wrong on five; ten of a hundred quiet ones audited, one wrong.
        let mut list = vec![grade(5, 1, 1.0); 5];
        list.extend(vec![grade(1, 1, 1.0); 5]);
        list.extend(vec![grade(1, 1, 10.0); 9]);
        list.push(grade(5, 1, 10.0));
        let rate = judge_grades(&list, MARK).false_pass;
        assert!((rate.value.unwrap() - 15.0 / 110.0).abs() < 1e-12);
        assert!(rate.interval.low < 15.0 / 110.0 && rate.interval.high > 15.0 / 110.0);
        assert!(rate.interval.high > wilson(15.0 / 110.0, 20.0, 1.96).high, "unequal weights are worth fewer items");
    }

    #[test]
    fn no_error_seen_in_a_few_items_is_not_certainty() {
        let got = judge_grades(&vec![grade(5, 5, 1.0); 12], MARK);
        assert_eq!(got.false_fail.value, Some(0.0));
        assert!(got.false_fail.interval.high > 0.2);
        assert_eq!((got.false_pass.value, got.false_pass.items, got.false_pass.interval.high), (None, 0, 1.0));
        assert_eq!(got.kappa, Err(Undefined::NoVariation));
    }

    #[test]
    fn nothing_says_nothing() {
        let got = judge_grades(&[grade(5, 5, 0.0), grade(5, 5, f64::NAN)], MARK);
        assert_eq!((got.items, got.bias, got.bias_interval, got.exact), (0, None, None, None));
    }

    proptest! {
        #[test]
        fn the_scale_of_weights_and_order_never_matter(list in prop::collection::vec((1usize..=5, 1usize..=5, 1.0f64..20.0), 2..40), by in 0.01f64..100.0) {
            let of = |by: f64, reverse: bool| {
                let mut l: Vec<_> = list.iter().map(|&(j, p, w)| grade(j, p, w * by)).collect();
                if reverse {
                    l.reverse();
                }
                judge_grades(&l, MARK)
            };
            let (a, b) = (of(1.0, false), of(by, true));
            for (x, y) in [(a.bias, b.bias), (a.false_pass.value, b.false_pass.value), (a.false_fail.value, b.false_fail.value)] {
                prop_assert_eq!(x.is_some(), y.is_some());
                prop_assert!((x.unwrap_or(0.0) - y.unwrap_or(0.0)).abs() < 1e-9);
            }
            for (x, y) in [(a.false_pass.interval, b.false_pass.interval), (a.false_fail.interval, b.false_fail.interval)] {
                prop_assert!((x.low - y.low).abs() < 1e-7 && (x.high - y.high).abs() < 1e-7);
            }
        }
    }
}
