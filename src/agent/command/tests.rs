//! Real processes, written in sh.
#![cfg(unix)]

use std::sync::Arc;

use futures::future::join_all;

use super::*;
use crate::domain::{AgentFailureKind, Case, CaseId, Speaker, Turn};

struct Bench {
    dir: tempfile::TempDir,
    spec: CommandAgentSpec,
}

/// A script run by `/bin/sh` in an empty folder.
fn bench(script: &str) -> Bench {
    let run = ["/bin/sh", "-c", script].map(str::to_owned).to_vec();
    Bench { dir: tempfile::tempdir().unwrap(), spec: CommandAgentSpec { run, ..CommandAgentSpec::default() } }
}

fn lines(script: &str) -> Bench {
    let mut b = bench(script);
    b.spec.mode = CommandMode::Lines;
    b
}

impl Bench {
    fn agent(&self) -> CommandAgent {
        let env = |name: &str| (name == "KEY").then(|| "s3cret-value".to_owned());
        CommandAgent::new(AgentName::new("c").unwrap(), &self.spec, self.dir.path(), &env).unwrap()
    }

    async fn ask(&self, question: &str) -> Answered {
        self.agent().answer(&asking("case-1", question)).await
    }

    async fn failure(&self, question: &str) -> AgentFailure {
        self.ask(question).await.result.unwrap_err()
    }

    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.dir.path().join(name)).unwrap_or_default()
    }
}

fn asking(id: &str, question: &str) -> Ask {
    Ask { case: Arc::new(Case::new(CaseId::new(id).unwrap(), question, "e")), trial: 2 }
}

/// Waits until a process is gone (or nobody's zombie).
async fn gone(pid: &str) {
    let raw = rustix::process::Pid::from_raw(pid.trim().parse().unwrap()).unwrap();
    for _ in 0..6000 {
        let zombie = std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())).is_ok_and(|s| s.contains(") Z "));
        if zombie || rustix::process::test_kill_process(raw).is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("process {pid} is still there");
}

#[tokio::test]
async fn the_question_goes_in_and_the_answer_comes_out() {
    let answered = bench("printf 'you said: '; cat; echo; echo noise >&2").ask("grüße\nzwei").await;
    assert_eq!(answered.result.unwrap().text, "you said: grüße\nzwei");
    assert_eq!(answered.spend.attempts, 1);
}

#[tokio::test]
async fn a_process_knows_its_case_trial_turns_and_context() {
    let mut ask = asking("case-1", "q");
    let case = Arc::make_mut(&mut ask.case);
    case.turns = vec![Turn { role: Speaker::User, text: "hi".into() }];
    case.context = Some("policy".into());
    let b = bench("echo \"$TRIBUNAL_CASE $TRIBUNAL_TRIAL $TRIBUNAL_TURNS $TRIBUNAL_CONTEXT\"");
    let text = b.agent().answer(&ask).await.result.unwrap().text;
    assert_eq!(text, r#"case-1 2 [{"role":"user","text":"hi"}] policy"#);
}

#[tokio::test]
async fn it_runs_in_the_folder_of_the_project_with_its_variables() {
    let mut b = bench("");
    b.spec.env.insert("TOKEN".into(), "<${KEY}>".into());
    // A link rather than a script: writing and starting one file at once can clash with another test's fork.
    std::os::unix::fs::symlink("/bin/sh", b.dir.path().join("agent")).unwrap();
    std::fs::write(b.dir.path().join("here"), "found").unwrap();
    b.spec.run = ["./agent", "-c", "cat here; test \"$TOKEN\" = '<s3cret-value>' && echo \" $TOKEN\""].map(str::to_owned).to_vec();
    assert_eq!(b.ask("q").await.result.unwrap().text, "found <${KEY}>");
}

#[tokio::test]
async fn an_exit_code_is_a_crash_with_the_end_of_stderr() {
    let mut b =
        bench("i=0; while [ $i -lt 500 ]; do echo \"line $i of many\" >&2; i=$((i+1)); done; echo \"key $TOKEN\" >&2; echo half; exit 3");
    b.spec.env.insert("TOKEN".into(), "${KEY}".into());
    let f = b.failure("q").await;
    assert_eq!(f.kind, AgentFailureKind::Crashed);
    assert!(f.detail.starts_with("the program ended with exit code 3; stderr: "), "{f}");
    assert!(f.detail.ends_with("line 499 of many\nkey ${KEY}"), "{f}");
    assert!(f.detail.len() < 2200 && !f.detail.contains("line 10 "));
}

#[tokio::test]
async fn a_secret_that_the_program_repeats_reaches_no_part_of_the_output() {
    let mut b = lines(
        r#"read -r l; printf '{"answer":"my key is %s","context":"%s","trace":{"sent":["%s"]},"model":"m-%s"}\n' "$TOKEN" "$TOKEN" "$TOKEN" "$TOKEN""#,
    );
    b.spec.env.insert("TOKEN".into(), "${KEY}".into());
    let output = b.ask("q").await.result.unwrap();
    assert_eq!((output.text.as_str(), output.context.as_deref()), ("my key is ${KEY}", Some("${KEY}")));
    assert_eq!((output.trace.as_deref(), output.model.as_deref()), (Some(r#"{"sent":["${KEY}"]}"#), Some("m-${KEY}")));
    b.spec.run[2] = "read -r l; echo \"0123456789012345678901234567890123456789012345678901234567890123456789012 $TOKEN\"; sleep 9".into();
    let f = b.failure("q").await;
    assert!(!f.detail.contains("s3cret"), "{f}");
}

#[tokio::test]
async fn a_signal_is_a_crash() {
    let f = bench("kill -9 $$").failure("q").await;
    assert_eq!((f.kind, f.detail.as_str()), (AgentFailureKind::Crashed, "the program ended with signal 9"));
}

#[tokio::test]
async fn a_program_that_is_not_there_is_not_started() {
    let mut b = bench("");
    b.spec.run = vec!["./no-such-program".into()];
    assert_eq!(b.failure("q").await.kind, AgentFailureKind::NotStarted);
}

#[tokio::test]
async fn no_words_are_an_answer_too() {
    assert_eq!(bench("exit 0").ask("q").await.result.unwrap().text, "");
}

#[tokio::test]
async fn a_program_that_does_not_read_its_question_may_still_answer() {
    let question = "x".repeat(1 << 20);
    assert_eq!(bench("exec <&-; echo fine").ask(&question).await.result.unwrap().text, "fine");
    assert_eq!(bench("echo fine").ask(&question).await.result.unwrap().text, "fine");
}

#[tokio::test]
async fn bytes_that_are_no_text_are_a_bad_reply() {
    assert_eq!(bench("printf 'a\\377b'").failure("q").await.kind, AgentFailureKind::BadReply);
}

#[tokio::test]
async fn an_endless_answer_is_cut_off_and_killed() {
    let mut b = bench("echo $$ > pid; while :; do echo xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx; done");
    b.spec.max_output_kib = Some(4);
    let f = b.failure("q").await;
    assert_eq!((f.kind, f.detail.as_str()), (AgentFailureKind::BadReply, "the answer is longer than 4 KiB"));
    gone(&b.file("pid")).await;
}

#[tokio::test]
async fn a_timeout_kills_the_whole_group() {
    let mut b = bench("sleep 1000 & echo $! > pid.new; mv pid.new pid; echo waiting >&2; wait");
    b.spec.timeout_seconds = Some(1);
    let f = loop {
        let f = b.failure("q").await;
        // On a busy machine the second may be over before the script has begun: then there was nothing to see.
        if !b.file("pid").is_empty() {
            break f;
        }
    };
    assert_eq!(f.kind, AgentFailureKind::Timeout);
    assert!(f.detail.starts_with("no answer after 1 s"), "{f}");
    gone(&b.file("pid")).await;
}

#[tokio::test]
async fn a_dropped_call_kills_the_whole_group() {
    for b in [bench("sleep 1000 & echo $! > pid.new; mv pid.new pid; wait"), lines("sleep 1000 & echo $! > pid.new; mv pid.new pid; wait")]
    {
        let (agent, ask) = (b.agent(), asking("a", "q"));
        let started = async {
            while b.file("pid").is_empty() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::select! {
            answered = agent.answer(&ask) => panic!("{answered:?}"),
            () = started => {}
        }
        gone(&b.file("pid")).await;
    }
}

#[tokio::test]
async fn a_grandchild_that_holds_the_pipe_does_not_hold_us() {
    let b = bench("sleep 1000 & echo $! > pid; echo answer");
    assert_eq!(b.ask("q").await.result.unwrap().text, "answer");
    gone(&b.file("pid")).await;
}

#[tokio::test]
async fn fifty_questions_at_once_get_their_own_answers() {
    let b = bench("cat");
    let agent = b.agent();
    let asks: Vec<Ask> = (0..50).map(|i| asking("a", &format!("question {i}"))).collect();
    let answers = join_all(asks.iter().map(|a| agent.answer(a))).await;
    for (ask, answered) in asks.iter().zip(answers) {
        assert_eq!(answered.result.unwrap().text, ask.case.question);
    }
}

/// Replies with the question's id and the number of questions that this process has had.
const ECHO: &str = r#"echo started >> starts; n=0
while read -r line; do
  n=$((n+1)); id=${line#*\"id\":\"}; id=${id%%\"*}
  echo "{\"id\":\"$id\",\"answer\":\"$id $n\",\"context\":\"c\",\"trace\":[1]}"
done"#;

#[tokio::test]
async fn a_process_is_kept_for_the_next_question() {
    let b = lines(ECHO);
    let agent = b.agent();
    for n in 1..=3 {
        let answered = agent.answer(&asking(&format!("case-{n}"), "q \"quoted\"\nline")).await;
        let output = answered.result.unwrap();
        assert_eq!(output.text, format!("case-{n} {n}"));
        assert_eq!((output.context.as_deref(), output.trace.as_deref(), answered.spend.attempts), (Some("c"), Some("[1]"), 1));
    }
    assert_eq!(b.file("starts"), "started\n");
}

#[tokio::test]
async fn a_pool_starts_no_more_processes_than_allowed() {
    let mut b = lines(ECHO);
    b.spec.processes = Some(3);
    let agent = b.agent();
    let asks: Vec<Ask> = (0..50).map(|i| asking(&format!("case-{i}"), "q")).collect();
    for (ask, answered) in asks.iter().zip(join_all(asks.iter().map(|a| agent.answer(a))).await) {
        assert!(answered.result.unwrap().text.starts_with(&format!("{} ", ask.case.id)));
    }
    assert!(b.file("starts").lines().count() <= 3);
}

#[tokio::test]
async fn a_crashed_process_is_replaced_and_the_question_asked_again() {
    // The first process ends at its second question.
    let b = lines(
        "if [ -e first ]; then n=1; else n=0; touch first; fi\nwhile read -r line; do if [ $n = 0 ]; then echo '{\"answer\":\"one\"}'; read -r line; echo oops >&2; exit 7; fi; echo '{\"answer\":\"two\"}'; done",
    );
    let agent = b.agent();
    let first = agent.answer(&asking("a", "q")).await;
    assert_eq!((first.result.unwrap().text.as_str(), first.spend.attempts), ("one", 1));
    let second = agent.answer(&asking("b", "q")).await;
    assert_eq!((second.result.unwrap().text.as_str(), second.spend.attempts), ("two", 2));
}

#[tokio::test]
async fn a_process_that_always_crashes_is_asked_twice() {
    let answered = lines("read -r line; echo oops >&2; exit 7").ask("q").await;
    let f = answered.result.unwrap_err();
    assert_eq!((f.kind, answered.spend.attempts), (AgentFailureKind::Crashed, 2));
    assert_eq!(f.detail, "the program ended with exit code 7 instead of an answer; stderr: oops");
}

#[tokio::test]
async fn a_hung_process_times_out_twice_and_is_killed() {
    let mut b = lines("echo $$ >> pids; exec sleep 1000");
    b.spec.timeout_seconds = Some(1);
    let answered = b.ask("q").await;
    assert_eq!((answered.result.unwrap_err().kind, answered.spend.attempts), (AgentFailureKind::Timeout, 2));
    for pid in b.file("pids").lines() {
        gone(pid).await;
    }
}

#[tokio::test]
async fn a_process_out_of_step_is_killed() {
    let b = lines("echo $$ > pid; while read -r line; do echo '{\"id\":\"another\",\"answer\":\"x\"}'; done");
    let f = b.failure("q").await;
    assert_eq!(f.kind, AgentFailureKind::BadReply);
    assert!(f.detail.contains("out of step"), "{f}");
    gone(&b.file("pid")).await;
}

#[tokio::test]
async fn a_line_too_many_is_never_the_next_answer() {
    let b = lines("while read -r line; do printf '{\"answer\":\"right\"}\\n{\"answer\":\"stale\"}\\n'; done");
    let agent = b.agent();
    for _ in 0..3 {
        assert_eq!(agent.answer(&asking("a", "q")).await.result.unwrap().text, "right");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_a_bad_reply() {
    for reply in ["Loading model...", "[]", "{}", "{\"answer\":5}", "{\"answer\":\"x\",\"error\":\"y\"}"] {
        let b = lines(&format!("read -r line; echo '{reply}'; read -r line"));
        assert_eq!(b.failure("q").await.kind, AgentFailureKind::BadReply, "{reply}");
    }
}

#[tokio::test]
async fn a_reported_error_keeps_the_process() {
    let mut b = lines("echo started >> starts; while read -r line; do echo \"{\\\"error\\\":\\\"no model for $TOKEN\\\"}\"; done");
    b.spec.env.insert("TOKEN".into(), "${KEY}".into());
    let agent = b.agent();
    for _ in 0..2 {
        let f = agent.answer(&asking("a", "q")).await.result.unwrap_err();
        assert_eq!((f.kind, f.detail.as_str()), (AgentFailureKind::Crashed, "the program reports: no model for ${KEY}"));
    }
    assert_eq!(b.file("starts"), "started\n");
}

#[tokio::test]
async fn a_chatty_process_is_never_blocked_by_its_own_stderr() {
    let b = lines("while read -r line; do head -c 300000 /dev/zero >&2; echo '{\"answer\":\"x\"}'; done");
    let agent = b.agent();
    for _ in 0..3 {
        assert_eq!(agent.answer(&asking("a", "q")).await.result.unwrap().text, "x");
    }
}

#[tokio::test]
async fn the_end_of_the_agent_is_the_end_of_its_processes() {
    let b = lines("echo $$ > pid; while read -r line; do echo '{\"answer\":\"x\"}'; done");
    b.ask("q").await.result.unwrap();
    gone(&b.file("pid")).await;
}

#[test]
fn an_unset_variable_is_a_usage_error_that_names_it() {
    let mut b = bench("");
    b.spec.env.insert("TOKEN".into(), "${NOPE}".into());
    let e = CommandAgent::new(AgentName::new("c").unwrap(), &b.spec, b.dir.path(), &|_| None).err().unwrap();
    assert!(e.to_string().contains("NOPE"));
}

#[test]
fn the_digest_follows_the_configuration_and_not_the_secret() {
    let mut b = bench("x");
    b.spec.env.insert("TOKEN".into(), "${KEY}".into());
    let with = |value: &'static str| {
        CommandAgent::new(AgentName::new("c").unwrap(), &b.spec, b.dir.path(), &move |_| Some(value.into())).unwrap().head().digest
    };
    assert_eq!(with("one"), with("two"));
    assert_ne!(with("one"), bench("x").agent().head().digest);
}
