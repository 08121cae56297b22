//! The stop rule: when no open item can change the verdict any more, the rest is optional.

use serde::Serialize;

use super::Queue;
use crate::gate::GateVerdict;

/// What is supposed of every open item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Assume {
    /// People let all of them pass.
    AllPass,
    /// People fail all of them.
    AllFail,
}

/// Whether going on can still change the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "stop", rename_all = "snake_case")]
pub enum Stop {
    /// It can.
    GoOn {
        /// Open items.
        open: usize,
        /// The gate if all of them pass.
        best: GateVerdict,
        /// The gate if all of them fail.
        worst: GateVerdict,
    },
    /// It cannot.
    Decided {
        /// The gate either way.
        verdict: GateVerdict,
        /// Open items: nobody has to grade them.
        optional: usize,
    },
}

impl Queue {
    /// Asks the gate twice.
    #[must_use]
    pub fn stop(&self, gate: impl Fn(Assume) -> GateVerdict) -> Stop {
        let open = self.items.iter().filter(|i| i.state.is_open()).count();
        match (gate(Assume::AllPass), gate(Assume::AllFail)) {
            (best, worst) if best == worst => Stop::Decided { verdict: best, optional: open },
            (best, worst) => Stop::GoOn { open, best, worst },
        }
    }
}

impl Stop {
    /// In words, without a full stop.
    #[must_use]
    pub fn text(self) -> String {
        let items = |n: usize| if n == 1 { "1 item is".to_owned() } else { format!("{n} items are") };
        match self {
            Self::Decided { verdict: GateVerdict::Undecided, optional: 0 } => {
                "the gate is undecided, and no open item is left to decide it: more cases would".to_owned()
            }
            Self::Decided { verdict: GateVerdict::Undecided, optional } => {
                format!("the gate stays undecided whatever people say: {} optional, only more cases could decide it", items(optional))
            }
            Self::Decided { verdict, optional: 0 } => format!("the gate says {verdict}, and nothing is left to grade"),
            Self::Decided { verdict, optional } => {
                format!("the verdict can no longer change ({verdict}): {} optional", items(optional))
            }
            Self::GoOn { open, best, worst } => {
                format!("{} open: the gate says {best} if all pass and {worst} if all fail", items(open))
            }
        }
    }
}
