//! A counter-based generator: the same seed, scenario and run give the same numbers on every machine and thread.

/// SplitMix64 (Steele, Lea, Flood 2014) with Box-Muller on top.
pub struct Noise {
    state: u64,
    spare: Option<f64>,
}

impl Noise {
    /// The stream of one run of one scenario.
    pub fn new(seed: u64, scenario: u64, run: u64) -> Self {
        let mut start = Self { state: seed ^ scenario.wrapping_mul(0x9E37_79B9_7F4A_7C15), spare: None };
        let mixed = start.bits() ^ run.wrapping_mul(0xD1B5_4A32_D192_ED03);
        Self { state: mixed, spare: None }
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// From 0 to below 1.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from((u128::from(self.bits()) * n as u128) >> 64).unwrap_or(0)
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        if let Some(z) = self.spare.take() {
            return z;
        }
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        let (sin, cos) = (std::f64::consts::TAU * self.unit()).sin_cos();
        self.spare = Some(radius * sin);
        radius * cos
    }
}
