//! Names in the gate that only the sets can know: tags, case ids, risks.

use std::collections::BTreeSet;

use super::fault::Fault;
use super::settings::Settings;
use crate::domain::Risk;
use crate::gate::Selector;
use crate::source::nearest;

/// What the sets of a project hold, as far as a gate can name it.
#[derive(Clone, Copy, Debug)]
pub struct KnownNames<'a> {
    /// Every tag of an active case.
    pub tags: &'a BTreeSet<String>,
    /// Every id of an active case; `None` when there are too many to keep, which skips the check.
    pub cases: Option<&'a BTreeSet<String>>,
    /// Every risk of an active case.
    pub risks: &'a BTreeSet<Risk>,
}

/// A fault for every selector of the gate that selects no case. An absent risk is only a warning: a set without critical
/// cases is a good state to be in.
pub(super) fn faults(settings: &Settings, known: &KnownNames<'_>) -> Vec<Fault> {
    let mut found = Vec::new();
    let must = settings.gate.iter().flat_map(|g| g.must_pass.iter().enumerate()).map(|(i, s)| (format!("/gate/must_pass/{i}"), s));
    let groups = settings.gate.iter().flat_map(|g| &g.groups).map(|(s, _)| (format!("/gate/groups/{s}"), s));
    for (at, selector) in must.chain(groups) {
        let fault = Fault::new("selects-nothing", at, format!("`{selector}` selects no case"));
        match selector {
            Selector::Tag(tag) if !known.tags.contains(tag) => {
                let near = nearest(tag, known.tags.iter().map(String::as_str)).map(|t| format!("did you mean `tag:{t}`?"));
                found.push(fault.label("no case has this tag").maybe_help(near));
            }
            Selector::Case(id) if known.cases.is_some_and(|c| !c.contains(id)) => {
                let near = nearest(id, known.cases.into_iter().flatten().map(String::as_str)).map(|c| format!("did you mean `case:{c}`?"));
                found.push(fault.label("no set has this case").maybe_help(near));
            }
            Selector::Risk(risk) if !known.risks.contains(risk) => found.push(fault.label("no case has this risk").warning()),
            Selector::Tag(_) | Selector::Case(_) | Selector::Risk(_) => {}
        }
    }
    found
}
