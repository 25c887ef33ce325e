//! What came of it, in the shape that Ansible's results have.

use std::time::Duration;

use cutover_kit::session::Executed;
use cutover_kit::{Applied, Map, Value};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Done;
use super::args::{Line, Order};
use super::job::Ended;
use crate::fields;

/// The result of a process that ended.
pub(super) fn ran(
    order: &Order,
    executed: &Executed,
    [started, ended]: [Timestamp; 2],
    took: Duration,
) -> Applied {
    let failed = match executed.status {
        Some(0) => None,
        Some(_) => Some("non-zero return code"),
        None => Some("ended without a return code: a signal or a lost connection stopped it"),
    };
    let stdout = text(&executed.stdout, order.strip);
    let stderr = text(&executed.stderr, order.strip);
    let mut result = fields([
        ("cmd", cmd(order)),
        ("rc", executed.status.unwrap_or(-1).into()),
        ("stdout_lines", lines(&stdout)),
        ("stdout", stdout.into()),
        ("stderr_lines", lines(&stderr)),
        ("stderr", stderr.into()),
        ("start", moment(started).into()),
        ("end", moment(ended).into()),
        ("delta", span(took).into()),
        ("msg", failed.unwrap_or_default().into()),
    ]);
    if matches!(order.line, Line::Raw(_) | Line::Script { .. }) {
        for name in ["cmd", "start", "end", "delta"] {
            result.shift_remove(name);
        }
    }
    Applied {
        fields: result,
        unchanged: false,
        failed: failed.map(str::to_owned),
    }
}

/// The result of a job that ended, as `async_status` tells it: what was run is not known any more.
pub(crate) fn said(ended: &Ended) -> Map {
    let stdout = text(&ended.executed.stdout, true);
    let stderr = text(&ended.executed.stderr, true);
    let at = |seconds| Timestamp::from_second(seconds).map_or(Value::Null, |at| moment(at).into());
    let took = u64::try_from(ended.ended - ended.began).unwrap_or(0);
    fields([
        ("rc", ended.executed.status.unwrap_or(-1).into()),
        ("stdout_lines", lines(&stdout)),
        ("stdout", stdout.into()),
        ("stderr_lines", lines(&stderr)),
        ("stderr", stderr.into()),
        ("start", at(ended.began)),
        ("end", at(ended.ended)),
        ("delta", span(Duration::from_secs(took)).into()),
    ])
}

/// The result where `creates` or `removes` says that it was done before.
pub(super) fn skipped(order: &Order, done: &Done) -> Map {
    let (path, is) = match done {
        Done::Exists(path) => (path, "exists"),
        Done::Missing(path) => (path, "does not exist"),
    };
    let stdout = format!("skipped, since {path} {is}");
    fields([
        ("cmd", cmd(order)),
        ("rc", 0_i64.into()),
        ("stdout_lines", lines(&stdout)),
        ("stdout", stdout.into()),
        ("stderr_lines", Value::List(Vec::new())),
        ("stderr", "".into()),
        ("start", Value::Null),
        ("end", Value::Null),
        ("delta", Value::Null),
        ("msg", why(done).into()),
    ])
}

/// Why nothing is to be done.
pub(super) fn why(done: &Done) -> String {
    match done {
        Done::Exists(path) => format!("Did not run command since '{path}' exists"),
        Done::Missing(path) => format!("Did not run command since '{path}' does not exist"),
    }
}

fn cmd(order: &Order) -> Value {
    match &order.line {
        Line::Words(words) | Line::Filled(words) => words.clone().into(),
        Line::Shell { line, .. } | Line::Raw(line) => line.as_str().into(),
        Line::Script { shown, .. } => shown.as_str().into(),
    }
}

fn text(bytes: &[u8], strip: bool) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = if strip {
        text.trim_end_matches(['\r', '\n'])
    } else {
        &*text
    };
    text.to_owned()
}

fn lines(text: &str) -> Value {
    text.lines().collect::<Vec<_>>().into()
}

/// A moment as results show it, in UTC.
pub(crate) fn moment(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%d %H:%M:%S.%6f")
        .to_string()
}

/// `0:00:03.000123`.
fn span(took: Duration) -> String {
    let (seconds, micros) = (took.as_secs(), took.subsec_micros());
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{hours}:{minutes:02}:{seconds:02}.{micros:06}")
}
