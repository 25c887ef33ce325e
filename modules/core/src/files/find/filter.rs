//! Which files are meant.

use cutover_kit::Failure;
use fancy_regex::Regex;
use globset::{GlobBuilder, GlobMatcher};

use super::args::{Args, FileType, Stamp};
use super::misfit;
use crate::disk::{Entry, Kind, Stat};
use crate::files::mode::Base;
use crate::files::python::{Coding, gave_up, regex};

/// What a file must be like.
pub(super) struct Filter<'a> {
    args: &'a Args,
    patterns: Vec<Name>,
    excludes: Vec<Name>,
    age: Option<f64>,
    size: Option<f64>,
    mode: Option<u32>,
    now: f64,
}

/// A name that fits.
enum Name {
    Glob(GlobMatcher),
    Regex(Regex),
}

impl<'a> Filter<'a> {
    pub(super) fn new(args: &'a Args, now: f64) -> Result<Self, Failure> {
        let names = |names: &[String]| {
            names
                .iter()
                .map(|name| Name::new(name, args.use_regex))
                .collect::<Result<Vec<_>, _>>()
        };
        let base = Base {
            now: 0,
            folder: false,
            umask: 0,
        };
        Ok(Self {
            patterns: names(&args.patterns)?,
            excludes: names(&args.excludes)?,
            age: amount("age", args.age.as_deref(), &AGES)?,
            size: amount("size", args.size.as_deref(), &SIZES)?,
            mode: args.mode.as_ref().map(|mode| mode.over(base)).transpose()?,
            args,
            now,
        })
    }

    pub(super) fn takes(&self, entry: &Entry) -> Result<bool, Failure> {
        let name = entry.path.rsplit('/').next().unwrap_or_default();
        let stat = &entry.stat;
        let quick = (self.args.hidden || !name.starts_with('.'))
            && self.is_kind(stat)
            && self.is_aged(stat)
            && self.is_sized(stat)
            && self.has_mode(stat);
        Ok(quick && (self.patterns.is_empty() || any(&self.patterns, name)?) && !any(&self.excludes, name)?)
    }

    fn is_kind(&self, stat: &Stat) -> bool {
        match self.args.file_type {
            FileType::Any => true,
            FileType::Directory => stat.is(Kind::Folder),
            FileType::File => stat.is(Kind::File),
            FileType::Link => stat.is(Kind::Link),
        }
    }

    fn is_aged(&self, stat: &Stat) -> bool {
        let stamp = match self.args.age_stamp {
            Stamp::Atime => stat.accessed,
            Stamp::Ctime => stat.changed,
            Stamp::Mtime => stat.modified,
        };
        fits(self.age, self.now - stamp)
    }

    /// Only files have a size that counts.
    fn is_sized(&self, stat: &Stat) -> bool {
        !stat.is(Kind::File) || fits(self.size, stat.size as f64)
    }

    fn has_mode(&self, stat: &Stat) -> bool {
        match self.mode {
            None => true,
            Some(mode) if self.args.exact_mode => stat.permissions() == mode,
            Some(mode) => stat.permissions() & mode != 0,
        }
    }
}

/// At least as much, or where the amount is negative at most.
fn fits(wanted: Option<f64>, is: f64) -> bool {
    wanted.is_none_or(|wanted| {
        if wanted.is_sign_negative() {
            is <= -wanted
        } else {
            is >= wanted
        }
    })
}

impl Name {
    fn new(text: &str, is_regex: bool) -> Result<Self, Failure> {
        if is_regex {
            return regex("patterns", &format!("^(?:{text})"), "").map(Self::Regex);
        }
        let glob = GlobBuilder::new(text).backslash_escape(false).build();
        let glob = glob.map_err(|error| misfit(format!("patterns: {error}")))?;
        Ok(Self::Glob(glob.compile_matcher()))
    }
}

fn any(names: &[Name], name: &str) -> Result<bool, Failure> {
    for it in names {
        let fits = match it {
            Name::Glob(glob) => glob.is_match(name),
            Name::Regex(regex) => regex.is_match(name).map_err(|error| gave_up(&error))?,
        };
        if fits {
            return Ok(true);
        }
    }
    Ok(false)
}

const AGES: [(char, f64); 5] = [
    ('s', 1.0),
    ('m', 60.0),
    ('h', 3600.0),
    ('d', 86_400.0),
    ('w', 604_800.0),
];

const SIZES: [(char, f64); 5] = [
    ('b', 1.0),
    ('k', 1024.0),
    ('m', 1_048_576.0),
    ('g', 1_073_741_824.0),
    ('t', 1_099_511_627_776.0),
];

/// `-2d` in seconds, `10k` in bytes.
fn amount(name: &str, text: Option<&str>, units: &[(char, f64)]) -> Result<Option<f64>, Failure> {
    let Some(text) = text else { return Ok(None) };
    let lower = text.to_ascii_lowercase();
    let unit = units.iter().find(|(letter, _)| lower.ends_with(*letter));
    let digits = unit.map_or(lower.as_str(), |(letter, _)| lower.trim_end_matches(*letter));
    let wrong = || misfit(format!("failed to process {name}: `{text}`"));
    let number: i64 = digits.parse().map_err(|_| wrong())?;
    let number = if digits.starts_with('-') {
        -(number.abs() as f64)
    } else {
        number as f64
    };
    Ok(Some(number * unit.map_or(1.0, |(_, factor)| *factor)))
}

/// Whether the content has what is looked for.
pub(super) fn contains(args: &Args, content: Option<&[u8]>) -> Result<bool, Failure> {
    let Some(pattern) = &args.contains else {
        return Ok(true);
    };
    let Some(content) = content else { return Ok(false) };
    let (text, coding) = Coding::read(content);
    let anchored = if args.read_whole_file { "" } else { "^" };
    let regex = regex("contains", &format!("{anchored}(?:{})", coding.own(pattern)), "")?;
    let fits = |text: &str| regex.is_match(text).map_err(|error| gave_up(&error));
    if args.read_whole_file {
        return fits(&text);
    }
    for line in text.split_inclusive('\n') {
        if fits(line)? {
            return Ok(true);
        }
    }
    Ok(false)
}
