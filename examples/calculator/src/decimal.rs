//! Fractions as people write them: with digits behind a point.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Pow, Zero};

/// Digits behind the point, at most.
pub const DIGITS: u32 = 30;

/// A value in decimal digits, and whether some had to be left out, so that the last one is rounded.
pub(crate) fn written(value: &BigRational) -> (String, bool) {
    let scale: BigInt = Pow::pow(BigInt::from(10), DIGITS);
    let scaled = value * &scale;
    let shown = scaled.round().to_integer();
    let sign = if shown < BigInt::zero() { "-" } else { "" };
    let digits = format!(
        "{:0>width$}",
        shown.magnitude().to_string(),
        width = DIGITS as usize + 1
    );
    let (whole, behind) = digits.split_at(digits.len() - DIGITS as usize);
    let text = format!("{sign}{whole}.{behind}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    (text.to_owned(), !scaled.is_integer())
}
