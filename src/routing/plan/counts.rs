//! From probabilities to strata with fixed numbers of draws that fit the minutes.

use super::candidate::Candidate;

/// At most this many audit strata, each worth at least as many draws.
const STRATA: usize = 8;
const DRAWS: f64 = 8.0;

/// No stratum draws fewer, so that each has a variance.
pub(super) const LEAST: u64 = 2;

/// An audit stratum: its members (positions among the candidates), draws asked for, and minutes an item.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cut {
    pub members: Vec<u32>,
    pub wanted: f64,
    pub each: f64,
}

/// Sorts by (probability, prediction) and cuts into strata of equal sums of probabilities.
pub(super) fn cut(candidates: &[Candidate], mut audit: Vec<(u32, f64)>, price: &dyn Fn(&Candidate) -> f64) -> Vec<Cut> {
    let of = |i: u32| candidates.get(i as usize).map_or((0.0, 0, 0), |c| (c.predicted, c.key, c.seq));
    audit.sort_unstable_by(|(i, pi), (j, other)| {
        let (one, two) = (of(*i), of(*j));
        pi.total_cmp(other).then(one.0.total_cmp(&two.0)).then((one.1, one.2).cmp(&(two.1, two.2)))
    });
    let total: f64 = audit.iter().map(|(_, pi)| pi).sum();
    let strata = (1..=STRATA).rev().find(|k| total >= DRAWS * *k as f64).unwrap_or(1);
    let mut cuts: Vec<Cut> = Vec::with_capacity(strata);
    let (mut members, mut wanted, mut minutes, mut before) = (Vec::new(), 0.0, 0.0, 0.0);
    for (i, pi) in audit {
        // A new stratum starts where the running sum has passed the next equal part.
        if wanted > 0.0 && cuts.len() + 1 < strata && before + wanted + pi / 2.0 > total * (cuts.len() + 1) as f64 / strata as f64 {
            before += wanted;
            cuts.push(close(std::mem::take(&mut members), wanted, minutes));
            (wanted, minutes) = (0.0, 0.0);
        }
        members.push(i);
        wanted += pi;
        minutes += candidates.get(i as usize).map_or(0.0, price);
    }
    if !members.is_empty() {
        cuts.push(close(members, wanted, minutes));
    }
    cuts
}

fn close(members: Vec<u32>, wanted: f64, minutes: f64) -> Cut {
    let each = minutes / members.len() as f64;
    Cut { members, wanted, each }
}

/// Rounds the draws asked for: down, at least two, then up by the largest fraction while the minutes last.
///
/// Within a stratum all items are as likely, so its minutes are the mean ones; where that makes the plan dearer than its
/// probabilities said, all strata give in proportion, and then the largest.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the number of members")]
pub(super) fn draws(cuts: &[Cut], budget: f64) -> Vec<u64> {
    let size = |c: &Cut| c.members.len() as u64;
    let least = |c: &Cut| LEAST.min(size(c));
    let asked: f64 = cuts.iter().map(|c| c.each * c.wanted).sum();
    let scale = if asked > budget && asked > 0.0 { (budget / asked).max(0.0) } else { 1.0 };
    let wanted: Vec<f64> = cuts.iter().map(|c| c.wanted * scale).collect();
    let mut n: Vec<u64> = cuts.iter().zip(&wanted).map(|(c, w)| ((w + 1e-9) as u64).clamp(least(c), size(c))).collect();
    let minutes = |n: &[u64]| cuts.iter().zip(n).map(|(c, n)| c.each * *n as f64).sum::<f64>();
    while minutes(&n) > budget + 1e-9 {
        let spare = (0..cuts.len()).filter(|k| cuts.get(*k).zip(n.get(*k)).is_some_and(|(c, n)| *n > least(c)));
        let Some(largest) = spare.max_by_key(|k| n.get(*k)) else { break };
        if let Some(n) = n.get_mut(largest) {
            *n -= 1;
        }
    }
    let mut left = budget - minutes(&n);
    let mut order: Vec<usize> = (0..cuts.len()).collect();
    let fraction = |k: &usize| wanted.get(*k).map_or(0.0, |w| w - w.floor());
    order.sort_by(|a, b| fraction(b).total_cmp(&fraction(a)).then(a.cmp(b)));
    for k in order {
        let (Some(c), Some(w), Some(n)) = (cuts.get(k), wanted.get(k), n.get_mut(k)) else { continue };
        if (*n as f64) < *w && *n < size(c) && c.each <= left + 1e-9 {
            *n += 1;
            left -= c.each;
        }
    }
    n
}
