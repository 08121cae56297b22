//! Draws the screen: header, page, rule, bar. At 80x24 everything that decides is in sight.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

use super::face::{Face, Info};
use super::page::{blind, choice, revealed};
use super::rows::{Kind, Row, wrap};
use crate::domain::Risk;
use crate::domain::log::{Cause, Chip, Seat, SkipReason};
use crate::review::session::{KEYS, Mode, RulingKind, Session, Stage, Task};
use crate::text::neutral::{clip, log_line};

fn style(kind: Kind, color: bool) -> Style {
    let plain = Style::new();
    let tint = |s: Style, c: Color| if color { s.fg(c) } else { s };
    match kind {
        Kind::Plain => plain,
        Kind::Label => tint(plain, Color::Cyan),
        Kind::Strong => plain.add_modifier(Modifier::BOLD),
        Kind::Quiet => plain.add_modifier(Modifier::DIM),
        Kind::Alarm => tint(plain.add_modifier(Modifier::BOLD), Color::Yellow),
        Kind::Added => tint(plain.add_modifier(Modifier::UNDERLINED), Color::Green),
        Kind::Removed => tint(plain.add_modifier(Modifier::CROSSED_OUT), Color::Red),
    }
}

fn line(row: &Row, color: bool) -> Line<'_> {
    Line::from(row.spans.iter().map(|(k, t)| Span::styled(t.as_str(), style(*k, color))).collect::<Vec<_>>())
}

/// The first line: the set, how far the queue is, risk and tags.
fn header(task: Option<&Task>, info: &Info) -> String {
    let mut all = vec![task.map_or_else(|| "review".to_owned(), |t| log_line(t.view.set.as_str()))];
    if let Some(p) = &info.progress {
        all.push(format!("{}/{} done", p.done, p.of));
        if p.minutes_left > 0.0 {
            all.push(format!("about {:.0} min left", p.minutes_left.ceil()));
        }
    }
    if let Some(t) = task {
        if t.view.risk >= Risk::High {
            all.push(t.view.risk.word().to_uppercase());
        }
        all.push(log_line(t.view.case.as_str()));
        all.push(t.view.tags.iter().map(|t| format!("#{t}")).map(|t| log_line(&t)).collect::<Vec<_>>().join(" "));
    }
    all.join("  ")
}

/// What the keys do now.
fn bar(face: &Face, session: &Session) -> String {
    let nth = |words: Vec<&str>| {
        words.iter().enumerate().map(|(i, w)| format!("[{}] {}", i + 1, w.replace('_', " "))).collect::<Vec<_>>().join("  ")
    };
    if let Some(f) = &face.field {
        return format!("{}: {}\u{2581}", f.prompt(), f.text);
    }
    match face.mode(session) {
        Mode::RulingMenu => RulingKind::ALL.iter().map(|k| format!("[{}] {}", k.key(), k.label())).collect::<Vec<_>>().join("  "),
        Mode::SkipMenu => format!("pass on, why:  {}", nth(SkipReason::ALL.iter().map(|r| r.word()).collect())),
        Mode::ChipMenu => format!("why this score:  {}", nth(Chip::ALL.iter().map(|c| c.word()).collect())),
        Mode::ReviseMenu => "the new score:  [1][2][3][4][5]".to_owned(),
        Mode::CauseMenu => format!("why the two differed:  {}", nth(Cause::ALL.iter().map(|c| c.word()).collect())),
        Mode::Blind => "[1][2][3][4][5] score  [y] why  [x] case is wrong  [s] skip  [c] note  [?] keys".to_owned(),
        Mode::Revealed => match session.stage() {
            Stage::Revealed { task, settled, .. } if task.seat == Seat::Adjudicator && !settled => {
                "[b] why the two differed   [v] revise   [z] undo   [d] diff   [?] keys".to_owned()
            }
            _ => "[Enter] next   [v] revise   [z] undo   [d] diff   [?] keys   [q] quit".to_owned(),
        },
        Mode::Empty | Mode::Text => "[z] undo   []] look again   [q] quit   [?] keys".to_owned(),
    }
}

fn second(face: &Face, session: &Session) -> (String, &'static str) {
    if face.field.is_some() {
        return (String::new(), "Enter keeps it, Alt+Enter a new line, Ctrl+Enter submits, Esc closes");
    }
    match (face.mode(session), session.stage()) {
        (Mode::Blind, Stage::Blind(t)) => (choice(&t.draft), "Enter submits, nothing preset"),
        (Mode::Blind, _) => ("saving ...".to_owned(), ""),
        (Mode::RulingMenu | Mode::SkipMenu | Mode::ChipMenu | Mode::ReviseMenu | Mode::CauseMenu, _) => (String::new(), "Esc goes back"),
        (Mode::Revealed, _) => ("submitted".to_owned(), "Enter: next item"),
        _ => (String::new(), ""),
    }
}

/// The rows of the page.
fn page(face: &Face, session: &Session, width: usize) -> Vec<Row> {
    if face.help {
        let mut rows = Vec::new();
        for k in KEYS {
            for (n, mut spans) in wrap(&[(Kind::Plain, k.does.to_owned())], width.saturating_sub(21)).into_iter().enumerate() {
                spans.insert(0, (Kind::Strong, format!("  {:<18}", if n == 0 { k.keys } else { "" })));
                rows.push(Row { spans, answer: false });
            }
        }
        return rows;
    }
    match session.stage() {
        Stage::Blind(t) | Stage::Sending(t) | Stage::Opening(t) => blind(&t.view, face.shows, width),
        Stage::Revealed { task, view, .. } => {
            let mut rows = blind(&task.view, face.shows, width);
            rows.push(Row::of(Kind::Quiet, &"\u{2500}".repeat(width)));
            rows.extend(revealed(view, face.shows, width));
            rows
        }
        Stage::Empty(why) => {
            let rows = wrap(&[(Kind::Plain, why.clone())], width.saturating_sub(4));
            let indent = |mut spans: Vec<(Kind, String)>| {
                spans.insert(0, (Kind::Plain, "  ".to_owned()));
                Row { spans, answer: false }
            };
            std::iter::once(Row::default()).chain(rows.into_iter().map(indent)).collect()
        }
        Stage::Loading | Stage::Left => Vec::new(),
    }
}

/// Draws everything.
pub fn draw(frame: &mut Frame<'_>, face: &mut Face, session: &Session, info: &Info) {
    let area = frame.area();
    let width = usize::from(area.width);
    if width < 20 || area.height < 8 {
        frame.render_widget(Paragraph::new("the window is too small: 20 x 8 at least"), area);
        return;
    }
    let task = match session.stage() {
        Stage::Blind(t) | Stage::Sending(t) | Stage::Opening(t) | Stage::Revealed { task: t, .. } => Some(t.as_ref()),
        _ => None,
    };
    let mut top =
        vec![Line::styled(clip(&format!(" {}", header(task, info)), width).into_owned(), Style::new().add_modifier(Modifier::REVERSED))];
    if let Some(stop) = info.stop.as_ref().filter(|_| area.height >= 16) {
        top.push(Line::styled(clip(&format!(" {stop}"), width).into_owned(), style(Kind::Quiet, face.color)));
    }
    // The last rows of a long text are the ones that are being written.
    let mut bars: Vec<String> =
        wrap(&[(Kind::Plain, bar(face, session))], width - 1).iter().map(|r| r.iter().map(|(_, t)| t.as_str()).collect()).collect();
    let most = (usize::from(area.height) / 3).clamp(1, 6);
    if face.field.is_some() {
        bars.drain(..bars.len().saturating_sub(most));
    } else {
        bars.truncate(most);
    }
    let rows = page(face, session, width);
    let below = bars.len() + 3;
    let height = usize::from(area.height).saturating_sub(top.len() + below).max(1);
    let last = rows.len().saturating_sub(height);
    if face.scroll == usize::MAX {
        // The other side begins below the line.
        let begin = rows.iter().position(|r| r.text().starts_with('\u{2500}')).unwrap_or(0);
        face.scroll = begin.min(last);
    }
    face.scroll = face.scroll.min(last);
    face.drawn = (rows.len(), height);
    let end = (face.scroll + height).min(rows.len());
    let of_answer = rows.iter().filter(|r| r.answer).count();
    let seen = rows[..end].iter().filter(|r| r.answer).count();
    if !face.help && of_answer > 0 {
        face.seen = face.seen.max(seen * 100 / of_answer).min(100);
    }

    let mut y = area.y;
    let mut put = |line: Line<'_>| {
        if y < area.bottom() {
            frame.render_widget(Paragraph::new(line), Rect::new(area.x, y, area.width, 1));
            y += 1;
        }
    };
    top.into_iter().for_each(&mut put);
    for i in 0..height {
        put(rows.get(face.scroll + i).map(|r| line(r, face.color)).unwrap_or_default());
    }
    put(Line::styled(rule(face, end, rows.len(), task.is_some(), width), style(Kind::Quiet, face.color)));
    for b in bars {
        put(Line::raw(format!(" {b}")));
    }
    let (left, right) = second(face, session);
    // The choice itself is what must be seen.
    let right = if left.chars().count() + right.len() + 4 > width && !left.is_empty() { "" } else { right };
    let room = width.saturating_sub(right.len() + 3);
    put(Line::raw(format!(" {:<room$} {right}", clip(&left, room))));
    put(Line::styled(clip(&format!(" {}", log_line(&face.message)), width).into_owned(), style(Kind::Alarm, face.color)));
}

fn rule(face: &Face, end: usize, rows: usize, task: bool, width: usize) -> String {
    let mut says = Vec::new();
    if face.help {
        says.push("any other key closes".to_owned());
    } else if task {
        says.push(format!("answer {}% seen", face.seen));
    }
    if end < rows {
        says.push(format!("{} rows below: j k, Space", rows - end));
    }
    let text = if says.is_empty() { String::new() } else { format!(" {} ", says.join(" \u{b7} ")) };
    let line = format!("\u{2500}\u{2500}{text}");
    let used = line.chars().count();
    format!("{line}{}", "\u{2500}".repeat(width.saturating_sub(used)))
}
