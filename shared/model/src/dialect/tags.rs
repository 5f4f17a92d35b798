//! Calls between tags: JSON as Hermes, Qwen, Llama and Phi write them, a list in Python, XML, or the notations of GLM and Gemma.

use super::read::{Input, Read, Wait};
use super::{gemma, glm, values, xml};

/// Reads what follows an opening tag.
pub(super) fn read(input: &Input<'_>, after: usize) -> Read {
    let at = input.past_space(after);
    let rest = input.rest(at);
    if xml::begins(rest) {
        return xml::read(input, at);
    }
    if !rest.is_empty() && xml::may_begin(rest) {
        return input.wait_or(Wait::Any, Read::unless_cut);
    }
    if !rest.is_empty() && gemma::may_begin(rest) {
        return gemma::read(input, at);
    }
    if glm::may_begin(rest) {
        return glm::read(input, at);
    }
    values::read_tagged(input, at)
}
