//! Test help: small runs and trials.

use std::sync::Arc;

use crate::domain::run::{AgentHead, JudgeHead};
use crate::domain::{
    AgentFailure, AgentFailureKind, AgentName, Ballot, Case, CaseId, Digest, JudgeFailure, JudgeFailureKind, JudgeName, Judgment, Output,
    PanelPolicy, Rubric, RubricName, RunHead, RunId, RunStatus, Score, SetHead, SetName, Spend, TrialKey, TrialRow, panel,
};

pub(crate) const POLICY: PanelPolicy = PanelPolicy { quorum: 1, max_spread: 1 };

/// A run of agents `a`, `b`, ... and judges `j0`, `j1`, ..., of sets `s0` and `s1`, pass mark 4.
pub(crate) fn run(agents: u8, judges: usize) -> RunHead {
    let digest = Digest::of_bytes(b"");
    let rubric = RubricName::new("correctness").unwrap();
    RunHead {
        id: RunId::new("run").unwrap(),
        key: digest,
        created_ms: 0,
        finished_ms: None,
        status: RunStatus::Complete,
        agents: (0..agents)
            .map(|i| AgentHead { name: agent(char::from(b'a' + i).to_string().as_str()), kind: "replay".into(), model: None, digest })
            .collect(),
        judges: (0..judges)
            .map(|i| JudgeHead {
                name: judge(i),
                kind: "replay".into(),
                model: None,
                samples: 1,
                digest: Digest::of_bytes(&[0]),
                settles_alone_at: None,
            })
            .collect(),
        policy: POLICY,
        cascade: false,
        sets: ["s0", "s1"]
            .map(|s| SetHead { name: SetName::new(s).unwrap(), rubric: rubric.clone(), path: "s.yaml".into(), digest, cases: 1 })
            .into(),
        rubrics: vec![Rubric {
            name: rubric,
            criteria: "right".into(),
            anchors: Default::default(),
            pass_mark: Score::ALL[3],
            notes: vec![],
            examples: vec![],
            template: None,
        }],
        selection: String::new(),
        planned: 0,
        seed: 7,
        judged_from: None,
        baseline: None,
        agent_version: None,
        version: "0".into(),
    }
}

pub(crate) fn agent(name: &str) -> AgentName {
    AgentName::new(name).unwrap()
}

pub(crate) fn judge(i: usize) -> JudgeName {
    JudgeName::new(&format!("j{i}")).unwrap()
}

/// A ballot of judge `i`; score 0 is a failure of the judge.
pub(crate) fn ballot(i: usize, sample: u16, score: u8) -> Ballot {
    Ballot {
        judge: judge(i),
        judge_digest: Digest::of_bytes(&[0]),
        sample,
        outcome: Score::try_from(score).map(|s| Judgment::new(s, "")).map_err(|_| JudgeFailure::new(JudgeFailureKind::Timeout, "late")),
        spend: Spend::default(),
        latency_ms: 0,
    }
}

/// A trial of case `c<case>` in set `s0`, judge i scoring `scores[i]` (0: failed).
pub(crate) fn row(case: u64, trial: u16, by: &str, scores: &[u8]) -> TrialRow {
    with_ballots(case, trial, by, scores.iter().enumerate().map(|(i, s)| ballot(i, 0, *s)).collect())
}

pub(crate) fn with_ballots(case: u64, trial: u16, by: &str, ballots: Vec<Ballot>) -> TrialRow {
    let case_of = Case::new(CaseId::new(&format!("c{case}")).unwrap(), "q", "e");
    TrialRow {
        key: TrialKey { seq: case * 100 + u64::from(trial), agent: agent(by), set: SetName::new("s0").unwrap(), trial },
        case_digest: case_of.digest(),
        case: Arc::new(case_of),
        answer: Ok(Output::text("answer")),
        spend: Spend::default(),
        tally: Some(panel::settle(&ballots, &POLICY)),
        ballots,
        item: None,
        label: None,
    }
}

/// A trial that the agent gave no output for.
pub(crate) fn failed(case: u64, trial: u16, by: &str) -> TrialRow {
    let answer = Err(AgentFailure::new(AgentFailureKind::Timeout, "late"));
    TrialRow { answer, tally: None, ..with_ballots(case, trial, by, vec![]) }
}

/// Changes the case of a trial.
pub(crate) fn edit(mut row: TrialRow, change: impl FnOnce(&mut Case)) -> TrialRow {
    let mut case = Case::clone(&row.case);
    change(&mut case);
    row.case_digest = case.digest();
    row.case = Arc::new(case);
    row
}
