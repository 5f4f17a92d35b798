//! Files into a program and out of it, and what the catalogue tells of the limits.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use std::collections::BTreeMap;

use code_interpreter::{Config, Limits};
use kit::{Bench, request};
use serde_json::{Value, json};

fn file(name: &str, data: &[u8]) -> tool::File {
    tool::File {
        name: name.to_owned(),
        media_type: "application/octet-stream".to_owned(),
        data: data.to_vec(),
    }
}

async fn respond(bench: &Bench, files: Vec<tool::File>, code: &str) -> Value {
    let mut request = request(json!({"code": code}), 60_000);
    request.files = files;
    serde_json::to_value(bench.interpreter.handle(request).await).unwrap()
}

#[tokio::test]
async fn a_program_finds_its_files_and_hands_back_those_that_it_wrote() {
    let bench = Bench::new();
    let files = vec![
        file("in.txt", b"one"),
        file("table.csv", b"a,b"),
        file("kept", b"k"),
    ];
    let code = "import os\n\
        text = open('in.txt').read() + open('table.csv').read()\n\
        open('in.txt', 'w').write('two')\n\
        open('out.csv', 'w').write('c')\n\
        open('.hidden', 'w').write('h')\n\
        os.makedirs('__pycache__/a'); open('__pycache__/a/x', 'w'); os.mkdir('folder'); open('folder/x', 'w').write('x')\n\
        text";
    let response = respond(&bench, files, code).await;
    assert_eq!(response["result"]["value"], "'onea,b'", "{response}");
    let described = json!([
        {"name": "in.txt", "media_type": "text/plain", "bytes": 3},
        {"name": "out.csv", "media_type": "text/csv", "bytes": 1},
        {"name": "folder-x", "media_type": "application/octet-stream; path=\"folder/x\"", "bytes": 1},
    ]);
    assert_eq!(response["result"]["artifacts"], described);
    assert_eq!(response["result"]["omitted"], Value::Null);
    let sent = json!([
        {"name": "in.txt", "media_type": "text/plain", "data": "dHdv"},
        {"name": "out.csv", "media_type": "text/csv", "data": "Yw=="},
        {"name": "folder-x", "media_type": "application/octet-stream; path=\"folder/x\"", "data": "eA=="},
    ]);
    assert_eq!(response["artifacts"], sent);
}

fn names(response: &Value) -> Vec<&str> {
    let artifacts = response["result"]["artifacts"].as_array().unwrap();
    artifacts
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn a_file_in_a_folder_is_handed_back_with_the_folder_in_its_name() {
    let bench = Bench::new();
    let write = "import os\ndef write(*paths):\n    for path in paths:\n        os.makedirs(os.path.dirname(path) or '.', exist_ok=True)\n        open(path, 'w').write(path)\n";
    let deep = format!("write('{}x', '{}y')", "d/".repeat(7), "d/".repeat(8));
    let cases: [(&str, &[&str], Value); 6] = [
        (
            "write('z.txt', 'plots/b.png', 'plots/a.png', 'plots/old/a.png', 'a b/ä.csv')",
            &[
                "z.txt",
                "a b-ä.csv",
                "plots-a.png",
                "plots-b.png",
                "plots-old-a.png",
            ],
            Value::Null,
        ),
        (
            "write('a/b-c', 'a-b/c', 'a-b-c', 'a/b/c', 'p/q.tar.gz', 'p-q.tar.gz')",
            &[
                "a-b-c",
                "p-q.tar.gz",
                "a-b-c-2",
                "a-b-c-3",
                "p-q.tar-2.gz",
                "a-b-c-4",
            ],
            Value::Null,
        ),
        (
            "write('.git/x', 'a/.git/x', 'a/__pycache__/x', 'a/.x')",
            &[],
            Value::Null,
        ),
        (
            &deep,
            &["d-d-d-d-d-d-d-x"],
            json!([{"name": "d/d/d/d/d/d/d/d", "reason": "it lies below 7 other folders"}]),
        ),
        (
            "write('a\\nb/x', '\\u202e/x', 'c/' + 'y' * 200)\nos.symlink('/etc', 'etc'); os.symlink('/etc/passwd', 'c/passwd')",
            &[],
            json!([
                {"name": "a\nb", "reason": "its name cannot be part of that of an artifact"},
                {"name": "etc", "reason": "it is no regular file"},
                {"name": "\u{202e}", "reason": "its name cannot be part of that of an artifact"},
                {"name": "c/passwd", "reason": "it is no regular file"},
                {"name": format!("c/{}", "y".repeat(98)), "reason": "its name cannot be that of an artifact"},
            ]),
        ),
        ("os.mkdir('empty')", &[], Value::Null),
    ];
    for (code, expected, omitted) in cases {
        let response = respond(&bench, Vec::new(), &format!("{write}{code}")).await;
        assert_eq!(names(&response), expected, "{code}: {response}");
        assert_eq!(response["result"]["omitted"], omitted, "{code}");
    }
    let many = "for i in range(1_500): write('a/%d' % i, 'b/%d' % i)";
    let response = respond(&bench, Vec::new(), &format!("{write}{many}")).await;
    assert_eq!(names(&response).len(), 32);
    let omitted = response["result"]["omitted"].as_array().unwrap();
    assert_eq!(
        omitted.last().unwrap(),
        &json!({"name": "…", "reason": "and 1947 more"})
    );
}

/// The files of a run: the newest of each name goes to the next call.
struct Calls {
    bench: Bench,
    files: BTreeMap<String, tool::File>,
}

impl Calls {
    fn new() -> Self {
        Self {
            bench: Bench::new(),
            files: BTreeMap::new(),
        }
    }

    /// The names of what one more program hands back. It has `put(path, text)`.
    async fn call(&mut self, code: &str) -> Vec<String> {
        let put = "import os\ndef put(path, text):\n    os.makedirs(os.path.dirname(path) or '.', exist_ok=True)\n    with open(path, 'w') as file: file.write(text)\n";
        let given = self.files.values().cloned().collect();
        let response = respond(&self.bench, given, &format!("{put}{code}")).await;
        assert_eq!(response["result"]["success"], true, "{code}: {response}");
        let artifacts = response["artifacts"].clone();
        let made: Option<Vec<tool::File>> = serde_json::from_value(artifacts).unwrap();
        let made = made.unwrap_or_default();
        let names = made.iter().map(|file| file.name.clone()).collect();
        let named = made.into_iter().map(|file| (file.name.clone(), file));
        self.files.extend(named);
        names
    }

    /// All that the run has, as name and text.
    fn all(&self) -> Vec<(&str, &str)> {
        let files = self.files.values();
        files
            .map(|file| (&*file.name, std::str::from_utf8(&file.data).unwrap()))
            .collect()
    }
}

/// What a later program writes into a folder again is the next version of the file that it was given.
#[tokio::test]
async fn a_file_in_a_folder_keeps_its_name_from_call_to_call() {
    let mut calls = Calls::new();
    for (text, expected) in [
        ("old", vec!["plots-a.png"]),
        ("new", vec!["plots-a.png"]),
        ("new", vec![]),
    ] {
        let made = calls.call(&format!("put('plots/a.png', '{text}')")).await;
        assert_eq!(made, expected, "{text}");
    }
    assert_eq!(calls.all(), [("plots-a.png", "new")]);
    let moved = "os.mkdir('plots'); os.rename('plots-a.png', 'plots/a.png')";
    assert_eq!(calls.call(moved).await, [""; 0]);
}

/// Programs, and what the run has after them all. A name that a file has is no other file's.
#[tokio::test]
async fn no_file_takes_the_place_of_another_one() {
    type Case = (
        &'static [&'static str],
        &'static [(&'static str, &'static str)],
    );
    let cases: [Case; 10] = [
        (
            &[
                "put('plots-a.txt', '2'); put('plots/a.txt', '1')",
                "put('plots/a.txt', 'NEW')",
            ],
            &[("plots-a-2.txt", "NEW"), ("plots-a.txt", "2")],
        ),
        (
            &[
                "put('a-b/c', '1'); put('a/b-c', '2')",
                "put('a-b/c', 'NEW')",
            ],
            &[("a-b-c", "2"), ("a-b-c-2", "NEW")],
        ),
        (
            &[
                "put('a-b/c', '1'); put('a/b-c', '2')",
                "put('a/b-c', 'NEW')",
                "put('a-b-c', 'own')",
            ],
            &[("a-b-c", "own"), ("a-b-c-2", "1")],
        ),
        (
            &["put('plots-a.txt', '1')", "put('plots/a.txt', '2')"],
            &[("plots-a-2.txt", "2"), ("plots-a.txt", "1")],
        ),
        (
            &[
                "put('a/b-c', '1')",
                "put('a-b/c', '2')",
                "put('a/b-c', '3')",
            ],
            &[("a-b-c", "3"), ("a-b-c-2", "2")],
        ),
        (
            &[
                "put('plots-a-2.txt', '1')",
                "put('plots-a.txt', '2'); put('plots/a.txt', '3')",
            ],
            &[
                ("plots-a-2.txt", "1"),
                ("plots-a-3.txt", "3"),
                ("plots-a.txt", "2"),
            ],
        ),
        // One that the program saw and wrote over, or removed, makes room.
        (
            &[
                "put('plots/a.txt', '1')",
                "put('plots-a.txt', '2'); put('plots/a.txt', '3')",
                "put('plots/a.txt', '4')",
            ],
            &[("plots-a-2.txt", "4"), ("plots-a.txt", "2")],
        ),
        (
            &[
                "put('plots-a.txt', '1')",
                "os.remove('plots-a.txt'); put('plots/a.txt', '2')",
            ],
            &[("plots-a.txt", "2")],
        ),
        // What cannot be handed back leaves its earlier version in the run.
        (
            &[
                "put('plots-a.txt', '1')",
                "put('plots-a.txt', 'x' * 4_000_001); put('plots/a.txt', '2')",
            ],
            &[("plots-a-2.txt", "2"), ("plots-a.txt", "1")],
        ),
        (
            &[
                "put('plots-a.txt', '1')",
                "os.remove('plots-a.txt'); os.mkdir('plots-a.txt'); put('plots/a.txt', '2')",
            ],
            &[("plots-a-2.txt", "2"), ("plots-a.txt", "1")],
        ),
    ];
    for (programs, expected) in cases {
        let mut calls = Calls::new();
        for program in programs {
            calls.call(program).await;
        }
        assert_eq!(calls.all(), expected, "{programs:?}");
    }
}

/// Program 74 of the hostile ones.
#[tokio::test]
async fn a_file_with_a_name_that_leads_elsewhere_is_refused_before_anything_starts() {
    let bench = Bench::new();
    for name in [
        "../../x", "/etc/x", "", ".", "a/../x", "a/b", "a\0b", ".profile",
    ] {
        let response = respond(&bench, vec![file(name, b"x")], "open('begun', 'w')").await;
        assert_eq!(
            response["error"]["code"], "invalid_arguments",
            "{name:?}: {response}"
        );
    }
    let twice = vec![file("a", b"1"), file("a", b"2")];
    let response = respond(&bench, twice, "1").await;
    assert_eq!(response["error"]["message"], "two files have the name a");
    let large = vec![file("a", &vec![0; 4_000_000]), file("b", b"1")];
    let response = respond(&bench, large, "1").await;
    let message = "the files have 4000001 bytes; all together may have 4000000";
    assert_eq!(response["error"]["message"], message);
    assert_eq!(std::fs::read_dir(bench.root.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_is_too_much_to_hand_back_is_named_with_the_reason() {
    let limits = Limits {
        artifacts: 2,
        artifact_bytes: 10,
        ..Limits::default()
    };
    let bench = Bench::with_limits(limits);
    let code = "for name, size in (('a', 4), ('b', 11), ('c', 8), ('d', 2), ('e', 1)):\n    open(name, 'w').write('x' * size)";
    let response = respond(&bench, Vec::new(), code).await;
    let result = &response["result"];
    let names: Vec<_> = result["artifacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["a", "d"]);
    let omitted = json!([
        {"name": "b", "reason": "11 bytes; all files together may have 10"},
        {"name": "c", "reason": "8 bytes; all files together may have 10"},
        {"name": "e", "reason": "at most 2 files are handed back"},
    ]);
    assert_eq!(result["omitted"], omitted);
}

/// A PNG that unfolds to a gigabyte takes a few bytes; the page would unfold it.
#[tokio::test]
async fn a_picture_of_too_many_pixels_is_not_handed_back() {
    let bench = Bench::new();
    let code = "import struct, zlib\ndef chunk(kind, data): return struct.pack('>I', len(data)) + kind + data + struct.pack('>I', zlib.crc32(kind + data))\ndef png(width, height): return b'\\x89PNG\\r\\n\\x1a\\n' + chunk(b'IHDR', struct.pack('>IIBBBBB', width, height, 1, 0, 0, 0, 0)) + chunk(b'IDAT', zlib.compress(bytes((width // 8 + 1) * height))) + chunk(b'IEND', b'')\nopen('fits.png', 'wb').write(png(4000, 4000))\nopen('bomb.png', 'wb').write(png(20000, 20000))\nopen('bomb.txt', 'wb').write(png(20000, 20000))";
    let response = respond(&bench, Vec::new(), code).await;
    let result = &response["result"];
    assert_eq!(result["artifacts"][0]["name"], "fits.png", "{result}");
    let reason = "400000000 pixels; a picture may have 16000000";
    let omitted =
        json!(["bomb.png", "bomb.txt"].map(|name| json!({"name": name, "reason": reason})));
    assert_eq!(result["omitted"], omitted);
}

/// A kernel of Debian 12 has version 2 of Landlock, one of Ubuntu 24.04 version 4: what they lack, the filters make up for.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_older_kernel_holds_programs_too() {
    for abi in [2, 4] {
        let bench = Bench::with_config(Config {
            landlock_abi_at_most: Some(abi),
            ..Config::from_env().unwrap()
        });
        let code = "import errno, os\n\
            def tried(attempt, *given):\n    try:\n        attempt(*given)\n    except OSError as error:\n        return errno.errorcode[error.errno]\n    return 'done'\n\
            open('own', 'w').write('own')\n\
            [tried(os.kill, os.getppid(), 0), tried(os.kill, -1, 0), tried(os.kill, os.getpid(), 0), tried(os.killpg, 0, 0),\n\
            tried(open, '/etc/hostname'), tried(open, '../x', 'w'), tried(os.open, 'own', os.O_WRONLY | os.O_TRUNC)]";
        let told = bench.run(code).await;
        let value = "['EPERM', 'EPERM', 'done', 'done', 'EACCES', 'EACCES', 'done']";
        assert_eq!(told["value"], value, "{abi}: {told}");
    }
    let too_old = Bench::with_config(Config {
        landlock_abi_at_most: Some(1),
        ..Config::from_env().unwrap()
    });
    let response = too_old.respond(json!({"code": "1"}), 60_000).await;
    assert_eq!(response["error"]["code"], "isolation_missing", "{response}");
}

/// What the model is told of the limits is what holds.
#[test]
fn the_catalogue_tells_the_limits_that_hold() {
    let catalogue: Value =
        serde_json::from_str(include_str!("../../../tools_config.json")).unwrap();
    let tools = catalogue["tools"].as_array().unwrap();
    let tool = tools
        .iter()
        .find(|it| it["function"]["name"] == "code_interpreter");
    let function = &tool.unwrap()["function"];
    let description = function["description"].as_str().unwrap();
    let limits = Limits::default();
    for told in [
        format!(
            "{} MB of memory for all processes together, {} s of processor time for each process",
            limits.memory_bytes >> 20,
            limits.cpu_seconds
        ),
        format!("{} processes and threads", limits.processes),
        format!("{} open files each", limits.open_files),
        format!(
            "{} files of {} MB each and {} MB together",
            limits.files,
            limits.file_bytes >> 20,
            limits.disk_bytes >> 20
        ),
        format!(
            "up to {} files of {} MB together",
            limits.artifacts,
            limits.artifact_bytes / 1_000_000
        ),
        format!("{} KB of each output", limits.output_bytes >> 10),
    ] {
        assert!(
            description.contains(&told),
            "{told:?} is not in: {description}"
        );
    }
    assert_eq!(
        function["parameters"]["properties"]["timeout"]["maximum"],
        limits.seconds
    );
}
