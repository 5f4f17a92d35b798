//! Secrets from services of the test's own, which answer as AWS's do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_credential_types::Credentials;
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};

use super::*;

/// What a service is asked, and how it answers: by the name of the secret.
fn answer(tries: &AtomicUsize, headers: HeaderMap, body: String) -> (StatusCode, String) {
    let asked: Value = serde_json::from_str(&body).unwrap();
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "application/x-amz-json-1.1");
    let signed = header("authorization");
    let (service, id) = match &*header("x-amz-target") {
        "secretsmanager.GetSecretValue" => ("secretsmanager", &asked["SecretId"]),
        "AmazonSSM.GetParameter" if asked["WithDecryption"] == true => ("ssm", &asked["Name"]),
        other => panic!("{other}"),
    };
    assert!(
        signed.contains(&format!("/eu-central-1/{service}/aws4_request")),
        "{signed}"
    );
    assert!(signed.contains("x-amz-security-token") && header("x-amz-security-token") == "token-1");
    let refused = |status: u16, code: &str| {
        let body = json!({"__type": code, "Message": "of s3cr3t", "message": "of s3cr3t"});
        (StatusCode::from_u16(status).unwrap(), body.to_string())
    };
    let id = match asked["VersionId"].as_str() {
        Some(version) => format!("{} of {version}", id.as_str().unwrap()),
        None => id.as_str().unwrap().to_owned(),
    };
    let id = &*id;
    let tried = tries.fetch_add(1, Ordering::Relaxed);
    let text = match id {
        "plain" | "/plain" => "sk-s3cr3t\n".to_owned(),
        "object" => json!({"QWEN": "sk-s3cr3t", "EMPTY": "", "NUMBER": 7}).to_string(),
        "object of 0f-1" => json!({"QWEN": "sk-0ld"}).to_string(),
        "/plain:2" => "sk-0lder".to_owned(),
        "bytes" => {
            return (
                StatusCode::OK,
                json!({"SecretBinary": "c2VjcmV0"}).to_string(),
            );
        }
        "page" => return (StatusCode::OK, "<html>s3cr3t".to_owned()),
        "denied" => return refused(400, "AccessDeniedException"),
        "kms" => return refused(400, "com.amazonaws.kms#DecryptionFailure"),
        "deleted" => return refused(400, "InvalidRequestException"),
        "expired" => return refused(403, "ExpiredTokenException"),
        "gone" => return refused(400, "ResourceNotFoundException"),
        "/gone" => return refused(400, "ParameterNotFound"),
        "busy" if tried == 0 => return refused(400, "ThrottlingException"),
        "down" if tried < 2 => return (StatusCode::BAD_GATEWAY, "<html>".to_owned()),
        "dead" => return (StatusCode::SERVICE_UNAVAILABLE, "<html>".to_owned()),
        "busy" | "down" => "sk-s3cr3t".to_owned(),
        other => panic!("{other}"),
    };
    let held = match service {
        "ssm" => json!({"Parameter": {"Name": id, "Type": "SecureString", "Value": text}}),
        _ => json!({"Name": id, "SecretString": text, "VersionStages": ["AWSCURRENT"]}),
    };
    (StatusCode::OK, held.to_string())
}

/// What variables hold whose secrets these are, and how often the service was asked.
async fn read(variables: &[&str]) -> (Result<BTreeMap<String, Secret>, String>, usize) {
    let tries = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&tries);
    let router = Router::new().route(
        "/",
        post(async move |headers, body| answer(&counted, headers, body)),
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    let stores = [SecretStore::SecretsManager, SecretStore::ParameterStore];
    let token = Some("token-1".to_owned());
    let reader = Reader {
        http: service_client().unwrap(),
        credentials: Credentials::new("id", "key", token, None, "test"),
        region: "eu-central-1".to_owned(),
        endpoints: stores.map(|store| (store, endpoint.clone())).into(),
    };
    let names: Vec<_> = (0..variables.len()).map(|at| format!("KEY_{at}")).collect();
    let name = |text: &&str| SecretName::read(text).unwrap().unwrap();
    let named = names.iter().zip(variables.iter().map(name)).collect();
    let secrets = read_named(reader, named).await;
    (
        secrets.map_err(|error| error.to_string()),
        tries.load(Ordering::Relaxed),
    )
}

#[tokio::test]
async fn each_secret_is_asked_for_once_and_each_variable_gets_what_it_names() {
    let variables = [
        ("secretsmanager:plain", "sk-s3cr3t\n"),
        ("secretsmanager:object#QWEN", "sk-s3cr3t"),
        ("secretsmanager:object#EMPTY", ""),
        ("ssm:/plain", "sk-s3cr3t\n"),
        ("secretsmanager:plain", "sk-s3cr3t\n"),
        ("secretsmanager:object?version=0f-1#QWEN", "sk-0ld"),
        ("ssm:/plain?version=2", "sk-0lder"),
    ];
    let (secrets, tries) = read(&variables.map(|(text, _)| text)).await;
    let expected = variables.iter().enumerate();
    let expected = expected.map(|(at, (_, held))| (format!("KEY_{at}"), Secret::new(*held)));
    assert_eq!(secrets.unwrap(), expected.collect());
    assert_eq!(tries, 5);
}

#[tokio::test]
async fn what_passes_is_asked_for_again_and_what_does_not_is_told_with_what_to_do() {
    let cases = [
        ("secretsmanager:busy", None, 2),
        ("secretsmanager:down", None, 3),
        (
            "secretsmanager:dead",
            Some("refuses the question for `dead` with 503"),
            3,
        ),
        (
            "secretsmanager:denied",
            Some("needs secretsmanager:GetSecretValue on `denied`, and kms:Decrypt"),
            1,
        ),
        ("secretsmanager:kms", Some("kms:Decrypt"), 1),
        (
            "secretsmanager:deleted",
            Some("`deleted` with InvalidRequestException"),
            1,
        ),
        (
            "secretsmanager:expired",
            Some("`expired` with ExpiredTokenException"),
            1,
        ),
        (
            "secretsmanager:gone",
            Some("there is no `gone` in eu-central-1"),
            1,
        ),
        ("ssm:/gone", Some("there is no `/gone` in eu-central-1"), 1),
        (
            "secretsmanager:bytes",
            Some("`bytes` holds bytes, expected a text"),
            1,
        ),
        ("secretsmanager:page", Some("expected a text"), 1),
        (
            "secretsmanager:object",
            Some("name the field that is meant, as `object#FIELD`"),
            1,
        ),
        (
            "secretsmanager:object#PHI",
            Some("`object` has no text under `PHI`"),
            1,
        ),
        (
            "secretsmanager:object#NUMBER",
            Some("`object` has no text under `NUMBER`"),
            1,
        ),
        (
            "secretsmanager:plain#QWEN",
            Some("`plain` has no text under `QWEN`"),
            1,
        ),
    ];
    for (variable, says, tried) in cases {
        let (secrets, tries) = read(&[variable]).await;
        assert_eq!(tries, tried, "{variable}");
        match (secrets, says) {
            (Ok(_), None) => {}
            (Err(said), Some(says)) => {
                assert!(
                    said.starts_with("KEY_0 names a secret that cannot be read: "),
                    "{said}"
                );
                assert!(said.contains(says), "{variable}: {said}");
                assert!(!said.contains("s3cr3t"), "{said}");
            }
            (secrets, _) => panic!("{variable}: {secrets:?}"),
        }
    }
}

#[tokio::test]
async fn where_no_variable_names_a_secret_aws_is_not_asked_for_and_without_credentials_the_first_is_told()
 {
    let variables = |texts: &[&str]| -> Vec<_> {
        let texts = texts.iter().enumerate();
        texts
            .map(|(at, text)| (format!("KEY_{at}"), (*text).to_owned()))
            .collect()
    };
    let never = async || -> Result<SdkConfig, String> { panic!("nothing names a secret") };
    let values = variables(&["sk-1", "", "arn:aws:s3:::a"]);
    assert!(read_secrets(&values, never).await.unwrap().is_empty());
    let bare = async || Ok::<_, String>(SdkConfig::builder().build());
    let refused = read_secrets(&variables(&["sk-1", "ssm:/a"]), bare).await;
    let said = refused.unwrap_err().to_string();
    assert_eq!(
        said,
        "KEY_1 names a secret that cannot be read: the environment has no credentials of AWS"
    );
    let unnamed = read_secrets(&variables(&["ssm:"]), never).await;
    assert!(
        unnamed
            .unwrap_err()
            .to_string()
            .contains("expected `secretsmanager:NAME`")
    );
}

#[test]
fn a_service_is_asked_in_its_region_and_partition() {
    for (region, host) in [
        ("eu-central-1", "ssm.eu-central-1.amazonaws.com"),
        ("us-gov-west-1", "ssm.us-gov-west-1.amazonaws.com"),
        ("cn-north-1", "ssm.cn-north-1.amazonaws.com.cn"),
        ("eusc-de-east-1", "ssm.eusc-de-east-1.amazonaws.eu"),
    ] {
        assert_eq!(read::endpoint_of("ssm", region), format!("https://{host}/"));
    }
}

#[test]
fn what_is_read_again_is_the_version_of_now() {
    let variables = [
        "secretsmanager:object?version=0f-1#QWEN",
        "ssm:/plain?version=2",
        "sk-1",
    ];
    let variables = variables.map(|text| ("KEY".to_owned(), text.to_owned()));
    let now = named_now(&variables).unwrap();
    let now: Vec<_> = now
        .iter()
        .map(|(_, name)| (&*name.id, &name.version, name.field.as_deref()))
        .collect();
    assert_eq!(
        now,
        [("object", &None, Some("QWEN")), ("/plain", &None, None)]
    );
}
