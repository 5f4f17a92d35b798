//! The part of a model that writes what a tool gets: a query between tags, or a program in a fence.

use crate::brief::Brief;
use crate::findings::{CANNOT, fenced};
use crate::turn::Turn;
use crate::words::tokens;
use crate::{code, lookup, rates};

/// How a system message asks for each.
const WANTS_QUERY: &str = "<query>";
const WANTS_PROGRAM: &str = "```python";

/// The turn of a model that is asked for one of them; `None` where the system message asks for neither.
pub(crate) fn turn(system: &str, message: &str) -> Option<Turn> {
    let problem = Brief::read(message).problem;
    if system.contains(WANTS_QUERY) {
        let query = lookup::query(problem);
        return Some(Turn::Say(format!("<query>{query}</query>")));
    }
    if !system.contains(WANTS_PROGRAM) {
        return None;
    }
    let program = rates::work(&tokens(problem)).or_else(|| code::program(problem));
    Some(Turn::Say(match program {
        Some(program) => format!(
            "A program can compute what is asked for.\n\n{}",
            fenced("python", &program)
        ),
        // Without a program nothing is run.
        None => CANNOT.to_owned(),
    }))
}
