//! From the file as written to [`Settings`]: defaults filled in, names resolved, every semantic fault at once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::fault::{Fault, step};
use super::forms::OneOrMany;
use super::raw::{ConfigRaw, CostRaw, CostsRaw, GateRaw, GradersRaw, PanelRaw, WhenUndecided};
use super::settings::{Limits, Panel, Review, Settings};
use super::{agents, budget, cascade, judges};
use crate::agent::spec::AgentSpec;
use crate::domain::ids::NameFault;
use crate::domain::{AgentName, JudgeName, PanelPolicy, Risk, Usd};
use crate::gate::{AccuracyLine, GateSpec, GateVerdict, NotAShare, SelectorFault};
use crate::judge::spec::{JudgeSpec, LexicalJudgeSpec};
use crate::routing::{self, Costs};
use crate::source::{did_you_mean, nearest};

/// The judge of a project that defines none.
const EMBEDDED_JUDGE: &str = "lexical";

/// Faults as they are found.
pub(super) type Found = Vec<Fault>;

/// Settings with everything that is wrong with them. With an error among the faults the settings are of no use.
pub(super) fn resolve(raw: &ConfigRaw, root: &Path) -> (Settings, Vec<Fault>) {
    let mut found = Found::new();
    let agents = names("/agents", raw.agents.as_ref(), AgentName::new, &mut found);
    let mut judges = names("/judges", raw.judges.as_ref(), JudgeName::new, &mut found);
    if raw.judges.as_ref().is_none_or(BTreeMap::is_empty)
        && let Ok(name) = JudgeName::new(EMBEDDED_JUDGE)
    {
        judges.insert(name, JudgeSpec::Lexical(LexicalJudgeSpec::default()));
    }
    let default_agents = default_agents(raw.agent.as_ref(), &agents, &mut found);
    let panel = panel(raw.panel.as_ref(), &judges, &mut found);
    for (name, spec) in &agents {
        agents::check(&step("/agents", name.as_str()), spec, root, default_agents.contains(name), &mut found);
    }
    for (name, spec) in &judges {
        judges::check(&step("/judges", name.as_str()), spec, root, panel.judges.contains(name), &mut found);
    }
    let limits = raw.limits.clone().unwrap_or_default();
    let review = raw.review.clone().unwrap_or_default();
    let settings = Settings {
        root: root.to_owned(),
        default_agents,
        panel,
        agents,
        judges,
        sets: sets(raw.sets.as_ref(), root, &mut found),
        rubrics: raw.rubrics.clone().unwrap_or_else(|| PathBuf::from("rubrics")),
        reports: raw.reports.clone().unwrap_or_else(|| PathBuf::from("reports")),
        review: Review {
            minutes: review.minutes,
            audit: review.audit.unwrap_or(0.03),
            audit_at_least: review.audit_at_least.unwrap_or(30),
            graders: graders(review.graders.unwrap_or_default()),
            costs: costs(review.costs.unwrap_or_default()),
        },
        gate: raw.gate.as_ref().map(|g| gate(g, &mut found)),
        limits: Limits {
            concurrency: limits.concurrency.unwrap_or_default(),
            requests_per_minute: limits.requests_per_minute,
            tokens_per_minute: limits.tokens_per_minute,
            budget_usd: limits.budget_usd,
            deadline_seconds: limits.deadline_seconds.unwrap_or(600),
        },
        store: store(raw.store.as_deref(), &mut found),
        cache: raw.cache.unwrap_or_default(),
        prices: raw.prices.clone(),
        seed: raw.seed.unwrap_or(0),
    };
    if let Some(rubrics) = &raw.rubrics {
        folder_exists("/rubrics", rubrics, root, &mut found);
    }
    let prices = raw.prices.as_deref();
    if let Some(prices) = prices.filter(|p| !root.join(p).is_file()) {
        file_exists("/prices", prices, root, true, &mut found);
    } else {
        budget::check(prices, limits.budget_usd.is_some(), &settings.agents, &settings.judges, root, &mut found);
    }
    if settings.review.audit == 0.0 && settings.review.audit_at_least == 0 {
        let fault = Fault::new("no-audit", "/review", "nothing is audited at random").warning();
        found.push(fault.help("errors on which all judges agree stay invisible; leave `audit` at its default of 0.03"));
    }
    if limits.budget_usd == Some(0.0) {
        found.push(
            Fault::new("out-of-range", "/limits/budget_usd", "a budget of 0 stops before the first call").help("remove it for no limit"),
        );
    }
    (settings, found)
}

/// Graders by risk: two where an error is dear.
fn graders(raw: GradersRaw) -> [u16; 4] {
    [raw.low.unwrap_or(1), raw.medium.unwrap_or(1), raw.high.unwrap_or(2), raw.critical.unwrap_or(2)]
}

/// Costs by risk; the defaults are those of the router.
fn costs(raw: CostsRaw) -> [Costs; 4] {
    let given = [raw.low, raw.medium, raw.high, raw.critical];
    let mut all = Risk::ALL.map(routing::costs);
    for (cost, given) in all.iter_mut().zip(given) {
        if let Some(CostRaw { false_pass, false_fail }) = given {
            *cost = Costs { false_pass, false_fail };
        }
    }
    all
}

/// Checks the names of a mapping; those that hold are kept.
fn names<N: Ord, S: Clone>(
    at: &str,
    raw: Option<&BTreeMap<String, S>>,
    new: fn(&str) -> Result<N, NameFault>,
    found: &mut Found,
) -> BTreeMap<N, S> {
    let mut out = BTreeMap::new();
    for (name, spec) in raw.into_iter().flatten() {
        if name.contains(',') {
            let fault = Fault::new("bad-name", step(at, name), format!("the name `{name}` holds a comma"));
            found.push(fault.at_key().help("a comma separates names on the command line"));
            continue;
        }
        match new(name) {
            Ok(n) => {
                out.insert(n, spec.clone());
            }
            Err(e) => found.push(Fault::new("bad-name", step(at, name), e.to_string()).at_key()),
        }
    }
    out
}

/// Looks names up; each is kept once.
fn look_up<'a, N: Clone + PartialEq + 'a>(
    what: &str,
    wanted: impl Iterator<Item = (String, &'a str)>,
    known: &'a [(&'a str, &'a N)],
    found: &mut Found,
) -> Vec<N> {
    let mut out: Vec<N> = Vec::new();
    for (at, name) in wanted {
        let Some((_, n)) = known.iter().find(|(k, _)| *k == name) else {
            let help = did_you_mean(name, known.iter().map(|(k, _)| *k)).unwrap_or_else(|| format!("define it under `{what}s:`"));
            found.push(Fault::new(unknown(what), at, format!("unknown {what} `{name}`")).label(format!("no such {what}")).help(help));
            continue;
        };
        if out.contains(n) {
            found.push(Fault::new("named-twice", at, format!("{what} `{name}` is named twice")));
        } else {
            out.push((*n).clone());
        }
    }
    out
}

fn unknown(what: &str) -> &'static str {
    if what == "agent" { "unknown-agent" } else { "unknown-judge" }
}

fn default_agents(raw: Option<&OneOrMany>, agents: &BTreeMap<AgentName, AgentSpec>, found: &mut Found) -> Vec<AgentName> {
    let Some(raw) = raw else {
        return if agents.len() == 1 { agents.keys().cloned().collect() } else { Vec::new() };
    };
    let known: Vec<(&str, &AgentName)> = agents.keys().map(|n| (n.as_str(), n)).collect();
    look_up("agent", raw.places("/agent"), &known, found)
}

fn panel(raw: Option<&PanelRaw>, judges: &BTreeMap<JudgeName, JudgeSpec>, found: &mut Found) -> Panel {
    let none = PanelRaw::default();
    let raw = raw.unwrap_or(&none);
    let known: Vec<(&str, &JudgeName)> = judges.keys().map(|n| (n.as_str(), n)).collect();
    if raw.judges.is_some() && raw.cascade.is_some() {
        let fault = Fault::new("panel-or-cascade", "/panel/cascade", "`judges` and `cascade` stand together").at_key();
        found.push(fault.help("keep `judges` to ask all of them, or `cascade` to ask the next only when one is unsure"));
    }
    let members = match (&raw.judges, &raw.cascade) {
        (Some(all), _) => look_up("judge", all.places("/panel/judges"), &known, found),
        (None, Some(order)) => {
            let places = order.iter().enumerate().map(|(i, n)| (format!("/panel/cascade/{i}"), n.as_str()));
            look_up("judge", places, &known, found)
        }
        (None, None) => judges.keys().cloned().collect(),
    };
    let cascade = raw.judges.is_none() && raw.cascade.is_some();
    if cascade {
        cascade::check(&members, judges, found);
        if members.is_empty() && raw.cascade.as_ref().is_some_and(Vec::is_empty) {
            found.push(Fault::new("empty-list", "/panel/cascade", "the list is empty").help("name at least one judge"));
        }
    }
    // As written: a judge that is not known was said already, and says nothing about the quorum.
    let written = raw.judges.as_ref().map(|j| j.items.len()).or(raw.cascade.as_ref().map(Vec::len)).unwrap_or(members.len());
    let size = u16::try_from(written).unwrap_or(u16::MAX);
    let quorum = raw.quorum.unwrap_or(if cascade { 1 } else { size / 2 + 1 });
    if cascade && raw.quorum.is_some_and(|q| q > 1) {
        let fault = Fault::new("quorum-too-high", "/panel/quorum", format!("a quorum of {quorum} can never be met in a cascade"));
        found.push(fault.label("one judge decides").help("remove it, or write `judges:` instead of `cascade:` to have several decide"));
    } else if raw.quorum.is_some_and(|q| q > size) && size > 0 {
        let fault = Fault::new("quorum-too-high", "/panel/quorum", format!("a quorum of {quorum} can never be met"));
        let seats = if size == 1 { "there is 1 judge".to_owned() } else { format!("there are {size} judges") };
        found.push(fault.label(seats).help(format!("set it to {size} or less, or add judges")));
    }
    Panel { judges: members, cascade, policy: PanelPolicy { quorum, max_spread: raw.max_spread.unwrap_or(1) } }
}

fn sets(raw: Option<&OneOrMany>, root: &Path, found: &mut Found) -> Vec<PathBuf> {
    let Some(raw) = raw else { return vec![PathBuf::from("evalsets")] };
    for (at, set) in raw.places("/sets") {
        if !root.join(set).exists() {
            found.push(
                Fault::new("no-such-file", at, format!("there is no `{set}`")).help("paths are relative to the folder of tribunal.yaml"),
            );
        }
    }
    raw.items.iter().map(PathBuf::from).collect()
}

fn store(raw: Option<&str>, found: &mut Found) -> PathBuf {
    let default = PathBuf::from(".tribunal/tribunal.db");
    let Some(text) = raw else { return default };
    let help = "write `sqlite:PATH`, e.g. `sqlite:.tribunal/tribunal.db`";
    match text.split_once(':') {
        Some(("sqlite", path)) if !path.is_empty() && !path.starts_with(':') => return PathBuf::from(path),
        Some(("sqlite", _)) => found.push(Fault::new("bad-store", "/store", "the store needs a file").help(help)),
        Some(("postgres" | "postgresql", _)) => {
            found.push(Fault::new("bad-store", "/store", "a PostgreSQL store is not in this version").help(help));
        }
        Some((scheme, _)) => found.push(Fault::new("bad-store", "/store", format!("unknown kind of store `{scheme}:`")).help(help)),
        None => found.push(Fault::new("bad-store", "/store", "the store does not say its kind").help(help)),
    }
    default
}

fn gate(raw: &GateRaw, found: &mut Found) -> GateSpec {
    let accuracy = raw.accuracy.map(|a| AccuracyLine { at_least: a.0.at_least, max_drop: a.0.max_drop });
    let mut must_pass = Vec::new();
    for (at, text) in raw.must_pass.iter().flat_map(|m| m.places("/gate/must_pass")) {
        match text.parse() {
            Ok(selector) => must_pass.push(selector),
            Err(e) => {
                let help = selector_help(text, &e);
                found.push(Fault::new("bad-selector", at, SelectorFault::to_string(&e)).maybe_help(help));
            }
        }
    }
    let mut groups = Vec::new();
    for (text, least) in raw.groups.iter().flatten() {
        match text.parse() {
            Ok(selector) => groups.push((selector, least.0)),
            Err(e) => {
                let help = selector_help(text, &e);
                let at = format!("/gate/groups/{}", text.replace('~', "~0").replace('/', "~1"));
                found.push(Fault::new("bad-selector", at, SelectorFault::to_string(&e)).maybe_help(help));
            }
        }
    }
    let each_case = raw.each_case.as_ref().and_then(|text| {
        let read = text.parse();
        read.map_err(|e: NotAShare| found.push(Fault::new("bad-share", "/gate/each_case", e.to_string()))).ok()
    });
    let spec = GateSpec {
        groups,
        each_case,
        agreement_at_least: raw.agreement,
        cost_at_most: raw.cost_usd.map(Usd::from_dollars),
        point: false,
        accuracy,
        mean_score: raw.mean_score.map(|m| m.0.at_least),
        must_pass,
        unscored_at_most: raw.unscored.map(|u| u.0.at_most),
        undecided: match raw.undecided.unwrap_or_default() {
            WhenUndecided::Fail => GateVerdict::Fail,
            WhenUndecided::Pass => GateVerdict::Pass,
            WhenUndecided::Undecided => GateVerdict::Undecided,
        },
    };
    if spec.is_empty() && raw.must_pass.is_none() && raw.groups.is_none() && raw.each_case.is_none() {
        let fault = Fault::new("empty-gate", "/gate", "the gate asks for nothing");
        found.push(fault.help("add e.g. `accuracy: {at_least: 0.90}`, or remove `gate:`"));
    }
    spec
}

fn selector_help(text: &str, fault: &SelectorFault) -> Option<String> {
    let (kind, name) = text.split_once(':')?;
    match fault {
        SelectorFault::Risk(risk) => {
            nearest(risk, ["low", "medium", "high", "critical"]).map(|near| format!("did you mean `risk:{near}`?"))
        }
        SelectorFault::Form(_) => nearest(kind, ["tag", "case", "risk"]).map(|near| format!("did you mean `{near}:{}`?", name.trim())),
    }
}

/// A file that settings name must be there. Of an agent or judge that nothing asks, it is only a warning: it may come later.
pub(super) fn file_exists(at: &str, path: &Path, root: &Path, needed: bool, found: &mut Found) {
    let full = root.join(path);
    let fault = if full.is_dir() {
        Fault::new("no-such-file", at, format!("`{}` is a folder, a file is wanted", path.display()))
    } else if full.exists() {
        return;
    } else {
        Fault::new("no-such-file", at, format!("there is no file `{}`", path.display()))
    };
    let fault = fault.help("paths are relative to the folder of tribunal.yaml");
    found.push(if needed { fault } else { fault.warning() });
}

fn folder_exists(at: &str, path: &Path, root: &Path, found: &mut Found) {
    if !root.join(path).is_dir() {
        let fault = Fault::new("no-such-file", at, format!("there is no folder `{}`", path.display()));
        found.push(fault.help("paths are relative to the folder of tribunal.yaml"));
    }
}
