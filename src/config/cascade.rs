//! A cascade in which a judge can never settle alone only costs more than a panel: said as a warning.

use std::collections::BTreeMap;

use super::fault::Fault;
use crate::domain::JudgeName;
use crate::judge::spec::JudgeSpec;

/// Warns of every judge but the last that can never be sure enough to settle alone.
pub(super) fn check(order: &[JudgeName], judges: &BTreeMap<JudgeName, JudgeSpec>, found: &mut Vec<Fault>) {
    let but_last = order.split_last().map_or(&[][..], |(_, rest)| rest);
    for (i, name) in but_last.iter().enumerate() {
        let Some((why, help)) = judges.get(name).and_then(never) else { continue };
        let fault =
            Fault::new("never-settles-alone", format!("/panel/cascade/{i}"), format!("judge `{name}` can never settle alone: {why}"));
        found.push(fault.warning().help(help));
    }
    if order.len() == 1 {
        let fault = Fault::new("cascade-of-one", "/panel/cascade", "a cascade of one judge is a panel of one").warning();
        found.push(fault.help("write `judges:` instead, or add the judge to ask when the first is unsure"));
    }
}

/// Why a judge can never settle alone, and what to do about it.
fn never(spec: &JudgeSpec) -> Option<(&'static str, &'static str)> {
    match spec {
        JudgeSpec::OpenAi(llm) if llm.settles_alone_at.is_none() => {
            Some(("it has no `settles_alone_at`", "give it one, e.g. `settles_alone_at: 0.9`, or put it last"))
        }
        JudgeSpec::OpenAi(llm) if !llm.logprobs && llm.samples.unwrap_or(1) < 2 => {
            Some(("it has no way to say how sure it is", "set `logprobs: true`, or `samples: 2` or more"))
        }
        JudgeSpec::Replay(_) => Some(("recorded ballots have no threshold", "put it last, or use `panel: {judges: [...]}`")),
        JudgeSpec::Facts(_) => Some(("it is never sure enough", "put it last, or use `panel: {judges: [...]}`")),
        JudgeSpec::OpenAi(_) | JudgeSpec::Lexical(_) => None,
    }
}
