//! Where a line goes.

use cutover_kit::Failure;
use fancy_regex::Regex;

use super::Revised;
use super::args::{Args, State};
use crate::files::python::{Coding, expand, gave_up, regex};

/// The content with the line, or without it.
pub(super) fn revise(args: &Args, content: &[u8]) -> Result<Revised, Failure> {
    let (text, coding) = Coding::read(content);
    let lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let mut revision = Revision {
        args,
        line: coding.own(&args.line().unwrap_or_default()),
        finds: Finds::new(args, coding)?,
        lines,
    };
    let (msg, found) = match args.state {
        State::Present => (revision.present()?, None),
        State::Absent => {
            let count = revision.absent()?;
            let msg = if count > 0 {
                format!("{count} line(s) removed")
            } else {
                String::new()
            };
            (msg, Some(count))
        }
    };
    Ok(Revised {
        content: coding.write(&revision.lines.concat()),
        msg,
        fields: found
            .map(|count| crate::fields([("found", count.into())]))
            .unwrap_or_default(),
    })
}

struct Revision<'a> {
    args: &'a Args,
    line: String,
    finds: Finds,
    /// Each with its end.
    lines: Vec<String>,
}

/// What the arguments look for in each line.
struct Finds {
    regexp: Option<Regex>,
    text: Option<String>,
    anchor: Option<Regex>,
}

impl Finds {
    fn new(args: &Args, coding: Coding) -> Result<Self, Failure> {
        let one = |name: &str, pattern: Option<&String>| {
            pattern
                .map(|pattern| regex(name, &coding.own(pattern), ""))
                .transpose()
        };
        let after = args
            .insertafter
            .as_ref()
            .filter(|it| !["BOF", "EOF"].contains(&it.as_str()));
        let before = args.insertbefore.as_ref().filter(|it| *it != "BOF");
        Ok(Self {
            regexp: one("regexp", args.regexp.as_ref())?,
            text: args.search_string.as_ref().map(|text| coding.own(text)),
            anchor: one("insertafter or insertbefore", after.or(before))?,
        })
    }
}

fn bare(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

fn found(regex: Option<&Regex>, line: &str) -> Result<bool, Failure> {
    regex.map_or(Ok(false), |regex| {
        regex.is_match(line).map_err(|error| gave_up(&error))
    })
}

impl Revision<'_> {
    fn absent(&mut self) -> Result<usize, Failure> {
        let mut kept = Vec::new();
        let before = self.lines.len();
        for line in std::mem::take(&mut self.lines) {
            let goes = match (&self.finds.regexp, &self.finds.text) {
                (None, None) => bare(&line) == self.line,
                _ => self.is_wanted(&line)?,
            };
            if !goes {
                kept.push(line);
            }
        }
        self.lines = kept;
        Ok(before - self.lines.len())
    }

    fn is_wanted(&self, line: &str) -> Result<bool, Failure> {
        let by_text = self
            .finds
            .text
            .as_ref()
            .is_some_and(|text| line.contains(text.as_str()));
        Ok(by_text || found(self.finds.regexp.as_ref(), line)?)
    }

    fn present(&mut self) -> Result<String, Failure> {
        if let Some(at) = self.last(Self::is_wanted)? {
            let new = self.filled(at)?;
            return Ok(self.replace(at, new));
        }
        let line = self.line.clone();
        if let Some(at) = self.lines.iter().rposition(|it| bare(it) == line) {
            let new = self.ended();
            return Ok(self.replace(at, new));
        }
        if self.args.backrefs {
            // Without a match there is nothing to fill the line with.
            return Ok(String::new());
        }
        self.add()
    }

    /// The last line that fits, or the first where that counts.
    fn last(&self, fits: impl Fn(&Self, &str) -> Result<bool, Failure>) -> Result<Option<usize>, Failure> {
        let mut last = None;
        for (at, line) in self.lines.iter().enumerate() {
            if fits(self, line)? {
                last = Some(at);
                if self.args.firstmatch {
                    break;
                }
            }
        }
        Ok(last)
    }

    /// The line with what the expression found filled in.
    fn filled(&self, at: usize) -> Result<String, Failure> {
        let Some(regexp) = self.finds.regexp.as_ref().filter(|_| self.args.backrefs) else {
            return Ok(self.ended());
        };
        let captures = regexp
            .captures(self.lines[at].as_str())
            .map_err(|error| gave_up(&error))?;
        let mut filled = match captures {
            Some(captures) => expand(&self.line, &captures)?,
            None => self.line.clone(),
        };
        if !filled.ends_with('\n') {
            filled.push('\n');
        }
        Ok(filled)
    }

    fn ended(&self) -> String {
        match self.line.ends_with('\n') {
            true => self.line.clone(),
            false => format!("{}\n", self.line),
        }
    }

    fn replace(&mut self, at: usize, new: String) -> String {
        if self.lines[at] == new {
            return String::new();
        }
        self.lines[at] = new;
        "line replaced".to_owned()
    }

    fn add(&mut self) -> Result<String, Failure> {
        let new = format!("{}\n", self.line);
        let starts = |it: &Option<String>| it.as_deref() == Some("BOF");
        let at = if starts(&self.args.insertbefore) || starts(&self.args.insertafter) {
            0
        } else {
            let anchor = self.last(|it, line| found(it.finds.anchor.as_ref(), line))?;
            match anchor {
                Some(at) if self.args.insertbefore.is_some() => at,
                Some(at) => at + 1,
                None => self.lines.len(),
            }
        };
        if at == self.lines.len()
            && let Some(last) = self.lines.last_mut()
            && !last.ends_with(['\n', '\r'])
        {
            last.push('\n');
        }
        self.lines.insert(at, new);
        Ok("line added".to_owned())
    }
}
