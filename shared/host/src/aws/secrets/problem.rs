//! Why a secret cannot be had.

use std::time::Duration;

/// All of them together: a function has ten seconds to begin.
pub(super) const LIMIT: Duration = Duration::from_secs(5);

/// Why a secret cannot be had, and what to do.
#[derive(Clone, Debug, thiserror::Error)]
pub enum SecretProblem {
    #[error(
        "expected `secretsmanager:NAME`, `secretsmanager:NAME#FIELD`, `ssm:/PATH` or an ARN, with a name of letters, digits and `/_+=.@:-`"
    )]
    NoName,
    #[error(
        "a reference in braces is resolved by CloudFormation alone; write `secretsmanager:NAME#FIELD`"
    )]
    Unresolved,
    #[error("the environment has no credentials of AWS")]
    NoCredentials,
    #[error("there is no `{id}` in {region}; make it, or name another")]
    Missing { id: String, region: String },
    #[error(
        "who runs this may not read it: the role needs {action} on `{id}`, and kms:Decrypt where it has a key of its own"
    )]
    Denied { id: String, action: &'static str },
    #[error("AWS refuses the question for `{id}` with {code}")]
    Refused { id: String, code: String },
    #[error("{host} cannot be reached ({cause})")]
    Unreachable { host: String, cause: String },
    #[error("no answer about `{id}` within {} s", LIMIT.as_secs())]
    Late { id: String },
    #[error("`{id}` holds bytes, expected a text")]
    NoText { id: String },
    #[error("`{id}` holds a JSON object; name the field that is meant, as `{id}#FIELD`")]
    WholeObject { id: String },
    #[error("`{id}` has no text under `{field}`")]
    NoField { id: String, field: String },
    #[error("the client for it cannot be made")]
    NoClient,
}
