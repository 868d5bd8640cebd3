//! Reading a date by a Go layout.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

use super::layout::{Element, Fill, MONTHS, OffsetForm, WEEK_DAYS, next_element};
use super::{GoTime, local_zone};

/// What a text said about a date.
#[derive(Default)]
struct Fields {
    year: i16,
    month: Option<i8>,
    day: Option<i8>,
    year_day: Option<i16>,
    hour: i8,
    minute: i8,
    second: i8,
    nanosecond: i32,
    /// `PM` was said (true) or `AM` (false).
    afternoon: Option<bool>,
    offset: Option<i32>,
    zone: Option<String>,
}

/// The time that `text` says in the form of `layout`.
pub(super) fn parse(mut layout: &str, mut text: &str) -> Option<GoTime> {
    let mut fields = Fields::default();
    loop {
        let (literal, element, rest) = next_element(layout);
        text = skip_literal(literal, text)?;
        let Some(element) = element else { break };
        text = fields.read(element, text)?;
        // A fraction behind the seconds is read also where the layout does not show one.
        let fraction_follows = matches!(next_element(rest), ("", Some(Element::Fraction { .. }), _));
        if matches!(element, Element::Second(_)) && !fraction_follows {
            text = fields.read_fraction(text, None)?;
        }
        layout = rest;
    }
    if text.is_empty() { fields.finish() } else { None }
}

/// A space in the layout stands for any number of them.
fn skip_literal<'a>(literal: &str, text: &'a str) -> Option<&'a str> {
    let mut text = text;
    for c in literal.chars() {
        text = if c == ' ' {
            if !text.is_empty() && !text.starts_with(' ') {
                return None;
            }
            text.trim_start_matches(' ')
        } else {
            text.strip_prefix(c)?
        };
    }
    Some(text)
}

/// A number of one or two digits; of two only where it is filled with zeros.
fn number(text: &str, fill: Fill) -> Option<(i8, &str)> {
    let text = if fill == Fill::Space { text.strip_prefix(' ').unwrap_or(text) } else { text };
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    if digits == 0 || (fill == Fill::Zero && digits != 2) {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

/// Exactly `count` digits.
fn digits(text: &str, count: usize) -> Option<(i32, &str)> {
    let (found, rest) = text.split_at_checked(count)?;
    let all_digits = found.bytes().all(|byte| byte.is_ascii_digit());
    Some((found.parse().ok().filter(|_| all_digits)?, rest))
}

/// The place of the name that the text begins with, in any case.
fn name<'a>(names: &[&str], length: Option<usize>, text: &'a str) -> Option<(i8, &'a str)> {
    names.iter().zip(0_i8..).find_map(|(name, at)| {
        let name = &name[..length.unwrap_or(name.len())];
        let (found, rest) = text.split_at_checked(name.len())?;
        found.eq_ignore_ascii_case(name).then_some((at, rest))
    })
}

impl Fields {
    /// Reads one element and gives the text behind it.
    fn read<'a>(&mut self, element: Element, text: &'a str) -> Option<&'a str> {
        let rest;
        match element {
            Element::Year => {
                let (year, after) = digits(text, 4)?;
                (self.year, rest) = (i16::try_from(year).ok()?, after);
            }
            Element::ShortYear => {
                let (year, after) = digits(text, 2)?;
                (self.year, rest) = (i16::try_from(year).ok()? + if year >= 69 { 1900 } else { 2000 }, after);
            }
            Element::MonthName | Element::ShortMonthName => {
                let (at, after) = name(&MONTHS, (element == Element::ShortMonthName).then_some(3), text)?;
                (self.month, rest) = (Some(at + 1), after);
            }
            Element::WeekDay => rest = name(&WEEK_DAYS, None, text)?.1,
            Element::ShortWeekDay => rest = name(&WEEK_DAYS, Some(3), text)?.1,
            Element::Month(fill) => {
                let (month, after) = number(text, fill)?;
                (self.month, rest) = (Some(month), after);
            }
            Element::Day(fill) => {
                let (day, after) = number(text, fill)?;
                (self.day, rest) = (Some(day), after);
            }
            Element::YearDay(fill) => {
                let text = if fill == Fill::Space { text.trim_start_matches(' ') } else { text };
                let count =
                    if fill == Fill::Space { text.bytes().take_while(u8::is_ascii_digit).count() } else { 3 };
                let (day, after) = digits(text, count.clamp(1, 3))?;
                (self.year_day, rest) = (Some(i16::try_from(day).ok()?), after);
            }
            Element::Hour => (self.hour, rest) = number(text, Fill::None)?,
            Element::Hour12(fill) => {
                (self.hour, rest) = number(text, fill).filter(|(hour, _)| *hour <= 12)?;
            }
            Element::Minute(fill) => (self.minute, rest) = number(text, fill)?,
            Element::Second(fill) => (self.second, rest) = number(text, fill)?,
            Element::Half { upper } => {
                let (half, after) = text.split_at_checked(2)?;
                let halves = if upper { ["AM", "PM"] } else { ["am", "pm"] };
                (self.afternoon, rest) = (Some(halves.iter().position(|known| *known == half)? == 1), after);
            }
            Element::Fraction { trimmed: true, .. } => rest = self.read_fraction(text, None)?,
            Element::Fraction { digits, .. } => rest = self.read_fraction(text, Some(digits))?,
            Element::ZoneName => rest = self.read_zone(text)?,
            Element::Offset(form) => rest = self.read_offset(form, text)?,
        }
        Some(rest)
    }

    /// The fraction of a second: of exactly `wanted` digits, or of any number of them, also none.
    fn read_fraction<'a>(&mut self, text: &'a str, wanted: Option<usize>) -> Option<&'a str> {
        let behind = text.strip_prefix(['.', ',']);
        let Some(fraction) = behind.filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) else {
            return wanted.is_none().then_some(text);
        };
        let available = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let count = wanted.unwrap_or(available);
        if count > available {
            return None;
        }
        let nanos = format!("{:0<9}", &fraction[..count]);
        self.nanosecond = nanos[..9].parse().ok()?;
        Some(&fraction[count..])
    }

    /// A zone's short name, in three or four capitals, or `GMT` with hours.
    fn read_zone<'a>(&mut self, text: &'a str) -> Option<&'a str> {
        let capitals = text.bytes().take_while(u8::is_ascii_uppercase).count();
        if !(3..=4).contains(&capitals) {
            return None;
        }
        let signed = &text[..capitals] == "GMT" && text[3..].starts_with(['+', '-']);
        let digits = text[capitals..].bytes().skip(1).take(2).take_while(u8::is_ascii_digit).count();
        let length = if signed && digits > 0 { capitals + 1 + digits } else { capitals };
        self.zone = Some(text[..length].to_owned());
        Some(&text[length..])
    }

    fn read_offset<'a>(&mut self, form: OffsetForm, text: &'a str) -> Option<&'a str> {
        if let Some(rest) = text.strip_prefix('Z').filter(|_| form.z) {
            self.offset = Some(0);
            self.zone = Some("UTC".to_owned());
            return Some(rest);
        }
        let sign = if text.starts_with('-') { -1 } else { 1 };
        let mut rest = text.strip_prefix(['+', '-'])?;
        let mut seconds = 0;
        for (unit, shown) in [(3600, true), (60, form.minutes), (1, form.seconds)] {
            if !shown {
                continue;
            }
            if form.colons && unit != 3600 {
                rest = rest.strip_prefix(':')?;
            }
            let (value, after) = digits(rest, 2)?;
            seconds += value * unit;
            rest = after;
        }
        self.offset = Some(sign * seconds);
        Some(rest)
    }

    fn finish(self) -> Option<GoTime> {
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let mut date = Date::new(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1)).ok()?;
        if let Some(day) = self.year_day {
            date = Date::new(self.year, 1, 1).ok()?.with().day_of_year(day).build().ok()?;
        }
        let time = Time::new(hour, self.minute, self.second, self.nanosecond).ok()?;
        place(date.to_datetime(time), self.offset, self.zone)
    }
}

/// The moment of a local date and time with what was said about its zone.
fn place(civil: DateTime, offset: Option<i32>, zone: Option<String>) -> Option<GoTime> {
    match (offset, zone) {
        (Some(seconds), zone) => at_offset(civil, Offset::from_seconds(seconds).ok()?, zone),
        (None, None) => Some(GoTime::local(local_zone().to_ambiguous_timestamp(civil).compatible().ok()?)),
        (None, Some(zone)) if zone == "UTC" => at_offset(civil, Offset::UTC, Some(zone)),
        (None, Some(zone)) => in_local_or_unknown(civil, zone),
    }
}

fn at_offset(civil: DateTime, offset: Offset, zone: Option<String>) -> Option<GoTime> {
    let moment = offset.to_timestamp(civil).ok()?;
    let local = GoTime::local(moment);
    if local.offset == offset && zone.as_ref().is_none_or(|name| *name == local.zone) {
        return Some(local);
    }
    let mut fixed = GoTime { moment, offset, zone: zone.unwrap_or_default() };
    if fixed.zone.is_empty() {
        fixed.zone = fixed.format("-0700");
    }
    Some(fixed)
}

/// A zone's short name says something only where the local zone has it, in summer or in winter. Every other name is
/// kept for show: the time is that of UTC, as in Go, which shifts it by the hours of `GMT+3` for show as well.
fn in_local_or_unknown(civil: DateTime, zone: String) -> Option<GoTime> {
    let local = local_zone();
    for month in [civil.month(), 1, 7] {
        let probe = civil.with().month(month).day(1).build().ok()?;
        let info = local.to_offset_info(Offset::UTC.to_timestamp(probe).ok()?);
        if info.abbreviation() == zone {
            return Some(GoTime::local(info.offset().to_timestamp(civil).ok()?));
        }
    }
    let hours = zone.strip_prefix("GMT").and_then(|hours| hours.parse::<i8>().ok()).unwrap_or(0);
    let offset = Offset::from_hours(hours).ok()?;
    Some(GoTime { moment: Offset::UTC.to_timestamp(civil).ok()?, offset, zone })
}
