//! Programs over calendar dates that the question writes out in full. A date of which day and month could change places
//! (`03/04/2024`) is no date here.

use crate::coverage::Coverage;
use crate::words::{Token, find, find_any};

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The years that Python's calendar and this rule both know, all Gregorian.
const YEARS: std::ops::RangeInclusive<u64> = 1800..=9999;

/// Words in which days between two dates are asked for.
const BETWEEN: [&str; 12] = [
    "how many",
    "number of",
    "count",
    "day",
    "days",
    "there",
    "between",
    "from",
    "until",
    "lie",
    "do",
    "passed",
];
/// Words in which the day of the week is asked for.
const WEEKDAY: [&str; 8] = [
    "day of the week",
    "day of week",
    "weekday",
    "which day",
    "was",
    "on",
    "fall",
    "falls",
];

pub(crate) fn program(tokens: &[Token]) -> Option<String> {
    let mut coverage = Coverage::new(tokens);
    let mut dates = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if let Some((date, length)) = date(&tokens[at..]) {
            coverage.take(at..at + length);
            dates.push((at, date));
            at += length;
        } else {
            at += 1;
        }
    }
    match &dates[..] {
        [(_, first), (second_at, second)] => {
            let joined = tokens[*second_at - 1].is_any(&["and", "to", "until"]);
            find_any(tokens, &["between", "from"]).filter(|_| joined)?;
            find(tokens, "days")?;
            coverage.take_phrases(&BETWEEN);
            coverage.is_whole().then(|| {
                format!(
                    "import datetime\n\nfirst = {first}\nsecond = {second}\ndays = abs((second - first).days)\n\
                     print(\"days between\", first, \"and\", second, \"(the first one not counted):\", days)\ndays\n"
                )
            })
        }
        [(_, only)] => {
            find_any(tokens, &WEEKDAY[..4])?;
            coverage.take_phrases(&WEEKDAY);
            coverage.is_whole().then(|| {
                format!(
                    "import datetime\n\nday = {only}\nprint(day, \"is a\", day.strftime(\"%A\"))\nday.strftime(\"%A\")\n"
                )
            })
        }
        _ => None,
    }
}

/// A date at the start, as a Python expression, and how many tokens it takes.
fn date(tokens: &[Token]) -> Option<(String, usize)> {
    if let [Token::Code(text), ..] = tokens {
        return Some((iso(text)?, 1));
    }
    let mut at = 0;
    let (day, month);
    if let Some(number) = month_at(tokens, 0) {
        // "March 3, 2024", "March 3rd 2024"
        month = number;
        day = digits(tokens, 1)?;
        at += 2;
        at += usize::from(is_ordinal(tokens, at));
    } else {
        // "3 March 2024", "3rd of March 2024"
        day = digits(tokens, 0)?;
        at += 1;
        at += usize::from(is_ordinal(tokens, at));
        at += usize::from(tokens.get(at)?.is("of"));
        month = month_at(tokens, at)?;
        at += 1;
    }
    at += usize::from(*tokens.get(at)? == Token::Mark(','));
    let year = digits(tokens, at)?;
    Some((checked(year, month, day)?, at + 1))
}

/// `2024-03-05`: the one form of digits alone that is read the same everywhere.
fn iso(text: &str) -> Option<String> {
    let parts: Vec<&str> = text.split('-').collect();
    match parts[..] {
        [year, month, day] if (year.len(), month.len(), day.len()) == (4, 2, 2) => {
            checked(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        }
        _ => None,
    }
}

fn month_at(tokens: &[Token], at: usize) -> Option<u64> {
    let word = tokens.get(at)?.word()?;
    let place = MONTHS
        .iter()
        .position(|month| *month == word || (word.len() == 3 && month.starts_with(word)))?;
    u64::try_from(place + 1).ok()
}

fn digits(tokens: &[Token], at: usize) -> Option<u64> {
    match tokens.get(at)? {
        Token::Number(digits) => digits.parse().ok(),
        Token::Word(_) | Token::Code(_) | Token::Mark(_) => None,
    }
}

fn is_ordinal(tokens: &[Token], at: usize) -> bool {
    let ordinals = ["st", "nd", "rd", "th"];
    tokens.get(at).is_some_and(|token| token.is_any(&ordinals))
}

/// A Python date, where the calendar has that day.
fn checked(year: u64, month: u64, day: u64) -> Option<String> {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let length = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    let exists = YEARS.contains(&year) && (1..=length).contains(&day);
    exists.then(|| format!("datetime.date({year}, {month}, {day})"))
}
