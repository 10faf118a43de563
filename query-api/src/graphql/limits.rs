//! What a query may cost before any of it runs.
//!
//! Size and shape are bounded right after parsing, on the document as its fragments expand it: a few lines of
//! fragments that spread each other twice stand for millions of fields, and even validating them would take minutes.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextParseQuery};
use async_graphql::parser::types::{ExecutableDocument, FragmentDefinition, Selection, SelectionSet};
use async_graphql::{
    Name, ObjectType, Positioned, SchemaBuilder, ServerError, ServerResult, SubscriptionType, Variables,
};

/// Longest text of a query, in bytes.
pub const MOST_QUERY_BYTES: usize = 32 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub depth: usize,
    pub complexity: usize,
    /// The rest counts fields as fragments expand them.
    pub fields: usize,
    pub aliases: usize,
    pub root_fields: usize,
}

impl Default for Limits {
    /// The page's largest query has some 60 fields; the usual introspection query some 250, 15 deep.
    fn default() -> Self {
        Self { depth: 18, complexity: 2_000, fields: 1_000, aliases: 30, root_fields: 20 }
    }
}

impl Limits {
    pub(super) fn apply<Q, M, S>(self, builder: SchemaBuilder<Q, M, S>) -> SchemaBuilder<Q, M, S>
    where
        Q: ObjectType + 'static,
        M: ObjectType + 'static,
        S: SubscriptionType + 'static,
    {
        builder
            .limit_depth(self.depth)
            .limit_complexity(self.complexity)
            .limit_recursive_depth(self.depth * 2)
            .limit_directives(10)
            .disable_suggestions()
            .extension(self)
    }

    fn check(self, document: &ExecutableDocument) -> Result<(), &'static str> {
        let mut counter = Counter { fragments: &document.fragments, seen: HashMap::new() };
        for (_, operation) in document.operations.iter() {
            let shape = counter.shape(&operation.node.selection_set.node);
            if shape.root_fields > self.root_fields {
                return Err("The query asks for too many fields at its root.");
            }
            if shape.fields > self.fields {
                return Err("The query asks for too many fields.");
            }
            if shape.aliases > self.aliases {
                return Err("The query has too many aliases.");
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Shape {
    fields: usize,
    aliases: usize,
    root_fields: usize,
}

struct Counter<'a> {
    fragments: &'a HashMap<Name, Positioned<FragmentDefinition>>,
    /// `None` while it is being counted: a fragment that spreads itself is refused by validation.
    seen: HashMap<&'a str, Option<Shape>>,
}

impl<'a> Counter<'a> {
    fn shape(&mut self, set: &'a SelectionSet) -> Shape {
        let mut total = Shape::default();
        for selection in &set.items {
            let shape = match &selection.node {
                Selection::Field(field) => {
                    let inner = self.shape(&field.node.selection_set.node);
                    let alias = usize::from(field.node.alias.is_some());
                    Shape {
                        fields: inner.fields.saturating_add(1),
                        aliases: inner.aliases.saturating_add(alias),
                        root_fields: 1,
                    }
                }
                Selection::InlineFragment(inline) => self.shape(&inline.node.selection_set.node),
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
            };
            total.fields = total.fields.saturating_add(shape.fields);
            total.aliases = total.aliases.saturating_add(shape.aliases);
            total.root_fields = total.root_fields.saturating_add(shape.root_fields);
        }
        total
    }

    fn fragment(&mut self, name: &'a str) -> Shape {
        if let Some(seen) = self.seen.get(name) {
            return seen.unwrap_or_default();
        }
        let Some(fragment) = self.fragments.get(name) else { return Shape::default() };
        self.seen.insert(name, None);
        let shape = self.shape(&fragment.node.selection_set.node);
        self.seen.insert(name, Some(shape));
        shape
    }
}

impl ExtensionFactory for Limits {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(*self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Limits {
    async fn parse_query(
        &self,
        ctx: &ExtensionContext<'_>,
        query: &str,
        variables: &Variables,
        next: NextParseQuery<'_>,
    ) -> ServerResult<ExecutableDocument> {
        if query.len() > MOST_QUERY_BYTES {
            return Err(ServerError::new("The query is too long.", None));
        }
        let document = next.run(ctx, query, variables).await?;
        self.check(&document).map_err(|reason| ServerError::new(reason, None))?;
        Ok(document)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    fn check(query: &str) -> Result<(), &'static str> {
        Limits::default().check(&parse_query(query).unwrap())
    }

    #[test]
    fn fragments_that_double_are_counted_as_they_expand() {
        let mut bomb = "{ ...f0 }".to_owned();
        for n in 0..60 {
            bomb += &format!(" fragment f{n} on Query {{ ...f{} ...f{} }}", n + 1, n + 1);
        }
        bomb += " fragment f60 on Query { viewer { name } }";
        assert!(check(&bomb).is_err());
    }

    #[test]
    fn many_aliases_and_many_roots_are_refused() {
        let aliases: String = (0..40).map(|n| format!("a{n}: name ")).collect();
        assert_eq!(check(&format!("{{ viewer {{ {aliases} }} }}")), Err("The query has too many aliases."));
        let roots = "viewer { name } ".repeat(21);
        assert_eq!(check(&format!("{{ {roots} }}")), Err("The query asks for too many fields at its root."));
        assert_eq!(check("{ a: viewer { name } b: viewer { name } }"), Ok(()));
    }

    #[test]
    fn a_fragment_that_spreads_itself_is_left_to_validation() {
        assert_eq!(check("{ ...a } fragment a on Query { viewer { name } ...a }"), Ok(()));
    }
}
