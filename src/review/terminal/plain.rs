//! Line by line: for screen readers, braille lines and terminals without a cursor. Everything the screen can do, in words.

use std::io::{BufRead, Write};

use tokio::sync::mpsc;

use super::page::{Shows, blind, choice, revealed};
use super::rows::Row;
use crate::domain::log::{Cause, Chip, SkipReason};
use crate::domain::{Digest, Score};
use crate::error::{AppError, Exit};
use crate::review::desk::{Desk, Who};
use crate::review::queue::Filter;
use crate::review::session::{Intent, RulingKind, Session, Stage};
use crate::text::neutral::log_line;

/// Columns of the text.
const WIDTH: usize = 80;

/// What a line asks for.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    Do(Vec<Intent>),
    Show(char),
    Help,
    No(String),
}

const HELP: &str = "1 to 5: choose a score.  Empty line: submit the choice, or go on after it.\n\
y REASON: why, one of complete, minor_gap, missing_part, wrong_fact, unsupported, off_topic, wording, unsafe.\n\
x KIND TEXT: the case is wrong; KIND is expected_wrong, accept, ambiguous, rubric_unclear, split, flaky N, retire, example, no_single_answer 3-4.\n\
s REASON: pass on; not_my_field, need_context, sensitive, broken_item.  c TEXT: note.\n\
v 4 WHY: revise after submitting.  b CAUSE SCORE: close a conflict.\n\
p again, o all of the answer, t transcript, e evidence, r rubric, w raw, d difference.\n\
z undo.  ] next.  [ previous.  q quit, the draft is kept.";

fn score(word: &str) -> Option<Score> {
    Score::try_from(word.parse::<u8>().ok()?).ok()
}

/// What a line means.
fn read(line: &str, session: &Session) -> Said {
    let line = line.trim();
    let (verb, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let (first, text) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
    let one = |i| Said::Do(vec![i]);
    match verb {
        "" => match session.stage() {
            Stage::Blind(_) => one(Intent::Submit),
            _ => one(Intent::Next),
        },
        "1" | "2" | "3" | "4" | "5" => match (score(verb), session.stage()) {
            (Some(s), Stage::Blind(t)) if t.draft.choice == Some(s) => Said::No(format!("{s} is chosen already: an empty line submits it")),
            (Some(s), Stage::Blind(_)) => one(Intent::Choose(s)),
            _ => Said::No("a score is chosen before it is submitted; `v 4 WHY` revises".to_owned()),
        },
        "y" => Chip::of(first).map_or_else(|| Said::No("y and a reason, see ?".to_owned()), |c| one(Intent::Chip(c))),
        "s" => SkipReason::of(first).map_or_else(|| Said::No("s and a reason, see ?".to_owned()), |r| one(Intent::Skip(r))),
        "c" => one(Intent::Note(rest.trim().to_owned())),
        "x" => ruling(first, text.trim(), session),
        "v" => match score(first) {
            Some(score) => one(Intent::Revise { score, why: text.trim().to_owned() }),
            None => Said::No("v, the new score, and why".to_owned()),
        },
        "b" => match Cause::of(first) {
            Some(cause) => one(Intent::Settle { score: score(text.trim()), cause }),
            None => Said::No("b, the cause, and the final score".to_owned()),
        },
        "z" => one(Intent::Undo),
        "]" => one(Intent::Next),
        "[" => one(Intent::Previous),
        "q" => one(Intent::Quit),
        "p" | "o" | "t" | "e" | "r" | "w" | "d" => Said::Show(verb.chars().next().unwrap_or('p')),
        "?" => Said::Help,
        _ => Said::No(format!("`{}` means nothing here; ? lists what does", log_line(verb))),
    }
}

fn ruling(kind: &str, text: &str, session: &Session) -> Said {
    let Some(kind) = RulingKind::of(kind).or_else(|| kind.chars().next().filter(|_| kind.len() == 1).and_then(RulingKind::of_key)) else {
        return Said::No("x, what is wrong, and a text; see ?".to_owned());
    };
    let same = matches!(session.stage(), Stage::Blind(t) if t.draft.ruling.as_ref().is_some_and(|r| r.kind == kind));
    let mut all = if same && !text.is_empty() { vec![] } else { vec![Intent::Rule(kind)] };
    match kind {
        RulingKind::Flaky => all.extend(text.parse().ok().map(Intent::RulingTrials)),
        RulingKind::NoSingleAnswer => {
            let range = text.split_once('-').and_then(|(l, h)| Some(Intent::RulingRange(score(l.trim())?, score(h.trim())?)));
            all.extend(range);
        }
        _ if !text.is_empty() => all.push(Intent::RulingText(text.to_owned())),
        _ => {}
    }
    Said::Do(all)
}

/// Prints rows; a reader that went away is noticed at the next line.
fn print(out: &mut impl Write, rows: &[Row]) {
    for r in rows {
        _ = writeln!(out, "{}", r.text().trim_end());
    }
}

fn show(out: &mut impl Write, session: &Session, shows: Shows) {
    match session.stage() {
        Stage::Blind(t) => {
            _ = writeln!(out, "\n--- {}, case {} ---", log_line(t.view.set.as_str()), log_line(t.view.case.as_str()));
            print(out, &blind(&t.view, shows, WIDTH));
            _ = writeln!(out, "{}", choice(&t.draft));
        }
        Stage::Revealed { view, .. } => {
            _ = writeln!(out, "\n--- submitted: the other side ---");
            print(out, &revealed(view, shows, WIDTH));
        }
        Stage::Empty(why) => _ = writeln!(out, "{why}"),
        _ => {}
    }
}

fn prompt(out: &mut impl Write, session: &Session) {
    let text = match session.stage() {
        Stage::Blind(t) if t.draft.choice.is_some() => format!("{}; empty line submits, ? help > ", choice(&t.draft)),
        Stage::Blind(_) => "score 1-5, x wrong case, s skip, c note, ? help > ".to_owned(),
        Stage::Revealed { .. } => "empty line: next, v revise, z undo, q quit > ".to_owned(),
        _ => "z undo, q quit > ".to_owned(),
    };
    _ = write!(out, "{text}");
    _ = out.flush();
}

/// The dialogue, until the person leaves or the input ends.
///
/// # Errors
/// When the store fails.
pub async fn run(desk: &Desk, who: &Who, filter: &Filter) -> Result<Exit, AppError> {
    let mut out = std::io::stdout();
    let (send, mut lines) = mpsc::unbounded_channel::<String>();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if send.send(line).is_err() {
                return;
            }
        }
    });
    let (mut session, said) = desk.start(who, filter).await?;
    if let Ok(Some(stop)) = desk.stop().await {
        _ = writeln!(out, "{}", stop.text());
    }
    for s in said {
        _ = writeln!(out, "{}", log_line(&s));
    }
    let mut shows = Shows::default();
    let mut at: Option<(Digest, bool)> = None;
    loop {
        let place = match session.stage() {
            Stage::Blind(t) => Some((t.on.item, false)),
            Stage::Revealed { task, .. } => Some((task.on.item, true)),
            _ => None,
        };
        if place != at || place.is_none() {
            if at.map(|a| a.0) != place.map(|p| p.0) {
                shows = Shows::default();
            }
            show(&mut out, &session, shows);
            at = place;
        }
        prompt(&mut out, &session);
        let intents = match lines.recv().await {
            None => vec![Intent::Quit],
            Some(line) => match read(&line, &session) {
                Said::Do(intents) => intents,
                Said::Help => {
                    _ = writeln!(out, "{HELP}");
                    continue;
                }
                Said::No(why) => {
                    _ = writeln!(out, "{why}");
                    continue;
                }
                Said::Show(what) => {
                    let on = |b: &mut bool| *b = !*b;
                    match what {
                        'o' => shows.unfolded = true,
                        't' => on(&mut shows.transcript),
                        'e' => on(&mut shows.evidence),
                        'r' => on(&mut shows.rubric),
                        'w' => on(&mut shows.raw),
                        'd' => on(&mut shows.diff),
                        _ => {}
                    }
                    at = None;
                    if what == 'o' { vec![Intent::Opened] } else { vec![] }
                }
            },
        };
        for intent in intents {
            let effects = session.act(intent, desk.now_ms());
            for s in desk.carry_out(who, filter, &mut session, effects).await {
                _ = writeln!(out, "{}", log_line(&s));
            }
        }
        if matches!(session.stage(), Stage::Left) {
            _ = writeln!(out);
            return Ok(Exit::Good);
        }
    }
}
