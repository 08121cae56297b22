//! Arguments and one file a verb: what was typed becomes what is meant, once; then load, run, report, exit.

mod against;
pub mod args;
mod assemble;
mod audit;
mod cache;
mod check;
mod compare;
mod corpus;
mod export;
mod gate;
mod github;
mod grades;
mod init;
mod judge;
mod look;
pub mod meta;
mod plan;
mod plot;
mod present;
mod project;
mod report;
pub mod review;
mod run;
pub mod serve;
mod session;
mod shell;
mod trend;

use std::process::ExitCode;

use clap::Parser;

use self::args::{Cli, Verb};
use self::project::Project;
use self::shell::Shell;
use crate::error::{AppError, Exit};

/// Parses the command line, does what it says, prints what went wrong, and returns the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let ui = Shell::new(cli.color.into());
    let fail_code = cli.fail_code();
    let exit = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(exec(cli, ui.clone())),
        Err(e) => Err(AppError::new(Exit::Incomplete, "could not start the worker threads").because(e)),
    };
    let exit = exit.unwrap_or_else(|e| {
        ui.error(&e);
        e.exit()
    });
    ExitCode::from(fail_code.filter(|_| exit == Exit::GateFailed).unwrap_or_else(|| exit.code()))
}

async fn exec(cli: Cli, ui: Shell) -> Result<Exit, AppError> {
    let config = cli.config.as_deref();
    match &cli.verb {
        Verb::Init(a) => init::exec(&ui, a),
        Verb::Schema(a) => meta::schema(&ui, a),
        Verb::Completions(a) => meta::completions(&ui, a),
        Verb::Man => meta::man(&ui),
        Verb::Check(a) => check::exec(&ui, config, a),
        Verb::Run(a) => run::exec(&Project::open(ui, config)?, a).await,
        Verb::Judge(a) => judge::exec(&Project::open(ui, config)?, a).await,
        Verb::Gate(a) => gate::exec(&Project::open_to_read(ui, config)?, a).await,
        Verb::Runs(a) => look::runs(&Project::open_to_read(ui, config)?, a).await,
        Verb::Show(a) => look::show(&Project::open_to_read(ui, config)?, a).await,
        Verb::Queue(a) => review::queue(&Project::open_to_read(ui, config)?, a).await,
        Verb::Review(a) => Box::pin(review::exec(&Project::open(ui, config)?, a)).await,
        Verb::Assign(a) => review::assign(&Project::open(ui, config)?, a).await,
        Verb::Dispute(a) => review::dispute(&Project::open(ui, config)?, a).await,
        Verb::Feedback(a) => review::feedback(&Project::open(ui, config)?, a).await,
        Verb::Serve(a) => serve::exec(&Project::open(ui, config)?, a).await,
        Verb::Users(a) => serve::users(&Project::open(ui, config)?, a).await,
        Verb::Report(a) => report::exec(&Project::open_to_read(ui, config)?, a).await,
        Verb::Export(a) => export::export(&Project::open_to_read(ui, config)?, a).await,
        Verb::Compare(a) => compare::exec(&Project::open_to_read(ui, config)?, a).await,
        Verb::Plot(a) => plot::exec(&Project::open_to_read(ui, config)?, a).await,
        Verb::Import(a) => export::import(&Project::open(ui, config)?, a).await,
        Verb::Plan(a) => plan::exec(&Project::open(ui, config)?, a).await,
        Verb::Grades(a) => grades::exec(&Project::open(ui, config)?, a).await,
        Verb::Audit(a) => audit::exec(&Project::open(ui, config)?, a).await,
        Verb::Cache(a) => cache::exec(&Project::open(ui, config)?, a).await,
    }
}
