//! Refusals that pass by themselves and that the SDK does not know as such.

use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};
use aws_smithy_types::retry::ErrorKind;
use serde_json::Value;

/// Codes that say that a request was signed at another time than it is now.
const CLOCK_CODES: &[&str] = &[
    "RequestTimeTooSkewed",
    "RequestExpired",
    "RequestInTheFuture",
];
/// Codes of refused signatures; of the reasons that there are, the words tell.
const SIGNATURE_CODES: &[&str] = &[
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "AuthFailure",
];
const CLOCK_WORDS: &[&str] = &[
    "signature expired",
    "signature not yet current",
    "is now earlier than",
    "is still later than",
];
/// An item is part of a transaction that is under way.
const CONFLICT: &str = "TransactionConflictException";

/// Has requests signed and sent again whose signature was too old, at once, and those that met a transaction, after a pause.
///
/// A function that is frozen between signing and sending is refused when it is thawed. The SDK repeats that only where the
/// clocks differ, and by then they do not.
#[derive(Clone, Copy, Debug)]
pub struct PassingRefusals;

impl ClassifyRetry for PassingRefusals {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match context.response().and_then(passes) {
            Some(Passes::WithNewSignature) => RetryAction::retryable_error_with_explicit_delay(
                ErrorKind::ServerError,
                Duration::ZERO,
            ),
            Some(Passes::Later) => RetryAction::retryable_error(ErrorKind::ThrottlingError),
            None => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "refusals that pass"
    }

    /// Behind the SDK's own, which would have a new signature wait.
    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Passes {
    WithNewSignature,
    Later,
}

fn passes(response: &HttpResponse) -> Option<Passes> {
    if !response.status().is_client_error() {
        return None;
    }
    let body = response.body().bytes().unwrap_or_default();
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let said = |names: &[&str]| {
        let found = names.iter().find_map(|name| body.get(name)?.as_str());
        found.unwrap_or_default().to_owned()
    };
    let code = match response.headers().get("x-amzn-errortype") {
        Some(code) => code.to_owned(),
        None => said(&["__type", "code", "Code"]),
    };
    // `com.amazonaws.dynamodb.v20120810#Name`, or `Name:http://…`.
    let code = code.rsplit('#').next()?.split(':').next()?;
    let words = said(&["message", "Message"]).to_lowercase();
    let is_clock = CLOCK_CODES.contains(&code)
        || (SIGNATURE_CODES.contains(&code)
            && CLOCK_WORDS.iter().any(|words_of| words.contains(words_of)));
    if is_clock {
        Some(Passes::WithNewSignature)
    } else if code == CONFLICT {
        Some(Passes::Later)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::body::SdkBody;

    fn answer(status: u16, code: Option<&str>, body: &str) -> Option<Passes> {
        let mut response = ::http::Response::builder().status(status);
        if let Some(code) = code {
            response = response.header("x-amzn-errortype", code);
        }
        let response = response.body(SdkBody::from(body)).unwrap();
        passes(&HttpResponse::try_from(response).unwrap())
    }

    #[test]
    fn a_signature_of_another_time_is_told_from_a_wrong_one() {
        let expired = "Signature expired: 20261128T172525Z is now earlier than 20261128T172528Z (20261128T173028Z - 5 min.)";
        let early = "Signature not yet current: 20261128T002809Z is still later than 20261127T214315Z (20261127T212815Z + 15 min.)";
        let dynamodb = |code: &str, message: &str| {
            let body = serde_json::json!({"__type": format!("com.amazon.coral.service#{code}"), "message": message});
            answer(400, None, &body.to_string())
        };
        let lambda = |code: &str, message: &str| {
            let body = serde_json::json!({"message": message});
            answer(
                403,
                Some(&format!(
                    "{code}:http://internal.amazon.com/coral/com.amazon.coral.service/"
                )),
                &body.to_string(),
            )
        };
        for message in [expired, early] {
            for code in SIGNATURE_CODES {
                assert_eq!(
                    dynamodb(code, message),
                    Some(Passes::WithNewSignature),
                    "{code}: {message}"
                );
                assert_eq!(
                    lambda(code, message),
                    Some(Passes::WithNewSignature),
                    "{code}: {message}"
                );
            }
        }
        for code in CLOCK_CODES {
            assert_eq!(dynamodb(code, ""), Some(Passes::WithNewSignature), "{code}");
            assert_eq!(
                lambda(code, "The difference is too large."),
                Some(Passes::WithNewSignature),
                "{code}"
            );
        }
        assert_eq!(
            dynamodb(CONFLICT, "Transaction is ongoing for the item"),
            Some(Passes::Later)
        );
        let wrong =
            "The request signature we calculated does not match the signature you provided.";
        for refused in [
            dynamodb("InvalidSignatureException", wrong),
            lambda("InvalidSignatureException", wrong),
            dynamodb(
                "ExpiredTokenException",
                "The security token included in the request is expired",
            ),
            dynamodb(
                "ConditionalCheckFailedException",
                "Signature expired: a condition's own words",
            ),
            answer(500, Some("RequestExpired"), "{}"),
            answer(400, None, "no JSON"),
            answer(400, None, ""),
        ] {
            assert_eq!(refused, None);
        }
    }
}
