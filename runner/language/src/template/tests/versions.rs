//! Versions: as they come, semantic (semver.org), or of Python packages (PEP 440).

use std::cmp::Ordering;

use minijinja::{Error, Value};

use crate::template::arguments::Arguments;
use crate::template::error::{ErrorKind, Fault};
use crate::template::python::text;

fn wrong(message: impl Into<String>) -> Error {
    Fault::new(ErrorKind::Value, message).into()
}

/// `version(other, operator, strict, version_type)`.
pub(super) fn version(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let (left, right) = (text(value), arguments.text("version")?);
    let operator = arguments.text_or("operator", "eq");
    let given = |value: &Value| !value.is_none();
    let strict = arguments.next("strict").filter(given);
    let kind = arguments.next("version_type").filter(given);
    let kind = match (&strict, kind) {
        (Some(_), Some(_)) => return Err(wrong("Cannot specify both 'strict' and 'version_type'")),
        (_, Some(kind)) => text(&kind),
        (Some(strict), None) if strict.is_true() => "strict".to_owned(),
        _ => "loose".to_owned(),
    };
    if left.is_empty() {
        return Err(wrong("Input version value cannot be empty"));
    }
    if right.is_empty() {
        return Err(wrong("Version parameter to compare against cannot be empty"));
    }
    let ordering = match kind.as_str() {
        "loose" => parts(&left).cmp(&parts(&right)),
        "strict" => read(&left, Strict::read)?.cmp(&read(&right, Strict::read)?),
        "semver" | "semantic" => read(&left, Semantic::read)?.cmp(&read(&right, Semantic::read)?),
        "pep440" => read(&left, Package::read)?.cmp(&read(&right, Package::read)?),
        _ => {
            return Err(wrong(format!(
                "Invalid version type ({kind}). Must be one of loose, strict, semver, semantic, pep440"
            )));
        }
    };
    let holds = match operator.as_str() {
        "==" | "=" | "eq" => ordering.is_eq(),
        "!=" | "<>" | "ne" => ordering.is_ne(),
        "<" | "lt" => ordering.is_lt(),
        "<=" | "le" => ordering.is_le(),
        ">" | "gt" => ordering.is_gt(),
        ">=" | "ge" => ordering.is_ge(),
        _ => {
            let message = format!("`{operator}` compares no versions; use ==, !=, <, <=, > or >=");
            return Err(wrong(message));
        }
    };
    Ok(Value::from(holds))
}

fn read<T>(version: &str, read: fn(&str) -> Option<T>) -> Result<T, Error> {
    read(version).ok_or_else(|| wrong(format!("Version comparison failed: invalid version '{version}'")))
}

/// One part of a version; a number comes after a word, as `1.0.1` after `1.0.rc1`.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part<'a> {
    Word(&'a str),
    Number(u128),
}

/// Runs of digits compare as numbers, of letters as text.
fn parts(version: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = version;
    while let Some(next) = rest.chars().next() {
        let digits = next.is_ascii_digit();
        let same = |other: char| other.is_ascii_digit() == digits && !".-_+() ".contains(other);
        let end = match same(next) {
            true => rest.find(|other| !same(other)).unwrap_or(rest.len()),
            false => next.len_utf8(),
        };
        let (part, after) = rest.split_at(end);
        rest = after;
        match (same(next), digits) {
            (false, _) => {}
            (true, true) => parts.push(Part::Number(part.parse().unwrap_or(u128::MAX))),
            (true, false) => parts.push(Part::Word(part)),
        }
    }
    parts
}

/// `1.2.3`, and before it `1.2.3a1` and `1.2.3b1`.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Strict([u64; 3], Option<u8>, Option<(char, u64)>);

impl Strict {
    fn read(version: &str) -> Option<Self> {
        let at = version.find(['a', 'b']);
        let (numbers, before) = version.split_at(at.unwrap_or(version.len()));
        let before = match before.chars().next() {
            None => None,
            Some(kind) => Some((kind, before[1..].parse().ok()?)),
        };
        let mut all = [0; 3];
        let mut count = 0;
        for number in numbers.split('.') {
            *all.get_mut(count)? = number.parse().ok()?;
            count += 1;
        }
        // A final version comes after what leads to it.
        let is_final = if before.is_none() { Some(1) } else { Some(0) };
        (count >= 2).then_some(Self(all, is_final, before))
    }
}

/// `1.2.3-rc.1+build`.
struct Semantic {
    numbers: [u64; 3],
    before: Vec<String>,
}

impl Semantic {
    fn read(version: &str) -> Option<Self> {
        let version = version.strip_prefix('v').unwrap_or(version);
        let version = version.split_once('+').map_or(version, |(version, _)| version);
        let (numbers, before) = version
            .split_once('-')
            .map_or((version, None), |(a, b)| (a, Some(b)));
        let numbers: Vec<u64> = numbers
            .split('.')
            .map(|number| number.parse().ok())
            .collect::<Option<_>>()?;
        let before = before.map(|before| before.split('.').map(str::to_owned).collect());
        Some(Self {
            numbers: numbers.try_into().ok()?,
            before: before.unwrap_or_default(),
        })
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let part = |(left, right): (&String, &String)| match (left.parse::<u64>(), right.parse::<u64>()) {
            (Ok(left), Ok(right)) => left.cmp(&right),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => left.cmp(right),
        };
        let before = match (self.before.is_empty(), other.before.is_empty()) {
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            _ => self
                .before
                .iter()
                .zip(&other.before)
                .map(part)
                .find(|ordering| ordering.is_ne())
                .unwrap_or_else(|| self.before.len().cmp(&other.before.len())),
        };
        self.numbers.cmp(&other.numbers).then(before)
    }
}

/// `1!2.0rc1.post2.dev3`: epoch, numbers, then how far before or after that release.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Package {
    epoch: u64,
    numbers: Vec<u64>,
    /// Development releases of nothing come first, then `a`, `b`, `rc`, then none.
    before: (u8, u64),
    /// None comes before the first.
    after: Option<u64>,
    /// None comes after all.
    development: u64,
}

impl Package {
    fn read(version: &str) -> Option<Self> {
        let lower = version.trim().to_lowercase();
        let text = lower.strip_prefix('v').unwrap_or(&lower);
        let text = text.split_once('+').map_or(text, |(text, _)| text);
        let (epoch, text) = match text.split_once('!') {
            Some((epoch, text)) => (epoch.parse().ok()?, text),
            None => (0, text),
        };
        let end = text
            .find(|next: char| !next.is_ascii_digit() && next != '.')
            .unwrap_or(text.len());
        let (release, mut rest) = text.split_at(end);
        let mut numbers: Vec<u64> = release
            .trim_end_matches('.')
            .split('.')
            .map(|number| number.parse().ok())
            .collect::<Option<_>>()?;
        while numbers.len() > 1 && numbers.last() == Some(&0) {
            numbers.pop();
        }
        let (mut before, mut after, mut development) = (None, None, None);
        while !rest.is_empty() {
            rest = rest.trim_start_matches(['.', '-', '_']);
            let end = rest
                .find(|next: char| !next.is_ascii_alphabetic())
                .unwrap_or(rest.len());
            let (word, tail) = rest.split_at(end);
            let tail = tail.trim_start_matches(['.', '-', '_']);
            let end = tail
                .find(|next: char| !next.is_ascii_digit())
                .unwrap_or(tail.len());
            let number = tail[..end].parse().unwrap_or(0);
            match word {
                "a" | "alpha" => before = Some((1, number)),
                "b" | "beta" => before = Some((2, number)),
                "rc" | "c" | "pre" | "preview" => before = Some((3, number)),
                "post" | "rev" | "r" => after = Some(number),
                "dev" => development = Some(number),
                _ => return None,
            }
            rest = &tail[end..];
        }
        let only_development = before.is_none() && after.is_none() && development.is_some();
        Some(Self {
            epoch,
            numbers,
            before: before.unwrap_or(if only_development { (0, 0) } else { (4, 0) }),
            after,
            development: development.unwrap_or(u64::MAX),
        })
    }
}
