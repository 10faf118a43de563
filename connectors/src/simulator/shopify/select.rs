//! A query's selection: of what there is, what was asked for, under the names that it wants.

use std::collections::HashMap;

use async_graphql_parser::parse_query;
use async_graphql_parser::types::{ExecutableDocument, Field, Selection, SelectionSet};
use async_graphql_value::ConstValue;
use serde_json::{Map, Value};

#[derive(Debug, thiserror::Error)]
pub enum SelectError {
    #[error("syntax error: {0}")]
    Syntax(String),
    #[error("Field '{field}' doesn't exist on type '{of}'")]
    Unknown { field: String, of: String },
}

/// A query with its variables.
pub struct Asked {
    document: ExecutableDocument,
    variables: Map<String, Value>,
}

impl Asked {
    pub fn parse(query: &str, variables: Map<String, Value>) -> Result<Self, SelectError> {
        let document = parse_query(query).map_err(|error| SelectError::Syntax(error.to_string()))?;
        Ok(Self { document, variables })
    }

    /// The fields at the top of the first operation.
    pub fn top(&self) -> Vec<&Field> {
        let operation = self.document.operations.iter().next().map(|(_, operation)| &operation.node);
        operation.map(|operation| self.fields(&operation.selection_set.node)).unwrap_or_default()
    }

    fn fields<'a>(&'a self, set: &'a SelectionSet) -> Vec<&'a Field> {
        let mut fields = Vec::new();
        for item in &set.items {
            match &item.node {
                Selection::Field(field) => fields.push(&field.node),
                Selection::InlineFragment(fragment) => {
                    fields.extend(self.fields(&fragment.node.selection_set.node));
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.document.fragments.get(&spread.node.fragment_name.node) {
                        fields.extend(self.fields(&fragment.node.selection_set.node));
                    }
                }
            }
        }
        fields
    }

    /// A field's arguments with the variables put in.
    pub fn arguments(&self, field: &Field) -> HashMap<String, Value> {
        let given = field.arguments.iter().filter_map(|(name, value)| {
            let value = value.node.clone().into_const_with(|variable| {
                let value = self.variables.get(variable.as_str()).cloned().unwrap_or(Value::Null);
                ConstValue::from_json(value)
            });
            Some((name.node.to_string(), value.ok()?.into_json().ok()?))
        });
        given.collect()
    }

    /// A field of what a field asks for.
    pub fn within<'a>(&'a self, field: &'a Field, name: &str) -> Option<&'a Field> {
        self.fields(&field.selection_set.node).into_iter().find(|one| one.name.node == name)
    }

    /// What a field asks for of an object.
    pub fn of(&self, field: &Field, object: &Value) -> Result<Value, SelectError> {
        match object {
            Value::Array(items) => items.iter().map(|item| self.of(field, item)).collect(),
            Value::Object(members) => {
                let mut selected = Map::new();
                for field_of in self.fields(&field.selection_set.node) {
                    let name = field_of.name.node.as_str();
                    let key = field_of.alias.as_ref().map_or(name, |alias| alias.node.as_str()).to_owned();
                    if name == "__typename" {
                        selected.insert(key, Value::from(field.name.node.as_str()));
                        continue;
                    }
                    let unknown = || SelectError::Unknown { field: name.to_owned(), of: field.name.node.to_string() };
                    let member = members.get(name).ok_or_else(unknown)?;
                    selected.insert(key, self.of(field_of, member)?);
                }
                Ok(Value::Object(selected))
            }
            scalar => Ok(scalar.clone()),
        }
    }
}
