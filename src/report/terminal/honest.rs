//! The honest number: judge only, corrected and people only side by side; how judges and people agree; what it rests on.

use std::io::{self, Write};

use super::table::{right, safe, table, text};
use super::{bullet, heading};
use crate::report::model::Report;
use crate::report::{Look, words};
use crate::stats::estimate::{Corrected, Estimate, Release};
use crate::stats::honest::{Honest, Pair};

pub(super) fn render(report: &Report, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let Some(honest) = report.honest.as_ref().filter(|h| h.people.grades > 0) else { return Ok(()) };
    heading("with people's grades", look, out)?;
    for a in &honest.agents {
        release(a.agent.as_str(), honest.agents.len() > 1, &a.release, look, out)?;
    }
    people(honest, look, out)
}

fn release(agent: &str, several: bool, r: &Release, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let whose = if several { format!("{}: ", safe(agent)) } else { String::new() };
    match &r.estimate {
        Estimate::NotEstimable { refusal } => {
            bullet(&format!("{whose}not corrected, the judges' opinion only: {refusal}"), look, out)?;
            if r.drawn > r.graded {
                let left = words::counted(r.drawn - r.graded, "drawn answer waits", "drawn answers wait");
                bullet(&format!("{whose}{left} for a grade: `tribunal queue`"), look, out)?;
            }
            Ok(())
        }
        Estimate::Estimated(e) => {
            let mut t = table(look, &[&format!("{whose}pass rate"), "value", "95% interval", "from"]);
            right(&mut t, &[1]);
            let row = |c: &Corrected| {
                let of = words::within(c.interval, 0.0, 1.0);
                (words::percent(Some(c.theta.clamp(0.0, 1.0))), words::percent_range(Some(of)))
            };
            let (value, range) = row(&e.pass_rate);
            t.add_row(["corrected".to_owned(), value, range, words::counted(r.graded, "blind grade", "blind grades")]);
            let this = words::within(e.pass_rate.this_set, 0.0, 1.0);
            t.add_row(["  on these very answers".to_owned(), String::new(), words::percent_range(Some(this)), String::new()]);
            let judged = words::counted(r.judge_only.scored, "judged answer", "judged answers");
            t.add_row([
                "judges only, uncorrected".to_owned(),
                words::percent(r.judge_only.pass_rate),
                words::percent_range(r.judge_only.interval),
                judged,
            ]);
            let (value, range) = row(&e.people_only);
            t.add_row(["people only".to_owned(), value, range, "the same grades, no judge".to_owned()]);
            write!(out, "{}", text(&t))?;
            let grade = &e.mean_grade;
            bullet(
                &format!("{whose}mean grade {:.2} (95% interval {})", grade.theta, words::decimal_range(Some(grade.interval))),
                look,
                out,
            )?;
            if let Some(w) = e.worst {
                bullet(&format!("{whose}missing grades could move it: from {}", words::percent_range(Some(w))), look, out)?;
            }
            for line in &e.assumptions {
                bullet(&safe(line), look, out)?;
            }
            Ok(())
        }
    }
}

fn people(h: &Honest, look: Look, out: &mut dyn Write) -> io::Result<()> {
    let p = &h.people;
    let graders = words::counted(p.graders, "person", "people");
    let said = match p.alpha {
        Some(alpha) if p.doubly_graded >= 30 => format!(
            "people agree with each other at alpha {alpha:.2} (95% interval {}), on {}",
            words::decimal_range(p.interval),
            words::counted(p.doubly_graded, "answer", "answers")
        ),
        _ => format!("too few to judge how people agree: {} graded by two or more", words::counted(p.doubly_graded, "answer", "answers")),
    };
    bullet(&format!("{} by {graders}; {said}", words::counted(p.grades, "blind grade", "blind grades")), look, out)?;
    for j in &p.judges {
        let who = j.judge.as_ref().map_or("the panel".to_owned(), |j| safe(j.as_str()));
        match &j.run {
            Some(run) => bullet(&format!("{who} and people: {} (weighted to the whole run)", pair(run)), look, out)?,
            None => bullet(&format!("{who} and people: {} (on the graded answers only)", pair(&j.graded)), look, out)?,
        }
    }
    Ok(())
}

fn pair(p: &Pair) -> String {
    let kappa = p.kappa.map_or_else(|| "undefined".to_owned(), |k| format!("{k:.2}"));
    format!(
        "quadratic kappa {kappa}, equal {}, within one {}, bias {}, on {}",
        words::percent(Some(p.exact)),
        words::percent(Some(p.adjacent)),
        words::signed(p.bias),
        words::counted(p.n, "answer", "answers")
    )
}
