//! What is wrong with one agent of `tribunal.yaml` beyond its shape.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::fault::{Fault, step};
use super::resolve::file_exists;
use crate::agent::spec::{AgentSpec, CommandAgentSpec, HttpAgentSpec};
use crate::source::did_you_mean;

/// Keys of a chat request that are ours.
const RESERVED: [&str; 4] = ["messages", "model", "n", "stream"];
/// Methods of an `http` agent.
const METHODS: [&str; 4] = ["GET", "PATCH", "POST", "PUT"];

/// Checks an agent at its pointer. `needed`: it is asked by default.
pub(super) fn check(at: &str, spec: &AgentSpec, root: &Path, needed: bool, found: &mut Vec<Fault>) {
    match spec {
        AgentSpec::OpenAi(a) => {
            if a.model.trim().is_empty() {
                found.push(Fault::new("empty", format!("{at}/model"), "the model's name is empty"));
            }
            base_url(at, a.base_url.as_deref(), found);
            variable(at, a.api_key_env.as_deref(), found);
            parameters(at, a.temperature, &a.parameters, found);
        }
        AgentSpec::Http(a) => http(at, a, found),
        AgentSpec::Command(a) => command(at, a, root, needed, found),
        AgentSpec::Replay(a) => file_exists(&format!("{at}/file"), &a.file, root, needed, found),
        AgentSpec::Retrieval(a) => {
            let also = a.also.iter().enumerate().map(|(i, p)| (format!("{at}/also/{i}"), p));
            for (place, path) in std::iter::once((format!("{at}/folder"), &a.folder)).chain(also) {
                if !root.join(path).exists() {
                    let fault = Fault::new("no-such-file", place, format!("there is no `{}`", path.display()));
                    let fault = fault.help("paths are relative to the folder of tribunal.yaml");
                    found.push(if needed { fault } else { fault.warning() });
                }
            }
        }
    }
}

fn http(at: &str, a: &HttpAgentSpec, found: &mut Vec<Fault>) {
    url(&format!("{at}/url"), &a.url, found);
    if let Some(method) = &a.method
        && !METHODS.contains(&method.as_str())
    {
        let fault = Fault::new("unknown-word", format!("{at}/method"), format!("unknown method `{method}`"));
        found.push(fault.maybe_help(did_you_mean(method, METHODS)));
    }
    let pointers = [("answer", Some(&a.answer)), ("context", a.context.as_ref()), ("trace", a.trace.as_ref()), ("usage", a.usage.as_ref())];
    for (key, pointer) in pointers {
        let Some(pointer) = pointer else { continue };
        if !pointer.is_empty() && !pointer.starts_with('/') {
            let fault = Fault::new("bad-pointer", format!("{at}/{key}"), format!("`{pointer}` is no JSON pointer"));
            found.push(fault.help(format!("did you mean `/{}`?", pointer.replace('.', "/"))));
        }
    }
    for name in a.headers.keys() {
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            found.push(Fault::new("bad-header", step(&format!("{at}/headers"), name), format!("`{name}` is no header name")).at_key());
        }
    }
    if a.method.as_deref() == Some("GET") && a.body.as_ref().is_some_and(|b| !b.is_object()) {
        let fault = Fault::new("body-of-get", format!("{at}/body"), "with GET the body becomes the query, so it must be a mapping");
        found.push(fault.help("write it as `{q: \"{{ question }}\"}`, or use `method: POST`"));
    }
}

fn command(at: &str, a: &CommandAgentSpec, root: &Path, needed: bool, found: &mut Vec<Fault>) {
    let place = format!("{at}/run/0");
    match a.run.first() {
        Some(program) if program.trim().is_empty() => found.push(Fault::new("empty", place, "the program is empty")),
        // Without a slash it is looked up in PATH when it starts, and PATH may differ there.
        Some(program) if program.contains('/') => file_exists(&place, Path::new(program), root, needed, found),
        Some(program) if program.contains(char::is_whitespace) && a.run.len() == 1 => {
            let words: Vec<&str> = program.split_whitespace().collect();
            let fault = Fault::new("one-word-program", place, format!("`{program}` is one word to the system: there is no shell"));
            found.push(fault.help(format!("write `run: [{}]`", words.join(", "))));
        }
        _ => {}
    }
    let words = a.run.iter().enumerate().map(|(i, word)| (format!("{at}/run/{i}"), word));
    let values = a.env.iter().map(|(name, value)| (step(&format!("{at}/env"), name), value));
    for (place, _) in words.chain(values).filter(|(_, text)| text.contains('\0')) {
        let fault = Fault::new("nul", place, "a NUL character cannot be handed to a program");
        found.push(fault.help("remove it; in double quotes `\\0` means NUL, in single quotes it is a backslash and a zero"));
    }
    for name in a.env.keys() {
        if name.is_empty() || name.contains(['=', '\0']) {
            found.push(Fault::new("bad-name", step(&format!("{at}/env"), name), format!("`{name}` is no variable name")).at_key());
        }
    }
}

/// Checks a server's address.
pub(super) fn base_url(at: &str, value: Option<&str>, found: &mut Vec<Fault>) {
    if let Some(value) = value {
        url(&format!("{at}/base_url"), value, found);
    }
}

fn url(at: &str, value: &str, found: &mut Vec<Fault>) {
    let known = ["http://", "https://", "${"].iter().any(|start| value.starts_with(start));
    if !known {
        let fault = Fault::new("bad-url", at, format!("`{value}` is no http address"));
        found.push(fault.help("start it with `http://` or `https://`"));
    }
}

/// Checks the name of an environment variable.
pub(super) fn variable(at: &str, name: Option<&str>, found: &mut Vec<Fault>) {
    let Some(name) = name else { return };
    let bare = name.strip_prefix("${").and_then(|n| n.strip_suffix('}')).or_else(|| name.strip_prefix('$'));
    if let Some(bare) = bare {
        let fault = Fault::new("bad-variable", format!("{at}/api_key_env"), "this is a reference, a name is wanted");
        found.push(fault.help(format!("write `api_key_env: {bare}`")));
    } else if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    {
        // The value is not repeated: it may be the key itself.
        let fault = Fault::new("bad-variable", format!("{at}/api_key_env"), "this is no name of an environment variable");
        found.push(fault.help("put the key into an environment variable and write its name here, e.g. `api_key_env: OPENAI_API_KEY`"));
    }
}

/// Checks what is passed through to a server.
pub(super) fn parameters(at: &str, temperature: Option<f64>, parameters: &BTreeMap<String, Value>, found: &mut Vec<Fault>) {
    for key in parameters.keys().filter(|k| RESERVED.contains(&k.as_str())) {
        let fault =
            Fault::new("reserved-parameter", step(&format!("{at}/parameters"), key), format!("`{key}` is set by tribunal")).at_key();
        found.push(fault.help(if key == "n" { "use `samples:` of a judge or `trials:` of a case" } else { "remove it" }));
    }
    if temperature.is_some() && parameters.contains_key("temperature") {
        let fault = Fault::new("set-twice", format!("{at}/temperature"), "`temperature` is also in `parameters`");
        found.push(fault.help("keep one of the two"));
    }
    if temperature.is_some_and(|t| !(0.0..=2.0).contains(&t)) {
        found.push(Fault::new("out-of-range", format!("{at}/temperature"), "a temperature is from 0 to 2"));
    }
}
