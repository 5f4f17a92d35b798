//! Where an answer says what it rests on: the sources as links behind it, and the place of each in the text.

use run::Source;

/// Longest title of a link, in characters.
const TITLE_CHARS: usize = 120;
/// Places of an answer that are told.
const MOST_PLACES: usize = 100;

/// A place of a text that speaks of a source, in Unicode code points from the text's beginning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Citation {
    pub(in super::super) start: usize,
    pub(in super::super) end: usize,
    pub(in super::super) source: Source,
}

/// What is added to an answer, and where it and what is added cite.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Cited {
    /// The sources as a list of links; empty where the answer names all of their addresses itself, or there are none.
    pub(in super::super) links: String,
    pub(in super::super) citations: Vec<Citation>,
}

/// Finds what an answer cites: `[1]` means the first source, unless the answer lists another address behind that number.
pub(super) fn cited(answer: &str, sources: &[Source]) -> Cited {
    let own = numbers_of_its_own(answer, sources);
    let mut citations: Vec<_> = numbers(answer)
        .filter_map(|(number, start, end)| {
            let listed = own.iter().find(|(own, _)| *own == number);
            let at = listed.map_or_else(|| number.checked_sub(1), |(_, at)| Some(*at))?;
            Some((at, start, end))
        })
        .filter(|(at, ..)| *at < sources.len())
        .take(MOST_PLACES)
        .collect();
    let names_all = sources.iter().all(|source| answer.contains(&source.url));
    let mut links = String::new();
    if !names_all {
        links.push_str("\n\n**Sources**\n");
    }
    let mut length = answer.chars().count() + links.chars().count();
    for (at, source) in sources.iter().enumerate() {
        let is_cited = citations.iter().any(|(cited, ..)| *cited == at);
        if names_all {
            if !is_cited && let Some(byte) = answer.find(&source.url) {
                let start = answer[..byte].chars().count();
                citations.push((at, start, start + source.url.chars().count()));
            }
            continue;
        }
        let number = format!("\n{}. ", at + 1);
        let link = link(source);
        let start = length + number.chars().count();
        length = start + link.chars().count();
        if !is_cited {
            citations.push((at, start, length));
        }
        links.push_str(&number);
        links.push_str(&link);
    }
    let citations = citations.into_iter().map(|(at, start, end)| Citation {
        start,
        end,
        source: sources[at].clone(),
    });
    Cited {
        links,
        citations: citations.collect(),
    }
}

/// A link as Markdown has it, on one line.
fn link(source: &Source) -> String {
    let is_named = !source.title.trim().is_empty();
    let shown = if is_named { &source.title } else { &source.url };
    let mut title = String::new();
    for character in shown.chars().take(TITLE_CHARS) {
        match character {
            '[' | ']' | '\\' | '`' | '*' | '_' | '<' | '>' | '&' | '!' => {
                title.push('\\');
                title.push(character);
            }
            control if control.is_control() || control.is_whitespace() => title.push(' '),
            other => title.push(other),
        }
    }
    let mut url = String::new();
    for character in source.url.chars() {
        match character {
            '(' => url.push_str("%28"),
            ')' => url.push_str("%29"),
            '<' => url.push_str("%3C"),
            '>' => url.push_str("%3E"),
            '\\' => url.push_str("%5C"),
            blank if blank.is_control() || blank.is_whitespace() => url.push_str("%20"),
            other => url.push(other),
        }
    }
    format!("[{}]({url})", title.trim())
}

/// The numbers in brackets, with where they begin and end. What is followed by `(` or `:` is a link, or begins a list.
fn numbers(text: &str) -> impl Iterator<Item = (usize, usize, usize)> {
    let mut chars = text.chars().enumerate().peekable();
    std::iter::from_fn(move || {
        loop {
            let (start, character) = chars.next()?;
            if character != '[' {
                continue;
            }
            let mut number = 0;
            let mut digits = 0;
            while let Some((_, digit)) = chars.next_if(|(_, c)| c.is_ascii_digit() && digits < 3) {
                number = number * 10 + digit.to_digit(10).unwrap_or(0) as usize;
                digits += 1;
            }
            let closed = chars.next_if(|(_, c)| *c == ']');
            if let (1.., Some((end, _))) = (digits, closed)
                && chars.next_if(|(_, c)| matches!(c, '(' | ':')).is_none()
            {
                return Some((number, start, end + 1));
            }
        }
    })
}

/// The numbers that the answer gives to sources in a list of its own, one a line: `[2]: https://…`, `- [2] Title https://…`.
fn numbers_of_its_own(answer: &str, sources: &[Source]) -> Vec<(usize, usize)> {
    let lines = answer.lines().filter_map(|line| {
        let line = line.trim_start().trim_start_matches(['-', '*', '+']);
        let (number, rest) = line.trim_start().strip_prefix('[')?.split_once(']')?;
        let number = number.parse().ok()?;
        let url = &rest[rest.find("https://").or_else(|| rest.find("http://"))?..];
        let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | ')' | ']');
        let url = url.split(ends).next().map(plain)?;
        let at = sources.iter().position(|it| plain(&it.url) == url)?;
        Some((number, at))
    });
    lines.collect()
}

/// An address without what ends a sentence.
fn plain(url: &str) -> &str {
    url.trim_end_matches(['.', ',', ';', ':'])
        .trim_end_matches('/')
}

#[cfg(test)]
mod tests;
