//! People beside people, and judges beside people: how far graders agree with one another bounds what a judge can reach.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::{GraderName, JudgeName, Score, Tally};
use crate::stats::agreement::{Level, Units, alpha, alpha_interval};
use crate::stats::summary::Interval;

/// Agreement with and among people.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct People {
    /// Answers with a blind grade.
    pub graded: u64,
    /// Blind grades.
    pub grades: u64,
    /// People.
    pub graders: u64,
    /// Answers with blind grades of two or more people.
    pub doubly_graded: u64,
    /// Krippendorff's alpha (ordinal) among people, with its 95% jackknife interval; absent where it is undefined.
    pub alpha: Option<f64>,
    /// The interval of `alpha`.
    pub interval: Option<Interval>,
    /// The panel's median against people, then each judge's vote.
    pub judges: Vec<JudgeHuman>,
}

/// A judge, or the panel, against people, on the answers that both scored.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct JudgeHuman {
    /// Which judge; the panel's median where absent.
    pub judge: Option<JudgeName>,
    /// On every graded answer: agreement on the disputed ones counts in full, so this flatters nobody and describes hard answers.
    pub graded: Pair,
    /// On the answers that the design drew, weighted by 1/pi: what holds for the whole run. Absent without such answers.
    pub run: Option<Pair>,
}

/// Two scorers on the same answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pair {
    /// Answers.
    pub n: u64,
    /// Rows are the judge's scores 1-5, columns people's; weights.
    pub table: [[f64; 5]; 5],
    /// Share with equal scores.
    pub exact: f64,
    /// Share at most one apart.
    pub adjacent: f64,
    /// Mean of |judge - people|.
    pub mean_absolute_error: f64,
    /// Mean of judge - people.
    pub bias: f64,
    /// Cohen's kappa with quadratic weights; absent without variation.
    pub kappa: Option<f64>,
}

/// What was gathered so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathered {
    units: Option<Units<5>>,
    names: Vec<GraderName>,
    graded: u64,
    grades: u64,
    doubly_graded: u64,
    tables: BTreeMap<Option<JudgeName>, (Sums, Sums)>,
}

#[derive(Clone, Debug, Default)]
struct Sums {
    n: u64,
    table: [[f64; 5]; 5],
}

impl Sums {
    fn add(&mut self, judge: Score, people: Score, weight: f64) {
        self.n += 1;
        self.table[judge.index()][people.index()] += weight;
    }

    fn pair(&self) -> Option<Pair> {
        let total: f64 = self.table.iter().flatten().sum();
        if self.n == 0 || total <= 0.0 {
            return None;
        }
        let mean = |f: &dyn Fn(f64, f64) -> f64| -> f64 {
            let mut sum = 0.0;
            for (j, row) in self.table.iter().enumerate() {
                for (p, w) in row.iter().enumerate() {
                    sum += w * f(j as f64, p as f64);
                }
            }
            sum / total
        };
        let judges: Vec<f64> = self.table.iter().map(|row| row.iter().sum::<f64>() / total).collect();
        let people: Vec<f64> = (0..5).map(|p| self.table.iter().map(|row| row[p]).sum::<f64>() / total).collect();
        let mut chance = 0.0;
        for (j, a) in judges.iter().enumerate() {
            for (p, b) in people.iter().enumerate() {
                chance += a * b * (j as f64 - p as f64).powi(2);
            }
        }
        let seen = mean(&|j, p| (j - p).powi(2));
        Some(Pair {
            n: self.n,
            table: self.table,
            exact: mean(&|j, p| f64::from(u8::from((j - p).abs() < 0.5))),
            adjacent: mean(&|j, p| f64::from(u8::from((j - p).abs() < 1.5))),
            mean_absolute_error: mean(&|j, p| (j - p).abs()),
            bias: mean(&|j, p| j - p),
            // Cohen 1968: 1 - sum w p_observed / sum w p_chance, w = (j - p)^2.
            kappa: (chance > 0.0).then(|| 1.0 - seen / chance),
        })
    }
}

impl Gathered {
    /// Adds an answer: its blind scores by person, the one that stands, and 1/pi where the design drew it.
    pub fn add(&mut self, tally: &Tally, scores: &[(&GraderName, Score)], standing: Option<Score>, weight: Option<f64>) {
        if scores.is_empty() {
            return;
        }
        self.graded += 1;
        self.grades += scores.len() as u64;
        self.doubly_graded += u64::from(scores.len() > 1);
        let mut counts = [0_u32; 5];
        for (name, score) in scores {
            counts[score.index()] += 1;
            if !self.names.contains(name) {
                self.names.push((*name).clone());
            }
        }
        self.units.get_or_insert_with(Units::of_scores).add(counts);
        let Some(people) = standing else { return };
        let votes = tally.votes.iter().map(|v| (Some(v.judge.clone()), v.score));
        for (judge, score) in tally.median.map(|m| (None, m)).into_iter().chain(votes) {
            let (graded, run) = self.tables.entry(judge).or_default();
            graded.add(score, people, 1.0);
            if let Some(w) = weight {
                run.add(score, people, w);
            }
        }
    }

    pub fn finish(self) -> People {
        let units = self.units.unwrap_or_else(Units::of_scores);
        let judges = self
            .tables
            .into_iter()
            .filter_map(|(judge, (graded, run))| Some(JudgeHuman { judge, graded: graded.pair()?, run: run.pair() }));
        People {
            graded: self.graded,
            grades: self.grades,
            graders: self.names.len() as u64,
            doubly_graded: self.doubly_graded,
            alpha: alpha(&units, Level::Ordinal).ok(),
            interval: alpha_interval(&units, Level::Ordinal),
            judges: judges.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::fixture::row;

    fn s(n: u8) -> Score {
        Score::try_from(n).unwrap()
    }

    #[test]
    fn a_judge_that_is_always_one_too_kind_has_a_bias_of_one_and_agrees_within_one() {
        let ana = GraderName::new("ana").unwrap();
        let mut g = Gathered::default();
        for people in 1..=4 {
            let tally = row(0, 0, "a", &[people + 1]).tally.unwrap();
            g.add(&tally, &[(&ana, s(people))], Some(s(people)), None);
        }
        let people = g.finish();
        let panel = &people.judges[0];
        assert_eq!((panel.judge.as_ref(), people.graders, people.doubly_graded), (None, 1, 0));
        let p = &panel.graded;
        assert!((p.bias - 1.0).abs() < 1e-12 && p.exact < 1e-12 && (p.adjacent - 1.0).abs() < 1e-12, "{p:?}");
        // scikit-learn 1.9: cohen_kappa_score([2, 3, 4, 5], [1, 2, 3, 4], weights="quadratic") = 0.7142857142857143
        assert!((p.kappa.unwrap() - 0.714_285_714_285_714_3).abs() < 1e-12);
        assert_eq!(panel.run, None, "nothing was drawn at random");
    }

    #[test]
    fn answers_with_two_graders_are_counted_once() {
        let (ana, bo) = (GraderName::new("ana").unwrap(), GraderName::new("bo").unwrap());
        let mut g = Gathered::default();
        for (c, second) in [(0, 5), (1, 4), (2, 1)] {
            let tally = row(c, 0, "a", &[5]).tally.unwrap();
            g.add(&tally, &[(&ana, s(5)), (&bo, s(second))], None, None);
        }
        g.add(&row(3, 0, "a", &[5]).tally.unwrap(), &[(&ana, s(5))], Some(s(5)), None);
        let people = g.finish();
        assert_eq!((people.graded, people.doubly_graded, people.grades, people.graders), (4, 3, 7, 2));
    }

    #[test]
    fn weights_bring_the_confident_answers_back_in() {
        let ana = GraderName::new("ana").unwrap();
        let mut g = Gathered::default();
        // One disputed answer, judged wrongly, seen with certainty; one confident answer, judged rightly, standing for nine.
        g.add(&row(0, 0, "a", &[5]).tally.unwrap(), &[(&ana, s(1))], Some(s(1)), Some(1.0));
        g.add(&row(1, 0, "a", &[5]).tally.unwrap(), &[(&ana, s(5))], Some(s(5)), Some(9.0));
        let panel = g.finish().judges.remove(0);
        assert!((panel.graded.exact - 0.5).abs() < 1e-12);
        assert!((panel.run.unwrap().exact - 0.9).abs() < 1e-12);
    }
}
