//! Stdout and stderr with what is known about them. A reader that goes away ends the output quietly, not the program.

use std::env;
use std::io::{self, BufWriter, IsTerminal, Write};

use super::color::{ColorChoice, StreamFacts, color_on};
use super::errors::error_text;
use crate::error::AppError;
use crate::text::neutral;

/// The streams of the program.
pub struct Ui {
    out: Quiet,
    err: Box<dyn Write + Send>,
    out_facts: StreamFacts,
    err_facts: StreamFacts,
    choice: ColorChoice,
    width: usize,
}

impl std::fmt::Debug for Ui {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ui").field("out", &self.out_facts).field("err", &self.err_facts).field("width", &self.width).finish_non_exhaustive()
    }
}

impl Ui {
    /// The streams of this process.
    #[must_use]
    pub fn new(choice: ColorChoice) -> Self {
        let set = |name: &str| env::var_os(name).filter(|v| !v.is_empty());
        let facts = |terminal| StreamFacts {
            terminal,
            no_color: set("NO_COLOR").is_some(),
            dumb: set("TERM").is_some_and(|t| t == "dumb"),
            forced: set("CLICOLOR_FORCE").is_some_and(|v| v != "0"),
            ci: set("CI").is_some_and(|v| v != "false" && v != "0"),
        };
        let columns = set("COLUMNS").and_then(|c| c.to_str()?.parse().ok());
        Self {
            out_facts: facts(io::stdout().is_terminal()),
            err_facts: facts(io::stderr().is_terminal()),
            out: Quiet { inner: Box::new(io::stdout()), closed: false },
            err: Box::new(io::stderr()),
            choice,
            width: width(columns, comfy_table::Table::new().width()),
        }
    }

    /// Streams that are something else: for tests, and for output that is kept. Neither is a terminal; 80 columns.
    #[must_use]
    pub fn to(out: Box<dyn Write + Send>, err: Box<dyn Write + Send>, choice: ColorChoice) -> Self {
        let facts = StreamFacts::default();
        Self { out: Quiet { inner: out, closed: false }, err, out_facts: facts, err_facts: facts, choice, width: 80 }
    }

    /// Whether stdout is coloured.
    #[must_use]
    pub fn out_color(&self) -> bool {
        color_on(self.choice, self.out_facts)
    }

    /// Whether stderr is coloured.
    #[must_use]
    pub fn err_color(&self) -> bool {
        color_on(self.choice, self.err_facts)
    }

    /// Whether somebody watches stderr: a terminal, and not a CI job.
    #[must_use]
    pub fn watched(&self) -> bool {
        self.err_facts.terminal && !self.err_facts.dumb && !self.err_facts.ci
    }

    /// Columns: those of the terminal, else `COLUMNS`, else 80.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Writes data to stdout, buffered and flushed. When the reader has gone away (`| head`), `fill` ends early at its next
    /// write, and this is no error; later data goes nowhere.
    ///
    /// # Errors
    /// Those of `fill`, and a stdout that cannot be written for another reason.
    pub fn data<E: Into<AppError>>(&mut self, fill: impl FnOnce(&mut dyn Write) -> Result<(), E>) -> Result<(), AppError> {
        let mut buffered = BufWriter::with_capacity(64 * 1024, &mut self.out);
        let filled = fill(&mut buffered).map_err(Into::into);
        let flushed = buffered.flush();
        // What is left in the buffer after a failed flush must not be tried again when it drops.
        drop(buffered.into_parts());
        if self.out.closed {
            return Ok(());
        }
        filled?;
        flushed.map_err(|e| AppError::usage("could not write to stdout").because(e))
    }

    /// Writes a line of words to stderr. A stderr that is gone is nobody's fault.
    pub fn say(&mut self, line: &str) {
        // Line by line, so that no line of a server's or a file's words is a command to a CI log.
        let safe: Vec<String> = line.split('\n').map(neutral::log_line).collect();
        _ = writeln!(self.err, "{}", safe.join("\n")).and_then(|()| self.err.flush());
    }

    /// Writes an error to stderr: what happened, why, what to do next.
    pub fn print_error(&mut self, error: &AppError) {
        let text = error_text(error, self.err_color());
        _ = self.err.write_all(text.as_bytes()).and_then(|()| self.err.flush());
    }
}

fn width(columns: Option<usize>, terminal: Option<u16>) -> usize {
    terminal.map(usize::from).or(columns).unwrap_or(80).clamp(40, 400)
}

/// A writer that remembers that its reader has gone away.
struct Quiet {
    inner: Box<dyn Write + Send>,
    closed: bool,
}

impl Quiet {
    fn note<T>(&mut self, result: io::Result<T>) -> io::Result<T> {
        if result.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::BrokenPipe) {
            self.closed = true;
        }
        result
    }
}

impl Write for Quiet {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let result = self.inner.write(buf);
        self.note(result)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let result = self.inner.flush();
        self.note(result)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::error::Exit;

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(buf);
            Ok(buf.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Shared {
        fn text(&self) -> String {
            String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
        }
    }

    struct Failing(io::ErrorKind);

    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn io_error(e: io::Error) -> AppError {
        AppError::usage("could not write the report").because(e)
    }

    #[test]
    fn data_goes_to_stdout_and_words_go_to_stderr() {
        let (out, err) = (Shared::default(), Shared::default());
        let mut ui = Ui::to(Box::new(out.clone()), Box::new(err.clone()), ColorChoice::Auto);
        ui.data(|w| writeln!(w, "data").map_err(io_error)).unwrap();
        ui.say("words");
        ui.print_error(&AppError::usage("no such set"));
        assert_eq!(out.text(), "data\n");
        assert_eq!(err.text(), "words\nerror: no such set\n");
        assert!(!ui.out_color() && !ui.err_color() && !ui.watched());
    }

    #[test]
    fn a_reader_that_went_away_ends_the_output_early_and_quietly() {
        let mut ui = Ui::to(Box::new(Failing(io::ErrorKind::BrokenPipe)), Box::new(io::sink()), ColorChoice::Auto);
        let mut lines = 0;
        ui.data(|w| {
            (0..1_000_000).try_for_each(|i| {
                lines += 1;
                writeln!(w, "line {i}").map_err(io_error)
            })
        })
        .unwrap();
        assert!(lines < 20_000, "{lines} lines were made for nobody");
        ui.data(|w| writeln!(w, "more").map_err(io_error)).unwrap();
    }

    #[test]
    fn a_full_disk_is_an_error() {
        let mut ui = Ui::to(Box::new(Failing(io::ErrorKind::StorageFull)), Box::new(io::sink()), ColorChoice::Auto);
        let error = ui.data(|w| writeln!(w, "data").map_err(io_error)).unwrap_err();
        assert_eq!(error.exit(), Exit::Usage);
    }

    #[test]
    fn the_terminal_wins_over_columns_and_widths_stay_sane() {
        assert_eq!(width(Some(100), Some(120)), 120);
        assert_eq!(width(Some(100), None), 100);
        assert_eq!(width(None, None), 80);
        assert_eq!(width(Some(1), None), 40);
        assert_eq!(width(None, Some(9_999)), 400);
    }
}
