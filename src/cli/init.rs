//! `init`: a project that runs at once. Never overwrites: a file that is there stays as it is.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::cli::args::{InitArgs, SchemaKind};
use crate::cli::meta::schema_text;
use crate::cli::shell::Shell;
use crate::error::{AppError, Exit};

/// Where a file goes, and what it holds.
const FILES: [(&str, &str); 7] = [
    ("tribunal.yaml", include_str!("init/tribunal.yaml")),
    ("evalsets/first.yaml", include_str!("init/evalsets/first.yaml")),
    ("rubrics/correctness.yaml", include_str!("../../rubrics/correctness.yaml")),
    ("answers.jsonl", include_str!("init/answers.jsonl")),
    (".github/workflows/tribunal.yml", include_str!("init/tribunal-ci.yml")),
    (".gitignore", include_str!("init/gitignore")),
    ("reports/README.md", include_str!("../../reports/README.md")),
];

/// The schemas that the files name in their first line.
const SCHEMAS: [(&str, SchemaKind); 3] =
    [("schema/set.json", SchemaKind::Set), ("schema/rubric.json", SchemaKind::Rubric), ("schema/config.json", SchemaKind::Config)];

/// What stands in a `.gitignore` that names our folder already.
const IGNORED: &str = "/.tribunal/";

/// `init`
pub fn exec(ui: &Shell, args: &InitArgs) -> Result<Exit, AppError> {
    let mut made = 0;
    // Editors find the schemas beside the files, so that no version can be the wrong one.
    let schemas = SCHEMAS.map(|(name, kind)| (name, schema_text(kind)));
    let files = FILES.map(|(name, text)| (name, text.replace("$schema=../docs/schema/", "$schema=../schema/")));
    for (name, text) in files.into_iter().chain(schemas) {
        let path = args.dir.join(name);
        match write_new(&path, &text) {
            Ok(()) => {
                made += 1;
                ui.say(&format!("made   {}", path.display()));
            }
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                ui.say(&format!("kept   {} (it was there)", path.display()));
                if name == ".gitignore" && !fs::read_to_string(&path).is_ok_and(|t| t.contains(".tribunal")) {
                    ui.say(&format!("       add the line `{IGNORED}` to it, so that the store stays out of git"));
                }
            }
            Err(e) => {
                return Err(AppError::usage(format!("could not write {}", path.display()))
                    .because(e)
                    .with_help("is the folder writable, and is no file in the way of a folder?"));
            }
        }
    }
    if made == 0 {
        ui.say("nothing to do: every file was there");
    }
    if args.dir != Path::new(".") {
        ui.say(&format!("\n  cd {}", args.dir.display()));
    }
    ui.say(&format!("\n{}", include_str!("init/next-steps.txt").trim_end()));
    Ok(Exit::Good)
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}
