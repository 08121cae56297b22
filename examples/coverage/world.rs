//! Synthetic judges: a latent quality, people who see it nearly, judges who share errors, lean, exaggerate and obey.

use crate::item::Seen;
use crate::noise::Noise;

/// How outputs and judges come about. All on the scale of the latent quality, which is standard normal.
#[derive(Clone, Copy, Debug)]
pub struct World {
    /// P(people pass an output): exact.
    pub pass_rate: f64,
    /// Judges.
    pub judges: usize,
    /// Noise of one judgment.
    pub own: f64,
    /// Error that all judges make together.
    pub shared: f64,
    /// How much too kind the judges are.
    pub kind: f64,
    /// Share of outputs that all judges confidently see the wrong way round.
    pub silent: f64,
    /// How much judges exaggerate the distance from the line: over 1 is over-confident.
    pub gain: f64,
    /// Outputs a cluster, and the share of latent quality and of shared error that its members have in common.
    pub cluster: (usize, f64),
}

/// Noise of one person's grade.
const PERSON: f64 = 0.15;

/// Levels of the scale as distances from the pass line: 1|2, 2|3, 3|4 (the line), 4|5.
const LEVELS: [f64; 4] = [-1.1, -0.5, 0.0, 0.7];

fn level(distance: f64) -> f64 {
    1.0 + LEVELS.iter().filter(|l| distance > **l).count() as f64
}

/// Standard normal distribution function (Abramowitz and Stegun 7.1.26, error below 2e-7), for the mean grade's truth.
fn phi(x: f64) -> f64 {
    let z = x.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let poly = t * (0.254_829_592 + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    let tail = 0.5 * poly * (-z * z).exp();
    if x > 0.0 { 1.0 - tail } else { tail }
}

impl World {
    /// The pass line on the latent scale.
    fn line(&self) -> f64 {
        -tribunal::stats::quantile::normal(self.pass_rate)
    }

    /// The mean grade that people would give all outputs of this kind.
    pub fn mean_grade(&self) -> f64 {
        // P(grade > k) = P(z - line > level_k).
        1.0 + LEVELS.iter().map(|l| 1.0 - phi(self.line() + l)).sum::<f64>()
    }

    /// `n` new outputs.
    pub fn draw(&self, n: usize, noise: &mut Noise) -> Vec<Seen> {
        let line = self.line();
        let (size, common) = self.cluster;
        let mut all = Vec::with_capacity(n);
        let (mut quality, mut error) = (0.0, 0.0);
        let mut scores = vec![0.0; self.judges];
        for i in 0..n {
            if i % size == 0 {
                (quality, error) = (noise.normal(), noise.normal());
            }
            let mix = |group: f64, own: f64| common.sqrt() * group + (1.0 - common).sqrt() * own;
            let z = mix(quality, noise.normal());
            // Scaled so that the people's view is standard normal again: the pass rate stays exact.
            let seen = (z + PERSON * noise.normal()) / (1.0 + PERSON * PERSON).sqrt();
            let shared = self.shared * mix(error, noise.normal());
            let turned = if noise.unit() < self.silent { -1.0 } else { 1.0 };
            for s in &mut scores {
                let distance = turned * (z - line) + self.kind + shared + self.own * noise.normal();
                *s = level(self.gain * distance);
            }
            let (low, high) = scores.iter().fold((5.0_f64, 1.0_f64), |(l, h), s| (l.min(*s), h.max(*s)));
            let minutes = (0.3 * noise.normal()).exp() * (0.6 + 0.1 * (high - low));
            all.push(Seen::new((i / size) as u64, &scores, 3.5, minutes, level(seen - line), seen > line));
        }
        all
    }
}
