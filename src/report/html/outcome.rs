//! Where an agent's trials ended up, as one bar: pass, disputed, fail, no answer.

use serde::Serialize;

use crate::report::view::State;
use crate::report::words;
use crate::stats::summary::AgentSummary;

/// One bar, its parts from left to right.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    /// What it shows, for those who do not see it.
    title: String,
    parts: Vec<Part>,
}

#[derive(Debug, Serialize)]
struct Part {
    state: &'static str,
    mark: &'static str,
    label: &'static str,
    count: String,
    /// Left edge and width, percent.
    x: String,
    w: String,
}

/// The bar of an agent; absent without trials. Parts without a trial are left out.
pub(super) fn outcome(a: &AgentSummary) -> Option<Outcome> {
    let failed = a.failures.iter().map(|(_, n)| n).sum();
    let fail = a.accuracy.settled.saturating_sub(a.accuracy.passed);
    let counted = [
        (State::Pass, a.accuracy.passed),
        (State::Split, a.split),
        (State::Unscored, a.unscored),
        (State::Fail, fail),
        (State::AgentFailed, failed),
    ];
    let known: u64 = counted.iter().map(|(_, n)| n).sum();
    let total = known.max(a.trials);
    let mut left = 0;
    let mut parts = Vec::new();
    for (state, n) in counted.into_iter().chain([(State::Pending, total - known)]).filter(|(_, n)| *n > 0) {
        let percent = |n: u64| format!("{:.3}", n as f64 / total as f64 * 100.0);
        parts.push(Part {
            state: state.word(),
            mark: state.mark(),
            label: state.label(),
            count: words::count(n),
            x: percent(left),
            w: percent(n),
        });
        left += n;
    }
    let title = parts.iter().map(|p| format!("{} {}", p.count, p.label)).collect::<Vec<_>>().join(", ");
    (total > 0).then(|| Outcome { title: format!("{}: {title}", a.agent), parts })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AgentName, Spend};
    use crate::stats::summary::Share;

    fn summary(trials: u64, passed: u64, settled: u64, split: u64, failed: u64) -> AgentSummary {
        AgentSummary {
            agent: AgentName::new("bot").unwrap(),
            trials,
            cases: trials,
            accuracy: Share { value: None, interval: None, passed, settled },
            accuracy_bounds: None,
            mean_score: None,
            score_interval: None,
            histogram: [0; 5],
            split,
            unscored: 0,
            failures: vec![("timeout".to_owned(), failed)],
            tags: Vec::new(),
            risks: Vec::new(),
            sets: Vec::new(),
            latency_ms: None,
            slowest: Vec::new(),
            spend: Spend::default(),
            review: 0,
            triggers: Vec::new(),
        }
    }

    #[test]
    fn the_parts_fill_the_bar_and_empty_ones_are_left_out() {
        let o = outcome(&summary(10, 4, 6, 1, 2)).unwrap();
        assert_eq!(o.title, "bot: 4 pass, 1 split, 2 fail, 2 no answer, 1 not judged");
        assert_eq!(o.parts.iter().map(|p| p.x.as_str()).collect::<Vec<_>>(), ["0.000", "40.000", "50.000", "70.000", "90.000"]);
        assert_eq!(o.parts.last().unwrap().w, "10.000");
    }

    #[test]
    fn no_trial_no_bar() {
        assert!(outcome(&summary(0, 0, 0, 0, 0)).is_none());
    }
}
