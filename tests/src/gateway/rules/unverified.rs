//! OpenAI's API for an organization that may not stream.

use serde_json::{Value, json};

use super::super::Refusal;
use super::super::conversation::{error, unknown};
use super::{FIELDS, Judged};

pub(super) fn unverified(request: &Value) -> Judged {
    if request["stream"] != true {
        return match unknown(request, &FIELDS) {
            Some((name, _)) => Err(Refusal::fault(
                400,
                error(&format!(
                    "The '{name}' parameter is only allowed when 'stream' is enabled."
                )),
            )),
            None => Ok(()),
        };
    }
    let message = "Your organization must be verified to stream this model. Please go to: https://platform.openai.com/settings/organization/general and click on Verify Organization. If you just verified, it can take up to 15 minutes for access to propagate.";
    let body = json!({"error": {"message": message, "type": "invalid_request_error", "param": "stream", "code": "unsupported_value"}});
    Err(Refusal::lesson(400, "stream", body))
}
