//! What stands around a run: the runs before it, and the work and the findings of people on it.

use crate::domain::{AgentName, RunId, Trigger};
use crate::stats::honest::Fault;
use crate::stats::summary::Share;

/// An earlier run of the same sets, judged the same way, or this one.
#[derive(Clone, Debug, PartialEq)]
pub struct TrendRun {
    /// Which run.
    pub run: RunId,
    /// When it began, in Unix milliseconds.
    pub created_ms: i64,
    /// True if its sets are, byte for byte, those of this run.
    pub same_cases: bool,
    /// Accuracy by agent, judges only.
    pub agents: Vec<(AgentName, Share)>,
}

/// Review minutes of one trigger.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// The first trigger of the answers; absent for those that were drawn without one.
    pub trigger: Option<Trigger>,
    /// Answers drawn for people.
    pub drawn: u64,
    /// Of them, graded blind.
    pub graded: u64,
    /// Minutes that all of them are expected to take.
    pub minutes: f64,
    /// Of them, of those that are graded.
    pub minutes_graded: f64,
}

/// What people did on a run, gathered answer by answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    /// By trigger, in order of the trigger; every drawn answer counts once.
    pub load: Vec<Load>,
    /// Answers by who was wrong about them, in order of [`Fault::ALL`]; those that occur.
    pub faults: Vec<(Fault, u64)>,
}

impl Work {
    /// Counts an answer that was drawn for people.
    pub fn drawn(&mut self, trigger: Option<Trigger>, minutes: f64, graded: bool) {
        let at = self.load.partition_point(|l| l.trigger < trigger);
        if self.load.get(at).is_none_or(|l| l.trigger != trigger) {
            self.load.insert(at, Load { trigger, drawn: 0, graded: 0, minutes: 0.0, minutes_graded: 0.0 });
        }
        if let Some(l) = self.load.get_mut(at) {
            l.drawn += 1;
            l.minutes += minutes;
            if graded {
                l.graded += 1;
                l.minutes_graded += minutes;
            }
        }
    }

    /// Counts an answer that people decided on.
    pub fn found(&mut self, fault: Fault) {
        let at = self.faults.partition_point(|(f, _)| *f < fault);
        match self.faults.get_mut(at) {
            Some((f, n)) if *f == fault => *n += 1,
            _ => self.faults.insert(at, (fault, 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_counts_once_and_minutes_add_up() {
        let mut w = Work::default();
        for (trigger, graded) in
            [(Some(Trigger::RandomAudit), true), (None, false), (Some(Trigger::RandomAudit), false), (Some(Trigger::SplitPanel), true)]
        {
            w.drawn(trigger, 0.5, graded);
        }
        assert_eq!(
            w.load.iter().map(|l| (l.trigger, l.drawn, l.graded)).collect::<Vec<_>>(),
            [(None, 1, 0), (Some(Trigger::SplitPanel), 1, 1), (Some(Trigger::RandomAudit), 2, 1)]
        );
        assert!((w.load[2].minutes - 1.0).abs() < 1e-12 && (w.load[2].minutes_graded - 0.5).abs() < 1e-12);
        for f in [Fault::Question, Fault::Agent, Fault::Question] {
            w.found(f);
        }
        assert_eq!(w.faults, [(Fault::Agent, 1), (Fault::Question, 2)]);
    }
}
