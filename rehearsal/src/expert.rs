//! The part of an expert: one user message with the problem and what tools returned so far, and no tools to call.

use crate::brief::Brief;
use crate::findings::CANNOT;
use crate::turn::{Turn, Work};
use crate::words::{Token, tokens};
use crate::{code, compose, rates};

pub(crate) fn turn(system: &str, message: &str) -> Turn {
    let brief = Brief::read(message);
    if system.trim_start().starts_with("You reason") {
        reason(&brief)
    } else {
        Turn::Say(compose::answer(brief.problem, &brief.findings))
    }
}

/// Works the problem out by a program, or says that no rule covers it.
pub(crate) fn reason(brief: &Brief) -> Turn {
    let tokens = tokens(brief.problem);
    let by_rates = rates::work(&tokens);
    let rule = if by_rates.is_some() {
        "Rule: an amount over a time gives a rate; the rate holds until it changes; each stretch of time adds rate \
         times time."
    } else {
        "Rule: the values that are asked for can be computed by a program."
    };
    let Some(program) = by_rates.or_else(|| code::program(brief.problem)) else {
        return Turn::Say(format!("{CANNOT}{}", context(brief)));
    };
    let quantities = quantities(&tokens).join("; ");
    let found = format!(
        "Quantities in the problem: {quantities}.{}\n{rule}",
        context(brief)
    );
    Turn::Work(Work { found, program })
}

/// What the reasoner was given beside the problem, a line each.
fn context(brief: &Brief) -> String {
    let mut lines = String::new();
    if let Some(focus) = brief.focus {
        lines.push_str("\nFocus asked for: ");
        lines.push_str(focus);
    }
    if !brief.findings.is_empty() {
        let tools = brief.findings.iter().map(|finding| finding.tool.as_str());
        let tools: Vec<_> = tools.collect();
        lines.push_str("\nTools that were called before: ");
        lines.push_str(&tools.join(", "));
    }
    lines
}

/// Numbers with the word or sign after them, each once.
fn quantities(tokens: &[Token]) -> Vec<String> {
    let no_unit = ["and", "or", "to", "by", "then", "is", "in", "of", "for"];
    let mut quantities = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Number(digits) = token else {
            continue;
        };
        let mut quantity = digits.clone();
        match tokens.get(at + 1) {
            Some(Token::Mark('%')) => quantity.push('%'),
            Some(Token::Word(unit)) if !no_unit.contains(&unit.as_str()) => {
                quantity.push(' ');
                quantity.push_str(unit);
            }
            Some(Token::Word(_) | Token::Number(_) | Token::Code(_) | Token::Mark(_)) | None => {}
        }
        if !quantities.contains(&quantity) {
            quantities.push(quantity);
        }
    }
    quantities
}
