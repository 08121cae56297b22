//! What `agents:` in `tribunal.yaml` may say, kind by kind. The types are the schema.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One agent of `tribunal.yaml`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum AgentSpec {
    /// A chat model behind an OpenAI-compatible server.
    OpenAi(OpenAiAgentSpec),
    /// Any HTTP endpoint that takes JSON and returns JSON.
    Http(HttpAgentSpec),
    /// A program on this machine.
    Command(CommandAgentSpec),
    /// Recorded answers.
    Replay(ReplayAgentSpec),
    /// The best passage of a folder of text, by BM25.
    Retrieval(RetrievalAgentSpec),
}

/// A chat model behind an OpenAI-compatible server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenAiAgentSpec {
    /// Model name, as the server knows it.
    pub model: String,
    /// Server, e.g. `http://localhost:8000/v1`. Default: `https://api.openai.com/v1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Environment variable that holds the key. Default: `OPENAI_API_KEY`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_env: Option<String>,
    /// System prompt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Show the case's `context` to the agent. Default: false.
    #[serde(default)]
    pub give_context: bool,
    /// Passed through to the server as they are: `temperature`, `top_p`, `max_tokens`, `seed`, `reasoning_effort`, ...
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Value>,
    /// Shorthand for `parameters: {temperature: ...}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// Names the release under test, so that runs of different releases are never mixed. Any text; it reaches nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Seconds until one attempt is given up. Default: 120.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3600))]
    pub timeout_seconds: Option<u32>,
}

/// Any HTTP endpoint that takes JSON and returns JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HttpAgentSpec {
    /// Where to send the question; may hold `${ENV}`.
    pub url: String,
    /// `GET`, `POST`, `PUT` or `PATCH`. Default: `POST`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Headers; values may hold `${ENV}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// JSON body. Texts in it are minijinja templates over `question`, `context`, `turns`, `id`, `tags` and `trial`.
    /// A text that is nothing but one `{{ expression }}` keeps its type (`"{{ turns }}"` is a list). With `GET` the top level
    /// becomes the query. Default: `{question: "{{ question }}"}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// JSON pointer to the answer, e.g. `/reply`. An empty pointer takes the whole reply as text.
    pub answer: String,
    /// JSON pointer to the passages that the agent used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// JSON pointer to tool calls or other steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
    /// JSON pointer to an object with `prompt_tokens` and `completion_tokens` (or `input_tokens` and `output_tokens`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub usage: Option<String>,
    /// Model name to price `usage` by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Names the release under test, so that runs of different releases are never mixed. Any text; it reaches nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Seconds until one attempt is given up. Default: 60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3600))]
    pub timeout_seconds: Option<u32>,
}

/// How a command is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CommandMode {
    /// One process a question: the question on stdin, the answer on stdout. The environment holds `TRIBUNAL_CASE` (the case
    /// id), `TRIBUNAL_TRIAL` (from 0), and where the case has them `TRIBUNAL_TURNS` (JSON) and `TRIBUNAL_CONTEXT` (up to
    /// 100 KiB).
    #[default]
    PerCall,
    /// Processes stay alive: one JSON object a line in (`{"id", "question", "context", "turns", "trial"}`), one a line
    /// out (`{"id": "...", "answer": "...", "context": "...", "trace": ...}` or `{"error": "..."}`). Echo the `id`: it shows
    /// that question and answer belong together.
    Lines,
}

/// A program on this machine.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CommandAgentSpec {
    /// Program and arguments; no shell. A relative program with a slash is relative to the project.
    #[schemars(length(min = 1))]
    pub run: Vec<String>,
    /// One process a question, or kept alive. Default: `per_call`.
    #[serde(default)]
    pub mode: CommandMode,
    /// Environment variables to set; values may hold `${ENV}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// Processes kept alive at most in `lines` mode. Default: 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 256))]
    pub processes: Option<u16>,
    /// Names the release under test, so that runs of different releases are never mixed. Any text; it reaches nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Seconds until a process is killed with its group. Default: 60.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 3600))]
    pub timeout_seconds: Option<u32>,
    /// The longest answer, in KiB. Default: 1024.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65536))]
    pub max_output_kib: Option<u32>,
}

/// Recorded answers: JSONL (`{"id", "answer", "trial"?, "context"?, "latency_ms"?, "model"?}`) or CSV with those columns.
/// `trial` counts from 0; a repeated id without it takes the next free one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayAgentSpec {
    /// The file, relative to the project.
    pub file: PathBuf,
}

/// The best passage of a folder of Markdown or text, by BM25. Deterministic; needs no model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetrievalAgentSpec {
    /// A folder or a file, relative to the project.
    pub folder: PathBuf,
    /// More folders or files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<PathBuf>,
    /// Sentences of the best passage to return; absent for the whole passage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 50))]
    pub sentences: Option<u16>,
}
