//! Tools that must not be called twice.

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{
    ClassifyRetry, RetryAction, RetryClassifierPriority,
};

/// A request that Lambda has begun to read and did not get the end of.
const REQUEST_TIMEOUT: u16 = 408;

/// Forbids to send an invocation again, unless Lambda refused it: then it has run nothing. Whether a refusal passes is for the
/// client's other classifiers to say.
#[derive(Clone, Copy, Debug)]
pub(super) struct UnlessRefused;

impl ClassifyRetry for UnlessRefused {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let status = context.response().map(|it| it.status().as_u16());
        if is_refusal(status) {
            RetryAction::NoActionIndicated
        } else {
            RetryAction::RetryForbidden
        }
    }

    fn name(&self) -> &'static str {
        "refusals alone"
    }

    /// Before all others: what is forbidden first stays so.
    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_before(RetryClassifierPriority::http_status_code_classifier())
    }
}

fn is_refusal(status: Option<u16>) -> bool {
    status.is_some_and(|status| (400..500).contains(&status) && status != REQUEST_TIMEOUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_refused_may_have_run() {
        for status in [400, 403, 404, 409, 413, 429] {
            assert!(is_refusal(Some(status)), "{status}");
        }
        for status in [200, 302, 408, 500, 502, 503, 504] {
            assert!(!is_refusal(Some(status)), "{status}");
        }
        assert!(!is_refusal(None));
    }
}
