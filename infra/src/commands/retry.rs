//! `workdock replay --retry BUSINESS`: the event that a business stands still at is tried again in each projection,
//! then all that waited behind it. Nothing is skipped: where an event still cannot be folded, the business stands
//! still there, with everything before it in its rows. `workdock up` may run meanwhile.

use std::process::ExitCode;

use domain::BusinessId;
use serde_json::{Value, json};
use streams::projection::{self, RetryError, retry};

use super::context::Context;
use super::{business, output};
use crate::compose::projections;

/// Exit status 1 where it still stands still.
pub async fn run(context: &Context, asked: &str, json: bool) -> anyhow::Result<ExitCode> {
    let id = find(context, asked).await?;
    let platform = &context.platform;
    let config = projection::Config::new(platform.owner.clone(), platform.nats.clone(), platform.prefix.clone());
    let (mut goes_on, mut stood) = (true, false);
    for projection in projections() {
        let name = projection.name();
        let (text, report) = match retry(&config, projection, id).await {
            Ok(done) => {
                stood = true;
                let (events, position) = (done.events, done.position);
                let text = format!("{name}: goes on: {events} events were taken in, up to position {position}");
                (text, json!({ "state": "goes_on", "events": events, "position": position }))
            }
            Err(RetryError::NotBlocked { .. }) => {
                (format!("{name}: does not stand still"), json!({ "state": "not_standing_still" }))
            }
            Err(RetryError::StillBlocked(letter)) => {
                (goes_on, stood) = (false, true);
                let (position, error) = (letter.position, letter.error);
                let text = format!("{name}: still stands still at position {position}: {error}");
                (text, json!({ "state": "stands_still", "position": position, "error": error }))
            }
            Err(error) => return Err(error.into()),
        };
        say(json, id, name, &text, report)?;
    }
    if !json && stood && goes_on {
        output::line("The business goes on.")?;
    }
    Ok(if goes_on { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// By id also where its registration itself could not be folded, so that no list has it.
async fn find(context: &Context, asked: &str) -> anyhow::Result<BusinessId> {
    match asked.parse() {
        Ok(id) => Ok(id),
        Err(_) => Ok(business::find(&business::businesses(context).await?, Some(asked))?.id),
    }
}

fn say(json: bool, id: BusinessId, name: &str, text: &str, mut report: Value) -> anyhow::Result<()> {
    if !json {
        return output::line(text);
    }
    report["business"] = json!(id);
    report["projection"] = json!(name);
    output::json(&report)
}
