//! Programs for arithmetic that stands in the question. Only numbers, operators and three functions get into the
//! program, never text of the question.

use crate::coverage::{Coverage, is_request};
use crate::words::{Token, find, plain, starts_with};

/// Operators of one mark or word.
const OPERATORS: [(&str, &str); 9] = [
    ("plus", "+"),
    ("minus", "-"),
    ("times", "*"),
    ("x", "*"),
    ("over", "/"),
    ("mod", "%"),
    ("modulo", "%"),
    ("squared", "** 2"),
    ("cubed", "** 3"),
];

/// Operators of several words.
const PHRASES: [(&str, &str); 4] = [
    ("multiplied by", "*"),
    ("divided by", "/"),
    ("to the power of", "**"),
    ("raised to", "**"),
];

/// The longest question that is read for arithmetic, in tokens.
const MAX_TOKENS: usize = 2_000;

/// The question is one expression, with nothing but words of a request around it.
pub(crate) fn program(tokens: &[Token]) -> Option<String> {
    if tokens.len() > MAX_TOKENS {
        return None;
    }
    if let Some(number) = primality(tokens) {
        return Some(format!(
            "import math\n\nn = {number}\nprime = n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1))\n\
             print(n, \"is prime\" if prime else \"is not prime\")\nprime\n"
        ));
    }
    let start = tokens.iter().position(|token| !is_request(token))?;
    let Expression { python, length } = Reader::new(&tokens[start..]).read()?;
    let mut rest = tokens[start + length..].iter();
    let is_over = |token: &Token| is_request(token) || *token == Token::Mark('=');
    rest.all(is_over)
        .then(|| format!("import math\n\nvalue = {python}\nprint(\"{python} =\", value)\nvalue\n"))
}

/// "is 97 prime", "is 97 a prime number", "whether 97 is prime"
fn primality(tokens: &[Token]) -> Option<&str> {
    let at = find(tokens, "prime")?;
    let mut coverage = Coverage::new(tokens);
    coverage.take_phrases(&["prime number", "prime"]);
    let before = &tokens[..at];
    let before = before
        .strip_suffix(&[Token::Word("a".to_owned())])
        .unwrap_or(before);
    let (place, digits) = match before {
        [.., is, Token::Number(digits)] if is.is("is") => (before.len() - 1, digits),
        [.., Token::Number(digits), is] if is.is("is") => (before.len() - 2, digits),
        _ => return None,
    };
    coverage.take([place]);
    (coverage.is_whole() && !digits.contains('.')).then(|| plain(digits))
}

struct Expression {
    python: String,
    /// How many tokens it takes.
    length: usize,
}

/// Reads numbers and operators in turn as far as they go.
struct Reader<'a> {
    tokens: &'a [Token],
    rest: &'a [Token],
    python: Vec<String>,
    open: usize,
    steps: usize,
}

impl<'a> Reader<'a> {
    fn new(tokens: &'a [Token]) -> Self {
        Self {
            tokens,
            rest: tokens,
            python: Vec::new(),
            open: 0,
            steps: 0,
        }
    }

    /// The longest expression at the start that is whole and has at least one operation.
    fn read(mut self) -> Option<Expression> {
        let mut whole = None;
        while self.operand() {
            loop {
                if self.open == 0 && self.steps > 0 {
                    whole = Some((self.python.len(), self.tokens.len() - self.rest.len()));
                }
                if !self.postfix() {
                    break;
                }
            }
            if !self.operator() {
                break;
            }
        }
        let (parts, length) = whole?;
        let python = self.python[..parts].join(" ");
        Some(Expression { python, length })
    }

    fn take(&mut self, count: usize, python: impl Into<String>) {
        self.rest = &self.rest[count..];
        self.python.push(python.into());
    }

    /// Signs, opening brackets and one number or function of a number.
    fn operand(&mut self) -> bool {
        loop {
            match self.rest {
                [Token::Mark('-' | '−'), ..] => self.take(1, "-"),
                [the, ..] if the.is("the") => self.rest = &self.rest[1..],
                [Token::Mark('('), ..] => {
                    self.open += 1;
                    self.take(1, "(");
                }
                [token, ..] if let Some(digits) = token.number() => {
                    self.take(1, plain(&digits));
                    return true;
                }
                [..] => return self.function(),
            }
        }
    }

    fn function(&mut self) -> bool {
        let functions = [
            ("square root of", "math.sqrt(", ")"),
            ("factorial of", "math.factorial(", ")"),
            ("square of", "", " ** 2"),
            ("cube of", "", " ** 3"),
        ];
        for (phrase, open, close) in functions {
            let length = phrase.split(' ').count();
            let number = self.rest.get(length).and_then(Token::number);
            if let (true, Some(digits)) = (starts_with(self.rest, phrase), number) {
                self.steps += 1;
                self.take(length + 1, format!("{open}{}{close}", plain(&digits)));
                return true;
            }
        }
        false
    }

    /// Closing brackets and operators that stand after their number.
    fn postfix(&mut self) -> bool {
        match self.rest {
            [Token::Mark(')'), ..] if self.open > 0 => {
                self.open -= 1;
                self.take(1, ")");
                true
            }
            [word, ..] if word.is_any(&["squared", "cubed"]) => self.operator(),
            [token, ..] if token.is("factorial") || *token == Token::Mark('!') => {
                let number = self
                    .python
                    .pop_if(|last| last.bytes().all(|b| b.is_ascii_digit()));
                let Some(number) = number else { return false };
                self.steps += 1;
                self.take(1, format!("math.factorial({number})"));
                true
            }
            _ => false,
        }
    }

    fn operator(&mut self) -> bool {
        let (count, python) = match self.rest {
            [Token::Mark('*'), Token::Mark('*'), ..] => (2, "**"),
            [Token::Mark('%'), of, ..] if of.is("of") => (2, "/ 100 *"),
            [percent, of, ..] if percent.is("percent") && of.is("of") => (2, "/ 100 *"),
            [Token::Mark('%'), Token::Number(_), ..] => (1, "%"),
            [Token::Mark(mark), ..] => match mark {
                '+' => (1, "+"),
                '-' | '−' | '–' => (1, "-"),
                '*' | '×' | '·' => (1, "*"),
                '/' | '÷' => (1, "/"),
                '^' => (1, "**"),
                _ => return false,
            },
            [Token::Word(word), ..] => {
                let one = OPERATORS.iter().find(|(name, _)| name == word);
                let several = PHRASES
                    .iter()
                    .find(|(name, _)| starts_with(self.rest, name));
                match one.or(several) {
                    Some((name, python)) => (name.split(' ').count(), *python),
                    None => return false,
                }
            }
            [Token::Number(_) | Token::Code(_), ..] | [] => return false,
        };
        self.steps += 1;
        self.take(count, python);
        true
    }
}
