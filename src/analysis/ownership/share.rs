//! Shares as the rule compares them: exactly.
//!
//! A share is written as a decimal, and 0.1 + 0.2 + 0.2 has to be 0.5. So it is kept as a whole
//! number of 10⁻³⁰, read from the floating-point number with fifteen digits: so many of a decimal
//! survive, and those beyond come from reckoning, as in 16.7 / 100, which is 0.16699999999999998. Bounds may be open: a majority is more than a half by whatever little.
//! How often such a little was added or taken away is counted beside the number, and two bounds
//! are compared by the number first.

use std::fmt;

/// How many units make the whole.
const WHOLE: i128 = 1_000_000_000_000_000_000_000_000_000_000;
/// Decimal places of a fraction.
const PLACES: usize = 30;

/// The end of a range of shares; open ends lie a little beside their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Bound {
    units: i128,
    /// How many infinitely small amounts are added, or taken away.
    littles: i32,
}

impl Bound {
    /// Nothing.
    pub const ZERO: Self = Self { units: 0, littles: 0 };
    /// Half.
    pub const HALF: Self = Self { units: WHOLE / 2, littles: 0 };
    /// All of it.
    pub const WHOLE: Self = Self { units: WHOLE, littles: 0 };

    /// So many hundredths.
    #[must_use]
    pub const fn percent(percent: u8) -> Self {
        Self { units: WHOLE / 100 * percent as i128, littles: 0 }
    }

    /// Reads a decimal such as `0.4999`; one in per cent is divided by a hundred.
    /// Digits beyond the thirtieth place are dropped.
    #[must_use]
    pub fn of_decimal(text: &str, is_percent: bool) -> Option<Self> {
        let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
        if text.is_empty() || text == "." || whole.len() > 6 || !is_number(whole) || !is_number(rest) {
            return None;
        }
        let places = if is_percent { PLACES - 2 } else { PLACES };
        let rest: String = rest.chars().take(places).collect();
        let digits = format!("{whole}{rest:0<places$}");
        digits.parse().ok().map(|units| Self { units, littles: 0 })
    }

    /// The decimal that a floating-point number was written as; a number between 0 and 1.
    #[must_use]
    pub fn of_float(number: f64) -> Option<Self> {
        let is_share = (0.0..=1.0).contains(&number);
        let digits: f64 = is_share.then(|| format!("{:.14e}", number.abs()).parse().ok())??;
        // `Display` writes the shortest decimal that reads back as the number, without exponent.
        Self::of_decimal(&format!("{digits}"), false)
    }

    /// A little more.
    #[must_use]
    pub fn above(self) -> Self {
        Self { littles: self.littles + 1, ..self }
    }

    /// A little less.
    #[must_use]
    pub fn below(self) -> Self {
        Self { littles: self.littles - 1, ..self }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            units: self.units.saturating_add(other.units),
            littles: self.littles.saturating_add(other.littles),
        }
    }

    /// What is left without the other.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self {
            units: self.units.saturating_sub(other.units),
            littles: self.littles.saturating_sub(other.littles),
        }
    }

    /// Whether it is a number and not a little beside one.
    #[must_use]
    pub fn is_closed(self) -> bool {
        self.littles == 0
    }

    /// The fraction, without the little beside it.
    #[must_use]
    pub fn as_float(self) -> f64 {
        self.decimal(PLACES).parse().unwrap_or_default()
    }

    /// The digits with so many decimal places, without zeros at the end.
    fn decimal(self, places: usize) -> String {
        let one = 10_i128.pow(u32::try_from(places).unwrap_or(0));
        let (sign, units) = if self.units < 0 { ("-", -self.units) } else { ("", self.units) };
        let rest = format!("{:0places$}", units % one);
        let rest = rest.trim_end_matches('0');
        let dot = if rest.is_empty() { "" } else { "." };
        format!("{sign}{}{dot}{rest}", units / one)
    }
}

/// In per cent: `49.99 %`.
impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} %", self.decimal(PLACES - 2))
    }
}

/// All that a share can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The least.
    pub least: Bound,
    /// The most.
    pub most: Bound,
}

impl Range {
    /// Nothing.
    pub const NONE: Self = Self { least: Bound::ZERO, most: Bound::ZERO };

    /// One share.
    #[must_use]
    pub fn exactly(share: Bound) -> Self {
        Self { least: share, most: share }
    }

    /// Some share, which is more than nothing.
    #[must_use]
    pub fn some() -> Self {
        Self { least: Bound::ZERO.above(), most: Bound::WHOLE }
    }

    /// The one share that it is.
    #[must_use]
    pub fn exact(self) -> Option<Bound> {
        (self.least == self.most).then_some(self.least)
    }

    /// Whether a share may lie in it.
    #[must_use]
    pub fn is_sound(self) -> bool {
        self.least <= self.most && self.least >= Bound::ZERO && self.most <= Bound::WHOLE
    }
}

/// `25 %`, `25 % to 50 %`, `more than 50 %`, `less than 50 %`, `not known`.
impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { least, most } = self;
        if least == most {
            return least.fmt(f);
        }
        let is_from_nothing = least.units == 0;
        let is_to_all = *most >= Bound::WHOLE;
        let under = if most.is_closed() { "at most" } else { "less than" };
        let over = if least.is_closed() { "at least" } else { "more than" };
        match (is_from_nothing, is_to_all) {
            (true, true) => f.write_str("not known"),
            (true, false) => write!(f, "{under} {most}"),
            (false, true) => write!(f, "{over} {least}"),
            (false, false) if least.is_closed() && most.is_closed() => write!(f, "{least} to {most}"),
            (false, false) => write!(f, "{over} {least}, {under} {most}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(number: f64) -> Bound {
        Bound::of_float(number).expect("a share")
    }

    #[test]
    fn shares_add_up_as_they_are_written() {
        assert_eq!(share(0.1).plus(share(0.2)).plus(share(0.2)), Bound::HALF);
        assert!(share(0.4999) < Bound::HALF);
        assert!(share(0.499_999_999_999_999) < Bound::HALF);
        let thirds = [1.0 / 3.0; 3].map(share).into_iter().fold(Bound::ZERO, Bound::plus);
        assert!(thirds < Bound::WHOLE, "what was written is less than a third");
        assert_eq!(share(0.07).as_float(), 0.07);
        assert_eq!(Bound::percent(50), Bound::HALF);
    }

    #[test]
    fn open_ends_lie_beside_their_number() {
        assert!(Bound::HALF.above() > Bound::HALF && Bound::HALF.below() < Bound::HALF);
        assert!(Bound::HALF.below().plus(share(0.1)) > Bound::HALF);
        assert_eq!(Bound::HALF.below().plus(Bound::ZERO.above()), Bound::HALF);
    }

    #[test]
    fn what_is_no_share_is_none() {
        for bad in [f64::NAN, -0.1, 1.1, f64::INFINITY] {
            assert_eq!(Bound::of_float(bad), None, "{bad}");
        }
        for bad in ["", ".", "1.2.3", "-1", "1e5", "99999999999"] {
            assert_eq!(Bound::of_decimal(bad, false), None, "{bad}");
        }
        assert_eq!(Bound::of_float(5e-324), Some(Bound::ZERO), "beyond the thirtieth place");
    }

    #[test]
    fn ranges_read_as_words() {
        let quarter = Bound::percent(25);
        assert_eq!(Range::exactly(share(0.4999)).to_string(), "49.99 %");
        assert_eq!(Range { least: quarter, most: Bound::HALF }.to_string(), "25 % to 50 %");
        assert_eq!(Range { least: Bound::HALF.above(), most: Bound::WHOLE }.to_string(), "more than 50 %");
        assert_eq!(
            Range { least: Bound::ZERO.above(), most: Bound::HALF.below() }.to_string(),
            "less than 50 %"
        );
        assert_eq!(Range::some().to_string(), "not known");
    }
}
