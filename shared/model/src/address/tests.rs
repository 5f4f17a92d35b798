//! Addresses as people write and paste them.

use super::*;

/// What is written, what is asked, and the same as people see it where that differs.
const ADDRESSES: &[(&str, &str)] = &[
    // No path: the version is added.
    ("http://127.0.0.1:8001", "http://127.0.0.1:8001/v1"),
    ("http://127.0.0.1:8001/", "http://127.0.0.1:8001/v1"),
    ("http://127.0.0.1:8001//", "http://127.0.0.1:8001/v1"),
    (
        "http://localhost:11434/#models",
        "http://localhost:11434/v1",
    ),
    ("http://[::1]:8001", "http://[::1]:8001/v1"),
    ("HTTP://LocalHost:8001", "http://localhost:8001/v1"),
    ("https://user:secret@host/", "https://host/v1"),
    // A path is taken as it is.
    ("http://127.0.0.1:8001/v1", "http://127.0.0.1:8001/v1"),
    ("http://127.0.0.1:8001/v1/", "http://127.0.0.1:8001/v1"),
    ("https://host/proxy", "https://host/proxy"),
    ("https://host/V1", "https://host/V1"),
    (
        "https://api.groq.com/openai/v1",
        "https://api.groq.com/openai/v1",
    ),
    (
        "https://generativelanguage.googleapis.com/v1beta/openai/",
        "https://generativelanguage.googleapis.com/v1beta/openai",
    ),
    (
        "https://api.deepinfra.com/v1/openai",
        "https://api.deepinfra.com/v1/openai",
    ),
    (
        "https://openrouter.ai/api/v1",
        "https://openrouter.ai/api/v1",
    ),
    (
        "https://models.github.ai/inference",
        "https://models.github.ai/inference",
    ),
    (
        "https://open.bigmodel.cn/api/paas/v4",
        "https://open.bigmodel.cn/api/paas/v4",
    ),
    (
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
        "https://dashscope.aliyuncs.com/compatible-mode/v1",
    ),
    (
        "https://api.cloudflare.com/client/v4/accounts/ID/ai/v1",
        "https://api.cloudflare.com/client/v4/accounts/ID/ai/v1",
    ),
    (
        "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1",
        "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1",
    ),
    (
        "https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/ep/openai/v1",
        "https://runtime.sagemaker.eu-west-1.amazonaws.com/endpoints/ep/openai/v1",
    ),
    (
        "https://router.huggingface.co/v1",
        "https://router.huggingface.co/v1",
    ),
    ("http://localhost:3000/api", "http://localhost:3000/api"),
    (
        "https://host.services.ai.azure.com/models",
        "https://host.services.ai.azure.com/models",
    ),
    ("https://host/v1/models/qwen", "https://host/v1/models/qwen"),
    // What is pasted too much is cut off.
    ("https://host/v1/chat/completions", "https://host/v1"),
    ("https://host/v1/Chat/Completions/", "https://host/v1"),
    (
        "https://host/openai/v1/chat/completions/",
        "https://host/openai/v1",
    ),
    (
        "https://api.perplexity.ai/chat/completions",
        "https://api.perplexity.ai",
    ),
    ("https://host/chat", "https://host/chat"),
    ("https://host/v1/models", "https://host/v1"),
    ("https://host/v1/completions", "https://host/v1"),
    ("https://host/v1/responses", "https://host/v1"),
    ("https://host/v1/messages", "https://host/v1"),
    (
        "https://host/v1beta/openai/models",
        "https://host/v1beta/openai",
    ),
    (
        "http://localhost:11434/api/chat",
        "http://localhost:11434/v1",
    ),
    (
        "http://localhost:11434/api/generate",
        "http://localhost:11434/v1",
    ),
    // Marks around it.
    (" https://host/v1 ", "https://host/v1"),
    ("\"https://host/v1\"", "https://host/v1"),
    ("'https://host/v1',", "https://host/v1"),
    ("<https://host/v1>", "https://host/v1"),
    ("https://host/v1\r\n", "https://host/v1"),
];

#[test]
fn an_address_is_taken_as_it_is_and_gets_a_version_where_it_has_no_path() {
    for (written, base) in ADDRESSES {
        let read = Base::read(written).unwrap();
        assert_eq!(read.shown(), *base, "{written}");
        assert_eq!(
            read.below(CHAT),
            format!("{base}/chat/completions"),
            "{written}"
        );
        assert_eq!(read.shown_below(CHAT), read.below(CHAT), "{written}");
        let again = Base::read(read.shown()).unwrap();
        let is_at_root = !base.trim_start_matches("https://").contains('/');
        assert!(
            again.shown() == *base || is_at_root,
            "{written} is read twice as once"
        );
    }
}

#[test]
fn what_lies_beside_the_version_is_at_the_root_or_nowhere() {
    for (written, beside) in [
        ("http://host:8080", Some("http://host:8080/props")),
        ("http://host:8080/v1/", Some("http://host:8080/props")),
        ("http://host/v1?key=a", Some("http://host/props?key=a")),
        ("http://host/api/chat", Some("http://host/props")),
        ("http://host/openai/v1", None),
        ("http://host/api/v3", None),
    ] {
        let base = Base::read(written).unwrap();
        assert_eq!(base.beside("props").as_deref(), beside, "{written}");
    }
}

#[test]
fn a_query_goes_along_and_only_its_version_is_shown() {
    let deployment = "https://x.openai.azure.com/openai/deployments/gpt";
    let cases = [
        (
            format!("{deployment}?api-version=2024-10-21"),
            format!("{deployment}/chat/completions?api-version=2024-10-21"),
            format!("{deployment}/chat/completions?api-version=2024-10-21"),
        ),
        (
            format!("{deployment}/chat/completions?api-version=2024-10-21&code=s3cret"),
            format!("{deployment}/chat/completions?api-version=2024-10-21&code=s3cret"),
            format!("{deployment}/chat/completions?api-version=2024-10-21&code=…"),
        ),
        (
            "https://host?key=s3cret&alt".to_owned(),
            "https://host/v1/chat/completions?key=s3cret&alt".to_owned(),
            "https://host/v1/chat/completions?key=…&…".to_owned(),
        ),
        (
            "https://host/v1?".to_owned(),
            "https://host/v1/chat/completions".to_owned(),
            "https://host/v1/chat/completions".to_owned(),
        ),
    ];
    for (written, asked, shown) in cases {
        let base = Base::read(&written).unwrap();
        assert_eq!(base.below(CHAT), asked);
        assert_eq!(base.shown_below(CHAT), shown);
        assert_eq!(
            base.redact("no: s3cret").contains("s3cret"),
            !written.contains("s3cret")
        );
    }
}

#[test]
fn name_and_password_are_kept_apart_from_the_address() {
    let cases = [
        ("https://me:pass@host/v1", Some(("me", Some("pass")))),
        ("https://me@host/v1", Some(("me", None))),
        ("https://:pass@host/v1", Some(("", Some("pass")))),
        ("https://me:p%40s%25s@host/v1", Some(("me", Some("p@s%s")))),
        ("https://host/v1", None),
    ];
    for (written, expected) in cases {
        let base = Base::read(written).unwrap();
        let found = base.credentials.as_ref();
        let found =
            found.map(|(name, password)| (name.reveal(), password.as_ref().map(Secret::reveal)));
        assert_eq!(found, expected, "{written}");
        assert_eq!(base.below(CHAT), "https://host/v1/chat/completions");
    }
}

#[test]
fn this_machine_and_azure_are_told_from_other_hosts() {
    let cases = [
        ("http://127.0.0.1:8001", true, false),
        ("http://127.9.9.9", true, false),
        ("http://[::1]:8001", true, false),
        ("http://localhost:8001", true, false),
        ("http://0.0.0.0:8001", true, false),
        ("http://192.168.1.5:8001", false, false),
        ("https://localhost.example.org", false, false),
        ("https://x.openai.azure.com/openai/v1", false, true),
        (
            "https://x.cognitiveservices.azure.com/openai/v1",
            false,
            true,
        ),
        ("https://x.services.ai.azure.com/models", false, true),
        ("https://azure.com.example.org", false, false),
        (
            "https://gateway.example.org/openai/deployments/gpt",
            false,
            true,
        ),
        ("https://gateway.example.org/openai/v1", false, false),
    ];
    for (written, is_loopback, is_azure) in cases {
        let base = Base::read(written).unwrap();
        assert_eq!(
            (base.is_loopback, base.is_azure),
            (is_loopback, is_azure),
            "{written}"
        );
    }
}

#[test]
fn what_is_no_address_is_refused_and_told_with_what_is_missing() {
    let cases = [
        ("", None, ""),
        ("not an address", None, "not an address"),
        (
            "localhost:8001",
            Some("http://localhost:8001"),
            "localhost:8001",
        ),
        (
            "127.0.0.1:8001/v1",
            Some("http://127.0.0.1:8001/v1"),
            "127.0.0.1:8001/v1",
        ),
        (
            "api.example.org/v1?key=s3cret",
            Some("https://api.example.org/v1?key=…"),
            "api.example.org/v1",
        ),
        (
            "NAME.openai.azure.com/openai/deployments/X?api-version=2024-10-21",
            Some("https://NAME.openai.azure.com/openai/deployments/X?api-version=2024-10-21"),
            "NAME.openai.azure.com/openai/deployments/X",
        ),
        (
            "localhost:8001?s3cret&api-version=1#part",
            Some("http://localhost:8001?…&api-version=1"),
            "localhost:8001",
        ),
        ("http://me:s3?cret@host", None, "…@host"),
        ("http://me:s3#cret@host", None, "…@host"),
        ("ftp://host", None, "ftp://host"),
        ("http://", None, "http://"),
        ("/v1", None, "/v1"),
        ("me:s3cret@host", None, "…@host"),
        (
            "https://<your-resource>.openai.azure.com",
            None,
            "https://<your-resource>.openai.azure.com",
        ),
    ];
    for (written, with, shown) in cases {
        assert!(Base::read(written).is_none(), "{written}");
        assert_eq!(with_scheme(written).as_deref(), with, "{written}");
        assert_eq!(unreadable(written), shown, "{written}");
    }
}

#[test]
fn the_parts_of_an_address_are_told_with_where_they_come_from() {
    let cases = [
        (
            "https://host",
            "`https://host` is from V, `/v1` was added because that names no path",
        ),
        (
            "https://host/v1",
            "`https://host/v1` is from V, `/chat/completions` was added",
        ),
        (
            "https://host/v1/chat/completions",
            "whose last part was taken for an endpoint",
        ),
        (
            "http://localhost:11434/api/chat",
            "V names a path of Ollama's own protocol",
        ),
    ];
    for (written, told) in cases {
        let parts = Base::read(written).unwrap().parts("V");
        assert!(
            parts.contains(told) && parts.contains("/chat/completions"),
            "{parts}"
        );
    }
}
