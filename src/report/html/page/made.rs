//! How the run was made: rubrics, settings and digests.

use serde::Serialize;

use crate::domain::RunHead;

#[derive(Debug, Serialize)]
pub(super) struct RubricPage {
    name: String,
    criteria: String,
    pass_mark: u8,
    anchors: Vec<(usize, String)>,
    notes: Vec<String>,
}

pub(super) fn rubrics(h: &RunHead) -> Vec<RubricPage> {
    h.rubrics
        .iter()
        .map(|r| RubricPage {
            name: r.name.to_string(),
            criteria: r.criteria.clone(),
            pass_mark: r.pass_mark.get(),
            anchors: r.anchors.iter().enumerate().rev().map(|(i, a)| (i + 1, a.clone())).collect(),
            notes: r.notes.clone(),
        })
        .collect()
}

pub(super) fn provenance(h: &RunHead) -> Vec<(String, String)> {
    let mut out = vec![
        ("program".to_owned(), format!("tribunal {}", h.version)),
        ("run key".to_owned(), h.key.to_string()),
        ("seed".to_owned(), h.seed.to_string()),
        (
            "panel".to_owned(),
            format!("quorum {}, max spread {}{}", h.policy.quorum, h.policy.max_spread, if h.cascade { ", cascade" } else { "" }),
        ),
    ];
    out.extend(h.agents.iter().map(|a| (format!("agent {}", a.name), a.digest.to_string())));
    out.extend(h.judges.iter().map(|j| (format!("judge {}", j.name), j.digest.to_string())));
    out.extend(h.sets.iter().map(|s| (format!("set {} ({})", s.name, s.path.display()), s.digest.to_string())));
    out.extend(h.rubrics.iter().map(|r| (format!("rubric {}", r.name), r.digest().to_string())));
    out
}
