//! Runs trials: a plan feeds slots, slots make rows, rows become events. The only async heart of the program.

pub mod cascade;
pub mod event;
pub mod execute;
pub mod feed;
pub mod finish;
pub mod plan;
mod trial;

pub use event::{Ending, Listener, RunEvent};
pub use execute::{Concurrency, Job, Pressure, Stop, execute};
pub use plan::{Plan, PlannedSet, PlannedTrial};
