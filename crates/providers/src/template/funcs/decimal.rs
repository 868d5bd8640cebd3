//! Decimal arithmetic for `addf` and its kin, so that `addf 0.1 0.2` is `0.3`.

/// Digits behind the point that a division keeps.
const DIVISION_PLACES: i32 = 16;

/// A number `digits * 10^exponent`, or a float where that would not fit.
#[derive(Clone, Copy, Debug)]
pub(super) enum Decimal {
    Exact { digits: i128, exponent: i32 },
    Float(f64),
}

impl Decimal {
    /// The shortest decimal number that reads as `value`.
    pub(super) fn from_float(value: f64) -> Self {
        let shortest = format!("{value:e}");
        let parsed = shortest.split_once('e').and_then(|(mantissa, exponent)| {
            let places =
                i32::try_from(mantissa.split_once('.').map_or(0, |(_, places)| places.len())).ok()?;
            let digits = mantissa.replace('.', "").parse().ok()?;
            Some(Self::Exact { digits, exponent: exponent.parse::<i32>().ok()? - places })
        });
        parsed.unwrap_or(Self::Float(value))
    }

    /// The nearest float.
    pub(super) fn to_float(self) -> f64 {
        match self {
            Self::Exact { digits, exponent } => format!("{digits}e{exponent}").parse().unwrap_or(f64::NAN),
            Self::Float(value) => value,
        }
    }

    /// The digits at a smaller or equal exponent.
    fn digits_at(self, wanted: i32) -> Option<i128> {
        let Self::Exact { digits, exponent } = self else { return None };
        let power = u32::try_from(exponent.checked_sub(wanted)?).ok()?;
        digits.checked_mul(10_i128.checked_pow(power)?)
    }

    fn exponent(self) -> i32 {
        match self {
            Self::Exact { exponent, .. } => exponent,
            Self::Float(_) => 0,
        }
    }

    pub(super) fn add(self, other: Self) -> Self {
        let exponent = self.exponent().min(other.exponent());
        self.digits_at(exponent)
            .zip(other.digits_at(exponent))
            .and_then(|(a, b)| a.checked_add(b))
            .map_or_else(
                || Self::Float(self.to_float() + other.to_float()),
                |digits| Self::Exact { digits, exponent },
            )
    }

    pub(super) fn subtract(self, other: Self) -> Self {
        self.add(match other {
            Self::Exact { digits, exponent } => Self::Exact { digits: -digits, exponent },
            Self::Float(value) => Self::Float(-value),
        })
    }

    pub(super) fn multiply(self, other: Self) -> Self {
        match (self, other) {
            (Self::Exact { digits: a, exponent: e }, Self::Exact { digits: b, exponent: f }) => {
                a.checked_mul(b).map(|digits| Self::Exact { digits, exponent: e + f })
            }
            _ => None,
        }
        .unwrap_or_else(|| Self::Float(self.to_float() * other.to_float()))
    }

    /// Rounded half away from zero at 16 places; nothing for a division by zero.
    pub(super) fn divide(self, other: Self) -> Option<Self> {
        if matches!(other, Self::Exact { digits: 0, .. }) {
            return None;
        }
        Some(self.exact_quotient(other).unwrap_or_else(|| Self::Float(self.to_float() / other.to_float())))
    }

    fn exact_quotient(self, other: Self) -> Option<Self> {
        let (Self::Exact { digits: a, exponent: e }, Self::Exact { digits: b, exponent: f }) = (self, other)
        else {
            return None;
        };
        // digits = a * 10^(e - f + 16) / b
        let shift = e.checked_sub(f)?.checked_add(DIVISION_PLACES)?;
        let power = 10_i128.checked_pow(shift.unsigned_abs())?;
        let (a, b) = if shift < 0 { (a, b.checked_mul(power)?) } else { (a.checked_mul(power)?, b) };
        let (quotient, remainder) = (a / b, a % b);
        let away = remainder.unsigned_abs() >= (b.unsigned_abs() - remainder.unsigned_abs());
        let sign = if (a < 0) == (b < 0) { 1 } else { -1 };
        Some(Self::Exact {
            digits: if away { quotient + sign } else { quotient },
            exponent: -DIVISION_PLACES,
        })
    }
}
