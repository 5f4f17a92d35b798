//! How many calls of a decision are made, where the catalogue allows fewer than any round may hold.

use run::{CallSpec, Role};

/// The calls of a decision, of which the first so many that fit are made; the others are refused.
pub(super) fn first_calls(calls: Vec<CallSpec>, most: usize) -> Vec<CallSpec> {
    let mut made = 0;
    let one = |call: CallSpec| {
        if call.is_rejected() {
            return call;
        }
        made += 1;
        if made <= most {
            call
        } else {
            one_too_many(call, most)
        }
    };
    calls.into_iter().map(one).collect()
}

fn one_too_many(call: CallSpec, most: usize) -> CallSpec {
    let calls = if most == 1 { "one call" } else { "fewer calls" };
    CallSpec {
        role: Role::Rejected {
            code: "too_many_calls".to_owned(),
            message: format!(
                "A round holds {calls} here, {most} at most; this one was not made. Call it in a later round where it is still needed."
            ),
        },
        model: None,
        repeatable: true,
        composition: None,
        ..call
    }
}

#[cfg(test)]
mod tests {
    use run::{Composition, Discussion, ModelId, Origin, ToolName};
    use serde_json::Map;

    use super::*;

    fn call(tool: &str) -> CallSpec {
        let role = if tool == "unknown" {
            let (code, message) = ("unknown_tool".to_owned(), "There is none.".to_owned());
            Role::Rejected { code, message }
        } else {
            Role::Work
        };
        CallSpec {
            tool: ToolName::new(tool),
            arguments: Map::new(),
            model: None,
            role,
            repeatable: tool != "pay",
            origin: Origin::Model,
            sources: None,
            composition: None,
        }
    }

    #[test]
    fn the_first_that_fit_are_made_and_the_others_are_refused() {
        let cases: [(&[&str], usize, &[&str]); 6] = [
            (&[], 1, &[]),
            (&["search"], 1, &["made"]),
            (&["search", "pay"], 1, &["made", "too_many_calls"]),
            (
                &["unknown", "search", "search"],
                1,
                &["unknown_tool", "made", "too_many_calls"],
            ),
            (
                &["unknown", "unknown"],
                1,
                &["unknown_tool", "unknown_tool"],
            ),
            (
                &["search", "pay", "search"],
                2,
                &["made", "made", "too_many_calls"],
            ),
        ];
        for (asked, most, expected) in cases {
            let calls = asked.iter().map(|tool| call(tool)).collect();
            let calls = first_calls(calls, most);
            let came: Vec<_> = calls
                .iter()
                .map(|call| match &call.role {
                    Role::Rejected { code, .. } => code.as_str(),
                    Role::Work | Role::Answer => "made",
                })
                .collect();
            assert_eq!(came, expected, "{asked:?}");
            let tools: Vec<_> = calls.iter().map(|call| call.tool.as_str()).collect();
            assert_eq!(tools, asked);
        }
    }

    #[test]
    fn one_that_is_refused_asks_nobody_and_is_told_how_many_a_round_holds() {
        for (most, told) in [
            (1, "A round holds one call here, 1 at most;"),
            (2, "A round holds fewer calls here, 2 at most;"),
        ] {
            let discussion = Composition::Discussion(Discussion {
                models: Vec::new(),
                writer: ModelId::new("qwen"),
                default_to_question: None,
                timeout_ms: 1000,
                max_result_bytes: 1000,
            });
            let last = CallSpec {
                model: Some(ModelId::new("qwen")),
                composition: Some(Box::new(discussion)),
                ..call("pay")
            };
            let mut calls = vec![call("search"); most];
            calls.push(last);
            let refused = first_calls(calls, most).pop().unwrap();
            let Role::Rejected { message, .. } = &refused.role else {
                panic!("{refused:?}");
            };
            assert!(message.starts_with(told), "{message}");
            let left = (&refused.model, &refused.composition, refused.repeatable);
            assert_eq!(left, (&None, &None, true));
        }
    }
}
