//! How long grading an output takes: from its length and the judges' spread, by what earlier grades took.

/// One earlier grade.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observed {
    /// Words that were read.
    pub words: f64,
    /// Highest minus lowest judgment.
    pub spread: f64,
    /// Minutes it took.
    pub minutes: f64,
}

/// Fewer observations than this fit nothing.
const ENOUGH: usize = 30;

/// `ln minutes = a + b ln(1 + words) + c spread`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinutesModel {
    /// Coefficients: constant, log words, spread.
    pub weights: [f64; 3],
}

/// No item is expected to take less or more, in minutes.
const RANGE: (f64, f64) = (0.1, 15.0);

/// Minutes without history: 0.3 to decide and 238 words a minute to read (Brysbaert 2019), half as much again for each
/// level of the judges' spread beyond the first.
#[must_use]
pub fn predict_minutes(words: f64, spread: f64) -> f64 {
    let more = 1.0 + 0.5 * (spread - 1.0).max(0.0);
    ((0.3 + words.max(0.0) / 238.0) * more).clamp(RANGE.0, RANGE.1)
}

impl MinutesModel {
    /// Least squares on the logarithm, the minutes winsorised at 5% and 95% (a grader who went for coffee). `None` below 30
    /// usable observations or without variation in length and spread.
    #[must_use]
    pub fn fit(observed: &[Observed]) -> Option<Self> {
        let usable = |o: &&Observed| o.minutes > 0.0 && [o.words, o.spread, o.minutes].iter().all(|x| x.is_finite() && *x >= 0.0);
        let mut rows: Vec<Observed> = observed.iter().filter(usable).copied().collect();
        if rows.len() < ENOUGH {
            return None;
        }
        rows.sort_unstable_by(|a, b| a.minutes.total_cmp(&b.minutes));
        let cut = rows.len() / 20;
        let (low, high) = (rows.get(cut)?.minutes, rows.get(rows.len() - 1 - cut)?.minutes);
        let (mut a, mut b) = ([[0.0_f64; 3]; 3], [0.0_f64; 3]);
        for o in &rows {
            let x = [1.0, o.words.ln_1p(), o.spread];
            let y = o.minutes.clamp(low, high).ln();
            for (i, xi) in x.iter().enumerate() {
                b[i] += xi * y;
                for (j, xj) in x.iter().enumerate() {
                    a[i][j] += xi * xj;
                }
            }
        }
        // A hair of ridge, so that equal lengths or spreads do not stop it.
        a[1][1] += 1e-6;
        a[2][2] += 1e-6;
        Some(Self { weights: solve(a, b)? })
    }

    /// Minutes expected.
    #[must_use]
    pub fn predict(&self, words: f64, spread: f64) -> f64 {
        let [a, b, c] = self.weights;
        (a + b * words.max(0.0).ln_1p() + c * spread).exp().clamp(RANGE.0, RANGE.1)
    }
}

/// Cramer's rule.
fn solve(a: [[f64; 3]; 3], b: [f64; 3]) -> Option<[f64; 3]> {
    let det = |m: &[[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = det(&a);
    let column = |k: usize| {
        let mut m = a;
        for (row, value) in m.iter_mut().zip(b) {
            row[k] = value;
        }
        det(&m) / whole
    };
    let out = [column(0), column(1), column(2)];
    out.iter().all(|x| x.is_finite()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_disputed_answer_takes_longer() {
        assert!(predict_minutes(400.0, 0.0) > predict_minutes(20.0, 0.0));
        assert!(predict_minutes(100.0, 3.0) > predict_minutes(100.0, 1.0));
        assert!((predict_minutes(1e9, 4.0) - 15.0).abs() < 1e-12);
    }

    #[test]
    fn history_finds_the_law_it_was_made_from_though_someone_fetched_coffee() {
        let law = |w: f64, s: f64| (-1.5 + 0.4 * w.ln_1p() + 0.1 * s).exp();
        let mut seen: Vec<Observed> = (0..200)
            .map(|i| (f64::from(i % 50) * 8.0, f64::from(i % 4)))
            .map(|(words, spread)| Observed { words, spread, minutes: law(words, spread) })
            .collect();
        seen[77].minutes = 600.0;
        let model = MinutesModel::fit(&seen).unwrap();
        assert!((model.predict(200.0, 1.0) / law(200.0, 1.0) - 1.0).abs() < 0.1);
        assert_eq!(MinutesModel::fit(&seen[..20]), None);
    }
}
