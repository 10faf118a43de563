//! What transactions mean: choices and rules.

use async_graphql::{Context, Enum, Error, InputObject, Object, SimpleObject};
use domain::access::Action;
use domain::business::{BusinessCommand, RulesCommand};
use domain::meaning::{self, Rule, When};
use domain::{AccountId, BusinessId, Code, Problem, RuleId, SeriesId, TransactionId};
use rust_decimal::Decimal;
use streams::Commands;
use uuid::Uuid;

use super::{Position, Receipt, allowed, business, failed, meta, refused};
use crate::meaning::{Choice, choose, to_meaning};

#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "domain::Kind")]
pub enum Kind {
    Revenue,
    Refund,
    Expense,
    Tax,
    Financing,
    Settlement,
    InternalTransfer,
}

/// Money in or money out; an amount of zero is neither.
#[derive(Debug, Enum, Copy, Clone, Eq, PartialEq)]
#[graphql(remote = "meaning::Sign")]
pub enum Sign {
    In,
    Out,
}

#[derive(Debug, Clone, Copy, InputObject)]
pub struct TransactionRef {
    account: Uuid,
    id: Uuid,
}

/// How many transactions mean something else now, and the position to read them at; 0 where nothing changed.
#[derive(Debug, SimpleObject)]
pub struct Recategorised {
    position: Position,
    changed: i32,
}

/// What a rule asks for: all of it must be so.
#[derive(Debug, Clone, InputObject)]
pub struct RuleWhenInput {
    /// Each is found in description, counterparty or reference; letters of either case are the same, * stands for any
    /// run of them.
    #[graphql(default)]
    text: Vec<String>,
    account: Option<Uuid>,
    sign: Option<Sign>,
    /// Without sign.
    min_amount: Option<Decimal>,
    max_amount: Option<Decimal>,
    currency: Option<String>,
    /// The category that the source itself says.
    reported: Option<String>,
}

/// Without id: a new one.
#[derive(Debug, Clone, InputObject)]
pub struct RuleInput {
    id: Option<Uuid>,
    when: RuleWhenInput,
    category: String,
    kind: Kind,
}

impl RuleInput {
    fn into_rule(self) -> Result<Rule, Problem> {
        let RuleWhenInput { text, account, sign, min_amount, max_amount, currency, reported } = self.when;
        let when = When {
            text,
            account: account.map(AccountId::from_uuid),
            sign: sign.map(Into::into),
            min_amount,
            max_amount,
            currency: currency.map(|code| code.parse()).transpose().map_err(|error| invalid(&error))?,
            reported: reported.map(|category| category.parse()).transpose().map_err(|error| invalid(&error))?,
        };
        let category = self.category.parse().map_err(|error| invalid(&error))?;
        let then = meaning::Meaning { kind: self.kind.into(), category };
        Ok(Rule { id: self.id.map_or_else(RuleId::new, RuleId::from_uuid), when, then })
    }
}

fn invalid<E: std::fmt::Display>(error: &E) -> Problem {
    Problem::new(Code::Invalid, error.to_string())
}

#[derive(Debug, Default)]
pub struct MeaningMutation;

#[Object]
impl MeaningMutation {
    /// Says what 1 to 500 transactions mean. Without category the choice is given up, and rules, source and learning
    /// say again. Without kind it is the category's usual one.
    #[graphql(complexity = "20 + child_complexity")]
    async fn recategorise(
        &self,
        ctx: &Context<'_>,
        business: Uuid,
        transactions: Vec<TransactionRef>,
        category: Option<String>,
        kind: Option<Kind>,
        note: Option<String>,
    ) -> Result<Recategorised, Error> {
        let on = BusinessId::from_uuid(business);
        let principal = allowed(ctx, Action::Manage, Some(on))?;
        let to = to_meaning(category.as_deref(), kind.map(Into::into)).map_err(refused)?;
        let named =
            transactions.iter().map(|named| (AccountId::from_uuid(named.account), TransactionId::from_uuid(named.id)));
        let choice = Choice { transactions: named.collect(), to, note };
        let chosen = choose(ctx.data::<Commands>()?, choice, &meta(ctx, on, principal)).await;
        let chosen = chosen.map_err(|error| match error {
            crate::meaning::ChooseError::Refused(problem) => refused(problem),
            crate::meaning::ChooseError::Command(error) => failed(&error),
        })?;
        let changed = i32::try_from(chosen.changed).unwrap_or(i32::MAX);
        Ok(Recategorised { position: Position(chosen.position), changed })
    }

    /// Adds a rule or changes one: before another one, or where it stands, or last. The receipt names it. It is
    /// applied to what is there in the background.
    async fn set_rule(
        &self,
        ctx: &Context<'_>,
        business: Uuid,
        rule: RuleInput,
        before: Option<Uuid>,
    ) -> Result<Receipt, Error> {
        let on = BusinessId::from_uuid(business);
        allowed(ctx, Action::Manage, Some(on))?;
        let rule = rule.into_rule().map_err(refused)?;
        let id = rule.id.as_uuid();
        order(ctx, on, id, RulesCommand::Set { rule, before: before.map(RuleId::from_uuid) }).await
    }

    async fn delete_rule(&self, ctx: &Context<'_>, business: Uuid, id: Uuid) -> Result<Receipt, Error> {
        order(ctx, BusinessId::from_uuid(business), id, RulesCommand::Delete { id: RuleId::from_uuid(id) }).await
    }

    /// Says that payments are not recurring, whatever they look like; `out: false` takes it back. The receipt names them.
    async fn rule_out_recurring(
        &self,
        ctx: &Context<'_>,
        business: Uuid,
        series: Uuid,
        #[graphql(default = true)] out: bool,
    ) -> Result<Receipt, Error> {
        let on = BusinessId::from_uuid(business);
        let principal = allowed(ctx, Action::Manage, Some(on))?;
        let command = BusinessCommand::RuleOutRecurring { series: SeriesId::from_uuid(series), out };
        let receipt = super::business(ctx, principal, on, command).await?;
        Ok(Receipt { id: series, ..receipt })
    }

    /// All rules in the order in which they are asked.
    async fn order_rules(&self, ctx: &Context<'_>, business: Uuid, ids: Vec<Uuid>) -> Result<Receipt, Error> {
        let ids = ids.into_iter().map(RuleId::from_uuid).collect();
        order(ctx, BusinessId::from_uuid(business), business, RulesCommand::Order { ids }).await
    }
}

/// The receipt names `id`.
async fn order(ctx: &Context<'_>, on: BusinessId, id: Uuid, command: RulesCommand) -> Result<Receipt, Error> {
    let principal = allowed(ctx, Action::Manage, Some(on))?;
    let receipt = business(ctx, principal, on, BusinessCommand::Rules(command)).await?;
    Ok(Receipt { id, ..receipt })
}
