//! Functions with a result that nobody can foresee. A file that uses one changes with each reload.

use super::super::value::Value;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Family;
use super::args::{Outcome, check_size, exactly, integer, text};

pub(super) const FUNCTIONS: Family = &[
    ("randAlphaNum", rand_alpha_num),
    ("randAlpha", rand_alpha),
    ("randNumeric", rand_numeric),
    ("randAscii", rand_ascii),
    ("randBytes", rand_bytes),
    ("randInt", rand_int),
    ("shuffle", shuffle),
    ("uuidv4", uuidv4),
];

const ALPHANUMERIC: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// Where the digits begin in [`ALPHANUMERIC`].
const LETTERS: usize = 52;

/// Random bytes of the operating system.
fn bytes(count: usize) -> Result<Vec<u8>, String> {
    check_size(count)?;
    let mut bytes = vec![0; count];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string())?;
    Ok(bytes)
}

/// A number below `bound`, which is not zero, each with the same chance.
pub(super) fn below(bound: u64) -> Result<u64, String> {
    // Numbers above the last full turn of `bound` would favour the low ones.
    let limit = u64::MAX - u64::MAX % bound;
    loop {
        let mut word = [0; 8];
        getrandom::fill(&mut word).map_err(|error| error.to_string())?;
        let number = u64::from_ne_bytes(word);
        if number < limit {
            return Ok(number % bound);
        }
    }
}

/// A text of as many of the `letters` as the only argument says.
fn letters(args: &[Value], letters: &[u8]) -> Outcome {
    let [count] = exactly(args)?;
    let count = usize::try_from(integer(count)?).unwrap_or(0);
    check_size(count)?;
    // Bytes above the last full turn of the letters would favour the first ones.
    let limit = 256 - 256 % letters.len();
    let mut out = String::with_capacity(count);
    while out.len() < count {
        let random = bytes(count - out.len())?;
        let usable = random.iter().map(|byte| usize::from(*byte)).filter(|number| *number < limit);
        out.extend(usable.map(|number| char::from(letters[number % letters.len()])));
    }
    Ok(out.into())
}

fn rand_alpha_num(args: &[Value]) -> Outcome {
    letters(args, ALPHANUMERIC)
}

fn rand_alpha(args: &[Value]) -> Outcome {
    letters(args, &ALPHANUMERIC[..LETTERS])
}

fn rand_numeric(args: &[Value]) -> Outcome {
    letters(args, &ALPHANUMERIC[LETTERS..])
}

fn rand_ascii(args: &[Value]) -> Outcome {
    let printable: Vec<u8> = (b' '..=b'~').collect();
    letters(args, &printable)
}

fn rand_bytes(args: &[Value]) -> Outcome {
    let [count] = exactly(args)?;
    let count = usize::try_from(integer(count)?).unwrap_or(0);
    Ok(STANDARD.encode(bytes(count)?).into())
}

fn rand_int(args: &[Value]) -> Outcome {
    let [min, max] = exactly(args)?;
    let (min, max) = (integer(min)?, integer(max)?);
    if max <= min {
        return Err(format!("expected a second number above {min}, got {max}"));
    }
    let offset = below(max.abs_diff(min))?;
    Ok(Value::Int(min.wrapping_add_unsigned(offset)))
}

fn shuffle(args: &[Value]) -> Outcome {
    let [value] = exactly(args)?;
    let mut left: Vec<char> = text(value)?.chars().collect();
    let mut out = String::new();
    while !left.is_empty() {
        let bound = u64::try_from(left.len()).unwrap_or(u64::MAX);
        let at = usize::try_from(below(bound)?).unwrap_or(0);
        out.push(left.swap_remove(at));
    }
    Ok(out.into())
}

/// RFC 9562, section 5.4.
fn uuidv4(args: &[Value]) -> Outcome {
    exactly::<0>(args)?;
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(|error| error.to_string())?;
    random[6] = random[6] & 0x0f | 0x40;
    random[8] = random[8] & 0x3f | 0x80;
    let hex = format!("{:032x}", u128::from_be_bytes(random));
    Ok(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]).into())
}
