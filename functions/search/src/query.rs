//! What is searched for: the words of a query that are meant for a search engine, no more of them than it takes.

/// Words to whoever searches, before the thing itself. None of them begins a name or a phrase that people search for.
const COMMANDS: [&str; 30] = [
    "please",
    "can you please",
    "can you",
    "could you please",
    "could you",
    "i want you to",
    "i need you to",
    "use search to find",
    "use the web to find",
    "use search to",
    "search the web for",
    "search the internet for",
    "search online for",
    "search the web to find",
    "search google for",
    "search wikipedia for",
    "do a web search for",
    "run a web search for",
    "web search for",
    "web search:",
    "search query:",
    "search for information on",
    "search for information about",
    "search for",
    "search:",
    "query:",
    "look up",
    "find information about",
    "find information on",
    "find out",
];

/// Where the thing ends and the next task begins.
const NEXT_TASKS: [&str; 3] = ["then", "and then", "after that"];

/// Verbs of tasks that are nothing to search for.
const TASKS: [&str; 18] = [
    "write",
    "check",
    "run",
    "compute",
    "calculate",
    "use",
    "summarize",
    "summarise",
    "tell",
    "answer",
    "explain",
    "print",
    "create",
    "generate",
    "compare",
    "give",
    "report",
    "plot",
];

/// Signs by which engines read a word as a command to themselves: `!w` leads to another site, `\x` to the first result,
/// `:de` sets the language and `<3` the time.
const MARKS_OF_COMMANDS: [char; 4] = ['!', '\\', ':', '<'];

/// `query` without words to us: `search for X, then write code` looks for X. Where nothing is left, it is as it was.
pub fn cleaned(query: &str) -> String {
    let whole = words(query);
    let thing = without_next_task(without_commands(&whole));
    let thing = thing.trim_matches(|c: char| c.is_whitespace() || ",;".contains(c));
    if thing.is_empty() {
        whole
    } else {
        thing.to_owned()
    }
}

/// The first words of `query`, at most `most_chars` characters and `most_words` words of them; of a first word that is
/// too long, its beginning.
pub fn cut(query: &str, most_chars: usize, most_words: usize) -> String {
    let mut kept = String::new();
    let mut left = most_chars;
    for (at, word) in query.split_whitespace().take(most_words).enumerate() {
        let takes = word.chars().count() + usize::from(at > 0);
        if takes > left {
            if at == 0 {
                kept.extend(word.chars().take(most_chars));
            }
            break;
        }
        if at > 0 {
            kept.push(' ');
        }
        kept.push_str(word);
        left -= takes;
    }
    kept
}

/// `query` with the words in quotes that an engine would take for commands.
pub fn without_engine_commands(query: &str) -> String {
    let quoted = query.split(' ').map(|word| {
        if is_engine_command(word) {
            format!("\"{word}\"")
        } else {
            word.to_owned()
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

fn is_engine_command(word: &str) -> bool {
    let follows = word.strip_prefix(MARKS_OF_COMMANDS);
    let bang_behind = word
        .strip_suffix('!')
        .is_some_and(|rest| !rest.is_empty() && !rest.contains('!') && rest.len() == 1);
    (follows.is_some_and(|rest| !rest.is_empty()) || bang_behind) && !word.contains('"')
}

/// The words with one space between them, without characters that nobody sees.
fn words(query: &str) -> String {
    crate::text::plain_text(query)
}

fn without_commands(query: &str) -> &str {
    let mut rest = query;
    while let Some(shorter) = COMMANDS.iter().find_map(|command| after(rest, command)) {
        rest = shorter;
    }
    rest
}

/// What follows `command` at the beginning of `text`; nothing where nothing follows, or where it is part of a longer word.
fn after<'a>(text: &'a str, command: &str) -> Option<&'a str> {
    let head = text.get(..command.len())?;
    let rest = &text[command.len()..];
    let ends = command.ends_with(':') || rest.starts_with([' ', ',', ':']);
    let rest = rest.trim_start_matches([' ', ',', ':']);
    (ends && !rest.is_empty() && head.eq_ignore_ascii_case(command)).then_some(rest)
}

/// Up to where another task is asked for. `and write` alone may be part of the thing: how to read and write files.
fn without_next_task(text: &str) -> &str {
    let ends = text
        .char_indices()
        .filter(|(_, c)| matches!(c, ',' | ';' | '.' | ' '));
    for (at, end) in ends {
        let rest = &text[at + 1..];
        let behind = rest.trim_start();
        let and_task = || behind.strip_prefix("and ").is_some_and(begins_task);
        let is_next = begins_next_task(behind)
            || match end {
                ',' => and_task(),
                ';' | '.' => rest.starts_with(' ') && (and_task() || begins_task(behind)),
                _ => false,
            };
        if at > 0 && is_next {
            return &text[..at];
        }
    }
    text
}

/// `then write code …`: a word that leads over, and what is to be done.
fn begins_next_task(text: &str) -> bool {
    let behind = NEXT_TASKS.iter().find_map(|word| after(text, word));
    behind.is_some_and(begins_task)
}

fn begins_task(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    let verb = words.next().unwrap_or_default().to_ascii_lowercase();
    // A verb alone is a word like others: `cats, write` asks for no task.
    TASKS.contains(&&*verb) && words.any(|word| !word.is_empty())
}

#[cfg(test)]
mod tests;
