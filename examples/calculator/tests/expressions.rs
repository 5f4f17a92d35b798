//! What expressions come to: the value, or what is wrong with them and how to mend it.

use calculator::{DIGITS, MAX_BITS, MAX_CHARS, handle};
use proptest::prelude::*;
use serde_json::{Value, json};

fn asked(expression: &str) -> Value {
    handle(&json!({"tool": "calculator", "arguments": {"expression": expression}}))
}

/// The exact value, and the decimal one.
fn value(expression: &str) -> (String, String) {
    let answer = asked(expression);
    let text = |name: &str| {
        answer["result"][name]
            .as_str()
            .unwrap_or_else(|| panic!("{expression}: {answer}"))
            .to_owned()
    };
    (text("exact"), text("decimal"))
}

#[test]
fn an_expression_has_its_exact_value() {
    let cases = [
        ("7", "7", "7"),
        ("120 + 72", "192", "192"),
        ("0.1 + 0.2", "3/10", "0.3"),
        ("1/3", "1/3", "0.333333333333333333333333333333"),
        ("2/3", "2/3", "0.666666666666666666666666666667"),
        ("-2/3", "-2/3", "-0.666666666666666666666666666667"),
        ("1/3 + 1/3 + 1/3", "1", "1"),
        ("2 + 3 * 4 - 5", "9", "9"),
        ("(2 + 3) * (4 - 5)", "-5", "-5"),
        ("10 - 2 - 3", "5", "5"),
        ("100 / 10 / 5", "2", "2"),
        ("2^10", "1024", "1024"),
        ("2**10", "1024", "1024"),
        ("2^3^2", "512", "512"),
        ("2^-2", "1/4", "0.25"),
        ("-2^2", "-4", "-4"),
        ("(-2)^2", "4", "4"),
        ("(2/3)^-2", "9/4", "2.25"),
        ("0^0", "1", "1"),
        ("round((1 + 0.05/12)^360, 6)", "139617/31250", "4.467744"),
        ("--3", "3", "3"),
        ("3 - -3", "6", "6"),
        ("7 % 3", "1", "1"),
        ("-7 % 3", "2", "2"),
        ("(-7) % 3", "2", "2"),
        ("7 % (-3)", "-2", "-2"),
        ("7.5 % 2", "3/2", "1.5"),
        ("1e3", "1000", "1000"),
        ("1.5E-3", "3/2000", "0.0015"),
        (".5 + 5.", "11/2", "5.5"),
        ("1_000_000", "1000000", "1000000"),
        ("3 × 4 ÷ 2 − 1", "5", "5"),
        (" 1\n+\t1 ", "2", "2"),
        ("abs(-3) + floor(2.7) + ceil(2.1)", "8", "8"),
        ("floor(-2.5) * 10 + ceil(-2.5)", "-32", "-32"),
        ("round(2.5) + round(-2.5) + round(0.4)", "0", "0"),
        ("round(2/3, 2)", "67/100", "0.67"),
        ("round(1234, -2)", "1200", "1200"),
        ("min(3, 1, 2) + max(3, 1, 2)", "4", "4"),
        ("1e-31", "1/10000000000000000000000000000000", "0"),
        (
            "12345678901234567890 * 98765432109876543210",
            "1219326311370217952237463801111263526900",
            "1219326311370217952237463801111263526900",
        ),
        (
            "9007199254740993 - 1",
            "9007199254740992",
            "9007199254740992",
        ),
    ];
    for (expression, exact, decimal) in cases {
        assert_eq!(
            value(expression),
            (exact.to_owned(), decimal.to_owned()),
            "{expression}"
        );
    }
    assert_eq!(asked("1/3")["result"]["rounded"], true);
    assert_eq!(asked("1/8")["result"]["rounded"], false);
}

#[test]
fn what_has_no_value_is_told_with_what_to_mend() {
    let deep = format!("{}1{}", "(".repeat(100), ")".repeat(100));
    let signs = format!("{}1", "-".repeat(100));
    let towers = "2^".repeat(100) + "1";
    let long = "1+".repeat(MAX_CHARS);
    let cases = [
        (
            "",
            "invalid_expression",
            "At character 1: a value is missing",
        ),
        ("  ", "invalid_expression", "a value is missing"),
        (
            "1 +",
            "invalid_expression",
            "At character 4: a value is missing",
        ),
        ("* 3", "invalid_expression", "'*' is not expected"),
        (
            "1 2",
            "invalid_expression",
            "At character 3: '2' is not expected here; between two values an operator",
        ),
        ("2(3)", "invalid_expression", "an operator has to stand"),
        ("(1 + 2", "invalid_expression", "a ) is missing"),
        ("1 + 2)", "invalid_expression", "a ) too many"),
        ("1,5", "invalid_expression", "write numbers with a point"),
        ("(1,000)", "invalid_expression", "without separators"),
        ("1.2.3", "invalid_expression", "'.' is not expected"),
        (".", "invalid_expression", "needs digits"),
        ("_", "invalid_expression", "is not expected"),
        ("1e", "invalid_expression", "digits are missing"),
        ("x + 1", "invalid_expression", "x is not known"),
        ("pi", "invalid_expression", "Put in the values of names"),
        ("sqrt(2)", "invalid_expression", "there is no function sqrt"),
        ("abs(1, 2)", "invalid_expression", "abs has one value"),
        ("round(1, 2, 3)", "invalid_expression", "round may have two"),
        (
            "round(1, 0.5)",
            "invalid_expression",
            "must be a whole number",
        ),
        ("max()", "invalid_expression", "')' is not expected"),
        ("20%", "invalid_expression", "write 20 percent as 20/100"),
        (
            "100 - 20% - 5",
            "invalid_expression",
            "write 20 percent as 20/100",
        ),
        (
            "100 * 20% * 2",
            "invalid_expression",
            "write 20 percent as 20/100",
        ),
        ("2^0.5", "invalid_expression", "is a root"),
        ("5!", "invalid_expression", "'!' is not expected"),
        ("1 = 1", "invalid_expression", "'=' is not expected"),
        (
            "$5",
            "invalid_expression",
            "'$' is not expected here. It may hold numbers",
        ),
        (
            "__import__('os').system('id')",
            "invalid_expression",
            "is not expected",
        ),
        ("1\0", "invalid_expression", "'\\0' is not expected"),
        ("１", "invalid_expression", "'１' is not expected"),
        ("1/0", "division_by_zero", "check the divisor"),
        ("1 % 0", "division_by_zero", "check the divisor"),
        ("0^-1", "division_by_zero", "check the divisor"),
        ("0^-99999", "division_by_zero", "check the divisor"),
        ("9^9^9", "too_large", "An exponent is larger than 4096"),
        ("2^99999999999999999999", "too_large", "An exponent"),
        ("1e99999999999", "too_large", "An exponent"),
        ("1e4000", "too_large", "more than 4096 bits"),
        ("10^4000", "too_large", "more than 4096 bits"),
        // The exponents stay small, and what they are of grows.
        ("(((9^64)^64)^64)^64", "too_large", "more than 4096 bits"),
        ("(2^4000)^2", "too_large", "more than 4096 bits"),
        ("(1/3)^4096", "too_large", "more than 4096 bits"),
        ("round(1, 9999)", "too_large", "An exponent"),
        (&deep, "too_large", "nested deeper than 64"),
        (&signs, "too_large", "nested deeper than 64"),
        (&towers, "too_large", "nested deeper than 64"),
        (&long, "too_large", "1000 are allowed"),
    ];
    for (expression, code, words) in cases {
        let error = &asked(expression)["error"];
        assert_eq!(error["code"], code, "{expression}: {error}");
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|it| it.contains(words)),
            "{expression}: {error}"
        );
        assert_eq!(error["retryable"], false);
    }
}

#[test]
fn the_entry_allows_what_the_tool_reads() {
    let entry: Value = serde_json::from_str(include_str!("../calculator.json")).unwrap();
    let expression = &entry["function"]["parameters"]["properties"]["expression"];
    assert_eq!(expression["maxLength"], MAX_CHARS);
    let told = entry["function"]["description"].as_str().unwrap();
    assert!(
        told.contains(&format!("at most {DIGITS} stand behind the point")),
        "{told}"
    );
}

/// Expressions that have a value.
fn expression() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        (0..1000_u32).prop_map(|it| it.to_string()),
        (0..100_u32, 0..1000_u32).prop_map(|(whole, behind)| format!("{whole}.{behind:03}")),
    ];
    number.prop_recursive(4, 24, 2, |inner| {
        (
            inner.clone(),
            prop::sample::select(vec!["+", "-", "*", "/ 7 +"]),
            inner,
        )
            .prop_map(|(a, operator, b)| format!("({a} {operator} {b})"))
    })
}

proptest! {
    #[test]
    fn no_text_makes_it_panic_or_grow(text in prop_oneof![".{0,80}", "[0-9+*/%^()., e-]{0,80}", "[0-9]{1,3}([*^+/-][0-9]{1,4}){0,40}"]) {
        let answer = asked(&text);
        if answer["ok"] == true {
            let digits = answer["result"]["exact"].as_str().unwrap().len();
            prop_assert!(digits <= 2 * (MAX_BITS as usize) / 3);
        } else {
            prop_assert!(answer["error"]["message"].as_str().unwrap().len() < 400);
        }
    }

    #[test]
    fn what_is_written_reads_back_as_the_same_value(text in expression()) {
        let (exact, decimal) = value(&text);
        prop_assert_eq!(value(&exact), (exact.clone(), decimal.clone()));
        // The decimal digits are off by half of the last one, at most.
        let distance = format!("abs(({exact}) - ({decimal})) * 2 * 10^{DIGITS} - 1");
        prop_assert!(value(&distance).0 == "0" || value(&distance).0.starts_with('-'));
    }

    #[test]
    fn fractions_are_a_field(a in expression(), b in expression(), c in expression()) {
        let laws = [
            format!("({a} + {b}) - ({b} + {a})"),
            format!("({a} * {b}) * {c} - {a} * ({b} * {c})"),
            format!("{a} * ({b} + {c}) - {a} * {b} - {a} * {c}"),
        ];
        for law in laws {
            prop_assert_eq!(value(&law).0, "0", "{}", law);
        }
        let quotient = asked(&format!("{a} / {b} * {b} - {a}"));
        prop_assert!(quotient["result"]["exact"] == "0" || quotient["error"]["code"] == "division_by_zero");
    }
}
