//! What a query may cost before any of it runs.
//!
//! Size and shape are bounded right after parsing, on the document as its fragments expand it: a few lines of
//! fragments that spread each other twice stand for millions of fields, and even looking how deep they are would take
//! minutes. What the answer weighs ([`cost`](super::cost)) is bounded once the query is known to be valid.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use async_graphql::extensions::{Extension, ExtensionContext, ExtensionFactory, NextPrepareRequest, NextValidation};
use async_graphql::parser::types::{
    DocumentOperations, ExecutableDocument, FragmentDefinition, OperationType, Selection, SelectionSet,
};
use async_graphql::parser::{self, parse_query};
use async_graphql::{
    Name, ObjectType, Positioned, Request, SchemaBuilder, ServerError, ServerResult, SubscriptionType, ValidationResult,
};

/// Longest text of a query, in bytes.
pub const MOST_QUERY_BYTES: usize = 32 * 1024;

const TOO_MUCH: &str = "The query asks for more than one answer holds; ask for shorter pages, shorter periods or larger \
                        buckets, or in several queries.";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub depth: usize,
    /// In values of the answer.
    pub complexity: usize,
    /// The rest counts as fragments expand, and a fragment that is spread counts as a field.
    pub fields: usize,
    pub aliases: usize,
    pub root_fields: usize,
}

impl Default for Limits {
    /// The page's largest query has some 60 fields; the usual introspection query some 250, 15 deep. Its heaviest asks
    /// for categories by month over more than a century, as one mistyped day makes it: 140,000. That is 3 MB or so.
    fn default() -> Self {
        Self { depth: 18, complexity: 150_000, fields: 1_000, aliases: 30, root_fields: 20 }
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
            .limit_recursive_depth(self.depth * 2)
            .limit_directives(10)
            .disable_suggestions()
            .extension(self)
    }

    fn check(self, document: &ExecutableDocument) -> Result<(), &'static str> {
        let mut counter = Counter::of(document);
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

/// How many changes a request asks for: the fields at the root of its mutations, as fragments expand. None of what cannot be
/// read: it is refused before it changes anything.
pub fn changes(query: &str, operation: Option<&str>) -> usize {
    if query.len() > MOST_QUERY_BYTES || !query.contains("mutation") {
        return 0;
    }
    let Ok(mut document) = parse_query(query) else { return 0 };
    if let Some(name) = operation {
        keep_asked(&mut document, name);
    }
    let mut counter = Counter::of(&document);
    let operations = document.operations.iter().map(|(_, operation)| &operation.node);
    let mutations = operations.filter(|operation| operation.ty == OperationType::Mutation);
    mutations.map(|operation| counter.shape(&operation.selection_set.node).root_fields).sum()
}

/// Of several operations the asked one, with the fragments that it spreads: only its variables are known, by which it
/// is weighed.
fn keep_asked(document: &mut ExecutableDocument, name: &str) {
    let DocumentOperations::Multiple(operations) = &mut document.operations else { return };
    operations.retain(|other, _| other.as_str() == name);
    let mut counter = Counter::of(document);
    for (_, operation) in document.operations.iter() {
        counter.shape(&operation.node.selection_set.node);
    }
    let spread: HashSet<Name> = counter.seen.into_keys().map(Name::new).collect();
    document.fragments.retain(|fragment, _| spread.contains(fragment));
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
    fn of(document: &'a ExecutableDocument) -> Self {
        Self { fragments: &document.fragments, seen: HashMap::new() }
    }

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
                Selection::FragmentSpread(spread) => {
                    let inner = self.fragment(&spread.node.fragment_name.node);
                    Shape { fields: inner.fields.saturating_add(1), ..inner }
                }
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

/// Where a document stops being GraphQL. What the parser says would show the line, and whatever secret stands in it.
fn unread(error: parser::Error) -> ServerError {
    match error {
        parser::Error::Syntax { start, .. } => {
            let text = format!("The query is no GraphQL from line {}, column {} on.", start.line, start.column);
            ServerError::new(text, Some(start))
        }
        error => error.into(),
    }
}

impl ExtensionFactory for Limits {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(*self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Limits {
    async fn prepare_request(
        &self,
        ctx: &ExtensionContext<'_>,
        request: Request,
        next: NextPrepareRequest<'_>,
    ) -> ServerResult<Request> {
        let mut request = next.run(ctx, request).await?;
        if request.query.len() > MOST_QUERY_BYTES {
            return Err(ServerError::new("The query is too long.", None));
        }
        let mut document = parse_query(&request.query).map_err(unread)?;
        if let Some(name) = &request.operation_name {
            keep_asked(&mut document, name);
        }
        self.check(&document).map_err(|reason| ServerError::new(reason, None))?;
        request.set_parsed_query(document);
        Ok(request)
    }

    async fn validation(
        &self,
        ctx: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let valid = next.run(ctx).await?;
        if valid.complexity > self.complexity { Err(vec![ServerError::new(TOO_MUCH, None)]) } else { Ok(valid) }
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
        let mut bomb = "{ businesses { ...f0 } }".to_owned();
        for n in 0..60 {
            bomb += &format!(" fragment f{n} on Business {{ ...f{} ...f{} }}", n + 1, n + 1);
        }
        // Whether or not there is anything at their end.
        assert_eq!(check(&bomb), Err("The query asks for too many fields."));
        bomb += " fragment f60 on Business { name }";
        assert_eq!(check(&bomb), Err("The query asks for too many fields."));
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
    fn of_several_operations_only_the_asked_one_is_looked_at() {
        let bomb: String = (0..40).map(|n| format!("a{n}: name ")).collect();
        let query = format!(
            "query Small {{ ...a }} query Bomb {{ viewer {{ {bomb} }} ...b }}
             fragment a on Query {{ viewer {{ name }} }} fragment b on Query {{ ...a }}"
        );
        let kept = |name: &str| {
            let mut document = parse_query(&query).unwrap();
            keep_asked(&mut document, name);
            (Limits::default().check(&document), document.fragments.len())
        };
        assert_eq!(kept("Small"), (Ok(()), 1));
        assert_eq!(kept("Bomb"), (Err("The query has too many aliases."), 2));
    }

    #[test]
    fn changes_are_counted_as_fragments_expand() {
        let query = "query Read { viewer { name } } fragment two on Mutation { b: rename c: rename }
            mutation Write { rename ...two ... on Mutation { rename } }";
        assert_eq!((changes(query, Some("Read")), changes(query, Some("Write"))), (0, 4));
        assert_eq!((changes("{ mutation }", None), changes("mutation {", None)), (0, 0));
    }

    #[test]
    fn a_syntax_error_says_where_it_is_and_shows_nothing() {
        let error = unread(parse_query("{ business(id: \"canary\") {\n  name canary: }").unwrap_err());
        assert_eq!(error.message, "The query is no GraphQL from line 2, column 16 on.");
        assert_eq!((error.locations[0].line, error.locations[0].column), (2, 16));
    }

    #[test]
    fn a_fragment_that_spreads_itself_is_left_to_validation() {
        assert_eq!(check("{ ...a } fragment a on Query { viewer { name } ...a }"), Ok(()));
    }
}
