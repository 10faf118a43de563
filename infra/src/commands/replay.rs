//! `workdock replay --verify`: every figure from the log alone, compared with what serves.
//! `workdock replay --rebuild NAME`: new rows from the log, swapped in while the old ones serve.
//! `workdock replay --retry BUSINESS`: what a business stands still at is tried again; see [`super::retry`].

use std::process::ExitCode;
use std::sync::Arc;

use indicatif::ProgressBar;
use projectors::Difference;
use projectors::metrics::first_day;
use serde_json::json;
use streams::log;
use streams::projection::Projection;
use streams::replay::{self, Phase, Progress, Report};

use super::context::{Context, within};
use super::{output, progress, retry};
use crate::compose::projections;
use crate::config::Config;

/// Differing months shown.
const MOST_SHOWN: usize = 10;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Rebuild every projection into a shadow and compare it with the one that serves
    #[arg(long, required_unless_present_any = ["rebuild", "retry"], conflicts_with_all = ["rebuild", "retry"])]
    verify: bool,
    /// Fill new rows of this projection from the log and let them serve
    #[arg(long, value_name = "NAME", conflicts_with = "retry")]
    rebuild: Option<String>,
    /// Try again what this business (name or id) stands still at, and let it go on
    #[arg(long, value_name = "BUSINESS")]
    retry: Option<String>,
    /// For machines: one JSON object for each projection
    #[arg(long)]
    json: bool,
}

pub async fn run(arguments: Arguments, config: &Config) -> anyhow::Result<ExitCode> {
    within(config, "replay", async |context| match &arguments.rebuild {
        Some(name) => rebuild(context, name, arguments.json).await,
        None => match &arguments.retry {
            Some(business) => retry::run(context, business, arguments.json).await,
            None => verify(context, arguments.json).await,
        },
    })
    .await
}

/// Exit status 1 where anything differs.
async fn verify(context: &Context, json: bool) -> anyhow::Result<ExitCode> {
    context.platform.caught_up().await?;
    let mut equal = verify_log(context, json).await?;
    for projection in projections() {
        let bar = progress::bar(0, "events");
        let report = replay::verify(&context.platform.owner, projection, &|step| show(&bar, step)).await;
        bar.finish_and_clear();
        let report = report?;
        equal &= report.is_equal();
        if json {
            output::json(&json!({ "equal": report.is_equal(), "report": report }))?;
        } else {
            print(&report)?;
        }
    }
    equal &= count_again(context, json).await?;
    Ok(if equal { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The figures that serve against the sums of what changed them, which come by another way.
async fn count_again(context: &Context, json: bool) -> anyhow::Result<bool> {
    let pool = &context.platform.owner;
    let differences = projectors::reconcile(pool).await?;
    let first = match differences.first() {
        Some(first) => Some(first_day(pool, first).await?.unwrap_or(first.month)),
        None => None,
    };
    let equal = differences.is_empty();
    if json {
        output::json(&json!({ "equal": equal, "second_count": { "first_day": first, "differences": differences } }))?;
        return Ok(equal);
    }
    match first {
        None => output::line("second count: equal")?,
        Some(day) => output::line(&format!("second count: DIFFERENT from {day} on"))?,
    }
    for difference in differences.iter().take(MOST_SHOWN) {
        let Difference { business, month, category, currency, .. } = difference;
        let side = |inflow, outflow, count| format!("{inflow} in, {outflow} out, {count} rows");
        let figures = side(difference.figures_in, difference.figures_out, difference.figures_count);
        let again = side(difference.check_in, difference.check_out, difference.check_count);
        output::line(&format!(
            "  {business} {month} {category} {currency}: figures say {figures}; counted again {again}"
        ))?;
    }
    Ok(equal)
}

/// The log itself first: every event against its hash, and each hash against the one before.
async fn verify_log(context: &Context, json: bool) -> anyhow::Result<bool> {
    let pool = &context.platform.app;
    let bar = progress::bar(log::head(pool).await?.position.unsigned_abs(), "events");
    bar.set_message("checking the log");
    let verdict = streams::verify(pool, |position| bar.set_position(position.unsigned_abs())).await;
    bar.finish_and_clear();
    let verdict = verdict?;
    let (fitting, hash) = (verdict.fitting, hex::encode(verdict.hash));
    let misfit = verdict.misfit.map(|misfit| json!({ "position": misfit.position, "reason": misfit.reason }));
    let equal = misfit.is_none();
    if json {
        output::json(&json!({ "equal": equal, "log": { "fitting": fitting, "hash": hash, "misfit": misfit } }))?;
    } else {
        output::line(&format!("log: {fitting} events fit the chain, which ends in {hash}"))?;
        if let Some(misfit) = misfit {
            output::line(&format!("log: ALTERED at position {}: {}", misfit["position"], misfit["reason"]))?;
        }
        output::line("")?;
    }
    Ok(equal)
}

fn print(report: &Report) -> anyhow::Result<()> {
    let verdict = if report.is_equal() { "equal" } else { "DIFFERENT" };
    output::line(&format!(
        "{} v{} at position {}: {verdict} ({:.1} s)",
        report.projection, report.version, report.position, report.seconds
    ))?;
    let rows: Vec<Vec<String>> = report
        .tables
        .iter()
        .map(|table| {
            let verdict = if table.equal { "equal" } else { "DIFFERENT" };
            let side = |checksum: &replay::Checksum| [checksum.rows.to_string(), checksum.sum.clone()];
            let mut row = vec![format!("  {}", table.table), verdict.to_owned()];
            row.extend(side(&table.live));
            row.extend(side(&table.rebuilt));
            row
        })
        .collect();
    output::table(&["  table", "", "rows", "checksum", "replayed rows", "replayed checksum"], &rows)?;
    for table in report.tables.iter().filter(|table| !table.equal) {
        for (side, rows) in [("serves only", &table.only_live), ("replayed only", &table.only_rebuilt)] {
            rows.iter().try_for_each(|row| output::line(&format!("  {} {side}: {row}", table.table)))?;
        }
    }
    if report.blocked_live != report.blocked_rebuilt {
        output::line(&format!("  blocked at {:?}, replayed {:?}", report.blocked_live, report.blocked_rebuilt))?;
    }
    output::line("")
}

async fn rebuild(context: &Context, name: &str, json: bool) -> anyhow::Result<ExitCode> {
    let projection = find(name)?;
    let bar = progress::bar(0, "events");
    let rebuilt = replay::rebuild(&context.platform.owner, projection, &|step| show(&bar, step)).await;
    bar.finish_and_clear();
    let rebuilt = rebuilt?;
    if json {
        output::json(&json!({ "projection": name, "position": rebuilt.position, "replaced": rebuilt.replaced }))?;
    } else {
        output::line(&format!("{name} serves new rows, from the log up to position {}", rebuilt.position))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn find(name: &str) -> anyhow::Result<Arc<dyn Projection>> {
    projections().into_iter().find(|projection| projection.name() == name).ok_or_else(|| {
        let known: Vec<&str> = projections().iter().map(|projection| projection.name()).collect();
        anyhow::anyhow!("there is no projection {name:?}; there are {}", known.join(", "))
    })
}

fn show(bar: &ProgressBar, step: &Progress) {
    bar.set_message(match step.phase {
        Phase::Measuring => "reading what serves",
        Phase::Filling => "replaying the log",
        Phase::Comparing => "comparing",
        Phase::Swapping => "swapping",
    });
    bar.set_length(step.target.unsigned_abs());
    bar.set_position(step.position.unsigned_abs());
}
