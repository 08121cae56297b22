//! From stored rows to a finished report: the numbers in one pass, the rows streamed beside them.

use std::cell::RefCell;
use std::sync::Arc;

use crate::domain::log::Head;
use crate::domain::{CaseId, Grades, RunHead, RunId, TrialRow};
use crate::error::AppError;
use crate::report::around::Work;
use crate::report::model::NextStep;
use crate::report::{Format, Report, Rows, paged};
use crate::stats::accumulate::SummaryBuilder;
use crate::stats::honest::{Honest, HonestBuilder, fault};
use crate::store::{Store, events};
use crate::ui::{Progress, ProgressState};

/// A run's rows as a plain iterator, a page in memory. Must be called inside [`blocking`].
pub fn rows<'a>(store: &'a Arc<dyn Store>, run: &'a RunId) -> Rows<'a> {
    let handle = tokio::runtime::Handle::current();
    paged(move |after, limit| Ok(handle.block_on(store.page(run, after, limit))?))
}

/// What people's grades say of a run: labels for rows, and the corrected numbers.
pub struct Graded {
    head: RunHead,
    grades: Grades,
    /// Where the decision log ended when it was read.
    pub log: Head,
}

impl Graded {
    /// Reads the decision log.
    ///
    /// # Errors
    /// When the store fails or the log does not hold.
    pub async fn read(store: &Arc<dyn Store>, head: &RunHead) -> Result<Self, AppError> {
        let (events, log) = events(&**store).await?;
        Ok(Self { head: head.clone(), grades: Grades::of(&events), log })
    }

    /// Puts the label that people gave on a row.
    pub fn label(&self, row: &mut TrialRow) {
        if self.grades.is_empty() {
            return;
        }
        if let Some(rubric) = self.head.rubric_of(&row.key.set)
            && let Some(item) = row.item_digest(rubric)
        {
            row.label = self.grades.label(&item, rubric.pass_mark, row.case.risk).score();
        }
    }

    /// True if a blind grade of this very answer stands.
    pub fn is_blindly_graded(&self, row: &TrialRow) -> bool {
        let rubric = self.head.rubric_of(&row.key.set).filter(|_| !self.grades.is_empty());
        let item = rubric.and_then(|r| Some((row.item_digest(r)?, r.pass_mark)));
        item.is_some_and(|(i, mark)| self.grades.blind(&i, mark, row.case.risk).score().is_some())
    }

    /// Rows with their labels. Must be used inside [`blocking`].
    pub fn rows<'a>(&'a self, store: &'a Arc<dyn Store>) -> Rows<'a> {
        Box::new(rows(store, &self.head.id).map(|row| {
            row.map(|mut r| {
                self.label(&mut r);
                r
            })
        }))
    }

    /// The corrected numbers, in one pass over the rows; nothing where nobody has graded anything.
    ///
    /// # Errors
    /// When the store fails, or the stored design does not hold.
    pub async fn honest(&self, store: &Arc<dyn Store>) -> Result<Option<Honest>, AppError> {
        if self.grades.is_empty() {
            return Ok(None);
        }
        let design = store.design(&self.head.id).await?;
        let mut builder = HonestBuilder::new(&self.head, design, &self.grades);
        blocking(|| rows(store, &self.head.id).try_for_each(|row| row.map(|r| builder.add(&r))))?;
        Ok(Some(builder.finish()))
    }
}

impl Graded {
    /// What people did on the run, in one pass over the rows; nothing without a design and grades.
    async fn work(&self, store: &Arc<dyn Store>) -> Result<Work, AppError> {
        let design = store.design(&self.head.id).await?;
        let mut work = Work::default();
        if design.is_none() && self.grades.is_empty() {
            return Ok(work);
        }
        blocking(|| {
            for row in rows(store, &self.head.id) {
                let row = row?;
                let planned = design.as_ref().and_then(|(design, items)| {
                    let item = &items[items.binary_search_by_key(&row.key.seq, |i| i.seq).ok()?];
                    design.strata.get(item.stratum as usize).is_some_and(|s| item.rank < s.drawn).then_some(item)
                });
                if let Some(item) = planned {
                    let trigger = row.item.as_ref().and_then(|i| i.triggers.first().copied());
                    work.drawn(trigger, item.minutes, self.is_blindly_graded(&row));
                }
                if let Some(rubric) = self.head.rubric_of(&row.key.set).filter(|_| !self.grades.is_empty())
                    && let Some(item) = row.item_digest(rubric)
                    && let Some(found) =
                        fault(&self.grades, &item, row.tally.as_ref().and_then(|t| t.median), rubric.pass_mark, row.case.risk)
                {
                    work.found(found);
                }
            }
            Ok(work)
        })
    }
}

/// Labelled rows that show on a terminal how far the reading is: for renderers that read a large run several times.
pub fn watched_rows<'a>(store: &'a Arc<dyn Store>, graded: &'a Graded, progress: &'a RefCell<Progress>) -> Rows<'a> {
    let mut state = ProgressState { total: Some(graded.head.planned), ..ProgressState::default() };
    Box::new(graded.rows(store).inspect(move |_| {
        state.done += 1;
        if state.done.is_multiple_of(256) {
            progress.borrow_mut().update(&state);
        }
    }))
}

/// Runs code that reads rows on this thread.
pub fn blocking<T>(f: impl FnOnce() -> T) -> T {
    tokio::task::block_in_place(f)
}

/// The report of a run with what people's grades make of it, without gate and next steps.
///
/// # Errors
/// When the store fails.
pub async fn report_of(store: &Arc<dyn Store>, head: &RunHead, graded: &Graded) -> Result<Report, AppError> {
    let mut summary = SummaryBuilder::new(head);
    blocking(|| rows(store, &head.id).try_for_each(|row| row.map(|r| summary.add(&r))))?;
    let mut report = Report::new(head.clone(), summary.finish());
    report.honest = graded.honest(store).await?;
    report.work = graded.work(store).await?;
    report.log = Some(graded.log);
    Ok(report)
}

/// Commands worth typing after a run. `first` is the case that heads the review queue.
#[must_use]
pub fn next_steps(report: &Report, first: Option<&CaseId>) -> Vec<NextStep> {
    let id = &report.head.id;
    let step = |command: String, why: &str| NextStep { command, why: why.to_owned() };
    let mut steps = Vec::new();
    if report.incomplete().is_some() {
        let again = if report.head.judged_from.is_some() { "tribunal judge ..." } else { "tribunal run ..." };
        steps.push(step(again.to_owned(), "the same command as before: asks only for what is missing"));
    }
    if report.review() > 0 {
        steps.push(step("tribunal queue".to_owned(), "what goes to people, most urgent first"));
    }
    if let Some(case) = first {
        steps.push(step(format!("tribunal show last --case {case}"), "all that happened to the most urgent one"));
    }
    steps.push(step(format!("tribunal export {id} > run.jsonl"), "to look at it on another machine"));
    steps
}

/// The file formats named on the command line; `none` for no file.
///
/// # Errors
/// A usage error for a word that is no format.
pub fn formats(words: &[String]) -> Result<Vec<Format>, AppError> {
    let mut formats = Vec::new();
    for word in words.iter().map(|w| w.trim()).filter(|w| !w.is_empty() && *w != "none") {
        let format = match word {
            "html" => Format::Html,
            "md" | "markdown" => Format::Markdown,
            "json" => Format::Json,
            "jsonl" => Format::Jsonl,
            "csv" => Format::Csv,
            "junit" => Format::Junit,
            "txt" | "text" => Format::Terminal,
            _ => {
                return Err(
                    AppError::usage(format!("unknown report format `{word}`")).with_help("html, md, json, jsonl, csv, junit, txt, or none")
                );
            }
        };
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    Ok(formats)
}
