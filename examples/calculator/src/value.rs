//! Fractions, and what is computed with them within a bound of size.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Pow, Signed, ToPrimitive, Zero};

/// Bits of a numerator or a denominator: some 1,200 digits.
pub const MAX_BITS: u64 = 4096;
/// Largest exponent of a power, either way.
pub const MAX_EXPONENT: u32 = 4096;

/// Why an expression has no value, in words for whoever wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub code: &'static str,
    pub message: String,
}

impl Fault {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { code, message }
    }

    fn too_large() -> Self {
        let message = format!(
            "A number in it has more than {MAX_BITS} bits: compute with smaller ones, or in parts."
        );
        Self::new("too_large", message)
    }
}

pub(crate) type Outcome = Result<BigRational, Fault>;

/// The value, if it is not too large.
pub(crate) fn bounded(value: BigRational) -> Outcome {
    if value.numer().bits().max(value.denom().bits()) > MAX_BITS {
        return Err(Fault::too_large());
    }
    Ok(value)
}

pub(crate) fn divided(left: &BigRational, right: &BigRational) -> Outcome {
    if right.is_zero() {
        return Err(Fault::new(
            "division_by_zero",
            "It divides by zero: check the divisor.",
        ));
    }
    bounded(left / right)
}

/// What is left of a division into whole parts; it has the sign of the divisor, as in Python.
pub(crate) fn remainder(left: &BigRational, right: &BigRational) -> Outcome {
    let whole = divided(left, right)?.floor();
    bounded(left - right * whole)
}

pub(crate) fn power(base: &BigRational, exponent: &BigRational) -> Outcome {
    if !exponent.is_integer() {
        let message = "A power with a fraction as its exponent is a root, which is no fraction in general: only whole exponents are computed.";
        return Err(Fault::new("invalid_expression", message));
    }
    if base.is_zero() && exponent.is_negative() {
        return divided(&BigRational::one(), base);
    }
    let size = exponent
        .numer()
        .abs()
        .to_u32()
        .filter(|size| *size <= MAX_EXPONENT);
    let Some(size) = size else {
        return Err(Fault::new(
            "too_large",
            format!("An exponent is larger than {MAX_EXPONENT}."),
        ));
    };
    // Told before it is computed; one bit a factor may be too much.
    let bits = base.numer().bits().max(base.denom().bits());
    if bits.saturating_sub(1) * u64::from(size) > MAX_BITS {
        return Err(Fault::too_large());
    }
    let raised: BigRational = Pow::pow(base, size);
    bounded(if exponent.is_negative() {
        raised.recip()
    } else {
        raised
    })
}

/// Rounded to so many places behind the point, halves away from zero, as people do it.
pub(crate) fn rounded(value: &BigRational, places: &BigRational) -> Outcome {
    if !places.is_integer() {
        return Err(Fault::new(
            "invalid_expression",
            "The places of round must be a whole number.",
        ));
    }
    let scale = power(&BigRational::from(BigInt::from(10)), places)?;
    divided(&bounded(value * &scale)?.round(), &scale)
}
