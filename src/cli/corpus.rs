//! The sets and rubrics of a project, and the cases that the command line selects from them.

use std::collections::{BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::args::SelectArgs;
use crate::cli::present::{blocking, rows};
use crate::cli::project::Project;
use crate::config::{self, KnownNames};
use crate::domain::{CaseId, Risk, Rubric, RunId, SetName};
use crate::error::AppError;
use crate::evalset::select::Selection;
use crate::evalset::{EvalSet, Rubrics, load_sets};
use crate::judge::rubrics::load_rubrics;
use crate::runner::PlannedSet;
use crate::source::{Diagnostic, Faults};
use crate::stats::outcome::{Outcome, PassMarks};

/// More case ids than this are not kept to check names against.
const NAMES_KEPT: usize = 100_000;

/// Checked sets and rubrics.
pub struct Corpus {
    pub sets: Vec<EvalSet>,
    pub rubrics: Rubrics,
}

impl Corpus {
    /// Reads the sets (those of the command line, else those of tribunal.yaml) and the rubrics.
    ///
    /// # Errors
    /// Every fault of every file; and, where the gate is to be applied, a gate that names what no set has.
    pub fn load(project: &Project, named: &[PathBuf], gated: bool) -> Result<Self, AppError> {
        let s = &project.settings;
        let color = project.ui.color();
        let rubrics = load_rubrics(&s.rubrics, &s.root).map_err(|f| f.into_error(color))?;
        let paths = if named.is_empty() {
            s.sets.clone()
        } else {
            // What the command line names is relative to the working folder.
            let cwd = std::env::current_dir().map_err(|e| AppError::usage("the working folder cannot be read").because(e))?;
            named.iter().map(|p| cwd.join(p)).collect()
        };
        let sets = load_sets(&paths, &s.root, &rubrics).map_err(|f| f.into_error(color))?;
        if gated && let Some(faults) = Faults::gather(gate_faults(&project.loaded, &sets)?) {
            return Err(faults.into_error(color));
        }
        Ok(Self { sets, rubrics })
    }

    /// The rubric of a set.
    ///
    /// # Errors
    /// When there is none of this name (loading has said so before).
    pub fn rubric(&self, name: &str) -> Result<Arc<Rubric>, AppError> {
        self.rubrics.get(name).map(|r| Arc::new(r.clone())).ok_or_else(|| {
            let help = crate::source::did_you_mean(name, self.rubrics.names());
            AppError::usage(format!("there is no rubric `{name}`"))
                .with_help(help.unwrap_or_else(|| "rubrics are files in `rubrics/`".into()))
        })
    }

    /// What the command line asks for.
    ///
    /// # Errors
    /// A usage error for a word that is no risk, no shard or no run.
    pub async fn selection(project: &Project, args: &SelectArgs) -> Result<Selection, AppError> {
        let only = match &args.failed_in {
            Some(run) => Some(failed_in(project, run).await?),
            None => None,
        };
        let shard = args.shard.as_deref().map(str::parse).transpose();
        Ok(Selection {
            cases: args.cases.clone(),
            tags: args.tags.clone(),
            not_tags: args.not_tags.clone(),
            risks: args.risks.iter().map(|r| risk(r)).collect::<Result<_, _>>()?,
            sample: args.sample.map(|n| (n, args.seed.unwrap_or(project.settings.seed))),
            shard: shard.map_err(|e: crate::evalset::select::NotAShard| AppError::usage(e.to_string()))?,
            only_words: only.as_ref().map(|(run, _)| format!("--failed-in {run}")).unwrap_or_default(),
            only: only.map(|(_, only)| only),
        })
    }

    /// The selected cases set by set, ready to plan; and how many trials of one agent they make.
    ///
    /// # Errors
    /// Exit 5 when nothing is selected; a name that no set has; a streamed set that cannot be read.
    pub fn plan(&self, selection: Selection, trials: Option<u16>) -> Result<(Vec<PlannedSet>, u64), AppError> {
        let chosen = Arc::new(selection.resolve(&self.sets)?);
        let mut planned = Vec::new();
        for set in &self.sets {
            let (name, chosen) = (set.head.name.clone(), Arc::clone(&chosen));
            let selected = move || {
                let (name, chosen) = (name.clone(), Arc::clone(&chosen));
                set.cases().filter(move |c| c.as_ref().map_or(true, |c| chosen.keeps(&name, c)))
            };
            if selected().next().is_some() {
                let rubric = self.rubric(set.head.rubric.as_str())?;
                planned.push(PlannedSet { head: set.head.clone(), rubric, cases: Box::new(selected()) });
            }
        }
        Ok((planned, trials.map_or(chosen.trials, |t| chosen.cases * u64::from(t.max(1)))))
    }
}

/// Findings for names in the gate that no set has.
///
/// # Errors
/// When a streamed set cannot be read.
pub fn gate_faults(loaded: &config::Loaded, sets: &[EvalSet]) -> Result<Vec<Diagnostic>, AppError> {
    if loaded.settings.gate.as_ref().is_none_or(|g| g.must_pass.is_empty()) {
        return Ok(Vec::new());
    }
    let (mut tags, mut cases, mut risks) = (BTreeSet::new(), Some(BTreeSet::new()), BTreeSet::new());
    for set in sets {
        for case in set.cases() {
            let case = case?;
            tags.extend(case.tags.iter().cloned());
            risks.insert(case.risk);
            if let Some(ids) = &mut cases {
                ids.insert(case.id.to_string());
                if ids.len() > NAMES_KEPT {
                    cases = None;
                }
            }
        }
    }
    Ok(config::check_gate_names(loaded, &KnownNames { tags: &tags, cases: cases.as_ref(), risks: &risks }))
}

fn risk(word: &str) -> Result<Risk, AppError> {
    Risk::ALL
        .into_iter()
        .find(|r| r.word() == word.trim())
        .ok_or_else(|| AppError::usage(format!("`{word}` is no risk")).with_help("low, medium, high or critical"))
}

/// An earlier run, and its cases that have a trial which did not pass.
async fn failed_in(project: &Project, word: &str) -> Result<(RunId, HashSet<(SetName, CaseId)>), AppError> {
    let head = project.run(word).await?;
    let marks = PassMarks::of(&head);
    blocking(|| {
        let mut failed = HashSet::new();
        for row in rows(&project.store, &head.id) {
            let row = row?;
            if Outcome::of(&row, marks.get(&row.key.set)) != Outcome::Passed {
                failed.insert((row.key.set.clone(), row.case.id.clone()));
            }
        }
        Ok((head.id.clone(), failed))
    })
}
