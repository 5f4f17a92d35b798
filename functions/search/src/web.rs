//! How providers are asked: one honest `User-Agent`, and a time for the answer.

use host::http::{ClientError, is_loopback};
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, CONTENT_TYPE, HeaderValue, USER_AGENT};
use reqwest::{Client, RequestBuilder, Response, Url};
use serde_json::Value;
use tokio::time::Instant;

use crate::page::Page;
use crate::problem::Problem;

/// What every request says of who asks.
#[derive(Debug)]
pub struct Web {
    agent: HeaderValue,
    language: HeaderValue,
}

/// A server with an interface for searches.
#[derive(Debug)]
pub struct Endpoint {
    base: Url,
    client: Client,
    /// Where its address is set.
    variable: &'static str,
}

impl Web {
    pub const fn new(agent: HeaderValue, language: HeaderValue) -> Self {
        Self { agent, language }
    }

    /// Sends one request and reads what comes until `until`, whatever its status is. Redirects within the origin are followed.
    pub async fn fetch(
        &self,
        endpoint: &Endpoint,
        request: RequestBuilder,
        accept: &'static str,
        until: Instant,
    ) -> Result<Page, Problem> {
        let began = Instant::now();
        let request = request
            .header(USER_AGENT, &self.agent)
            .header(ACCEPT_LANGUAGE, &self.language)
            .header(ACCEPT, accept);
        let page = async {
            let response = endpoint.send(request, began).await?;
            Page::whole(response).await
        };
        let late = || {
            Err(Problem::Late {
                waited: until.duration_since(began),
            })
        };
        tokio::time::timeout_at(until, page)
            .await
            .unwrap_or_else(|_| late())
    }
}

/// The clients of all endpoints, each made when the first needs it: what they trust takes time to read.
#[derive(Debug, Default)]
pub struct Clients {
    /// For servers on this machine.
    direct: Option<Client>,
    outward: Option<Client>,
}

impl Clients {
    /// The server at an address, which `variable` sets.
    pub fn endpoint(&mut self, base: Url, variable: &'static str) -> Result<Endpoint, ClientError> {
        let kept = if is_loopback(&base) {
            &mut self.direct
        } else {
            &mut self.outward
        };
        let client = match kept {
            Some(client) => client.clone(),
            None => kept.insert(host::http::client(&base)?).clone(),
        };
        Ok(Endpoint {
            base,
            client,
            variable,
        })
    }
}

impl Endpoint {
    pub fn get(&self, path: &str, query: &[(&str, &str)]) -> RequestBuilder {
        self.client.get(self.at(path)).query(query)
    }

    pub fn post_json(&self, path: &str, body: &Value) -> RequestBuilder {
        self.client.post(self.at(path)).json(body)
    }

    pub fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> RequestBuilder {
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let media_type = "application/x-www-form-urlencoded";
        self.client
            .post(self.at(path))
            .header(CONTENT_TYPE, media_type)
            .body(form)
    }

    /// Relative addresses of an answer lead from here.
    pub const fn site(&self) -> &Url {
        &self.base
    }

    fn at(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{path}", self.base.path()));
        url
    }

    /// A request whose connection ends before an answer begins is sent once more: one that was kept may have died while this
    /// process was frozen.
    async fn send(&self, request: RequestBuilder, began: Instant) -> Result<Response, Problem> {
        let again = request.try_clone();
        let failed = match request.send().await {
            Ok(response) => return Ok(response),
            Err(error) => self.failed(error, began),
        };
        match (failed, again) {
            (Problem::Cut(_), Some(again)) => {
                let response = again.send().await;
                response.map_err(|error| self.failed(error, began))
            }
            (failed, _) => Err(failed),
        }
    }

    /// What an error before the head of an answer means.
    fn failed(&self, error: reqwest::Error, began: Instant) -> Problem {
        let error = error.without_url();
        if error.is_timeout() {
            Problem::Late {
                waited: began.elapsed(),
            }
        } else if error.is_connect() {
            let variable = self.variable;
            Problem::Unreachable {
                variable,
                source: error,
            }
        } else {
            Problem::Cut(error)
        }
    }
}
