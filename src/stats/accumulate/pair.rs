//! Two agents compared case by case: what became of the cases that both were asked. Constant memory for each pair.

use super::super::cluster::CaseMeans;
use super::super::summary::AgentPair;
use super::agent::AgentTotals;

/// Up to this many agents each is compared with each; more are compared with the first only.
const EACH_WITH_EACH: usize = 4;

/// Two agents' running totals.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PairTotals {
    first: usize,
    second: usize,
    cases: u64,
    both: u64,
    only_first: u64,
    only_second: u64,
    neither: u64,
    /// Differences of the cases' pass shares and mean scores, second minus first.
    shares: CaseMeans,
    scores: CaseMeans,
}

impl PairTotals {
    fn new(first: usize, second: usize) -> Self {
        let (shares, scores) = (CaseMeans::default(), CaseMeans::default());
        Self { first, second, cases: 0, both: 0, only_first: 0, only_second: 0, neither: 0, shares, scores }
    }

    /// The pairs of a run of so many agents, in the run's order.
    pub fn of(agents: usize) -> Vec<Self> {
        let firsts = if agents <= EACH_WITH_EACH { agents } else { 1 };
        (0..firsts).flat_map(|first| (first + 1..agents).map(move |second| Self::new(first, second))).collect()
    }

    /// Adds the case that the agents are being fed, before they close it.
    pub fn add(&mut self, agents: &[AgentTotals]) {
        let (first, second) = (agents[self.first].counts(), agents[self.second].counts());
        self.cases += u64::from(first.trials > 0 && second.trials > 0);
        if let (Some(a), Some(b)) = (first.share(), second.share()) {
            let count = match (a > 0.5, b > 0.5) {
                (true, true) => &mut self.both,
                (true, false) => &mut self.only_first,
                (false, true) => &mut self.only_second,
                (false, false) => &mut self.neither,
            };
            *count += 1;
            self.shares.add(b - a, 1);
        }
        if let (Some(a), Some(b)) = (first.mean_score(), second.mean_score()) {
            self.scores.add(b - a, 1);
        }
    }

    pub fn finish(self) -> AgentPair {
        AgentPair {
            first: self.first,
            second: self.second,
            cases: self.cases,
            settled: self.shares.cases(),
            both: self.both,
            only_first: self.only_first,
            only_second: self.only_second,
            neither: self.neither,
            share: self.shares.mean(),
            share_interval: self.shares.interval_95(CaseMeans::difference_bound),
            scored: self.scores.cases(),
            score: self.scores.mean(),
            score_interval: self.scores.interval_95(CaseMeans::score_difference_bound),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::fixture::{failed, row, run};
    use super::super::super::summary::Interval;
    use super::super::SummaryBuilder;
    use super::*;
    use crate::domain::TrialRow;

    const GOOD: &[u8] = &[5, 5];
    const BAD: &[u8] = &[1, 1];
    const SPLIT: &[u8] = &[1, 5];

    fn pairs(agents: u8, rows: &[TrialRow]) -> Vec<AgentPair> {
        let mut b = SummaryBuilder::new(&run(agents, 2));
        for r in rows {
            b.add(r);
        }
        b.finish().pairs
    }

    /// One case a line: the scores that `a` and `b` get.
    fn two(cases: &[(&[u8], &[u8])]) -> AgentPair {
        let rows: Vec<TrialRow> = (0..).zip(cases).flat_map(|(c, (a, b))| [row(c, 0, "a", a), row(c, 0, "b", b)]).collect();
        pairs(2, &rows).remove(0)
    }

    #[test]
    fn up_to_four_agents_each_is_compared_with_each_then_all_with_the_first() {
        let of = |n| pairs(n, &[]).iter().map(|p| (p.first, p.second)).collect::<Vec<_>>();
        assert_eq!(of(1), []);
        assert_eq!(of(2), [(0, 1)]);
        assert_eq!(of(4), [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]);
        assert_eq!(of(6), [(0, 1), (0, 2), (0, 3), (0, 4), (0, 5)]);
    }

    #[test]
    fn without_a_case_there_is_no_difference() {
        let p = pairs(2, &[]).remove(0);
        assert_eq!((p.cases, p.settled, p.share, p.share_interval, p.score, p.score_interval), (0, 0, None, None, None, None));
        let one = two(&[(GOOD, BAD)]);
        assert_eq!((one.share, one.share_interval, one.score, one.score_interval), (Some(-1.0), None, Some(-4.0), None));
    }

    #[test]
    fn cases_are_counted_by_who_passes_them() {
        let p = two(&[(GOOD, GOOD), (GOOD, BAD), (BAD, GOOD), (BAD, GOOD), (BAD, GOOD), (BAD, BAD)]);
        assert_eq!((p.both, p.only_first, p.only_second, p.neither, p.settled), (1, 1, 3, 1, 6));
        assert!((p.share.unwrap() - 2.0 / 6.0).abs() < 1e-12);
        assert!((p.score.unwrap() - 8.0 / 6.0).abs() < 1e-12);
    }

    // 9 gained, 4 lost, 67 equal: (9+1)/82 and (4+1)/82 are the adjusted shares of Bonett and Price 2012.
    #[test]
    fn the_interval_of_single_trials_is_bonett_and_price() {
        let cases: Vec<(&[u8], &[u8])> = [(9, BAD, GOOD), (4, GOOD, BAD), (67, GOOD, GOOD)]
            .into_iter()
            .flat_map(|(n, a, b): (usize, &[u8], &[u8])| std::iter::repeat_n((a, b), n))
            .collect();
        let (up, down, n) = (10.0 / 82.0, 5.0 / 82.0, 82.0_f64);
        let half = 1.990_450_2 * ((up + down - (up - down) * (up - down)) / n).sqrt();
        let i = two(&cases).share_interval.unwrap();
        assert!((i.low - (up - down - half)).abs() < 1e-6 && (i.high - (up - down + half)).abs() < 1e-6, "{i:?}");
    }

    #[test]
    fn only_what_is_settled_for_both_is_compared() {
        let mut rows = vec![row(0, 0, "a", GOOD), row(0, 0, "b", BAD)];
        rows.extend([row(1, 0, "a", SPLIT), row(1, 0, "b", GOOD)]);
        rows.extend([failed(2, 0, "a"), row(2, 0, "b", GOOD)]);
        rows.push(row(3, 0, "b", GOOD));
        let p = pairs(2, &rows).remove(0);
        assert_eq!((p.cases, p.settled, p.only_first, p.share), (3, 1, 1, Some(-1.0)), "a case that only one was asked is not common");
        assert_eq!((p.scored, p.score), (2, Some(-1.0)), "a split trial has a score: 3 against 5, and 5 against 1");
    }

    #[test]
    fn a_case_counts_once_however_often_it_is_tried() {
        let mut rows: Vec<TrialRow> = [GOOD, GOOD, BAD].iter().zip(0..).map(|(s, t)| row(0, t, "a", s)).collect();
        rows.extend([GOOD, BAD].iter().zip(0..).map(|(s, t)| row(0, t, "b", s)));
        rows.extend([row(1, 0, "a", BAD), row(1, 0, "b", BAD)]);
        let p = pairs(2, &rows).remove(0);
        assert_eq!((p.settled, p.only_first, p.neither), (2, 1, 1), "half of the trials is not more than half");
        assert!((p.share.unwrap() - (0.5 - 2.0 / 3.0) / 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_case_that_lifts_both_agents_tells_nothing_about_their_difference() {
        let hard_and_easy: Vec<(&[u8], &[u8])> = (0..40).map(|i| if i % 2 == 0 { (GOOD, GOOD) } else { (BAD, BAD) }).collect();
        let i = two(&hard_and_easy).share_interval.unwrap();
        assert!(i.high - i.low < 0.2, "paired, 40 cases that agree are narrow: {i:?}");
    }

    proptest! {
        #[test]
        fn the_other_way_round_every_difference_changes_its_sign(
            cases in prop::collection::vec((prop::collection::vec(0u8..=5, 2), prop::collection::vec(0u8..=5, 2)), 0..30)
        ) {
            let there: Vec<(&[u8], &[u8])> = cases.iter().map(|(a, b)| (a.as_slice(), b.as_slice())).collect();
            let back: Vec<(&[u8], &[u8])> = there.iter().map(|(a, b)| (*b, *a)).collect();
            let (p, q) = (two(&there), two(&back));
            let close = |x: Option<f64>, y: Option<f64>| x.zip(y).map_or(x == y, |(x, y)| (x + y).abs() < 1e-9);
            let mirrored = |x: Option<Interval>, y: Option<Interval>| close(x.map(|i| i.low), y.map(|i| i.high)) && close(x.map(|i| i.high), y.map(|i| i.low));
            prop_assert!(close(p.share, q.share) && close(p.score, q.score));
            prop_assert!(mirrored(p.share_interval, q.share_interval) && mirrored(p.score_interval, q.score_interval));
            prop_assert_eq!((p.both, p.only_first, p.only_second, p.neither), (q.both, q.only_second, q.only_first, q.neither));
            prop_assert_eq!(p.both + p.only_first + p.only_second + p.neither, p.settled);
            if let (Some(d), Some(i)) = (p.share, p.share_interval) {
                prop_assert!(i.low <= d && d <= i.high);
            }
        }
    }
}
