//! One simulated or recorded output: what judges show of it, and what a person would say.

/// What is known of an output, and the truth that only a grader sees.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Outputs with the same number look alike.
    pub cluster: u64,
    /// Constant, panel mean, pass share, spread, mean x spread, entropy: what the calibrator may use.
    pub features: [f64; 6],
    /// The judges' median passes.
    pub label: bool,
    /// Minutes that a person takes.
    pub minutes: f32,
    /// The blind grade, 1 to 5.
    pub grade: f32,
    /// Whether that grade passes.
    pub pass: bool,
}

impl Seen {
    /// From the judges' scores (1 to 5, at least one) and the pass line between scores.
    pub fn new(cluster: u64, scores: &[f64], line: f64, minutes: f64, grade: f64, pass: bool) -> Self {
        let n = scores.len() as f64;
        let mean = scores.iter().sum::<f64>() / n;
        let share = scores.iter().filter(|s| **s > line).count() as f64 / n;
        let (low, high) = scores.iter().fold((f64::MAX, f64::MIN), |(l, h), s| (l.min(*s), h.max(*s)));
        let mut sorted = scores.to_vec();
        sorted.sort_by(f64::total_cmp);
        let entropy: f64 =
            sorted.chunk_by(|a, b| a.round().total_cmp(&b.round()).is_eq()).map(|g| g.len() as f64 / n).map(|p| -p * p.ln()).sum();
        Self {
            cluster,
            features: [1.0, mean, share, high - low, mean * (high - low), entropy],
            label: sorted[(sorted.len() - 1) / 2] > line,
            minutes: minutes as f32,
            grade: grade as f32,
            pass,
        }
    }

    /// Panel mean.
    pub fn mean(&self) -> f64 {
        self.features[1]
    }

    /// Share of judgments that pass.
    pub fn share(&self) -> f64 {
        self.features[2]
    }

    /// Highest minus lowest score.
    pub fn spread(&self) -> f64 {
        self.features[3]
    }
}
