//! Schemas as servers write them: what is offered of each, what is checked, and which are left out.

use serde_json::{Value, json};

use super::kit::{offered, refusal, with_schema};

/// The schema of the one argument `a`, and what is offered of it.
#[expect(clippy::too_many_lines, reason = "a table, one case a line")]
fn cases() -> Vec<(&'static str, Value, Value)> {
    let string = || json!({"type": "string"});
    vec![
        (
            "an alternative that is nothing",
            json!({"anyOf": [{"not": {}}, {"type": "string"}]}),
            string(),
        ),
        (
            "an alternative that is never",
            json!({"anyOf": [{"not": true}, {"type": "string"}]}),
            string(),
        ),
        (
            "an alternative that is all but null",
            json!({"anyOf": [{"not": {"type": "null"}}, {"type": "string"}]}),
            json!({}),
        ),
        (
            "values of another type than is named",
            json!({"type": "array", "enum": [0, 1], "items": {"type": "integer"}}),
            json!({"type": "integer", "enum": [0, 1]}),
        ),
        (
            "a list without elements among types",
            json!({"type": ["string", "array", "null"]}),
            json!({"type": ["string", "array"], "items": {}}),
        ),
        (
            "a map of anything",
            json!({"type": "object", "additionalProperties": {}}),
            json!({"type": "object"}),
        ),
        ("a plain type", string(), string()),
        (
            "what breaks grammars",
            json!({"type": "string", "pattern": "(?=x)\\d", "format": "date-time", "minLength": 1, "maxLength": 5000}),
            json!({"type": "string", "minLength": 1}),
        ),
        (
            "a name",
            json!({"$id": "https://a.example/s", "$schema": "https://a.example/d", "$comment": "c", "title": "T", "type": "string"}),
            string(),
        ),
        (
            "an alternative of null",
            json!({"anyOf": [{"type": "string"}, {"type": "null"}], "default": null, "title": "A"}),
            string(),
        ),
        (
            "a type or null",
            json!({"type": ["string", "null"]}),
            string(),
        ),
        (
            "nullable",
            json!({"type": "string", "nullable": true}),
            string(),
        ),
        (
            "two types",
            json!({"type": ["string", "integer"]}),
            json!({"type": ["string", "integer"]}),
        ),
        (
            "alternatives",
            json!({"oneOf": [{"type": "string", "format": "uri"}, {"type": "integer", "minimum": 1}]}),
            json!({"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 1}]}),
        ),
        (
            "alternatives that are one",
            json!({"anyOf": [{"type": "string", "format": "uri"}, {"type": "string", "format": "email"}]}),
            string(),
        ),
        (
            "an alternative that is anything",
            json!({"anyOf": [{}, {"type": "string"}]}),
            json!({}),
        ),
        (
            "members beside alternatives",
            json!({"type": "object", "properties": {"b": {"type": "string"}}, "anyOf": [{"required": ["b"]}, {"required": ["c"]}]}),
            json!({"type": "object", "properties": {"b": {"type": "string"}}}),
        ),
        (
            "members beside alternatives that have others",
            json!({"type": "object", "properties": {"b": {"type": "string"}}, "anyOf": [{"properties": {"c": {"type": "string"}}}, {"properties": {"d": {"type": "string"}}}]}),
            json!({"type": "object", "properties": {"b": {"type": "string"}}}),
        ),
        (
            "one value",
            json!({"const": "x"}),
            json!({"type": "string", "enum": ["x"]}),
        ),
        (
            "values",
            json!({"enum": ["x", "y", null]}),
            json!({"type": "string", "enum": ["x", "y"]}),
        ),
        (
            "values of two types",
            json!({"enum": ["x", 1]}),
            json!({"enum": ["x", 1]}),
        ),
        (
            "values that are not whole",
            json!({"enum": [1.5, 2.5]}),
            json!({"type": "number", "enum": [1.5, 2.5]}),
        ),
        (
            "null alone",
            json!({"enum": [null]}),
            json!({"type": "null", "enum": [null]}),
        ),
        (
            "null among the values of a member that is asked for",
            json!({"type": "object", "properties": {"b": {"enum": ["x", null]}}, "required": ["b"]}),
            json!({"type": "object", "properties": {"b": {"enum": ["x", null]}}, "required": ["b"]}),
        ),
        (
            "values that are lists",
            json!({"type": "array", "enum": [[1], [2]]}),
            json!({"type": "array", "items": {}}),
        ),
        (
            "a default",
            json!({"type": "integer", "default": 3}),
            json!({"type": "integer", "default": 3}),
        ),
        (
            "a default that is none of the values",
            json!({"enum": ["x"], "default": "y"}),
            json!({"type": "string", "enum": ["x"]}),
        ),
        (
            "a list without elements",
            json!({"type": "array"}),
            json!({"type": "array", "items": {}}),
        ),
        (
            "a tuple",
            json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": false}),
            json!({"type": "array", "items": {}}),
        ),
        (
            "a tuple with more behind it",
            json!({"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}}),
            json!({"type": "array", "items": {}}),
        ),
        (
            "elements without a list",
            json!({"items": {"type": "string"}}),
            json!({"type": "array", "items": {"type": "string"}}),
        ),
        (
            "an old tuple",
            json!({"type": "array", "items": [{"type": "string"}], "additionalItems": false}),
            json!({"type": "array", "items": {}}),
        ),
        (
            "a long list",
            json!({"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 10_000, "uniqueItems": true}),
            json!({"type": "array", "items": {"type": "string"}, "minItems": 1}),
        ),
        (
            "a reference",
            json!({"$ref": "#/$defs/name"}),
            json!({"type": "string", "description": "A name."}),
        ),
        (
            "a reference with a word of its own",
            json!({"$ref": "#/$defs/name", "description": "Mine."}),
            json!({"type": "string", "description": "Mine."}),
        ),
        (
            "a reference under allOf",
            json!({"allOf": [{"$ref": "#/$defs/name"}], "default": "x"}),
            json!({"type": "string", "description": "A name.", "default": "x"}),
        ),
        (
            "a reference to a reference",
            json!({"$ref": "#/$defs/again"}),
            json!({"type": "string", "description": "A name."}),
        ),
        (
            "a reference by encoded steps",
            json!({"$ref": "#/$defs/a%7E1b%20c"}),
            json!({"type": "boolean"}),
        ),
        (
            "a tree",
            json!({"$ref": "#/$defs/tree"}),
            json!({"type": "object", "properties": {"children": {"type": "array", "items": {}}}}),
        ),
        (
            "a reference elsewhere",
            json!({"$ref": "https://a.example/schema.json", "description": "Of another."}),
            json!({"description": "Of another."}),
        ),
        ("a reference by a name", json!({"$ref": "#name"}), json!({})),
        (
            "a reference to nothing",
            json!({"$ref": "#/$defs/none"}),
            json!({}),
        ),
        (
            "a reference to itself",
            json!({"$ref": "#/properties/a"}),
            json!({}),
        ),
        ("a reference to the whole", json!({"$ref": "#"}), json!({})),
        (
            "a reference that moves",
            json!({"$dynamicRef": "#node", "type": "string"}),
            json!({}),
        ),
        (
            "references beside one that moves",
            json!({"type": "object", "properties": {
                "b": {"$ref": "#/$defs/name", "$dynamicRef": "#node"},
                "c": {"$ref": "#/$defs/name", "$recursiveRef": "#"},
            }}),
            json!({"type": "object", "properties": {"b": {}, "c": {}}}),
        ),
        (
            "conditions",
            json!({"type": "object", "properties": {"b": {"type": "string"}}, "if": {"properties": {"b": {"const": "x"}}}, "then": {"required": ["c"]}, "dependentRequired": {"b": ["c"]}, "not": {"required": ["d"]}}),
            json!({"type": "object", "properties": {"b": {"type": "string"}}}),
        ),
        (
            "a map",
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
            json!({"type": "object", "additionalProperties": {"type": "string"}}),
        ),
        (
            "names by pattern",
            json!({"type": "object", "patternProperties": {"^x": {}}, "additionalProperties": false}),
            json!({"type": "object"}),
        ),
        (
            "a nullable member that is asked for",
            json!({"type": "object", "properties": {"b": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "required": ["b", "c"]}),
            json!({"type": "object", "properties": {"b": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "required": ["b"]}),
        ),
        (
            "members without a type",
            json!({"properties": {"b": true}}),
            json!({"type": "object", "properties": {"b": {}}}),
        ),
        (
            "large bounds",
            json!({"type": "integer", "minimum": -9_223_372_036_854_775_808_i64, "maximum": 1e300, "exclusiveMinimum": true}),
            json!({"type": "integer"}),
        ),
        (
            "a mark for a header",
            json!({"type": "string", "x-mcp-header": "Region"}),
            string(),
        ),
        (
            "a long description",
            json!({"type": "string", "description": "y".repeat(500)}),
            json!({"type": "string", "description": format!("{}…", "y".repeat(399))}),
        ),
    ]
}

#[test]
fn what_is_offered_of_an_argument() {
    for (name, schema, expected) in cases() {
        let whole = json!({
            "type": "object",
            "properties": {"a": schema},
            "$defs": {
                "name": {"type": "string", "pattern": "^x$", "description": "A name."},
                "again": {"$ref": "#/$defs/name"},
                "a/b c": {"type": "boolean"},
                "tree": {"type": "object", "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/tree"}}}},
            },
        });
        let offered = offered(whole);
        assert_eq!(offered["properties"]["a"], expected, "{name}");
        assert_eq!(offered["type"], "object", "{name}");
    }
}

#[test]
fn arguments_are_an_object_whose_members_are_listed() {
    let cases = [
        (json!({}), json!({"type": "object", "properties": {}})),
        (
            json!({"type": "object"}),
            json!({"type": "object", "properties": {}}),
        ),
        (
            json!({"type": ["object", "null"], "$schema": "http://json-schema.org/draft-07/schema#"}),
            json!({"type": "object", "properties": {}}),
        ),
        (
            json!({"$ref": "#/$defs/all", "$defs": {"all": {"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"], "additionalProperties": false}}}),
            json!({"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"], "additionalProperties": false}),
        ),
        (
            json!({"oneOf": [
                {"type": "object", "properties": {"id": {"type": "integer"}, "n": {"type": "string"}}, "required": ["id"]},
                {"type": "object", "properties": {"id": {"type": "integer"}, "n": {"type": "boolean"}}},
            ]}),
            json!({"type": "object", "properties": {"id": {"type": "integer"}, "n": {}}}),
        ),
        (
            json!({"properties": {"b": {"type": "string"}}, "required": ["b"], "anyOf": [{"properties": {"c": {"type": "string"}}}, {"required": ["d"]}]}),
            json!({"type": "object", "properties": {"b": {"type": "string"}}, "required": ["b"]}),
        ),
        (
            json!({"allOf": [{"properties": {"b": {"type": "string"}}}, {"properties": {"c": {"type": "string"}}, "required": ["c"]}]}),
            json!({"type": "object", "properties": {"b": {"type": "string"}, "c": {"type": "string"}}, "required": ["c"]}),
        ),
    ];
    for (schema, expected) in cases {
        assert_eq!(offered(schema.clone()), expected, "{schema}");
    }
}

#[test]
fn what_is_offered_is_no_longer_than_a_prompt_can_bear() {
    let text = "z".repeat(380);
    let leaf = json!({"type": "string", "description": text});
    let wide: serde_json::Map<String, Value> =
        (0..12).map(|n| (format!("p{n}"), leaf.clone())).collect();
    let deep = |below: Value| json!({"type": "object", "properties": {"x": below, "y": {"type": "string", "description": text}}});
    let schema = deep(deep(deep(json!({"type": "object", "properties": wide}))));
    let deeper = json!({"type": "object", "properties": {"a": schema.clone(), "b": schema}});
    let offered = offered(deeper);
    assert!(offered.to_string().len() <= 8 * 1024);
    assert_eq!(
        offered["properties"]["a"]["properties"]["x"]["type"],
        "object"
    );
}

#[test]
fn what_is_offered_goes_eight_levels_deep() {
    let members = |below: Value| json!({"type": "object", "properties": {"x": below}});
    let list = |below: Value| json!({"type": "array", "items": below});
    let map = |below: Value| json!({"type": "object", "additionalProperties": below});
    let alternatives = || json!({"anyOf": [{"type": "string"}, {"type": "integer"}]});
    let within = |levels: usize, around: &dyn Fn(Value) -> Value, innermost: Value| {
        (0..levels).fold(innermost, |below, _| around(below))
    };
    let string = || json!({"type": "string"});
    for (schema, expected) in [
        (
            within(10, &members, string()),
            within(7, &members, json!({"type": "object"})),
        ),
        (
            within(10, &list, string()),
            within(7, &list, list(json!({}))),
        ),
        (
            within(10, &map, string()),
            within(7, &map, json!({"type": "object"})),
        ),
        (
            within(6, &members, alternatives()),
            within(6, &members, alternatives()),
        ),
        (
            within(7, &members, alternatives()),
            within(7, &members, json!({})),
        ),
    ] {
        let whole = json!({"type": "object", "properties": {"a": schema}});
        assert_eq!(offered(whole)["properties"]["a"], expected);
    }
}

#[test]
fn of_alternatives_no_more_names_are_offered_either() {
    let alternative = |kind: &str| {
        let names: serde_json::Map<String, Value> = (0..60)
            .map(|n| (format!("{kind}{n}"), json!({"type": "string"})))
            .collect();
        json!({"properties": names})
    };
    let offered = offered(json!({"anyOf": [alternative("a"), alternative("b")]}));
    assert_eq!(offered["properties"].as_object().unwrap().len(), 100);
}

#[test]
fn more_names_than_there_is_room_for_are_not_offered() {
    let many: serde_json::Map<String, Value> = (0..400)
        .map(|n| (format!("name-of-member-{n}"), json!({"type": "string"})))
        .collect();
    let offered =
        offered(json!({"type": "object", "properties": many, "additionalProperties": false}));
    assert_eq!(offered["properties"].as_object().unwrap().len(), 100);
    assert_eq!(offered.get("additionalProperties"), None);
}

#[test]
fn what_is_checked_is_the_whole_schema() {
    let schema = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "type": "object",
        "properties": {
            "day": {"type": "string", "pattern": "^\\d{4}-\\d\\d$"},
            "node": {"$ref": "#/definitions/node"},
        },
        "required": ["day"],
        "definitions": {"node": {"type": "object", "properties": {"name": {"type": "string"}, "next": {"$ref": "#/definitions/node"}}, "required": ["name"]}},
    });
    let catalog = with_schema(schema).unwrap();
    // Arguments, and what the refusal names.
    let cases = [
        (json!({"day": "2026-11"}), None),
        (json!({"day": "today"}), Some("day")),
        (json!({"node": {"name": "x"}}), Some("day")),
        (json!({"day": "2026-11", "node": {}}), Some("node")),
        // What leads back is the server's to check.
        (
            json!({"day": "2026-11", "node": {"name": "x", "next": {}}}),
            None,
        ),
    ];
    for (arguments, says) in cases {
        let refusal = refusal(&catalog, &arguments);
        match says {
            None => assert_eq!(refusal, None, "{arguments}"),
            Some(says) => assert!(refusal.unwrap().contains(says), "{arguments}"),
        }
    }
}

#[test]
fn schemas_that_cannot_be_used_leave_their_tool_out() {
    let deep = (0..40).fold(json!({}), |below, _| json!({"properties": {"a": below}}));
    let doubling: serde_json::Map<String, Value> = (0..20)
        .map(|n| {
            let next = json!({"$ref": format!("#/$defs/d{}", n + 1)});
            (format!("d{n}"), json!({"allOf": [next.clone(), next]}))
        })
        .chain([("d20".to_owned(), json!({"type": "string"}))])
        .collect();
    let chain: serde_json::Map<String, Value> = (0..500)
        .map(|n| {
            (
                format!("d{n}"),
                json!({"$ref": format!("#/$defs/d{}", n + 1)}),
            )
        })
        .chain([("d500".to_owned(), json!({"type": "string"}))])
        .collect();
    let cases = [
        (json!({"type": "string"}), "not that of an object"),
        (
            json!({"type": "object", "properties": {"path": {"type": "string"}, "type": "object"}}),
            "no JSON Schema",
        ),
        (
            json!({"type": ["string", "array"]}),
            "not that of an object",
        ),
        (json!({"type": 7}), "not that of an object"),
        (json!({"type": "object", "properties": 7}), "no JSON Schema"),
        (
            json!({"type": "object", "properties": {"a": {"type": "text"}}}),
            "no JSON Schema",
        ),
        (json!({"type": "object", "required": "a"}), "no JSON Schema"),
        (
            json!({"type": "object", "properties": {"a": {"pattern": "("}}}),
            "no JSON Schema",
        ),
        (
            json!({"type": "object", "description": "x".repeat(40_000)}),
            "at most 32768",
        ),
        (
            json!({"type": "object", "properties": {"a": deep}}),
            "deeper than 32 levels",
        ),
        (
            json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": doubling}),
            "more than 10000 schemas",
        ),
        (
            json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": chain}),
            "more than 64 levels",
        ),
    ];
    for (schema, says) in cases {
        let told = with_schema(schema.clone()).unwrap_err();
        assert!(told.contains(says), "{says}: {told}");
        assert!(
            told.starts_with("It cannot be called: its schema"),
            "{told}"
        );
    }
}

#[test]
fn schemas_that_lead_back_to_themselves_end() {
    for schema in [
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#"}]}),
        json!({"type": "object", "properties": {"a": {"anyOf": [{"$ref": "#/properties/a"}, {"$ref": "#/properties/a/anyOf/0"}]}}}),
        json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
        json!({"$dynamicRef": "#a", "$dynamicAnchor": "a"}),
        json!({"$recursiveRef": "#", "$schema": "https://json-schema.org/draft/2019-09/schema"}),
        json!({"$id": "https://a.example/x", "properties": {"a": {"$id": "b", "$ref": "#"}}}),
        json!({"not": {"$ref": "#"}}),
        json!({"properties": {"a": {"if": {"$ref": "#name"}, "then": false}}}),
        json!({"properties": {"a": {"oneOf": [{"$ref": "https://a.example/x"}, {"type": "object"}]}}}),
        json!({"allOf": [{"$ref": "https://a.example/x"}], "unevaluatedProperties": false}),
        json!({"properties": {"a": {"not": {"$ref": "#/$defs/b"}}}, "$defs": {"b": {"anyOf": [{"$ref": "#/$defs/b"}, {"type": "object"}]}}}),
    ] {
        let catalog = with_schema(schema.clone()).unwrap();
        assert_eq!(
            refusal(&catalog, &json!({"a": {"a": {"a": 1}}})),
            None,
            "{schema}"
        );
    }
}

/// Arguments, and whether they are taken.
fn assert_takes(schema: &Value, cases: &[(Value, bool)]) {
    let catalog = with_schema(schema.clone()).unwrap();
    for (arguments, is_taken) in cases {
        let refusal = refusal(&catalog, arguments);
        assert_eq!(refusal.is_none(), *is_taken, "{schema} {arguments}");
    }
}

#[test]
fn names_and_addresses_of_schemas_are_nothing_and_a_known_draft_is_read_as_such() {
    let unreadable = "http://[/draft-07/";
    let of_a =
        |name: &str, value: &str| json!({"properties": {"a": {"type": "integer", name: value}}});
    for schema in [
        json!({"properties": {"a": {"type": "integer"}}, "$schema": "https://a.example/unknown"}),
        json!({"properties": {"a": {"type": "integer"}}, "$id": unreadable}),
        json!({"properties": {"a": {"type": "integer"}}, "$id": "https://a.example/x", "$anchor": "no anchor"}),
        of_a("$schema", "https://a.example/unknown"),
        of_a("$schema", "http://json-schema.org/draft-04/schema#"),
        of_a("$id", unreadable),
        of_a("$anchor", "no anchor"),
    ] {
        assert_takes(
            &schema,
            &[(json!({"a": 1}), true), (json!({"a": "x"}), false)],
        );
    }
    // Until draft 7, nothing beside a reference counts.
    for (draft, is_taken) in [
        (Some("http://json-schema.org/draft-07/schema#"), true),
        (Some("https://json-schema.org/draft/2020-12/schema"), false),
        (None, false),
    ] {
        let mut schema = json!({
            "properties": {"a": {"$ref": "#/definitions/n", "minimum": 10}},
            "definitions": {"n": {"type": "integer"}},
        });
        if let Some(draft) = draft {
            schema["$schema"] = json!(draft);
        }
        assert_takes(
            &schema,
            &[(json!({"a": 1}), is_taken), (json!({"a": 10}), true)],
        );
    }
}

#[test]
fn what_looks_like_a_reference_in_data_is_data() {
    let data = json!({"$ref": "https://a.example/x"});
    let of_a = |schema: Value| json!({"properties": {"a": schema}});
    assert_takes(
        &of_a(json!({"enum": [data]})),
        &[(json!({"a": data}), true), (json!({"a": {}}), false)],
    );
    assert_takes(
        &of_a(json!({"const": {"inner": data}})),
        &[
            (json!({"a": {"inner": data}}), true),
            (json!({"a": {"inner": {}}}), false),
        ],
    );
}

#[test]
fn what_is_wider_than_the_servers_makes_nothing_around_it_narrower() {
    let elsewhere = || json!({"$ref": "https://a.example/x"});
    let of_a = |schema: Value| json!({"properties": {"a": schema}});
    // At most one element of a kind that is not known here.
    assert_takes(
        &of_a(json!({"type": "array", "contains": elsewhere(), "maxContains": 1})),
        &[(json!({"a": [1, 2]}), true)],
    );
    // Wider by two things at once.
    assert_takes(
        &of_a(json!({"not": {"$ref": "https://a.example/x", "required": true}})),
        &[(json!({"a": 1}), true)],
    );
    // A reference within a schema that has an address is to what stands in that schema.
    assert_takes(
        &json!({
            "properties": {"a": {
                "$id": "https://a.example/s",
                "properties": {"b": {"$ref": "#/$defs/n"}},
                "$defs": {"n": {"type": "integer"}},
            }},
            "$defs": {"n": {"type": "string"}},
        }),
        &[(json!({"a": {"b": 1}}), true)],
    );
}

#[test]
fn schemas_are_taken_up_to_their_bounds() {
    let long = |bytes: usize| {
        let schema = |text: usize| json!({"type": "object", "description": "x".repeat(text)});
        schema(bytes - schema(0).to_string().len())
    };
    // Each reference stands for two schemas, and for the ninety-eight below the second.
    let wide = |more: usize| {
        let mut properties: serde_json::Map<String, Value> = (0..99)
            .map(|n| (format!("p{n}"), json!({"$ref": "#/$defs/x"})))
            .collect();
        properties.extend((0..more).map(|n| (format!("q{n}"), json!(true))));
        json!({"type": "object", "properties": properties, "$defs": {"x": {"allOf": vec![true; 98]}}})
    };
    let chain = |levels: usize| {
        let mut links: serde_json::Map<String, Value> = (0..levels - 3)
            .map(|n| {
                (
                    format!("d{n}"),
                    json!({"$ref": format!("#/$defs/d{}", n + 1)}),
                )
            })
            .collect();
        links.insert(format!("d{}", levels - 3), json!({"type": "string"}));
        json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/d0"}}, "$defs": links})
    };
    for (most, too_much, says) in [
        (
            long(32_768),
            long(32_769),
            "has 32769 bytes, at most 32768 are taken",
        ),
        (wide(0), wide(1), "unfolds to more than 10000 schemas"),
        (chain(64), chain(65), "unfolds to more than 64 levels"),
    ] {
        assert!(with_schema(most).is_ok(), "{says}");
        let told = with_schema(too_much).unwrap_err();
        assert_eq!(told, format!("It cannot be called: its schema {says}."));
    }
}
