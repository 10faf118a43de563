//! Whether two schema definitions say the same, whatever their order, layout and descriptions.

use std::collections::BTreeSet;

use async_graphql::Positioned;
use async_graphql::parser::types::{
    ConstDirective, FieldDefinition, InputValueDefinition, TypeDefinition, TypeKind, TypeSystemDefinition,
};
use async_graphql::parser::{Error, parse_schema};

/// What `left` says and `right` does not, and the other way round; empty where they agree.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Differences {
    pub only_left: Vec<String>,
    pub only_right: Vec<String>,
}

impl Differences {
    pub fn is_empty(&self) -> bool {
        self.only_left.is_empty() && self.only_right.is_empty()
    }
}

/// Compares two schema definitions. Types whose name `skip` picks are left out on both sides.
///
/// # Errors
/// Where one of them does not parse.
pub fn differences(left: &str, right: &str, skip: impl Fn(&str) -> bool) -> Result<Differences, Error> {
    let (left, right) = (facts(left, &skip)?, facts(right, &skip)?);
    Ok(Differences {
        only_left: left.difference(&right).cloned().collect(),
        only_right: right.difference(&left).cloned().collect(),
    })
}

/// One line for each type, field, argument and value.
fn facts(sdl: &str, skip: &impl Fn(&str) -> bool) -> Result<BTreeSet<String>, Error> {
    let mut facts = BTreeSet::new();
    for definition in parse_schema(sdl)?.definitions {
        if let TypeSystemDefinition::Type(definition) = definition
            && !skip(&definition.node.name.node)
        {
            type_facts(&definition.node, &mut facts);
        }
    }
    Ok(facts)
}

fn type_facts(definition: &TypeDefinition, facts: &mut BTreeSet<String>) {
    let name = &definition.name.node;
    match &definition.kind {
        TypeKind::Scalar => {
            facts.insert(format!("scalar {name}"));
        }
        TypeKind::Object(object) => fields("type", name, &object.fields, facts),
        TypeKind::Interface(interface) => fields("interface", name, &interface.fields, facts),
        TypeKind::Union(union) => {
            facts.extend(union.members.iter().map(|member| format!("union {name} = {}", member.node)));
        }
        TypeKind::Enum(values) => {
            facts.extend(values.values.iter().map(|value| format!("enum {name} {}", value.node.value.node)));
        }
        TypeKind::InputObject(input) => {
            let one_of = if is_one_of(&definition.directives) { " @oneOf" } else { "" };
            facts.extend(input.fields.iter().map(|field| format!("input {name}{one_of} {}", value(&field.node))));
        }
    }
}

fn fields(keyword: &str, name: &str, fields: &[Positioned<FieldDefinition>], facts: &mut BTreeSet<String>) {
    for field in fields {
        let field = &field.node;
        facts.insert(format!("{keyword} {name} {}: {}", field.name.node, field.ty.node));
        for argument in &field.arguments {
            facts.insert(format!("{keyword} {name} {}({})", field.name.node, value(&argument.node)));
        }
    }
}

fn value(value: &InputValueDefinition) -> String {
    let default = value.default_value.as_ref().map(|default| format!(" = {}", default.node)).unwrap_or_default();
    format!("{}: {}{default}", value.name.node, value.ty.node)
}

fn is_one_of(directives: &[Positioned<ConstDirective>]) -> bool {
    directives.iter().any(|directive| directive.node.name.node == "oneOf")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_words_do_not_matter_and_types_do() {
        let left = r#""One" type A { b(c: Int = 1, d: [Int!]): Int! e: E } enum E { X Y }"#;
        let right = r#"enum E { Y X } type A { e: E "Two" b(d: [Int!] c: Int = 1): Int! }"#;
        assert!(differences(left, right, |_| false).unwrap().is_empty());
        let other = right.replace("c: Int = 1", "c: Int! = 2");
        let found = differences(left, &other, |_| false).unwrap();
        assert_eq!(found.only_left, ["type A b(c: Int = 1)"]);
        assert_eq!(found.only_right, ["type A b(c: Int! = 2)"]);
    }

    /// The page is written against this file; mutations are another service's.
    #[test]
    fn the_schema_is_the_one_that_the_page_is_written_against() {
        let contract = include_str!("../../../ui/schema.graphql");
        let commands = |name: &str| {
            matches!(
                name,
                "Mutation"
                    | "RegisterBusiness"
                    | "Receipt"
                    | "TransactionRef"
                    | "Recategorised"
                    | "RateInput"
                    | "SplitPartInput"
                    | "MatchDecision"
            )
        };
        let found = differences(contract, &crate::graphql::sdl(), commands).unwrap();
        assert!(found.is_empty(), "{found:#?}");
    }
}
