//! Operators, with Python's meaning.

use std::cmp::Ordering;

use minijinja::value::ValueKind;
use minijinja::{Error, Value};

use super::error::{ErrorKind, Fault};
use super::filters::items;
use super::moment;
use super::python::{text, type_name};
use super::tree::list;
use super::{format, tree};

/// A filter no template can spell, for each operator it stands for.
pub(super) const OPERATORS: [(&str, Operator); 15] = [
    ("(+)", add),
    ("(-)", |left, right| {
        moment::minus(left, right).unwrap_or_else(|| arithmetic("-", left, right))
    }),
    ("(*)", multiply),
    ("(/)", |left, right| arithmetic("/", left, right)),
    ("(//)", |left, right| arithmetic("//", left, right)),
    ("(%)", remainder),
    ("(**)", |left, right| arithmetic("**", left, right)),
    ("(==)", |left, right| Ok(Value::from(equal(left, right)))),
    ("(!=)", |left, right| Ok(Value::from(!equal(left, right)))),
    ("(<)", |left, right| ordered("<", left, right, Ordering::is_lt)),
    ("(<=)", |left, right| ordered("<=", left, right, Ordering::is_le)),
    ("(>)", |left, right| ordered(">", left, right, Ordering::is_gt)),
    ("(>=)", |left, right| ordered(">=", left, right, Ordering::is_ge)),
    ("(in)", |left, right| holds(right, left).map(Value::from)),
    ("(not in)", |left, right| {
        holds(right, left).map(|holds| Value::from(!holds))
    }),
];

/// The left and the right side.
pub(super) type Operator = fn(&Value, &Value) -> Result<Value, Error>;

/// Text and lists are repeated to at most so many bytes or members.
const MOST_REPEATED: usize = 1_000_000;

fn unsupported(operator: &str, left: &Value, right: &Value) -> Error {
    let (left, right) = (type_name(left), type_name(right));
    let message = format!("unsupported operand type(s) for {operator}: '{left}' and '{right}'");
    Fault::new(ErrorKind::Value, message).into()
}

fn is_list(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable)
}

/// A number; true and false are 1 and 0.
fn number(value: &Value) -> Option<Value> {
    match value.kind() {
        ValueKind::Bool => Some(Value::from(i64::from(value.is_true()))),
        ValueKind::Number => Some(value.clone()),
        _ => None,
    }
}

fn add(left: &Value, right: &Value) -> Result<Value, Error> {
    if is_list(left) && is_list(right) {
        return Ok(list([items(left)?, items(right)?].concat()));
    }
    if let (Some(left), Some(right)) = (left.as_str(), right.as_str()) {
        return Ok(Value::from(left.to_owned() + right));
    }
    let kind = type_name(left);
    if left.as_str().is_some() || is_list(left) {
        let other = type_name(right);
        let message = format!("can only concatenate {kind} (not \"{other}\") to {kind}");
        let help = "`~` joins anything as text".to_owned();
        let help = left.as_str().is_some().then_some(help);
        return Err(Fault::new(ErrorKind::Value, message).help(help).into());
    }
    moment::plus(left, right).unwrap_or_else(|| arithmetic("+", left, right))
}

fn multiply(left: &Value, right: &Value) -> Result<Value, Error> {
    let (repeated, times) = match (number(left), number(right)) {
        (None, Some(times)) => (left, times),
        (Some(times), None) => (right, times),
        _ => return arithmetic("*", left, right),
    };
    let times = times
        .is_integer()
        .then(|| times.as_i64())
        .flatten()
        .ok_or_else(|| unsupported("*", left, right))?;
    let times = usize::try_from(times).unwrap_or(0);
    let too_much = |length: usize| length.saturating_mul(times) > MOST_REPEATED;
    let limit = || Error::from(Fault::new(ErrorKind::Limit, "this repeats too much"));
    if let Some(text) = repeated.as_str() {
        return match too_much(text.len()) {
            true => Err(limit()),
            false => Ok(Value::from(text.repeat(times))),
        };
    }
    if !is_list(repeated) {
        return Err(unsupported("*", left, right));
    }
    let once = items(repeated)?;
    match too_much(once.len()) {
        true => Err(limit()),
        false => Ok(list(vec![once; times].concat())),
    }
}

fn remainder(left: &Value, right: &Value) -> Result<Value, Error> {
    match left.as_str() {
        Some(template) => format::percent(template, right).map(Value::from),
        None => arithmetic("%", left, right),
    }
}

fn arithmetic(operator: &str, left: &Value, right: &Value) -> Result<Value, Error> {
    let (Some(a), Some(b)) = (number(left), number(right)) else {
        return Err(unsupported(operator, left, right));
    };
    let zero = |divisor: bool| match divisor {
        true => Err(Error::from(Fault::new(ErrorKind::Value, "division by zero"))),
        false => Ok(()),
    };
    let (x, y) = (float(&a), float(&b));
    if operator == "/" {
        zero(y == 0.0)?;
        return Ok(Value::from(x / y));
    }
    let whole = (i128::try_from(a.clone()), i128::try_from(b.clone()));
    if let (true, (Ok(a), Ok(b))) = (a.is_integer() && b.is_integer(), whole) {
        let result = match operator {
            "+" => a.checked_add(b),
            "-" => a.checked_sub(b),
            "*" => a.checked_mul(b),
            "//" => {
                zero(b == 0)?;
                let rest = a.checked_rem_euclid(b);
                let down = rest.map(|rest| i128::from(b < 0 && rest != 0));
                a.checked_div_euclid(b)
                    .zip(down)
                    .and_then(|(whole, down)| whole.checked_sub(down))
            }
            "%" => {
                zero(b == 0)?;
                // Only the least number by -1 has none, and that is a whole one.
                let rest = a.checked_rem_euclid(b).unwrap_or(0);
                Some(if b < 0 && rest != 0 { rest + b } else { rest })
            }
            _ if b < 0 => {
                zero(a == 0)?;
                return Ok(Value::from(x.powf(y)));
            }
            _ => u32::try_from(b).ok().and_then(|b| a.checked_pow(b)),
        };
        let limit = || Error::from(Fault::new(ErrorKind::Limit, "this number is too large"));
        return result.map(from_whole).ok_or_else(limit);
    }
    Ok(Value::from(match operator {
        "+" => x + y,
        "-" => x - y,
        "*" => x * y,
        "//" => {
            zero(y == 0.0)?;
            (x / y).floor()
        }
        "%" => {
            zero(y == 0.0)?;
            x - y * (x / y).floor()
        }
        _ => x.powf(y),
    }))
}

fn from_whole(number: i128) -> Value {
    i64::try_from(number).map_or_else(|_| Value::from(number), Value::from)
}

fn float(value: &Value) -> f64 {
    f64::try_from(value.clone()).unwrap_or(f64::NAN)
}

/// Whether two values are the same, as Python sees it: 1 is 1.0 and true.
pub(super) fn equal(left: &Value, right: &Value) -> bool {
    if let (Some(left), Some(right)) = (number(left), number(right)) {
        return match (i128::try_from(left.clone()), i128::try_from(right.clone())) {
            (Ok(a), Ok(b)) if left.is_integer() && right.is_integer() => a == b,
            _ => float(&left) == float(&right),
        };
    }
    if is_list(left) && is_list(right) {
        let (Ok(a), Ok(b)) = (items(left), items(right)) else {
            return false;
        };
        return a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| equal(a, b));
    }
    if left.kind() == ValueKind::Map && right.kind() == ValueKind::Map {
        let (Ok(keys), true) = (items(left), left.len() == right.len()) else {
            return false;
        };
        return keys.iter().all(|key| {
            let member = |value: &Value| value.get_item(key).ok().filter(|found| !found.is_undefined());
            matches!((member(left), member(right)), (Some(a), Some(b)) if equal(&a, &b))
        });
    }
    if let Some(ordering) = moment::compare(left, right) {
        return ordering.is_eq();
    }
    left.kind() == right.kind() && left == right
}

fn ordered(
    operator: &str,
    left: &Value,
    right: &Value,
    wanted: fn(Ordering) -> bool,
) -> Result<Value, Error> {
    match compare(left, right) {
        Some(ordering) => Ok(Value::from(wanted(ordering))),
        None if number(left).is_some() && number(right).is_some() => Ok(Value::from(false)),
        None => Err(incomparable(operator, left, right)),
    }
}

/// Two values have no order.
pub(super) fn incomparable(operator: &str, left: &Value, right: &Value) -> Error {
    let (left, right) = (type_name(left), type_name(right));
    let message = format!("'{operator}' not supported between instances of '{left}' and '{right}'");
    Fault::new(ErrorKind::Value, message).into()
}

/// The order of two values; `None` where they have none.
pub(super) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    if let (Some(a), Some(b)) = (number(left), number(right)) {
        return match (i128::try_from(a.clone()), i128::try_from(b.clone())) {
            (Ok(whole), Ok(other)) if a.is_integer() && b.is_integer() => Some(whole.cmp(&other)),
            _ => float(&a).partial_cmp(&float(&b)),
        };
    }
    if let (Some(left), Some(right)) = (left.as_str(), right.as_str()) {
        return Some(left.cmp(right));
    }
    if !(is_list(left) && is_list(right)) {
        return moment::compare(left, right);
    }
    let (a, b) = (items(left).ok()?, items(right).ok()?);
    let different = a.iter().zip(&b).find(|(a, b)| !equal(a, b));
    match different {
        Some((a, b)) => compare(a, b),
        None => Some(a.len().cmp(&b.len())),
    }
}

/// Whether a list has a member, a mapping a key, a text a part.
pub(super) fn holds(container: &Value, wanted: &Value) -> Result<bool, Error> {
    match (container.as_str(), wanted.as_str()) {
        (Some(text), Some(part)) => return Ok(text.contains(part)),
        (Some(_), None) => {
            let message = format!(
                "'in <string>' requires string as left operand, not {}",
                type_name(wanted)
            );
            return Err(Fault::new(ErrorKind::Value, message).into());
        }
        _ => {}
    }
    if !matches!(
        container.kind(),
        ValueKind::Seq | ValueKind::Iterable | ValueKind::Map
    ) {
        let message = format!("argument of type '{}' is not iterable", type_name(container));
        return Err(Fault::new(ErrorKind::Value, message).into());
    }
    Ok(items(container)?.iter().any(|item| equal(item, wanted)))
}

/// A part of a text or a list; `[start, stop, step]`, each of which may be null.
pub(super) fn slice(value: &Value, part: &[Value]) -> Result<Value, Error> {
    let bound = |at: usize| part.get(at).filter(|bound| !bound.is_none()).map(Value::as_i64);
    let whole = |bound: Option<Option<i64>>| match bound {
        Some(None) => Err(Error::from(Fault::new(
            ErrorKind::Value,
            "the parts of a slice are whole numbers",
        ))),
        Some(bound) => Ok(bound),
        None => Ok(None),
    };
    let (start, stop) = (whole(bound(0))?, whole(bound(1))?);
    let step = whole(bound(2))?.unwrap_or(1);
    if step == 0 {
        return Err(Fault::new(ErrorKind::Value, "the step of a slice is zero").into());
    }
    let characters: Vec<Value> = match value.as_str() {
        Some(text) => text.chars().map(Value::from).collect(),
        None => items(value)?,
    };
    let length = i64::try_from(characters.len()).unwrap_or(i64::MAX);
    let (low, high) = if step > 0 { (0, length) } else { (-1, length - 1) };
    let clamp = |at: i64| if at < 0 { at + length } else { at }.clamp(low, high);
    let mut at = start.map_or(if step > 0 { low } else { high }, clamp);
    let end = stop.map_or(if step > 0 { high } else { low }, clamp);
    let mut taken = Vec::new();
    while (step > 0 && at < end) || (step < 0 && at > end) {
        taken.extend(
            usize::try_from(at)
                .ok()
                .and_then(|at| characters.get(at).cloned()),
        );
        at = at.saturating_add(step);
    }
    Ok(match value.as_str() {
        Some(_) => Value::from(taken.iter().map(text).collect::<String>()),
        None => tree::list(taken),
    })
}
