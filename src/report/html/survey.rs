//! The first reading of the rows: which cases the page embeds, and what only all rows together tell.
//! Invariant: memory holds the chosen ones only, however many rows stream by.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

use crate::domain::AgentName;
use crate::report::latency::LogHistogram;
use crate::report::view::{State, TrialView};
use crate::report::{RenderError, Report, Rows};

/// What the first reading found.
#[derive(Debug, Default)]
pub(super) struct Survey {
    /// Position in the plan of every case that is embedded, with its rank: 0 wants attention most.
    pub(super) picked: HashMap<u64, usize>,
    /// Embedded cases by state.
    pub(super) states: BTreeMap<State, u64>,
    /// Rows in all.
    pub(super) total: u64,
    /// Rows that go to people or did not pass, in all.
    pub(super) attention: u64,
    /// Latencies by agent.
    pub(super) latency: HashMap<AgentName, LogHistogram>,
}

/// Smaller wants attention more.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    class: u8,
    priority: Reverse<u64>,
    seq: u64,
    state: State,
}

/// Reads all rows once.
pub(super) fn survey(report: &Report, rows: &mut Rows<'_>, most: usize) -> Result<Survey, RenderError> {
    let mut found = Survey::default();
    let mut best: BinaryHeap<Rank> = BinaryHeap::new();
    for row in rows {
        let row = row?;
        let view = TrialView::new(&report.head, &row);
        let rank = rank(&view);
        found.total += 1;
        found.attention += u64::from(rank.class < 2);
        if let Some(ms) = view.latency_ms() {
            found.latency.entry(row.key.agent.clone()).or_default().add(ms);
        }
        best.push(rank);
        if best.len() > most {
            best.pop();
        }
    }
    for (i, rank) in best.into_sorted_vec().into_iter().enumerate() {
        found.picked.insert(rank.seq, i);
        *found.states.entry(rank.state).or_default() += 1;
    }
    Ok(found)
}

fn rank(v: &TrialView<'_>) -> Rank {
    let class = match (&v.row.item, v.state) {
        (Some(_), _) => 0,
        (None, State::Fail | State::Split | State::Unscored | State::AgentFailed | State::Pending) => 1,
        (None, State::Pass) => 2,
    };
    // A priority is never negative, and the bits of non-negative floats sort as the floats do.
    let priority = v.row.item.as_ref().map_or(0.0, |i| i.priority.max(0.0));
    Rank { class, priority: Reverse(priority.to_bits()), seq: v.row.key.seq, state: v.state }
}
