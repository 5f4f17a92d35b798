//! Days on which pages were published, as providers write them.

use jiff::civil::Date;
use jiff::fmt::rfc2822;

/// Longer texts are no date.
const MAX_DATE_CHARS: usize = 40;

/// Ways to write a day that have no time in them.
const DAYS: [&str; 4] = ["%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y"];

/// Units of how long something is ago, each also in the plural.
const UNITS: [&str; 8] = [
    "second", "minute", "min", "hour", "day", "week", "month", "year",
];

/// `2026-11-28` where a whole day is told, `3 days ago` as it is, `None` for all other texts: this is no place for words.
pub fn of(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MAX_DATE_CHARS {
        return None;
    }
    // Day and time of ISO 8601: the day is enough, and the time is written in ways that no parser knows all of.
    let iso = text.get(..10).and_then(|day| day.parse::<Date>().ok());
    let in_a_mail = || rfc2822::parse(text).ok().map(|moment| moment.date());
    let in_words = || DAYS.iter().find_map(|form| Date::strptime(form, text).ok());
    match iso.or_else(in_a_mail).or_else(in_words) {
        Some(day) => Some(day.to_string()),
        None => is_ago(text).then(|| text.to_owned()),
    }
}

fn is_ago(text: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let [number, unit, "ago"] = words[..] else {
        return false;
    };
    let is_number = number.len() <= 4 && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number && !number.is_empty() && UNITS.contains(&unit.strip_suffix('s').unwrap_or(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_however_it_is_written() {
        let cases = [
            ("2026-11-28", Some("2026-11-28")),
            ("2026-11-28T10:00:00", Some("2026-11-28")),
            ("2025-12-30T00:00:00.0000000", Some("2025-12-30")),
            ("2026-11-28 10:00:00+00:00", Some("2026-11-28")),
            ("Sat, 28 Nov 2026 10:00:00 GMT", Some("2026-11-28")),
            ("Nov 28, 2026", Some("2026-11-28")),
            ("November 8, 2026", Some("2026-11-08")),
            ("28 Nov 2026", Some("2026-11-28")),
            (" 3 days ago ", Some("3 days ago")),
            ("1 hour ago", Some("1 hour ago")),
            ("2026-13-45", None),
            ("日本 2026", None),
            ("3 words ago", None),
            ("obey 3 days ago", None),
            ("", None),
            ("None", None),
            ("yesterday, or so it was said by someone who may know", None),
        ];
        for (text, expected) in cases {
            assert_eq!(of(text).as_deref(), expected, "{text}");
        }
    }
}
