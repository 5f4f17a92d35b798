//! The one kind of reasoning there is a rule for: rates. An amount over a time gives a rate, the rate holds until it
//! changes, and each stretch of time adds rate times time. Refuses a problem of which a part is left over.

mod read;

use super::words::{Token, find_any};

/// What the rule can give; a problem that asks for none of it is not one for the rule.
const ASKED: [&str; 10] = [
    "total",
    "how far",
    "how many",
    "how much",
    "how long",
    "how fast",
    "altogether",
    "overall",
    "distance",
    "average speed",
];

const SECONDS: [(&[&str], &str, u32); 5] = [
    (&["second", "seconds", "sec", "s"], "second", 1),
    (&["minute", "minutes", "min"], "minute", 60),
    (&["hour", "hours", "hr", "hrs", "h"], "hour", 3600),
    (&["day", "days"], "day", 86_400),
    (&["week", "weeks"], "week", 604_800),
];

/// What happens in a problem of rates, in the order of the text. Numbers stay as they were written.
#[derive(Debug, PartialEq)]
enum Event {
    /// So much in such a time.
    Rate { amount: Amount, time: Time },
    /// The rate is multiplied by this, a Python expression.
    Change(String),
    /// A time that passes at the rate that holds.
    Stretch(Time),
    /// A time that the question asks about, apart from what has passed.
    AskedTime(Time),
    /// An amount that the question asks the time of.
    AskedAmount(Amount),
    /// An amount without a time.
    Left(Amount),
}

#[derive(Debug, PartialEq)]
struct Amount {
    value: String,
    unit: String,
}

#[derive(Clone, Debug, PartialEq)]
struct Time {
    value: String,
    unit: &'static str,
}

/// A program that works the problem out, if the rule covers it.
pub(super) fn work(tokens: &[Token]) -> Option<String> {
    find_any(tokens, &ASKED)?;
    let mut program = Program::default();
    for event in read::events(tokens)? {
        program.add(event)?;
    }
    program.end()
}

#[derive(Default)]
struct Program {
    lines: String,
    /// The units in which everything is counted: those of the first rate.
    units: Option<(String, &'static str)>,
    /// A rate stands that nothing has used yet.
    unused: bool,
    answered: bool,
    summed: bool,
}

impl Program {
    /// Nothing where the event does not fit to those before.
    fn add(&mut self, event: Event) -> Option<()> {
        match event {
            Event::Rate { amount, time } => {
                let (unit, base) = self
                    .units
                    .get_or_insert_with(|| (amount.unit.clone(), time.unit));
                let (same, base) = (*unit == amount.unit, *base);
                if self.unused || !same {
                    return None;
                }
                let time = time.in_units_of(base)?;
                self.set_rate(&format!("Fraction(\"{}\") / ({time})", amount.value));
            }
            Event::Change(factor) => {
                self.units.as_ref()?;
                self.set_rate(&format!("rate * ({factor})"));
            }
            Event::Stretch(time) => self.stretch(&time)?,
            Event::AskedTime(time) => {
                self.line("total, duration = Fraction(0), Fraction(0)");
                self.stretch(&time)?;
            }
            Event::AskedAmount(Amount { value, unit }) => {
                let (known, base) = self.units.clone()?;
                if known != unit {
                    return None;
                }
                self.line(&format!(
                    "print(\"time for {value} {unit}:\", show(Fraction(\"{value}\") / rate), \"{base}(s)\")"
                ));
                (self.unused, self.answered, self.summed) = (false, true, false);
            }
            Event::Left(amount) if self.units.as_ref()?.0 == amount.unit => return None,
            Event::Left(_) => {}
        }
        Some(())
    }

    fn set_rate(&mut self, rate: &str) {
        self.line(&format!("rate = {rate}"));
        self.unused = true;
    }

    fn stretch(&mut self, time: &Time) -> Option<()> {
        let (unit, base) = self.units.clone()?;
        self.line(&format!("time = {}", time.in_units_of(base)?));
        self.line("part = rate * time\ntotal += part\nduration += time");
        self.line(&format!(
            "print(show(rate), \"{unit} per {base} for\", show(time), \"{base}(s):\", show(part), \"{unit}\")"
        ));
        (self.unused, self.answered, self.summed) = (false, true, true);
        Some(())
    }

    fn line(&mut self, text: &str) {
        self.lines.push_str(text);
        self.lines.push('\n');
    }

    fn end(mut self) -> Option<String> {
        if self.unused || !self.answered {
            return None;
        }
        if self.summed {
            let (unit, base) = self.units.clone()?;
            self.line(&format!("print(\"total:\", show(total), \"{unit}\")"));
            self.line(&format!(
                "print(\"average rate:\", show(total / duration), \"{unit} per {base}\")"
            ));
        }
        let head = "from fractions import Fraction\n\ndef show(value):\n    return f\"{float(value):.10g}\"\n\n\
                    total, duration = Fraction(0), Fraction(0)\n";
        Some(format!("{head}{}", self.lines))
    }
}

impl Time {
    /// A Python expression.
    fn in_units_of(&self, base: &str) -> Option<String> {
        let Self { value, unit } = self;
        if *unit == base {
            return Some(format!("Fraction(\"{value}\")"));
        }
        let seconds = |name: &str| SECONDS.iter().find(|(_, unit, _)| *unit == name);
        let (from, to) = (seconds(unit)?.2, seconds(base)?.2);
        Some(format!("Fraction(\"{value}\") * {from} / {to}"))
    }
}
