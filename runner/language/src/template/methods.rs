//! Python's methods of values: `text.split()`, `mapping.get('key')`.

use minijinja::{Error, ErrorKind as Engine, State, Value};
use minijinja_contrib::pycompat;

use super::access::member;
use super::arguments::Arguments;
use super::error::{ErrorKind, Fault};
use super::leaf::is_missing;
use super::python::type_name;

/// Methods that would change their value, which templates cannot.
const CHANGING: [(&str, &str); 8] = [
    ("append", "write `list + [member]`"),
    ("extend", "write `list + other`"),
    ("insert", "build a new list with `+`"),
    ("remove", "write `list | difference([member])`"),
    ("pop", "take a slice or use `rejectattr`"),
    ("update", "write `mapping | combine(other)`"),
    ("setdefault", "write `{'key': value} | combine(mapping)`"),
    ("clear", "write `[]` or `{}`"),
];

/// Calls a method that the engine does not know.
pub(super) fn call(
    state: &mut State<'_, '_>,
    value: &Value,
    method: &str,
    args: &[Value],
) -> Result<Value, Error> {
    if method == "get" && value.kind() == minijinja::value::ValueKind::Map {
        return get(value, args);
    }
    match pycompat::unknown_method_callback(state, value, method, args) {
        Err(error) if error.kind() == Engine::UnknownMethod => {}
        done => return done,
    }
    if let Some(text) = value.as_str() {
        let mut arguments = Arguments::new(args);
        if let Some(result) = of_text(text, method, &mut arguments) {
            let result = result?;
            arguments.finish()?;
            return Ok(result);
        }
    }
    let has_member = || member(value, &Value::from(method)).is_ok_and(|found| !is_missing(&found));
    if has_member() {
        return Err(Error::from(Engine::UnknownMethod));
    }
    let kind = type_name(value);
    let change = CHANGING.iter().find(|(name, _)| *name == method);
    Err(match change {
        Some((_, instead)) => Fault::new(
            ErrorKind::Unknown,
            format!("`{method}` would change a value, and templates change none"),
        )
        .help(Some((*instead).to_owned())),
        None => Fault::new(
            ErrorKind::Unknown,
            format!("object of type '{kind}' has no method '{method}'"),
        ),
    }
    .into())
}

/// `mapping.get(key, otherwise)`: null or the other value where there is none.
fn get(value: &Value, args: &[Value]) -> Result<Value, Error> {
    let mut arguments = Arguments::new(args);
    let key = arguments.required("key")?;
    let otherwise = arguments.next("default").unwrap_or_else(|| Value::from(()));
    arguments.finish()?;
    let found = member(value, &key)?;
    Ok(if is_missing(&found) { otherwise } else { found })
}

/// Methods of text that the engine's own list lacks.
fn of_text(text: &str, method: &str, arguments: &mut Arguments) -> Option<Result<Value, Error>> {
    Some(match method {
        "removeprefix" => arguments
            .text("prefix")
            .map(|prefix| Value::from(text.strip_prefix(&prefix).unwrap_or(text))),
        "removesuffix" => arguments
            .text("suffix")
            .map(|suffix| Value::from(text.strip_suffix(&suffix).unwrap_or(text))),
        "zfill" => arguments
            .number("width")
            .map(|width| Value::from(zero_filled(text, width))),
        "ljust" => padded(text, arguments, |text, pad| text.to_owned() + pad),
        "rjust" => padded(text, arguments, |text, pad| pad.to_owned() + text),
        "partition" => arguments
            .text("sep")
            .map(|separator| match text.split_once(&separator) {
                Some((before, after)) => [before, &separator, after].into_iter().collect(),
                None => [text, "", ""].into_iter().collect(),
            }),
        "casefold" => Ok(Value::from(text.to_lowercase())),
        "index" => arguments.text("sub").and_then(|part| {
            let at = text.find(&part).map(|at| Value::from(text[..at].chars().count()));
            at.ok_or_else(|| Fault::new(ErrorKind::Value, "this text does not hold that part").into())
        }),
        _ => return None,
    })
}

/// No text is made longer than this by filling it up.
const MOST_WIDTH: i64 = 10_000;

fn zero_filled(text: &str, width: Option<i64>) -> String {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    format!("{sign}{}{digits}", "0".repeat(lacking(text, width)))
}

fn padded(text: &str, arguments: &mut Arguments, join: fn(&str, &str) -> String) -> Result<Value, Error> {
    let width = arguments.number("width")?;
    let fill = arguments.text_or("fillchar", " ");
    Ok(Value::from(join(text, &fill.repeat(lacking(text, width)))))
}

fn lacking(text: &str, width: Option<i64>) -> usize {
    let width = usize::try_from(width.unwrap_or(0).min(MOST_WIDTH)).unwrap_or(0);
    width.saturating_sub(text.chars().count())
}
