//! One secret from its service: a request in AWS's JSON protocol, signed.

use std::collections::BTreeMap;
use std::error::Error;
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use body::{Body, Bounds};
use reqwest::{Client, RequestBuilder, StatusCode, Url};
use secret::Secret;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::name::{SecretName, SecretStore};
use super::problem::SecretProblem;
use crate::aws::variable::variable;

/// Tries of one question: the first, and after what passes.
const TRIES: u32 = 3;
/// Before the second try; twice as long before the third.
const PAUSE: Duration = Duration::from_millis(100);
/// One try.
const TRY: Duration = Duration::from_secs(2);
/// A secret has 64 KB at most, which JSON may write six times as long.
const ANSWER: Bounds = Bounds {
    bytes: 512 * 1024,
    time: TRY,
};
const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// Asks for secrets.
#[derive(Clone)]
pub(super) struct Reader {
    pub(super) http: Client,
    pub(super) credentials: Credentials,
    pub(super) region: String,
    /// Where services are in place of AWS's own.
    pub(super) endpoints: BTreeMap<SecretStore, String>,
}

/// The endpoints that the environment names.
pub(super) fn endpoints() -> BTreeMap<SecretStore, String> {
    let stores = [SecretStore::SecretsManager, SecretStore::ParameterStore];
    let named = |store: SecretStore| {
        let endpoint = variable(store.service().endpoint);
        let endpoint = endpoint.or_else(|| variable("AWS_ENDPOINT_URL"))?;
        Some((store, endpoint))
    };
    stores.into_iter().filter_map(named).collect()
}

/// How a service is asked.
struct Service {
    /// In the names of its hosts and in signatures.
    name: &'static str,
    /// The variable that sets another endpoint.
    endpoint: &'static str,
    target: &'static str,
}

impl SecretStore {
    const fn service(self) -> Service {
        match self {
            Self::SecretsManager => Service {
                name: "secretsmanager",
                endpoint: "AWS_ENDPOINT_URL_SECRETS_MANAGER",
                target: "secretsmanager.GetSecretValue",
            },
            Self::ParameterStore => Service {
                name: "ssm",
                endpoint: "AWS_ENDPOINT_URL_SSM",
                target: "AmazonSSM.GetParameter",
            },
        }
    }

    fn question(self, name: &SecretName) -> Value {
        let id = &name.id;
        match (self, &name.version) {
            (Self::SecretsManager, None) => json!({"SecretId": id}),
            (Self::SecretsManager, Some(version)) => json!({"SecretId": id, "VersionId": version}),
            (Self::ParameterStore, None) => json!({"Name": id, "WithDecryption": true}),
            (Self::ParameterStore, Some(version)) => {
                json!({"Name": format!("{id}:{version}"), "WithDecryption": true})
            }
        }
    }
}

/// Of an answer of either service.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    secret_string: Option<String>,
    parameter: Option<Parameter>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Parameter {
    value: String,
}

/// Of a refusal.
#[derive(Deserialize)]
struct Refusal {
    #[serde(rename = "__type")]
    code: String,
}

impl Reader {
    /// What a secret holds.
    pub(super) async fn read(&self, name: &SecretName) -> Result<Secret, SecretProblem> {
        let region = name.region().unwrap_or(&self.region);
        let endpoint = self.endpoints.get(&name.store).cloned();
        let endpoint = endpoint.unwrap_or_else(|| endpoint_of(name.store.service().name, region));
        let mut tries = 1;
        loop {
            let asked = self.ask(name, &endpoint, region).await;
            match asked {
                Err((_, true)) if tries < TRIES => {
                    sleep(PAUSE.saturating_mul(tries)).await;
                    tries += 1;
                }
                Ok(held) => return Ok(held),
                Err((problem, _)) => return Err(problem),
            }
        }
    }

    /// Asks once; the second part of an error is whether the same may succeed in a moment.
    async fn ask(
        &self,
        name: &SecretName,
        endpoint: &str,
        region: &str,
    ) -> Result<Secret, (SecretProblem, bool)> {
        let unreachable = |cause: String| {
            let host = Url::parse(endpoint).ok();
            let host = host.and_then(|url| url.host_str().map(str::to_owned));
            let host = host.unwrap_or_default();
            (SecretProblem::Unreachable { host, cause }, true)
        };
        let request = self.signed(name, endpoint, region);
        let request = request.ok_or((SecretProblem::NoClient, false))?;
        let response = request.timeout(TRY).send().await;
        let response = response.map_err(|error| unreachable(innermost(&error.without_url())))?;
        let status = response.status();
        let body = Body::new(response, ANSWER).whole().await;
        let body = body.map_err(|error| unreachable(innermost(&error)))?;
        if !status.is_success() {
            return Err(refused(name, region, status, &body));
        }
        let no_text = || {
            (
                SecretProblem::NoText {
                    id: name.id.clone(),
                },
                false,
            )
        };
        let answer: Answer = serde_json::from_slice(&body).map_err(|_| no_text())?;
        let held = answer.secret_string.or(answer.parameter.map(|it| it.value));
        held.map(Secret::new).ok_or_else(no_text)
    }

    fn signed(&self, name: &SecretName, endpoint: &str, region: &str) -> Option<RequestBuilder> {
        let service = name.store.service();
        let url = Url::parse(endpoint).ok()?;
        let body = name.store.question(name).to_string();
        let headers = [
            ("content-type", CONTENT_TYPE),
            ("x-amz-target", service.target),
        ];
        let identity = self.credentials.clone().into();
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(region)
            .name(service.name)
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()
            .ok()?
            .into();
        let signable = SignableBody::Bytes(body.as_bytes());
        let signable = SignableRequest::new("POST", url.as_str(), headers.into_iter(), signable);
        let (signed, _) = sign(signable.ok()?, &params).ok()?.into_parts();
        let (added, _) = signed.into_parts();
        let request = headers
            .into_iter()
            .fold(self.http.post(url), |request, (name, value)| {
                request.header(name, value)
            });
        let request = added.iter().fold(request, |request, header| {
            request.header(header.name(), header.value())
        });
        Some(request.body(body))
    }
}

/// Where a service answers in a Region.
pub(super) fn endpoint_of(service: &str, region: &str) -> String {
    let suffix = if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else if region.starts_with("eusc-") {
        "amazonaws.eu"
    } else {
        "amazonaws.com"
    };
    format!("https://{service}.{region}.{suffix}/")
}

fn refused(
    name: &SecretName,
    region: &str,
    status: StatusCode,
    body: &[u8],
) -> (SecretProblem, bool) {
    let id = name.id.clone();
    let refusal = serde_json::from_slice::<Refusal>(body);
    let code = refusal.map_or_else(|_| status.to_string(), |refusal| refusal.code);
    // `com.amazonaws.service#Code`, in some answers.
    let code = code.rsplit('#').next().unwrap_or_default();
    match code {
        "ResourceNotFoundException" | "ParameterNotFound" | "ParameterVersionNotFound" => {
            let region = region.to_owned();
            (SecretProblem::Missing { id, region }, false)
        }
        "AccessDeniedException" | "DecryptionFailure" | "InvalidKeyId" => {
            let action = name.store.action();
            (SecretProblem::Denied { id, action }, false)
        }
        code => {
            let passes = status.is_server_error()
                || status == StatusCode::TOO_MANY_REQUESTS
                || code.contains("Throttl");
            let code = code.chars().filter(|c| c.is_ascii_graphic() || *c == ' ');
            let code = code.take(100).collect();
            (SecretProblem::Refused { id, code }, passes)
        }
    }
}

/// The part of a secret that a name means.
pub(super) fn field_of(name: &SecretName, held: &str) -> Result<Secret, SecretProblem> {
    let object = serde_json::from_str::<serde_json::Map<String, Value>>(held).ok();
    let id = name.id.clone();
    match (&name.field, object) {
        (None, None) => Ok(Secret::new(held)),
        (None, Some(_)) => Err(SecretProblem::WholeObject { id }),
        (Some(field), object) => {
            let value = object.as_ref().and_then(|object| object.get(field));
            let text = value.and_then(Value::as_str).map(Secret::new);
            text.ok_or_else(|| SecretProblem::NoField {
                id,
                field: field.clone(),
            })
        }
    }
}

/// The innermost cause says most.
fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
