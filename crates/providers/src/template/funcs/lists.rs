//! Functions that make and take apart lists. None changes its argument.

use super::super::value::Value;

use super::Family;
use super::args::{Outcome, at_least, check_size, exactly, integer, list};
use super::cast::to_int;

pub(super) const FUNCTIONS: Family = &[
    ("list", make),
    ("tuple", make),
    ("append", append),
    ("push", append),
    ("mustAppend", append),
    ("mustPush", append),
    ("prepend", prepend),
    ("mustPrepend", prepend),
    ("first", first),
    ("mustFirst", first),
    ("rest", rest),
    ("mustRest", rest),
    ("last", last),
    ("mustLast", last),
    ("initial", initial),
    ("mustInitial", initial),
    ("reverse", reverse),
    ("mustReverse", reverse),
    ("uniq", uniq),
    ("mustUniq", uniq),
    ("without", without),
    ("mustWithout", without),
    ("has", has),
    ("mustHas", has),
    ("compact", compact),
    ("mustCompact", compact),
    ("slice", slice),
    ("mustSlice", slice),
    ("concat", concat),
    ("chunk", chunk),
    ("mustChunk", chunk),
    ("until", until),
    ("untilStep", until_step),
    ("seq", seq),
];

fn make(args: &[Value]) -> Outcome {
    Ok(Value::list(args.to_vec()))
}

fn append(args: &[Value]) -> Outcome {
    let [items, item] = exactly(args)?;
    let mut items = list(items)?.to_vec();
    items.push(item.clone());
    Ok(Value::list(items))
}

fn prepend(args: &[Value]) -> Outcome {
    let [items, item] = exactly(args)?;
    let mut all = vec![item.clone()];
    all.extend_from_slice(list(items)?);
    Ok(Value::list(all))
}

/// The only argument, a list.
fn only_list(args: &[Value]) -> Result<&[Value], String> {
    let [items] = exactly(args)?;
    list(items)
}

fn first(args: &[Value]) -> Outcome {
    Ok(only_list(args)?.first().cloned().unwrap_or(Value::Nil))
}

fn last(args: &[Value]) -> Outcome {
    Ok(only_list(args)?.last().cloned().unwrap_or(Value::Nil))
}

fn rest(args: &[Value]) -> Outcome {
    let items = only_list(args)?;
    Ok(Value::list(items.get(1..).unwrap_or_default().to_vec()))
}

fn initial(args: &[Value]) -> Outcome {
    let items = only_list(args)?;
    Ok(Value::list(items[..items.len().saturating_sub(1)].to_vec()))
}

fn reverse(args: &[Value]) -> Outcome {
    Ok(Value::list(only_list(args)?.iter().rev().cloned().collect()))
}

fn holds(items: &[Value], wanted: &Value) -> bool {
    items.iter().any(|item| item == wanted)
}

fn uniq(args: &[Value]) -> Outcome {
    let mut kept: Vec<Value> = Vec::new();
    for item in only_list(args)? {
        if !holds(&kept, item) {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn without(args: &[Value]) -> Outcome {
    let ([items], unwanted) = at_least(args)?;
    let kept = list(items)?.iter().filter(|item| !holds(unwanted, item));
    Ok(Value::list(kept.cloned().collect()))
}

fn has(args: &[Value]) -> Outcome {
    let [wanted, items] = exactly(args)?;
    Ok((!items.is_nil() && holds(list(items)?, wanted)).into())
}

fn compact(args: &[Value]) -> Outcome {
    let kept = only_list(args)?.iter().filter(|item| item.is_true());
    Ok(Value::list(kept.cloned().collect()))
}

fn slice(args: &[Value]) -> Outcome {
    let ([items], bounds) = at_least(args)?;
    let items = list(items)?;
    if items.is_empty() {
        return Ok(Value::Nil);
    }
    let start = bounds.first().map_or(Some(0), |start| usize::try_from(to_int(start)).ok());
    let end = bounds.get(1).map_or(Some(items.len()), |end| usize::try_from(to_int(end)).ok());
    start
        .zip(end)
        .and_then(|(start, end)| items.get(start..end))
        .map(|part| Value::list(part.to_vec()))
        .ok_or_else(|| format!("expected a range inside of {} elements", items.len()))
}

fn concat(args: &[Value]) -> Outcome {
    let mut all = Vec::new();
    for items in args {
        all.extend_from_slice(list(items)?);
    }
    Ok(Value::list(all))
}

fn chunk(args: &[Value]) -> Outcome {
    let [size, items] = exactly(args)?;
    let size = integer(size)?;
    let size = usize::try_from(size).ok().filter(|size| *size > 0);
    let size = size.ok_or_else(|| "expected a size of at least 1".to_owned())?;
    Ok(Value::list(list(items)?.chunks(size).map(|part| Value::list(part.to_vec())).collect()))
}

/// The numbers from `start` up or down to `stop`, which is not one of them.
fn range(start: i64, stop: i64, step: i64) -> Result<Vec<i64>, String> {
    let towards_stop = if stop < start { step < 0 } else { step > 0 };
    if !towards_stop || start == stop {
        return Ok(Vec::new());
    }
    let count = start.abs_diff(stop).div_ceil(step.unsigned_abs());
    check_size(usize::try_from(count).unwrap_or(usize::MAX))?;
    let next = |value: &i64| {
        let next = value.checked_add(step)?;
        (if step > 0 { next < stop } else { next > stop }).then_some(next)
    };
    Ok(std::iter::successors(Some(start), next).collect())
}

fn until(args: &[Value]) -> Outcome {
    let [count] = exactly(args)?;
    let count = integer(count)?;
    Ok(Value::ints(range(0, count, if count < 0 { -1 } else { 1 })?))
}

fn until_step(args: &[Value]) -> Outcome {
    let [start, stop, step] = exactly(args)?;
    Ok(Value::ints(range(integer(start)?, integer(stop)?, integer(step)?)?))
}

/// As the shell command: `end`, `start end` or `start step end`, and `end` is one of the numbers.
fn seq(args: &[Value]) -> Outcome {
    let numbers: Vec<i64> = args.iter().map(integer).collect::<Result<_, _>>()?;
    let direction = |start: i64, end: i64| if end < start { -1 } else { 1 };
    let (start, step, end) = match *numbers.as_slice() {
        [end] => (1, direction(1, end), end),
        [start, end] => (start, direction(start, end), end),
        [start, step, end] => (start, step, end),
        _ => return Ok("".into()),
    };
    let numbers = range(start, end.saturating_add(direction(start, end)), step)?;
    Ok(numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(" ").into())
}
