//! One run of a scenario: plan, draw, grade, estimate; and beside it the mixture that other tools report.

use tribunal::domain::{AgentName, DesignItem, Digest, Stratum};
use tribunal::routing::AuditPolicy;
use tribunal::routing::plan::{Budget, Candidate, Plan, PlanOptions, Standing, default_design, plan};
use tribunal::stats::estimate::{BlindGrade, Item, Label, Release, Review, Settings, release, score_variance};
use tribunal::stats::interval::wilson_95;

use crate::calibrate::Frozen;
use crate::item::Seen;
use crate::noise::Noise;
use crate::scenario::Design;

/// What one run says.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The estimate, its ends, and the same of the mean grade; absent where it was refused.
    pub estimate: Option<Numbers>,
    /// The share of these outputs that people pass, were all graded; and their mean grade.
    pub own: (f64, f64),
    /// Share of the judges' labels that people confirm.
    pub accuracy: f64,
    /// The judges' pass rate, uncorrected.
    pub judges: f64,
    /// Minutes that people spent, and that an average output takes.
    pub minutes: (f64, f64),
    /// Share of recorded labels that are wrong after the review, and after random review of as many minutes.
    pub wrong: (f64, f64),
    /// The naive mixture and the ends of its interval.
    pub naive: [f64; 3],
}

/// Value, lower and upper end of the pass rate; of this set; of the mean grade.
#[derive(Clone, Copy, Debug)]
pub struct Numbers {
    pub rate: [f64; 3],
    pub this_set: [f64; 2],
    pub grade: [f64; 3],
}

/// Runs it.
pub fn run(seen: &[Seen], frozen: &Frozen, design: Design, noise: &mut Noise) -> Outcome {
    let predicted: Vec<f64> = seen.iter().map(|s| frozen.predict(s)).collect();
    let mean_minutes = seen.iter().map(|s| f64::from(s.minutes)).sum::<f64>() / seen.len() as f64;
    let made = planned(seen, &predicted, design, mean_minutes, noise);
    let items: Vec<Item> = made.items.iter().map(|d| item(&made, d, &seen[d.seq as usize])).collect();
    let spent: f64 = items.iter().filter(|i| i.drawn()).map(|i| f64::from(i.minutes)).sum();
    let result = release(&items, Settings::default());
    let share = |of: &dyn Fn(&Seen) -> bool| seen.iter().filter(|s| of(s)).count() as f64 / seen.len() as f64;
    let errors = |of: &dyn Fn(&Item, &Seen) -> bool| {
        let count = items.iter().zip(&made.items).filter(|(i, d)| of(i, &seen[d.seq as usize])).count();
        count as f64 / seen.len() as f64
    };
    let wrong = errors(&|_, s| s.pass != s.label);
    Outcome {
        wrong: (errors(&|i, s| !i.drawn() && s.pass != s.label), wrong * (1.0 - spent / (mean_minutes * seen.len() as f64))),
        estimate: numbers(&result),
        own: (share(&|s| s.pass), seen.iter().map(|s| f64::from(s.grade)).sum::<f64>() / seen.len() as f64),
        accuracy: share(&|s| s.pass == s.label),
        judges: share(&|s| s.label),
        minutes: (spent, mean_minutes),
        naive: naive(seen, spent),
    }
}

fn planned(seen: &[Seen], predicted: &[f64], design: Design, mean_minutes: f64, noise: &mut Noise) -> Plan {
    let agents = [AgentName::new("a").unwrap()];
    let candidate = |(seq, (s, p)): (u64, (&Seen, &f64))| Candidate {
        seq,
        key: noise.bits(),
        predicted: *p,
        minutes: s.minutes,
        cost: if s.label { 2.0 } else { 1.0 },
        agent: 0,
        standing: Standing::Open,
        label: if s.label { Label::Pass } else { Label::Fail },
    };
    let candidates: Vec<Candidate> = (0_u64..).zip(seen.iter().zip(predicted)).map(candidate).collect();
    let calibrator = Digest::of_bytes(b"coverage");
    match design {
        Design::Plan(items) => {
            plan(&agents, &candidates, Budget::Minutes(items * mean_minutes), PlanOptions::default(), calibrator).unwrap()
        }
        Design::Audit => {
            let part = |s: &Seen| match (s.spread() > 1.0 || (s.share() > 0.0 && s.share() < 1.0), s.label) {
                (true, _) => Stratum::Certain,
                (false, true) => Stratum::AuditPass,
                (false, false) => Stratum::AuditFail,
            };
            let offered: Vec<_> = candidates.into_iter().zip(seen.iter().map(part)).collect();
            default_design(&agents, &offered, AuditPolicy::default(), 0, calibrator).unwrap()
        }
    }
}

fn item(plan: &Plan, d: &DesignItem, seen: &Seen) -> Item {
    let drawn = d.rank < plan.design.strata[d.stratum as usize].drawn;
    let grade = BlindGrade { score: seen.grade, pass: seen.pass, grader: 0 };
    Item {
        cluster: seen.cluster,
        stratum: d.stratum,
        predicted: d.predicted,
        expected_score: seen.mean().clamp(1.0, 5.0) as f32,
        score_variance: score_variance(d.predicted) as f32,
        minutes: d.minutes as f32,
        label: if seen.label { Label::Pass } else { Label::Fail },
        accepted: true,
        review: if drawn { Review::Graded(grade) } else { Review::NotDrawn },
    }
}

fn numbers(release: &Release) -> Option<Numbers> {
    let e = release.estimated()?;
    let (rate, grade) = (&e.pass_rate, &e.mean_grade);
    Some(Numbers {
        rate: [rate.theta, rate.interval.low, rate.interval.high],
        this_set: [rate.this_set.low, rate.this_set.high],
        grade: [grade.theta, grade.interval.low, grade.interval.high],
    })
}

/// The most disputed outputs are graded in the same minutes, their labels overwritten, and the mix is reported.
fn naive(seen: &[Seen], minutes: f64) -> [f64; 3] {
    let mut order: Vec<usize> = (0..seen.len()).collect();
    let doubt = |i: usize| (seen[i].spread(), -(seen[i].mean() - 3.5).abs());
    order.sort_by(|a, b| {
        let (a, b) = (doubt(*a), doubt(*b));
        b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1))
    });
    let mut mix: Vec<bool> = seen.iter().map(|s| s.label).collect();
    let mut left = minutes;
    for i in order {
        left -= f64::from(seen[i].minutes);
        if left < 0.0 {
            break;
        }
        mix[i] = seen[i].pass;
    }
    let share = mix.iter().filter(|m| **m).count() as f64 / mix.len() as f64;
    let ends = wilson_95(share, mix.len() as f64);
    [share, ends.low, ends.high]
}
