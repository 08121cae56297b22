//! What the runner announces. Progress, journal and totals listen; nothing else connects them to the runner.

use std::io;

use crate::domain::{RunHead, TrialRow};

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Every planned trial went through.
    Whole,
    /// Stopped early because an endpoint is plainly down; the text says which and why.
    Down(String),
    /// Stopped early because the budget is spent.
    BudgetSpent,
    /// Stopped by the user; what was in flight is done.
    Interrupted,
}

/// One thing that happened.
#[derive(Debug)]
pub enum RunEvent<'a> {
    /// The run is recorded and begins (or goes on).
    Started {
        /// The run.
        head: &'a RunHead,
        /// Trials found whole in the store, which are not repeated.
        already: u64,
    },
    /// A trial is finished and durable.
    TrialDone {
        /// All that happened to it.
        row: &'a TrialRow,
        /// False if it was found whole in the store.
        fresh: bool,
        /// Calls in flight at the moment.
        in_flight: usize,
    },
    /// No more trials start; those in flight finish.
    Draining(&'a Ending),
    /// The last trial is in.
    Ended(&'a Ending),
}

/// Whoever wants to know.
pub trait Listener: Send {
    /// Takes an event. An error stops the run (it is resumable).
    fn on_event(&mut self, event: &RunEvent<'_>) -> io::Result<()>;
}

impl<L: Listener + ?Sized> Listener for &mut L {
    fn on_event(&mut self, event: &RunEvent<'_>) -> io::Result<()> {
        (**self).on_event(event)
    }
}

/// Tells several listeners, in order.
pub struct All<'a>(pub Vec<&'a mut dyn Listener>);

impl Listener for All<'_> {
    fn on_event(&mut self, event: &RunEvent<'_>) -> io::Result<()> {
        self.0.iter_mut().try_for_each(|l| l.on_event(event))
    }
}
