//! `export` and `import`: a run travels as JSON lines; several shards of one run become one run.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, IsTerminal, Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;

use crate::cli::args::{ExportArgs, ImportArgs};
use crate::cli::project::{Project, new_run_id, now_ms};
use crate::domain::{RunHead, RunId, RunStatus, TrialRow};
use crate::error::{AppError, Exit};
use crate::report::words::counted;
use crate::runner::finish::finish;
use crate::store::{Store, bundle};

/// Rows handed to the store at once.
const CHUNK: usize = 500;

/// `export`
pub async fn export(project: &Project, args: &ExportArgs) -> Result<Exit, AppError> {
    let head = project.run(&args.run).await?;
    let out = io::stdout();
    if out.is_terminal() {
        return Err(AppError::usage("an export is many lines of JSON, and stdout is a terminal")
            .with_help(format!("`tribunal export {} > run.jsonl`", args.run)));
    }
    let mut writer = Forgiving { inner: BufWriter::new(out.lock()), gone: false };
    let rows = bundle::export(&*project.store, &head, &mut writer).await?;
    if !writer.gone {
        project.ui.say(&format!("exported run {} with {}", head.id, counted(rows, "trial", "trials")));
    }
    Ok(Exit::Good)
}

/// `import`
pub async fn import(project: &Project, args: &ImportArgs) -> Result<Exit, AppError> {
    let mut inputs = Vec::new();
    for path in &args.files {
        inputs.push(Input::open(path)?);
    }
    // Every file is read to its end before anything of any file is stored.
    let mut heads = Vec::new();
    for input in &mut inputs {
        let name = input.name.clone();
        heads.push(bundle::read(&name, input.rewound()?, |_| Ok(()))?);
    }
    if let ([input], [head]) = (inputs.as_mut_slice(), heads.as_slice()) {
        return one(project, input, head).await;
    }
    let mut merged = bundle::merge_heads(&heads, new_run_id(), now_ms(), args.missing_ok)?;
    match project.store.runs().await?.into_iter().find(|r| r.key == merged.key) {
        Some(there) if there.status != RunStatus::Open => {
            project.ui.say(&format!("these parts are here already, as run {}", there.id));
            return Ok(Exit::Good);
        }
        // An import that was cut off: the same rows go to the same places.
        Some(there) => merged.id = there.id,
        None => project.store.create_run(&merged).await?,
    }
    let mut offset = 0;
    for input in &mut inputs {
        let mut highest = offset;
        store_rows(&project.store, &merged.id, input, |row| {
            row.key.seq = row.key.seq.saturating_add(offset);
            highest = highest.max(row.key.seq.saturating_add(1));
        })?;
        offset = highest;
    }
    // The audit is drawn over the whole, not over the parts.
    let finished = finish(&project.store, &merged, project.audit(), now_ms()).await?;
    project.ui.say(&format!("merged {} parts into run {} ({})", heads.len(), merged.id, finished.status));
    project.ui.next(&[format!("tribunal report {}", merged.id), format!("tribunal gate {}", merged.id)]);
    Ok(Exit::Good)
}

async fn one(project: &Project, input: &mut Input, head: &RunHead) -> Result<Exit, AppError> {
    let runs = project.store.runs().await?;
    let there = runs.iter().find(|r| r.id == head.id);
    if there.is_some_and(|r| r.status == head.status && r.finished_ms == head.finished_ms) {
        project.ui.say(&format!("run {} is here already", head.id));
        return Ok(Exit::Good);
    }
    if there.is_none() {
        project.store.create_run(&RunHead { status: RunStatus::Open, ..head.clone() }).await?;
    }
    let mut items = Vec::new();
    store_rows(&project.store, &head.id, input, |row| items.extend(row.item.clone()))?;
    project.store.put_items(&head.id, items).await?;
    project.store.set_status(&head.id, head.status, head.finished_ms).await?;
    project.ui.say(&format!("imported run {} ({})", head.id, head.status));
    project.ui.next(&[format!("tribunal show {}", head.id), format!("tribunal report {}", head.id)]);
    Ok(Exit::Good)
}

fn store_rows(store: &Arc<dyn Store>, run: &RunId, input: &mut Input, mut edit: impl FnMut(&mut TrialRow)) -> Result<(), AppError> {
    let (name, handle) = (input.name.clone(), tokio::runtime::Handle::current());
    let mut chunk = Vec::with_capacity(CHUNK);
    let reader = input.rewound()?;
    tokio::task::block_in_place(|| {
        let flush = |chunk: &mut Vec<TrialRow>| handle.block_on(bundle::take(store, run, std::mem::take(chunk)));
        bundle::read(&name, reader, |mut row| {
            edit(&mut row);
            chunk.push(row);
            if chunk.len() == CHUNK { flush(&mut chunk).map_err(AppError::from) } else { Ok(()) }
        })?;
        flush(&mut chunk).map_err(AppError::from)
    })
}

/// A writer whose reader may go away (`| head`): what follows goes nowhere, which is no fault.
struct Forgiving<W: Write> {
    inner: W,
    gone: bool,
}

impl<W: Write> Write for Forgiving<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.gone {
            return Ok(bytes.len());
        }
        match self.inner.write(bytes) {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(bytes.len())
            }
            other => other,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.inner.flush() {
            Err(e) if e.kind() == io::ErrorKind::BrokenPipe => {
                self.gone = true;
                Ok(())
            }
            other => other,
        }
    }
}

/// The most that stdin may hold, in bytes.
const STDIN_MOST: u64 = 16 << 30;

/// A file that can be read twice; stdin is copied to a temporary file first.
struct Input {
    name: String,
    file: File,
}

impl Input {
    fn open(path: &Path) -> Result<Self, AppError> {
        let name = path.display().to_string();
        let refused = |e: io::Error| AppError::usage(format!("could not read {name}")).because(e);
        if path == Path::new("-") {
            let mut file = tempfile::tempfile().map_err(refused)?;
            let mut stdin = BufReader::new(io::stdin().lock());
            // Looked at before it is copied: whatever is no export must not fill the disk.
            if !stdin.fill_buf().map_err(refused)?.starts_with(b"{\"tribunal_run\":") {
                return Err(
                    AppError::new(Exit::Integrity, "stdin holds no tribunal export").with_help("`tribunal export RUN | tribunal import -`")
                );
            }
            let copied = io::copy(&mut stdin.take(STDIN_MOST + 1), &mut file).and_then(|n| file.flush().map(|()| n)).map_err(refused)?;
            if copied > STDIN_MOST {
                return Err(AppError::usage(format!("stdin holds more than {} GiB", STDIN_MOST >> 30)));
            }
            return Ok(Self { name: "stdin".into(), file });
        }
        let help = "name the exported files themselves; `-` reads one from stdin";
        let file = crate::source::open_regular(path).map_err(|e| refused(e).with_help(help))?;
        Ok(Self { name, file })
    }

    fn rewound(&mut self) -> Result<impl BufRead + '_, AppError> {
        self.file.rewind().map_err(|e| AppError::usage(format!("could not read {} twice", self.name)).because(e))?;
        Ok(BufReader::new(&mut self.file))
    }
}
