//! What may be typed. Turned into what is meant by each verb.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Runs human-curated question / expected-answer sets against an agent, scores the answers with a panel of judges from 1 to 5,
/// sends the disputed ones to people, and gates CI on an accuracy that is honest about its own uncertainty.
#[derive(Debug, Parser)]
#[command(name = "tribunal", version, arg_required_else_help = true, max_term_width = 100)]
#[command(
    after_help = "Examples:\n  tribunal init                    make a working project here\n  tribunal run                     run every set, judge, report\n  tribunal run --tag eu --sample 20  a part of it\n  tribunal show last --case ID     why a case scored as it did\n  tribunal run --gate              exit 1 if the gate fails, 3 if it is undecided\n\nExit codes: 0 good, 1 gate failed, 2 usage or set at fault, 3 undecided, 4 run incomplete,\n            5 nothing selected, 6 integrity, 130 interrupted (resumable)."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,

    /// Configuration file; default: `tribunal.yaml` here or in a folder above.
    #[arg(long, global = true, value_name = "FILE", env = "TRIBUNAL_CONFIG")]
    pub config: Option<PathBuf>,

    /// Colour: `auto` obeys NO_COLOR and is off outside a terminal.
    #[arg(long, global = true, value_enum, default_value_t = ColorArg::Auto)]
    pub color: ColorArg,
}

/// When to colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorArg {
    /// In a terminal, unless NO_COLOR is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl From<ColorArg> for crate::ui::ColorChoice {
    fn from(c: ColorArg) -> Self {
        match c {
            ColorArg::Auto => Self::Auto,
            ColorArg::Always => Self::Always,
            ColorArg::Never => Self::Never,
        }
    }
}

/// What tribunal does.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Make a working project: configuration, a small set, a rubric, a CI workflow. Never overwrites.
    Init(InitArgs),
    /// Read sets, rubrics and configuration, and say everything that is wrong or doubtful, at its place.
    Check(CheckArgs),
    /// Run the sets against the agent, judge, route, report. The same command resumes a run that was cut off.
    Run(RunArgs),
    /// Judge a run's stored outputs again, with another panel or rubric. Calls no agent.
    Judge(JudgeArgs),
    /// Say whether a run passes the gate: exit 0, 1 or 3.
    Gate(GateArgs),
    /// List the runs in the store.
    Runs(ListArgs),
    /// Show a run, or all that happened to one of its cases.
    Show(ShowArgs),
    /// List what goes to people, why, and in which order.
    Queue(QueueArgs),
    /// Grade what waits for people: item by item in the terminal, or by single commands.
    Review(crate::cli::review::args::ReviewArgs),
    /// Give an item of the queue to somebody.
    Assign(crate::cli::review::args::AssignArgs),
    /// Say that a verdict is wrong: the answer goes to people.
    Dispute(crate::cli::review::args::DisputeArgs),
    /// Read feedback from production: complaints send answers to people.
    Feedback(crate::cli::review::args::FeedbackArgs),
    /// Review in the browser: on this machine, or for a team.
    Serve(crate::cli::serve::ServeArgs),
    /// Who may come in to a server for a team.
    Users(crate::cli::serve::UsersArgs),
    /// Write a run's report files.
    Report(ReportArgs),
    /// Compare runs with a baseline run, case by case: what got better or worse, and how sure that is.
    Compare(CompareArgs),
    /// Write a run's pictures as SVG files.
    Plot(PlotArgs),
    /// Write a run as JSON lines, for another machine.
    Export(ExportArgs),
    /// Read exported runs; several shards of one run merge into one.
    Import(ImportArgs),
    /// Plan a review: which answers people grade in the minutes they have, so that the corrected accuracy gets as sure as it can.
    Plan(PlanArgs),
    /// Bring in grades that people gave elsewhere, or write all grades of a run.
    Grades(GradesArgs),
    /// Check that the decision log holds, or erase a text of it.
    Audit(AuditArgs),
    /// Look into the response cache.
    Cache(CacheArgs),
    /// Print the JSON Schema of a file kind.
    Schema(SchemaArgs),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
    /// Print the manual page.
    Man,
}

/// Which cases.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Selection")]
pub struct SelectArgs {
    /// Only these cases.
    #[arg(long = "case", value_name = "ID", value_delimiter = ',')]
    pub cases: Vec<String>,
    /// Only cases with one of these tags.
    #[arg(long = "tag", value_name = "TAG", value_delimiter = ',')]
    pub tags: Vec<String>,
    /// No cases with one of these tags.
    #[arg(long = "not-tag", value_name = "TAG", value_delimiter = ',')]
    pub not_tags: Vec<String>,
    /// Only cases of these risks: low, medium, high, critical.
    #[arg(long = "risk", value_name = "RISK", value_delimiter = ',')]
    pub risks: Vec<String>,
    /// N cases drawn at random, the same ones for the same seed.
    #[arg(long, value_name = "N")]
    pub sample: Option<u64>,
    /// Seed of the draws (sample and audit); default: `seed` of tribunal.yaml.
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Only cases that failed, split or stayed unscored in an earlier run.
    #[arg(long, value_name = "RUN")]
    pub failed_in: Option<String>,
    /// The k-th of n parts, stable when cases are added, e.g. `2/5`.
    #[arg(long, value_name = "K/N")]
    pub shard: Option<String>,
}

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum RunFormat {
    /// A summary for people.
    #[default]
    Text,
    /// The whole report as one JSON document, once the run has ended.
    Json,
    /// One JSON line a trial as it finishes.
    Jsonl,
}

/// How lists are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// `init`
#[derive(Args, Debug)]
pub struct InitArgs {
    /// Where; default: here.
    #[arg(default_value = ".")]
    pub dir: PathBuf,
}

/// `check`
#[derive(Args, Debug)]
pub struct CheckArgs {
    /// Sets, rubrics, configurations or folders of them; default: the whole project.
    pub paths: Vec<PathBuf>,
    /// Warnings fail too (exit 2).
    #[arg(long)]
    pub strict: bool,
    /// `json` prints one object with all findings.
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
}

/// `run`
#[derive(Args, Debug)]
pub struct RunArgs {
    /// Agents to run, side by side on the same cases; default: `agent` of tribunal.yaml.
    #[arg(long = "agent", value_name = "NAME", value_delimiter = ',')]
    pub agents: Vec<String>,
    /// Sets to run, files or folders; default: `sets` of tribunal.yaml.
    #[arg(long = "set", value_name = "PATH", value_delimiter = ',')]
    pub sets: Vec<PathBuf>,
    /// Repeats a case, whatever the case says.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub trials: Option<u16>,
    /// Calls at once: a number, or `auto`.
    #[arg(long, value_name = "N|auto")]
    pub concurrency: Option<String>,
    /// Response cache: on, read (never written), refresh (never read), off.
    #[arg(long, value_name = "MODE")]
    pub cache: Option<String>,
    /// The agent's version, a commit for example: the gate then takes all complete runs of one version together.
    #[arg(long, value_name = "TEXT", env = "TRIBUNAL_AGENT_VERSION")]
    pub agent_version: Option<String>,
    /// Start a new run even if the same one is unfinished.
    #[arg(long)]
    pub fresh: bool,
    /// Say what would run, and call nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Apply the gate afterwards: exit 1 if it fails, 3 if it is undecided.
    #[arg(long)]
    pub gate: bool,
    /// How the gate decides; only with --gate.
    #[command(flatten)]
    pub rules: GateRules,
    /// Report files to write, or none.
    #[arg(long, value_name = "KIND", value_delimiter = ',', default_value = "html,md,json,csv")]
    pub reports: Vec<String>,
    /// What stdout gets.
    #[arg(long, value_enum, default_value_t)]
    pub format: RunFormat,
    /// Which cases.
    #[command(flatten)]
    pub select: SelectArgs,
}

/// `judge`
#[derive(Args, Debug)]
pub struct JudgeArgs {
    /// The run whose outputs are judged: an id, the beginning of one, or `last`.
    pub run: String,
    /// Judges to ask; default: the panel of tribunal.yaml.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub judges: Vec<String>,
    /// Judge everything by this rubric; default: the one that each set names.
    #[arg(long, value_name = "NAME")]
    pub rubric: Option<String>,
    /// Calls at once: a number, or `auto`.
    #[arg(long, value_name = "N|auto")]
    pub concurrency: Option<String>,
    /// Response cache: on, read (never written), refresh (never read), off.
    #[arg(long, value_name = "MODE")]
    pub cache: Option<String>,
    /// Start a new run even if the same one is unfinished.
    #[arg(long)]
    pub fresh: bool,
    /// Report files to write, or none.
    #[arg(long, value_name = "KIND", value_delimiter = ',', default_value = "html,md,json,csv")]
    pub reports: Vec<String>,
    /// What stdout gets.
    #[arg(long, value_enum, default_value_t)]
    pub format: RunFormat,
}

/// What an undecided gate counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum UndecidedArg {
    /// Exit code 0.
    Pass,
    /// Exit code 1.
    Fail,
    /// Exit code 3.
    Undecided,
}

/// How a gate's answer is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum GateFormat {
    /// A table for people.
    #[default]
    Text,
    /// One line, for logs.
    Line,
    /// One object, for programs.
    Json,
}

/// How a gate is to decide; what is not said here stands in tribunal.yaml.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Gate")]
pub struct GateRules {
    /// For `max_drop`: the run to compare with.
    #[arg(long, value_name = "RUN")]
    pub baseline: Option<String>,
    /// Compare point estimates, as other tools do: chance alone may then turn the gate, and the result says so.
    #[arg(long)]
    pub point: bool,
    /// What an undecided gate counts as.
    #[arg(long, value_enum, value_name = "AS")]
    pub undecided: Option<UndecidedArg>,
    /// Exit code of a failed gate, for those who imitate another tool.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=255))]
    pub fail_code: Option<u8>,
}

impl GateRules {
    /// True if anything was said.
    #[must_use]
    pub fn given(&self) -> bool {
        self.baseline.is_some() || self.point || self.undecided.is_some() || self.fail_code.is_some()
    }
}

impl Cli {
    /// The exit code of a failed gate, where one was chosen.
    #[must_use]
    pub fn fail_code(&self) -> Option<u8> {
        match &self.verb {
            Verb::Gate(a) => a.rules.fail_code,
            Verb::Run(a) => a.rules.fail_code,
            _ => None,
        }
    }
}

/// `gate`
#[derive(Args, Debug)]
pub struct GateArgs {
    /// The run: an id, the beginning of one, or `last`.
    #[arg(default_value = "last")]
    pub run: String,
    /// How to decide.
    #[command(flatten)]
    pub rules: GateRules,
    /// A table for people, one line for logs, or one JSON object.
    #[arg(long, value_enum, default_value_t)]
    pub format: GateFormat,
}

/// `runs`
#[derive(Args, Debug)]
pub struct ListArgs {
    /// `json` prints one object.
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
}

/// `show`
#[derive(Args, Debug)]
pub struct ShowArgs {
    /// The run: an id, the beginning of one, or `last`.
    #[arg(default_value = "last")]
    pub run: String,
    /// One case: question, expected, answers, every ballot with its reason, verdict, triggers.
    #[arg(long = "case", value_name = "ID")]
    pub case: Option<String>,
    /// `json` prints the report document, or one object a trial of the case.
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
}

/// `queue`
#[derive(Args, Debug)]
pub struct QueueArgs {
    /// The run: an id, the beginning of one, or `last`.
    #[arg(default_value = "last")]
    pub run: String,
    /// At most so many items.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// Only items with this tag.
    #[arg(long, value_name = "TAG")]
    pub tag: Vec<String>,
    /// Only items of at least this risk: low, medium, high, critical.
    #[arg(long, value_name = "RISK")]
    pub risk: Option<String>,
    /// Only items in this state: open, done, pending, claimed, graded, conflicted, agreed, adjudicated, deferred, withdrawn, folded.
    #[arg(long, value_name = "STATE")]
    pub state: Vec<String>,
    /// Only items with this trigger, e.g. `split_panel`.
    #[arg(long, value_name = "TRIGGER")]
    pub trigger: Vec<String>,
    /// Only items that this person holds, was given or has graded.
    #[arg(long, value_name = "NAME")]
    pub by: Vec<String>,
    /// `json` prints one object with all items.
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
}

/// `report`
#[derive(Args, Debug)]
pub struct ReportArgs {
    /// The run: an id, the beginning of one, or `last`.
    #[arg(default_value = "last")]
    pub run: String,
    /// Which files: html, md, json, csv, jsonl, junit, txt. One of them goes to stdout with `--out -`.
    #[arg(long, value_name = "KIND", value_delimiter = ',', default_value = "html,md,json,csv")]
    pub format: Vec<String>,
    /// The folder in which the run gets a folder of its own; default: `reports` of tribunal.yaml. `-` writes one format to stdout.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Compare with this run in the files: what changed, by tag and case by case.
    #[arg(long, value_name = "RUN")]
    pub baseline: Option<String>,
    /// In a GitHub job: write the step summary, and mark failed cases at their lines.
    #[arg(long)]
    pub github: bool,
}

/// How a comparison is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CompareFormatArg {
    /// For people.
    #[default]
    Text,
    /// For pull requests.
    Md,
    /// A page of its own.
    Html,
    /// For programs.
    Json,
}

/// `compare`
#[derive(Args, Debug)]
pub struct CompareArgs {
    /// Run A, the baseline: an id, the beginning of one, or `last`.
    pub baseline: String,
    /// The runs to compare with it.
    #[arg(required = true)]
    pub runs: Vec<String>,
    /// Compare although judges, rubrics or the panel differ: a change may then come from the judging.
    #[arg(long)]
    pub allow_different: bool,
    /// What is written.
    #[arg(long, value_enum, default_value_t)]
    pub format: CompareFormatArg,
    /// A file to write; default: stdout.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `plot`
#[derive(Args, Debug)]
pub struct PlotArgs {
    /// The run: an id, the beginning of one, or `last`.
    #[arg(default_value = "last")]
    pub run: String,
    /// Where; default: the folder of the run's reports.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// `export`
#[derive(Args, Debug)]
pub struct ExportArgs {
    /// The run: an id, the beginning of one, or `last`.
    #[arg(default_value = "last")]
    pub run: String,
}

/// `import`
#[derive(Args, Debug)]
pub struct ImportArgs {
    /// Exported runs; `-` reads one from stdin.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Merge although parts are missing: a part that selected no case has no file.
    #[arg(long)]
    pub missing_ok: bool,
}

/// `plan`
#[derive(Args, Debug)]
pub struct PlanArgs {
    /// The run: an id, the beginning of one, or `last`.
    #[arg(default_value = "last")]
    pub run: String,
    /// Minutes that people have.
    #[arg(long, visible_alias = "budget-minutes", value_name = "M", conflicts_with = "items")]
    pub minutes: Option<f64>,
    /// Answers that people grade, whatever each takes.
    #[arg(long = "budget-items", value_name = "N")]
    pub items: Option<u64>,
    /// So many more random answers on top of the design that stands.
    #[arg(long, value_name = "N", conflicts_with_all = ["minutes", "items"])]
    pub more: Option<u64>,
    /// Seed of the draws; default: the run's.
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Say what the plan would be, and freeze nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// `json` prints one object.
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
}

/// `grades`
#[derive(Args, Debug)]
pub struct GradesArgs {
    /// What to do with grades.
    #[command(subcommand)]
    pub verb: GradesVerb,
}

/// What can be done with grades.
#[derive(Debug, Subcommand)]
pub enum GradesVerb {
    /// Read grades of a run's answers: JSON lines or CSV with `case`, `grader`, `score` (and `agent`, `trial`, `set`, `seat`,
    /// `blind`, `seconds`, `note` where needed). A file that is read twice counts once.
    Import {
        /// The file.
        file: PathBuf,
        /// The run whose answers were graded.
        #[arg(long, value_name = "RUN", default_value = "last")]
        run: String,
    },
    /// Write every grade on a run's answers as JSON lines, with who gave it.
    Export {
        /// The run: an id, the beginning of one, or `last`.
        #[arg(default_value = "last")]
        run: String,
    },
}

/// `audit`
#[derive(Args, Debug)]
pub struct AuditArgs {
    /// What to do with the decision log.
    #[command(subcommand)]
    pub verb: AuditVerb,
}

/// What can be done with the decision log.
#[derive(Debug, Subcommand)]
pub enum AuditVerb {
    /// Walk the chain: finds edits, exchanged events, gaps, and a tail cut off after a head was written down. Exit 6 if it does not hold.
    Verify {
        /// A head that was written down elsewhere; those in the reports folder are looked at by themselves.
        #[arg(long = "head", value_name = "EVENTS:DIGEST", value_delimiter = ',')]
        heads: Vec<String>,
        /// `json` prints one object.
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Erase the texts of a decision (a note, a corrected answer), say for personal data. Their digests stay, and the chain holds.
    Erase {
        /// The decision whose texts go.
        #[arg(long, value_name = "DECISION", conflicts_with = "text")]
        of: Option<String>,
        /// One text, by its digest.
        #[arg(long, value_name = "DIGEST")]
        text: Option<String>,
        /// Who erases.
        #[arg(long = "as", value_name = "NAME")]
        author: String,
    },
}

/// `cache`
#[derive(Args, Debug)]
pub struct CacheArgs {
    /// What to do with the cache.
    #[command(subcommand)]
    pub verb: CacheVerb,
}

/// What can be done with the response cache.
#[derive(Debug, Subcommand)]
pub enum CacheVerb {
    /// Entries, size, age, by model.
    Show,
    /// For a case of a run: would each call be found, and if not, what differs?
    Explain {
        /// The run: an id, the beginning of one, or `last`.
        #[arg(default_value = "last")]
        run: String,
        /// The case.
        #[arg(long = "case", value_name = "ID")]
        case: String,
    },
    /// Remove entries.
    Prune {
        /// Only entries older than this, e.g. `30d`, `12h`.
        #[arg(long, value_name = "AGE", required_unless_present = "all", conflicts_with = "all")]
        older_than: Option<String>,
        /// Every entry.
        #[arg(long)]
        all: bool,
    },
}

/// Which schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaKind {
    /// An eval set.
    Set,
    /// A rubric.
    Rubric,
    /// tribunal.yaml.
    Config,
}

/// `schema`
#[derive(Args, Debug)]
pub struct SchemaArgs {
    /// Which file kind.
    #[arg(value_enum)]
    pub kind: SchemaKind,
}

/// `completions`
#[derive(Args, Debug)]
pub struct CompletionsArgs {
    /// Which shell.
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}
