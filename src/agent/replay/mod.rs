//! The `replay` agent: recorded answers, by case id and trial.
//!
//! Invariant: answers stay in the file; memory holds 32 bytes an answer, and an answer is checked again when it is read.

mod index;
mod record;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use futures::FutureExt;
use futures::future::BoxFuture;

use self::index::{Entry, Index};
use self::record::{Form, Record};
use super::spec::ReplayAgentSpec;
use super::{Agent, Answered, Ask};
use crate::domain::run::AgentHead;
use crate::domain::{AgentFailure, AgentFailureKind, AgentName, Digest, DigestBuilder, Output};
use crate::error::AppError;

/// Answers that were recorded earlier.
#[derive(Debug)]
pub struct ReplayAgent {
    name: AgentName,
    /// As written in the configuration.
    shown: PathBuf,
    /// Read at an offset, one at a time: a seek and a read are far quicker than any judge.
    file: Mutex<File>,
    form: Form,
    index: Index,
    content: Digest,
    as_indexed: (u64, Option<SystemTime>),
}

impl ReplayAgent {
    /// Opens and indexes the file; every line is read once. `root` is the project's folder.
    ///
    /// # Errors
    /// A usage error when the file cannot be read, or with every fault (up to 20) at its path:line:column.
    pub fn new(name: AgentName, spec: &ReplayAgentSpec, root: &Path) -> Result<Self, AppError> {
        let shown = spec.file.clone();
        let unreadable = |e: io::Error| {
            AppError::usage(format!("agent `{name}`: cannot read {}", shown.display())).because(e).with_help("check `file:`")
        };
        if root.join(&shown).is_dir() {
            return Err(AppError::usage(format!("agent `{name}`: {} is a folder", shown.display())).with_help("name a JSONL or CSV file"));
        }
        let mut file = crate::source::open_regular(&root.join(&shown)).map_err(unreadable)?;
        let meta = file.metadata().map_err(unreadable)?;
        let as_indexed = (meta.len(), meta.modified().ok());
        let form = Form::of(&shown);
        let (index, content, faults) = index::build(&mut file, &form).map_err(unreadable)?;
        if !faults.is_empty() {
            let lines: Vec<String> =
                faults.iter().map(|f| format!("error: {}:{}:{}: {}", shown.display(), f.line, f.column, f.message)).collect();
            let count = if lines.len() == 1 { "1 fault".to_owned() } else { format!("{} faults", lines.len()) };
            return Err(AppError::usage(format!("agent `{name}`: {count} in {}", shown.display()))
                .with_snippet(lines.join("\n"))
                .with_help("a line is {\"id\": \"...\", \"answer\": \"...\"}, with trial (from 0), context, latency_ms, model and set if there are any"));
        }
        let form = index::headed(&mut file, form).map_err(unreadable)?;
        Ok(Self { name, shown, file: Mutex::new(file), form, index, content, as_indexed })
    }

    /// Answers recorded.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// True if nothing is recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn look_up(&self, ask: &Ask) -> Result<Output, AgentFailure> {
        let id = ask.case.id.as_str();
        let entry = self.index.find(id, ask.trial).map_err(|trials| {
            let detail = match trials {
                0 => format!("no answer of case {id} is recorded in {}", self.shown.display()),
                n => format!("{n} trial(s) of case {id} are recorded in {}, trial {} is not", self.shown.display(), ask.trial),
            };
            AgentFailure::new(AgentFailureKind::NotRecorded, detail)
        })?;
        let bad = |why: String| AgentFailure::new(AgentFailureKind::BadReply, format!("{}:{}: {why}", self.shown.display(), entry.line));
        let bytes = self.read(entry).map_err(|e| bad(e.to_string()))?;
        let record = Record::parse(&self.form, &bytes).map_err(|f| bad(format!("the file has changed: {}", f.message)))?;
        if record.id != id {
            return Err(bad(format!("the file has changed: case {} stands here, {id} is wanted", record.id)));
        }
        Ok(Output {
            text: record.answer.into_owned(),
            context: record.context,
            latency_ms: record.latency_ms.unwrap_or(0),
            model: record.model,
            ..Output::default()
        })
    }

    fn read(&self, entry: &Entry) -> io::Result<Vec<u8>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let meta = file.metadata()?;
        if (meta.len(), meta.modified().ok()) != self.as_indexed {
            return Err(io::Error::other("the file has changed since it was indexed"));
        }
        file.seek(SeekFrom::Start(entry.offset))?;
        let mut bytes = vec![0; entry.len as usize];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

impl Agent for ReplayAgent {
    fn head(&self) -> AgentHead {
        let digest = DigestBuilder::new("agent-replay/1").digest("content", &self.content).finish();
        AgentHead { name: self.name.clone(), kind: "replay".to_owned(), model: None, digest }
    }

    fn answer<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Answered> {
        async move { Answered::free(self.look_up(ask)) }.boxed()
    }
}

#[cfg(test)]
mod tests;
