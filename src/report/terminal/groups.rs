//! The table by tag, risk and set. Nothing to say where no answer was settled.

use std::io::{self, Write};

use super::table::{right, safe, table, text};
use crate::report::model::Report;
use crate::report::{Look, words};
use crate::stats::summary::{AgentSummary, TagSummary};

/// The most groups of one kind that are listed; the report files hold the rest.
const MOST: usize = 20;

type Groups = fn(&AgentSummary) -> &Vec<TagSummary>;

pub(super) fn render(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let agents = &report.summary.agents;
    let kinds: [(&str, Groups, usize); 3] = [("#", |a| &a.tags, 1), ("risk ", |a| &a.risks, 2), ("set ", |a| &a.sets, 2)];
    let mut rows: Vec<(String, Vec<Option<&TagSummary>>)> = Vec::new();
    let mut left_out = 0;
    for (kind, of, fewest) in kinds {
        let names = names(agents, of);
        if names.len() < fewest {
            continue;
        }
        left_out += names.len().saturating_sub(MOST);
        for name in names.iter().take(MOST) {
            let label = words::clip(&safe(&format!("{kind}{name}")), 26);
            rows.push((label, agents.iter().map(|a| of(a).iter().find(|g| g.name == *name)).collect()));
        }
    }
    if rows.is_empty() || agents.iter().all(|a| a.accuracy.settled == 0) {
        return Ok(());
    }
    writeln!(out)?;
    write!(out, "{}", if agents.len() == 1 { one(&rows, look) } else { many(&rows, agents, look) })?;
    if left_out > 0 {
        writeln!(out, "and {left_out} more tags or sets: see the report files")?;
    }
    Ok(())
}

/// Names of the groups over all agents, in their order.
fn names(agents: &[AgentSummary], of: Groups) -> Vec<&str> {
    let mut out: Vec<&str> = Vec::new();
    for g in agents.iter().flat_map(of) {
        if !out.contains(&g.name.as_str()) {
            out.push(&g.name);
        }
    }
    out
}

fn one(rows: &[(String, Vec<Option<&TagSummary>>)], look: Look) -> String {
    let mut t = table(look, &["group", "accuracy", "95% interval", "pass of settled", "mean", "trials"]);
    right(&mut t, &[1, 2, 3, 4, 5]);
    for (label, groups) in rows {
        if let [Some(g)] = groups.as_slice() {
            t.add_row([
                label.clone(),
                words::percent(g.accuracy.value),
                words::percent_range(g.accuracy.interval),
                passed(g, " of "),
                words::decimal(g.mean_score),
                words::count(g.trials),
            ]);
        }
    }
    text(&t)
}

fn many(rows: &[(String, Vec<Option<&TagSummary>>)], agents: &[AgentSummary], look: Look) -> String {
    let header: Vec<&str> = std::iter::once("group").chain(agents.iter().map(|a| a.agent.as_str())).collect();
    let mut t = table(look, &header);
    right(&mut t, &(1..header.len()).collect::<Vec<_>>());
    for (label, groups) in rows {
        let cell = |g: Option<&TagSummary>| {
            g.map_or_else(|| words::NONE.to_owned(), |g| format!("{} ({})", words::percent(g.accuracy.value), passed(g, "/")))
        };
        t.add_row(std::iter::once(label.clone()).chain(groups.iter().copied().map(cell)).collect::<Vec<_>>());
    }
    text(&t)
}

fn passed(g: &TagSummary, between: &str) -> String {
    format!("{}{between}{}", words::count(g.accuracy.passed), words::count(g.accuracy.settled))
}
