//! The alternative annotator test: may this judge stand in for one of the graders?
//!
//! Calderon, Reichart and Dror 2025, section 3: leave each grader out in turn; on every output, who agrees better with the
//! remaining graders, the judge or the one left out (ties count for both)? One-sided t-test of H0 `mean(W_h - W_judge) >= epsilon`,
//! Benjamini-Yekutieli over graders; the judge passes if it beats at least half of them. A pass lowers audit rates; it never
//! removes the audit.

use serde::Serialize;

use super::super::tail::student_t_cdf;
use crate::domain::Score;

/// Outputs that a grader must share with others and the judge.
pub const FEWEST_SHARED: usize = 30;
/// Graders below which a result means little.
pub const FEWEST_GRADERS: usize = 3;

/// How agreement with the remaining graders is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The share of equal scores.
    Accuracy,
    /// The root mean squared difference, the smaller the better. For ordered scores.
    NegRmse,
}

/// The settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AltOptions {
    /// The measure.
    pub measure: Measure,
    /// What a grader may be better by and still be replaced, as judges are cheaper: 0.2 for experts, 0.15 for skilled graders,
    /// 0.1 for a crowd.
    pub epsilon: f64,
    /// False discovery rate over graders.
    pub q: f64,
}

impl Default for AltOptions {
    fn default() -> Self {
        Self { measure: Measure::NegRmse, epsilon: 0.15, q: 0.05 }
    }
}

/// The result for one grader left out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LeftOut {
    /// The grader's place.
    pub grader: usize,
    /// Outputs compared.
    pub n: usize,
    /// Share of outputs on which the judge is as good or better.
    pub advantage: f64,
    /// The p-value.
    pub p: f64,
    /// The judge beats this grader after the correction.
    pub beaten: bool,
}

/// The result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AltTest {
    /// One row a grader with enough outputs, in order.
    pub rows: Vec<LeftOut>,
    /// Share of those that the judge beats.
    pub winning_rate: f64,
    /// Mean of their advantages: compares judges.
    pub advantage: f64,
    /// The winning rate is at least one half.
    pub passes: bool,
    /// At least three graders; below, the result is only an indication.
    pub enough_graders: bool,
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no grader shares {FEWEST_SHARED} outputs with another grader and the judge")]
pub struct NoAltTest;

/// Runs the test. `judge[i]` and `graders[j][i]` are the scores of output `i`, if given.
pub fn alt_test(judge: &[Option<Score>], graders: &[Vec<Option<Score>>], options: &AltOptions) -> Result<AltTest, NoAltTest> {
    let mut rows: Vec<LeftOut> = (0..graders.len()).filter_map(|g| leave_out(g, judge, graders, options)).collect();
    if rows.is_empty() {
        return Err(NoAltTest);
    }
    mark_beaten(&mut rows, options.q);
    let n = rows.len() as f64;
    let winning_rate = rows.iter().filter(|r| r.beaten).count() as f64 / n;
    let advantage = rows.iter().map(|r| r.advantage).sum::<f64>() / n;
    Ok(AltTest { winning_rate, advantage, passes: winning_rate >= 0.5, enough_graders: rows.len() >= FEWEST_GRADERS, rows })
}

fn leave_out(grader: usize, judge: &[Option<Score>], graders: &[Vec<Option<Score>>], options: &AltOptions) -> Option<LeftOut> {
    let own = graders.get(grader)?;
    let score = |list: &[Option<Score>], i: usize| list.get(i).copied().flatten();
    let (mut wins, mut sum, mut squares, mut n) = (0.0, 0.0, 0.0, 0usize);
    for i in 0..judge.len() {
        let (Some(said), Some(human)) = (score(judge, i), score(own, i)) else { continue };
        let others = || graders.iter().enumerate().filter(|(j, _)| *j != grader).filter_map(|(_, g)| score(g, i));
        if others().next().is_none() {
            continue;
        }
        let loss = |x: Score| others().map(|o| cost(x, o, options.measure)).sum::<u32>();
        let (of_judge, of_human) = (loss(said), loss(human));
        let difference = f64::from(i8::from(of_human <= of_judge) - i8::from(of_judge <= of_human));
        wins += f64::from(u8::from(of_judge <= of_human));
        sum += difference;
        squares += difference * difference;
        n += 1;
    }
    if n < FEWEST_SHARED {
        return None;
    }
    let count = n as f64;
    let mean = sum / count;
    let variance = ((squares - count * mean * mean) / (count - 1.0)).max(0.0);
    let away = mean - options.epsilon;
    let t = if variance > 1e-15 { away / (variance / count).sqrt() } else { away.signum() * f64::INFINITY };
    let p = student_t_cdf(t, count - 1.0);
    Some(LeftOut { grader, n, advantage: wins / count, p, beaten: false })
}

/// What a score costs beside another; sums of it order scores as the measure does.
fn cost(a: Score, b: Score, measure: Measure) -> u32 {
    let apart = u32::from(a.get().abs_diff(b.get()));
    match measure {
        Measure::Accuracy => u32::from(apart > 0),
        Measure::NegRmse => apart * apart,
    }
}

/// Benjamini and Yekutieli 2001: the largest i with `p_(i) <= i q / (m H_m)`, and all before it.
fn mark_beaten(rows: &mut [LeftOut], q: f64) {
    let m = rows.len() as f64;
    let harmonic: f64 = (1..=rows.len()).map(|i| 1.0 / i as f64).sum();
    let mut sorted: Vec<f64> = rows.iter().map(|r| r.p).collect();
    sorted.sort_by(f64::total_cmp);
    let limit = sorted.iter().enumerate().filter(|(i, p)| **p <= (*i as f64 + 1.0) / m * q / harmonic).map(|(_, p)| *p).next_back();
    if let Some(limit) = limit {
        for r in rows {
            r.beaten = r.p <= limit;
        }
    }
}
