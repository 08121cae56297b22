//! Live progress on stderr: a bar where somebody watches, a plain line every half minute where nobody does.
//! The interface to `indicatif` is kept here.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Ui;
use crate::domain::Usd;

/// How often a plain line is written, and how long a run must last for the first.
const EVERY: Duration = Duration::from_secs(30);

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ProgressState {
    /// Trials that are through.
    pub done: u64,
    /// Trials planned, where that is known.
    pub total: Option<u64>,
    /// Trials without an answer.
    pub failed: u64,
    /// Trials that too few judges scored.
    pub unscored: u64,
    /// Trials whose panel is split.
    pub split: u64,
    /// What was spent.
    pub cost: Usd,
    /// Calls in flight.
    pub in_flight: u64,
}

/// The progress of one run. Nothing of it is left on the terminal once it is finished or dropped.
#[derive(Debug)]
pub struct Progress {
    face: Face,
}

#[derive(Debug)]
enum Face {
    Bar { bar: ProgressBar, pace: Pace },
    Lines { started: Instant, ticker: Ticker },
}

impl Progress {
    /// Progress towards `total` trials, where that is known.
    #[must_use]
    pub fn new(total: Option<u64>, ui: &Ui) -> Self {
        let face = if ui.watched() {
            let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(style(total.is_some(), ui.err_color()));
            bar.enable_steady_tick(Duration::from_millis(200));
            Face::Bar { bar, pace: Pace { started: Instant::now(), before: None } }
        } else {
            Face::Lines { started: Instant::now(), ticker: Ticker::default() }
        };
        Self { face }
    }

    /// Tells where the run stands. Cheap: may be called for every event.
    pub fn update(&mut self, state: &ProgressState) {
        match &mut self.face {
            Face::Bar { bar, pace } => {
                if let Some(total) = state.total {
                    bar.set_length(total);
                }
                bar.set_position(state.done);
                bar.set_message(format!("{}{}", pace.words(pace.started.elapsed(), state), details(state)));
            }
            Face::Lines { started, ticker } => {
                if let Some(line) = ticker.line(started.elapsed(), state) {
                    _ = writeln!(io::stderr(), "{line}");
                }
            }
        }
    }

    /// Clears the bar.
    pub fn finish(self) {
        drop(self);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Face::Bar { bar, .. } = &self.face {
            bar.finish_and_clear();
        }
    }
}

fn style(bounded: bool, color: bool) -> ProgressStyle {
    let template = match (bounded, color) {
        (true, true) => "{bar:24.cyan} {pos}/{len}  {wide_msg}",
        (true, false) => "{bar:24} {pos}/{len}  {wide_msg}",
        (false, _) => "{spinner} {pos}  {per_sec}, {elapsed}  {wide_msg}",
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("\u{2501}\u{2501}\u{2500}")
}

/// How fast it goes, over the whole of this run: the last moment says little when servers push back.
#[derive(Debug)]
struct Pace {
    started: Instant,
    /// What was done before this run began, when it resumes another.
    before: Option<u64>,
}

impl Pace {
    /// Nothing in the first second, and before the first trial is through.
    fn words(&mut self, elapsed: Duration, s: &ProgressState) -> String {
        let before = *self.before.get_or_insert(s.done.saturating_sub(1));
        let rate = s.done.saturating_sub(before) as f64 / elapsed.as_secs_f64();
        if elapsed < Duration::from_secs(1) || rate <= 0.0 {
            return String::new();
        }
        let left = s.total.map_or_else(String::new, |t| format!(", {:.0} s left", (t.saturating_sub(s.done) as f64 / rate).ceil()));
        format!("{rate:.1} a second{left}  ")
    }
}

/// What stands behind the bar. Only what is not zero is said.
fn details(s: &ProgressState) -> String {
    let mut parts = Vec::new();
    for (n, word) in [(s.split, "split"), (s.unscored, "unscored"), (s.failed, "without an answer"), (s.in_flight, "in flight")] {
        if n > 0 {
            parts.push(format!("{n} {word}"));
        }
    }
    if s.cost > Usd(0) {
        parts.push(s.cost.to_string());
    }
    parts.join(", ")
}

/// Decides when a plain line is due. Pure: the time comes in.
#[derive(Debug, Default)]
struct Ticker {
    last: Duration,
    /// What was done before this run began, when it resumes another.
    before: Option<u64>,
}

impl Ticker {
    fn line(&mut self, elapsed: Duration, s: &ProgressState) -> Option<String> {
        let before = *self.before.get_or_insert(s.done);
        if elapsed < self.last + EVERY {
            return None;
        }
        self.last = elapsed;
        let of = s.total.map_or_else(String::new, |t| format!(" of {t}"));
        let rate = s.done.saturating_sub(before) as f64 / elapsed.as_secs_f64();
        let left = s
            .total
            .filter(|_| rate > 0.0)
            .map_or_else(String::new, |t| format!(", about {} s left", ((t.saturating_sub(s.done)) as f64 / rate).ceil()));
        let details = details(s);
        let details = if details.is_empty() { details } else { format!(": {details}") };
        Some(format!("{}{of} trials after {} s, {rate:.1} a second{left}{details}", s.done, elapsed.as_secs()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::ColorChoice;

    fn state() -> ProgressState {
        ProgressState { done: 60, total: Some(240), split: 3, unscored: 0, failed: 1, cost: Usd::from_dollars(0.42), in_flight: 16 }
    }

    #[test]
    fn the_pace_is_over_the_whole_run_and_leaves_out_what_was_there_before() {
        let mut pace = Pace { started: Instant::now(), before: None };
        let at = |done| ProgressState { done, total: Some(200), ..ProgressState::default() };
        assert_eq!(pace.words(Duration::from_millis(10), &at(101)), "");
        assert_eq!(pace.words(Duration::from_secs(10), &at(150)), "5.0 a second, 10 s left  ");
    }

    #[test]
    fn a_short_run_writes_no_line_and_a_long_one_a_line_every_half_minute() {
        let mut ticker = Ticker::default();
        let lines: Vec<u64> = (0..100).filter(|s| ticker.line(Duration::from_secs(*s), &state()).is_some()).collect();
        assert_eq!(lines, [30, 60, 90]);
    }

    #[test]
    fn a_line_says_how_far_how_fast_and_what_went_wrong() {
        let mut ticker = Ticker::default();
        assert_eq!(ticker.line(Duration::ZERO, &ProgressState { done: 30, ..state() }), None);
        assert_eq!(
            ticker.line(Duration::from_secs(30), &state()).unwrap(),
            "60 of 240 trials after 30 s, 1.0 a second, about 180 s left: 3 split, 1 without an answer, 16 in flight, $0.42"
        );
    }

    #[test]
    fn nothing_done_yet_gives_no_guess_at_the_end() {
        let line = Ticker::default().line(Duration::from_secs(30), &ProgressState { total: Some(5), ..ProgressState::default() });
        assert_eq!(line.unwrap(), "0 of 5 trials after 30 s, 0.0 a second");
    }

    #[test]
    fn a_stream_that_nobody_watches_gets_no_bar() {
        let ui = Ui::to(Box::new(io::sink()), Box::new(io::sink()), ColorChoice::Always);
        let mut progress = Progress::new(Some(3), &ui);
        assert!(matches!(progress.face, Face::Lines { .. }));
        progress.update(&state());
        progress.finish();
    }

    #[test]
    fn every_template_of_the_bar_is_valid() {
        for (bounded, color) in [(true, true), (true, false), (false, true)] {
            let bar = ProgressBar::with_draw_target(Some(3), ProgressDrawTarget::hidden()).with_style(style(bounded, color));
            bar.set_message(details(&state()));
            bar.finish_and_clear();
        }
        assert!(ProgressStyle::with_template("{bar:24.cyan} {pos}/{len}  {wide_msg}").is_ok());
    }
}
