//! Points in time.

use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{Error, State, Value};

use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::moment::{Moment, in_words_of_jiff};
use crate::template::python::text;
use crate::template::roots::Root;

pub(super) const TABLE: &[Entry] = &[
    Entry::engine("strftime", Takes::Values, || Value::from_function(strftime)),
    Entry::own("to_datetime", Takes::Values, to_datetime),
];

fn wrong(message: impl Into<String>) -> Error {
    Fault::new(ErrorKind::Value, message).into()
}

/// The format applied to a time in seconds, now if there is none.
fn strftime(state: &State<'_, '_>, value: &Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let mut arguments = Arguments::new(&args.into_values());
    let second = arguments.next("second").filter(|second| !second.is_none());
    let utc = arguments.flag("utc");
    arguments.finish()?;
    let at = match second {
        Some(second) => {
            let seconds: Option<f64> = text(&second).trim().parse().ok();
            let at = seconds.and_then(|seconds| Timestamp::from_microsecond((seconds * 1e6) as i64).ok());
            at.ok_or_else(|| wrong(format!("Invalid value for epoch value ({})", text(&second))))?
        }
        None => {
            let now = Root::of(state)?.shared.inner.surroundings.now();
            now.ok_or_else(|| wrong("there is no clock here"))?
        }
    };
    let zone = if utc { TimeZone::UTC } else { TimeZone::system() };
    let shown = strtime::format(in_words_of_jiff(&text(value)), &at.to_zoned(zone));
    shown.map(Value::from).map_err(|error| wrong(error.to_string()))
}

fn to_datetime(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let format = arguments.text_or("format", "%Y-%m-%d %H:%M:%S");
    let written = text(value);
    let read = || {
        let broken = strtime::parse(in_words_of_jiff(&format), &written).ok()?;
        let date = broken.to_date().ok()?;
        let midnight = jiff::civil::Time::midnight();
        let civil = date.to_datetime(broken.to_time().unwrap_or(midnight));
        Some(Moment::new(civil, broken.offset()))
    };
    let message = || format!("time data '{written}' does not match format '{format}'");
    read().map(Value::from_object).ok_or_else(|| wrong(message()))
}
