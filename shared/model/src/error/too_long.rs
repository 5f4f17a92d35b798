//! What to do about a question that does not fit its model's context.

use crate::next::Window;

/// Names the room that there is, and what sets it.
pub(super) fn too_long(
    address: &str,
    variable: &str,
    window: Option<Window>,
    promised: u32,
) -> String {
    let room = match window {
        Some(Window {
            prompt_tokens: Some(prompt),
            context_tokens,
        }) => format!(
            "a context of {context_tokens} tokens for question and answer together, and this question alone takes {prompt}"
        ),
        Some(Window {
            prompt_tokens: None,
            context_tokens,
        }) => format!("a context of {context_tokens} tokens for question and answer together"),
        None => format!("a smaller context than the {promised} tokens that the catalogue promises"),
    };
    format!(
        "The server at {address} has {room}. Start it with a larger one (llama-server: --ctx-size, vLLM: --max-model-len, \
         Ollama: num_ctx), set {variable} to a server that has one, or ask a shorter question; context_tokens in the \
         catalogue has to be what the server has."
    )
}
