//! Measures a parsed document without executing it.
//!
//! Each fragment is measured once and its cost added wherever it is spread, so fragments that
//! spread each other twice cost as much to measure as they are long. All arithmetic saturates.

use std::{
    cell::Cell,
    collections::{HashMap, HashSet},
};

use async_graphql::{
    Name, Pos, Positioned, Variables,
    parser::types::{
        ExecutableDocument, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
    },
};
use async_graphql_value::Value;

use super::{
    Limit, LimitError, LimitSettings, SchemaTable,
    fragments::{all_spreads, in_order_of_use},
    schema_table::{Multiplicity, OutputType},
    set_cost::{Peak, SetCost},
};

/// Validation words an error for each unknown field, with suggestions that take time to find; a
/// document with more of them than this is refused with these alone.
const MAX_UNKNOWN_FIELDS: usize = 20;

/// What an operation may cost, fragments filled in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Levels of fields.
    pub depth: usize,
    /// Fields that the answer may hold.
    pub complexity: u64,
    /// Fields, spreads and inline fragments.
    pub selections: usize,
    /// Whether it may be another with other variables.
    pub varies: bool,
}

/// Measures all operations and fragments. The cost returned is the greatest of each kind.
pub(crate) fn measure(
    document: &ExecutableDocument,
    variables: &Variables,
    table: &SchemaTable,
    settings: &LimitSettings,
) -> Result<Cost, LimitError> {
    let mut walker = Walker {
        table,
        settings,
        variables,
        varies: Cell::new(false),
        variable_defaults: variable_defaults(document),
        fragments: HashMap::new(),
        merge_checks: 0,
        unknown_fields: Vec::new(),
    };
    let mut selections = 0_usize;
    let spread: HashSet<&str> = all_spreads(document);
    for (name, fragment) in in_order_of_use(document)? {
        let cost = walker.fragment(fragment)?;
        if !spread.contains(name) {
            selections = selections.saturating_add(cost.selections);
        }
        walker.fragments.insert(name, cost);
    }

    let mut greatest = Cost::default();
    for (_, operation) in document.operations.iter() {
        let cost = walker.operation(operation)?;
        selections = selections.saturating_add(cost.selections);
        greatest.depth = greatest.depth.max(cost.depth.value);
        greatest.complexity = greatest
            .complexity
            .max(cost.complexity(settings.default_page_size));
    }
    greatest.selections = selections;
    greatest.varies = walker.varies.get();
    at_most(Limit::Selections, settings.selections, selections, None)?;
    Ok(greatest)
}

fn at_most<T: PartialOrd + TryInto<u64>>(
    limit: Limit,
    allowed: T,
    found: T,
    at: Option<Pos>,
) -> Result<(), LimitError> {
    if found > allowed {
        return Err(LimitError::exceeded(limit, allowed, found, at));
    }
    Ok(())
}

struct Walker<'a> {
    table: &'a SchemaTable,
    settings: &'a LimitSettings,
    variables: &'a Variables,
    /// Whether a variable has been looked at.
    varies: Cell<bool>,
    variable_defaults: HashMap<&'a str, u64>,
    fragments: HashMap<&'a str, SetCost>,
    merge_checks: usize,
    unknown_fields: Vec<(String, Pos)>,
}

impl Walker<'_> {
    fn fragment(
        &mut self,
        fragment: &Positioned<FragmentDefinition>,
    ) -> Result<SetCost, LimitError> {
        let on_type = self
            .table
            .output(fragment.node.type_condition.node.on.node.as_str());
        let mut cost = self.selection_set(&fragment.node.selection_set, on_type)?;
        cost.directives = cost
            .directives
            .saturating_add(fragment.node.directives.len());
        at_most(
            Limit::Nesting,
            self.settings.nesting,
            cost.levels.value,
            cost.levels.at,
        )?;
        Ok(cost)
    }

    fn operation(
        &mut self,
        operation: &Positioned<OperationDefinition>,
    ) -> Result<SetCost, LimitError> {
        let at = Some(operation.pos);
        let settings = self.settings;
        let definitions = &operation.node.variable_definitions;
        at_most(Limit::Variables, settings.variables, definitions.len(), at)?;

        let root = self.table.root(operation.node.ty);
        let mut cost = self.selection_set(&operation.node.selection_set, root)?;
        cost.directives = definitions
            .iter()
            .map(|definition| definition.node.directives.len())
            .fold(cost.directives, usize::saturating_add)
            .saturating_add(operation.node.directives.len());

        at_most(
            Limit::Nesting,
            settings.nesting,
            cost.levels.value,
            cost.levels.at,
        )?;
        at_most(Limit::Selections, settings.selections, cost.selections, at)?;
        at_most(
            Limit::Depth,
            settings.depth,
            cost.depth.value,
            cost.depth.at,
        )?;
        at_most(Limit::RootFields, settings.root_fields, cost.own_fields, at)?;
        at_most(Limit::Aliases, settings.aliases, cost.aliases, at)?;
        at_most(Limit::Directives, settings.directives, cost.directives, at)?;
        let complexity = cost.complexity(settings.default_page_size);
        at_most(
            Limit::Complexity,
            settings.complexity,
            complexity,
            cost.costliest.at,
        )?;
        let introspection = &cost.introspection;
        at_most(
            Limit::IntrospectionDepth,
            settings.introspection_depth,
            introspection.depth.value,
            introspection.depth.at,
        )?;
        at_most(
            Limit::IntrospectionLists,
            settings.introspection_lists,
            introspection.lists.value,
            introspection.lists.at,
        )?;
        let allowed = settings.introspection_complexity;
        at_most(
            Limit::IntrospectionComplexity,
            allowed,
            introspection.fields,
            at,
        )?;
        Ok(cost)
    }

    /// Recursion is bounded by the nesting of brackets in the text: fragments are measured before.
    fn selection_set(
        &mut self,
        set: &Positioned<SelectionSet>,
        on_type: Option<&OutputType>,
    ) -> Result<SetCost, LimitError> {
        let mut cost = SetCost {
            levels: Peak {
                value: 1,
                at: Some(set.pos),
            },
            ..SetCost::default()
        };
        for selection in &set.node.items {
            cost.selections = cost.selections.saturating_add(1);
            cost.directives = cost
                .directives
                .saturating_add(selection.node.directives().len());
            match &selection.node {
                Selection::Field(field) => self.field(field, on_type, &mut cost)?,
                Selection::InlineFragment(inline) => {
                    let on_type = match &inline.node.type_condition {
                        Some(condition) => self.table.output(condition.node.on.node.as_str()),
                        None => on_type,
                    };
                    let fragment = self.selection_set(&inline.node.selection_set, on_type)?;
                    cost.add_fragment(&fragment);
                }
                // One that is not defined is left to validation.
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) =
                        self.fragments.get(spread.node.fragment_name.node.as_str())
                    {
                        cost.add_fragment(fragment);
                    }
                }
            }
        }
        self.merge_checks = self.merge_checks.saturating_add(cost.merge_checks);
        at_most(
            Limit::MergeChecks,
            self.settings.merge_checks,
            self.merge_checks,
            Some(set.pos),
        )?;
        Ok(cost)
    }

    fn field(
        &mut self,
        field: &Positioned<Field>,
        on_type: Option<&OutputType>,
        cost: &mut SetCost,
    ) -> Result<(), LimitError> {
        let at = Some(field.pos);
        let name = field.node.name.node.as_str();
        let arguments = field.node.arguments.len();
        cost.aliases = cost
            .aliases
            .saturating_add(usize::from(field.node.alias.is_some()));
        cost.own_fields = cost.own_fields.saturating_add(1);
        cost.merge_checks = cost
            .merge_checks
            .saturating_add(arguments.saturating_mul(arguments).saturating_add(1));

        let definition = on_type.and_then(|on_type| on_type.fields.get(name));
        if definition.is_none() && name != "__typename" {
            self.note_unknown_field(name, on_type, field.pos)?;
        }
        if field.node.selection_set.node.items.is_empty() {
            cost.depth.raise(1, at);
            cost.fields = cost.fields.saturating_add(1);
            cost.costliest.raise(1, at);
            return Ok(());
        }

        let sub_type = definition.and_then(|definition| self.table.output(&definition.type_name));
        let sub = self.selection_set(&field.node.selection_set, sub_type)?;
        cost.levels
            .raise(sub.levels.value.saturating_add(1), sub.levels.at);
        let multiplicity =
            definition.map_or(Multiplicity::One, |definition| definition.multiplicity);
        let page_size = self.page_size(&field.node);
        let total = sub.complexity(page_size.unwrap_or(self.settings.default_page_size));

        if matches!(name, "__schema" | "__type") {
            // Introspection is measured by its own scale; to the query around it, it is one field.
            cost.depth.raise(1, at);
            cost.fields = cost.fields.saturating_add(1);
            cost.costliest.raise(1, at);
            cost.add_counts(&sub);
            let introspection = &mut cost.introspection;
            introspection
                .depth
                .raise(sub.depth.value.saturating_add(1), sub.depth.at);
            introspection.fields = introspection.fields.saturating_add(total);
            return Ok(());
        }

        let is_type_list = matches!(
            name,
            "fields" | "inputFields" | "interfaces" | "possibleTypes"
        ) && on_type.is_some_and(|on_type| on_type.name == "__Type");
        cost.add_counts(&sub);
        if is_type_list {
            let lists = sub.introspection.lists;
            cost.introspection
                .lists
                .raise(lists.value.saturating_add(1), lists.at.or(at));
        }
        cost.depth
            .raise(sub.depth.value.saturating_add(1), sub.depth.at);
        let times = match multiplicity {
            Multiplicity::One | Multiplicity::Connection | Multiplicity::Items => 1,
            // Where a list is asked for by a list (`nodes(ids:)`), that one tells how long it is.
            Multiplicity::List(estimate) => page_size
                .or_else(|| self.list_argument(&field.node))
                .unwrap_or(estimate),
        };
        let own = total.saturating_mul(times).saturating_add(1);
        if multiplicity == Multiplicity::Items {
            cost.items = cost.items.saturating_add(own);
        } else {
            cost.fields = cost.fields.saturating_add(own);
        }
        cost.costliest.raise(own, at);
        Ok(())
    }

    fn note_unknown_field(
        &mut self,
        name: &str,
        on_type: Option<&OutputType>,
        at: Pos,
    ) -> Result<(), LimitError> {
        if let Some(on_type) = on_type.filter(|on_type| on_type.has_fields) {
            self.unknown_fields
                .push((format!("\"{name}\" on \"{}\"", on_type.name), at));
        }
        if self.unknown_fields.len() <= MAX_UNKNOWN_FIELDS {
            return Ok(());
        }
        let (names, locations): (Vec<_>, Vec<_>) = self.unknown_fields.drain(..).unzip();
        Err(LimitError::Invalid {
            message: format!(
                "More than {MAX_UNKNOWN_FIELDS} unknown fields: {}.",
                names.join(", ")
            ),
            locations,
        })
    }

    /// The `first` or `last` of a field, the greater where both are given, if one is known.
    fn page_size(&self, field: &Field) -> Option<u64> {
        ["first", "last"]
            .iter()
            .filter_map(|name| field.get_argument(name))
            .filter_map(|value| match &value.node {
                Value::Number(number) => Some(count_of(number)),
                Value::Variable(variable) => self.variable_count(variable),
                _ => None,
            })
            .max()
            .map(|size| size.clamp(1, self.settings.max_page_size.max(1)))
    }

    fn variable_count(&self, variable: &Name) -> Option<u64> {
        match self.variable(variable) {
            Some(async_graphql::Value::Number(number)) => Some(count_of(number)),
            Some(async_graphql::Value::Null) => None,
            // Not a number: refused later, and until then as many as there may be.
            Some(_) => Some(u64::MAX),
            None => self.variable_defaults.get(variable.as_str()).copied(),
        }
    }

    fn variable(&self, name: &Name) -> Option<&async_graphql::Value> {
        self.varies.set(true);
        self.variables.get(name)
    }

    fn list_argument(&self, field: &Field) -> Option<u64> {
        field
            .arguments
            .iter()
            .filter_map(|(_, value)| match &value.node {
                Value::List(values) => Some(values.len()),
                Value::Variable(variable) => match self.variable(variable) {
                    Some(async_graphql::Value::List(values)) => Some(values.len()),
                    _ => None,
                },
                _ => None,
            })
            .max()
            .map(|length| u64::try_from(length).unwrap_or(u64::MAX))
    }
}

/// Negative numbers and fractions are refused later; until then they count as little, or as much, as can be.
fn count_of(number: &async_graphql::Number) -> u64 {
    number
        .as_u64()
        .unwrap_or(if number.is_i64() { 0 } else { u64::MAX })
}

/// The greatest default of each variable name. Fragments are measured once for all operations, so
/// the operations' defaults are too.
fn variable_defaults(document: &ExecutableDocument) -> HashMap<&str, u64> {
    let mut defaults = HashMap::new();
    for (_, operation) in document.operations.iter() {
        for definition in &operation.node.variable_definitions {
            if let Some(async_graphql::Value::Number(number)) = definition
                .node
                .default_value
                .as_ref()
                .map(|value| &value.node)
            {
                let default = defaults
                    .entry(definition.node.name.node.as_str())
                    .or_insert(0);
                *default = count_of(number).max(*default);
            }
        }
    }
    defaults
}
