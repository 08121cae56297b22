//! A comparison for a person at a terminal, 80 columns wide.

use std::io::{self, Write};

use super::said::{self, number, probability};
use super::{Against, AgentAgainst, Change, Comparisons, Told};
use crate::domain::RunHead;
use crate::report::model::UNCORRECTED;
use crate::report::terminal::table::{Paint, right, safe, table, text, whole, wrap};
use crate::report::terminal::{bullet, heading};
use crate::report::{Look, words};
use crate::text::diff::Piece;
use crate::text::neutral;

/// The most changed cases of an agent on a terminal, each way; files list more.
const SHOWN: usize = 10;

pub(super) fn render(all: &Comparisons, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(look.color);
    writeln!(out, "{} {}", paint.bold("A"), run(&all.baseline))?;
    for (i, other) in all.others.iter().enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        writeln!(out, "{} {}", paint.bold("B"), run(&other.run))?;
        against(other, look, out)?;
    }
    Ok(())
}

fn run(h: &RunHead) -> String {
    safe(&format!("{}, {}, {}", h.id, words::time(h.created_ms), h.status))
}

fn against(x: &Against, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(look.color);
    for (i, line) in x.differences.iter().enumerate() {
        if i == 0 {
            writeln!(out, "{}", paint.warn("judged differently, so that a change may come from the judging:"))?;
        }
        bullet(&safe(line), look, out)?;
    }
    x.notes.iter().try_for_each(|line| bullet(&safe(line), look, out))?;
    x.agents.iter().try_for_each(|a| agent(a, look, out))
}

fn agent(x: &AgentAgainst, look: Look, out: &mut dyn Write) -> io::Result<()> {
    heading(&safe(&said::headline(x)), look, out)?;
    let mut t = table(look, &["", "A", "B", "B minus A", "95% interval"]);
    right(&mut t, &[1, 2, 3]);
    whole(&mut t, &[1, 2, 3, 4]);
    if let Some(p) = &x.numbers.pass {
        let range = p.interval.map_or_else(|| words::NONE.to_owned(), |i| format!("{} to {}", number(i.low), number(i.high)));
        t.add_row([
            format!("pass rate ({UNCORRECTED})"),
            words::percent(Some(p.a)),
            words::percent(Some(p.b)),
            said::points(p.difference),
            range,
        ]);
    }
    if let Some(s) = &x.numbers.score {
        let range = s.interval.map_or_else(|why| why.to_string(), |i| format!("{} to {}", words::signed(i.low), words::signed(i.high)));
        let value = |v| words::decimal(Some(v));
        t.add_row(["mean score, judges only".to_owned(), value(s.a), value(s.b), words::signed(s.difference), range]);
    }
    if let Some([a, b]) = &x.corrected {
        let value = |c: &crate::stats::estimate::Corrected| words::percent(Some(c.theta.clamp(0.0, 1.0)));
        t.add_row([
            "corrected by people".to_owned(),
            value(a),
            value(b),
            said::points(b.theta - a.theta),
            "each with its own grades".to_owned(),
        ]);
    }
    if x.numbers.pass.is_some() || x.numbers.score.is_some() {
        write!(out, "{}", text(&t))?;
    }
    bullet(&said::counts(&x.numbers), look, out)?;
    if let Some(p) = &x.numbers.pass {
        bullet(&said::test(p), look, out)?;
        if let Some(line) = said::power(p) {
            bullet(&line, look, out)?;
        }
    }
    tags(x, look, out)?;
    changes(x, look, out)
}

fn tags(x: &AgentAgainst, look: Look, out: &mut dyn Write) -> io::Result<()> {
    if x.numbers.tags.is_empty() {
        return Ok(());
    }
    heading("by tag", look, out)?;
    let mut t = table(look, &["tag", "cases", "B minus A", "95% interval, points", "q", "says"]);
    right(&mut t, &[1, 2, 4]);
    whole(&mut t, &[1, 2, 3, 4, 5]);
    for tag in &x.numbers.tags {
        t.add_row([
            safe(&tag.tag),
            words::count(tag.cases),
            number(tag.difference),
            tag.interval.map_or_else(|| words::NONE.to_owned(), |i| format!("{} to {}", number(i.low), number(i.high))),
            tag.q.map_or_else(|| words::NONE.to_owned(), probability),
            said::tag_says(tag).to_owned(),
        ]);
    }
    write!(out, "{}", text(&t))?;
    bullet(
        "q: one-sided p-value of B being worse, adjusted for looking at many tags (Benjamini-Hochberg); of tags marked `look here`, one in ten is expected to be a false alarm",
        look,
        out,
    )
}

fn changes(x: &AgentAgainst, look: Look, out: &mut dyn Write) -> io::Result<()> {
    for (title, count, gained) in [("worse in B", x.numbers.worse, false), ("better in B", x.numbers.better, true)] {
        if count == 0 {
            continue;
        }
        heading(&format!("{title}: {}", words::counted(count, "case", "cases")), look, out)?;
        let mine = || x.changes.iter().filter(|c| (c.difference > 0.0) == gained);
        mine().take(SHOWN).try_for_each(|c| change(c, look, out))?;
        let more = count.saturating_sub(mine().take(SHOWN).count() as u64);
        if more > 0 {
            writeln!(out, "and {} more; `--format md` and `--format html` list up to {}", words::count(more), super::LISTED)?;
        }
    }
    Ok(())
}

fn change(c: &Change, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint(look.color);
    let word = if c.difference > 0.0 { paint.good(c.word()) } else { paint.bad(c.word()) };
    writeln!(out, "{word} {}", words::clip(&safe(&format!("{} ({})", c.case, c.set)), look.width.saturating_sub(8)))?;
    let room = look.width.saturating_sub(4).max(20);
    writeln!(out, "  ? {}", words::clip(&safe(&c.question), room))?;
    match &c.diff {
        Some(d) => {
            let text: String = d
                .pieces
                .iter()
                .map(|p| match p {
                    Piece::Same(t) => t.clone(),
                    Piece::Gone(t) => format!("[-{t}-]"),
                    Piece::New(t) => format!("{{+{t}+}}"),
                })
                .collect();
            let lines = wrap(&safe(&text), room.saturating_sub(4));
            let cut = lines.len() > 4;
            for (i, line) in lines.into_iter().take(4).enumerate() {
                writeln!(out, "  {} {line}", if i == 0 { "~" } else { " " })?;
            }
            if cut { writeln!(out, "    \u{2026}") } else { Ok(()) }
        }
        None => [("A", &c.a), ("B", &c.b)].into_iter().try_for_each(|(side, told)| writeln!(out, "  {side} {}", line(told, room))),
    }
}

fn line(told: &Told, room: usize) -> String {
    let head = format!("{} {}: ", told.state.mark(), told.score);
    let answer = neutral::visible(&told.text()).into_owned();
    format!("{head}{}", words::clip(&safe(&answer), room.saturating_sub(head.chars().count())))
}
