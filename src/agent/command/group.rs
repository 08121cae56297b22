//! A child process with its group: whatever happens to us, the whole group ends.
//!
//! Invariant: a group is in the registry from its start until it was killed; dropping a [`Group`] kills it.

use std::collections::BTreeSet;
use std::process::ExitStatus;
use std::sync::{Mutex, PoisonError};

use tokio::process::{Child, Command};

/// Groups that are alive. Process-wide on purpose: the only reader is the last moment before the process ends.
static ALIVE: Mutex<BTreeSet<u32>> = Mutex::new(BTreeSet::new());

/// Kills every process group that an agent started. For the moment before the process exits without unwinding, e.g. on a
/// second Ctrl-C: futures that are dropped do it by themselves.
pub fn kill_all() {
    let alive = std::mem::take(&mut *ALIVE.lock().unwrap_or_else(PoisonError::into_inner));
    alive.into_iter().for_each(kill_group);
}

/// A child that leads its own process group.
#[derive(Debug)]
pub(super) struct Group {
    child: Child,
    id: Option<u32>,
}

impl Group {
    /// Starts a command as the leader of a new group.
    pub fn spawn(command: &mut Command) -> std::io::Result<Self> {
        #[cfg(unix)]
        command.process_group(0);
        let child = command.kill_on_drop(true).spawn()?;
        let id = child.id();
        if let Some(id) = id {
            ALIVE.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        }
        Ok(Self { child, id })
    }

    /// The child, to take its pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// Waits until the leader has ended, then ends what it left behind.
    pub async fn wait(&mut self) -> std::io::Result<ExitStatus> {
        let status = self.child.wait().await;
        // The leader has just been reaped; its id cannot have come round again so soon.
        self.end();
        status
    }

    /// Kills the group and waits until the leader is gone.
    pub async fn kill(&mut self) {
        self.end();
        // A process that was killed is gone at once, but for one stuck in the kernel.
        _ = tokio::time::timeout(super::GRACE, self.child.wait()).await;
    }

    fn end(&mut self) {
        if let Some(id) = self.id.take() {
            ALIVE.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
            kill_group(id);
        }
        // Where there are no groups the leader alone is killed; a leader that ended already does not mind.
        #[cfg(not(unix))]
        {
            _ = self.child.start_kill();
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(unix)]
fn kill_group(id: u32) {
    if let Some(pid) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
        // An error means that nobody is left.
        _ = rustix::process::kill_process_group(pid, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill_group(_: u32) {}
