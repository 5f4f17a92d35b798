//! Programs for arithmetic that stands in the question. Only numbers, operators and three functions get into the
//! program, never text of the question.

use super::words::{Token, find, find_any, plain};

/// Words of which one stands before the arithmetic, unless the question is nothing else.
const CUES: [&str; 15] = [
    "what is",
    "whats",
    "what are",
    "how much is",
    "compute",
    "calculate",
    "evaluate",
    "work out",
    "solve",
    "find",
    "print",
    "add",
    "result of",
    "value of",
    "is",
];

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

/// The longest question that is read for arithmetic: each token may begin an expression as long as the rest.
const MAX_TOKENS: usize = 2_000;

pub(super) fn program(tokens: &[Token]) -> Option<String> {
    if tokens.len() > MAX_TOKENS {
        return None;
    }
    if let Some(number) = primality(tokens) {
        return Some(format!(
            "import math\n\nn = {number}\nprime = n > 1 and all(n % d for d in range(2, math.isqrt(n) + 1))\n\
             print(n, \"is prime\" if prime else \"is not prime\")\nprime\n"
        ));
    }
    let cue = find_any(tokens, &CUES);
    let starts = (0..tokens.len()).filter(|start| *start == 0 || cue.is_some_and(|at| at < *start));
    let expressions = starts.filter_map(|start| Reader::new(&tokens[start..]).read());
    // The first of the longest, so that no tail of an expression is taken for the whole.
    let best =
        expressions.reduce(|best, next| if next.steps > best.steps { next } else { best })?;
    let text = best.python;
    Some(format!(
        "import math\n\nvalue = {text}\nprint(\"{text} =\", value)\nvalue\n"
    ))
}

/// "is 97 prime", "is 97 a prime number", "whether 97 is prime"
fn primality(tokens: &[Token]) -> Option<&str> {
    let at = find(tokens, "prime")?;
    let before = &tokens[..at];
    let before = before
        .strip_suffix(&[Token::Word("a".to_owned())])
        .unwrap_or(before);
    match before {
        [.., is, Token::Number(digits)] | [.., Token::Number(digits), is]
            if is.is("is") && !digits.contains('.') =>
        {
            Some(plain(digits))
        }
        _ => None,
    }
}

struct Expression {
    python: String,
    steps: usize,
}

/// Reads numbers and operators in turn as far as they go.
struct Reader<'a> {
    rest: &'a [Token],
    python: Vec<String>,
    open: usize,
    steps: usize,
}

impl<'a> Reader<'a> {
    fn new(tokens: &'a [Token]) -> Self {
        Self {
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
                    whole = Some((self.python.len(), self.steps));
                }
                if !self.postfix() {
                    break;
                }
            }
            if !self.operator() {
                break;
            }
        }
        let (length, steps) = whole?;
        let python = self.python[..length].join(" ");
        Some(Expression { python, steps })
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
            if let (Some(0), Some(digits)) = (find(self.rest, phrase), number) {
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
                    .find(|(name, _)| find(self.rest, name) == Some(0));
                match one.or(several) {
                    Some((name, python)) => (name.split(' ').count(), *python),
                    None => return false,
                }
            }
            [Token::Number(_), ..] | [] => return false,
        };
        self.steps += 1;
        self.take(count, python);
        true
    }
}
