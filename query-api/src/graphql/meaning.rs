//! What transactions mean: the tree of categories, and why a transaction stands where it does.

use async_graphql::{Context, Object, Result, SimpleObject};
use domain::access::{Action, authorise};
use domain::{BusinessId, meaning};
use uuid::Uuid;

use super::input::Position;
use super::names::{Basis, Kind};
use super::principal;
use super::viewed::shown;
use crate::reader::{self, Reader};
use crate::views::TransactionRow;

#[derive(Debug, Clone, SimpleObject)]
pub struct Meaning {
    kind: Kind,
    category: String,
}

impl From<meaning::Meaning> for Meaning {
    fn from(meaning: meaning::Meaning) -> Self {
        Self { kind: meaning.kind.into(), category: meaning.category.to_string() }
    }
}

impl Meaning {
    pub fn of(row: &TransactionRow) -> Self {
        Self { kind: row.kind.into(), category: row.category.clone() }
    }
}

/// Why a transaction means what it means.
#[derive(Debug, Clone, SimpleObject)]
pub struct Decision {
    basis: Basis,
    /// In percent.
    certainty: i32,
    /// One sentence.
    reason: String,
    /// The rule that decided; it may be gone from the list meanwhile.
    rule: Option<Uuid>,
    /// What was learned from which choices.
    model: Option<String>,
    /// What the source itself says, where something else stands over it.
    reported: Option<Meaning>,
}

impl From<reader::Decision> for Decision {
    fn from(decision: reader::Decision) -> Self {
        Self {
            basis: decision.basis.into(),
            certainty: i32::from(decision.percent),
            reason: decision.reason,
            rule: decision.rule.map(domain::RuleId::as_uuid),
            model: decision.model,
            reported: decision.reported.map(Into::into),
        }
    }
}

/// A category; without parent it is a group, in which transactions may stand too.
#[derive(Debug, Clone, SimpleObject)]
pub struct CategoryNode {
    key: String,
    label: String,
    parent: Option<String>,
    kind: Kind,
    /// Of the usual tree; else it is in use here only.
    usual: bool,
}

impl From<reader::CategoryNode> for CategoryNode {
    fn from(node: reader::CategoryNode) -> Self {
        Self {
            key: node.key,
            label: node.label,
            parent: node.parent.map(str::to_owned),
            kind: node.kind.into(),
            usual: node.usual,
        }
    }
}

/// What the transactions of a business mean.
pub struct MeaningOf {
    pub business: BusinessId,
}

#[Object]
impl MeaningOf {
    /// The usual categories, each group before what is in it, and then those that are in use here besides. As they
    /// stand now.
    async fn categories(&self, ctx: &Context<'_>, min_position: Option<Position>) -> Result<Vec<CategoryNode>> {
        authorise(principal(ctx)?, Action::Read, Some(self.business))?;
        shown(ctx, self.business, min_position).await?;
        let nodes = ctx.data::<Reader>()?.categories(self.business).await?;
        Ok(nodes.into_iter().map(Into::into).collect())
    }
}
