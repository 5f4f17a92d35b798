//! Limits as they are typed, and as they are shown.

use std::ops::RangeInclusive;

use run::Cost;
use store::Limits;

use crate::text;

const RUNS_PER_MINUTE: RangeInclusive<u32> = 1..=600;
const PARALLEL: RangeInclusive<u32> = 1..=200;
const MAX_DOLLARS: u64 = 100_000;
const NANO_USD: u64 = 1_000_000_000;
/// Digits behind the point of a dollar: billionths are counted.
const DECIMALS: usize = 9;
/// In the place of a limit: there is none.
const NONE: &str = "none";

/// What becomes of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change<T> {
    To(T),
    Lifted,
}

impl<T> Change<T> {
    /// Makes a change that was asked for.
    pub(super) fn make(asked: Option<Self>, limit: &mut Option<T>) {
        match asked {
            Some(Self::To(new)) => *limit = Some(new),
            Some(Self::Lifted) => *limit = None,
            None => {}
        }
    }
}

pub(super) fn runs_per_minute(text: &str) -> Result<u32, String> {
    within(text, RUNS_PER_MINUTE)
}

pub(super) fn parallel(text: &str) -> Result<u32, String> {
    within(text, PARALLEL)
}

/// US dollars as people write them, digits with or without a point among them: nothing is rounded.
pub(super) fn dollars(text: &str) -> Result<Cost, String> {
    let expected =
        || format!("expected US dollars above 0 and at most {MAX_DOLLARS}, such as 5 or 0.25");
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.len() > DECIMALS {
        return Err(expected());
    }
    let nano_usd = digits(whole)
        .zip(digits(&format!("{fraction:0<DECIMALS$}")).filter(|_| !fraction.is_empty()))
        .and_then(|(whole, fraction)| whole.checked_mul(NANO_USD)?.checked_add(fraction))
        .filter(|nano_usd| (1..=MAX_DOLLARS * NANO_USD).contains(nano_usd));
    nano_usd
        .map(|nano_usd| Cost { nano_usd })
        .ok_or_else(expected)
}

/// The same as a change, with a word for no limit.
pub(super) fn change<T>(
    parse: fn(&str) -> Result<T, String>,
) -> impl Fn(&str) -> Result<Change<T>, String> + Clone {
    move |text| match text {
        NONE => Ok(Change::Lifted),
        _ => match parse(text) {
            Ok(limit) => Ok(Change::To(limit)),
            Err(expected) => Err(format!("{expected}, or `{NONE}`")),
        },
    }
}

/// What a key may use, in words.
pub(super) fn shown(limits: &Limits) -> String {
    let parts = [
        limits
            .runs_per_minute
            .map(|runs| format!("{runs} runs a minute")),
        limits.parallel.map(|runs| format!("{runs} at once")),
        limits
            .per_day
            .map(|cost| format!("{} a day", text::dollars(cost.usd()))),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if parts.is_empty() {
        "no limits".to_owned()
    } else {
        parts.join(", ")
    }
}

fn within(text: &str, range: RangeInclusive<u32>) -> Result<u32, String> {
    let number = digits(text).and_then(|number| u32::try_from(number).ok());
    let (least, most) = (range.start(), range.end());
    let expected = || format!("expected a number from {least} to {most}");
    number
        .filter(|number| range.contains(number))
        .ok_or_else(expected)
}

/// Digits and nothing else.
fn digits(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_number_of_runs_is_refused_with_the_bounds() {
        for text in [
            "",
            "0",
            "601",
            "-1",
            "+5",
            "1.5",
            "1e2",
            " 5",
            "5 ",
            "five",
            "٣",
            "4294967297",
            "18446744073709551617",
            "none",
        ] {
            let expected = "expected a number from 1 to 600".to_owned();
            assert_eq!(runs_per_minute(text), Err(expected), "{text:?}");
        }
        assert_eq!(
            parallel("201"),
            Err("expected a number from 1 to 200".to_owned())
        );
        assert_eq!(
            (runs_per_minute("600"), parallel("200")),
            (Ok(600), Ok(200))
        );
    }

    #[test]
    fn dollars_are_read_to_the_billionth_or_refused() {
        for (text, nano_usd) in [
            ("5", 5 * NANO_USD),
            ("0.25", 250_000_000),
            ("007.10", 7_100_000_000),
            ("0.000000001", 1),
            ("100000", MAX_DOLLARS * NANO_USD),
            ("100000.000000000", MAX_DOLLARS * NANO_USD),
        ] {
            assert_eq!(dollars(text), Ok(Cost { nano_usd }), "{text}");
        }
        for text in [
            "",
            ".",
            "5.",
            ".5",
            "0",
            "0.0",
            "-1",
            "+1",
            "1e3",
            "1_000",
            "1,5",
            "$5",
            "5 USD",
            " 5",
            "NaN",
            "inf",
            "0x10",
            "٥",
            "0.0000000001",
            "100000.000000001",
            "100001",
            "18446744073709551616",
            "99999999999999999999999",
            "1.2.3",
            "none",
        ] {
            assert!(
                dollars(text).unwrap_err().contains("at most 100000"),
                "{text:?}"
            );
        }
    }

    #[test]
    fn a_change_is_a_limit_or_its_end_and_leaves_what_is_not_asked_for() {
        let read = change(parallel);
        assert_eq!(read("7"), Ok(Change::To(7)));
        assert_eq!(read("none"), Ok(Change::Lifted));
        for text in ["None", "", "0", "no", "-"] {
            assert!(
                read(text).unwrap_err().ends_with("to 200, or `none`"),
                "{text:?}"
            );
        }
        let mut limit = Some(5);
        for (asked, then) in [
            (None, Some(5)),
            (Some(Change::To(7)), Some(7)),
            (Some(Change::Lifted), None),
            (None, None),
        ] {
            Change::make(asked, &mut limit);
            assert_eq!(limit, then);
        }
    }

    #[test]
    fn limits_read_as_people_say_them() {
        let per_day = Some(Cost {
            nano_usd: 5_250_000_000,
        });
        let all = Limits {
            runs_per_minute: Some(10),
            parallel: Some(3),
            per_day,
        };
        assert_eq!(shown(&all), "10 runs a minute, 3 at once, $5.25 a day");
        let one = Limits {
            parallel: Some(3),
            ..Limits::default()
        };
        assert_eq!(shown(&one), "3 at once");
        assert_eq!(shown(&Limits::default()), "no limits");
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_a_limit_within_its_bounds_or_refused(
            text in prop_oneof![any::<String>(), "[0-9.+e-]{0,24}"],
        ) {
            if let Ok(Cost { nano_usd }) = dollars(&text) {
                prop_assert!((1..=100_000 * NANO_USD).contains(&nano_usd));
            }
            if let Ok(runs) = runs_per_minute(&text) {
                prop_assert!((1..=600).contains(&runs));
            }
        }

        #[test]
        fn dollars_and_billionths_come_out_as_they_were_written(nano_usd in 1..=100_000 * NANO_USD) {
            let text = format!("{}.{:09}", nano_usd / NANO_USD, nano_usd % NANO_USD);
            prop_assert_eq!(dollars(&text), Ok(Cost { nano_usd }));
            let short = text.trim_end_matches('0').trim_end_matches('.');
            prop_assert_eq!(dollars(short), Ok(Cost { nano_usd }));
        }
    }
}
