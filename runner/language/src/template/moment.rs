//! Points in time and what lies between them, as Python's `datetime` and `timedelta`.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone};
use minijinja::value::{Object, ObjectRepr};
use minijinja::{Error, ErrorKind as Engine, State, Value};

use super::arguments::Arguments;
use super::error::{ErrorKind, Fault};

const DAY: i64 = 86_400_000_000;

fn wrong(message: impl Into<String>) -> Error {
    Fault::new(ErrorKind::Value, message).into()
}

/// A format of Python's, in the words of the library that fills it in.
pub(super) fn in_words_of_jiff(format: &str) -> String {
    let mut words = String::new();
    let mut rest = format.chars();
    while let Some(next) = rest.next() {
        if next != '%' {
            words.push(next);
            continue;
        }
        match rest.next() {
            Some('f') => words.push_str("%6f"),
            Some('c') => words.push_str("%a %b %e %H:%M:%S %Y"),
            Some('x') => words.push_str("%m/%d/%y"),
            Some('X') => words.push_str("%H:%M:%S"),
            Some(other) => words.extend(['%', other]),
            None => words.push('%'),
        }
    }
    words
}

/// A date and time to the microsecond, where it is written with a distance to UTC.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    civil: DateTime,
    offset: Option<Offset>,
}

impl Moment {
    pub(super) fn new(civil: DateTime, offset: Option<Offset>) -> Self {
        let below = i64::from(civil.subsec_nanosecond() % 1000);
        let civil = civil.saturating_sub(SignedDuration::from_nanos(below));
        Self { civil, offset }
    }

    /// As ISO 8601 has it, with this between date and time.
    pub(super) fn text(&self, between: char) -> String {
        let micros = match self.civil.subsec_nanosecond() {
            0 => "",
            _ => ".%6f",
        };
        let civil = self
            .civil
            .strftime(&format!("%Y-%m-%d{between}%H:%M:%S{micros}"))
            .to_string();
        civil + &self.zone()
    }

    /// The distance to UTC (`+01:00`).
    fn zone(&self) -> String {
        let Some(offset) = self.offset else {
            return String::new();
        };
        let seconds = offset.seconds();
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.abs() / 60;
        format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// Its time in UTC, where it has a distance to that; else its time wherever it may be.
    fn in_utc(&self) -> DateTime {
        match self.offset {
            Some(offset) => {
                let away = SignedDuration::from_secs(i64::from(offset.seconds()));
                self.civil.saturating_sub(away)
            }
            None => self.civil,
        }
    }

    /// Whether both have a distance to UTC or neither has.
    fn is_like(&self, other: &Self) -> bool {
        self.offset.is_some() == other.offset.is_some()
    }

    fn moved(&self, by: i64) -> Result<Value, Error> {
        let civil = self.civil.checked_add(SignedDuration::from_micros(by));
        let civil = civil.map_err(|_| wrong("date value out of range"))?;
        Ok(Value::from_object(Self::new(civil, self.offset)))
    }
}

/// As Python prints it.
impl fmt::Debug for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(' '))
    }
}

impl Object for Moment {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let it = self.civil;
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
                let format = in_words_of_jiff(&arguments.text("format")?);
                let shown = match self.offset {
                    Some(offset) => {
                        let at = offset.to_timestamp(self.civil);
                        let at = at.map_err(|error| wrong(error.to_string()))?;
                        strtime::format(format, &at.to_zoned(offset.to_time_zone()))
                    }
                    None => strtime::format(format, self.civil),
                };
                shown.map(Value::from).map_err(|error| wrong(error.to_string()))
            }
            "isoformat" => Ok(Value::from(
                self.text(arguments.text_or("sep", "T").chars().next().unwrap_or('T')),
            )),
            "date" => Ok(Value::from(self.civil.date().to_string())),
            "timestamp" => {
                let zone = self.offset.map_or_else(TimeZone::system, Offset::to_time_zone);
                let at = self.civil.to_zoned(zone);
                let at = at.map_err(|error| wrong(error.to_string()))?.timestamp();
                Ok(Value::from(at.as_microsecond() as f64 / 1e6))
            }
            "weekday" => Ok(Value::from(self.civil.weekday().to_monday_zero_offset())),
            "isoweekday" => Ok(Value::from(self.civil.weekday().to_monday_one_offset())),
            _ => Err(Error::from(Engine::UnknownMethod)),
        }
    }
}

/// The time between two moments, in microseconds.
#[derive(Clone, Copy)]
struct Span(i64);

impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.days() {
            0 => {}
            days @ (1 | -1) => write!(f, "{days} day, ")?,
            days => write!(f, "{days} days, ")?,
        }
        let (seconds, micros) = (self.seconds(), self.0.rem_euclid(1_000_000));
        write!(
            f,
            "{}:{:02}:{:02}",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )?;
        match micros {
            0 => Ok(()),
            micros => write!(f, ".{micros:06}"),
        }
    }
}

impl Span {
    fn days(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    /// Those beside the days.
    fn seconds(self) -> i64 {
        self.0.rem_euclid(DAY) / 1_000_000
    }
}

impl Object for Span {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(match key.as_str()? {
            "days" => Value::from(self.days()),
            "seconds" => Value::from(self.seconds()),
            "microseconds" => Value::from(self.0.rem_euclid(1_000_000)),
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
            "total_seconds" => Ok(Value::from(self.0 as f64 / 1e6)),
            _ => Err(Error::from(Engine::UnknownMethod)),
        }
    }
}

/// One of the two.
enum Time {
    Moment(Moment),
    Span(Span),
}

fn time(value: &Value) -> Option<Time> {
    let moment = value.downcast_object_ref::<Moment>().copied().map(Time::Moment);
    moment.or_else(|| value.downcast_object_ref::<Span>().copied().map(Time::Span))
}

/// The name of its type, as Python has it, where a value is one of the two.
pub(super) fn type_name(value: &Value) -> Option<&'static str> {
    Some(match time(value)? {
        Time::Moment(_) => "datetime",
        Time::Span(_) => "timedelta",
    })
}

/// What a moment is as a result.
pub(super) fn iso(value: &Value) -> Option<String> {
    value
        .downcast_object_ref::<Moment>()
        .map(|moment| moment.text('T'))
}

/// `left - right`, where both are times.
pub(super) fn minus(left: &Value, right: &Value) -> Option<Result<Value, Error>> {
    let span = |micros| Ok(Value::from_object(Span(micros)));
    Some(match (time(left)?, time(right)?) {
        (Time::Moment(left), Time::Moment(right)) => match left.is_like(&right) {
            true => {
                let apart = left.in_utc().duration_since(right.in_utc()).as_micros();
                span(i64::try_from(apart).unwrap_or(i64::MAX))
            }
            false => Err(wrong("can't subtract offset-naive and offset-aware datetimes")),
        },
        (Time::Moment(moment), Time::Span(by)) => moment.moved(by.0.saturating_neg()),
        (Time::Span(left), Time::Span(right)) => span(left.0.saturating_sub(right.0)),
        (Time::Span(_), Time::Moment(_)) => return None,
    })
}

/// `left + right`, where both are times.
pub(super) fn plus(left: &Value, right: &Value) -> Option<Result<Value, Error>> {
    match (time(left)?, time(right)?) {
        (Time::Moment(moment), Time::Span(by)) | (Time::Span(by), Time::Moment(moment)) => {
            Some(moment.moved(by.0))
        }
        (Time::Span(left), Time::Span(right)) => {
            Some(Ok(Value::from_object(Span(left.0.saturating_add(right.0)))))
        }
        (Time::Moment(_), Time::Moment(_)) => None,
    }
}

/// Which of two times is the earlier or shorter one, where that can be said.
pub(super) fn compare(left: &Value, right: &Value) -> Option<Ordering> {
    match (time(left)?, time(right)?) {
        (Time::Moment(left), Time::Moment(right)) if left.is_like(&right) => {
            Some(left.in_utc().cmp(&right.in_utc()))
        }
        (Time::Span(left), Time::Span(right)) => Some(left.0.cmp(&right.0)),
        _ => None,
    }
}
