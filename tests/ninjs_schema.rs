//! The JSON Schema of ninjs 3.1 as IPTC publishes it, read where it stands beside the project.

use std::path::PathBuf;

use jsonschema::{Retrieve, Uri, Validator};
use serde_json::Value;

/// Stands in for the schema of `GeoJSON`, which that of ninjs refers to: nothing is valid by it, and no item has any.
struct NoGeography;

impl Retrieve for NoGeography {
    fn retrieve(
        &self,
        uri: &Uri<String>,
    ) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        assert_eq!(uri.as_str(), "https://geojson.org/schema/GeoJSON.json");
        Ok(Value::Bool(false))
    }
}

/// Asserts what the schema says of an item; nothing, said aloud, where the schema is not there.
pub(crate) struct Ninjs(Option<Validator>);

impl Ninjs {
    /// Reads the schema.
    pub(crate) fn read() -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../../shared/data/schemas/ninjs-schema_3.1.json");
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("SKIPPED: no schema of ninjs at {}", path.display());
            return Self(None);
        };
        let schema: Value = serde_json::from_str(&text).expect("a schema in JSON");
        let validator = jsonschema::options()
            .with_retriever(NoGeography)
            .should_validate_formats(true)
            .build(&schema)
            .expect("a schema");
        Self(Some(validator))
    }

    /// Whether the schema is there.
    pub(crate) fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// What is wrong with an item.
    pub(crate) fn faults(&self, item: &Value) -> Vec<String> {
        let faults = self.0.iter().flat_map(|schema| schema.iter_errors(item));
        faults
            .map(|fault| format!("{}: {fault}", fault.instance_path()))
            .collect()
    }

    /// Asserts that an item is as the schema has it.
    #[track_caller]
    pub(crate) fn assert_valid(&self, item: &Value) {
        let faults = self.faults(item);
        assert!(faults.is_empty(), "{item:#}\n{}", faults.join("\n"));
    }
}
