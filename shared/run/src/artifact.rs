//! What a tool returned, and the files that came with it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Where a result lists the files that came with it.
pub const ARTIFACTS: &str = "artifacts";

/// A file in a tool's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArtifactEntry {
    pub name: String,
    pub media_type: String,
    pub bytes: u64,
    /// Which of the run's files of this name it is; `None` where it could not be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Why it was not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The result of a tool that is no model. As JSON it is one object, in which [`ARTIFACTS`] lists the files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Map<String, Value>", into = "Map<String, Value>")]
pub struct ToolObject {
    fields: Map<String, Value>,
    artifacts: Vec<ArtifactEntry>,
}

impl ToolObject {
    /// A result with the files that were kept of it, in place of a list that the tool may have made itself.
    pub fn new(mut fields: Map<String, Value>, artifacts: Vec<ArtifactEntry>) -> Self {
        if artifacts.is_empty() {
            return Self::from(fields);
        }
        fields.remove(ARTIFACTS);
        Self { fields, artifacts }
    }

    /// All but the list of files.
    pub const fn fields(&self) -> &Map<String, Value> {
        &self.fields
    }

    pub fn artifacts(&self) -> &[ArtifactEntry] {
        &self.artifacts
    }

    /// The fields and the list.
    pub fn into_parts(self) -> (Map<String, Value>, Vec<ArtifactEntry>) {
        (self.fields, self.artifacts)
    }

    /// As one object.
    pub fn to_map(&self) -> Map<String, Value> {
        self.clone().into()
    }
}

/// A list of anything else than files is a field like any other.
impl From<Map<String, Value>> for ToolObject {
    fn from(mut fields: Map<String, Value>) -> Self {
        let artifacts = fields.get(ARTIFACTS).and_then(entries).unwrap_or_default();
        if !artifacts.is_empty() {
            fields.remove(ARTIFACTS);
        }
        Self { fields, artifacts }
    }
}

impl From<ToolObject> for Map<String, Value> {
    fn from(object: ToolObject) -> Self {
        let ToolObject {
            mut fields,
            artifacts,
        } = object;
        if !artifacts.is_empty() {
            let listed = artifacts.into_iter().map(ArtifactEntry::into_value);
            fields.insert(ARTIFACTS.to_owned(), listed.collect());
        }
        fields
    }
}

/// The files of a list that holds nothing else, and of each no more than is kept.
fn entries(list: &Value) -> Option<Vec<ArtifactEntry>> {
    let read = |value: &Value| {
        let entry = ArtifactEntry::deserialize(value).ok()?;
        (entry.clone().into_value() == *value).then_some(entry)
    };
    list.as_array()?.iter().map(read).collect()
}

impl ArtifactEntry {
    fn into_value(self) -> Value {
        let Self {
            name,
            media_type,
            bytes,
            version,
            error,
        } = self;
        let mut entry = Map::from_iter([
            ("name".to_owned(), name.into()),
            ("media_type".to_owned(), media_type.into()),
            ("bytes".to_owned(), bytes.into()),
        ]);
        let said = [("version", version), ("error", error)];
        let said = said
            .into_iter()
            .filter_map(|(key, text)| Some((key, text?)));
        entry.extend(said.map(|(key, text)| (key.to_owned(), text.into())));
        Value::Object(entry)
    }
}
