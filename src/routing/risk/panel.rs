//! What the ballots of one output tell about its verdict. The order of ballots never matters.

use super::signal::{Features, Signal};
use crate::domain::{Ballot, Judgment, Score};

/// No reason is read further than this, in bytes.
const MAX_REASON: usize = 4096;

/// One judgment as it counts here: by judge, then by value, so that sums see no order of arrival.
struct Cast<'a> {
    judge: &'a str,
    score: Score,
    /// P(score >= mark) as the judge tells it.
    passes: f64,
    /// Expected score.
    expected: f64,
    /// Entropy over ln 5, where the judge tells.
    entropy: Option<f64>,
    /// ln(1 + words), where a reason is given.
    reason: Option<f64>,
}

/// Sets the panel's signals. `None` without a judgment.
pub(super) fn measure(ballots: &[Ballot], mark: Score, passes: bool, out: &mut Features) -> Option<()> {
    let mut casts: Vec<Cast<'_>> = Vec::with_capacity(ballots.len());
    casts.extend(ballots.iter().filter_map(|b| Some(cast(b.judge.as_str(), b.outcome.as_ref().ok()?, mark))));
    casts.sort_unstable_by(|a, b| {
        let by_value = || a.score.cmp(&b.score).then(a.passes.total_cmp(&b.passes)).then(a.expected.total_cmp(&b.expected));
        let by_rest = || a.entropy.partial_cmp(&b.entropy).unwrap_or(std::cmp::Ordering::Equal);
        let by_reason = || a.reason.partial_cmp(&b.reason).unwrap_or(std::cmp::Ordering::Equal);
        a.judge.cmp(b.judge).then_with(by_value).then_with(by_rest).then_with(by_reason)
    });
    let (low, high) = (casts.iter().map(|c| c.score).min()?, casts.iter().map(|c| c.score).max()?);

    // Judges weigh alike, however many samples they have.
    let (mut judges, mut pass, mut expected) = (0.0, 0.0, 0.0);
    let (mut sampled, mut deviation) = (0.0, 0.0);
    for samples in casts.chunk_by(|a, b| a.judge == b.judge) {
        let n = samples.len() as f64;
        judges += 1.0;
        pass += samples.iter().map(|c| c.passes).sum::<f64>() / n;
        expected += samples.iter().map(|c| c.expected).sum::<f64>() / n;
        if samples.len() > 1 {
            let mean = samples.iter().map(|c| f64::from(c.score.get())).sum::<f64>() / n;
            sampled += 1.0;
            deviation += (samples.iter().map(|c| (f64::from(c.score.get()) - mean).powi(2)).sum::<f64>() / n).sqrt();
        }
    }
    let (pass, expected) = (pass / judges, expected / judges);
    out.set(Signal::Against, if passes { 1.0 - pass } else { pass });
    out.set(Signal::Spread, f64::from(high.get() - low.get()) / 4.0);
    let margin = (expected - (f64::from(mark.get()) - 0.5)).abs();
    out.set(Signal::NearMark, (1.0 - margin / 2.5).max(0.0));
    out.set(Signal::Fails, f64::from(u8::from(!passes)));
    out.set(Signal::LostBallots, (ballots.len() - casts.len()) as f64 / ballots.len() as f64);
    if sampled > 0.0 {
        out.set(Signal::SamplesDisagree, deviation / sampled);
    }
    if let Some(unsure) = mean(casts.iter().filter_map(|c| c.entropy)) {
        out.set(Signal::Unsure, unsure);
    }
    if let Some(length) = mean(casts.iter().filter_map(|c| c.reason)) {
        out.set(Signal::ReasonLength, length);
    }
    Some(())
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0u32, 0.0), |(n, s), v| (n + 1, s + v));
    (n > 0).then(|| sum / f64::from(n))
}

fn cast<'a>(judge: &'a str, j: &Judgment, mark: Score) -> Cast<'a> {
    let passes = j.score >= mark;
    let told = j.probabilities.filter(|p| p.iter().all(|x| x.is_finite() && *x >= 0.0) && p.iter().sum::<f64>() > 0.0);
    let confidence = j.confidence.filter(|c| (0.0..=1.0).contains(c));
    let (probability, entropy) = match (told, confidence) {
        (Some(p), _) => {
            let all: f64 = p.iter().sum();
            let above: f64 = p.iter().skip(mark.index()).sum();
            let entropy: f64 = p.iter().map(|x| x / all).filter(|x| *x > 0.0).map(|x| -x * x.ln()).sum();
            (above / all, Some(entropy / 5f64.ln()))
        }
        // Sure of its score is sure of its side; the rest is shared out between the sides.
        (None, Some(c)) => (if passes { 0.5 + c / 2.0 } else { 0.5 - c / 2.0 }, Some(1.0 - c)),
        (None, None) => (f64::from(u8::from(passes)), None),
    };
    let words = head(&j.reason).split_whitespace().count();
    Cast {
        judge,
        score: j.score,
        passes: probability,
        expected: if told.is_some() { j.expected_score().clamp(1.0, 5.0) } else { f64::from(j.score.get()) },
        entropy,
        reason: (words > 0).then(|| (words as f64).ln_1p()),
    }
}

fn head(reason: &str) -> &str {
    crate::text::lexical::tokens::head(reason, MAX_REASON)
}
