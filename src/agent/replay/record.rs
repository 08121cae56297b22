//! One recorded answer, as it stands in a JSONL line or a CSV record.

use std::borrow::Cow;
use std::path::Path;

use serde::Deserialize;

/// How answers are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// One JSON object a line.
    Jsonl,
    /// Comma-separated; the column of each field, once the first line is read.
    Csv(Columns),
}

/// Where a CSV file keeps each field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Columns {
    pub id: usize,
    pub answer: usize,
    pub trial: Option<usize>,
    pub set: Option<usize>,
    pub context: Option<usize>,
    pub latency_ms: Option<usize>,
    pub model: Option<usize>,
}

/// A fault, where it is in the record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RecordFault {
    /// 1-based, in characters or bytes as the parser counts.
    pub column: usize,
    /// What happened.
    pub message: String,
}

/// One recorded answer. Keys that we do not know are somebody else's and left alone.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    pub id: Cow<'a, str>,
    #[serde(borrow)]
    pub answer: Cow<'a, str>,
    pub trial: Option<u16>,
    pub set: Option<String>,
    pub context: Option<String>,
    pub latency_ms: Option<u64>,
    pub model: Option<String>,
}

impl Form {
    /// By the file's extension.
    pub fn of(path: &Path) -> Self {
        let csv = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
        if csv { Self::Csv(Columns::default()) } else { Self::Jsonl }
    }
}

impl Columns {
    /// Reads the head line.
    pub fn of(head: &csv::ByteRecord) -> Result<Self, RecordFault> {
        let find = |name: &str| head.iter().position(|h| h.trim_ascii().eq_ignore_ascii_case(name.as_bytes()));
        let must = |name: &str| find(name).ok_or_else(|| RecordFault { column: 1, message: format!("there is no column `{name}`") });
        Ok(Self {
            id: must("id")?,
            answer: must("answer")?,
            trial: find("trial"),
            set: find("set"),
            context: find("context"),
            latency_ms: find("latency_ms"),
            model: find("model"),
        })
    }
}

impl<'a> Record<'a> {
    /// Reads one record from its bytes.
    pub fn parse(form: &Form, bytes: &'a [u8]) -> Result<Self, RecordFault> {
        match form {
            Form::Jsonl => Self::json(bytes),
            Form::Csv(columns) => {
                let mut record = csv::ByteRecord::new();
                let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(bytes);
                let read = reader.read_byte_record(&mut record).map_err(|e| RecordFault { column: 1, message: e.to_string() })?;
                if !read {
                    return Err(RecordFault { column: 1, message: "the record is empty".to_owned() });
                }
                Record::csv(columns, &record)
            }
        }
    }

    fn json(bytes: &'a [u8]) -> Result<Self, RecordFault> {
        serde_json::from_slice(bytes).map_err(|e| {
            let text = e.to_string();
            // The parser counts lines within this one line: the place is ours to say.
            let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(m, _)| m).to_owned();
            RecordFault { column: e.column().max(1), message }
        })
    }
}

impl Record<'static> {
    /// Reads the fields of a CSV record.
    pub fn csv(columns: &Columns, record: &csv::ByteRecord) -> Result<Self, RecordFault> {
        let text = |i: usize, name: &str| {
            let bytes = record.get(i).ok_or_else(|| fault(format!("the record has no field for `{name}`")))?;
            String::from_utf8(bytes.to_vec()).map_err(|_| fault(format!("`{name}` is not UTF-8 text")))
        };
        let maybe = |i: Option<usize>, name: &str| match i {
            Some(i) if record.get(i).is_some_and(|f| !f.is_empty()) => text(i, name).map(Some),
            _ => Ok(None),
        };
        Ok(Self {
            id: text(columns.id, "id")?.trim().to_owned().into(),
            answer: text(columns.answer, "answer")?.into(),
            trial: number(maybe(columns.trial, "trial")?, "trial")?,
            set: maybe(columns.set, "set")?,
            context: maybe(columns.context, "context")?,
            latency_ms: number(maybe(columns.latency_ms, "latency_ms")?, "latency_ms")?,
            model: maybe(columns.model, "model")?,
        })
    }
}

fn number<N: std::str::FromStr>(text: Option<String>, name: &str) -> Result<Option<N>, RecordFault> {
    text.map(|t| t.trim().parse().map_err(|_| fault(format!("`{name}` is no whole number in range: `{t}`")))).transpose()
}

fn fault(message: String) -> RecordFault {
    RecordFault { column: 1, message }
}
