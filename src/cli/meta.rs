//! `schema`, `completions`, `man`: the program about itself.

use std::io::{self, Write};

use clap::CommandFactory;

use crate::cli::args::{Cli, CompletionsArgs, SchemaArgs, SchemaKind};
use crate::error::{AppError, Exit};
use crate::{config, evalset};

/// The schema of a file kind as it is committed: pretty JSON with a final newline.
#[must_use]
pub fn schema_text(kind: SchemaKind) -> String {
    let schema = match kind {
        SchemaKind::Set => evalset::set_schema(),
        SchemaKind::Rubric => evalset::rubric_schema(),
        SchemaKind::Config => config::config_schema(),
    };
    format!("{schema:#}\n")
}

/// `schema`
pub fn schema(args: &SchemaArgs) -> Result<Exit, AppError> {
    print(schema_text(args.kind).as_bytes())
}

/// `completions`
pub fn completions(args: &CompletionsArgs) -> Result<Exit, AppError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tribunal", &mut script);
    print(&script)
}

/// `man`
pub fn man() -> Result<Exit, AppError> {
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(Cli::command()).render(&mut page);
    written.map_err(|e| AppError::usage("could not make the manual page").because(e))?;
    print(&page)
}

fn print(bytes: &[u8]) -> Result<Exit, AppError> {
    match io::stdout().write_all(bytes) {
        // A reader that has seen enough is no fault.
        Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(AppError::usage("could not write to stdout").because(e)),
        _ => Ok(Exit::Good),
    }
}
