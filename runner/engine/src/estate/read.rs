//! Typed reading of one host's variables.

use std::str::FromStr;
use std::time::Duration;

use cutover_kit::secret::Origin;
use cutover_kit::{Secret, Value};
use cutover_language::diagnose::nearest;
use cutover_language::{Diagnostic, Place};

/// A variable's value and where it was written.
#[derive(Clone, Debug)]
pub struct Found {
    /// The rendered value.
    pub value: Value,
    /// Where it stands.
    pub place: Option<Place>,
}

/// The rendered variable of a name, where there is one.
pub(super) type Lookup<'a> = dyn Fn(&str) -> Result<Option<Found>, Box<Diagnostic>> + 'a;

/// Looks variables up for one host.
pub struct Variables<'a> {
    /// The host, for messages.
    pub host: &'a str,
    /// Renders the variable of a name.
    pub lookup: &'a Lookup<'a>,
}

/// A fault of a variable.
pub(super) fn fault(place: Option<&Place>, code: &'static str, message: String) -> Diagnostic {
    match place {
        Some(place) => Diagnostic::error(code, place, message),
        None => Diagnostic::nowhere(code, message),
    }
}

type Faults = Vec<Diagnostic>;

impl Variables<'_> {
    /// The variable, if it is there and not null. A fault in it is reported.
    pub fn get(&self, name: &str, faults: &mut Faults) -> Option<Found> {
        match (self.lookup)(name) {
            Ok(found) => found.filter(|found| found.value != Value::Null),
            Err(fault) => {
                faults.push(*fault);
                None
            }
        }
    }

    fn typed<T>(
        &self,
        name: &str,
        wanted: &str,
        faults: &mut Faults,
        take: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        let found = self.get(name, faults)?;
        let taken = take(&found.value);
        if taken.is_none() {
            let message = format!(
                "`{name}` of {} must be {wanted}, and is {}",
                self.host,
                found.value.kind()
            );
            faults.push(fault(found.place.as_ref(), "wrong-type", message));
        }
        taken
    }

    /// A text; numbers are taken as they are written.
    pub fn text(&self, name: &str, faults: &mut Faults) -> Option<String> {
        self.typed(name, "text", faults, plain_text)
    }

    /// A text that is a secret, whatever it was found in. An empty one is a fault: nobody means it,
    /// and an environment variable that is not set makes it.
    pub fn secret(&self, name: &str, faults: &mut Faults) -> Option<Secret> {
        let taken = self.typed(name, "text", faults, |value| match value {
            Value::Secret(secret) => Some(secret.clone()),
            other => plain_text(other).map(|text| Secret::new(text, Origin::Argument)),
        })?;
        if taken.expose().is_empty() {
            let place = self.get(name, faults).and_then(|found| found.place);
            let message = format!("`{name}` of {} is empty", self.host);
            let fault = fault(place.as_ref(), "wrong-type", message);
            faults.push(fault.help("is the variable or the environment variable it is made of set?"));
            return None;
        }
        Some(taken)
    }

    /// A truth.
    pub fn truth(&self, name: &str, faults: &mut Faults) -> Option<bool> {
        self.typed(name, "true or false", faults, |value| match value {
            Value::Bool(truth) => Some(*truth),
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" | "1" => Some(true),
                "false" | "no" | "off" | "0" => Some(false),
                _ => None,
            },
            _ => None,
        })
    }

    /// One word or a list of words.
    pub fn words(&self, name: &str, faults: &mut Faults) -> Option<Vec<String>> {
        self.typed(name, "a word or a list of words", faults, |value| match value {
            Value::List(list) => list.iter().map(plain_text).collect(),
            one => plain_text(one).map(|word| vec![word]),
        })
    }

    /// A port.
    pub fn port(&self, name: &str, faults: &mut Faults) -> Option<u16> {
        self.typed(name, "a port from 1 to 65535", faults, port)
    }

    /// A list of ports.
    pub fn ports(&self, name: &str, faults: &mut Faults) -> Option<Vec<u16>> {
        self.typed(name, "a list of ports", faults, |value| match value {
            Value::List(list) => list.iter().map(port).collect(),
            one => port(one).map(|port| vec![port]),
        })
    }

    /// A number of seconds.
    pub fn seconds(&self, name: &str, faults: &mut Faults) -> Option<Duration> {
        self.typed(name, "a number of seconds", faults, |value| match value {
            Value::Int(seconds) => u64::try_from(*seconds).ok().map(Duration::from_secs),
            Value::String(text) => text.trim().parse().ok().map(Duration::from_secs),
            _ => None,
        })
    }

    /// A duration such as `30d`, `12h 30m`; a bare number counts days.
    pub fn duration(&self, name: &str, faults: &mut Faults) -> Option<Duration> {
        self.typed(name, "a duration such as 30d", faults, |value| match value {
            Value::Int(days) => u64::try_from(*days)
                .ok()
                .map(|days| Duration::from_secs(days * 86_400)),
            Value::String(text) => parse_duration(text),
            _ => None,
        })
    }

    /// One of the given words.
    pub fn one_of<T: Copy>(&self, name: &str, words: &[(&str, T)], faults: &mut Faults) -> Option<T> {
        let word = self.text(name, faults)?;
        let found = words.iter().find(|(known, _)| *known == word).map(|(_, it)| *it);
        if found.is_none() {
            self.unknown(name, &word, words.iter().map(|(known, _)| *known), faults);
        }
        found
    }

    /// A word that parses as `T`, whose names are `known`.
    pub fn name<'k, T: FromStr>(
        &self,
        name: &str,
        word: &str,
        known: impl Iterator<Item = &'k str>,
        faults: &mut Faults,
    ) -> Option<T> {
        let parsed = word.parse().ok();
        if parsed.is_none() {
            self.unknown(name, word, known, faults);
        }
        parsed
    }

    fn unknown<'k>(&self, name: &str, word: &str, known: impl Iterator<Item = &'k str>, faults: &mut Faults) {
        let known: Vec<&str> = known.collect();
        let place = self.get(name, faults).and_then(|found| found.place);
        let message = format!("`{name}` of {} cannot be `{word}`", self.host);
        let help = match nearest(word, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("one of {}", known.join(", ")),
        };
        faults.push(fault(place.as_ref(), "unknown-word", message).help(help));
    }
}

fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn port(value: &Value) -> Option<u16> {
    match value {
        Value::Int(number) => u16::try_from(*number).ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
    .filter(|port| *port > 0)
}

/// A duration in words (`25m`, `1h 30m`, `30 days`); days have 24 hours.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let span: jiff::Span = text.trim().parse().ok()?;
    let day = jiff::SpanRelativeTo::days_are_24_hours();
    let duration = span.to_duration(day).ok()?;
    Duration::try_from(duration).ok()
}
