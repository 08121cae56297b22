//! Recorded ballots: JSONL, read once, looked up by case, trial and sample.
//!
//! `{"id", "score", "judge"?, "sample"?, "trial"?, "reason"?, "confidence"?, "probabilities"?}` or `{"id", "failure", ...}`;
//! other keys are left alone. `trial` is 0 where it is absent; a line without `sample` takes the next free one of its case
//! and trial. A null or off-scale score is a recorded failure like any other, never an error and never a nearby score.

mod line;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use futures::FutureExt as _;
use futures::future::BoxFuture;

use self::line::{Fault, Line};
use super::spec::ReplayJudgeSpec;
use super::{Exhibit, Judge};
use crate::domain::run::JudgeHead;
use crate::domain::{Ballot, Digest, DigestBuilder, JudgeFailure, JudgeFailureKind, JudgeName, Judgment, Score, Spend};
use crate::error::AppError;

/// The longest line, in bytes.
const LINE_MAX: u64 = 16 * 1024 * 1024;

/// So many faults are listed; the rest is counted.
const FAULTS_SHOWN: usize = 20;

/// Recorded ballots as a judge.
pub struct ReplayJudge {
    name: JudgeName,
    path: PathBuf,
    samples: u16,
    digest: Digest,
    ballots: Ballots,
}

/// The ballots, compact: some 70 bytes each and the reasons in one text.
#[derive(Default)]
struct Ballots {
    cases: HashMap<Box<str>, u32>,
    by_key: HashMap<Key, Record>,
    reasons: String,
}

/// Case (as a number), trial, sample.
type Key = (u32, u16, u16);

struct Record {
    outcome: Result<Score, JudgeFailureKind>,
    reason: (usize, u32),
    confidence: Option<f64>,
    probabilities: Option<Box<[f64; 5]>>,
}

impl ReplayJudge {
    /// Reads the recorded ballots of `spec.file`, relative to `root`.
    ///
    /// # Errors
    /// Usage (exit 2): the file cannot be read, a line is faulty (each at path:line:column), a ballot is recorded twice, or
    /// no line is of the wanted `judge`.
    pub fn open(name: JudgeName, spec: &ReplayJudgeSpec, root: &Path) -> Result<Self, AppError> {
        let shown = &spec.file;
        let cannot = |e: std::io::Error| {
            AppError::usage(format!("cannot read the recorded ballots in {}", shown.display()))
                .with_help(format!("`file` of judge `{name}` is relative to the project; each line of it holds one ballot"))
                .because(e)
        };
        let mut reader = Reader::new(spec);
        let mut hasher = blake3::Hasher::new();
        let file = crate::source::open_regular(&root.join(shown)).map_err(cannot)?;
        // No reason is longer than its line: room that is not used is never touched, and the text never moves.
        let room = file.metadata().map_or(0, |m| m.len().min(1 << 30));
        reader.ballots.reasons.reserve(usize::try_from(room).unwrap_or(0));
        let mut lines = BufReader::with_capacity(1 << 16, file);
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            if lines.by_ref().take(LINE_MAX).read_until(b'\n', &mut bytes).map_err(cannot)? == 0 {
                break;
            }
            hasher.update(&bytes);
            if !reader.line(&bytes) {
                break;
            }
        }
        let ballots = reader.finish(&name)?;
        let digest =
            DigestBuilder::new("judge-replay/1").digest("file", &hasher.finalize().into()).maybe("judge", spec.judge.as_deref()).finish();
        Ok(Self { name, path: shown.clone(), samples: spec.samples.unwrap_or(1).max(1), digest, ballots })
    }

    /// Ballots that were read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ballots.by_key.len()
    }

    /// Whether there is no ballot at all; [`ReplayJudge::open`] refuses such a file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ballots.by_key.is_empty()
    }

    fn outcome(&self, exhibit: &Exhibit, sample: u16) -> Result<Judgment, JudgeFailure> {
        let id = exhibit.case.id.as_str();
        let Some(record) = self.ballots.find(id, exhibit.trial, sample) else {
            let place = format!("case {id}, trial {}, sample {sample}", exhibit.trial);
            let detail = format!("no ballot is recorded for {place} in {}", self.path.display());
            return Err(JudgeFailure::new(JudgeFailureKind::NotRecorded, detail));
        };
        let reason = self.ballots.reason(record);
        match record.outcome {
            Ok(score) => Ok(Judgment {
                score,
                reason: reason.to_owned(),
                confidence: record.confidence,
                probabilities: record.probabilities.as_deref().copied(),
            }),
            Err(kind) if reason.is_empty() => Err(JudgeFailure::new(kind, "recorded")),
            Err(kind) => Err(JudgeFailure::new(kind, reason)),
        }
    }
}

impl Ballots {
    fn find(&self, id: &str, trial: u16, sample: u16) -> Option<&Record> {
        self.by_key.get(&(*self.cases.get(id)?, trial, sample))
    }

    fn reason(&self, record: &Record) -> &str {
        let (start, length) = record.reason;
        self.reasons.get(start..start + length as usize).unwrap_or_default()
    }
}

impl Judge for ReplayJudge {
    fn head(&self) -> JudgeHead {
        JudgeHead {
            name: self.name.clone(),
            kind: "replay".into(),
            model: None,
            samples: self.samples,
            digest: self.digest,
            settles_alone_at: None,
        }
    }

    fn settles_alone_at(&self) -> Option<f64> {
        None
    }

    fn judge<'a>(&'a self, exhibit: &'a Exhibit, sample: u16) -> BoxFuture<'a, Ballot> {
        let ballot = Ballot {
            judge: self.name.clone(),
            judge_digest: self.digest,
            sample,
            outcome: self.outcome(exhibit, sample),
            spend: Spend::default(),
            latency_ms: 0,
        };
        std::future::ready(ballot).boxed()
    }
}

/// Takes lines, keeps ballots and faults.
struct Reader<'a> {
    spec: &'a ReplayJudgeSpec,
    ballots: Ballots,
    /// Lines without a sample of their own, in order: they fill what the others leave free.
    unnumbered: Vec<(u32, u16, Record)>,
    faults: Vec<Fault>,
    more_faults: usize,
    /// Other judges' names on lines that were left out.
    others: Vec<String>,
    number: u64,
}

impl<'a> Reader<'a> {
    fn new(spec: &'a ReplayJudgeSpec) -> Self {
        Self {
            spec,
            ballots: Ballots::default(),
            unnumbered: Vec::new(),
            faults: Vec::new(),
            more_faults: 0,
            others: Vec::new(),
            number: 0,
        }
    }

    /// Takes the next line; false if there is no sense in going on.
    fn line(&mut self, bytes: &[u8]) -> bool {
        self.number += 1;
        if bytes.len() as u64 == LINE_MAX && !bytes.ends_with(b"\n") {
            self.fault(1, "the line is longer than 16 MiB".to_owned());
            return false;
        }
        let bytes = if self.number == 1 { bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes) } else { bytes };
        if bytes.trim_ascii().is_empty() {
            return true;
        }
        match Line::read(bytes) {
            Ok(line) => self.keep(line),
            Err((column, message)) => self.fault(column, message),
        }
        true
    }

    fn fault(&mut self, column: usize, message: String) {
        if self.faults.len() < FAULTS_SHOWN {
            self.faults.push(Fault { line: self.number, column, message });
        } else {
            self.more_faults += 1;
        }
    }

    fn keep(&mut self, line: Line) {
        if let Some(wanted) = &self.spec.judge
            && line.judge.as_ref() != Some(wanted)
        {
            if let Some(other) = line.judge.filter(|o| self.others.len() < 10 && !self.others.contains(o)) {
                self.others.push(other);
            }
            return;
        }
        let next = u32::try_from(self.ballots.cases.len()).unwrap_or(u32::MAX);
        let case = *self.ballots.cases.entry(line.id.as_str().into()).or_insert(next);
        let start = self.ballots.reasons.len();
        self.ballots.reasons.push_str(&line.reason);
        let record = Record {
            outcome: line.outcome,
            reason: (start, u32::try_from(line.reason.len()).unwrap_or(u32::MAX)),
            confidence: line.confidence,
            probabilities: line.probabilities.map(Box::new),
        };
        match line.sample {
            None => self.unnumbered.push((case, line.trial, record)),
            Some(sample) => {
                if self.ballots.by_key.insert((case, line.trial, sample), record).is_some() {
                    let which = format!("case {}, trial {}, sample {sample}", line.id, line.trial);
                    self.fault(1, format!("a ballot for {which} is recorded twice"));
                }
            }
        }
    }

    fn finish(mut self, name: &JudgeName) -> Result<Ballots, AppError> {
        let path = self.spec.file.display();
        if !self.faults.is_empty() {
            let mut places = String::new();
            for f in &self.faults {
                _ = writeln!(places, "{path}:{}:{}: {}", f.line, f.column, f.message);
            }
            if self.more_faults > 0 {
                _ = writeln!(places, "and {} more", self.more_faults);
            }
            let twice = self.spec.judge.is_none() && self.faults.iter().any(|f| f.message.ends_with("recorded twice"));
            let help = if twice {
                "where several judges share a file, say whose ballots to take: `judge: NAME`"
            } else {
                "each line is one ballot: {\"id\": \"...\", \"score\": 4, \"sample\": 0, \"reason\": \"...\"}"
            };
            return Err(AppError::usage(format!("the recorded ballots in {path} cannot be used")).with_snippet(places).with_help(help));
        }
        let mut next: HashMap<(u32, u16), u16> = HashMap::new();
        for (case, trial, record) in std::mem::take(&mut self.unnumbered) {
            let sample = next.entry((case, trial)).or_insert(0);
            while self.ballots.by_key.contains_key(&(case, trial, *sample)) && *sample < u16::MAX {
                *sample += 1;
            }
            self.ballots.by_key.insert((case, trial, *sample), record);
        }
        if self.ballots.by_key.is_empty() {
            let whose = self.spec.judge.as_ref().map_or_else(String::new, |j| format!(" of judge `{j}`"));
            let error = AppError::usage(format!("{path} holds no ballots{whose}, which judge `{name}` replays"));
            return Err(if self.others.is_empty() {
                error
            } else {
                error.with_help(format!("it holds ballots of: {}", self.others.join(", ")))
            });
        }
        self.ballots.reasons.shrink_to_fit();
        Ok(self.ballots)
    }
}
