//! Many runs, one row: coverage, bias, width, minutes, the naive mixture; and which goals are missed.

use tribunal::stats::interval::wilson;
use tribunal::stats::quantile::student_t;

use crate::trial::Outcome;

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Row {
    pub name: String,
    pub truth: f64,
    pub refused: usize,
    pub accuracy: f64,
    pub judges: f64,
    pub cover: f64,
    pub above: f64,
    pub bias: f64,
    pub half: f64,
    pub own_cover: f64,
    pub grade_cover: f64,
    pub minutes: f64,
    /// Spread of the estimates, squared, against random review in the same minutes.
    pub variance: f64,
    pub naive_bias: f64,
    pub naive_cover: f64,
    /// Wrong labels left, relative to random review of as many minutes.
    pub wrong: f64,
    /// At most this many minutes relative to random review.
    pub goal: Option<f64>,
    /// Coverage and bias are promised.
    pub promised: bool,
}

/// Sums up the runs of one scenario, in their order. `truth` is the pass rate and mean grade of all such outputs.
pub fn row(name: &str, truth: (f64, f64), goal: Option<f64>, promised: bool, outcomes: &[Outcome]) -> Row {
    let n = outcomes.len() as f64;
    let mean = |f: &dyn Fn(&Outcome) -> f64| outcomes.iter().map(f).sum::<f64>() / n;
    let held = |low: f64, high: f64, t: f64| f64::from(u8::from(low <= t && t <= high));
    let given: Vec<_> = outcomes.iter().filter_map(|o| o.estimate.map(|e| (o, e))).collect();
    let g = given.len() as f64;
    let over = |f: &dyn Fn(&Outcome, &crate::trial::Numbers) -> f64| given.iter().map(|(o, e)| f(o, e)).sum::<f64>() / g;
    let half = over(&|_, e| (e.rate[2] - e.rate[1]) / 2.0);
    let average = mean(&|o| o.minutes.1);
    let spent = mean(&|o| o.minutes.0) / average;
    let mse = over(&|_, e| (e.rate[0] - truth.0).powi(2));
    Row {
        name: name.to_owned(),
        truth: truth.0,
        refused: outcomes.len() - given.len(),
        accuracy: mean(&|o| o.accuracy),
        judges: mean(&|o| o.judges),
        cover: over(&|_, e| held(e.rate[1], e.rate[2], truth.0)),
        above: over(&|_, e| f64::from(u8::from(e.rate[1] > truth.0))),
        // Against what all grades of the same outputs would say: the same expectation with less noise.
        bias: over(&|o, e| e.rate[0] - o.own.0),
        half,
        own_cover: over(&|o, e| held(e.this_set[0] - 1e-9, e.this_set[1] + 1e-9, o.own.0)),
        grade_cover: over(&|_, e| held(e.grade[1], e.grade[2], truth.1)),
        minutes: spent / random_items(truth.0, half),
        variance: mse / (truth.0 * (1.0 - truth.0) / spent),
        naive_bias: mean(&|o| o.naive[0]) - truth.0,
        naive_cover: mean(&|o| held(o.naive[1], o.naive[2], truth.0)),
        wrong: mean(&|o| o.wrong.0) / mean(&|o| o.wrong.1),
        goal,
        promised,
    }
}

/// How many outputs, drawn at random and graded without judges, give a Wilson interval (with a t quantile) as wide.
fn random_items(share: f64, half: f64) -> f64 {
    let width = |n: f64| {
        let i = wilson(share, n, student_t(0.975, n - 1.0));
        (i.high - i.low) / 2.0
    };
    let (mut low, mut high) = (3.0_f64, 1e7_f64);
    for _ in 0..100 {
        let middle = (low * high).sqrt();
        if width(middle) > half { low = middle } else { high = middle }
    }
    low
}

impl Row {
    /// The goals that this row misses.
    pub fn misses(&self) -> Vec<String> {
        let mut all = Vec::new();
        if !self.promised {
            return all;
        }
        if !(0.94..=0.995).contains(&self.cover) {
            all.push(format!("coverage {:.4} is outside [0.94, 0.995]", self.cover));
        }
        if self.above > 0.035 {
            all.push(format!("the interval lies above the truth in {:.2}% of runs (at most 3.5%)", 100.0 * self.above));
        }
        if self.bias.abs() > 0.002 || self.bias.is_nan() {
            all.push(format!("bias {:+.4} is over 0.002", self.bias));
        }
        if let Some(goal) = self.goal.filter(|g| self.minutes > *g || self.minutes.is_nan()) {
            all.push(format!("{:.2}x the minutes of random review (at most {goal:.2}x)", self.minutes));
        }
        if self.refused > 0 {
            all.push(format!("{} runs gave no estimate", self.refused));
        }
        all
    }

    /// As a line of a Markdown table.
    pub fn line(&self) -> String {
        let goal = self.goal.map_or_else(String::new, |g| format!(" (goal {g:.2})"));
        format!(
            "| {} | {:.1}% | {:.1}% | {:+.1} | {:.1}% | {:.1}% | {:+.2} | ±{:.1} | {:.2}x{goal} | {:.2}x | {:.2}x | {:.1}% | {:.1}% | {:+.1} | {:.1}% |",
            if self.promised { self.name.clone() } else { format!("{} (not promised)", self.name) },
            100.0 * self.truth,
            100.0 * self.accuracy,
            100.0 * (self.judges - self.truth),
            100.0 * self.cover,
            100.0 * self.above,
            100.0 * self.bias,
            100.0 * self.half,
            self.minutes,
            self.variance,
            self.wrong,
            100.0 * self.own_cover,
            100.0 * self.grade_cover,
            100.0 * self.naive_bias,
            100.0 * self.naive_cover,
        )
    }
}

/// The head of the table; all of bias and width in percentage points.
pub const HEAD: &str = "| scenario | people pass | panel right | judges off by | coverage of 95% | above truth | bias | half-width | minutes of random review | variance of random review | wrong labels left | this set | mean grade | naive mix off by | naive coverage |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |";
