//! What may be typed after `review`, `assign`, `dispute` and `feedback`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::args::ListFormat;

/// `review`
#[derive(Args, Debug)]
pub struct ReviewArgs {
    /// What to do; without it, go through the queue item by item.
    #[command(subcommand)]
    pub verb: Option<ReviewVerb>,
    /// The run: an id, the beginning of one, or `last`.
    #[arg(long, value_name = "RUN", global = true, default_value = "last")]
    pub run: String,
    /// Who you are; default: the name in your git configuration, or of your account.
    #[arg(long = "as", value_name = "NAME", global = true)]
    pub name: Option<String>,
    /// Line by line, for screen readers and plain terminals.
    #[arg(long)]
    pub plain: bool,
    /// Only such items, e.g. `tag:eu`, `risk:high`, `set:refunds`, `case:ID`.
    #[arg(long, value_name = "WORD")]
    pub only: Vec<String>,
}

/// What can be done with the queue.
#[derive(Debug, Subcommand)]
pub enum ReviewVerb {
    /// Show an item as a grader sees it: without any score until you have given yours.
    Show {
        /// The item: its number, its case, or the beginning of one.
        item: String,
        /// `json` prints one object.
        #[arg(long, value_enum, default_value_t)]
        format: ListFormat,
    },
    /// Decide on an item: a score, what is wrong with the case, or both.
    Decide(Box<DecideArgs>),
    /// Change the score of an own decision after seeing the other side. The blind score is kept beside it.
    Revise {
        /// The decision.
        decision: String,
        /// The new score, 1 to 5.
        #[arg(long, value_name = "1-5")]
        score: u8,
        /// Why.
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Take back an own decision, skip or revision; the last one without a name.
    Undo {
        /// The decision.
        decision: Option<String>,
    },
    /// Pass an item on to somebody else.
    Skip {
        /// The item.
        item: String,
        /// Why: not_my_field, need_context, sensitive or broken_item.
        #[arg(long, value_name = "REASON")]
        why: String,
    },
    /// Close a conflict as the third person, after a blind decision of your own.
    Settle {
        /// The item.
        item: String,
        /// The final score, 1 to 5; without it, no score can be given.
        #[arg(long, value_name = "1-5")]
        score: Option<u8>,
        /// Why the two differed: slip, guideline_gap, ambiguous_case, expected_wrong or real_difference.
        #[arg(long, value_name = "CAUSE")]
        cause: String,
    },
    /// Write items for somebody without a connection: one page (.html) or one sheet (.csv). Their slots are reserved for 72 hours.
    Export {
        /// For whom.
        #[arg(long = "for", value_name = "NAME")]
        to: String,
        /// How many items at most.
        #[arg(long, value_name = "N", default_value_t = 25)]
        n: usize,
        /// Where: a file ending in .html or .csv.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// Take decisions that come back: the page's .json, or the filled sheet. Taking a file twice takes it once.
    Import {
        /// The file.
        file: PathBuf,
        /// Whose decisions a sheet holds; a .json says it itself.
        #[arg(long = "from", value_name = "NAME")]
        from: Option<String>,
    },
}

/// `review decide`
#[derive(Args, Debug)]
pub struct DecideArgs {
    /// The item: its number, its case, or the beginning of one.
    pub item: String,
    /// The score, 1 to 5.
    #[arg(long, value_name = "1-5")]
    pub score: Option<u8>,
    /// The reason in one word: complete, minor_gap, missing_part, wrong_fact, unsupported, off_topic, wording or unsafe.
    #[arg(long, value_name = "REASON")]
    pub chip: Option<String>,
    /// The expected answer is wrong or incomplete: what it should be.
    #[arg(long, value_name = "TEXT", group = "ruling")]
    pub expected: Option<String>,
    /// This answer is right too; or this other text.
    #[arg(long, value_name = "TEXT", num_args = 0..=1, group = "ruling")]
    pub accept: Option<Option<String>>,
    /// The question can be read in several ways; a better one, if you have it.
    #[arg(long, value_name = "TEXT", num_args = 0..=1, group = "ruling")]
    pub ambiguous: Option<Option<String>>,
    /// The rubric does not say what to do here: what it should say.
    #[arg(long, value_name = "TEXT", group = "ruling")]
    pub rubric_unclear: Option<String>,
    /// One case asks two things: which.
    #[arg(long, value_name = "TEXT", group = "ruling")]
    pub split: Option<String>,
    /// The agent answers differently from time to time: repeats to run from now on.
    #[arg(long, value_name = "N", group = "ruling")]
    pub flaky: Option<u16>,
    /// The case should no longer run: why.
    #[arg(long, value_name = "TEXT", group = "ruling")]
    pub retire: Option<String>,
    /// A good example for the judge: what it shows.
    #[arg(long, value_name = "TEXT", group = "ruling")]
    pub example: Option<String>,
    /// Several scores can be defended: the lowest and the highest, e.g. `3-4`.
    #[arg(long, value_name = "LOW-HIGH", group = "ruling")]
    pub no_single_answer: Option<String>,
    /// A note.
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// `json` prints one object.
    #[arg(long, value_enum, default_value_t)]
    pub format: ListFormat,
}

/// `assign`
#[derive(Args, Debug)]
pub struct AssignArgs {
    /// The item: its number, its case, or the beginning of one.
    pub item: String,
    /// To whom.
    pub to: String,
    /// The run: an id, the beginning of one, or `last`.
    #[arg(long, value_name = "RUN", default_value = "last")]
    pub run: String,
    /// Who you are; default: the name in your git configuration, or of your account.
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
}

/// `dispute`
#[derive(Args, Debug)]
pub struct DisputeArgs {
    /// The run: an id, the beginning of one, or `last`.
    pub run: String,
    /// The case.
    pub case: String,
    /// Why the verdict is wrong.
    #[arg(long, value_name = "TEXT")]
    pub why: String,
    /// Who you are; default: the name in your git configuration, or of your account.
    #[arg(long = "as", value_name = "NAME")]
    pub name: Option<String>,
}

/// `feedback`
#[derive(Args, Debug)]
pub struct FeedbackArgs {
    /// What to do.
    #[command(subcommand)]
    pub verb: FeedbackVerb,
}

/// What can be done with feedback.
#[derive(Debug, Subcommand)]
pub enum FeedbackVerb {
    /// Read thumbs, ratings and comments from production (CSV or JSON lines): bad ones dispute the answer to the same case.
    Import {
        /// The file: columns or keys `case` or `question`, and `thumb`, `rating` (1 to 5) or `comment`.
        file: PathBuf,
        /// The run: an id, the beginning of one, or `last`.
        #[arg(long, value_name = "RUN", default_value = "last")]
        run: String,
        /// Who you are; default: the name in your git configuration, or of your account.
        #[arg(long = "as", value_name = "NAME")]
        name: Option<String>,
    },
}
