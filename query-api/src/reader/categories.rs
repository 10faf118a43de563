//! The usual categories, and those of a business besides.

use domain::meaning::{TREE, label};
use domain::{BusinessId, Kind};

use super::Reader;
use crate::failure::Failure;
use crate::views;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryNode {
    pub key: String,
    pub label: String,
    pub parent: Option<&'static str>,
    pub kind: Kind,
    pub usual: bool,
}

impl Reader {
    /// The usual tree, each group before what is in it, and then what is in use in the business besides.
    pub async fn categories(&self, business: BusinessId) -> Result<Vec<CategoryNode>, Failure> {
        let used = views::categories(&self.pool, business).await?;
        let usual = TREE.iter().map(|node| CategoryNode {
            key: node.key.to_owned(),
            label: node.label.to_owned(),
            parent: node.parent,
            kind: node.kind,
            usual: true,
        });
        let own = used.into_iter().filter(|(key, _)| TREE.iter().all(|node| node.key != key));
        let own = own.map(|(key, kind)| CategoryNode { label: label(&key), key, parent: None, kind, usual: false });
        Ok(usual.chain(own).collect())
    }
}
