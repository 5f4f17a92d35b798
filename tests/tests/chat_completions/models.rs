//! What can be named as a model.

use serde_json::Value;
use tests::script::says;

use crate::kit::{self, request, stack, whole};

#[tokio::test]
async fn each_name_of_the_list_can_be_asked_for_and_asked() {
    let (models, stack) = stack().await;
    models.always(says("Seven."));
    let list = stack.client.json("/v1/models").await;
    let listed = list["data"].as_array().unwrap();
    assert_eq!(listed.len(), 5);
    for model in listed {
        let name = model["id"].as_str().unwrap();
        let alone = stack.client.json(&format!("/v1/models/{name}")).await;
        assert_eq!(alone, *model);
        let mut body = whole("How many?");
        body["model"] = name.into();
        let (status, _, answer) = kit::answer(request(&stack.client, &body)).await;
        assert_eq!((status, &answer["model"]), (200, &Value::from(name)));
        assert_eq!(answer["choices"][0]["message"]["content"], "Seven.");
    }
}
