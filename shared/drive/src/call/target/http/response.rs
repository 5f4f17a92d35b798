//! The body of a response, read.

use body::offload;
use tool::Response;

use super::super::secrets::Secrets;

/// Some servers write a byte order mark before their JSON, though they must not; who reads may pass it by (RFC 8259).
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// A response of our contract, without what the operator's headers hold.
pub(super) struct Answer {
    pub(super) response: Response,
    /// Its length on the wire.
    pub(super) bytes: usize,
}

/// Reads a body; where it is something else, gives what is wrong with it.
pub(super) async fn read(body: Vec<u8>, secrets: &Secrets) -> Result<Answer, String> {
    let (bytes, secrets) = (body.len(), secrets.clone());
    offload(bytes, move || {
        let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&body);
        // A list would be read by the order of the fields.
        if body.trim_ascii_start().starts_with(b"[") {
            return Err("its body is a list, not an object".to_owned());
        }
        let response = serde_json::from_slice(body).map_err(|error| fault(body, &error))?;
        Ok(Answer {
            response: secrets.taken_out_of_response(response),
            bytes,
        })
    })
    .await
}

/// What stands there, where that says more than how reading it failed.
fn fault(body: &[u8], error: &serde_json::Error) -> String {
    match body.trim_ascii_start().first() {
        None => "its body is empty".to_owned(),
        Some(b'<') => "its body is a page, not JSON".to_owned(),
        Some(_) => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_place_of_json_is_told() {
        let says = |body: &[u8]| {
            let error = serde_json::from_slice::<serde_json::Value>(body).unwrap_err();
            fault(body, &error)
        };
        assert_eq!(says(b""), "its body is empty");
        assert_eq!(says(b" \n"), "its body is empty");
        assert_eq!(says(b"\n<!doctype html>"), "its body is a page, not JSON");
        assert_eq!(says(b"nonsense"), "expected ident at line 1 column 2");
    }
}
