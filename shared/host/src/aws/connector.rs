//! HTTP for the AWS SDK over the client that everything else uses: one stack, one set of roots.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use body::{Body, BodyError, Bounds};
use reqwest::Request;

use crate::aws::authorities::service_client;
use crate::http::ClientError;

/// The path of every operation on a function.
const FUNCTIONS: &str = "/2015-03-31/functions/";
/// What a function may answer with, in bytes (Lambda quotas). Not all that answer in its place keep to it.
const MAX_INVOKE_BYTES: usize = 6_291_556;
/// What any other service may answer with, in bytes: the most that `DynamoDB` takes and gives.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// As long as any function runs; the caller's own time-out is shorter.
const MAX_TIME: Duration = Duration::from_mins(15);

/// An HTTP client for SDK clients; those that are made with copies of it share its connections.
///
/// The time to connect is [`crate::http::CONNECT_TIMEOUT`], whatever the SDK's configuration says.
pub fn http_client() -> Result<SharedHttpClient, ClientError> {
    let client = service_client()?;
    Ok(SharedHttpClient::new(Http { client }))
}

#[derive(Debug)]
struct Http {
    client: reqwest::Client,
}

impl HttpClient for Http {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            client: self.client.clone(),
            read_timeout: settings.read_timeout(),
        })
    }
}

#[derive(Debug)]
struct Connector {
    client: reqwest::Client,
    read_timeout: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.client.clone();
        let read_timeout = self.read_timeout;
        HttpConnectorFuture::new(async move {
            let mut request = outgoing(request)?;
            *request.timeout_mut() = read_timeout;
            let bytes = most_bytes(request.url().path());
            let response = client.execute(request).await.map_err(failed)?;
            incoming(response, bytes).await
        })
    }
}

fn outgoing(request: HttpRequest) -> Result<Request, ConnectorError> {
    let request = request
        .try_into_http1x()
        .map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let body = body
        .bytes()
        .ok_or_else(|| ConnectorError::user("only bodies in memory can be sent".into()))?
        .to_vec();
    Request::try_from(::http::Request::from_parts(parts, body))
        .map_err(|error| ConnectorError::user(error.into()))
}

fn most_bytes(path: &str) -> usize {
    if path.starts_with(FUNCTIONS) {
        MAX_INVOKE_BYTES
    } else {
        MAX_BYTES
    }
}

async fn incoming(
    response: reqwest::Response,
    bytes: usize,
) -> Result<HttpResponse, ConnectorError> {
    let mut whole = ::http::Response::new(());
    *whole.status_mut() = response.status();
    *whole.headers_mut() = response.headers().clone();
    let bounds = Bounds {
        bytes,
        time: MAX_TIME,
    };
    let body = Body::new(response, bounds).whole().await.map_err(unread)?;
    HttpResponse::try_from(whole.map(|()| SdkBody::from(body)))
        .map_err(|error| ConnectorError::other(error.into(), None))
}

/// A body that is too long is so the next time, too.
fn unread(error: BodyError) -> ConnectorError {
    match error {
        BodyError::Broken(error) => failed(error),
        BodyError::Late { .. } => ConnectorError::timeout(error.into()),
        BodyError::TooLong { .. } => ConnectorError::other(error.into(), None),
    }
}

/// The SDK repeats what timed out and what was cut; a request that never left may be repeated whatever it does.
fn failed(error: reqwest::Error) -> ConnectorError {
    let (is_timeout, is_connect) = (error.is_timeout(), error.is_connect());
    if error.is_builder() {
        return ConnectorError::user(error.into());
    }
    let failed = if is_timeout {
        ConnectorError::timeout(error.into())
    } else {
        ConnectorError::io(error.into())
    };
    if is_connect {
        failed.never_connected()
    } else {
        failed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::http::StatusCode;
    use axum::routing::post;

    async fn serve(app: Router) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        format!("http://{address}/")
    }

    async fn call(
        url: &str,
        read_timeout: Option<Duration>,
    ) -> Result<HttpResponse, ConnectorError> {
        call_with(url, "yes", read_timeout).await
    }

    async fn call_with(
        url: &str,
        asked: &str,
        read_timeout: Option<Duration>,
    ) -> Result<HttpResponse, ConnectorError> {
        let client = service_client().unwrap();
        let connector = Connector {
            client,
            read_timeout,
        };
        let request = ::http::Request::post(url)
            .header("x-asked", asked)
            .body(SdkBody::from("a body"))
            .unwrap();
        connector
            .call(HttpRequest::try_from(request).unwrap())
            .await
    }

    #[tokio::test]
    async fn a_request_goes_out_and_its_response_comes_in_whole() {
        let echo = async |headers: axum::http::HeaderMap, body: String| {
            (
                StatusCode::IM_A_TEAPOT,
                [("x-answered", headers["x-asked"].clone())],
                body,
            )
        };
        let url = serve(Router::new().route("/", post(echo))).await;
        let response = call(&url, None).await.unwrap();
        assert_eq!(response.status().as_u16(), 418);
        assert_eq!(response.headers().get("x-answered"), Some("yes"));
        assert_eq!(response.body().bytes(), Some(&b"a body"[..]));
    }

    /// A function of an endpoint that is not Lambda may answer with anything.
    #[tokio::test]
    async fn a_response_is_read_as_far_as_its_service_can_mean_it() {
        let sized = async |headers: axum::http::HeaderMap| {
            let bytes = headers["x-asked"].to_str().unwrap().parse().unwrap();
            vec![b'x'; bytes]
        };
        let app = Router::new().fallback(sized);
        let url = serve(app).await;
        let invoke = "2015-03-31/functions/f/invocations";
        for (path, most) in [(invoke, MAX_INVOKE_BYTES), ("", MAX_BYTES)] {
            let whole = call_with(&format!("{url}{path}"), &most.to_string(), None).await;
            assert_eq!(whole.unwrap().body().bytes().unwrap().len(), most);
            let larger = call_with(&format!("{url}{path}"), &(most + 1).to_string(), None).await;
            let error = larger.unwrap_err();
            assert!(error.is_other(), "{error:?}");
            let said = std::error::Error::source(&error).unwrap().to_string();
            assert_eq!(said, format!("the body has more than {most} bytes"));
        }
    }

    #[tokio::test]
    async fn a_redirect_is_a_response_like_any_other() {
        let away = async || axum::response::Redirect::temporary("/elsewhere");
        let url = serve(Router::new().route("/", post(away))).await;
        assert_eq!(call(&url, None).await.unwrap().status().as_u16(), 307);
    }

    #[tokio::test]
    async fn failures_are_told_apart_for_the_sdk_to_repeat() {
        let silent = serve(Router::new().route("/", post(std::future::pending::<()>))).await;
        let error = call(&silent, Some(Duration::from_millis(20)))
            .await
            .unwrap_err();
        assert!(error.is_timeout(), "{error:?}");

        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let nobody = format!("http://{}/", closed.local_addr().unwrap());
        drop(closed);
        assert!(call(&nobody, None).await.unwrap_err().is_io());
    }
}
