//! What the environment is read as.

use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let env = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Config::read(Draft::read(&env)?.catalog, env)
}

#[test]
fn an_empty_environment_gives_the_defaults_and_no_servers() {
    let config = read(&[("QWEN_API_URL", " ")]).unwrap();
    assert!(config.servers.is_empty());
    assert_eq!(config.table, "serverless-llm");
    assert_eq!(config.lease, Duration::from_secs(15));
    assert_eq!(config.watch, Duration::from_mins(2));
    assert_eq!(config.keep, Duration::from_hours(30 * 24));
    assert_eq!(config.max_runs, 32);
    assert_eq!(read(&[("MAX_RUNS", "3")]).unwrap().max_runs, 3);
}

#[test]
fn addresses_are_read_with_what_stands_beside_them() {
    let config = read(&[
        ("PHI_API_URL", "http://127.0.0.1:8002/v1"),
        ("PHI_MODEL", "phi-4"),
    ])
    .unwrap();
    let server = &config.servers[&ModelId::new("phi")];
    assert_eq!(server.address(), "http://127.0.0.1:8002/v1");
    assert_eq!(server.model, "phi-4");
    assert_eq!(config.servers.len(), 1);
}

#[test]
fn without_tenant_isolation_no_call_names_a_tenant() {
    let tenants = |variables: &[(&str, &str)]| {
        let config = read(variables).unwrap();
        let tools = config.catalog.tools.into_iter();
        let is_isolated = |target: Target| match target {
            Target::Lambda(lambda) => lambda.tenant.is_some(),
            Target::Models(_)
            | Target::Http(_)
            | Target::Mcp(_)
            | Target::Discuss(_)
            | Target::Chain(_) => false,
        };
        tools
            .filter(|tool| is_isolated(tool.target.clone()))
            .count()
    };
    for (value, isolated) in [("", true), (" ", true), ("on", true), ("off", false)] {
        let named = tenants(&[("TENANT_ISOLATION", value)]);
        assert_eq!(named > 0, isolated, "`{value}`");
    }
    assert_eq!(tenants(&[]), tenants(&[("TENANT_ISOLATION", "on")]));
}

#[test]
fn mistakes_name_their_variable() {
    for (variable, value) in [
        ("QWEN_API_URL", "not an address"),
        ("LEASE_SECONDS", "0"),
        ("LEASE_SECONDS", "100001"),
        ("MAX_RUNS", "0"),
        ("MAX_RUNS", "all"),
        ("WATCH_SECONDS", "-1"),
        ("RUN_TTL_DAYS", "many"),
        ("TOOLS_CONFIG", "no/such/file.json"),
        ("TENANT_ISOLATION", "false"),
    ] {
        let error = read(&[(variable, value)]).unwrap_err().to_string();
        assert!(error.starts_with(variable), "{error}");
    }
}

/// A catalogue in a file, whose one model is sent these headers and fields.
fn catalogue(headers: &serde_json::Value) -> tempfile::NamedTempFile {
    let catalogue = serde_json::json!({
        "orchestrator": {"model": "qwen", "prompt": "chat"},
        "models": {"qwen": {
            "name": "Qwen", "url_env": "QWEN_API_URL", "model": "q", "context_tokens": 8192, "headers": headers,
            "request": {"top_k": 20},
        }},
        "tools": [],
    });
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), catalogue.to_string()).unwrap();
    file
}

#[test]
fn a_header_that_cannot_be_sent_stops_the_start_by_its_path_and_says_nothing_of_its_value() {
    let file =
        catalogue(&serde_json::json!({"authorization": {"env": "GATEWAY"}, "x-title": "Ours"}));
    let path = file.path().to_str().unwrap();
    let url = ("QWEN_API_URL", "https://gateway.example/v1");
    let with = |more: &[(&str, &str)]| {
        let given = [("TOOLS_CONFIG", path), url];
        read(&[&given, more].concat())
    };
    let config = with(&[("GATEWAY", "Bearer s3cr3t-1")]).unwrap();
    let server = &config.servers[&ModelId::new("qwen")];
    assert_eq!(
        server.overrides,
        std::sync::Arc::new(model::Overrides::read(&config.catalog.models[0].request))
    );
    let field = "the catalogue's models.qwen.headers.authorization: ";
    let both = "QWEN_API_KEY, or a name and password in QWEN_API_URL, is sent in the same header: take one of the two away.";
    let cases: [(&[(&str, &str)], &str); 4] = [
        (&[], "The variable GATEWAY is not set."),
        (&[("GATEWAY", " ")], "The variable GATEWAY is not set."),
        (
            &[("GATEWAY", "s3cr3t\u{0}")],
            "The variable GATEWAY holds what no header can carry.",
        ),
        (
            &[("GATEWAY", "Bearer s3cr3t-1"), ("QWEN_API_KEY", "s3cr3t-2")],
            both,
        ),
    ];
    for (more, says) in cases {
        let said = with(more).unwrap_err().to_string();
        assert_eq!(said, format!("{field}{says}"));
    }
    // A model without a server is sent nothing.
    assert!(read(&[("TOOLS_CONFIG", path)]).unwrap().servers.is_empty());
}

#[test]
fn certificates_are_passed_on_as_they_are_given() {
    assert_eq!(read(&[]).unwrap().extra_ca_certs, None);
    let config = read(&[("EXTRA_CA_CERTS", "/etc/ours.pem")]).unwrap();
    assert_eq!(config.extra_ca_certs.as_deref(), Some("/etc/ours.pem"));
}
