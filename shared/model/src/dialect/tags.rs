//! Calls between tags, as Hermes, Qwen, Llama and Phi write them: JSON, or the XML of Qwen3-Coder.

use super::read::{Input, Read, Wait};
use super::{values, xml};

/// Reads what follows an opening tag.
pub(super) fn read(input: &Input<'_>, after: usize) -> Read {
    let at = input.past_space(after);
    let rest = input.rest(at);
    if rest.starts_with(xml::OPEN) {
        return xml::read(input, at);
    }
    if !rest.is_empty() && xml::OPEN.starts_with(rest) {
        return input.wait_or(Wait::Any, Read::unless_cut);
    }
    values::read_tagged(input, at)
}
