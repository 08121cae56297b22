//! A judge against a scripted server: shapes, repair, samples, outages, money.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use super::*;
use crate::domain::{Case, CaseId, Output, Rubric, RubricName, Score, Tokens, Usd};

/// Answers calls from a script and keeps what was asked.
struct Script {
    replies: Mutex<VecDeque<Result<Chat, CallFailure>>>,
    calls: Mutex<Vec<ChatCall>>,
}

impl Script {
    fn new(replies: Vec<Result<Chat, CallFailure>>) -> Arc<Self> {
        Arc::new(Self { replies: Mutex::new(replies.into()), calls: Mutex::default() })
    }

    fn calls(&self) -> Vec<ChatCall> {
        self.calls.lock().unwrap().clone()
    }
}

impl Chats for Script {
    fn chat<'a>(&'a self, call: &'a ChatCall) -> BoxFuture<'a, (Result<Chat, CallFailure>, Spend)> {
        self.calls.lock().unwrap().push(call.clone());
        let reply = self.replies.lock().unwrap().pop_front().expect("one call more than scripted");
        let spend = Spend { attempts: 1, tokens: Tokens { input: 10, output: 2 }, cost: Usd(7), ..Spend::default() };
        async move { (reply, spend) }.boxed()
    }
}

#[expect(clippy::unnecessary_wraps, reason = "stands in a script beside failures")]
fn says(text: &str) -> Result<Chat, CallFailure> {
    Ok(Chat { text: text.into(), finish: Some("stop".into()), latency_ms: 5, ..Chat::default() })
}

fn fails(kind: CallFailureKind, status: Option<u16>, detail: &str) -> Result<Chat, CallFailure> {
    Err(CallFailure { kind, status, detail: detail.into() })
}

fn refuses(status: u16) -> Result<Chat, CallFailure> {
    fails(CallFailureKind::Refused, Some(status), "response_format is not supported")
}

const GOOD: &str = r#"{"reason": "It matches.", "score": 4}"#;

fn spec() -> LlmJudgeSpec {
    LlmJudgeSpec { model: "m".into(), ..LlmJudgeSpec::default() }
}

fn endpoint() -> Endpoint {
    Endpoint { base_url: "http://127.0.0.1:1/v1".into(), key: None, timeout: Duration::from_secs(1) }
}

fn judge(spec: LlmJudgeSpec, script: &Arc<Script>) -> LlmJudge {
    LlmJudge::new(JudgeName::new("strict").unwrap(), spec, endpoint(), Arc::clone(script) as Arc<dyn Chats>, None)
}

fn exhibit() -> Exhibit {
    Exhibit {
        case: Arc::new(Case::new(CaseId::new("c").unwrap(), "q", "e")),
        rubric: Arc::new(Rubric {
            name: RubricName::new("r").unwrap(),
            criteria: "c".into(),
            anchors: Default::default(),
            pass_mark: Score::ALL[3],
            notes: Vec::new(),
            examples: Vec::new(),
            template: None,
        }),
        output: Arc::new(Output::text("answer")),
        trial: 0,
    }
}

async fn cast(judge: &LlmJudge, sample: u16) -> Ballot {
    judge.judge(&exhibit(), sample).await
}

fn kind(ballot: &Ballot) -> Option<JudgeFailureKind> {
    ballot.outcome.as_ref().err().map(|f| f.kind)
}

fn format(call: &ChatCall) -> Option<&str> {
    call.body["response_format"]["type"].as_str()
}

#[tokio::test]
async fn a_good_reply_is_one_call_and_one_judgment() {
    let script = Script::new(vec![says(GOOD)]);
    let judge = judge(LlmJudgeSpec { temperature: Some(0.5), parameters: [("seed".into(), json!(7))].into(), ..spec() }, &script);
    let ballot = cast(&judge, 2).await;
    assert_eq!(ballot.score().map(Score::get), Some(4));
    assert_eq!(ballot.outcome.as_ref().unwrap().confidence, None, "one sample without token probabilities knows no confidence");
    assert_eq!((ballot.sample, ballot.spend.attempts, ballot.latency_ms), (2, 1, 5));
    assert_eq!(ballot.judge_digest, judge.head().digest);
    let [call] = &script.calls()[..] else { panic!("one call") };
    assert_eq!(call.body["model"], "m");
    assert_eq!(call.body["temperature"], 0.5);
    assert_eq!(call.body["seed"], 7);
    assert_eq!(call.body["response_format"]["json_schema"]["strict"], true);
    assert_eq!(call.body.get("logprobs"), None);
}

#[tokio::test]
async fn samples_have_salts_of_their_own_and_equal_bodies() {
    let script = Script::new(vec![says(GOOD), says(GOOD)]);
    let judge = judge(spec(), &script);
    cast(&judge, 0).await;
    cast(&judge, 1).await;
    let calls = script.calls();
    assert_eq!(calls[0].body, calls[1].body);
    assert_ne!(calls[0].salt, calls[1].salt);
}

#[tokio::test]
async fn a_server_without_schemas_is_asked_more_plainly_and_that_is_learned_once() {
    let script = Script::new(vec![refuses(400), refuses(422), says("Fine.\nScore: 3"), says("Fine.\nScore: 2")]);
    let judge = judge(spec(), &script);
    let first = cast(&judge, 0).await;
    assert_eq!(first.score().map(Score::get), Some(3));
    assert_eq!((first.spend.attempts, first.spend.cost), (3, Usd(21)), "every attempt is counted");
    let second = cast(&judge, 1).await;
    assert_eq!((second.score().map(Score::get), second.spend.attempts), (Some(2), 1));
    let formats: Vec<_> = script.calls().iter().map(|c| format(c).map(str::to_owned)).collect();
    assert_eq!(formats, [Some("json_schema".into()), Some("json_object".into()), None, None]);
    let asked = script.calls()[3].body["messages"][1]["content"].as_str().unwrap().to_owned();
    assert!(asked.ends_with("Score: <1, 2, 3, 4 or 5>"));
}

#[tokio::test]
async fn what_a_plainer_shape_cannot_cure_is_not_asked_again() {
    for failure in [
        fails(CallFailureKind::Refused, Some(401), "bad key"),
        fails(CallFailureKind::Refused, Some(400), "maximum context length is 8192 tokens"),
        fails(CallFailureKind::RateLimited, Some(429), "slow down"),
        fails(CallFailureKind::Timeout, None, "no reply"),
        fails(CallFailureKind::BudgetSpent, None, "budget"),
        fails(CallFailureKind::CircuitOpen, None, "down"),
    ] {
        let expected: JudgeFailureKind = failure.as_ref().unwrap_err().kind.into();
        let script = Script::new(vec![failure]);
        let ballot = cast(&judge(spec(), &script), 0).await;
        assert_eq!(kind(&ballot), Some(expected));
        assert!(expected.is_outage());
        assert_eq!(script.calls().len(), 1);
    }
}

#[tokio::test]
async fn a_server_that_refuses_every_shape_refused_the_request_and_teaches_nothing() {
    let script = Script::new(vec![refuses(400), refuses(400), refuses(400), says(GOOD)]);
    let judge = judge(spec(), &script);
    assert_eq!(kind(&cast(&judge, 0).await), Some(JudgeFailureKind::Refused));
    cast(&judge, 1).await;
    assert_eq!(format(&script.calls()[3]), Some("json_schema"));
}

#[tokio::test]
async fn a_format_that_was_asked_for_is_kept() {
    for (wanted, asked) in
        [(ReplyFormat::JsonSchema, Some("json_schema")), (ReplyFormat::JsonObject, Some("json_object")), (ReplyFormat::Text, None)]
    {
        let script = Script::new(vec![refuses(400)]);
        let ballot = cast(&judge(LlmJudgeSpec { format: wanted, ..spec() }, &script), 0).await;
        assert_eq!(kind(&ballot), Some(JudgeFailureKind::Refused));
        assert_eq!(format(&script.calls()[0]), asked);
    }
}

#[tokio::test]
async fn a_bad_reply_is_repaired_once_and_counted() {
    for bad in ["Great!", r#"{"reason": "r", "score": 9}"#, r#"{"reason": "r"}"#, "", r#"{"reason": "The answer is wrong.", "score": 5}"#] {
        let script = Script::new(vec![says(bad), says(GOOD)]);
        let ballot = cast(&judge(spec(), &script), 0).await;
        assert_eq!(ballot.score().map(Score::get), Some(4), "{bad}");
        assert_eq!((ballot.spend.attempts, ballot.latency_ms), (2, 10));
        let [first, repair] = &script.calls()[..] else { panic!("two calls") };
        assert_ne!(first.salt, repair.salt);
        let messages = repair.body["messages"].as_array().unwrap();
        assert_eq!(messages.len(), if bad.is_empty() { 3 } else { 4 });
        if !bad.is_empty() {
            assert_eq!(messages[2], json!({"role": "assistant", "content": bad}));
        }
        assert!(messages.last().unwrap()["content"].as_str().unwrap().starts_with("Your reply could not be used: "));
    }
}

#[tokio::test]
async fn a_reply_that_stays_bad_is_the_failure_of_its_last_reply() {
    let script = Script::new(vec![says("Great!"), says(r#"{"reason": "r", "score": 9}"#)]);
    let ballot = cast(&judge(spec(), &script), 0).await;
    assert_eq!(kind(&ballot), Some(JudgeFailureKind::OffScale));
    assert_eq!(ballot.outcome.unwrap_err().raw.as_deref(), Some(r#"{"reason": "r", "score": 9}"#));
}

#[tokio::test]
async fn an_outage_during_the_repair_is_an_outage() {
    let script = Script::new(vec![says("Great!"), fails(CallFailureKind::BudgetSpent, None, "budget")]);
    let ballot = cast(&judge(spec(), &script), 0).await;
    assert_eq!(kind(&ballot), Some(JudgeFailureKind::BudgetSpent), "a resumed run asks again");
    assert_eq!(ballot.spend.attempts, 2);
}

#[tokio::test]
async fn refusals_are_final() {
    let filtered = Ok(Chat { text: GOOD.into(), finish: Some("content_filter".into()), ..Chat::default() });
    let field = Ok(Chat { refusal: Some("No.".into()), ..Chat::default() });
    for reply in [filtered, field, says("I'm sorry, but I can't assist with that.")] {
        let script = Script::new(vec![reply]);
        assert_eq!(kind(&cast(&judge(spec(), &script), 0).await), Some(JudgeFailureKind::Refusal));
    }
}

#[tokio::test]
async fn token_probabilities_give_an_expected_score_and_a_confidence() {
    let token = |t: &str, tops: &[(&str, f64)]| (t.to_owned(), tops.iter().map(|(t, p)| ((*t).to_owned(), p.ln())).collect());
    let chat = Chat {
        text: "Fine.\nScore: 4".into(),
        tokens: vec![token("Fine.\n", &[]), token("Score", &[]), token(":", &[]), token(" 4", &[(" 4", 0.75), (" 5", 0.25)])],
        ..Chat::default()
    };
    let script = Script::new(vec![Ok(chat)]);
    let judge = judge(LlmJudgeSpec { logprobs: true, format: ReplyFormat::Text, settles_alone_at: Some(0.9), ..spec() }, &script);
    let judgment = cast(&judge, 0).await.outcome.unwrap();
    assert!((judgment.expected_score() - 4.25).abs() < 1e-9);
    assert!((judgment.confidence.unwrap() - 0.75).abs() < 1e-9);
    assert_eq!((script.calls()[0].body["logprobs"].clone(), script.calls()[0].body["top_logprobs"].clone()), (json!(true), json!(20)));
    assert_eq!(judge.settles_alone_at(), Some(0.9));
}

#[tokio::test]
async fn a_broken_template_is_a_failure_that_costs_nothing() {
    let script = Script::new(vec![]);
    let judge = LlmJudge::new(JudgeName::new("j").unwrap(), spec(), endpoint(), script, Some("{{ nosuch }}".into()));
    let ballot = cast(&judge, 0).await;
    assert_eq!((kind(&ballot), ballot.spend), (Some(JudgeFailureKind::BadTemplate), Spend::default()));
}

#[test]
fn the_digest_covers_what_is_asked_and_of_whom_but_not_how_often() {
    let digest = |spec: LlmJudgeSpec| judge(spec, &Script::new(vec![])).head().digest;
    let base = digest(spec());
    assert_eq!(base, digest(LlmJudgeSpec { samples: Some(9), timeout_seconds: Some(3), settles_alone_at: Some(0.5), ..spec() }));
    let others = [
        LlmJudgeSpec { model: "n".into(), ..spec() },
        LlmJudgeSpec { temperature: Some(1.0), ..spec() },
        LlmJudgeSpec { parameters: [("seed".into(), json!(1))].into(), ..spec() },
        LlmJudgeSpec { format: ReplyFormat::Text, ..spec() },
        LlmJudgeSpec { logprobs: true, ..spec() },
    ];
    let digests: std::collections::HashSet<_> = others.into_iter().map(digest).chain([base]).collect();
    assert_eq!(digests.len(), 6);
    let elsewhere = Endpoint { base_url: "http://localhost:9/v1".into(), ..endpoint() };
    let script: Arc<dyn Chats> = Script::new(vec![]);
    let name = || JudgeName::new("j").unwrap();
    assert_ne!(base, LlmJudge::new(name(), spec(), elsewhere, Arc::clone(&script), None).head().digest);
    assert_ne!(base, LlmJudge::new(name(), spec(), endpoint(), script, Some("{{ answer }}".into())).head().digest);
}

#[test]
fn a_judge_that_knows_no_confidence_never_settles_alone() {
    let alone = |spec| judge(spec, &Script::new(vec![])).settles_alone_at();
    assert_eq!(alone(LlmJudgeSpec { settles_alone_at: Some(0.9), ..spec() }), None);
    assert_eq!(alone(LlmJudgeSpec { settles_alone_at: Some(0.9), samples: Some(2), ..spec() }), Some(0.9));
    assert_eq!(alone(LlmJudgeSpec { samples: Some(2), ..spec() }), None);
}

#[test]
fn every_repair_has_words_of_its_own() {
    let asked: Vec<&str> = REPAIRED.into_iter().filter_map(complaint).collect();
    assert_eq!(asked.len(), REPAIRED.len());
    for kind in [JudgeFailureKind::Refusal, JudgeFailureKind::BadTemplate, JudgeFailureKind::Timeout] {
        assert_eq!(complaint(kind), None);
    }
    let different: std::collections::BTreeSet<&str> = asked.iter().copied().collect();
    assert_eq!(different.len(), asked.len(), "each is told apart");
}
