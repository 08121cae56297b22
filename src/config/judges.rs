//! What is wrong with one judge of `tribunal.yaml` beyond its shape.

use std::path::Path;

use super::agents::{base_url, parameters, variable};
use super::fault::Fault;
use super::resolve::file_exists;
use crate::judge::prompt::validate_template;
use crate::judge::spec::JudgeSpec;

/// Checks a judge at its pointer. `needed`: the panel asks it.
pub(super) fn check(at: &str, spec: &JudgeSpec, root: &Path, needed: bool, found: &mut Vec<Fault>) {
    match spec {
        JudgeSpec::OpenAi(llm) => {
            if llm.model.trim().is_empty() {
                found.push(Fault::new("empty", format!("{at}/model"), "the model's name is empty"));
            }
            base_url(at, llm.base_url.as_deref(), found);
            variable(at, llm.api_key_env.as_deref(), found);
            parameters(at, llm.temperature, &llm.parameters, found);
            if let Some(template) = &llm.template {
                template_works(&format!("{at}/template"), template, root, needed, found);
            }
            let repeats = llm.samples.unwrap_or(1) > 1;
            let greedy = llm.temperature == Some(0.0) || llm.parameters.get("temperature").and_then(serde_json::Value::as_f64) == Some(0.0);
            if repeats && greedy {
                let fault = Fault::new("samples-at-zero", format!("{at}/samples"), "several samples at temperature 0 say the same thing");
                found.push(fault.warning().help("raise `temperature`, or ask for one sample"));
            }
        }
        JudgeSpec::Lexical(lexical) => {
            if let Some(weights) = &lexical.weights {
                file_exists(&format!("{at}/weights"), weights, root, needed, found);
            }
        }
        JudgeSpec::Facts(_) => {}
        JudgeSpec::Replay(replay) => file_exists(&format!("{at}/file"), &replay.file, root, needed, found),
    }
}

/// A prompt template is tried before anything is paid for: with it every ballot would fail.
fn template_works(at: &str, path: &Path, root: &Path, needed: bool, found: &mut Vec<Fault>) {
    let full = root.join(path);
    if !full.is_file() {
        return file_exists(at, path, root, needed, found);
    }
    let shown = path.display();
    let (message, label) = match std::fs::read_to_string(&full).map(|text| validate_template(&text)) {
        Ok(Ok(())) => return,
        Ok(Err(f)) => (format!("the template cannot be used: {f}"), f.line.map_or(format!("{shown}"), |line| format!("{shown}:{line}"))),
        Err(e) => (format!("the template `{shown}` cannot be read: {e}"), format!("{shown}")),
    };
    let help = "docs/rubrics.md lists the variables of a template; `{{ answer }}` must be shown as it is";
    let fault = Fault::new("bad-template", at, message).label(label).help(help);
    found.push(if needed { fault } else { fault.warning() });
}
