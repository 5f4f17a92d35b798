//! What of a model's text is meant for the tool: the last pair of tags, or the last fence.

/// What stands in the last pair of these tags, without blanks around it. Tags are read in any case, and may have attributes. Where none
/// is closed, and the text is `whole`, the line behind the last one that is open: models leave the end out.
pub(super) fn tagged<'a>(text: &'a str, tag: &str, whole: bool) -> Option<&'a str> {
    // Of ASCII alone, so that the bytes are those of the text.
    let lower = text.to_ascii_lowercase();
    let tag = tag.to_ascii_lowercase();
    let close = format!("</{tag}");
    let is_closed = |after: &str| after.trim_start().starts_with('>');
    let Some(end) = last(&lower, &close, is_closed) else {
        let within = behind_tag(&lower, &tag).filter(|_| whole)?;
        let line = text[within..].trim_start().lines().next()?;
        return Some(line.split('<').next().unwrap_or(line).trim());
    };
    let within = behind_tag(&lower[..end], &tag)?;
    // The pair is the shortest one from there.
    let mut ends = lower[within..end].match_indices(&close);
    let first = ends.find(|(at, _)| is_closed(&lower[within + at + close.len()..]));
    let end = first.map_or(end, |(at, _)| within + at);
    Some(text[within..end].trim())
}

/// Where the last tag that opens has its end.
fn behind_tag(text: &str, tag: &str) -> Option<usize> {
    let open = format!("<{tag}");
    let is_open = |after: &str| after.starts_with('>') || after.starts_with(char::is_whitespace);
    let begin = last(text, &open, is_open)?;
    let name = begin + open.len();
    Some(name + text[name..].find('>')? + 1)
}

/// Where a mark stands last, of those whose rest is as it has to be.
fn last(text: &str, mark: &str, is_meant: impl Fn(&str) -> bool) -> Option<usize> {
    let mut found = text.rmatch_indices(mark).map(|(at, _)| at);
    found.find(|at| is_meant(&text[at + mark.len()..]))
}

/// A fence and what it holds.
struct Fence<'a> {
    mark: char,
    length: usize,
    /// How far it stands to the right, in bytes.
    indent: usize,
    info: &'a str,
    /// Its lines, from the first up to the one that closes it.
    lines: std::ops::Range<usize>,
}

/// What stands in the last closed fence of a language, or else of none. Fences of a language within another fence are a part of it. Where
/// none is closed, and the text is `whole`, what follows the last one of the language.
pub(super) fn fenced(text: &str, language: &str, whole: bool) -> Option<String> {
    let lines: Vec<_> = text.lines().collect();
    let mut open: Vec<Fence<'_>> = Vec::new();
    let mut closed: Vec<Fence<'_>> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((mark, length, info)) = marks_of(line) else {
            continue;
        };
        let closes =
            |fence: &mut Fence<'_>| info.is_empty() && mark == fence.mark && length >= fence.length;
        if let Some(mut fence) = open.pop_if(closes) {
            fence.lines.end = at;
            closed.retain(|within| within.lines.start < fence.lines.start);
            closed.push(fence);
        } else if open.is_empty() || !info.is_empty() {
            open.push(Fence {
                mark,
                length,
                indent: line.len() - line.trim_start().len(),
                info: info.split_whitespace().next().unwrap_or_default(),
                lines: at + 1..lines.len(),
            });
        }
    }
    let is_named = |fence: &&Fence<'_>| is_language(fence.info, language);
    let named = closed.iter().rfind(is_named);
    let bare = || closed.iter().rfind(|fence| fence.info.is_empty());
    let fence = named.or_else(bare);
    let fence = fence.or_else(|| open.iter().rfind(is_named).filter(|_| whole))?;
    let held = lines[fence.lines.clone()].iter();
    let held: Vec<_> = held
        .map(|line| without_indent(line, fence.indent))
        .collect();
    Some(held.join("\n"))
}

/// The marks that a line begins with, where they could be those of a fence: which, how many, and what stands behind them. A line with
/// marks on both sides is code within a sentence.
fn marks_of(line: &str) -> Option<(char, usize, &str)> {
    let line = line.trim();
    let mark = line.chars().next()?;
    let info = line.trim_start_matches(mark);
    let length = line.len() - info.len();
    let is_fence = matches!(mark, '`' | '~') && length >= 3 && !info.contains('`');
    is_fence.then(|| (mark, length, info.trim()))
}

/// A line without as many blanks as stand before the fence.
fn without_indent(line: &str, indent: usize) -> &str {
    let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
    &line[blanks.min(indent)..]
}

/// Whether a fence is of a language: `python`, `Python`, `python3`, `{.python}` and `py` are all Python.
fn is_language(info: &str, language: &str) -> bool {
    let info = info.trim_matches(['{', '}']).trim_start_matches('.');
    let word = info.split([',', '{', ':', '=']).next().unwrap_or_default();
    let word = word.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let is_short = language.eq_ignore_ascii_case("python") && word.eq_ignore_ascii_case("py");
    is_short || word.eq_ignore_ascii_case(language) || info.eq_ignore_ascii_case(language)
}
