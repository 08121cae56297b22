//! Recorded answers: a file is refused with its places, or every answer comes back as it was recorded. An input that begins
//! with `{` or white space is JSONL, any other is CSV.
#![no_main]

use std::path::PathBuf;
use std::sync::{Arc, LazyLock};

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tempfile::TempDir;
use tribunal::agent::replay::ReplayAgent;
use tribunal::agent::spec::ReplayAgentSpec;
use tribunal::agent::{Agent, Ask};
use tribunal::domain::{AgentFailureKind, AgentName, Case, CaseId};
use tribunal_fuzz::{folder, ready, write};

static DIR: LazyLock<TempDir> = LazyLock::new(folder);

fuzz_target!(|data: &[u8]| {
    let jsonl = matches!(data.first(), Some(b'{' | b' ' | b'\n' | b'\xEF'));
    let file = if jsonl { "answers.jsonl" } else { "answers.csv" };
    write(&DIR, file, data);
    let spec = ReplayAgentSpec { file: PathBuf::from(file) };
    let agent = match ReplayAgent::new(AgentName::new("replay").expect("a name"), &spec, DIR.path()) {
        Ok(agent) => agent,
        Err(e) => {
            let said = e.to_string();
            assert!(!said.is_empty() && !said.contains('\n'), "{said:?}");
            return;
        }
    };
    let ask = |id: &CaseId, trial: u16| {
        let case = Arc::new(Case::new(id.clone(), "q", "e"));
        ready(agent.answer(&Ask { case, trial })).result
    };
    if !jsonl {
        // Every field that could be an id: found or not, but never "the file has changed".
        let text = String::from_utf8_lossy(data);
        let ids = text.split([',', '\n', '\r', '"']).filter_map(|id| CaseId::new(id.trim()).ok());
        for id in ids.take(50) {
            if let Err(f) = ask(&id, 0) {
                assert_eq!(f.kind, AgentFailureKind::NotRecorded, "{f:?}");
            }
        }
        return;
    }
    let data = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(data);
    // The values of unknown keys are skipped unread, and may hold what a reader of all values refuses.
    let lines: Result<Vec<Value>, _> =
        data.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty()).map(serde_json::from_slice).collect();
    let Ok(lines) = lines else { return };
    assert_eq!(lines.len(), agent.len(), "an answer was lost");
    for line in &lines {
        let Some(id) = line.get("id").and_then(Value::as_str).and_then(|id| CaseId::new(id).ok()) else { continue };
        let given = line.get("trial").and_then(Value::as_u64);
        let trial = u16::try_from(given.unwrap_or(0)).expect("in range");
        match ask(&id, trial) {
            Ok(output) if given.is_some() => assert_eq!(Some(output.text.as_str()), line.get("answer").and_then(Value::as_str)),
            Ok(_) => {}
            Err(f) => panic!("{f:?} of {line}"),
        }
    }
});
