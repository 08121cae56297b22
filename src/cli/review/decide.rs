//! `review decide`, `revise`, `undo`, `skip`, `settle`: what a script or a person without a screen decides.

use serde_json::json;

use super::args::DecideArgs;
use crate::cli::args::ListFormat;
use crate::cli::project::Project;
use crate::cli::review::show::SCHEMA_VERSION;
use crate::domain::log::{Act, Cause, Chip, Seat, SkipReason};
use crate::domain::{Digest, Score};
use crate::error::{AppError, Exit};
use crate::review::desk::{Desk, Who, digest_of};
use crate::review::queue::Filter;
use crate::review::session::{Draft, Intent, RulingDraft, RulingKind, Session, Stage, Undoable};

/// A word that is not one of a list.
fn unknown(what: &str, word: &str, known: &[&str]) -> AppError {
    AppError::usage(format!("`{word}` is no {what}")).with_help(known.join(", "))
}

fn score(n: u8) -> Result<Score, AppError> {
    Score::try_from(n).map_err(|_| AppError::usage(format!("{n} is no score")).with_help("a score is 1, 2, 3, 4 or 5"))
}

/// What was typed, as a draft.
fn draft(args: &DecideArgs) -> Result<Draft, AppError> {
    let mut d = Draft { choice: args.score.map(score).transpose()?, opened: true, ..Draft::default() };
    if let Some(word) = &args.chip {
        let known: Vec<&str> = Chip::ALL.iter().map(|c| c.word()).collect();
        d.chip = Some(Chip::of(word).ok_or_else(|| unknown("reason", word, &known))?);
    }
    d.note = args.note.clone().unwrap_or_default();
    let plain = |text: &Option<String>| text.clone().map(Some);
    let texts = [
        (RulingKind::ExpectedWrong, plain(&args.expected)),
        (RulingKind::Accept, args.accept.clone()),
        (RulingKind::Ambiguous, args.ambiguous.clone()),
        (RulingKind::RubricUnclear, plain(&args.rubric_unclear)),
        (RulingKind::Split, plain(&args.split)),
        (RulingKind::Retire, plain(&args.retire)),
        (RulingKind::Example, plain(&args.example)),
    ];
    let given = texts.into_iter().find_map(|(kind, text)| Some((kind, text?)));
    d.ruling = given.map(|(kind, text)| RulingDraft { text: text.unwrap_or_default(), ..RulingDraft::new(kind) });
    if let Some(trials) = args.flaky {
        d.ruling = Some(RulingDraft { trials, ..RulingDraft::new(RulingKind::Flaky) });
    }
    if let Some(range) = &args.no_single_answer {
        let wrong = || AppError::usage(format!("`{range}` is no range of scores")).with_help("for example `3-4`");
        let (low, high) = range.split_once('-').ok_or_else(wrong)?;
        let end = |t: &str| t.trim().parse::<u8>().map_err(|_| wrong()).and_then(score);
        d.ruling = Some(RulingDraft { range: Some((end(low)?, end(high)?)), ..RulingDraft::new(RulingKind::NoSingleAnswer) });
    }
    d.check().map_err(|e| AppError::usage(e.to_string()))?;
    Ok(d)
}

/// Opens one item as its grader.
async fn open(desk: &Desk, who: &Who, word: &str) -> Result<(Session, Digest), AppError> {
    let now = desk.snapshot().await?;
    let item = desk.find(&now, word)?.digest();
    let (session, said) = desk.start_at(who, &Filter::default(), Some(item)).await?;
    match session.stage() {
        Stage::Blind(task) if task.on.item == item => Ok((session, item)),
        Stage::Empty(why) => Err(AppError::usage(why.clone()).with_help(format!("`tribunal queue {}` lists what is open", desk.head().id))),
        _ => Err(AppError::new(Exit::Incomplete, said.join("; "))),
    }
}

async fn act(desk: &Desk, who: &Who, session: &mut Session, intent: Intent) -> Vec<String> {
    let effects = session.act(intent, desk.now_ms());
    desk.carry_out(who, &Filter::default(), session, effects).await
}

/// `review decide`
pub async fn decide(project: &Project, desk: &Desk, who: &Who, args: &DecideArgs) -> Result<Exit, AppError> {
    let draft = draft(args)?;
    let (mut session, item) = open(desk, who, &args.item).await?;
    // What the command says is what is submitted, whatever draft was left.
    let left = match session.stage() {
        Stage::Blind(task) => task.draft.clone(),
        _ => Draft::default(),
    };
    let mut intents = vec![Intent::Opened, Intent::Note(draft.note.clone())];
    if let Some(s) = draft.choice.or(left.choice).filter(|_| draft.choice != left.choice) {
        intents.push(Intent::Choose(s));
    }
    if let Some(c) = draft.chip.or(left.chip).filter(|_| draft.chip != left.chip) {
        intents.push(Intent::Chip(c));
    }
    match (&draft.ruling, &left.ruling) {
        (Some(r), was) => {
            if was.as_ref().is_none_or(|w| w.kind != r.kind) {
                intents.push(Intent::Rule(r.kind));
            }
            intents.extend([Intent::RulingText(r.text.clone()), Intent::RulingTrials(r.trials)]);
            intents.extend(r.range.map(|(low, high)| Intent::RulingRange(low, high)));
        }
        (None, Some(was)) => intents.push(Intent::Rule(was.kind)),
        (None, None) => {}
    }
    intents.push(Intent::Submit);
    let mut said = Vec::new();
    for intent in intents {
        said = act(desk, who, &mut session, intent).await;
    }
    let Stage::Revealed { view, task, .. } = session.stage() else {
        return Err(AppError::new(Exit::Incomplete, said.join("; ")));
    };
    for line in &said {
        project.ui.say(line);
    }
    match args.format {
        ListFormat::Json => project.ui.json(&json!({
            "schema_version": SCHEMA_VERSION, "decision": view.decision, "item": item, "case": task.on.case, "run": task.on.run,
            "number": task.on.seq, "by": who.name(), "blind": task.blind, "score": draft.choice,
        }))?,
        ListFormat::Text => {
            project.ui.line(&view.decision)?;
            project.ui.next(&[
                format!("tribunal review show {} --run {} --as {}   the other side", task.on.seq, desk.head().id, who.name()),
                format!("tribunal review undo {} --as {}", view.decision, who.name()),
            ]);
        }
    }
    Ok(Exit::Good)
}

/// `review revise`
pub async fn revise(project: &Project, desk: &Desk, who: &Who, decision: &str, to: u8, why: &str) -> Result<Exit, AppError> {
    let to = score(to)?;
    let now = desk.snapshot().await?;
    let mine = now.ledger().grades().all().iter().find(|g| g.by == *who.name() && g.id.as_str() == decision);
    let grade = mine.ok_or_else(|| AppError::usage(format!("`{decision}` is no standing decision of {}", who.name())))?;
    if why.trim().is_empty() {
        return Err(AppError::usage("write why you change the score"));
    }
    if now.ledger().is_folded(&grade.id) {
        return Err(AppError::usage(format!("{decision} is folded into a set: it is no longer changed here")));
    }
    if grade.last() == Some(to) {
        return Err(AppError::usage(format!("{to} is the score already")));
    }
    let act = Act::Revised { of: grade.id.clone(), score: to, why: digest_of(why) };
    let id = desk.append(who, act, vec![why.trim().to_owned()]).await?;
    project.ui.line(&id)?;
    project.ui.say("revised; the blind score is kept beside it");
    Ok(Exit::Good)
}

/// `review undo`
pub async fn undo(project: &Project, desk: &Desk, who: &Who, decision: Option<&str>) -> Result<Exit, AppError> {
    let history = desk.history(who).await?;
    let found = match decision {
        Some(id) => history.iter().find(|d| d.id.as_str() == id),
        None => history.last(),
    };
    let Some(done) = found else {
        let what = decision.map_or_else(|| "nothing".to_owned(), |d| format!("`{d}` is nothing that"));
        return Err(AppError::usage(format!("there is nothing to take back: {what} {} has done and that is not folded", who.name())));
    };
    desk.append(who, Act::Voided { of: done.id.clone() }, vec![]).await?;
    let what = match &done.what {
        Undoable::Decision(draft) => {
            desk.save_draft(who, done.item, draft.to_body()).await?;
            "the decision is taken back: it is a draft again"
        }
        Undoable::Skip => "the skip is taken back",
        Undoable::Revision => "the revision is taken back: the blind score stands",
        Undoable::Settlement => "the conflict is open again",
    };
    project.ui.say(&format!("{}: {what}", done.id));
    Ok(Exit::Good)
}

/// `review skip`
pub async fn skip(project: &Project, desk: &Desk, who: &Who, item: &str, why: &str) -> Result<Exit, AppError> {
    let known: Vec<&str> = SkipReason::ALL.iter().map(|r| r.word()).collect();
    let why = SkipReason::of(why).ok_or_else(|| unknown("reason to skip", why, &known))?;
    let (session, item) = open(desk, who, item).await?;
    let Stage::Blind(task) = session.stage() else { return Ok(Exit::Incomplete) };
    let id = desk.append(who, Act::Skipped { on: task.on.clone(), why }, vec![]).await?;
    desk.release(who, &item).await?;
    project.ui.line(&id)?;
    project.ui.say("passed on: somebody else gets it, you do not");
    Ok(Exit::Good)
}

/// `review settle`
pub async fn settle(project: &Project, desk: &Desk, who: &Who, word: &str, to: Option<u8>, cause: &str) -> Result<Exit, AppError> {
    let known: Vec<&str> = Cause::ALL.iter().map(|c| c.word()).collect();
    let cause = Cause::of(cause).ok_or_else(|| unknown("cause", cause, &known))?;
    let to = to.map(score).transpose()?;
    let now = desk.snapshot().await?;
    let item = desk.find(&now, word)?;
    let third = now.ledger().grade_of(&item.digest(), who.name()).is_some_and(|g| g.decision.seat == Seat::Adjudicator);
    if !third {
        let help = format!("`tribunal review decide {} --score 1-5`, if its graders differ and you are not one of them", item.on().seq);
        return Err(AppError::usage("only a third person who has scored the item blind closes its conflict").with_help(help));
    }
    let id = desk.append(who, Act::Settled { on: item.on().clone(), score: to, cause }, vec![]).await?;
    project.ui.line(&id)?;
    project.ui.say("the conflict is closed");
    Ok(Exit::Good)
}
