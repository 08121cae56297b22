//! `plan`: freeze which answers of a run people grade, with which probability, before the first of those grades.

use serde_json::json;

use crate::cli::args::{ListFormat, PlanArgs};
use crate::cli::present::{Graded, blocking, rows};
use crate::cli::project::{Project, new_event_id, now_ms};
use crate::domain::log::{Act, Author, Entry, Known};
use crate::domain::{Design, DesignItem, GraderName, Reason, ReviewItem, RunHead, RunStatus, Stratum, TrialRow, Trigger};
use crate::error::{AppError, Exit};
use crate::report::json::v1::SCHEMA_VERSION;
use crate::routing::plan::{Budget, PlanOptions, drawn, queue, top_up};
use crate::routing::{Designer, Router};
use crate::runner::finish::{addresses_a_grader, deciding_row};

/// `plan`
pub async fn exec(project: &Project, args: &PlanArgs) -> Result<Exit, AppError> {
    let head = project.run(&args.run).await?;
    if head.status != RunStatus::Complete {
        return Err(AppError::usage(format!("run {} is {}: answers that are still to come could not be drawn", head.id, head.status))
            .with_help("finish it first: the same `tribunal run` command resumes it"));
    }
    let (design, items, forecasts) = match (args.minutes.or(project.settings.review.minutes), args.items, args.more) {
        (_, _, Some(more)) => {
            let stands = project.store.design(&head.id).await?;
            let (design, items) = stands.ok_or_else(|| AppError::usage(format!("run {} has no design to add to", head.id)))?;
            (top_up(&design, &items, more), items, Vec::new())
        }
        (_, Some(n), None) => fresh(project, &head, Budget::Items(n), args.seed).await?,
        (Some(m), None, None) => fresh(project, &head, Budget::Minutes(m), args.seed).await?,
        (None, None, None) => {
            return Err(AppError::usage("a review needs a budget")
                .with_help("say how many minutes people have: `--minutes 120`, how many answers: `--budget-items 100`, or `review: {minutes: 120}` in tribunal.yaml"));
        }
    };
    if !args.dry_run {
        keep(project, &head, &design, &items).await?;
    }
    show(project, args, &head, &design, &items, &forecasts)?;
    if args.dry_run {
        project.ui.say("a dry run: nothing was frozen");
    } else {
        project.ui.next(&["tribunal queue".to_owned(), format!("tribunal gate {}", head.id)]);
    }
    Ok(Exit::Good)
}

type Planned = (Design, Vec<DesignItem>, Vec<Promise>);

/// What a plan promises for one agent.
struct Promise {
    agent: String,
    answers: u64,
    drawn: u64,
    minutes: f64,
    half_width: f64,
    efficiency: Option<f64>,
}

async fn fresh(project: &Project, head: &RunHead, budget: Budget, seed: Option<u64>) -> Result<Planned, AppError> {
    let graded = Graded::read(&project.store, head).await?;
    let must: Vec<_> = project.settings.gate.iter().flat_map(|g| g.must_pass.clone()).collect();
    let mut designer = Designer::new(head);
    blocking(|| {
        rows(&project.store, &head.id).try_for_each(|row| {
            let row = deciding_row(row?, head);
            let addressed = row.answer.as_ref().is_ok_and(addresses_a_grader);
            let policy = must.iter().any(|m| m.selects(&row.case));
            designer.add(&row, addressed, graded.is_blindly_graded(&row), policy);
            Ok::<(), AppError>(())
        })
    })?;
    let options = PlanOptions { seed: seed.unwrap_or(head.seed), ..PlanOptions::default() };
    let plan = designer.plan(budget, options).map_err(|e| {
        let help = e.help();
        let error = AppError::usage(format!("run {} cannot be planned", head.id)).because(e);
        match help {
            Some(h) => error.with_help(h),
            None => error,
        }
    })?;
    if plan.over_budget {
        project.ui.say("what must be reviewed takes more than the budget: it is all in the plan");
    }
    let promises = plan.forecasts.iter().map(|f| Promise {
        agent: head.agents.get(usize::from(f.agent)).map_or_else(String::new, |a| a.name.to_string()),
        answers: f.items,
        drawn: f.drawn,
        minutes: f.minutes,
        half_width: f.half_width,
        efficiency: f.efficiency,
    });
    let promises = promises.collect();
    Ok((plan.design, plan.items, promises))
}

/// Stores the design, the review items that follow from it, and says so in the decision log.
async fn keep(project: &Project, head: &RunHead, design: &Design, items: &[DesignItem]) -> Result<(), AppError> {
    let review = review_items(project, head, design, items)?;
    project.store.put_design(&head.id, design.clone(), items.to_vec()).await?;
    project.store.put_items(&head.id, review).await?;
    let name = GraderName::new("planner").map_err(|e| AppError::usage(e.to_string()))?;
    let act = Act::Planned { run: head.id.clone(), design: design.digest, drawn: drawn(design, items).count() as u64 };
    let entry = Entry { id: new_event_id(), at_ms: now_ms(), by: Author { name, known: Known::Claimed }, act };
    project.store.append(vec![entry], Vec::new()).await?;
    Ok(())
}

/// The drawn answers as review items, with their triggers and the design's probabilities.
fn review_items(project: &Project, head: &RunHead, design: &Design, items: &[DesignItem]) -> Result<Vec<ReviewItem>, AppError> {
    let wanted: std::collections::BTreeSet<u64> = queue(design, items).into_iter().collect();
    let mut found = Vec::new();
    blocking(|| {
        rows(&project.store, &head.id).try_for_each(|row| {
            let row = deciding_row(row?, head);
            if wanted.contains(&row.key.seq) {
                found.extend(review_item(head, &row, design, items));
            }
            Ok::<(), AppError>(())
        })
    })?;
    Ok(found)
}

fn review_item(head: &RunHead, row: &TrialRow, design: &Design, items: &[DesignItem]) -> Option<ReviewItem> {
    let at = items.binary_search_by_key(&row.key.seq, |i| i.seq).ok()?;
    let stratum = design.strata.get(items.get(at)?.stratum as usize)?;
    let addressed = row.answer.as_ref().is_ok_and(addresses_a_grader);
    let mut item = Router::item(head, row, addressed)?;
    if item.triggers.is_empty() {
        item.triggers.push(Trigger::RandomAudit);
    }
    item.inclusion = stratum.inclusion();
    if stratum.reason != Reason::Audit {
        item.stratum = Stratum::Certain;
    }
    Some(item)
}

fn show(
    project: &Project,
    args: &PlanArgs,
    head: &RunHead,
    design: &Design,
    items: &[DesignItem],
    promises: &[Promise],
) -> Result<(), AppError> {
    let minutes: f64 = drawn(design, items).map(|i| i.minutes).sum();
    let count = drawn(design, items).count();
    match args.format {
        ListFormat::Json => project.ui.json(&json!({
            "schema_version": SCHEMA_VERSION, "run": head.id, "design": design.digest, "seed": design.seed, "frozen": !args.dry_run,
            "drawn": count, "minutes": minutes,
            "strata": design.strata.iter().map(|s| json!({
                "agent": s.agent, "reason": s.reason, "answers": s.size, "drawn": s.drawn, "probability": s.inclusion(),
            })).collect::<Vec<_>>(),
            "forecasts": promises.iter().map(|p| json!({
                "agent": p.agent, "answers": p.answers, "drawn": p.drawn, "minutes": p.minutes, "half_width": p.half_width,
                "efficiency": p.efficiency,
            })).collect::<Vec<_>>(),
        })),
        ListFormat::Text => {
            project.ui.line(format_args!(
                "{count} answers for people, about {} minutes; design {}",
                minutes.ceil(),
                design.digest.short()
            ))?;
            for s in &design.strata {
                let share = 100.0 * s.inclusion();
                project.ui.line(format_args!("  {}: {} of {} answers ({share:.0}%), {}", s.agent, s.drawn, s.size, words(s.reason)))?;
            }
            for p in promises {
                let saves = p.efficiency.map_or_else(String::new, |e| format!("; {e:.1} times as informative as grading at random"));
                project.ui.line(format_args!(
                    "  {}: the accuracy would be known to about {:.1} points either way{saves}",
                    p.agent,
                    100.0 * p.half_width
                ))?;
            }
            Ok(())
        }
    }
}

fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::Replay => "graded already",
        Reason::Must => "must be reviewed",
        Reason::Evr => "likely wrong: reviewing repays",
        Reason::Sure => "too uncertain to leave to chance",
        Reason::Audit => "drawn at random",
    }
}
