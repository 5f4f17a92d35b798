//! Sequences of numbers by name, and which of their members a question speaks of.

use std::ops::Range;

use crate::coverage::Coverage;
use crate::words::{Token, find};

struct Sequence {
    names: &'static [&'static str],
    /// A Python generator without end, in rising order.
    source: &'static str,
    /// The place that the first member has when one asks for the n-th.
    first: u64,
}

const SEQUENCES: [Sequence; 10] = [
    Sequence {
        names: &["fibonacci number", "fibonacci term", "fibonacci"],
        source: "fibonacci()",
        first: 0,
    },
    Sequence {
        names: &["prime number", "primes", "prime below", "prime under"],
        source: "(n for n in count(2) if all(n % d for d in range(2, math.isqrt(n) + 1)))",
        first: 1,
    },
    Sequence {
        names: &["square number", "perfect squares", "squares"],
        source: "(n * n for n in count(1))",
        first: 1,
    },
    Sequence {
        names: &["cube number", "perfect cubes", "cubes"],
        source: "(n ** 3 for n in count(1))",
        first: 1,
    },
    Sequence {
        names: &["even number", "even integers", "even natural number"],
        source: "count(2, 2)",
        first: 1,
    },
    Sequence {
        names: &["odd number", "odd integers", "odd natural number"],
        source: "count(1, 2)",
        first: 1,
    },
    Sequence {
        names: &["triangular number", "triangle number"],
        source: "accumulate(count(1))",
        first: 1,
    },
    Sequence {
        names: &["factorial number", "factorials"],
        source: "(math.factorial(n) for n in count(1))",
        first: 1,
    },
    Sequence {
        names: &["powers of two"],
        source: "(2 ** n for n in count(0))",
        first: 0,
    },
    Sequence {
        names: &[
            "natural number",
            "positive integers",
            "whole number",
            "integers",
            "number",
        ],
        source: "count(1)",
        first: 1,
    },
];

/// The most members of a sequence, and the highest limit of one, that a program is written for.
const MAX_MEMBERS: u64 = 10_000;
const MAX_LIMIT: u64 = 1_000_000;

/// A sequence with the place where its name begins and ends.
struct Found {
    sequence: &'static Sequence,
    start: usize,
    end: usize,
}

fn sequences(tokens: &[Token]) -> Vec<Found> {
    let mut found = Vec::new();
    let mut start = 0;
    while start < tokens.len() {
        let named = SEQUENCES.iter().find_map(|sequence| {
            let lengths = sequence.names.iter();
            let length = lengths
                .filter_map(|name| starts(&tokens[start..], name))
                .max()?;
            Some((sequence, start + length))
        });
        if let Some((sequence, end)) = named {
            found.push(Found {
                sequence,
                start,
                end,
            });
            start = end;
        } else {
            start += 1;
        }
    }
    found
}

/// How many tokens `name` takes at the start; its last word may be in the plural, and `two` may be a digit.
fn starts(tokens: &[Token], name: &str) -> Option<usize> {
    let names: Vec<&str> = name.split(' ').collect();
    let last = names.len() - 1;
    let same = |(place, name): (usize, &&str)| match tokens.get(place)? {
        Token::Word(word) => {
            let plural = place == last && word.strip_suffix('s') == Some(name);
            (word == name || plural).then_some(())
        }
        Token::Number(digits) => (*name == "two" && digits == "2").then_some(()),
        Token::Code(_) | Token::Mark(_) => None,
    };
    names
        .iter()
        .enumerate()
        .map(same)
        .collect::<Option<Vec<_>>>()?;
    Some(names.len())
}

/// A Python list of the members that the question speaks of; takes the words that name them.
pub(crate) fn members(tokens: &[Token], coverage: &mut Coverage) -> Option<String> {
    let all = sequences(tokens);
    let power = |found: &Found| match found.sequence.names.last() {
        Some(&"squares") => Some(2),
        Some(&"cubes") => Some(3),
        Some(_) | None => None,
    };
    // "the squares of the first ten primes", "the sum of their squares"
    let of_others = |found: &&Found| {
        let of = tokens.get(found.end).is_some_and(|token| token.is("of"));
        let their = found.start > 0 && tokens[found.start - 1].is("their");
        all.len() > 1 && power(found).is_some() && (of || their)
    };
    let raised = all.iter().find(of_others);
    let main = all
        .iter()
        .find(|found| raised.is_none_or(|it| it.start != found.start))?;
    let (extent, places) = Extent::of(tokens, main)?;
    let mut source = main.sequence.source.to_owned();
    if let Some(at) = main.start.checked_sub(1) {
        let parity = [("even", 0), ("odd", 1)];
        if let Some((_, rest)) = parity.iter().find(|(name, _)| tokens[at].is(name)) {
            source = format!("(n for n in {source} if n % 2 == {rest})");
            coverage.take([at]);
        }
    }
    let values = extent.list(&source)?;
    coverage.take(places);
    coverage.take(main.start..main.end);
    coverage.take(raised.into_iter().flat_map(|found| found.start..found.end));
    Some(match raised.and_then(power) {
        Some(power) => format!("[n ** {power} for n in {values}]"),
        None => values,
    })
}

/// Which members of a sequence.
enum Extent {
    First(u64),
    Nth { place: u64, first: u64 },
    Below(u64),
    Within { from: u64, to: u64 },
}

impl Extent {
    /// With the places of the words that tell it.
    fn of(tokens: &[Token], found: &Found) -> Option<(Self, Range<usize>)> {
        let number = |at: usize| tokens.get(at)?.integer();
        // The place of a phrase, that behind it, and the number there.
        let after = |phrase: &&str| {
            let at = find(tokens, phrase)?;
            let next = at + phrase.split(' ').count();
            Some((number(next)?, at..next + 1))
        };
        for (open, close) in [("from", "to"), ("between", "and")] {
            let at =
                find(tokens, open).filter(|at| tokens.get(at + 2).is_some_and(|t| t.is(close)));
            if let Some((at, from, to)) =
                at.and_then(|at| Some((at, number(at + 1)?, number(at + 3)?)))
            {
                return Some((Self::Within { from, to }, at..at + 4));
            }
        }
        if let Some((to, places)) = after(&"up to") {
            return Some((Self::Within { from: 0, to }, places));
        }
        let below = ["below", "under", "less than", "smaller than"];
        if let Some((limit, places)) = below.iter().find_map(after) {
            return Some((Self::Below(limit), places));
        }
        if let Some((count, places)) = after(&"first") {
            return Some((Self::First(count), places));
        }
        Self::before(tokens, found)
    }

    /// Right before the name, "even" and "odd" aside: "10 primes", "the 20th prime number".
    fn before(tokens: &[Token], found: &Found) -> Option<(Self, Range<usize>)> {
        // "5 numbers" are any five.
        if found.sequence.names.contains(&"number") {
            return None;
        }
        let number = |at: usize| tokens.get(at)?.integer();
        let mut at = found.start.checked_sub(1)?;
        while tokens[at].is_any(&["even", "odd"]) {
            at = at.checked_sub(1)?;
        }
        if tokens[at].is_any(&["th", "st", "nd", "rd"]) {
            let place = number(at.checked_sub(1)?)?;
            let first = found.sequence.first;
            return Some((Self::Nth { place, first }, at - 1..at + 1));
        }
        Some((Self::First(number(at)?), at..at + 1))
    }

    fn list(&self, source: &str) -> Option<String> {
        let within = |bound: u64, limit: u64| (bound <= limit).then_some(());
        Some(match self {
            Self::First(count) => {
                within(*count, MAX_MEMBERS)?;
                format!("list(islice({source}, {count}))")
            }
            Self::Nth { place, first } => {
                within(*place, MAX_MEMBERS)?;
                let skipped = place.checked_sub(*first)?;
                format!("list(islice({source}, {skipped}, {}))", skipped + 1)
            }
            Self::Below(limit) => {
                within(*limit, MAX_LIMIT)?;
                format!("list(takewhile(lambda n: n < {limit}, {source}))")
            }
            Self::Within { from, to } => {
                within(*to, MAX_LIMIT)?;
                format!("[n for n in takewhile(lambda n: n <= {to}, {source}) if n >= {from}]")
            }
        })
    }
}
