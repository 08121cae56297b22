//! The default audit as a design: what the router sends to people without a plan, so that it can be estimated from.

use super::candidate::{Candidate, check};
use super::one::Group;
use super::{Forecast, Plan, PlanFault, freeze};
use crate::domain::{AgentName, Digest, Reason, Stratum};
use crate::routing::AuditPolicy;
use crate::routing::audit::sizes;

/// The design of the default audit: for each agent every output with a trigger, and the random audit of the confident
/// passes and of the confident fails. `part` says which part a candidate belongs to. The draws are those of the router,
/// given the same seed in the candidates' keys.
///
/// # Errors
/// [`PlanFault`].
pub fn default_design(
    agents: &[AgentName],
    candidates: &[(Candidate, Stratum)],
    policy: AuditPolicy,
    seed: u64,
    calibrator: Digest,
) -> Result<Plan, PlanFault> {
    let plain: Vec<Candidate> = candidates.iter().map(|(c, _)| *c).collect();
    check(agents.len(), &plain)?;
    let (mut groups, mut forecasts) = (Vec::new(), Vec::new());
    for agent in (0_u16..).take(agents.len()) {
        let of = |part: Stratum| -> Vec<u32> {
            (0_u32..).zip(candidates).filter(|(_, (c, s))| c.agent == agent && *s == part).map(|(i, _)| i).collect()
        };
        let (certain, pass, fail) = (of(Stratum::Certain), of(Stratum::AuditPass), of(Stratum::AuditFail));
        let (passes, fails) = sizes(policy, pass.len() as u64, fail.len() as u64);
        let group = |reason, members: Vec<u32>, drawn| Group { agent, reason, members, drawn, rehash: false };
        let all = certain.len() as u64;
        let mut own = vec![group(Reason::Must, certain, all), group(Reason::Audit, pass, passes), group(Reason::Audit, fail, fails)];
        own.retain(|g| !g.members.is_empty());
        if own.is_empty() {
            continue;
        }
        forecasts.push(forecast(agent, &plain, &own));
        groups.extend(own);
    }
    let expected = forecasts.iter().map(|f: &Forecast| f.minutes).sum();
    let (design, items) = freeze(agents, &plain, groups, seed, None, calibrator);
    Ok(Plan { design, items, forecasts, expected, over_budget: false })
}

fn forecast(agent: u16, candidates: &[Candidate], groups: &[Group]) -> Forecast {
    let items: f64 = groups.iter().map(|g| g.members.len() as f64).sum();
    let members = |g: &Group| g.members.iter().filter_map(|i| candidates.get(*i as usize)).copied().collect::<Vec<_>>();
    let theta = groups.iter().flat_map(members).map(|c| c.predicted).sum::<f64>() / items;
    let design = |g: &Group| {
        let spread: f64 = members(g).iter().map(|c| c.predicted * (1.0 - c.predicted) + 0.02).sum();
        if g.drawn == 0 { 0.0 } else { spread * (g.members.len() as f64 / g.drawn as f64 - 1.0) }
    };
    let variance = groups.iter().map(design).sum::<f64>() / (items * items) + theta * (1.0 - theta) / items;
    Forecast {
        agent,
        items: groups.iter().map(|g| g.members.len() as u64).sum(),
        drawn: groups.iter().map(|g| g.drawn).sum(),
        minutes: groups.iter().map(|g| g.expected(candidates, &|c| f64::from(c.minutes))).sum(),
        fix: 0.0,
        efficiency: None,
        half_width: crate::stats::quantile::Z_TWO_SIDED_95 * variance.sqrt(),
    }
}
