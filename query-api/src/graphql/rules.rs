//! Rules, and what others would change.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object, Result, SimpleObject};
use chrono::NaiveDate;
use domain::access::{Action, authorise};
use domain::meaning::{self, MOST_RULES, When};
use domain::security::SealedField;
use domain::{AccountId, BusinessId, RuleId};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::cost;
use super::input::Position;
use super::meaning::{Decision, Meaning};
use super::names::{Kind, Sign};
use super::principal;
use super::standing::Known;
use super::transactions::Transaction;
use super::viewed::Views;
use crate::Failure;
use crate::figures::exact_amount;
use crate::reader::{self, Reader};

/// What a rule asks for: all of it must be so.
#[derive(Debug, Clone, SimpleObject)]
pub struct RuleWhen {
    /// Each is found in description, counterparty or reference; letters of either case are the same, * stands for any
    /// run of them.
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

#[derive(Debug, Clone, SimpleObject)]
pub struct Rule {
    id: Uuid,
    when: RuleWhen,
    then: Meaning,
}

impl From<&meaning::Rule> for Rule {
    fn from(rule: &meaning::Rule) -> Self {
        let When { text, account, sign, min_amount, max_amount, currency, reported } = rule.when.clone();
        let when = RuleWhen {
            text,
            account: account.map(AccountId::as_uuid),
            sign: sign.map(|sign| if sign == meaning::Sign::In { Sign::In } else { Sign::Out }),
            min_amount,
            max_amount,
            currency: currency.map(|currency| currency.to_string()),
            reported: reported.map(|category| category.to_string()),
        };
        Self { id: rule.id.as_uuid(), when, then: rule.then.clone().into() }
    }
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

impl TryFrom<RuleInput> for meaning::Rule {
    type Error = Failure;

    fn try_from(input: RuleInput) -> Result<Self, Failure> {
        let RuleWhenInput { text, account, sign, min_amount, max_amount, currency, reported } = input.when;
        let sign = sign.map(|sign| if sign == Sign::In { meaning::Sign::In } else { meaning::Sign::Out });
        let currency = currency.map(|code| code.parse()).transpose();
        let reported = reported.map(|category| category.parse()).transpose();
        let when = When {
            text,
            account: account.map(AccountId::from_uuid),
            sign,
            min_amount,
            max_amount,
            currency: currency.map_err(|error: domain::UnknownCurrency| Failure::invalid(error.to_string()))?,
            reported: reported.map_err(|error: domain::InvalidCategory| Failure::invalid(error.to_string()))?,
        };
        when.check().map_err(|error| Failure::invalid(error.to_string()))?;
        let category = input.category.parse();
        let category = category.map_err(|error: domain::InvalidCategory| Failure::invalid(error.to_string()))?;
        let id = input.id.map_or_else(RuleId::new, RuleId::from_uuid);
        Ok(Self { id, when, then: meaning::Meaning { kind: input.kind.into(), category } })
    }
}

/// What would change if other rules were the rules.
#[derive(SimpleObject)]
pub struct RulePreview {
    /// False where only the newest transactions were looked at.
    complete: bool,
    looked_at: i32,
    /// The oldest day that was looked at.
    from: Option<NaiveDate>,
    changed: i32,
    /// The newest 50 that would change.
    transactions: Vec<PreviewedTransaction>,
    /// What past figures would move by, oldest month first.
    figures: Vec<PreviewedFigure>,
    known: Known,
}

/// A transaction as it is, and what it would mean.
#[derive(SimpleObject)]
pub struct PreviewedTransaction {
    transaction: Transaction,
    to: Meaning,
    now: Decision,
}

/// What the transactions of one month, kind and category would sum to more or less.
#[derive(Debug, SimpleObject)]
pub struct PreviewedFigure {
    /// Its first day.
    month: NaiveDate,
    currency: String,
    kind: Kind,
    category: String,
    amount: Decimal,
    count: i32,
}

impl RulePreview {
    fn of(business: BusinessId, preview: reader::RulePreview) -> Self {
        let transactions =
            preview.transactions.into_iter().map(|reader::Previewed { was, now }| PreviewedTransaction {
                to: Meaning::of(&now),
                now: reader::Decision::of(&now).into(),
                transaction: Transaction { business, row: was },
            });
        let figures = preview.figures.into_iter().map(|figure| PreviewedFigure {
            month: figure.month,
            currency: figure.currency.to_string(),
            kind: figure.kind.into(),
            category: figure.category,
            amount: exact_amount(figure.amount, figure.currency),
            count: i32::try_from(figure.count).unwrap_or(i32::MAX),
        });
        Self {
            complete: preview.complete,
            looked_at: i32::try_from(preview.looked_at).unwrap_or(i32::MAX),
            from: preview.from,
            changed: i32::try_from(preview.changed).unwrap_or(i32::MAX),
            transactions: transactions.collect(),
            figures: figures.collect(),
            known: preview.known.into(),
        }
    }
}

/// What a business says its transactions mean.
pub struct RulesOf {
    pub views: Arc<Views>,
}

#[Object]
impl RulesOf {
    /// In the order in which they are asked: the first that matches decides. As they stand now.
    async fn rules(&self, ctx: &Context<'_>) -> Result<Vec<Rule>> {
        authorise(principal(ctx)?, Action::Read, Some(self.views.business()))?;
        let rules = ctx.data::<Reader>()?.rules(self.views.business()).await?;
        Ok(rules.list().iter().map(Into::into).collect())
    }

    /// What would change if these were the rules: the whole list in its order. Of what stands now.
    #[graphql(complexity = "10 * cost::READ + cost::list(50, child_complexity)")]
    async fn rule_preview(
        &self,
        ctx: &Context<'_>,
        rules: Vec<RuleInput>,
        min_position: Option<Position>,
    ) -> Result<RulePreview> {
        authorise(principal(ctx)?, Action::Read, Some(self.views.business()))?;
        if rules.len() > MOST_RULES {
            return Err(Failure::invalid(format!("There are at most {MOST_RULES} rules.")).into());
        }
        let rules = rules.into_iter().map(TryInto::try_into).collect::<Result<_, Failure>>()?;
        principal(ctx)?.viewed(SealedField::Description, self.views.business());
        let view = self.views.view(ctx, None, min_position).await?;
        let preview = ctx.data::<Reader>()?.preview_rules(&view, rules).await?;
        Ok(RulePreview::of(view.business.id, preview))
    }

    /// Whether the rules as they are now were applied to everything.
    async fn meaning_settled(&self, ctx: &Context<'_>) -> Result<bool> {
        authorise(principal(ctx)?, Action::Read, Some(self.views.business()))?;
        Ok(ctx.data::<Reader>()?.is_settled(self.views.business()).await?)
    }
}
