//! `schema`, `completions`, `man`: the program about itself.

use clap::CommandFactory;

use crate::cli::args::{Cli, CompletionsArgs, SchemaArgs, SchemaKind};
use crate::cli::shell::{Shell, cannot_write};
use crate::error::{AppError, Exit};
use crate::{config, evalset};

/// The schema of a file kind as it is committed: pretty JSON with a final newline.
#[must_use]
pub fn schema_text(kind: SchemaKind) -> String {
    let schema = match kind {
        SchemaKind::Set => evalset::schema::set_schema(),
        SchemaKind::Rubric => evalset::schema::rubric_schema(),
        SchemaKind::Config => config::config_schema(),
    };
    format!("{schema:#}\n")
}

/// `schema`
pub fn schema(ui: &Shell, args: &SchemaArgs) -> Result<Exit, AppError> {
    print(ui, schema_text(args.kind).as_bytes())
}

/// `completions`
pub fn completions(ui: &Shell, args: &CompletionsArgs) -> Result<Exit, AppError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tribunal", &mut script);
    print(ui, &script)
}

/// `man`
pub fn man(ui: &Shell) -> Result<Exit, AppError> {
    let mut page = Vec::new();
    let written = clap_mangen::Man::new(Cli::command()).render(&mut page);
    written.map_err(|e| AppError::usage("could not make the manual page").because(e))?;
    print(ui, &page)
}

fn print(ui: &Shell, bytes: &[u8]) -> Result<Exit, AppError> {
    ui.data(|out| out.write_all(bytes).map_err(cannot_write))?;
    Ok(Exit::Good)
}
