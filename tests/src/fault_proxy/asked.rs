//! What is asked of the table.

use serde_json::Value;

use crate::table::ends_run;

/// Partitions of what models take begin so.
const MEASURES: &str = "LATENCY#";

/// A request to the table.
#[derive(Clone, Debug)]
pub struct Asked {
    pub name: String,
    pub body: Value,
}

impl Asked {
    /// Whether it changes items.
    pub fn is_write(&self) -> bool {
        ["PutItem", "UpdateItem", "DeleteItem"].contains(&self.name.as_str())
            || ["TransactWriteItems", "BatchWriteItem"].contains(&self.name.as_str())
    }

    /// Whether it appends to a log that is begun.
    pub fn is_append(&self) -> bool {
        self.name == "PutItem"
    }

    /// Whether it appends an event of this kind.
    pub fn appends(&self, event: &str) -> bool {
        self.is_append() && self.events().iter().any(|it| it["event"] == event)
    }

    /// Whether it notes the end of a run.
    pub fn ends_run(&self) -> bool {
        ends_run(&self.name, &self.body)
    }

    /// Whether it lengthens a lease and does nothing else.
    pub fn is_renewal(&self) -> bool {
        self.body["UpdateExpression"] == "SET #lease_until = :lease_until"
    }

    pub fn is_read(&self) -> bool {
        ["Query", "GetItem"].contains(&self.name.as_str())
    }

    /// Whether it must see every write that has been answered.
    pub fn is_strong(&self) -> bool {
        self.body["ConsistentRead"] == true
    }

    /// Whether it asks an index, which knows no strong reads.
    pub fn is_of_index(&self) -> bool {
        self.body["IndexName"].is_string()
    }

    /// Whether it reads what models take, which no driver relies on.
    pub fn reads_measures(&self) -> bool {
        let partition = &self.body["ExpressionAttributeValues"][":pk"]["S"];
        let partition = partition.as_str().unwrap_or_default();
        self.name == "Query" && partition.starts_with(MEASURES)
    }

    /// Whether it adds to what models take.
    pub fn adds_measures(&self) -> bool {
        let partition = self.body["Key"]["PK"]["S"].as_str().unwrap_or_default();
        self.name == "UpdateItem" && partition.starts_with(MEASURES)
    }

    /// Who appends.
    pub fn writer(&self) -> &str {
        self.body["Item"]["writer"]["S"].as_str().unwrap()
    }

    /// Whether this driver signs it.
    pub fn is_by(&self, writer: &str) -> bool {
        self.is_write() && self.body.to_string().contains(writer)
    }

    /// The driver that a start names.
    pub fn starter(&self) -> Option<&str> {
        if self.name != "TransactWriteItems" {
            return None;
        }
        self.body["TransactItems"][0]["Put"]["Item"]["writer"]["S"].as_str()
    }

    /// The events that it appends.
    pub fn events(&self) -> Vec<Value> {
        let events = self.body["Item"]["events"]["S"].as_str().unwrap_or("[]");
        serde_json::from_str(events).unwrap()
    }
}
