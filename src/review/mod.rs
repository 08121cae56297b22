//! The reviewer's side: one pure queue and one pure session; terminal, browser and command line are shells over both.

pub mod desk;
#[cfg(test)]
pub(crate) mod fixture;
pub mod offline;
pub mod queue;
pub mod session;
pub mod terminal;
pub mod web;
