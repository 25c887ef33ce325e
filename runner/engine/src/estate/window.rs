//! `window`: when a host may be taken out of service.

use std::time::Duration;

use cutover_kit::Value;
use cutover_language::Diagnostic;
use jiff::civil::DateTime;
use jiff::{Timestamp, tz::TimeZone};

use super::read::{Found, Variables, fault, parse_duration};
use crate::run::Window;

const HELP: &str = "`{from: 2026-11-22 01:00, until: 2026-11-22 05:00, zone: Europe/Zurich, cutoff: 30m}`";

/// The window of a host, if one is declared.
pub fn window(variables: &Variables<'_>, faults: &mut Vec<Diagnostic>) -> Option<Window> {
    let Found { value, place } = variables.get("window", faults)?;
    match understand(&value) {
        Ok(window) => Some(window),
        Err(wrong) => {
            faults.push(fault(place.as_ref(), "bad-window", format!("window: {wrong}")).help(HELP));
            None
        }
    }
}

fn understand(value: &Value) -> Result<Window, String> {
    let map = value
        .as_map()
        .ok_or_else(|| format!("this is {}", value.kind()))?;
    if let Some(unknown) = map
        .keys()
        .find(|key| !["from", "until", "zone", "cutoff"].contains(&key.as_str()))
    {
        return Err(format!("`{unknown}` is not known here"));
    }
    let text = |key: &str| map.get(key).and_then(Value::as_str);
    let zone = match text("zone") {
        Some(name) => TimeZone::get(name).map_err(|error| error.to_string())?,
        None => TimeZone::system(),
    };
    let at = |key: &str| {
        let text = text(key).ok_or_else(|| format!("`{key}` is missing"))?;
        moment(text, &zone).ok_or_else(|| format!("`{key}` is no date and time: {text}"))
    };
    let cutoff = match text("cutoff") {
        Some(text) => parse_duration(text).ok_or_else(|| format!("`cutoff` is no duration: {text}"))?,
        None => Duration::ZERO,
    };
    let window = Window {
        from: at("from")?,
        until: at("until")?,
        cutoff,
    };
    if window.until > window.from {
        Ok(window)
    } else {
        Err("it ends before it begins".into())
    }
}

/// A moment with an offset of its own, or a date and time in `zone`.
fn moment(text: &str, zone: &TimeZone) -> Option<Timestamp> {
    let own = || text.parse::<Timestamp>().ok();
    let civil = || {
        text.parse::<DateTime>()
            .ok()?
            .to_zoned(zone.clone())
            .ok()
            .map(|zoned| zoned.timestamp())
    };
    own().or_else(civil)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_read_in_its_own_zone() {
        let value = Value::map([
            ("from", "2026-11-22 01:00"),
            ("until", "2026-11-22T05:00:00Z"),
            ("zone", "Europe/Zurich"),
            ("cutoff", "30m"),
        ]);
        let window = understand(&value).unwrap();
        assert_eq!(window.from.to_string(), "2026-11-22T00:00:00Z");
        assert_eq!(window.until.to_string(), "2026-11-22T05:00:00Z");
        assert_eq!(window.cutoff, Duration::from_secs(1800));
    }

    #[test]
    fn a_window_that_cannot_be_is_refused() {
        let wrong = |pairs: &[(&str, &str)]| {
            understand(&Value::map(pairs.iter().map(|(key, value)| (*key, *value)))).unwrap_err()
        };
        assert_eq!(
            wrong(&[("from", "2026-11-22T02:00Z"), ("till", "x")]),
            "`till` is not known here"
        );
        assert_eq!(wrong(&[("from", "soon")]), "`from` is no date and time: soon");
        let backwards = [
            ("from", "2026-11-22T02:00:00Z"),
            ("until", "2026-11-22T01:00:00Z"),
        ];
        assert_eq!(wrong(&backwards), "it ends before it begins");
    }
}
