//! `traceparent`, as W3C Trace Context 1 has it: the trace that a call belongs to, so that an operator finds it at the tool's side.

use run::{CallId, RunId};

/// Where the runtime keeps the trace of the invocation that is under way, and where the AWS SDK reads it too.
const LAMBDA_TRACE: &str = "_X_AMZN_TRACE_ID";

/// The trace of the Lambda invocation that is under way, as X-Ray writes it.
pub(super) fn of_lambda() -> Option<String> {
    std::env::var(LAMBDA_TRACE).ok()
}

/// The trace that X-Ray names, where it does; else one whose id is the run's, with the call as parent.
pub(super) fn parent(run: RunId, call: CallId, of_lambda: Option<String>) -> String {
    let named = of_lambda.as_deref().and_then(from_xray);
    named.unwrap_or_else(|| {
        let trace = run.number();
        let (round, index) = (call.round(), call.index());
        format!("00-{trace:032x}-{round:08x}{index:08x}-00")
    })
}

/// `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1` in the words of W3C. Without a parent there is none.
fn from_xray(written: &str) -> Option<String> {
    let field = |name: &str| {
        let mut fields = written.split(';');
        fields.find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
    };
    let (epoch, rest) = field("Root")?.strip_prefix("1-")?.split_once('-')?;
    let parent = field("Parent")?;
    let is_hex = |text: &str, digits: usize| {
        text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let fits = is_hex(epoch, 8) && is_hex(rest, 24) && is_hex(parent, 16);
    let is_nothing = |text: &str| text.bytes().all(|byte| byte == b'0');
    if !fits || is_nothing(parent) || (is_nothing(epoch) && is_nothing(rest)) {
        return None;
    }
    let flags = u8::from(field("Sampled") == Some("1"));
    let parent = format!("00-{epoch}{rest}-{parent}-{flags:02x}");
    Some(parent.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trace_is_that_of_the_invocation_or_of_the_run() {
        let run: RunId = "01HF7YAT00ABCDEFGHJKMNPQRS".parse().unwrap();
        let call = CallId::Tool { round: 2, index: 3 };
        let own = "00-018bcfe5680052d8d73e1194e95b5f19-0000000200000003-00";
        let of_lambda = [
            (
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
                "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01",
            ),
            (
                "Self=1-0-0; Root=1-5759E988-BD862E3FE1BE46A994272793; Parent=53995C3F42CD8AD8; Sampled=0; Lineage=1:2",
                "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-00",
            ),
            (
                "Root=1-00000000-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
                "00-00000000bd862e3fe1be46a994272793-53995c3f42cd8ad8-00",
            ),
            (
                "Root=1-5759e988-000000000000000000000000;Parent=53995c3f42cd8ad8",
                "00-5759e988000000000000000000000000-53995c3f42cd8ad8-00",
            ),
            ("Root=1-5759e988-bd862e3fe1be46a994272793", own),
            (
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=;Sampled=1",
                own,
            ),
            (
                "Root=2-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8",
                own,
            ),
            (
                "Root=1-5759e988-bd862e3fe1be46a99427279;Parent=53995c3f42cd8ad8",
                own,
            ),
            (
                "Root=1-00000000-000000000000000000000000;Parent=53995c3f42cd8ad8",
                own,
            ),
            (
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=0000000000000000",
                own,
            ),
            (
                "Root=1-5759e98é-bd862e3fe1be46a99427279;Parent=53995c3f42cd8ad8",
                own,
            ),
            ("", own),
            ("\r\nx: y", own),
        ];
        for (written, expected) in of_lambda {
            assert_eq!(
                parent(run, call, Some(written.to_owned())),
                expected,
                "{written}"
            );
        }
        assert_eq!(parent(run, call, None), own);
    }
}
