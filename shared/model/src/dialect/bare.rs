//! Calls that are nothing but JSON, as Llama writes them: a call only where the whole text is, or where a closing tag shows
//! that the opening one is missing.

use super::closers::CLOSERS;
use super::read::{Input, Read};
use super::shape::Others;
use super::values;

pub(super) fn read(input: &Input<'_>) -> Read {
    values::read_alone(input, 0, &CLOSERS, input.is_first, Others::Close)
}
