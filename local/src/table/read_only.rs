//! A table's file, read beside the process that works on it.
//!
//! `SQLite` is told by the address of the file that it may not write, and keeps this process from it. With the journal that
//! `dynoxide` keeps, readers neither hold a writer up nor wait for one.

use std::path::Path;

use anyhow::Context as _;
use dynoxide::Database;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// What would mean something else in the path of an address; all other bytes may stand there.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-');

/// Opens a table's file that is there; writes to it fail.
pub fn open_to_read(path: &Path) -> anyhow::Result<Database> {
    let bytes = path.as_os_str().as_encoded_bytes();
    let address = format!("file:{}?mode=ro", percent_encode(bytes, RESERVED));
    Database::new(&address).with_context(|| {
        format!(
            "read the table in {}: check that you may read it, and write in its folder, where SQLite keeps note of its \
             readers; a file of an older version is brought up to date by the next start of the stack",
            path.display()
        )
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::sync::atomic::{AtomicBool, Ordering};

    use serde_json::json;

    use super::*;
    use crate::table::{open, perform};

    fn ask(
        database: &Database,
        operation: &str,
        request: serde_json::Value,
    ) -> Result<String, String> {
        let answer = perform(database, operation, request.to_string().as_bytes()).unwrap();
        answer.map_err(|error| error.to_string())
    }

    fn make_table(database: &Database) {
        let request = json!({
            "TableName": "log",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "PK", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "PK", "KeyType": "HASH"}],
        });
        ask(database, "CreateTable", request).unwrap();
    }

    fn put(database: &Database, key: &str) -> Result<String, String> {
        let item = json!({"PK": {"S": key}});
        ask(
            database,
            "PutItem",
            json!({"TableName": "log", "Item": item}),
        )
    }

    fn count(database: &Database) -> serde_json::Value {
        let found = ask(database, "Scan", json!({"TableName": "log"})).unwrap();
        serde_json::from_str::<serde_json::Value>(&found).unwrap()["Count"].clone()
    }

    #[test]
    fn a_reader_sees_what_is_written_beside_it_and_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("100% a?mode=rwc#.db");
        let writer = open(&path).unwrap();
        make_table(&writer);
        put(&writer, "1").unwrap();
        let reader = open_to_read(&path).unwrap();
        assert_eq!(count(&reader), 1);
        put(&writer, "2").unwrap();
        assert_eq!(count(&reader), 2);
        let refusal = put(&reader, "3").unwrap_err();
        assert!(refusal.contains("readonly"), "{refusal}");
        assert_eq!(count(&writer), 2);
    }

    #[test]
    fn a_table_whose_writer_has_gone_is_read_and_left_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.db");
        let writer = open(&path).unwrap();
        make_table(&writer);
        put(&writer, "1").unwrap();
        drop(writer);
        let before = fs::read(&path).unwrap();
        assert_eq!(count(&open_to_read(&path).unwrap()), 1);
        assert_eq!(fs::read(&path).unwrap(), before);
        let again = open(&path).unwrap();
        put(&again, "2").unwrap();
        assert_eq!(count(&again), 2);
    }

    /// Readers that never stop reading, on both sides of a thousand writes: none of these fails.
    #[test]
    fn readers_hold_no_writer_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.db");
        let writer = open(&path).unwrap();
        make_table(&writer);
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !done.load(Ordering::Relaxed) {
                        count(&open_to_read(&path).unwrap());
                    }
                });
            }
            for number in 0..1000 {
                put(&writer, &number.to_string()).unwrap();
            }
            done.store(true, Ordering::Relaxed);
        });
        assert_eq!(count(&writer), 1000);
    }

    #[test]
    fn nothing_is_made_where_nothing_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.db");
        let message = format!("{:#}", open_to_read(&path).err().unwrap());
        assert!(message.contains("table.db"), "{message}");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
