//! Responses that follow others, and conversations that come with the request.

use reqwest::Method;
use serde_json::{Value, json};
use tests::client::send;
use tests::gate::Gate;
use tests::script::{gate, says, sse, text};

use crate::kit::{self, Frames, at, refused, request, response, stack, streamed, whole};

/// What the orchestrator's model was told last, behind its instructions.
fn told(asked: &[Value]) -> Vec<(String, String)> {
    let messages = asked.last().unwrap()["messages"].as_array().unwrap();
    let told = messages[1..].iter().map(|message| {
        let text = |name: &str| message[name].as_str().unwrap().to_owned();
        (text("role"), text("content"))
    });
    told.collect()
}

fn turns(all: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = all.iter();
    owned
        .map(|(role, text)| ((*role).to_owned(), (*text).to_owned()))
        .collect()
}

#[tokio::test]
async fn a_response_follows_another_and_what_came_with_it_stands_behind_that() {
    let (models, stack) = stack().await;
    models.orchestrator([
        says("Hello, Ada."),
        says("Hamburg."),
        says("Ada, in Hamburg."),
    ]);
    let first = response(request(&stack.client, &whole("My name is Ada."))).await;
    let id = first["id"].as_str().unwrap();
    let body = json!({"model": "orchestrator", "previous_response_id": id, "instructions": "One word.", "input": [
        {"role": "developer", "content": "In English."},
        {"role": "user", "content": "I live in Hamburg."},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Noted.", "annotations": []}]},
        {"type": "function_call", "call_id": "c", "name": "clock", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "Noon."},
        {"role": "user", "content": [{"type": "input_text", "text": "Where do I live?"}]},
    ]});
    let second = response(request(&stack.client, &body)).await;
    assert_eq!(second["previous_response_id"], *id);
    assert_eq!(second["instructions"], "One word.");
    let asked = models.asked_of_orchestrator();
    let expected = turns(&[
        ("user", "My name is Ada."),
        ("assistant", "Hello, Ada."),
        ("user", "I live in Hamburg."),
        (
            "assistant",
            "Noted.\n\n(called the tool clock: {})\n\n(a tool returned) Noon.",
        ),
        ("user", "Where do I live?"),
    ]);
    assert_eq!(told(&asked), expected);
    let system = asked[1]["messages"][0]["content"].as_str().unwrap();
    assert!(system.contains("One word.\n\nIn English."), "{system}");
    let body = json!({"model": "orchestrator", "previous_response_id": second["id"], "input": "Who am I, and where?"});
    response(request(&stack.client, &body)).await;
    let last = told(&models.asked_of_orchestrator());
    assert_eq!(last[..5], expected);
    assert_eq!(
        last[5..],
        turns(&[("assistant", "Hamburg."), ("user", "Who am I, and where?")])
    );
    // Instructions are those of one response.
    let asked = models.asked_of_orchestrator();
    assert!(!asked[2]["messages"][0].to_string().contains("One word."));
}

#[tokio::test]
async fn a_response_that_is_under_way_cannot_be_followed() {
    let (models, stack) = stack().await;
    let held = Gate::shut();
    models.orchestrator([sse([gate(&held), text("Seven.")])]);
    let frames = Frames::ask(&stack.client, &streamed("How many?")).await;
    let body = json!({"model": "orchestrator", "previous_response_id": format!("resp_{}", frames.run_id), "input": "Why?"});
    let got = refused(request(&stack.client, &body)).await;
    assert_eq!(got, (409, Some("previous_response_id".to_owned())));
    held.open();
    frames.rest().await;
}

#[tokio::test]
async fn what_came_with_a_request_is_listed_page_by_page() {
    let (models, stack) = stack().await;
    models.orchestrator([says("Hello, Ada."), says("Hamburg.")]);
    let first = response(request(&stack.client, &whole("My name is Ada."))).await;
    let body = json!({"model": "orchestrator", "previous_response_id": first["id"], "instructions": "One word.", "input": [
        {"role": "system", "content": "In English."},
        {"role": "user", "content": "I live in Hamburg."},
        {"role": "assistant", "content": "Noted."},
        {"role": "user", "content": "Where do I live?"},
    ]});
    let second = response(request(&stack.client, &body)).await;
    let id = second["id"].as_str().unwrap().to_owned();
    let list = async |query: &str| {
        let path = format!("{id}/input_items{query}");
        kit::answer(at(&stack.client, Method::GET, &path)).await.2
    };
    let all = list("?order=asc").await;
    let texts: Vec<_> = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            assert_eq!(
                (&item["type"], &item["status"]),
                (&json!("message"), &json!("completed"))
            );
            (
                item["role"].as_str().unwrap(),
                item["content"][0]["text"].as_str().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("system", "In English."),
        ("user", "I live in Hamburg."),
        ("assistant", "Noted."),
        ("user", "Where do I live?"),
    ];
    assert_eq!(texts, expected);
    assert_eq!(
        (&all["object"], &all["has_more"]),
        (&json!("list"), &json!(false))
    );
    assert_eq!(all["first_id"], all["data"][0]["id"]);
    assert_eq!(all["last_id"], all["data"][3]["id"]);
    let page = list("?limit=3").await;
    assert_eq!(page["has_more"], true);
    assert_eq!(page["data"][0], all["data"][3]);
    let rest = list(&format!(
        "?limit=3&after={}",
        page["last_id"].as_str().unwrap()
    ))
    .await;
    assert_eq!(rest["data"], json!([all["data"][0]]));
    assert_eq!(rest["has_more"], false);
}

/// The AI SDK sends so what it has seen of earlier responses.
#[tokio::test]
async fn references_to_earlier_items_stand_for_what_those_said() {
    let (models, stack) = stack().await;
    models.orchestrator([says("Hello, Ada."), says("Ada.")]);
    let first = response(request(&stack.client, &whole("My name is Ada."))).await;
    let message = &first["output"][0];
    assert_eq!(message["type"], "message");
    let ask = |id: &Value| {
        json!({"model": "orchestrator", "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "My name is Ada."}]},
            {"type": "item_reference", "id": "rs_unknown"},
            {"type": "item_reference", "id": id},
            {"role": "user", "content": [{"type": "input_text", "text": "What is my name?"}]},
        ]})
    };
    response(request(&stack.client, &ask(&message["id"]))).await;
    let expected = [
        ("user", "My name is Ada."),
        ("assistant", "Hello, Ada."),
        ("user", "What is my name?"),
    ];
    assert_eq!(told(&models.asked_of_orchestrator()), turns(&expected));
    let id = message["id"].as_str().unwrap();
    let run = first["id"].as_str().unwrap().strip_prefix("resp_").unwrap();
    for unknown in [
        "msg_1",
        "msg_x_0",
        "msg_01ARZ3NDEKTSV4RRFFQ69G5FAV_0",
        &id.replace("_0", "_7"),
        &format!("msg_{run}_in_0"),
    ] {
        let got = refused(request(&stack.client, &ask(&json!(unknown)))).await;
        assert_eq!(got, (404, Some("input[2]".to_owned())), "{unknown}");
    }
}

/// A client that lost its connection sends the same again, whatever became of the conversation.
#[tokio::test]
async fn what_follows_a_response_that_was_deleted_meanwhile_is_joined_and_not_begun() {
    for by_reference in [false, true] {
        let (models, stack) = stack().await;
        let held = Gate::shut();
        models.orchestrator([says("Hello, Ada."), sse([gate(&held), text("Ada.")])]);
        let first = response(request(&stack.client, &whole("My name is Ada."))).await;
        let follow = |question: &str| {
            let mut body = streamed(question);
            if by_reference {
                let reference = json!({"type": "item_reference", "id": first["output"][0]["id"]});
                body["input"] = json!([reference, {"role": "user", "content": question}]);
            } else {
                body["previous_response_id"] = first["id"].clone();
            }
            request(&stack.client, &body)
        };
        let field = if by_reference {
            "input[0]"
        } else {
            "previous_response_id"
        };
        let gone = (404, Some(field.to_owned()));
        let begun = Frames::of(send(follow("Who am I?")).await);
        let delete = at(&stack.client, Method::DELETE, first["id"].as_str().unwrap());
        assert_eq!(send(delete).await.status(), 200);
        let again = Frames::of(send(follow("Who am I?")).await);
        assert_eq!(again.run_id, begun.run_id);
        assert_eq!(refused(follow("Why?")).await, gone);
        held.open();
        let told = begun.rest().await;
        assert_eq!(again.rest().await, told);
        // It is another question now, unless the client says that it is the same.
        assert_eq!(refused(follow("Who am I?")).await, gone);
        let again = follow("Who am I?").header("x-stainless-retry-count", "1");
        assert_eq!(Frames::of(send(again).await).rest().await, told);
        let stats = stack.client.json("/api/stats").await;
        assert_eq!(stats["days"][0]["joined"], 2);
    }
}
