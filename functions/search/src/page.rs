//! An answer of a provider, read within a number of bytes and a time.

use std::time::{Duration, SystemTime};

use body::{Body, Bounds, offload};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, RETRY_AFTER};
use reqwest::{Response, StatusCode};
use serde_json::Value;

use crate::bounds::{REFUSAL_BYTES, RESPONSE};
use crate::decode;
use crate::json::object;
use crate::problem::Problem;

/// An answer that was read whole.
#[derive(Debug)]
pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    body: Vec<u8>,
}

impl Page {
    pub async fn whole(response: Response) -> Result<Self, Problem> {
        let (status, headers) = (response.status(), response.headers().clone());
        let body = Body::new(response, RESPONSE);
        let body = if status.is_success() {
            body.whole().await?
        } else {
            let bytes = REFUSAL_BYTES;
            body.within(Bounds { bytes, ..RESPONSE }).beginning().await
        };
        Ok(Self {
            status,
            headers,
            body,
        })
    }

    /// Refuses what is no success. `key` is the variable of the key that was shown.
    pub fn successful(self, key: Option<&'static str>) -> Result<Self, Problem> {
        let status = self.status;
        if status.is_success() {
            return Ok(self);
        }
        let wait = self.wait();
        Err(match (status.as_u16(), key) {
            (429, _) => Problem::Limited { wait },
            (401 | 403, Some(variable)) => Problem::KeyRefused { status, variable },
            // 432 and 433 are Tavily's, for a key's limit and for what was to be paid as it goes.
            (402 | 432 | 433, Some(variable)) => Problem::UsedUp { status, variable },
            (401 | 403, None) => Problem::Blocked { status, wait },
            _ if status.is_redirection() => Problem::Redirected { status },
            _ => Problem::Status { status, wait },
        })
    }

    /// For how long it asks to be left alone: `Retry-After`, in seconds or as a date.
    pub fn wait(&self) -> Option<Duration> {
        let value = self.header(&RETRY_AFTER)?.trim();
        match value.parse::<f64>() {
            // More than there is room for is as long as can be.
            Ok(seconds) if seconds >= 0.0 => {
                Some(Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX))
            }
            Ok(_) => None,
            Err(_) => {
                let date = httpdate::parse_http_date(value).ok()?;
                date.duration_since(SystemTime::now()).ok()
            }
        }
    }

    pub fn header(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// What `read` makes of the text; a long one is read off the async workers.
    pub async fn read<T: Send + 'static>(self, read: impl FnOnce(&str) -> T + Send + 'static) -> T {
        let label = self
            .header(&CONTENT_TYPE)
            .and_then(charset)
            .map(str::to_owned);
        offload(self.body.len(), move || {
            read(&decode::text(&self.body, label.as_deref()))
        })
        .await
    }

    /// The same of a JSON object.
    pub async fn read_object<T: Send + 'static>(
        self,
        read: impl FnOnce(Value) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.read(|text| read(object(text)?)).await
    }
}

fn charset(content_type: &str) -> Option<&str> {
    let parameters = content_type.split(';').skip(1);
    let mut named = parameters.filter_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches(['"', '\'']))
    });
    named.next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    fn page(name: HeaderName, value: &str) -> Page {
        let headers = HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())]);
        let (status, body) = (StatusCode::TOO_MANY_REQUESTS, Vec::new());
        Page {
            status,
            headers,
            body,
        }
    }

    #[test]
    fn a_wait_is_read_however_it_is_written() {
        let seconds = |seconds| Some(Duration::from_secs(seconds));
        let cases = [
            ("60", seconds(60)),
            (" 7 ", seconds(7)),
            ("1.5", Some(Duration::from_millis(1500))),
            ("0", seconds(0)),
            ("1e300", Some(Duration::MAX)),
            ("99999999999999999999", Some(Duration::MAX)),
            ("-5", None),
            ("NaN", None),
            ("soon", None),
            ("", None),
            ("Sat, 28 Nov 1998 10:00:00 GMT", None),
        ];
        for (value, expected) in cases {
            assert_eq!(page(RETRY_AFTER, value).wait(), expected, "{value}");
        }
        let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_hours(1));
        let wait = page(RETRY_AFTER, &date).wait().unwrap();
        assert!(
            wait > Duration::from_mins(50) && wait <= Duration::from_hours(1),
            "{wait:?}"
        );
    }

    #[test]
    fn the_charset_is_a_parameter_of_the_media_type() {
        let cases = [
            ("text/html; charset=UTF-8", Some("UTF-8")),
            ("text/html;charset=\"latin1\"", Some("latin1")),
            ("text/html; boundary=x; Charset = euc-jp", Some("euc-jp")),
            ("text/html", None),
            ("charset=utf-8", None),
        ];
        for (content_type, expected) in cases {
            assert_eq!(charset(content_type), expected, "{content_type}");
        }
    }
}
