//! How the program is started: its path, arguments, environment and limits; and what may be said of its stderr.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::group::Group;
use crate::agent::Ask;
use crate::agent::spec::CommandAgentSpec;
use crate::domain::{AgentFailure, AgentFailureKind, AgentName, Output};
use crate::error::AppError;

/// How much of stderr is kept, in bytes: the end of it, where the reason stands.
const STDERR_KEPT: usize = 2048;
/// Systems refuse an environment variable of more than 128 KiB.
const MAX_VARIABLE: usize = 100 * 1024;

/// Everything that every process of an agent has in common. Holds secrets: no `Debug`.
pub(super) struct Setup {
    program: PathBuf,
    args: Vec<OsString>,
    env: Vec<(String, String)>,
    /// Texts that came from `${NAME}`, with that name, the longest first: never repeated in an answer or a failure.
    hidden: Vec<(String, String)>,
    folder: PathBuf,
    pub timeout: Duration,
    pub cap: usize,
}

impl Setup {
    /// Resolves the program and the environment.
    pub fn new(name: &AgentName, spec: &CommandAgentSpec, root: &Path, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, AppError> {
        let Some((program, args)) = spec.run.split_first().filter(|(p, _)| !p.is_empty()) else {
            return Err(AppError::usage(format!("agent `{name}`: `run` is empty")).with_help("write `run: [program, argument, ...]`"));
        };
        let mut hidden = Vec::new();
        let mut set = Vec::new();
        for (key, value) in &spec.env {
            let value = expand(value, env, &mut hidden).map_err(|e| {
                let message = match e {
                    Some(missing) => format!("agent `{name}`: `env.{key}` needs the environment variable {missing}, which is not set"),
                    None => format!("agent `{name}`: `env.{key}` has a `${{` without its `}}`"),
                };
                AppError::usage(message).with_help("export it, or write the value itself if it is no secret")
            })?;
            set.push((key.clone(), value));
        }
        hidden.sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
        let program = if program.contains('/') { root.join(program) } else { PathBuf::from(program) };
        Ok(Self {
            program,
            args: args.iter().map(OsString::from).collect(),
            env: set,
            hidden,
            folder: root.to_owned(),
            timeout: Duration::from_secs(spec.timeout_seconds.unwrap_or(60).into()),
            cap: spec.max_output_kib.unwrap_or(1024) as usize * 1024,
        })
    }

    /// Starts a process; for one question, with that question's variables.
    pub fn start(&self, ask: Option<&Ask>) -> Result<Group, AgentFailure> {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(&self.folder);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        if let Some(ask) = ask {
            command.env("TRIBUNAL_CASE", ask.case.id.as_str()).env("TRIBUNAL_TRIAL", ask.trial.to_string());
            let turns = if ask.case.turns.is_empty() { None } else { serde_json::to_string(&ask.case.turns).ok() };
            if turns.as_ref().is_some_and(|t| t.len() > MAX_VARIABLE) {
                let why = "the case's turns do not fit into an environment variable: use `mode: lines`";
                return Err(AgentFailure::new(AgentFailureKind::NotStarted, why));
            }
            let context = ask.case.context.as_deref().filter(|c| c.len() <= MAX_VARIABLE && !c.contains('\0'));
            // Removed where absent, so that one of our own environment is not taken for the case's.
            for (key, value) in [("TRIBUNAL_TURNS", turns.as_deref()), ("TRIBUNAL_CONTEXT", context)] {
                match value {
                    Some(value) => command.env(key, value),
                    None => command.env_remove(key),
                };
            }
        }
        command.envs(self.env.iter().map(|(k, v)| (k, v)));
        Group::spawn(&mut command).map_err(|e| {
            let detail = format!("{} could not be started: {e}", self.program.display());
            AgentFailure::new(AgentFailureKind::NotStarted, detail)
        })
    }

    /// A detail with the end of stderr, without the secrets that we passed on.
    pub fn with_stderr(&self, what: &str, stderr: &Tail) -> String {
        let said = String::from_utf8_lossy(&stderr.kept);
        // A line that was cut may begin in the middle of a secret, which would not be recognised.
        let whole = if stderr.cut && !self.hidden.is_empty() { said.split_once('\n').map_or("", |(_, rest)| rest) } else { &said };
        let said = whole.trim();
        self.hide(&if said.is_empty() { what.to_owned() } else { format!("{what}; stderr: {said}") })
    }

    /// An output without the secrets that we passed on, wherever the program repeated them.
    pub fn hide_in(&self, output: Output) -> Output {
        if self.hidden.is_empty() {
            return output;
        }
        let maybe = |text: Option<String>| text.map(|t| self.hide(&t));
        let Output { text, context, trace, finish, latency_ms, model } = output;
        Output { text: self.hide(&text), context: maybe(context), trace: maybe(trace), finish, latency_ms, model: maybe(model) }
    }

    /// A text with every value that came from `${NAME}` replaced by that name.
    pub fn hide(&self, text: &str) -> String {
        self.hidden.iter().fold(text.to_owned(), |t, (value, name)| t.replace(value.as_str(), &format!("${{{name}}}")))
    }
}

/// The last bytes of a stream.
#[derive(Debug, Default)]
pub(super) struct Tail {
    kept: Vec<u8>,
    /// Whether something fell out.
    cut: bool,
}

impl Tail {
    /// Adds bytes; the oldest fall out.
    pub fn push(&mut self, bytes: &[u8]) {
        self.kept.extend_from_slice(bytes);
        if self.kept.len() > STDERR_KEPT {
            self.kept.drain(..self.kept.len() - STDERR_KEPT);
            self.cut = true;
        }
    }
}

/// Notes a value, also as JSON would write it: a trace is kept as JSON. Replacing every `1` would hide nothing and spoil everything.
fn remember(value: &str, name: &str, hidden: &mut Vec<(String, String)>) {
    if value.len() < 4 {
        return;
    }
    let written = serde_json::Value::from(value).to_string();
    let written = written.strip_prefix('"').and_then(|w| w.strip_suffix('"')).unwrap_or(&written);
    if written != value {
        hidden.push((written.to_owned(), name.to_owned()));
    }
    hidden.push((value.to_owned(), name.to_owned()));
}

/// Replaces each `${NAME}`. The error is the name that is not set, or `None` for a brace that does not close.
fn expand(text: &str, env: &dyn Fn(&str) -> Option<String>, hidden: &mut Vec<(String, String)>) -> Result<String, Option<String>> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}').ok_or(None)?;
        let value = env(name).ok_or_else(|| Some(name.to_owned()))?;
        out.push_str(before);
        out.push_str(&value);
        remember(value.trim(), name, hidden);
        rest = after;
    }
    Ok(out + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_expanded_and_remembered() {
        let mut hidden = Vec::new();
        let env = |n: &str| (n == "KEY").then(|| "s3cret".to_owned());
        assert_eq!(expand("a ${KEY} $x", &env, &mut hidden), Ok("a s3cret $x".to_owned()));
        assert_eq!(expand("${NO}", &env, &mut hidden), Err(Some("NO".to_owned())));
        assert_eq!(expand("${KEY", &env, &mut hidden), Err(None));
        assert_eq!(hidden, [("s3cret".to_owned(), "KEY".to_owned())]);
    }

    #[test]
    fn a_secret_is_found_as_json_writes_it_and_the_longer_of_two_first() {
        let spec = CommandAgentSpec {
            run: vec!["x".into()],
            env: [("A".into(), "${SHORT}".into()), ("B".into(), "${LONG}".into())].into(),
            ..CommandAgentSpec::default()
        };
        let env = |n: &str| Some(if n == "LONG" { "pass\"word\n".to_owned() } else { "pass".to_owned() });
        let setup = Setup::new(&AgentName::new("c").unwrap(), &spec, Path::new("/"), &env).unwrap();
        let output = Output { text: "pass\"word, pass".into(), trace: Some(r#"["pass\"word"]"#.into()), ..Output::default() };
        let hidden = setup.hide_in(output);
        assert_eq!((hidden.text.as_str(), hidden.trace.as_deref()), ("${LONG}, ${SHORT}", Some(r#"["${LONG}"]"#)));
    }

    #[test]
    fn a_secret_cut_in_half_is_not_repeated() {
        let spec = CommandAgentSpec { run: vec!["x".into()], env: [("K".into(), "${KEY}".into())].into(), ..CommandAgentSpec::default() };
        let setup = Setup::new(&AgentName::new("c").unwrap(), &spec, Path::new("/"), &|_| Some("abcdefghij".into())).unwrap();
        let mut tail = Tail::default();
        tail.push(format!("abcdefghij{}\nabcdefghij is wrong\n", "-".repeat(STDERR_KEPT - 26)).as_bytes());
        assert_eq!(setup.with_stderr("it failed", &tail), "it failed; stderr: ${KEY} is wrong");
        assert_eq!(setup.with_stderr("it failed", &Tail::default()), "it failed");
    }
}
