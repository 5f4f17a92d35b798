//! Addresses of servers that an operator names. No problem repeats an address: where it is wrong, a secret may stand in it.

use url::{Host, Url};

use crate::config_error::ConfigError;

/// Longest address, in bytes: servers and proxies take about so much.
const MAX_URL_BYTES: usize = 2048;

/// The address of a server, which may have a path and a query.
pub(super) fn url(path: &str, written: &str) -> Result<Url, ConfigError> {
    parse(written).map_err(|problem| {
        let problem = format!("expected an http or https address, {problem}");
        ConfigError::at(path, problem)
    })
}

/// The address below which a service has its paths: it has no query.
pub(super) fn endpoint(path: &str, written: &str) -> Result<Url, ConfigError> {
    let url = url(path, written)?;
    if url.query().is_some() {
        let problem = "expected the address of an Invoke endpoint, such as http://127.0.0.1:9000, found one with a query";
        return Err(ConfigError::at(path, problem));
    }
    Ok(url)
}

/// What the standard mends (blanks, backslashes, missing or further slashes) is not what somebody meant to write.
fn parse(written: &str) -> Result<Url, String> {
    if written.is_empty() {
        return Err("found an empty one".to_owned());
    }
    if written.len() > MAX_URL_BYTES {
        let bytes = written.len();
        return Err(format!(
            "at most {MAX_URL_BYTES} bytes long, found {bytes} bytes"
        ));
    }
    if written.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
        return Err("found one with a blank, a control character or a backslash".to_owned());
    }
    if written.contains(['{', '}', '<', '>']) {
        return Err(
            "found one with a placeholder: it is the same for each call, and arguments go in the body"
                .to_owned(),
        );
    }
    let Some((scheme, rest)) = written.split_once("://") else {
        return Err("found one that does not begin with http:// or https://".to_owned());
    };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err("found another scheme".to_owned());
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err(
            "found one with a user name or a password: a secret is sent by `headers`, from a variable"
                .to_owned(),
        );
    }
    if authority.is_empty() {
        return Err("found one without a host".to_owned());
    }
    let url = Url::parse(written).map_err(|error| format!("found one that is none: {error}"))?;
    if let Some(Host::Domain(name)) = url.host()
        && !name.bytes().all(is_of_host_names)
    {
        return Err("found one whose host is no name".to_owned());
    }
    if url.fragment().is_some() {
        return Err("found one with a fragment (`#…`), which no server is sent".to_owned());
    }
    if url.port() == Some(0) {
        return Err("found one with the port 0".to_owned());
    }
    Ok(url)
}

/// Letters, digits and hyphens, and what some inner networks have beside them.
const fn is_of_host_names(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_')
}
