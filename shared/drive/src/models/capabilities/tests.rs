//! What is kept of a model, for how long, and what is made of it.

use std::sync::Arc;

use model::{CallForm, DecisionSchema};
use serde_json::json;

use super::*;

fn request() -> ChatRequest {
    ChatRequest {
        temperature: Some(0.7),
        max_tokens: Some(100),
        ..ChatRequest::default()
    }
}

fn without(name: &str) -> Restriction {
    Restriction::Without(vec![name.to_owned()])
}

#[test]
fn what_failures_have_shown_is_tried_anew_after_ten_minutes() {
    let start = Instant::now();
    let mut memory = Memory {
        thinks_first: true,
        ..Memory::default()
    };
    memory.has_no_tools(NoTools::Refused, start);
    memory.holds_less(4096, start);
    let part = memory.refused_part(&without("temperature"), &request(), start);
    assert_eq!(part.as_deref(), Some("temperature"));
    let fresh = Capabilities {
        thinks_first: true,
        ..Capabilities::default()
    };
    let just_before = start + KEPT - Duration::from_nanos(1);
    let learned = memory.at(just_before);
    assert!(learned.no_tools == Some(NoTools::Refused) && learned.context_tokens == Some(4096));
    assert_ne!(learned.profile, RequestProfile::default());
    assert_eq!(memory.at(start + KEPT), fresh);

    // What is used meanwhile is tried again all the same; what is refused then is known for another ten minutes.
    memory.has_no_tools(NoTools::Hidden, just_before);
    memory.holds_less(4096, just_before);
    let part = memory.refused_part(&without("temperature"), &request(), just_before);
    assert_eq!(part, None, "it is known");
    assert_eq!(memory.at(start + KEPT), fresh);
    let later = start + KEPT;
    let part = memory.refused_part(&without("max_tokens"), &request(), later);
    assert_eq!(part.as_deref(), Some("max_tokens"));
    memory.has_no_tools(NoTools::Refused, later);
    let learned = memory.at(later + KEPT / 2);
    assert!(learned.no_tools == Some(NoTools::Refused) && learned.context_tokens.is_none());
    let mut expected = RequestProfile::default();
    expected.learn(&without("max_tokens"), &request());
    assert_eq!(
        learned.profile, expected,
        "the older restriction is forgotten"
    );
}

#[test]
fn a_servers_own_reading_of_calls_is_given_up_after_it_failed_twice_in_a_row() {
    let now = Instant::now();
    let mut memory = Memory::default();
    memory.left_calls_unread(now);
    memory.read_calls();
    memory.left_calls_unread(now);
    assert!(memory.at(now).no_tools.is_none());
    memory.left_calls_unread(now);
    assert_eq!(memory.at(now).no_tools, Some(NoTools::Unread));
    assert!(memory.at(now + KEPT).no_tools.is_none());
}

#[test]
fn a_reply_leaves_the_question_half_of_the_context() {
    let mut learned = Capabilities::default();
    assert_eq!(learned.reply_tokens(512, 16_384), 512);
    assert_eq!(learned.reply_tokens(32_768, 16_384), 8192);
    learned.context_tokens = Some(4096);
    assert_eq!(learned.reply_tokens(32_768, 16_384), 2048);
}

#[test]
fn a_context_shrinks_by_what_the_server_says_and_always() {
    let window = |prompt_tokens, context_tokens| {
        Some(Window {
            prompt_tokens,
            context_tokens,
        })
    };
    assert_eq!(smaller(8192, None), 6144);
    assert_eq!(smaller(32_768, window(Some(30_000), 4096)), 4025);
    assert_eq!(smaller(4096, window(Some(8192), 4096)), 1843);
    assert_eq!(smaller(4096, window(None, 4096)), 3072);
    assert_eq!(smaller(4096, window(Some(10), 1_000_000)), 3072);
}

#[test]
fn what_a_server_tells_of_tools_is_known_for_ten_minutes_and_a_no_is_obeyed() {
    let start = Instant::now();
    for (sight, no_tools) in [
        (ToolSight::Sees, None),
        (ToolSight::Unknown, None),
        (ToolSight::Hidden, Some(NoTools::Hidden)),
    ] {
        let mut memory = Memory::default();
        assert_eq!(memory.sight(start), None);
        memory.told_sight(sight, start);
        let just_before = start + KEPT - Duration::from_nanos(1);
        assert_eq!(memory.sight(just_before), Some(sight));
        assert_eq!(memory.at(just_before).no_tools, no_tools);
        assert_eq!(memory.sight(start + KEPT), None);
    }
}

#[test]
fn a_model_is_asked_as_it_is_configured_and_as_its_server_has_shown_to_take() {
    use AskedBy::{Native, Schema, Text};
    let now = Instant::now();
    let any = None::<NoTools>;
    for (no_tools, [auto, native, schema, text]) in [
        (any, [Native, Native, Schema, Text]),
        (Some(NoTools::Refused), [Schema, Text, Schema, Text]),
        (Some(NoTools::Hidden), [Schema, Text, Schema, Text]),
        (Some(NoTools::Uncounted), [Schema, Text, Schema, Text]),
        (Some(NoTools::Unread), [Text, Text, Schema, Text]),
    ] {
        let mut memory = Memory::default();
        if let Some(why) = no_tools {
            memory.has_no_tools(why, now);
        }
        let configured = [Calls::Auto, Calls::Native, Calls::Schema, Calls::Text];
        let asked = configured.map(|calls| memory.at(now).asked_by(calls));
        assert_eq!(asked, [auto, native, schema, text], "{no_tools:?}");
        // Where replies keep to no schema, words take its place.
        let in_words = asked.map(|by| if by == Schema { Text } else { by });
        let mut ignores = memory.clone();
        ignores.ignored_schema(now);
        assert!(!ignores.at(now).keeps_to_schema());
        assert_eq!(
            configured.map(|calls| ignores.at(now).asked_by(calls)),
            in_words
        );
    }
    let mut refuses = Memory::default();
    let decision = DecisionSchema {
        schema: json!({"type": "object"}),
        answer: None,
    };
    let by_schema = ChatRequest {
        calls: CallForm::Schema(Arc::new(decision)),
        ..ChatRequest::default()
    };
    assert!(refuses.at(now).keeps_to_schema());
    refuses.refused_part(&without("response_format"), &by_schema, now);
    assert!(!refuses.at(now).keeps_to_schema());
    assert_eq!(refuses.at(now).asked_by(Calls::Schema), Text);
}
