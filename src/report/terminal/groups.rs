//! The table by tag, risk and set.

use std::io::{self, Write};

use super::heading;
use super::table::{right, safe, table, text};
use crate::report::model::Report;
use crate::report::{Look, words};
use crate::stats::summary::{AgentSummary, TagSummary};

/// The most groups of one kind that are listed; the report files hold the rest.
const MOST: usize = 20;

pub(super) fn render(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let agents = &report.summary.agents;
    kind("by tag", agents, |a| &a.tags, look, out)?;
    if names(agents, |a| &a.risks).len() > 1 {
        kind("by risk", agents, |a| &a.risks, look, out)?;
    }
    if names(agents, |a| &a.sets).len() > 1 {
        kind("by set", agents, |a| &a.sets, look, out)?;
    }
    Ok(())
}

/// Names of the groups over all agents, in their order.
fn names(agents: &[AgentSummary], of: fn(&AgentSummary) -> &Vec<TagSummary>) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for g in agents.iter().flat_map(of) {
        if !out.contains(&g.name.as_str()) {
            out.push(&g.name);
        }
    }
    out
}

fn kind(
    title: &str,
    agents: &[AgentSummary],
    of: fn(&AgentSummary) -> &Vec<TagSummary>,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    let names = names(agents, of);
    if names.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    if let [agent] = agents {
        let mut t = table(look, &[title, "accuracy", "95% interval", "pass of settled", "mean", "trials"]);
        right(&mut t, &[1, 2, 3, 4, 5]);
        for g in of(agent).iter().take(MOST) {
            t.add_row([
                words::clip(&safe(&g.name), 28),
                words::percent(g.accuracy.value),
                words::percent_range(g.accuracy.interval),
                format!("{} of {}", words::count(g.accuracy.passed), words::count(g.accuracy.settled)),
                words::decimal(g.mean_score),
                words::count(g.trials),
            ]);
        }
        write!(out, "{}", text(&t))?;
    } else {
        let header: Vec<&str> = std::iter::once(title).chain(agents.iter().map(|a| a.agent.as_str())).collect();
        let mut t = table(look, &header);
        right(&mut t, &(1..header.len()).collect::<Vec<_>>());
        for name in names.iter().take(MOST) {
            let cells = agents.iter().map(|a| of(a).iter().find(|g| g.name == *name).map_or_else(|| words::NONE.to_owned(), group));
            t.add_row(std::iter::once(words::clip(&safe(name), 28)).chain(cells).collect::<Vec<_>>());
        }
        write!(out, "{}", text(&t))?;
    }
    if names.len() > MOST {
        heading(&format!("and {} more: see the report files", names.len() - MOST), look, out)?;
    }
    Ok(())
}

fn group(g: &TagSummary) -> String {
    format!("{} ({}/{})", words::percent(g.accuracy.value), words::count(g.accuracy.passed), words::count(g.accuracy.settled))
}
