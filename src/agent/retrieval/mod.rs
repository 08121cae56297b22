//! The `retrieval` agent: the best passage of a folder of Markdown or text, by BM25. Needs no model.
//!
//! It tells whether a set is too easy. Invariant: the same files and question give the same answer, whatever order the
//! file system lists them in; an answer is text of the files and nothing else.

mod bm25;
mod passages;
mod sentences;
mod terms;
mod walk;

use std::path::Path;

use futures::FutureExt;
use futures::future::BoxFuture;

use self::bm25::Bm25;
use self::passages::Passage;
use super::spec::RetrievalAgentSpec;
use super::{Agent, Answered, Ask};
use crate::domain::run::AgentHead;
use crate::domain::{AgentName, Digest, DigestBuilder, Output};
use crate::error::AppError;

/// The answer when no passage shares a word with the question: said, rather than the least bad passage.
pub const NOTHING_FOUND: &str = "No passage was found.";

/// The best passage of a folder of text.
#[derive(Debug)]
pub struct RetrievalAgent {
    name: AgentName,
    digest: Digest,
    passages: Vec<Passage>,
    index: Bm25,
    sentences: Option<usize>,
}

impl RetrievalAgent {
    /// Reads and indexes the files. `root` is the project's folder.
    ///
    /// # Errors
    /// A usage error when a path cannot be read, or no text is found.
    pub fn new(name: AgentName, spec: &RetrievalAgentSpec, root: &Path) -> Result<Self, AppError> {
        let paths: Vec<&Path> = std::iter::once(&spec.folder).chain(&spec.also).map(std::path::PathBuf::as_path).collect();
        let files = walk::texts(root, &paths)
            .map_err(|(path, e)| AppError::usage(format!("agent `{name}`: cannot read {}", path.display())).because(e))?;
        let mut digest = DigestBuilder::new("agent-retrieval/1").text("sentences", &format!("{:?}", spec.sentences));
        let mut passages = Vec::new();
        for (shown, text) in &files {
            digest = digest.text("file", shown).text("text", text);
            passages.extend(passages::of(shown, text));
        }
        if passages.is_empty() {
            let folders: Vec<String> = paths.iter().map(|p| p.display().to_string()).collect();
            return Err(AppError::usage(format!("agent `{name}`: there is no text in {}", folders.join(", ")))
                .with_help("`folder:` wants .md, .markdown or .txt files of up to 4 MiB, or one file"));
        }
        let index = Bm25::new(passages.iter().map(|p| terms::of(&format!("{}\n{}", p.headings, p.text))));
        Ok(Self { name, digest: digest.finish(), passages, index, sentences: spec.sentences.map(usize::from) })
    }

    fn find(&self, question: &str) -> Output {
        let query = terms::of(question);
        let Some(passage) = self.index.best(&query).and_then(|i| self.passages.get(i)) else {
            return Output::text(NOTHING_FOUND);
        };
        let text = match self.sentences {
            None => passage.text.clone(),
            Some(n) => sentences::best(&passage.text, n, |sentence| self.index.overlap(&query, &terms::of(sentence))),
        };
        // No latency: it would be the only thing that differs from run to run.
        Output { text, context: Some(format!("{}\n{}", passage.place, passage.text)), ..Output::default() }
    }
}

impl Agent for RetrievalAgent {
    fn head(&self) -> AgentHead {
        AgentHead { name: self.name.clone(), kind: "retrieval".to_owned(), model: None, digest: self.digest }
    }

    fn answer<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Answered> {
        async move { Answered::free(Ok(self.find(&ask.case.question))) }.boxed()
    }
}

#[cfg(test)]
mod tests;
