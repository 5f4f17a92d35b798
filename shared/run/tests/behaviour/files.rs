//! Files of tools, as later calls get them.

use run::{ArtifactEntry, Event, FilesOf, Outcome, Spent, ToolName, ToolObject};
use serde_json::Map;

use crate::kit::*;

fn makes(call_id: &str, files: &[(&str, Option<&str>)]) -> Event {
    let files = files.iter().map(|(name, version)| ArtifactEntry {
        name: (*name).to_owned(),
        media_type: "text/csv".to_owned(),
        bytes: 3,
        version: version.map(str::to_owned),
        error: None,
    });
    let object = ToolObject::new(Map::new(), files.collect());
    result(call_id, Outcome::Object(object), Spent::default())
}

#[test]
fn a_call_gets_the_newest_files_that_its_tool_kept_in_the_rounds_before() {
    let log = [
        started(),
        vec![
            decided(1, 2),
            asked("r1.1", search()),
            asked("r1.2", pay()),
            makes(
                "r1.1",
                &[
                    ("b.csv", Some("1")),
                    ("a.csv", Some("1")),
                    ("lost.csv", None),
                ],
            ),
            makes("r1.2", &[("of_another_tool.csv", Some("1"))]),
            round(2),
            decided(2, 1),
            asked("r2.1", search()),
            makes("r2.1", &[("a.csv", Some("2"))]),
            round(3),
        ],
    ];
    let scene = given(log.concat());
    let tool = ToolName::new("search");
    let files = |whose: FilesOf, before_round: u32| {
        let files = scene.state.run().files(whose, before_round);
        files
            .into_iter()
            .map(|(name, version)| format!("{name} {version}"))
            .collect::<Vec<_>>()
    };
    let own = |before_round| files(FilesOf::Tool(&tool), before_round);
    assert_eq!(own(1), [] as [&str; 0]);
    assert_eq!(own(2), ["a.csv 1", "b.csv 1"]);
    assert_eq!(own(3), ["a.csv 2", "b.csv 1"]);
    let others = |before_round| files(FilesOf::Others(&tool), before_round);
    assert_eq!(others(1), [] as [&str; 0]);
    assert_eq!(others(3), ["of_another_tool.csv 1"]);
}

#[test]
fn a_result_comes_apart_into_its_fields_and_its_files() {
    let fields = Map::from_iter([("stdout".to_owned(), "7".into())]);
    let file = ArtifactEntry {
        name: "a.csv".to_owned(),
        media_type: "text/csv".to_owned(),
        bytes: 3,
        version: None,
        error: Some("it is too large".to_owned()),
    };
    let object = ToolObject::new(fields.clone(), vec![file.clone()]);
    assert_eq!(object.into_parts(), (fields, vec![file]));
}
