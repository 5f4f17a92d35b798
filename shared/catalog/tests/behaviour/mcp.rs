//! Servers that list their tools, and entries of their tools, as they are written.

use serde_json::{Value, json};

use super::kit::{function, given_tools};

/// A catalogue with one tool of its own, `search`, an entry for a tool of a server, and that server.
fn given_files(server: Value) -> super::kit::Given {
    let mut entry = function("read_file", "path");
    entry["target"] = json!({"mcp": {"server": "files", "tool": "read"}});
    entry["retry"] = json!("safe");
    let mut given = given_tools(json!([function("search", "query"), entry]));
    given.0["mcp_servers"] = json!({"files": server});
    given
}

fn server() -> Value {
    json!({"url": "https://files.example.org/mcp", "tools": ["read", "list", "dir.walk"]})
}

#[test]
fn what_is_allowed_and_has_no_entry_is_offered_as_the_server_describes_it() {
    let catalog = given_files(server()).catalog();
    let [files] = &*catalog.mcp_servers else {
        panic!("{:?}", catalog.mcp_servers);
    };
    let asked: Vec<_> = catalog
        .tools_of(files)
        .map(|(tool, name)| format!("{tool} as {name}"))
        .collect();
    let expected = [
        "read as read_file",
        "list as files_list",
        "dir.walk as files_dir_walk",
    ];
    assert_eq!(asked, expected);
}

#[test]
fn a_server_without_a_list_has_its_entries_alone() {
    let catalog = given_files(json!({"url": "http://127.0.0.1:9000/mcp"})).catalog();
    let asked: Vec<_> = catalog.tools_of(&catalog.mcp_servers[0]).collect();
    assert_eq!(asked.len(), 1);
}

/// A field to set (by pointer), what to set it to, the path that is named, and what is said.
#[expect(clippy::too_many_lines, reason = "a table, one case a line")]
fn mistakes() -> Vec<(&'static str, Value, &'static str, &'static str)> {
    let long = "x".repeat(129);
    let many: Vec<_> = (0..65).map(|n| format!("t{n}")).collect();
    vec![
        // The entry.
        (
            "/tools/1/target",
            json!({"mcp": {}}),
            "tools[1].target.mcp",
            "server",
        ),
        (
            "/tools/1/target",
            json!({"mcp": "files"}),
            "tools[1].target.mcp",
            "struct",
        ),
        (
            "/tools/1/target",
            json!({"mcp": {"server": "files"}}),
            "tools[1].target.mcp",
            "tool",
        ),
        (
            "/tools/1/target/mcp/server",
            json!(7),
            "tools[1].target.mcp.server",
            "string",
        ),
        (
            "/tools/1/target/mcp/server",
            json!("mail"),
            "tools[1].target.mcp.server",
            "(files), found `mail`",
        ),
        (
            "/tools/1/target/mcp/server",
            json!("Files"),
            "tools[1].target.mcp.server",
            "found `Files`",
        ),
        (
            "/tools/1/target/mcp/tool",
            json!("write"),
            "tools[1].target.mcp.tool",
            "(read, list, dir.walk), found `write`",
        ),
        (
            "/tools/1/target/mcp/tool",
            json!(""),
            "tools[1].target.mcp.tool",
            "1 to 128 bytes",
        ),
        (
            "/tools/1/target/mcp/tool",
            json!(long),
            "tools[1].target.mcp.tool",
            "1 to 128 bytes",
        ),
        (
            "/tools/1/target/mcp/colour",
            json!("red"),
            "tools[1].target.mcp.colour",
            "unknown field",
        ),
        (
            "/tools/1/target",
            json!({"mcp": {"server": "files", "tool": "read"}, "lambda": "a"}),
            "tools[1].target",
            "either",
        ),
        (
            "/tools/1/ends_run",
            json!(true),
            "tools[1].ends_run",
            "a model",
        ),
        (
            "/tools/1/tenant",
            json!("owner"),
            "tools[1].tenant",
            "Lambda",
        ),
        // The servers.
        ("/mcp_servers", json!([]), "mcp_servers", "map"),
        ("/mcp_servers", json!("files"), "mcp_servers", "map"),
        (
            "/mcp_servers/files",
            json!("https://a.example"),
            "mcp_servers.files",
            "struct",
        ),
        (
            "/mcp_servers/files/colour",
            json!(1),
            "mcp_servers.files.colour",
            "unknown field",
        ),
        (
            "/mcp_servers/files",
            json!({"tools": ["read"]}),
            "mcp_servers.files",
            "url",
        ),
        (
            "/mcp_servers/files/url",
            json!(""),
            "mcp_servers.files.url",
            "http",
        ),
        (
            "/mcp_servers/files/url",
            json!("files.example.org/mcp"),
            "mcp_servers.files.url",
            "http",
        ),
        (
            "/mcp_servers/files/url",
            json!("stdio://files"),
            "mcp_servers.files.url",
            "another scheme",
        ),
        (
            "/mcp_servers/files/url",
            json!("https://me:pw@files.example.org"),
            "mcp_servers.files.url",
            "`headers`",
        ),
        (
            "/mcp_servers/files/headers",
            json!({"authorization": "Bearer s3cr3t"}),
            "mcp_servers.files.headers.authorization",
            "never written down",
        ),
        (
            "/mcp_servers/files/headers",
            json!({"authorization": {"env": ""}}),
            "mcp_servers.files.headers.authorization.env",
            "name of a variable",
        ),
        (
            "/mcp_servers/files/headers",
            json!({"Mcp-Session-Id": {"env": "A"}}),
            "mcp_servers.files.headers.Mcp-Session-Id",
            "the service sets",
        ),
        (
            "/mcp_servers/files/headers",
            json!({"mcp-protocol-version": {"env": "A"}}),
            "mcp_servers.files.headers.mcp-protocol-version",
            "the service sets",
        ),
        (
            "/mcp_servers/files/headers",
            json!({"accept": {"env": "A"}}),
            "mcp_servers.files.headers.accept",
            "the service sets",
        ),
        (
            "/mcp_servers/files/headers",
            json!({"last-event-id": {"env": "A"}}),
            "mcp_servers.files.headers.last-event-id",
            "the service sets",
        ),
        (
            "/mcp_servers/files/tools",
            json!("read"),
            "mcp_servers.files.tools",
            "sequence",
        ),
        (
            "/mcp_servers/files/tools",
            json!([]),
            "mcp_servers.files.tools",
            "1 to 64",
        ),
        (
            "/mcp_servers/files/tools",
            json!(many),
            "mcp_servers.files.tools",
            "found 65",
        ),
        (
            "/mcp_servers/files/tools",
            json!(["read", 7]),
            "mcp_servers.files.tools[1]",
            "string",
        ),
        (
            "/mcp_servers/files/tools",
            json!(["read", ""]),
            "mcp_servers.files.tools[1]",
            "1 to 128",
        ),
        (
            "/mcp_servers/files/tools",
            json!(["read", "a\nb"]),
            "mcp_servers.files.tools[1]",
            "1 to 128",
        ),
        (
            "/mcp_servers/files/tools",
            json!(["read", "list", "read"]),
            "mcp_servers.files.tools[2]",
            "already",
        ),
        // Two tools that would have one name.
        (
            "/mcp_servers/files/tools",
            json!(["read", "a.b", "a_b"]),
            "mcp_servers.files.tools[2]",
            "`files_a_b`, which names `a.b` of `files`",
        ),
        (
            "/mcp_servers/files/tools",
            json!(["read", "List", "list"]),
            "mcp_servers.files.tools[2]",
            "entry of its own",
        ),
        (
            "/tools/0/function/name",
            json!("files_list"),
            "mcp_servers.files.tools[1]",
            "which names `files_list` already",
        ),
        (
            "/tools/0/aliases",
            json!(["Files_List"]),
            "mcp_servers.files.tools[1]",
            "which names `search` already",
        ),
    ]
}

#[test]
fn every_mistake_is_told_with_its_path_and_what_was_expected() {
    for (pointer, value, path, says) in mistakes() {
        given_files(server())
            .with(pointer, value)
            .then_it_is_refused(path, says);
    }
}

#[test]
fn a_key_begins_names_and_is_one() {
    let long = "k".repeat(33);
    for key in ["", "my files", "a.b", "é", &long] {
        given_tools(json!([function("search", "query")]))
            .with(
                "/mcp_servers",
                json!({key: {"url": "https://a.example", "tools": ["t"]}}),
            )
            .then_it_is_refused(&format!("mcp_servers.{key}"), "1 to 32 letters");
    }
}

#[test]
fn a_server_of_which_nothing_is_used_is_a_mistake() {
    given_tools(json!([function("search", "query")]))
        .with(
            "/mcp_servers",
            json!({"files": {"url": "https://a.example"}}),
        )
        .then_it_is_refused("mcp_servers.files.tools", "an entry of `tools`");
}

#[test]
fn servers_of_two_keys_whose_tools_meet_in_one_name_are_told_apart() {
    let servers = json!({
        "a": {"url": "https://a.example", "tools": ["b_c"]},
        "a_b": {"url": "https://b.example", "tools": ["c"]},
    });
    given_tools(json!([function("search", "query")]))
        .with("/mcp_servers", servers)
        .then_it_is_refused("mcp_servers.a_b.tools[0]", "`b_c` of `a`");
}

#[test]
fn there_are_not_more_servers_than_can_be_asked_at_once() {
    let servers = |count: usize| -> Value {
        let server = json!({"url": "https://a.example", "tools": ["t"]});
        (0..count)
            .map(|n| (format!("s{n}"), server.clone()))
            .collect()
    };
    let given = || given_tools(json!([function("search", "query")]));
    let catalog = given().with("/mcp_servers", servers(16)).catalog();
    assert_eq!(catalog.mcp_servers.len(), 16);
    given()
        .with("/mcp_servers", servers(17))
        .then_it_is_refused("mcp_servers", "at most 16 servers, found 17");
}
