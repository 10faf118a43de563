//! Mutations, as `ui/schema.graphql` states them. Merged with the read side's roots by the binary.

mod beside;
mod input;
mod invitation;
mod matches;
mod meaning;
mod months;
mod rates;
mod records;
mod splits;
mod team;

use async_graphql::{Context, Error, ErrorExtensions, MergedObject, Object, SimpleObject};
use domain::access::{Action, Origin, Principal, Subject, authorise};
use domain::account::AccountCommand;
use domain::business::BusinessCommand;
use domain::{AccountId, BusinessId, Code, Problem, UserId};
use streams::{CommandError, Commands, Meta};
use uuid::Uuid;

pub use input::{Position, RegisterBusiness};
pub use records::Grace;

/// Everything that can be changed.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    BusinessMutation,
    team::TeamMutation,
    meaning::MeaningMutation,
    matches::MatchesMutation,
    beside::BesideMutation,
    months::MonthMutation,
    records::RecordsMutation,
    rates::RatesMutation,
    splits::SplitsMutation,
);

/// Settings of a business and of its accounts.
#[derive(Debug, Default)]
pub struct BusinessMutation;

/// The position that the command produced: pass it as minPosition to read what you wrote.
#[derive(Debug, SimpleObject)]
pub struct Receipt {
    id: Uuid,
    position: Position,
}

#[Object]
impl BusinessMutation {
    async fn register_business(&self, ctx: &Context<'_>, input: RegisterBusiness) -> Result<Receipt, Error> {
        let principal = allowed(ctx, Action::Register, None)?;
        let id = BusinessId::new();
        let command = input.into_command(id, founder(principal)).map_err(refused)?;
        business(ctx, principal, id, command).await
    }

    async fn rename_business(&self, ctx: &Context<'_>, id: Uuid, name: String) -> Result<Receipt, Error> {
        change(ctx, id, BusinessCommand::Rename { name }).await
    }

    async fn change_time_zone(&self, ctx: &Context<'_>, id: Uuid, time_zone: String) -> Result<Receipt, Error> {
        let time_zone = input::time_zone(&time_zone).map_err(refused)?;
        change(ctx, id, BusinessCommand::ChangeTimeZone { time_zone }).await
    }

    async fn change_fiscal_year(&self, ctx: &Context<'_>, id: Uuid, first_month: i32) -> Result<Receipt, Error> {
        let first_month = input::fiscal_month(first_month).map_err(refused)?;
        change(ctx, id, BusinessCommand::ChangeFiscalYear { first_month }).await
    }

    async fn rename_account(
        &self,
        ctx: &Context<'_>,
        business: Uuid,
        id: Uuid,
        name: String,
    ) -> Result<Receipt, Error> {
        account(ctx, business, id, AccountCommand::Rename { name }).await
    }

    async fn close_account(&self, ctx: &Context<'_>, business: Uuid, id: Uuid) -> Result<Receipt, Error> {
        account(ctx, business, id, AccountCommand::Close).await
    }
}

fn allowed<'a>(ctx: &Context<'a>, action: Action, on: Option<BusinessId>) -> Result<&'a Principal, Error> {
    let principal = ctx.data_opt::<Principal>();
    let principal = principal.ok_or_else(|| refused(Problem::new(Code::Unauthenticated, "Sign in first.")))?;
    authorise(principal, action, on).map_err(refused)?;
    Ok(principal)
}

/// Whose it will be: the user's who registers it. The local owner owns everything as it is.
pub(crate) fn founder(principal: &Principal) -> Option<UserId> {
    match principal.subject {
        Subject::User(user) => Some(user),
        Subject::LocalOwner | Subject::Key(_) | Subject::System(_) => None,
    }
}

fn refused(problem: Problem) -> Error {
    let code = problem.code.as_str();
    Error::new(problem.detail).extend_with(|_, extensions| extensions.set("code", code))
}

fn failed(error: &CommandError) -> Error {
    let problem = error.problem();
    if problem.code == Code::Internal {
        tracing::error!(%error, "a command failed");
    }
    refused(problem)
}

async fn change(ctx: &Context<'_>, id: Uuid, command: BusinessCommand) -> Result<Receipt, Error> {
    let id = BusinessId::from_uuid(id);
    let principal = allowed(ctx, Action::Manage, Some(id))?;
    business(ctx, principal, id, command).await
}

async fn business(
    ctx: &Context<'_>,
    principal: &Principal,
    id: BusinessId,
    command: BusinessCommand,
) -> Result<Receipt, Error> {
    let commands = ctx.data::<Commands>()?;
    let receipt = commands.business(id, command, &meta(ctx, id, principal)).await;
    placed(commands, id.as_uuid(), receipt).await
}

async fn account(ctx: &Context<'_>, owner: Uuid, id: Uuid, command: AccountCommand) -> Result<Receipt, Error> {
    let owner = BusinessId::from_uuid(owner);
    let principal = allowed(ctx, Action::Manage, Some(owner))?;
    let commands = ctx.data::<Commands>()?;
    let meta = meta(ctx, owner, principal);
    placed(commands, id, commands.account(AccountId::from_uuid(id), command, &meta).await).await
}

/// Who asked, and from where: with the request, where it came over HTTP.
fn meta(ctx: &Context<'_>, business: BusinessId, principal: &Principal) -> Meta {
    let nowhere = Origin::default();
    Meta::by(business, principal, ctx.data_opt::<Origin>().unwrap_or(&nowhere))
}

/// Waits for the position. A command that changed nothing answers 0, which every view has reached.
async fn placed(
    commands: &Commands,
    id: Uuid,
    receipt: Result<streams::Receipt, CommandError>,
) -> Result<Receipt, Error> {
    let receipt = receipt.map_err(|error| failed(&error))?;
    let positions = commands.position_of(&receipt).await.map_err(|error| failed(&error))?;
    Ok(Receipt { id, position: Position(positions.map_or(0, |positions| positions.last)) })
}
