//! A judge prompt of the user's own: a minijinja template that takes the place of ours.
//!
//! Our rules still stand before it and the shape of the reply after it: they are what makes the answer data and the reply
//! readable. Undefined variables are errors, and rendering is bounded.
//!
//! Variables, all of them texts but for `anchors` and `notes`; an absent part is an empty text:
//! - `criteria`: the rubric's criteria;
//! - `anchors`: five objects with `score` and `text`;
//! - `notes`: a list of texts;
//! - `examples`: the calibration examples that may be shown, already fenced;
//! - `question`, `turns`, `expected`, `accept`, `must_mention`, `must_not_mention`, `context`, `agent_context`, `answer`: fenced
//!   blocks. `agent_context` is what the agent says it used. `answer` must be shown.
//!
//! There is no variable for the pass mark.

use std::sync::Arc;

use minijinja::{AutoEscape, Environment, UndefinedBehavior, Value, context, value::Serde};

use super::Parts;
use crate::domain::{Case, CaseId, Digest, Example, Output, Rubric, RubricName, Score, Speaker, Turn};
use crate::judge::Exhibit;

/// Instructions that a rendering may take: a loop over a hundred examples takes some thousands.
const FUEL: u64 = 100_000;

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateFault {
    /// What is wrong: lower case, no full stop.
    pub message: String,
    /// 1-based line in the template, where it is known.
    pub line: Option<usize>,
}

impl From<minijinja::Error> for TemplateFault {
    fn from(e: minijinja::Error) -> Self {
        let what = e.detail().map_or_else(|| e.kind().to_string(), |detail| format!("{}: {detail}", e.kind()));
        let message = e.line().map_or_else(|| what.clone(), |line| format!("{what} (line {line} of the template)"));
        Self { message, line: e.line() }
    }
}

/// Renders a template.
pub(super) fn render(template: &str, parts: &Parts<'_>) -> Result<String, TemplateFault> {
    let mut env = Environment::new();
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| AutoEscape::None);
    env.set_fuel(Some(FUEL));
    let anchors: Vec<_> = parts.rubric.anchors.iter().zip(1..).map(|(text, score)| context! { score, text => text.as_str() }).collect();
    let rendered = env.render_str(
        template,
        context! {
            criteria => parts.rubric.criteria.as_str(),
            anchors,
            notes => parts.rubric.notes.clone(),
            ..Value::from(Serde(parts))
        },
    )?;
    if rendered.contains(&parts.answer) {
        Ok(rendered)
    } else {
        Err(TemplateFault { message: "the template does not show `{{ answer }}` as it is".to_owned(), line: None })
    }
}

/// Checks a template without judging: renders it for a case that has everything and for one that has the bare minimum.
///
/// # Errors
/// What is wrong with it, and where.
pub fn validate_template(template: &str) -> Result<(), TemplateFault> {
    for exhibit in fixed_exhibits().into_iter().flatten() {
        render(template, &Parts::new(&exhibit, &Digest::of_bytes(b"check")))?;
    }
    Ok(())
}

/// A full and a bare exhibit, always the same ones.
pub(super) fn fixed_exhibits() -> [Option<Exhibit>; 2] {
    let exhibit = |full: bool| {
        let mut case = Case::new(CaseId::new("check").ok()?, "question", "expected");
        let mut output = Output::text("answer");
        let mut rubric = Rubric {
            name: RubricName::new("check").ok()?,
            criteria: "criteria".into(),
            anchors: Default::default(),
            pass_mark: Score::ALL[3],
            notes: Vec::new(),
            examples: Vec::new(),
            template: None,
        };
        if full {
            case.accept = vec!["accept".into()];
            case.must_mention = vec!["fact".into()];
            case.must_not_mention = vec!["not".into()];
            case.context = Some("context".into());
            case.turns = vec![Turn { role: Speaker::User, text: "turn".into() }];
            output.context = Some("passage".into());
            rubric.notes = vec!["note".into()];
            let (question, expected) = (Some("another question".into()), Some("another answer".into()));
            let example = Example { case: None, question, expected, answer: "an answer".into(), score: Score::ALL[1], why: "why".into() };
            rubric.examples = vec![example];
        }
        Some(Exhibit { case: Arc::new(case), rubric: Arc::new(rubric), output: Arc::new(output), trial: 0 })
    };
    [exhibit(true), exhibit(false)]
}
