//! A process of the stack with secrets everywhere, and all that can be seen of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use rand::RngExt as _;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::client::send;
use tests::command_line::CommandLine;
use tests::process::StackProcess;
use tests::raw_server::{Move, RawServer};
use tests::wait::within;

use crate::planted::{NAMES, Needles, base64, value};
use crate::servers::Servers;

/// Longer than any answer takes, on however busy a machine.
const LONGEST_ANSWER: Duration = Duration::from_secs(100);
/// Runs that are exported, at most.
const EXPORTS: usize = 8;

/// A stack, its servers, and what has been seen of it.
pub struct House {
    pub process: StackProcess,
    pub servers: Servers,
    pub data_dir: TempDir,
    raw: RawServer,
    needles: Needles,
    variables: Vec<(String, String)>,
    /// Where a secret stood, and whose.
    pub found: BTreeSet<(String, &'static str)>,
}

/// Percent-encoded, as it stands in an address.
fn encoded(name: &str) -> String {
    value(name)
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect()
}

fn sha256(text: &str) -> String {
    use std::io::Write as _;
    let mut command = std::process::Command::new("sha256sum");
    let mut child = command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let out = child.wait_with_output().unwrap().stdout;
    String::from_utf8(out).unwrap()[..64].to_owned()
}

fn catalog(host: &str, raw: &str) -> Value {
    let shipped = include_str!("../../../tools_config.json");
    let mut catalog: Value = serde_json::from_str(shipped).unwrap();
    catalog["models"]["qwen"]["headers"] = json!({"x-gateway-secret": {"env": "GATEWAY_SECRET"}});
    let query = encoded("query of the tool");
    let headers = |variable: &str| json!({"authorization": {"env": variable}});
    let tool = |name: &str, url: String, variable: &str, timeout_ms: u32| {
        json!({
            "type": "function",
            "function": {"name": name, "description": "Repeats.", "parameters": {"type": "object"}},
            "target": {"http": {"url": url, "headers": headers(variable)}}, "timeout_ms": timeout_ms, "retry": "safe",
        })
    };
    let url = format!("http://{host}/tool/?code={query}");
    let tools = [
        tool("echo", url.clone(), "TOOL_BEARER", 60_000),
        tool("basic", url.clone(), "TOOL_BASIC", 60_000),
        tool("hurried", url, "TOOL_BEARER", 1000),
        tool(
            "over_tls",
            format!("https://{host}/tool/?code={query}"),
            "TOOL_BEARER",
            60_000,
        ),
        tool(
            "raw",
            format!("http://{raw}/tool/?code={query}"),
            "TOOL_BEARER",
            60_000,
        ),
    ];
    catalog["tools"].as_array_mut().unwrap().extend(tools);
    let query = encoded("query of the MCP server");
    catalog["mcp_servers"] = json!({"files": {
        "url": format!("http://{host}/mcp/?code={query}"), "headers": headers("MCP_BEARER"), "tools": ["walk"],
    }});
    catalog
}

fn variables(host: &str) -> Vec<(String, String)> {
    let bearer = |name: &str| format!("Bearer {}", value(name));
    let basic = base64(format!("user:{}", value("password of the tool")).as_bytes());
    let [user, password, query] =
        ["user of llama", "password of llama", "query of llama"].map(encoded);
    let searxng = encoded("password of searxng");
    let at = |server: &str| format!("http://{host}/{server}");
    let pairs = [
        ("QWEN_API_URL", at("qwen/v1")),
        ("QWEN_API_KEY", "secretsmanager:models#QWEN".to_owned()),
        ("PHI_API_URL", at("phi/v1")),
        ("PHI_API_KEY", "ssm:/phi".to_owned()),
        (
            "LLAMA_API_URL",
            format!("http://{user}:{password}@{host}/llama/v1?code={query}"),
        ),
        ("GATEWAY_SECRET", value("header of qwen")),
        ("TOOL_BEARER", bearer("bearer of the tool")),
        ("TOOL_BASIC", format!("Basic {basic}")),
        ("MCP_BEARER", bearer("bearer of the MCP server")),
        ("TAVILY_API_KEY", value("key of tavily")),
        ("TAVILY_URL", at("tavily")),
        ("BRAVE_API_KEY", value("key of brave")),
        ("BRAVE_URL", at("brave")),
        ("SERPER_API_KEY", value("key of serper")),
        ("SERPER_URL", at("serper")),
        (
            "SEARXNG_URL",
            format!("http://user:{searxng}@{host}/searxng"),
        ),
        ("SEARCH_PROVIDERS", "tavily,searxng,brave,serper".to_owned()),
        ("ACCESS_KEY", value("access key")),
        ("ACCESS_KEY_SHA256", sha256(&value("access key"))),
        ("ORIGIN_SECRET", value("origin secret")),
        ("ORIGIN_SECRET_SHA256", sha256(&value("origin secret"))),
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", value("secret key of AWS")),
        ("AWS_SESSION_TOKEN", value("session token of AWS")),
        ("AWS_ENDPOINT_URL_SECRETS_MANAGER", at("aws")),
        ("AWS_ENDPOINT_URL_SSM", at("aws")),
        (
            "HTTPS_PROXY",
            format!("http://user:{}@{host}", encoded("password of the proxy")),
        ),
        ("SOMEBODYS_TOKEN", value("variable of nobody")),
        ("LEASE_SECONDS", "10".to_owned()),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value)).into()
}

impl House {
    pub async fn start() -> Self {
        Self::logging("debug").await
    }

    /// One with another value of `RUST_LOG`.
    pub async fn logging(levels: &str) -> Self {
        let servers = Servers::start().await;
        let status = format!("HTTP/1.1 {}\r\n\r\n", value("bearer of the tool"));
        let raw = RawServer::start(vec![Move::Read, Move::Write(status.into_bytes())]).await;
        let data_dir = tempfile::tempdir().unwrap();
        let mut variables = variables(servers.host());
        let llama = (
            "LLAMA_API_KEY".to_owned(),
            value("key of llama in a variable"),
        );
        variables.push(llama);
        variables.push(("RUST_LOG".to_owned(), levels.to_owned()));
        let process = Self::process(data_dir.path(), &servers, &raw, &variables).await;
        Self {
            process,
            servers,
            data_dir,
            raw,
            needles: Needles::new(),
            variables,
            found: BTreeSet::new(),
        }
    }

    async fn process(
        data_dir: &Path,
        servers: &Servers,
        raw: &RawServer,
        variables: &[(String, String)],
    ) -> StackProcess {
        let catalog = catalog(servers.host(), &raw.host);
        StackProcess::start_with(data_dir, &catalog, variables).await
    }

    /// `kill -9`, and another process on the same table. `without`: a variable that this one has no more.
    pub async fn begins_anew(self, without: Option<&str>) -> Self {
        let Self {
            process,
            servers,
            data_dir,
            raw,
            needles,
            mut variables,
            mut found,
        } = self;
        look(
            &needles,
            &mut found,
            "standard error",
            process.notes().as_bytes(),
            &[],
        );
        process.kill().await;
        variables.retain(|(name, _)| Some(&**name) != without);
        let process = Self::process(data_dir.path(), &servers, &raw, &variables).await;
        Self {
            process,
            servers,
            data_dir,
            raw,
            needles,
            variables,
            found,
        }
    }

    /// A request of somebody who has the key.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.process.client.request(method, path);
        let request = request.header("x-origin-secret", value("origin secret"));
        request.bearer_auth(value("access key"))
    }

    /// Sends a request, looks at all of the answer, and gives its text.
    pub async fn ask(&mut self, place: &str, request: RequestBuilder) -> String {
        let text = self.tell(request).await;
        self.look(place, text.as_bytes(), &[]);
        text
    }

    /// The headers and the text of the answer to a request.
    pub async fn tell(&self, request: RequestBuilder) -> String {
        let response = send(request).await;
        let mut text = String::new();
        for (name, value) in response.headers() {
            writeln!(text, "{name}: {value:?}").unwrap();
        }
        let mut response = response;
        let read = async {
            while let Some(chunk) = response.chunk().await.unwrap() {
                text += &String::from_utf8_lossy(&chunk);
            }
        };
        let late = tokio::time::timeout(LONGEST_ANSWER, read).await;
        if late.is_err() {
            let notes = self.process.notes();
            let last: Vec<_> = notes.lines().rev().take(60).collect();
            panic!("an answer does not end: {text}\n{}", last.join("\n"));
        }
        text
    }

    /// Notes whose secrets stand there, but for those who may.
    pub fn look(&mut self, place: &str, bytes: &[u8], may: &[&str]) {
        look(&self.needles, &mut self.found, place, bytes, may);
    }

    /// Everything but what was asked for: logs, lists, configuration, the table's files, commands, and what servers were sent.
    pub async fn look_around(&mut self, run_ids: &BTreeSet<String>) {
        for path in [
            "/api/config",
            "/api/stats",
            "/api/runs?limit=100",
            "/v1/models",
            "/health",
            "/openapi.json",
        ] {
            let request = self.request(Method::GET, path);
            self.ask(path, request).await;
        }
        for run_id in run_ids {
            self.look_at_run(run_id).await;
        }
        self.look_at_commands(run_ids).await;
        let notes = self.process.notes();
        self.look("standard error", notes.as_bytes(), &[]);
        for entry in std::fs::read_dir(self.data_dir.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = format!("file {}", path.file_name().unwrap().to_str().unwrap());
                self.look(&name, &std::fs::read(&path).unwrap(), &[]);
            }
        }
        for received in self.servers.received() {
            let place = format!("what {} is sent", received.server);
            self.look(&place, received.text.as_bytes(), own(&received.server));
        }
    }

    async fn look_at_run(&mut self, run_id: &str) {
        let path = format!("/api/runs/{run_id}");
        let request = self.request(Method::GET, &path);
        let snapshot = self.ask("snapshot", request).await;
        let request = self.request(Method::GET, &format!("{path}/events"));
        let events = self.ask("events", request).await;
        for call in ["r1.orchestrator", "r1.1", "r2.orchestrator"] {
            let request = self.request(Method::GET, &format!("{path}/calls/{call}/prompt"));
            self.ask("prompt", request).await;
        }
        let folder = format!("{path}/artifacts/");
        for part in [snapshot, events] {
            let files = part.split(&*folder).skip(1);
            let names = files.filter_map(|it| it.split(['"', '\\']).next().map(str::to_owned));
            for name in names.collect::<BTreeSet<_>>() {
                let request = self.request(Method::GET, &format!("{path}/artifacts/{name}"));
                self.ask("artifact", request).await;
            }
        }
    }

    async fn look_at_commands(&mut self, run_ids: &BTreeSet<String>) {
        let data_dir = self.data_dir.path();
        let mut commands = CommandLine::on_data_dir(data_dir);
        for (name, value) in &self.variables {
            commands = commands.with(name.clone().leak(), value);
        }
        let file = data_dir
            .parent()
            .unwrap()
            .join(format!("tools-{}.json", rand::rng().random::<u64>()));
        std::fs::write(
            &file,
            catalog(self.servers.host(), &self.raw.host).to_string(),
        )
        .unwrap();
        let commands = commands.with("TOOLS_CONFIG", file.to_str().unwrap());
        let mut all = vec![
            vec!["runs", "list", "--json"],
            vec!["runs", "stats", "--json"],
            vec!["tools", "check"],
            vec!["tools", "check", "--json"],
            vec!["tools", "call", "echo", r#"{"way": "way:result.0"}"#],
            vec!["tools", "call", "files_walk", r#"{"way": "way:failure.0"}"#],
        ];
        // The table, which they read, is looked at whole.
        let some = run_ids.iter().step_by(run_ids.len().div_ceil(EXPORTS));
        all.extend(some.map(|run_id| vec!["runs", "export", &**run_id]));
        all.extend(
            run_ids
                .iter()
                .take(2)
                .map(|run_id| vec!["runs", "show", &**run_id]),
        );
        for arguments in all {
            let ended = within("a command", commands.run(&arguments)).await;
            assert!(!ended.out.is_empty(), "{arguments:?}: {}", ended.err);
            let place = format!("command {}", arguments[..2].join(" "));
            self.look(
                &place,
                format!("{}{}", ended.out, ended.err).as_bytes(),
                &[],
            );
        }
        std::fs::remove_file(file).unwrap();
    }
}

/// What a command says that is started with a broken value of a variable, each with the secret in it.
pub async fn broken_starts(house: &mut House) {
    let secret = value("variable of nobody");
    let data_dir = tempfile::tempdir().unwrap();
    let check = ["tools", "check"];
    let serve = ["--port", "0"];
    for (arguments, name, broken) in [
        (check, "QWEN_API_KEY", format!("secretsmanager:{secret}#")),
        (
            check,
            "QWEN_API_KEY",
            format!("{{{{resolve:secretsmanager:{secret}}}}}"),
        ),
        (
            check,
            "QWEN_API_URL",
            format!("http://user:{secret}@host:port/v1"),
        ),
        (check, "PHI_API_URL", format!("{secret}@host")),
        (
            check,
            "SEARXNG_URL",
            format!("http://user:{secret}@host:port"),
        ),
        (check, "SEARXNG_URL", format!("ftp://user:{secret}@host")),
        (check, "TAVILY_API_KEY", format!("{secret} \u{e9}")),
        (check, "BRAVE_API_KEY", format!("{secret} {secret}")),
        (
            check,
            "EXTRA_CA_CERTS",
            format!("-----BEGIN PRIVATE KEY-----{secret}"),
        ),
        (serve, "ACCESS_KEY_SHA256", secret.clone()),
        (serve, "ORIGIN_SECRET_SHA256", secret.clone()),
    ] {
        let commands = CommandLine::on_data_dir(data_dir.path());
        let commands = commands.with("RUST_LOG", "debug").with(name, &broken);
        let ended = commands.run(&arguments).await;
        assert_ne!(ended.code, Some(0), "{name}: {ended:?}");
        let said = format!("{}{}", ended.out, ended.err);
        house.look(
            &format!("a start with a broken {name}"),
            said.as_bytes(),
            &[],
        );
    }
}

fn look(
    needles: &Needles,
    found: &mut BTreeSet<(String, &'static str)>,
    place: &str,
    bytes: &[u8],
    may: &[&str],
) {
    let whose = needles.in_bytes(bytes).into_iter();
    let whose: Vec<_> = whose.filter(|name| !may.contains(name)).collect();
    if !whose.is_empty() && std::env::var("SECRETS_SHOW").is_ok() {
        eprintln!(
            "{place}: {whose:?}\n{}",
            String::from_utf8_lossy(&bytes[..bytes.len().min(3000)])
        );
    }
    found.extend(whose.into_iter().map(|name| (place.to_owned(), name)));
}

/// What a server may be sent.
fn own(server: &str) -> &'static [&'static str] {
    let names: &[&str] = match server {
        "qwen" => &["key of qwen in Secrets Manager", "header of qwen"],
        "phi" => &["key of phi in SSM"],
        "llama" => &[
            "key of llama in a variable",
            "user of llama",
            "password of llama",
            "query of llama",
        ],
        "tool" => &[
            "bearer of the tool",
            "password of the tool",
            "query of the tool",
        ],
        "mcp" => &["bearer of the MCP server", "query of the MCP server"],
        "tavily" => &["key of tavily"],
        "brave" => &["key of brave"],
        "serper" => &["key of serper"],
        "searxng" => &["password of searxng"],
        "proxy" => &["password of the proxy"],
        // The token goes along with each signed request: that is its protocol.
        "aws" => &["session token of AWS"],
        other => panic!("{other}"),
    };
    let known = names.iter().filter(|name| NAMES.contains(name)).count();
    assert_eq!(known, names.len());
    names
}
