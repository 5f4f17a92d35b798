//! What is only a greeting, and needs no tool.

use crate::words::Token;

const WORDS: [&str; 36] = [
    "hello",
    "hi",
    "hey",
    "greetings",
    "good",
    "morning",
    "afternoon",
    "evening",
    "day",
    "there",
    "thanks",
    "thank",
    "you",
    "bye",
    "goodbye",
    "how",
    "are",
    "who",
    "what",
    "can",
    "do",
    "help",
    "me",
    "nice",
    "to",
    "meet",
    "so",
    "much",
    "very",
    "welcome",
    "today",
    "test",
    "testing",
    "ping",
    "again",
    "please",
];

pub(crate) fn is_greeting(tokens: &[Token]) -> bool {
    let said: Vec<&str> = tokens.iter().filter_map(Token::word).collect();
    let numbers = tokens
        .iter()
        .any(|token| matches!(token, Token::Number(_) | Token::Code(_)));
    !numbers && !said.is_empty() && said.iter().all(|word| WORDS.contains(word))
}
