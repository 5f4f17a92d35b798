use super::*;

fn read(variables: &[(&str, &str)]) -> Result<Config, String> {
    let find = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| OsString::from(value))
    };
    Config::read(find).map_err(|error| error.to_string())
}

#[test]
fn who_is_asked_follows_from_what_is_set() {
    let (tavily, searxng) = (
        ("TAVILY_API_KEY", "tvly-1"),
        ("SEARXNG_URL", "http://127.0.0.1:8888"),
    );
    let keys = [
        tavily,
        searxng,
        ("BRAVE_API_KEY", "b"),
        ("SERPER_API_KEY", "s"),
    ];
    let order = |list| ("SEARCH_PROVIDERS", list);
    let cases = [
        (vec![], vec!["duckduckgo", "wikipedia"]),
        (vec![tavily], vec!["tavily", "duckduckgo", "wikipedia"]),
        (vec![searxng], vec!["searxng", "duckduckgo", "wikipedia"]),
        (
            keys.to_vec(),
            vec![
                "tavily",
                "searxng",
                "brave",
                "serper",
                "duckduckgo",
                "wikipedia",
            ],
        ),
        (
            vec![tavily, order("wikipedia, Tavily")],
            vec!["wikipedia", "tavily"],
        ),
        (vec![order("duckduckgo,duckduckgo")], vec!["duckduckgo"]),
        // Named, and not set up: the search says so.
        (vec![order("tavily,wikipedia")], vec!["tavily", "wikipedia"]),
        (
            vec![order(" , "), ("TAVILY_API_KEY", "  ")],
            vec!["duckduckgo", "wikipedia"],
        ),
    ];
    for (variables, expected) in cases {
        assert_eq!(
            read(&variables).unwrap().providers(),
            expected,
            "{variables:?}"
        );
    }
}

#[test]
fn a_base_is_taken_with_or_without_a_slash_or_refused_with_the_reason() {
    let wrong = |reason: &str| {
        Err(format!(
            "SEARXNG_URL must be an http(s) URL without a query, like https://search.example.org: {reason}"
        ))
    };
    let cases = [
        (
            "https://search.example.org",
            Ok("https://search.example.org/"),
        ),
        ("http://127.0.0.1:9/searx", Ok("http://127.0.0.1:9/searx/")),
        (
            " http://127.0.0.1:9/searx/ ",
            Ok("http://127.0.0.1:9/searx/"),
        ),
        ("http://127.0.0.1:9/search", Ok("http://127.0.0.1:9/")),
        (
            "http://127.0.0.1:9/searx/search/?q=<query>&format=json",
            Ok("http://127.0.0.1:9/searx/"),
        ),
        ("http://u:p@127.0.0.1:9", Ok("http://u:p@127.0.0.1:9/")),
        ("search.example.org", wrong("relative URL without a base")),
        ("ftp://search.example.org", wrong("its scheme is another")),
        (
            "https://search.example.org/?q=",
            wrong("it has a query or a fragment"),
        ),
    ];
    for (base, expected) in cases {
        let read = read(&[("SEARXNG_URL", base), ("SEARCH_PROVIDERS", "searxng")]);
        let read = read.map(|config| match &config.sources[0] {
            Source::SearXng { base } => base.url.to_string(),
            other => panic!("{other:?}"),
        });
        assert_eq!(read, expected.map(str::to_owned), "{base}");
    }
}

#[test]
fn every_other_mistake_names_its_variable_and_no_secret() {
    let long = format!("https://{}", "a".repeat(200));
    let cases = [
        (
            ("SEARCH_PROVIDERS", "google"),
            "SEARCH_PROVIDERS must be names of providers with commas between them, of tavily, searxng, brave, serper, duckduckgo, wikipedia: there is no provider \"google\"",
        ),
        (
            ("SEARCH_REGION", "germany"),
            "SEARCH_REGION must be a country's two letters, like de: it is \"germany\"",
        ),
        (
            ("SEARCH_LANGUAGE", "de-DE"),
            "SEARCH_LANGUAGE must be a language's two or three letters, like de: it is \"de-DE\"",
        ),
        (
            ("TAVILY_API_KEY", "sec ret"),
            "TAVILY_API_KEY must be a key: it holds characters that no key has",
        ),
        (
            ("BRAVE_API_KEY", "sécret"),
            "BRAVE_API_KEY must be a key: it holds characters that no key has",
        ),
        (
            ("SEARCH_CONTACT", "call me"),
            "SEARCH_CONTACT must be a mail address or a web address, at most 200 characters: it is \"call me\"",
        ),
        (
            ("SEARCH_CONTACT", "a@b)("),
            "SEARCH_CONTACT must be a mail address or a web address, at most 200 characters: it is \"a@b)(\"",
        ),
        (
            ("DUCKDUCKGO_URL", "duckduckgo.com"),
            "DUCKDUCKGO_URL must be an http(s) URL without a query, like https://search.example.org: relative URL without a base",
        ),
    ];
    for (variable, expected) in cases {
        assert_eq!(read(&[variable]).unwrap_err(), expected);
    }
    assert!(read(&[("SEARCH_CONTACT", &long)]).is_err());
    let config = read(&[("TAVILY_API_KEY", "tvly-secret")]).unwrap();
    assert!(!format!("{config:?}").contains("secret"));
}

#[test]
fn defaults_are_the_public_services_in_the_language_that_is_set() {
    let urls = |variables: &[(&str, &str)]| -> Vec<String> {
        let config = read(variables).unwrap();
        let urls = config.sources.iter().flat_map(|source| match source {
            Source::DuckDuckGo { answers, pages } => {
                vec![answers.url.to_string(), pages.url.to_string()]
            }
            Source::Tavily { base, .. }
            | Source::SearXng { base }
            | Source::Brave { base, .. }
            | Source::Serper { base, .. }
            | Source::Wikipedia { base } => vec![base.url.to_string()],
            Source::NotSetUp { .. } => vec![],
        });
        urls.collect()
    };
    let public = [
        "https://api.duckduckgo.com/",
        "https://html.duckduckgo.com/",
    ];
    assert_eq!(
        urls(&[]),
        [public[0], public[1], "https://en.wikipedia.org/"]
    );
    assert_eq!(
        urls(&[("SEARCH_LANGUAGE", "DE")]),
        [public[0], public[1], "https://de.wikipedia.org/"]
    );
    let set = [
        ("DUCKDUCKGO_URL", "http://x/ddg"),
        ("WIKIPEDIA_URL", "http://y"),
    ];
    assert_eq!(urls(&set), ["http://x/ddg/", "http://x/ddg/", "http://y/"]);
    let keys = [
        ("TAVILY_API_KEY", "t"),
        ("BRAVE_API_KEY", "b"),
        ("SERPER_API_KEY", "s"),
        ("SEARCH_PROVIDERS", "tavily,brave,serper"),
    ];
    assert_eq!(
        urls(&keys),
        [
            "https://api.tavily.com/",
            "https://api.search.brave.com/",
            "https://google.serper.dev/"
        ]
    );
}

#[test]
fn the_user_agent_names_the_program_and_whom_to_write_to() {
    let version = env!("CARGO_PKG_VERSION");
    let agent = |variables: &[(&str, &str)]| read(variables).unwrap().agent;
    assert_eq!(
        agent(&[]),
        format!("serverless-llm/{version} (+https://serverless-llm.example/)")
    );
    assert_eq!(
        agent(&[("SEARCH_CONTACT", "ops@example.org")]),
        format!("serverless-llm/{version} (+ops@example.org)")
    );
}
