//! What goes to people and why, and what to type next.

use std::io::{self, Write};

use super::heading;
use super::table::{Paint, right, safe, table, text, wrap};
use crate::report::model::Report;
use crate::report::{Look, words};

pub(super) fn render(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    review(report, look, out)?;
    if report.next.is_empty() {
        return Ok(());
    }
    heading("next", look, out)?;
    let widest = report.next.iter().map(|n| n.command.chars().count()).max().unwrap_or(0);
    let beside = report.next.iter().all(|n| widest + n.why.chars().count() + 4 <= look.width);
    for step in &report.next {
        let (command, why) = (safe(&step.command), safe(&step.why));
        if beside {
            writeln!(out, "  {command:widest$}  {}", Paint(look.color).dim(why))?;
        } else {
            writeln!(out, "  {command}")?;
            for line in wrap(&why, look.width.saturating_sub(6)) {
                writeln!(out, "      {}", Paint(look.color).dim(line))?;
            }
        }
    }
    Ok(())
}

/// A trigger in words, behind a dash so that a word from elsewhere cannot begin a line.
fn reason(word: &str) -> String {
    format!("- {}", safe(&words::trigger(word)))
}

fn review(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let agents = &report.summary.agents;
    match report.review() {
        0 => return heading("nothing goes to people", look, out),
        n => {
            heading(&format!("{} people (one may have several reasons)", words::counted(n, "answer goes to", "answers go to")), look, out)?;
        }
    }
    let mut reasons: Vec<&str> = Vec::new();
    for (word, _) in agents.iter().flat_map(|a| &a.triggers) {
        if !reasons.contains(&word.as_str()) {
            reasons.push(word);
        }
    }
    let header: Vec<&str> = std::iter::once("reason").chain(agents.iter().map(|a| a.agent.as_str())).collect();
    let mut t = table(look, &header);
    right(&mut t, &(1..header.len()).collect::<Vec<_>>());
    for word in reasons {
        let cells = agents
            .iter()
            .map(|a| a.triggers.iter().find(|(w, _)| w == word).map_or_else(|| words::NONE.to_owned(), |(_, n)| words::count(*n)));
        t.add_row(std::iter::once(reason(word)).chain(cells).collect::<Vec<_>>());
    }
    write!(out, "{}", text(&t))
}
