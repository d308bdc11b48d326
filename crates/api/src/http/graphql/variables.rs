//! Checks the variables' values against their types before execution.
//!
//! GraphQL specification, section 6.1.2: a value that does not fit is an error of the request, which
//! is then not executed. The library below leaves some of that to the fields. Values are only
//! checked here, not changed; what a custom scalar takes is left to it.

use async_graphql::{
    Pos, Value, Variables,
    parser::types::{BaseType, OperationDefinition, Type},
};

use crate::limits::{InputType, SchemaTable};

/// A variable whose value does not fit.
#[derive(Debug, PartialEq)]
pub(crate) struct VariableError {
    pub(crate) message: String,
    pub(crate) at: Pos,
}

/// Checks all variables that the operation defines; those it does not are ignored.
pub(crate) fn check_variables(
    operation: &OperationDefinition,
    variables: &Variables,
    table: &SchemaTable,
) -> Result<(), VariableError> {
    for definition in &operation.variable_definitions {
        let at = definition.pos;
        let definition = &definition.node;
        let name = &definition.name.node;
        let ty = &definition.var_type.node;
        match variables.get(name) {
            None if !ty.nullable && definition.default_value.is_none() => {
                return Err(VariableError {
                    message: format!("Variable \"${name}\" of type \"{ty}\" has no value."),
                    at,
                });
            }
            None => {}
            Some(value) => {
                let mut path = Vec::new();
                fits(value, ty, table, &mut path).map_err(|expected| VariableError {
                    message: format!("Variable \"${name}{}\" {expected}.", path.concat()),
                    at,
                })?;
            }
        }
    }
    Ok(())
}

/// The path is that of the value that does not fit, where one does not.
fn fits(
    value: &Value,
    ty: &Type,
    table: &SchemaTable,
    path: &mut Vec<String>,
) -> Result<(), String> {
    if *value == Value::Null {
        return if ty.nullable {
            Ok(())
        } else {
            Err(format!("is null, but its type is \"{ty}\""))
        };
    }
    match (&ty.base, value) {
        (BaseType::List(inner), Value::List(values)) => {
            for (index, value) in values.iter().enumerate() {
                path.push(format!("[{index}]"));
                fits(value, inner, table, path)?;
                path.pop();
            }
            Ok(())
        }
        // One value stands for a list of one (section 3.11).
        (BaseType::List(inner), value) => fits(value, inner, table, path),
        (BaseType::Named(name), value) => fits_named(value, name.as_str(), table, path),
    }
}

fn fits_named(
    value: &Value,
    name: &str,
    table: &SchemaTable,
    path: &mut Vec<String>,
) -> Result<(), String> {
    let fits_scalar = match name {
        "Int" => matches!(value, Value::Number(number)
            if number.as_i64().is_some_and(|number| i32::try_from(number).is_ok())),
        "Float" => matches!(value, Value::Number(_)),
        "String" => matches!(value, Value::String(_)),
        "Boolean" => matches!(value, Value::Boolean(_)),
        "ID" => match value {
            Value::String(_) => true,
            Value::Number(number) => number.is_i64() || number.is_u64(),
            _ => false,
        },
        _ => true,
    };
    if !fits_scalar {
        return Err(format!("is not a value of type \"{name}\""));
    }
    match table.input(name) {
        Some(InputType::Enum(values)) => match value {
            Value::String(given) if values.iter().any(|value| value == given) => Ok(()),
            _ => Err(format!("is not a value of the enum \"{name}\"")),
        },
        Some(InputType::Object { fields, one_of }) => {
            let Value::Object(given) = value else {
                return Err(format!("is not an object of type \"{name}\""));
            };
            if *one_of && (given.len() != 1 || given.values().any(|value| *value == Value::Null)) {
                return Err(format!(
                    "has to give exactly one field of \"{name}\", and not null"
                ));
            }
            if let Some(missing) = fields
                .iter()
                .filter(|(field, definition)| {
                    definition.required && !given.contains_key(field.as_str())
                })
                .map(|(field, _)| field)
                .min()
            {
                return Err(format!("lacks the field \"{missing}\" of \"{name}\""));
            }
            for (field, value) in given {
                let Some(definition) = fields.get(field.as_str()) else {
                    let field: String = field.as_str().chars().take(64).collect();
                    return Err(format!("has a field \"{field}\" that \"{name}\" does not"));
                };
                path.push(format!(".{field}"));
                fits(value, &definition.ty, table, path)?;
                path.pop();
            }
            Ok(())
        }
        // A type that is not known, or not for input, is left to validation.
        Some(InputType::Scalar) | None => Ok(()),
    }
}
