//! Points in time.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use minijinja::value::{Object, ObjectRepr, Rest, ValueOrKwargs};
use minijinja::{Error, ErrorKind as Engine, State, Value};

use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
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
    let format = text(value).replace("%f", "%6f");
    let shown = strtime::format(format, &at.to_zoned(zone));
    shown.map(Value::from).map_err(|error| wrong(error.to_string()))
}

fn to_datetime(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let format = arguments.text_or("format", "%Y-%m-%d %H:%M:%S");
    let written = text(value);
    let read = || {
        let broken = strtime::parse(format.replace("%f", "%6f"), &written).ok()?;
        let date = broken.to_date().ok()?;
        let midnight = jiff::civil::Time::midnight();
        Some(date.to_datetime(broken.to_time().unwrap_or(midnight)))
    };
    let message = || format!("time data '{written}' does not match format '{format}'");
    read()
        .map(|moment| Value::from_object(Moment(moment)))
        .ok_or_else(|| wrong(message()))
}

/// A date and time without a zone.
#[derive(Clone, Copy)]
pub(crate) struct Moment(pub(crate) DateTime);

impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = match self.0.subsec_nanosecond() {
            0 => "",
            _ => "%.6f",
        };
        f.write_str(&self.0.strftime(&format!("%Y-%m-%d %H:%M:%S{micros}")).to_string())
    }
}

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let it = self.0;
        Some(match key.as_str()? {
            "year" => Value::from(it.year()),
            "month" => Value::from(it.month()),
            "day" => Value::from(it.day()),
            "hour" => Value::from(it.hour()),
            "minute" => Value::from(it.minute()),
            "second" => Value::from(it.second()),
            "microsecond" => Value::from(it.subsec_nanosecond() / 1000),
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        args: &[Value],
    ) -> Result<Value, Error> {
        let mut arguments = Arguments::new(args);
        match method {
            "strftime" => {
                let format = arguments.text("format")?.replace("%f", "%6f");
                let shown = strtime::format(format, self.0);
                shown.map(Value::from).map_err(|error| wrong(error.to_string()))
            }
            "isoformat" => Ok(Value::from(self.0.to_string())),
            "date" => Ok(Value::from(self.0.date().to_string())),
            "timestamp" => {
                let at = self.0.to_zoned(TimeZone::system());
                let at = at.map_err(|error| wrong(error.to_string()))?.timestamp();
                Ok(Value::from(at.as_microsecond() as f64 / 1e6))
            }
            "weekday" => Ok(Value::from(self.0.weekday().to_monday_zero_offset())),
            "isoweekday" => Ok(Value::from(self.0.weekday().to_monday_one_offset())),
            _ => Err(Error::from(Engine::UnknownMethod)),
        }
    }
}

/// The time between two moments, in seconds.
#[derive(Clone, Copy)]
struct Span(f64);

/// `left - right` where both are moments.
pub(crate) fn difference(left: &Value, right: &Value) -> Option<Value> {
    let (left, right) = (
        left.downcast_object_ref::<Moment>()?,
        right.downcast_object_ref::<Moment>()?,
    );
    Some(Value::from_object(Span(
        left.0.duration_since(right.0).as_secs_f64(),
    )))
}

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, rest) = (self.days(), self.0.rem_euclid(86400.0) as i64);
        let clock = format!("{}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
        match days {
            0 => f.write_str(&clock),
            1 | -1 => write!(f, "{days} day, {clock}"),
            _ => write!(f, "{days} days, {clock}"),
        }
    }
}

impl Span {
    fn days(self) -> i64 {
        (self.0 / 86400.0).floor() as i64
    }
}

impl Object for Span {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "days" => Value::from(self.days()),
            "seconds" => Value::from(self.0.rem_euclid(86400.0) as i64),
            _ => return None,
        })
    }

    fn call_method(
        self: &Arc<Self>,
        _: &mut State<'_, '_>,
        method: &str,
        _: &[Value],
    ) -> Result<Value, Error> {
        match method {
            "total_seconds" => Ok(Value::from(self.0)),
            _ => Err(Error::from(Engine::UnknownMethod)),
        }
    }
}
