//! The scenarios: which judges, how many outputs, how much review, how predictions are made, and what must hold.

use crate::world::World;

/// How P(people pass it) is predicted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Calibrator {
    /// Ridge logistic regression on this many outputs of an earlier run, all graded.
    History(usize),
    /// The same, its log-odds doubled.
    Overconfident(usize),
    /// No history: 0.05 + 0.9 x share of judgments that pass.
    Cold,
}

/// How outputs are chosen for people.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Design {
    /// `tribunal plan`, with minutes for this many average outputs.
    Plan(f64),
    /// No plan: outputs with a trigger, and the 3% audit.
    Audit,
}

/// One row of the table.
#[derive(Clone, Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub world: World,
    /// The judges when the history was made.
    pub before: World,
    pub outputs: usize,
    pub design: Design,
    pub calibrator: Calibrator,
    /// Human minutes for the same interval, relative to random review: at most this.
    pub minutes: Option<f64>,
    /// Whether coverage and bias are promised; else the row shows where the formulas end.
    pub promised: bool,
}

/// Five judges that are a little too kind and exaggerate, right in about 88 of 100.
const BASE: World = World { pass_rate: 0.75, judges: 5, own: 0.62, shared: 0.33, kind: 0.25, silent: 0.0, gain: 1.3, cluster: (1, 0.0) };

fn base(name: &'static str, world: World) -> Scenario {
    Scenario {
        name,
        world,
        before: world,
        outputs: 1000,
        design: Design::Plan(150.0),
        calibrator: Calibrator::History(400),
        minutes: None,
        promised: true,
    }
}

/// All of them, in the order of the table.
pub fn all() -> Vec<Scenario> {
    let weaker = |own: f64, shared: f64| World { own, shared, ..BASE };
    vec![
        Scenario { minutes: Some(0.55), ..base("base: 88% panel", BASE) },
        base("silent shared errors 8%", World { silent: 0.08, own: 0.2, shared: 0.06, kind: 0.05, ..BASE }),
        Scenario { minutes: Some(0.40), ..base("strong: 94% panel", World { own: 0.31, shared: 0.07, kind: 0.07, ..BASE }) },
        base("weak: 79% panel", weaker(1.05, 0.87)),
        Scenario { minutes: Some(1.05), ..base("70% panel", weaker(1.55, 1.7)) },
        // The same judges, much kinder than when the calibrator was fitted.
        Scenario { before: BASE, ..base("judge drifted to 80%", World { kind: 1.05, ..BASE }) },
        Scenario { outputs: 500, design: Design::Plan(120.0), ..base("96% pass, N=500", World { pass_rate: 0.96, ..BASE }) },
        base("99% pass", World { pass_rate: 0.99, ..BASE }),
        Scenario { outputs: 100, design: Design::Plan(30.0), ..base("N=100, 30 labels", BASE) },
        Scenario { outputs: 5000, design: Design::Plan(300.0), ..base("N=5000, 300 labels", BASE) },
        base("clusters of five", World { cluster: (5, 0.4), ..BASE }),
        base("obedient: one judge, five samples", World { own: 0.1, shared: 0.49, ..BASE }),
        Scenario { calibrator: Calibrator::Overconfident(400), ..base("over-confident calibrator", BASE) },
        Scenario { calibrator: Calibrator::Cold, ..base("no history (cold start)", BASE) },
        Scenario { promised: false, design: Design::Audit, ..base("no plan: disputes and 3% audit (30 random grades)", BASE) },
        Scenario { before: BASE, ..base("stress: judge drifted and twice as noisy", World { kind: 0.95, shared: 0.85, ..BASE }) },
    ]
}
