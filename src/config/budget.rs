//! The price table must be readable, and a budget holds only where a price is known: what it cannot hold is said.

use std::collections::BTreeMap;
use std::path::Path;

use super::fault::{Fault, step};
use crate::agent::spec::AgentSpec;
use crate::domain::{AgentName, JudgeName};
use crate::judge::spec::JudgeSpec;
use crate::provider::PriceTable;

/// The code of a finding about a budget that cannot be held.
pub const UNPRICED: &str = "unpriced";

/// Spending that no budget can stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpriced {
    /// JSON pointer to the agent or judge in `tribunal.yaml`.
    pointer: String,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub help: String,
}

/// The agents and judges whose calls cost nobody knows what, because their model has no price.
pub fn unpriced<'a>(
    agents: impl IntoIterator<Item = (&'a AgentName, &'a AgentSpec)>,
    judges: impl IntoIterator<Item = (&'a JudgeName, &'a JudgeSpec)>,
    prices: &PriceTable,
) -> Vec<Unpriced> {
    let mut all = Vec::new();
    for (name, spec) in agents {
        let (who, at) = (format!("agent `{name}`"), step("/agents", name.as_str()));
        match spec {
            AgentSpec::OpenAi(a) => all.extend(of(&who, &at, Some(&a.model), prices)),
            // An agent that does not say what it used is no part of the budget at all.
            AgentSpec::Http(a) if a.usage.is_some() => all.extend(of(&who, &at, a.model.as_deref(), prices)),
            AgentSpec::Http(_) | AgentSpec::Command(_) | AgentSpec::Replay(_) | AgentSpec::Retrieval(_) => {}
        }
    }
    for (name, spec) in judges {
        if let JudgeSpec::OpenAi(j) = spec {
            all.extend(of(&format!("judge `{name}`"), &step("/judges", name.as_str()), Some(&j.model), prices));
        }
    }
    all
}

fn of(who: &str, at: &str, model: Option<&str>, prices: &PriceTable) -> Option<Unpriced> {
    let Some(model) = model else {
        return Some(Unpriced {
            pointer: format!("{at}/usage"),
            message: format!("the budget cannot be held for {who}: no model says what its usage costs"),
            help: "name the model to price it by: `model: NAME`".into(),
        });
    };
    prices.price(model).is_none().then(|| Unpriced {
        pointer: format!("{at}/model"),
        message: format!("the budget cannot be held for {who}: no price is known for the model `{model}`"),
        help: format!(
            "write it into the file that `prices:` names, in dollars per million tokens; if it costs nothing: `- {{model: \"{model}\", input: 0, output: 0}}`"
        ),
    })
}

/// Checks the price file, and what a budget cannot hold. `file` is absolute or relative to `root`, and exists.
pub(super) fn check(
    file: Option<&Path>,
    budget: bool,
    agents: &BTreeMap<AgentName, AgentSpec>,
    judges: &BTreeMap<JudgeName, JudgeSpec>,
    root: &Path,
    found: &mut Vec<Fault>,
) {
    let full = file.map(|f| root.join(f));
    if !budget && full.is_none() {
        return;
    }
    match PriceTable::load(full.as_deref()) {
        Ok(prices) if budget => found.extend(
            unpriced(agents, judges, &prices).into_iter().map(|u| Fault::new(UNPRICED, u.pointer, u.message).warning().help(u.help)),
        ),
        Ok(_) => {}
        Err(e) => {
            let why = std::error::Error::source(&e).map(ToString::to_string).unwrap_or_default();
            let shown = file.map(|f| f.display().to_string()).unwrap_or_default();
            let why = why.lines().next().unwrap_or_default();
            let fault = Fault::new("bad-prices", "/prices", format!("the price file `{shown}` cannot be used: {why}"));
            found.push(fault.maybe_help(e.help().map(str::to_owned)));
        }
    }
}
