//! Reads an expression and computes it on the way: `sum = product (+|- product)*`, `product = signed (*|/|% signed)*`,
//! `signed = -* power`, `power = atom (^ signed)?`, `atom = number | ( sum ) | name ( sum, … )`.

use std::iter::Peekable;
use std::str::CharIndices;

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Pow, Signed};

use crate::value::{Fault, MAX_EXPONENT, Outcome, bounded, divided, power, remainder, rounded};

/// Characters of an expression.
pub const MAX_CHARS: usize = 1000;
/// Brackets, signs and exponents within each other.
pub const MAX_LEVELS: u32 = 64;

const GRAMMAR: &str =
    "It may hold numbers, + - * / % ^, brackets, and abs, floor, ceil, round, min and max.";
const COMMA: &str = "a comma stands between the values of min, max and round alone; write numbers with a point, and without separators";

/// The value of an expression.
pub(crate) fn compute(expression: &str) -> Outcome {
    let chars = expression.chars().count();
    if chars > MAX_CHARS {
        let message =
            format!("It has {chars} characters; {MAX_CHARS} are allowed. Compute it in parts.");
        return Err(Fault::new("too_large", message));
    }
    let mut reader = Reader {
        text: expression,
        chars: expression.char_indices().peekable(),
        levels: 0,
    };
    let value = reader.sum()?;
    match reader.next_char() {
        None => Ok(value),
        Some(')') => Err(reader.wrong("there is a ) too many")),
        Some(',') => Err(reader.wrong(COMMA)),
        Some(other) => Err(reader.wrong(&format!(
            "{other:?} is not expected here; between two values an operator has to stand"
        ))),
    }
}

struct Reader<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
    levels: u32,
}

impl Reader<'_> {
    fn sum(&mut self) -> Outcome {
        let mut value = self.product()?;
        loop {
            value = match self.next_char() {
                Some('+') => bounded(value + self.behind_operator(Self::product)?)?,
                Some('-' | '−' | '–') => bounded(value - self.behind_operator(Self::product)?)?,
                _ => return Ok(value),
            };
        }
    }

    fn product(&mut self) -> Outcome {
        let mut value = self.signed()?;
        loop {
            value = match self.next_char() {
                Some('*' | '×' | '·') => bounded(value * self.behind_operator(Self::signed)?)?,
                Some('/' | '÷' | ':') => divided(&value, &self.behind_operator(Self::signed)?)?,
                Some('%') => self.behind_percent(&value)?,
                _ => return Ok(value),
            };
        }
    }

    /// A percent sign takes the remainder; who means hundredths is told how to write them.
    fn behind_percent(&mut self, value: &BigRational) -> Outcome {
        self.chars.next();
        if matches!(
            self.next_char(),
            None | Some(')' | '*' | '/' | '+' | '-' | '−' | '–' | ',')
        ) {
            return Err(self.wrong("% is the remainder of a division and needs a number or a bracket behind it; write 20 percent as 20/100"));
        }
        let right = self.signed()?;
        remainder(value, &right)
    }

    fn signed(&mut self) -> Outcome {
        match self.next_char() {
            Some('-' | '−' | '–') => Ok(-self.deeper(|it| it.behind_operator(Self::signed))?),
            Some('+') => self.deeper(|it| it.behind_operator(Self::signed)),
            _ => self.power(),
        }
    }

    fn power(&mut self) -> Outcome {
        let base = self.atom()?;
        let is_stars = self.next_char() == Some('*') && self.rest().starts_with("**");
        if is_stars {
            self.chars.next();
        } else if self.next_char() != Some('^') {
            return Ok(base);
        }
        let exponent = self.deeper(|it| it.behind_operator(Self::signed))?;
        power(&base, &exponent)
    }

    fn atom(&mut self) -> Outcome {
        match self.next_char() {
            Some('(') => {
                let value = self.deeper(|it| it.behind_operator(Self::sum))?;
                self.close()?;
                Ok(value)
            }
            Some('0'..='9' | '.') => self.number(),
            Some(first) if first.is_alphabetic() => self.call(),
            Some(other) => Err(self.wrong(&format!("{other:?} is not expected here. {GRAMMAR}"))),
            None => Err(self.wrong("a value is missing")),
        }
    }

    fn number(&mut self) -> Outcome {
        let whole = self.take(|c| c.is_ascii_digit() || c == '_');
        let mut behind = String::new();
        if self.chars.next_if(|(_, c)| *c == '.').is_some() {
            behind = self.take(|c| c.is_ascii_digit() || c == '_');
        }
        let digits = format!("{whole}{behind}").replace('_', "");
        let Ok(number) = digits.parse::<BigInt>() else {
            return Err(self.wrong("a number needs digits"));
        };
        let places = behind.chars().filter(char::is_ascii_digit).count();
        let scale: BigInt = Pow::pow(BigInt::from(10), places);
        let value = BigRational::new(number, scale);
        if self
            .chars
            .next_if(|(_, c)| matches!(c, 'e' | 'E'))
            .is_none()
        {
            return bounded(value);
        }
        let sign = self
            .chars
            .next_if(|(_, c)| matches!(c, '+' | '-'))
            .map(|(_, c)| c);
        let exponent = self.take(|c| c.is_ascii_digit());
        match exponent.parse::<u32>() {
            Ok(size) if size <= MAX_EXPONENT => {
                let size = BigRational::from(BigInt::from(size));
                let scale = power(
                    &BigRational::from(BigInt::from(10)),
                    &if sign == Some('-') { -size } else { size },
                )?;
                bounded(value * scale)
            }
            Err(_) if exponent.is_empty() => {
                Err(self.wrong("behind e the exponent's digits are missing"))
            }
            Ok(_) | Err(_) => Err(Fault::new(
                "too_large",
                format!("An exponent is larger than {MAX_EXPONENT}."),
            )),
        }
    }

    fn call(&mut self) -> Outcome {
        let name = self.take(|c| c.is_alphanumeric() || c == '_');
        if self.next_char() != Some('(') {
            return Err(self.wrong(&format!(
                "{name} is not known. {GRAMMAR} Put in the values of names"
            )));
        }
        let mut values = vec![self.deeper(|it| it.behind_operator(Self::sum))?];
        while self.next_char() == Some(',') {
            values.push(self.deeper(|it| it.behind_operator(Self::sum))?);
        }
        self.close()?;
        match (name.as_str(), &values[..]) {
            ("abs", [value]) => Ok(value.abs()),
            ("floor", [value]) => Ok(value.floor()),
            ("ceil", [value]) => Ok(value.ceil()),
            ("round", [value]) => Ok(value.round()),
            ("round", [value, places]) => rounded(value, places),
            ("min", [first, rest @ ..]) => Ok(rest.iter().fold(first, Ord::min).clone()),
            ("max", [first, rest @ ..]) => Ok(rest.iter().fold(first, Ord::max).clone()),
            ("abs" | "floor" | "ceil" | "round", _) => {
                Err(self.wrong(&format!("{name} has one value, round may have two")))
            }
            _ => Err(self.wrong(&format!("there is no function {name}. {GRAMMAR}"))),
        }
    }

    fn close(&mut self) -> Result<(), Fault> {
        match self.next_char() {
            Some(')') => {
                self.chars.next();
                Ok(())
            }
            Some(',') => Err(self.wrong(COMMA)),
            Some(_) | None => Err(self.wrong("a ) is missing")),
        }
    }

    /// The next character that is no blank; it is not taken.
    fn next_char(&mut self) -> Option<char> {
        while self.chars.next_if(|(_, c)| c.is_whitespace()).is_some() {}
        self.chars.peek().map(|(_, c)| *c)
    }

    /// Passes by one character, an operator or a bracket, and reads on.
    fn behind_operator(&mut self, read: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        self.chars.next();
        read(self)
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Outcome) -> Outcome {
        if self.levels == MAX_LEVELS {
            return Err(Fault::new(
                "too_large",
                format!("It is nested deeper than {MAX_LEVELS} levels: compute it in parts."),
            ));
        }
        self.levels += 1;
        let value = read(self)?;
        self.levels -= 1;
        Ok(value)
    }

    fn take(&mut self, is_part: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some((_, c)) = self.chars.next_if(|(_, c)| is_part(*c)) {
            taken.push(c);
        }
        taken
    }

    fn rest(&mut self) -> &str {
        let at = self.chars.peek().map_or(self.text.len(), |(at, _)| *at);
        &self.text[at..]
    }

    fn wrong(&mut self, what: &str) -> Fault {
        let read = self.text.len() - self.rest().len();
        let at = self.text[..read].chars().count() + 1;
        Fault::new("invalid_expression", format!("At character {at}: {what}."))
    }
}
