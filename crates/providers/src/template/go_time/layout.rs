//! Go's time layouts: an example date, `2006-01-02 15:04:05`, whose parts stand for the parts of any other.

use std::fmt::Write as _;

use jiff::civil::DateTime;

use super::GoTime;

/// The names of months and week days; the short forms are their first three letters.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const WEEK_DAYS: [&str; 7] =
    ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// How a number is filled up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fill {
    None,
    Zero,
    Space,
}

/// How the offset of a zone is written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct OffsetForm {
    /// UTC is `Z`.
    pub(super) z: bool,
    pub(super) colons: bool,
    pub(super) minutes: bool,
    pub(super) seconds: bool,
}

/// A part of a date that a layout asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Element {
    Year,
    ShortYear,
    MonthName,
    ShortMonthName,
    Month(Fill),
    WeekDay,
    ShortWeekDay,
    Day(Fill),
    YearDay(Fill),
    Hour,
    Hour12(Fill),
    Minute(Fill),
    Second(Fill),
    /// Digits of the second's fraction with its separator; `trimmed` leaves out zeros at the end.
    Fraction {
        digits: usize,
        separator: char,
        trimmed: bool,
    },
    /// `PM` or `pm`.
    Half {
        upper: bool,
    },
    ZoneName,
    Offset(OffsetForm),
}

const fn offset(z: bool, colons: bool, minutes: bool, seconds: bool) -> Element {
    Element::Offset(OffsetForm { z, colons, minutes, seconds })
}

/// What the examples stand for; of two that fit, the earlier one counts.
const EXAMPLES: [(&str, Element); 33] = [
    ("January", Element::MonthName),
    ("Jan", Element::ShortMonthName),
    ("Monday", Element::WeekDay),
    ("Mon", Element::ShortWeekDay),
    ("MST", Element::ZoneName),
    ("002", Element::YearDay(Fill::Zero)),
    ("01", Element::Month(Fill::Zero)),
    ("02", Element::Day(Fill::Zero)),
    ("03", Element::Hour12(Fill::Zero)),
    ("04", Element::Minute(Fill::Zero)),
    ("05", Element::Second(Fill::Zero)),
    ("06", Element::ShortYear),
    ("15", Element::Hour),
    ("1", Element::Month(Fill::None)),
    ("2006", Element::Year),
    ("2", Element::Day(Fill::None)),
    ("__2", Element::YearDay(Fill::Space)),
    ("_2", Element::Day(Fill::Space)),
    ("3", Element::Hour12(Fill::None)),
    ("4", Element::Minute(Fill::None)),
    ("5", Element::Second(Fill::None)),
    ("PM", Element::Half { upper: true }),
    ("pm", Element::Half { upper: false }),
    ("-070000", offset(false, false, true, true)),
    ("-07:00:00", offset(false, true, true, true)),
    ("-0700", offset(false, false, true, false)),
    ("-07:00", offset(false, true, true, false)),
    ("-07", offset(false, false, false, false)),
    ("Z070000", offset(true, false, true, true)),
    ("Z07:00:00", offset(true, true, true, true)),
    ("Z0700", offset(true, false, true, false)),
    ("Z07:00", offset(true, true, true, false)),
    ("Z07", offset(true, false, false, false)),
];

/// The element that a layout begins with, and its length.
fn leading(layout: &str) -> Option<(Element, usize)> {
    if let Some(fraction) = leading_fraction(layout) {
        return Some(fraction);
    }
    if layout.starts_with("_2006") {
        return None;
    }
    let (example, element) = EXAMPLES.into_iter().find(|(example, _)| layout.starts_with(example))?;
    let in_word = layout[example.len()..].starts_with(|c: char| c.is_ascii_lowercase());
    let short_name = matches!(element, Element::ShortMonthName | Element::ShortWeekDay);
    (!(short_name && in_word)).then_some((element, example.len()))
}

/// `.000` or `,999`, not followed by another digit.
fn leading_fraction(layout: &str) -> Option<(Element, usize)> {
    let separator = layout.chars().next().filter(|c| matches!(c, '.' | ','))?;
    let rest = &layout[1..];
    let digit = rest.chars().next().filter(|c| matches!(c, '0' | '9'))?;
    let digits = rest.find(|c| c != digit).unwrap_or(rest.len());
    let ends = !rest[digits..].starts_with(|c: char| c.is_ascii_digit());
    ends.then_some((Element::Fraction { digits, separator, trimmed: digit == '9' }, digits + 1))
}

/// The text before the first element, that element, and the layout behind it.
pub(super) fn next_element(layout: &str) -> (&str, Option<Element>, &str) {
    for (at, _) in layout.char_indices() {
        if let Some((element, length)) = leading(&layout[at..]) {
            return (&layout[..at], Some(element), &layout[at + length..]);
        }
    }
    (layout, None, "")
}

/// A time in the form of a layout.
pub(super) fn format(time: &GoTime, mut layout: &str) -> String {
    let civil = time.civil();
    let mut out = String::new();
    while !layout.is_empty() {
        let (text, element, rest) = next_element(layout);
        out.push_str(text);
        if let Some(element) = element {
            write_element(&mut out, element, civil, time);
        }
        layout = rest;
    }
    out
}

fn write_element(out: &mut String, element: Element, civil: DateTime, time: &GoTime) {
    let month_name = MONTHS[usize::try_from(civil.month() - 1).unwrap_or(0) % 12];
    let week_day = WEEK_DAYS[usize::try_from(civil.weekday().to_sunday_zero_offset()).unwrap_or(0) % 7];
    let _ = match element {
        Element::Year => write!(out, "{:04}", civil.year()),
        Element::ShortYear => write!(out, "{:02}", civil.year().rem_euclid(100)),
        Element::MonthName => write!(out, "{month_name}"),
        Element::ShortMonthName => write!(out, "{}", &month_name[..3]),
        Element::WeekDay => write!(out, "{week_day}"),
        Element::ShortWeekDay => write!(out, "{}", &week_day[..3]),
        Element::Month(fill) => write_number(out, civil.month().into(), fill, 2),
        Element::Day(fill) => write_number(out, civil.day().into(), fill, 2),
        Element::YearDay(fill) => write_number(out, civil.date().day_of_year(), fill, 3),
        Element::Hour => write!(out, "{:02}", civil.hour()),
        Element::Hour12(fill) => write_number(out, ((civil.hour() + 11) % 12 + 1).into(), fill, 2),
        Element::Minute(fill) => write_number(out, civil.minute().into(), fill, 2),
        Element::Second(fill) => write_number(out, civil.second().into(), fill, 2),
        Element::Half { upper } => {
            let half = if civil.hour() >= 12 { "PM" } else { "AM" };
            write!(out, "{}", if upper { half.to_owned() } else { half.to_lowercase() })
        }
        Element::Fraction { digits, separator, trimmed } => {
            let all = format!("{:09}{}", civil.subsec_nanosecond(), "0".repeat(digits.saturating_sub(9)));
            let shown = if trimmed { all[..digits].trim_end_matches('0') } else { &all[..digits] };
            if shown.is_empty() { Ok(()) } else { write!(out, "{separator}{shown}") }
        }
        Element::ZoneName => write!(out, "{}", time.zone),
        Element::Offset(form) => write_offset(out, form, time.offset.seconds()),
    };
}

fn write_number(out: &mut String, value: i16, fill: Fill, width: usize) -> std::fmt::Result {
    match fill {
        Fill::None => write!(out, "{value}"),
        Fill::Zero => write!(out, "{value:0width$}"),
        Fill::Space => write!(out, "{value:width$}"),
    }
}

fn write_offset(out: &mut String, form: OffsetForm, seconds: i32) -> std::fmt::Result {
    if form.z && seconds == 0 {
        return out.write_char('Z');
    }
    let colon = if form.colons { ":" } else { "" };
    let size = seconds.unsigned_abs();
    write!(out, "{}{:02}", if seconds < 0 { '-' } else { '+' }, size / 3600)?;
    if form.minutes {
        write!(out, "{colon}{:02}", size / 60 % 60)?;
    }
    if form.seconds {
        write!(out, "{colon}{:02}", size % 60)?;
    }
    Ok(())
}
