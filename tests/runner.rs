//! The runner's promises, with scripted agents and judges on a real store.

use std::collections::HashSet;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures::future::BoxFuture;
use tribunal::agent::{Agent, Answered, Ask};
use tribunal::domain::panel::PanelPolicy;
use tribunal::domain::run::{AgentHead, JudgeHead};
use tribunal::domain::*;
use tribunal::judge::{Exhibit, Judge};
use tribunal::runner::feed::{Feed, Rows, Stored};
use tribunal::runner::{Concurrency, Ending, Job, Listener, Plan, PlannedSet, RunEvent, Stop, execute};
use tribunal::store::Store;
use tribunal::store::sqlite::SqliteStore;

type Script<T> = Arc<dyn Fn(&str, u16) -> T + Send + Sync>;

struct Scripted {
    calls: Arc<Mutex<Vec<String>>>,
    in_flight: AtomicUsize,
    most: Arc<AtomicUsize>,
    script: Script<Result<Output, AgentFailure>>,
}

impl Agent for Scripted {
    fn head(&self) -> AgentHead {
        AgentHead { name: AgentName::new("a").unwrap(), kind: "replay".into(), model: None, digest: Digest::of_bytes(b"a") }
    }

    fn answer<'a>(&'a self, ask: &'a Ask) -> BoxFuture<'a, Answered> {
        Box::pin(async move {
            let now = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            tokio::task::yield_now().await;
            self.in_flight.fetch_sub(1, Ordering::SeqCst);
            self.calls.lock().unwrap().push(ask.case.id.to_string());
            Answered::free((self.script)(ask.case.id.as_str(), ask.trial))
        })
    }
}

struct Grader {
    name: &'static str,
    samples: u16,
    alone_at: Option<f64>,
    calls: Arc<AtomicUsize>,
    script: Script<Result<Judgment, JudgeFailure>>,
}

impl Judge for Grader {
    fn head(&self) -> JudgeHead {
        let name = JudgeName::new(self.name).unwrap();
        JudgeHead {
            name,
            kind: "replay".into(),
            model: None,
            samples: self.samples,
            digest: Digest::of_bytes(b"j"),
            settles_alone_at: None,
        }
    }

    fn settles_alone_at(&self) -> Option<f64> {
        self.alone_at
    }

    fn judge<'a>(&'a self, exhibit: &'a Exhibit, sample: u16) -> BoxFuture<'a, Ballot> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let outcome = (self.script)(exhibit.case.id.as_str(), sample);
        let head = self.head();
        Box::pin(
            async move { Ballot { judge: head.name, judge_digest: head.digest, sample, outcome, spend: Spend::default(), latency_ms: 0 } },
        )
    }
}

/// A world in which runs can be repeated over one store.
struct World {
    _dir: tempfile::TempDir,
    store: Arc<dyn Store>,
    asked: Arc<Mutex<Vec<String>>>,
    judged: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    cases: usize,
    cascade: bool,
}

fn score(n: u8) -> Judgment {
    Judgment::new(Score::try_from(n).unwrap(), "because")
}

fn rubric() -> Rubric {
    Rubric {
        name: RubricName::new("r").unwrap(),
        criteria: String::new(),
        anchors: std::array::from_fn(|_| String::new()),
        pass_mark: Score::try_from(4).unwrap(),
        notes: vec![],
        examples: vec![],
        template: None,
    }
}

impl World {
    fn new(cases: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(&dir.path().join("t.db")).unwrap());
        Self { _dir: dir, store, asked: Arc::default(), judged: Arc::default(), most: Arc::default(), cases, cascade: false }
    }

    fn set(&self) -> PlannedSet {
        let cases: Vec<_> = (0..self.cases).map(|i| Ok(Arc::new(Case::new(CaseId::new(&format!("c{i:04}")).unwrap(), "q", "e")))).collect();
        PlannedSet {
            head: SetHead {
                name: SetName::new("s").unwrap(),
                rubric: RubricName::new("r").unwrap(),
                path: "s.yaml".into(),
                digest: Digest::of_bytes(b"s"),
                cases: self.cases as u64,
            },
            rubric: Arc::new(rubric()),
            cases: Box::new(cases.into_iter()),
        }
    }

    fn head(&self, id: &str, judges: &[Arc<dyn Judge>]) -> RunHead {
        RunHead {
            id: RunId::new(id).unwrap(),
            key: Digest::of_bytes(b"k"),
            created_ms: 0,
            finished_ms: None,
            status: RunStatus::Open,
            agents: vec![AgentHead {
                name: AgentName::new("a").unwrap(),
                kind: "replay".into(),
                model: None,
                digest: Digest::of_bytes(b"a"),
            }],
            judges: judges.iter().map(|j| j.head()).collect(),
            policy: PanelPolicy { quorum: 1, max_spread: 1 },
            cascade: self.cascade,
            sets: vec![self.set().head],
            rubrics: vec![rubric()],
            selection: String::new(),
            planned: self.cases as u64,
            seed: 0,
            judged_from: None,
            baseline: None,
            agent_version: None,
            version: "test".into(),
        }
    }

    fn grader(&self, name: &'static str, samples: u16, script: Script<Result<Judgment, JudgeFailure>>) -> Arc<dyn Judge> {
        Arc::new(Grader { name, samples, alone_at: Some(0.9), calls: Arc::clone(&self.judged), script })
    }

    fn agent(&self, script: Script<Result<Output, AgentFailure>>) -> Arc<dyn Agent> {
        Arc::new(Scripted { calls: Arc::clone(&self.asked), in_flight: AtomicUsize::new(0), most: Arc::clone(&self.most), script })
    }

    async fn go(
        &self,
        agent: Script<Result<Output, AgentFailure>>,
        judges: Vec<Arc<dyn Judge>>,
        listener: &mut dyn Listener,
        stop: &Stop,
    ) -> Result<Ending, tribunal::error::AppError> {
        let head = self.head("r1", &judges);
        let prior = if self.store.runs().await.unwrap().is_empty() {
            self.store.create_run(&head).await.unwrap();
            None
        } else {
            Some(Rows::new(Arc::clone(&self.store), head.id.clone()))
        };
        let plan = Plan::new(vec![self.set()], vec![AgentName::new("a").unwrap()], None);
        let job = Job {
            head,
            agents: vec![self.agent(agent)],
            judges,
            store: Arc::clone(&self.store),
            concurrency: Concurrency::Fixed(4),
            pressure: None,
            already: 0,
        };
        execute(job, Feed::Planned(Box::new(plan), prior), listener, stop).await
    }

    async fn rows(&self) -> Vec<TrialRow> {
        self.store.page(&RunId::new("r1").unwrap(), None, 10_000).await.unwrap()
    }
}

fn answers() -> Script<Result<Output, AgentFailure>> {
    Arc::new(|id, _| Ok(Output::text(format!("answer of {id}"))))
}

fn fives() -> Script<Result<Judgment, JudgeFailure>> {
    Arc::new(|_, _| Ok(score(5)))
}

struct Quiet;
impl Listener for Quiet {
    fn on_event(&mut self, _: &RunEvent<'_>) -> io::Result<()> {
        Ok(())
    }
}

struct Stopper<'a> {
    after: usize,
    seen: usize,
    stop: &'a Stop,
    hard: bool,
}

impl Listener for Stopper<'_> {
    fn on_event(&mut self, event: &RunEvent<'_>) -> io::Result<()> {
        if let RunEvent::TrialDone { .. } = event {
            self.seen += 1;
            if self.seen == self.after {
                self.stop.soft.cancel();
                if self.hard {
                    self.stop.hard.cancel();
                }
            }
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_trial_is_asked_judged_and_kept_once() {
    let w = World::new(50);
    let ending = w.go(answers(), vec![w.grader("j", 2, fives())], &mut Quiet, &Stop::default()).await.unwrap();
    assert_eq!(ending, Ending::Whole);
    let rows = w.rows().await;
    assert_eq!(rows.len(), 50);
    assert!(rows.iter().all(|r| r.ballots.len() == 2 && r.tally.is_some()));
    assert_eq!(w.asked.lock().unwrap().len(), 50);
    assert_eq!(w.judged.load(Ordering::SeqCst), 100);
    assert!(w.most.load(Ordering::SeqCst) <= 4, "more calls in flight than allowed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopped_run_finishes_what_is_in_flight_and_the_next_attempt_repeats_nothing() {
    let w = World::new(60);
    let stop = Stop::default();
    let mut stopper = Stopper { after: 10, seen: 0, stop: &stop, hard: false };
    assert_eq!(w.go(answers(), vec![w.grader("j", 1, fives())], &mut stopper, &stop).await.unwrap(), Ending::Interrupted);
    let kept = w.rows().await;
    assert!((10..60).contains(&kept.len()));
    assert!(kept.iter().all(|r| r.tally.is_some()), "a soft stop left a trial half done");
    assert_eq!(w.go(answers(), vec![w.grader("j", 1, fives())], &mut Quiet, &Stop::default()).await.unwrap(), Ending::Whole);
    let asked = w.asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 60, "an output was paid for twice");
    assert_eq!(asked.iter().collect::<HashSet<_>>().len(), 60);
    assert_eq!(w.judged.load(Ordering::SeqCst), 60);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hard_stop_loses_only_what_was_in_flight() {
    let w = World::new(60);
    let stop = Stop::default();
    let mut stopper = Stopper { after: 10, seen: 0, stop: &stop, hard: true };
    assert_eq!(w.go(answers(), vec![w.grader("j", 1, fives())], &mut stopper, &stop).await.unwrap(), Ending::Interrupted);
    let first = w.asked.lock().unwrap().len();
    assert_eq!(w.go(answers(), vec![w.grader("j", 1, fives())], &mut Quiet, &Stop::default()).await.unwrap(), Ending::Whole);
    assert_eq!(w.rows().await.iter().filter(|r| r.tally.is_some()).count(), 60);
    // Eight trials at most were in flight (twice the limit of four).
    assert!(w.asked.lock().unwrap().len() <= 60 + 8, "{first} were asked before the stop");
}

#[tokio::test]
async fn outages_are_asked_again_and_final_failures_are_not() {
    let w = World::new(3);
    let flaky: Script<Result<Judgment, JudgeFailure>> = Arc::new(|id, _| match id {
        "c0000" => Err(JudgeFailure::new(JudgeFailureKind::Timeout, "slow")),
        "c0001" => Err(JudgeFailure::new(JudgeFailureKind::Unreadable, "gibberish")),
        _ => Ok(score(3)),
    });
    w.go(answers(), vec![w.grader("j", 1, flaky)], &mut Quiet, &Stop::default()).await.unwrap();
    assert_eq!(w.judged.swap(0, Ordering::SeqCst), 3);
    w.go(answers(), vec![w.grader("j", 1, fives())], &mut Quiet, &Stop::default()).await.unwrap();
    assert_eq!(w.judged.load(Ordering::SeqCst), 1, "only the timeout is worth asking again");
    let verdicts: Vec<Verdict> = w.rows().await.into_iter().map(|r| r.tally.unwrap().verdict).collect();
    let (three, five) = (Score::try_from(3).unwrap(), Score::try_from(5).unwrap());
    assert_eq!(verdicts, [Verdict::Settled { score: five }, Verdict::Unscored { failures: 1 }, Verdict::Settled { score: three }]);
    assert_eq!(w.asked.lock().unwrap().len(), 3, "outputs stand");
}

#[tokio::test]
async fn an_agent_that_was_out_of_reach_is_asked_again_and_never_judged() {
    let w = World::new(2);
    let away: Script<Result<Output, AgentFailure>> = Arc::new(|_, _| Err(AgentFailure::new(AgentFailureKind::Timeout, "slow")));
    assert_eq!(w.go(away, vec![w.grader("j", 1, fives())], &mut Quiet, &Stop::default()).await.unwrap(), Ending::Whole);
    assert_eq!(w.judged.load(Ordering::SeqCst), 0);
    assert!(w.rows().await.iter().all(|r| r.answer.is_err() && r.tally.is_none()));
    w.go(answers(), vec![w.grader("j", 1, fives())], &mut Quiet, &Stop::default()).await.unwrap();
    assert!(w.rows().await.iter().all(|r| r.answer.is_ok() && r.tally.is_some()));
}

#[tokio::test]
async fn a_crash_is_how_this_agent_answers_and_stands() {
    let w = World::new(2);
    let crash: Script<Result<Output, AgentFailure>> = Arc::new(|_, _| Err(AgentFailure::new(AgentFailureKind::Crashed, "exit 3")));
    w.go(crash, vec![w.grader("j", 1, fives())], &mut Quiet, &Stop::default()).await.unwrap();
    w.go(answers(), vec![w.grader("j", 1, fives())], &mut Quiet, &Stop::default()).await.unwrap();
    assert_eq!(w.asked.lock().unwrap().len(), 2, "a crash was asked again");
    assert!(w.rows().await.iter().all(|r| r.answer.is_err() && r.tally.is_none()));
}

#[tokio::test]
async fn a_server_that_refuses_us_ends_the_run_at_once() {
    let w = World::new(40);
    let refused: Script<Result<Judgment, JudgeFailure>> =
        Arc::new(|_, _| Err(JudgeFailure::new(JudgeFailureKind::Refused, "401 Unauthorized: bad key")));
    let ending = w.go(answers(), vec![w.grader("j", 1, refused)], &mut Quiet, &Stop::default()).await.unwrap();
    assert_eq!(ending, Ending::Down("judge j: 401 Unauthorized: bad key".into()));
    assert!(w.asked.lock().unwrap().len() < 20, "the agent was paid for a set that nobody can judge");
}

#[tokio::test]
async fn what_a_failed_attempt_cost_is_not_forgotten() {
    let w = World::new(1);
    let cents = |n: u64| Spend { cost: Usd(n), attempts: 1, ..Spend::default() };
    w.go(
        answers(),
        vec![w.grader("j", 1, Arc::new(|_, _| Err(JudgeFailure::new(JudgeFailureKind::Timeout, "slow"))))],
        &mut Quiet,
        &Stop::default(),
    )
    .await
    .unwrap();
    let (run, mut row) = (RunId::new("r1").unwrap(), w.rows().await.remove(0));
    row.ballots[0].spend = cents(7);
    w.store.put_ballot(&run, 0, row.ballots.remove(0)).await.unwrap();
    w.go(answers(), vec![w.grader("j", 1, fives())], &mut Quiet, &Stop::default()).await.unwrap();
    let ballot = w.rows().await.remove(0).ballots.remove(0);
    assert!(ballot.outcome.is_ok());
    assert_eq!(ballot.spend, cents(7));
}

#[tokio::test]
async fn a_spent_budget_stops_the_run_and_leaves_no_trace_of_what_was_not_asked() {
    let w = World::new(40);
    let broke: Script<Result<Output, AgentFailure>> = Arc::new(|id, _| match id {
        "c0000" | "c0001" => Ok(Output::text("x")),
        _ => Err(AgentFailure::new(AgentFailureKind::BudgetSpent, "$1 of $1")),
    });
    assert_eq!(w.go(broke, vec![w.grader("j", 1, fives())], &mut Quiet, &Stop::default()).await.unwrap(), Ending::BudgetSpent);
    assert_eq!(w.rows().await.len(), 2);
    assert!(w.asked.lock().unwrap().len() < 40, "it went on asking");
}

#[tokio::test]
async fn a_dead_endpoint_ends_the_run_with_its_words() {
    let w = World::new(40);
    let dead: Script<Result<Judgment, JudgeFailure>> =
        Arc::new(|_, _| Err(JudgeFailure::new(JudgeFailureKind::CircuitOpen, "http://x is down: refused")));
    let ending = w.go(answers(), vec![w.grader("j", 1, dead)], &mut Quiet, &Stop::default()).await.unwrap();
    assert_eq!(ending, Ending::Down("http://x is down: refused".into()));
    assert!(w.rows().await.len() < 40);
}

#[tokio::test]
async fn a_cascade_asks_the_next_judge_only_when_the_first_is_unsure() {
    let mut w = World::new(2);
    w.cascade = true;
    let cheap: Script<Result<Judgment, JudgeFailure>> =
        Arc::new(|id, _| Ok(Judgment { confidence: Some(if id == "c0000" { 0.95 } else { 0.5 }), ..score(1) }));
    let judges = vec![w.grader("cheap", 1, cheap), w.grader("dear", 2, fives())];
    w.go(answers(), judges, &mut Quiet, &Stop::default()).await.unwrap();
    let rows = w.rows().await;
    assert_eq!(rows[0].ballots.len(), 1);
    assert_eq!(rows[0].tally.as_ref().unwrap().verdict, Verdict::Settled { score: Score::try_from(1).unwrap() });
    assert_eq!(rows[1].ballots.len(), 3);
    assert_eq!(rows[1].tally.as_ref().unwrap().verdict, Verdict::Settled { score: Score::try_from(5).unwrap() });
}

#[tokio::test]
async fn judging_again_calls_no_agent_and_leaves_the_first_run_alone() {
    let w = World::new(5);
    w.go(answers(), vec![w.grader("j", 1, fives())], &mut Quiet, &Stop::default()).await.unwrap();
    let before = w.rows().await;
    let other: Vec<Arc<dyn Judge>> = vec![w.grader("k", 1, Arc::new(|_, _| Ok(score(2))))];
    let head = w.head("r2", &other);
    w.store.create_run(&head).await.unwrap();
    let feed = Feed::Stored(Box::new(Stored {
        rows: Rows::new(Arc::clone(&w.store), RunId::new("r1").unwrap()),
        rubrics: vec![(SetName::new("s").unwrap(), Arc::new(rubric()))],
        head: head.clone(),
        prior: None,
    }));
    let job = Job {
        head,
        agents: vec![w.agent(Arc::new(|_, _| panic!("the agent was called")))],
        judges: other,
        store: Arc::clone(&w.store),
        concurrency: Concurrency::Fixed(4),
        pressure: None,
        already: 0,
    };
    assert_eq!(execute(job, feed, &mut Quiet, &Stop::default()).await.unwrap(), Ending::Whole);
    assert_eq!(w.rows().await, before);
    let again = w.store.page(&RunId::new("r2").unwrap(), None, 100).await.unwrap();
    assert_eq!(again.len(), 5);
    assert!(again.iter().zip(&before).all(|(a, b)| a.answer == b.answer && a.ballots[0].judge.as_str() == "k"));
}
