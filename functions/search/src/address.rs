//! Web addresses: which ones a person may be sent to, and when two lead to the same page.
//!
//! Refuses what is not http(s), what is too long, and what holds a name or a password.

use reqwest::Url;

/// What is longer is not read at all.
pub const MAX_URL_BYTES: usize = 2048;

/// Parameters by which sites count where a visitor came from; they change nothing of the page.
const TRACKING: [&str; 12] = [
    "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "igshid",
    "mc_cid", "mc_eid", "srsltid",
];
/// The beginning of such parameters.
const TRACKING_PREFIX: &str = "utm_";

/// Beginnings of host names under which the same pages stand.
const SAME_HOST: [&str; 3] = ["www.", "m.", "mobile."];

/// An address as it stands on a page of `site`, if a browser should go there.
pub fn of_web(text: &str, site: &Url) -> Option<Url> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_URL_BYTES {
        return None;
    }
    let url = site.join(text).ok()?;
    let is_web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    let is_plain = url.username().is_empty() && url.password().is_none();
    (is_web && is_plain && url.as_str().len() <= MAX_URL_BYTES).then_some(url)
}

/// What is the same for two addresses of one page: without scheme, `www.`, fragment, tracking parameters, the slash at
/// its end, and escapes that say nothing.
pub fn canonical(url: &Url) -> String {
    let host = canonical_host(url.host_str().unwrap_or_default());
    let port = url
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let path = unescaped(url.path());
    let path = path.trim_end_matches('/');
    let query = url.query().map(kept_query).unwrap_or_default();
    format!("https://{host}{port}{path}{query}")
}

/// Without what says only for which screens a page is.
fn canonical_host(host: &str) -> String {
    let mut host = host.trim_end_matches('.');
    while let Some(shorter) = SAME_HOST.iter().find_map(|start| host.strip_prefix(start)) {
        // `m.example` is `example` on small screens only where that is still a name with a domain.
        if !shorter.contains('.') {
            break;
        }
        host = shorter;
    }
    // `en.m.wikipedia.org` is `en.wikipedia.org` on small screens.
    let Some(mut language) = host.strip_suffix(".wikipedia.org") else {
        return host.to_owned();
    };
    while let Some(shorter) = language.strip_suffix(".m") {
        language = shorter;
    }
    format!("{language}.wikipedia.org")
}

fn kept_query(query: &str) -> String {
    let kept: Vec<&str> = query
        .split('&')
        .filter(|pair| !pair.is_empty() && !is_tracking(pair))
        .collect();
    if kept.is_empty() {
        String::new()
    } else {
        format!("?{}", unescaped(&kept.join("&")))
    }
}

fn is_tracking(pair: &str) -> bool {
    let name = pair.split('=').next().unwrap_or_default();
    TRACKING.contains(&name) || name.starts_with(TRACKING_PREFIX)
}

/// With plain letters, digits and marks in the place of their escapes; all other escapes in capitals.
fn unescaped(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        plain.push_str(&rest[..at]);
        let is_escape = |digits: &&str| digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let escape = rest.get(at + 1..at + 3).filter(is_escape);
        let byte = escape.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let Some(byte) = byte.filter(|byte| says_nothing_else(*byte)) {
            plain.push(char::from(byte));
        } else {
            // A sign that begins no escape is written as one, or it could begin one with what stands behind it then.
            let kept = escape.unwrap_or("25");
            plain.push('%');
            plain.push_str(&kept.to_ascii_uppercase());
        }
        rest = &rest[at + if escape.is_some() { 3 } else { 1 }..];
    }
    plain.push_str(rest);
    plain
}

/// Whether a letter means the same as its escape, wherever it stands.
fn says_nothing_else(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~!()*',".contains(&byte)
}

#[cfg(test)]
mod tests;
