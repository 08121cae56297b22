//! An opened project: its settings, its store, and how runs are named.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::shell::Shell;
use crate::config;
use crate::domain::{EventId, RunHead, RunId};
use crate::error::AppError;
use crate::routing::AuditPolicy;
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError};

/// An opened project.
pub struct Project {
    pub ui: Shell,
    pub loaded: config::Loaded,
    pub settings: config::Settings,
    pub store: Arc<dyn Store>,
}

impl Project {
    /// Finds and reads `tribunal.yaml`, and opens the store.
    ///
    /// # Errors
    /// When there is no configuration, when it is at fault (every fault is said), or when the store cannot be opened.
    pub fn open(ui: Shell, named: Option<&Path>) -> Result<Self, AppError> {
        Self::with(ui, named, SqliteStore::open)
    }

    /// [`Project::open`] for verbs that only read: the project may be one that cannot be written.
    ///
    /// # Errors
    /// As [`Project::open`].
    pub fn open_to_read(ui: Shell, named: Option<&Path>) -> Result<Self, AppError> {
        Self::with(ui, named, SqliteStore::open_to_read)
    }

    fn with(ui: Shell, named: Option<&Path>, open: fn(&Path) -> Result<SqliteStore, StoreError>) -> Result<Self, AppError> {
        let loaded = load(&ui, named)?;
        let settings = loaded.settings.clone();
        let store: Arc<dyn Store> = Arc::new(open(&settings.path(&settings.store))?);
        Ok(Self { ui, loaded, settings, store })
    }

    /// Prints what is doubtful about `tribunal.yaml`, but for what a run says itself of the agents that it asks.
    pub fn warn(&self) {
        let unsaid: Vec<_> = self.loaded.warnings.iter().filter(|d| d.code != config::UNPRICED).cloned().collect();
        if !unsaid.is_empty() {
            self.ui.rendered(&crate::source::render(&unsaid, self.ui.color()));
        }
    }

    /// The run that a word means: its id, the beginning of exactly one id, or `last`.
    ///
    /// # Errors
    /// A usage error when no run or several are meant.
    pub async fn run(&self, word: &str) -> Result<RunHead, AppError> {
        let mut runs = self.store.runs().await?;
        if runs.is_empty() {
            return Err(AppError::usage("the store holds no run yet").with_help("`tribunal run` makes the first"));
        }
        if word == "last" {
            return Ok(runs.swap_remove(0));
        }
        if let Some(exact) = runs.iter().position(|r| r.id.as_str() == word) {
            return Ok(runs.swap_remove(exact));
        }
        let begin: Vec<usize> = (0..runs.len()).filter(|i| runs[*i].id.as_str().starts_with(word)).collect();
        match begin.as_slice() {
            [one] => Ok(runs.swap_remove(*one)),
            [] => Err(AppError::usage(format!("there is no run `{word}`")).with_help("`tribunal runs` lists them; `last` is the newest")),
            several => {
                let ids: Vec<&str> = several.iter().take(5).map(|i| runs[*i].id.as_str()).collect();
                Err(AppError::usage(format!("`{word}` begins {} run ids", several.len())).with_help(format!("one of {}", ids.join(", "))))
            }
        }
    }

    /// The random audit's policy.
    pub fn audit(&self) -> AuditPolicy {
        AuditPolicy { share: self.settings.review.audit, at_least: self.settings.review.audit_at_least }
    }

    /// Where reports go.
    pub fn reports(&self) -> PathBuf {
        self.settings.path(&self.settings.reports)
    }

    /// Where run locks are, beside the store.
    pub fn locks(&self) -> PathBuf {
        self.beside_store("locks")
    }

    /// The response cache's file, beside the store.
    pub fn cache_file(&self) -> PathBuf {
        self.beside_store("cache.db")
    }

    fn beside_store(&self, name: &str) -> PathBuf {
        let store = self.settings.path(&self.settings.store);
        store.parent().unwrap_or(Path::new(".")).join(name)
    }
}

/// Finds and reads `tribunal.yaml`.
///
/// # Errors
/// When there is none, or it is at fault.
pub fn load(ui: &Shell, named: Option<&Path>) -> Result<config::Loaded, AppError> {
    let cwd = std::env::current_dir().map_err(|e| AppError::usage("the working folder cannot be read").because(e))?;
    let found = config::find(named, &cwd)?;
    config::load(&found).map_err(|faults| faults.into_error(ui.color()))
}

/// A path as messages name it: relative to the working folder where it lies below it.
pub fn shown(path: &Path) -> &Path {
    std::env::current_dir().ok().and_then(|cwd| path.strip_prefix(cwd).ok()).unwrap_or(path)
}

/// Now, as Unix time in milliseconds.
pub fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// A new run id: UTC time to the second, and four digits that tell apart what began in the same second.
pub fn new_run_id() -> RunId {
    let stamp = jiff::Timestamp::now().strftime("%Y%m%d-%H%M%S");
    let random = uuid::Uuid::now_v7().simple().to_string();
    let id = format!("{stamp}-{}", &random[random.len() - 4..]);
    // Digits, dashes and hexadecimal digits are always a name.
    RunId::new(&id).unwrap_or_else(|_| unreachable!("{id}"))
}

/// A new id of a decision: 48 bits of time and 20 of chance, in the digits of Crockford's base 32, so that ids sort by time.
pub fn new_event_id() -> EventId {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let bits = uuid::Uuid::now_v7().as_u128();
    // The first 48 bits are the time, the last 20 chance.
    let id = ((bits >> 80) << 20) | (bits & 0xF_FFFF);
    let digits: String = (0..14_u32).rev().map(|i| char::from(DIGITS[(id >> (5 * i)) as usize & 31])).collect();
    EventId::new(&format!("d-{digits}")).unwrap_or_else(|_| unreachable!("{digits}"))
}
