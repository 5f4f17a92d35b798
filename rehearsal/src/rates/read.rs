//! Reads a problem of rates into its events, in the order of the text.

use super::asked;
use super::events::{Amount, Asked, Event, SECONDS, Time};
use crate::words::Token;

/// Units of speed that do not spell out their parts.
const SPEEDS: [(&str, &str, &str); 4] = [
    ("mph", "miles", "hour"),
    ("kph", "km", "hour"),
    ("kmh", "km", "hour"),
    ("kmph", "km", "hour"),
];

/// Beginnings of words that say where a percentage goes.
const UP: [&str; 8] = [
    "up",
    "increas",
    "accelerat",
    "rais",
    "grow",
    "faster",
    "more",
    "higher",
];
const DOWN: [&str; 9] = [
    "down",
    "decreas",
    "decelerat",
    "slow",
    "reduc",
    "drop",
    "fall",
    "less",
    "lower",
];

/// Nothing where a word or a number is left over, or a percentage of which nothing says where it goes.
pub(super) fn events(tokens: &[Token], asked: &Asked) -> Option<Vec<Event>> {
    let mut reader = Reader {
        tokens,
        at: 0,
        events: Vec::new(),
        time_before: None,
        left: Vec::new(),
        passed: Vec::new(),
        first_amount: None,
    };
    while reader.at < tokens.len() {
        reader.step()?;
    }
    if *asked == Asked::Duration {
        let amount = reader.left.pop();
        reader.events.extend(amount.map(Event::AskedAmount));
    }
    let time = reader.time_before.take();
    reader.events.extend(time.map(Event::AskedTime));
    if let Asked::Amount { unit } = asked {
        // The unit that is asked for is known by the amount that has it.
        reader.passed.retain(|at| !tokens[*at].is(unit));
    }
    let known = asked::knows(tokens, &reader.passed, reader.first_amount?);
    (known && reader.left.is_empty()).then_some(reader.events)
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    events: Vec<Event>,
    /// "in 2 hours …" and "takes 2 hours to …" name the time before the amount.
    time_before: Option<Time>,
    /// Amounts without a time.
    left: Vec<Amount>,
    /// Tokens that say nothing about rates.
    passed: Vec<usize>,
    /// Where the first rate is told.
    first_amount: Option<usize>,
}

impl Reader<'_> {
    /// One event, or one token that says nothing about rates.
    fn step(&mut self) -> Option<()> {
        if self.here_is(&["in", "within", "takes", "took", "needs"])
            && let Some((time, end)) = self.time(self.at + 1)
        {
            self.time_before = Some(time);
            self.at = end;
        } else if self.here_is(&["for", "during", "another", "next"])
            && let Some((time, end)) = self.time(self.at)
        {
            self.at = end;
            if self.here_is(&["at"])
                && let Some((rate, end)) = self.rate(self.at + 1)
            {
                self.events.push(rate);
                self.at = end;
            }
            self.events.push(Event::Stretch(time));
        } else if let Some((rate, end)) = self.rate(self.at) {
            self.events.push(rate);
            self.at = end;
        } else if let Some((factor, end)) = self.multiple() {
            self.events.push(Event::Change(factor.to_owned()));
            self.at = end;
        } else if let Some((percent, end)) = self.percentage() {
            let factor = self.factor(percent, end)?;
            self.events.push(Event::Change(factor));
            self.at = end;
        } else if let Some((amount, end)) = self.amount(self.at) {
            self.at = end;
            self.covered(amount);
        } else {
            self.passed.push(self.at);
            self.at += 1;
        }
        let is_told = self
            .events
            .iter()
            .any(|event| matches!(event, Event::Rate { .. }));
        if is_told && self.first_amount.is_none() {
            self.first_amount = Some(self.at);
        }
        Some(())
    }

    /// An amount with the time after or before it.
    fn covered(&mut self, amount: Amount) {
        let every = self.here_is(&["every", "each"]);
        let over = self.here_is(&["in", "within", "over"]);
        let after = self.time(self.at + 1).filter(|_| every || over);
        let time = if let Some((time, end)) = after {
            self.at = end;
            time
        } else if let Some(time) = self.time_before.take() {
            time
        } else {
            self.left.push(amount);
            return;
        };
        let passed = (!every).then(|| Event::Stretch(time.clone()));
        self.events.push(Event::Rate { amount, time });
        self.events.extend(passed);
    }

    fn token(&self, at: usize) -> Option<&Token> {
        self.tokens.get(at)
    }

    fn here_is(&self, words: &[&str]) -> bool {
        self.token(self.at).is_some_and(|token| token.is_any(words))
    }

    /// A length of time with the words before it ("for the next 2 hours", "half an hour"), and where it ends.
    fn time(&self, from: usize) -> Option<(Time, usize)> {
        let leads = [
            "for",
            "during",
            "the",
            "a",
            "an",
            "next",
            "another",
            "last",
            "following",
            "further",
            "final",
        ];
        let mut at = from;
        while self.token(at)?.is_any(&leads) {
            at += 1;
        }
        let mut value = "1".to_owned();
        if self.token(at)?.is("half") {
            "0.5".clone_into(&mut value);
            at += 1;
            at += usize::from(self.token(at)?.is_any(&["a", "an"]));
        } else if let Some(number) = self.token(at)?.number() {
            value = number;
            at += 1;
        }
        at += usize::from(self.token(at)?.is_any(&["more", "further", "additional"]));
        let unit = time_unit(self.token(at)?.word()?)?;
        Some((Time { value, unit }, at + 1))
    }

    /// "60 km/h", "60 mph", "60 km per hour".
    fn rate(&self, at: usize) -> Option<(Event, usize)> {
        let value = self.token(at)?.number()?;
        let word = self.token(at + 1)?.word()?;
        let event = |unit: &str, per| {
            let unit = unit.to_owned();
            let one = "1".to_owned();
            Event::Rate {
                amount: Amount { value, unit },
                time: Time {
                    value: one,
                    unit: per,
                },
            }
        };
        if let Some((_, unit, per)) = SPEEDS.iter().find(|(name, _, _)| *name == word) {
            return Some((event(unit, per), at + 2));
        }
        if let Some((unit, per)) = word.split_once('/') {
            return Some((event(unit, time_unit(per)?), at + 2));
        }
        let per = self.token(at + 2)?.is_any(&["per", "an", "a"]);
        let unit = time_unit(self.token(at + 3)?.word()?).filter(|_| per)?;
        Some((event(word, unit), at + 4))
    }

    fn multiple(&self) -> Option<(&'static str, usize)> {
        let here = self.token(self.at)?;
        let all = [
            (["doubles", "doubled"], "2"),
            (["triples", "tripled"], "3"),
            (["halves", "halved"], "Fraction(1, 2)"),
        ];
        let found = all.into_iter().find(|(words, _)| here.is_any(words));
        found.map(|(_, factor)| (factor, self.at + 1))
    }

    fn percentage(&self) -> Option<(String, usize)> {
        let value = self.token(self.at)?.number()?;
        let sign = self.token(self.at + 1)?;
        let is_percent = *sign == Token::Mark('%') || sign.is("percent");
        is_percent.then_some((value, self.at + 2))
    }

    fn factor(&self, percent: String, end: usize) -> Option<String> {
        let part = format!("Fraction(\"{percent}\") / 100");
        if self.at > 0 && self.tokens[self.at - 1].is("to") {
            return Some(part);
        }
        let sign = self.direction(end)?;
        Some(format!("1 {sign} {part}"))
    }

    /// The word after the percentage ("20% faster"), else the nearest one before it.
    fn direction(&self, end: usize) -> Option<char> {
        let after = self.token(end).into_iter();
        let before = self.tokens[..self.at].iter().rev();
        let mut words = after.chain(before).filter_map(Token::word);
        words.find_map(|word| {
            let begins = |stems: &[&str]| stems.iter().any(|stem| word.starts_with(stem));
            if begins(&DOWN) {
                Some('-')
            } else {
                begins(&UP).then_some('+')
            }
        })
    }

    /// A number with a word after it that can be a unit.
    fn amount(&self, at: usize) -> Option<(Amount, usize)> {
        let value = self.token(at)?.number()?;
        let unit = self.token(at + 1)?.word()?;
        let none = [
            "of", "and", "or", "to", "is", "more", "less", "times", "by", "then", "th",
        ];
        let fits = !none.contains(&unit) && time_unit(unit).is_none();
        let unit = unit.to_owned();
        fits.then_some((Amount { value, unit }, at + 2))
    }
}

fn time_unit(word: &str) -> Option<&'static str> {
    let (_, unit, _) = SECONDS.iter().find(|(names, _, _)| names.contains(&word))?;
    Some(unit)
}
