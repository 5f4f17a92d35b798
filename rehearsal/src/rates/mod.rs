//! The one kind of reasoning there is a rule for: rates. An amount over a time gives a rate, the rate holds until it
//! changes, and each stretch of time adds rate times time. Refuses a problem of which a part is left over.

mod asked;
mod events;
mod read;

use events::{Amount, Asked, Event, Time};

use crate::words::Token;

/// Units in which "how far" is answered.
const LENGTHS: [&str; 20] = [
    "km",
    "kilometer",
    "kilometers",
    "kilometre",
    "kilometres",
    "m",
    "meter",
    "meters",
    "metre",
    "metres",
    "cm",
    "mm",
    "mi",
    "mile",
    "miles",
    "foot",
    "feet",
    "ft",
    "yards",
    "nm",
];

/// A program that works the problem out, if the rule covers it.
pub(crate) fn work(tokens: &[Token]) -> Option<String> {
    let asked = asked::read(tokens)?;
    let mut program = Program::default();
    for event in read::events(tokens, &asked)? {
        program.add(event)?;
    }
    program.end(&asked)
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

    /// Nothing where the question asks for something else than what was worked out.
    fn end(mut self, asked: &Asked) -> Option<String> {
        let unit = &self.units.as_ref()?.0;
        let fits = match asked {
            Asked::Distance => LENGTHS.contains(&unit.as_str()),
            Asked::Amount { unit: asked } => asked == unit,
            Asked::Duration => !self.summed,
            Asked::Total | Asked::Rate => true,
        };
        if self.unused || !self.answered || !fits {
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
