//! Text laid out for a place: comments, HTML, lines of a width.

use minijinja::{Error, Value};

use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::python::{repr, text};

pub(super) const TABLE: &[Entry] = &[
    Entry::own("comment", Takes::Values, comment),
    Entry::own("escape", Takes::Values, |value, _| {
        Ok(Value::from(escaped(&text(value))))
    }),
    Entry::own("e", Takes::Values, |value, _| {
        Ok(Value::from(escaped(&text(value))))
    }),
    Entry::own("forceescape", Takes::Values, |value, _| {
        Ok(Value::from(escaped(&text(value))))
    }),
    Entry::own("safe", Takes::Values, |value, _| Ok(value.clone())),
    Entry::own("striptags", Takes::Values, striptags),
    Entry::own("truncate", Takes::Values, truncate),
    Entry::own("wordwrap", Takes::Values, wordwrap),
    Entry::own("xmlattr", Takes::Values, xmlattr),
    Entry::own("pprint", Takes::Values, |value, _| Ok(Value::from(repr(value)))),
    Entry::own("indent", Takes::Values, indent),
];

/// One call puts at most so many bytes before the lines of a text.
const MOST_INDENTED: usize = 8 * 1024 * 1024;

/// `indent(width=4, first=False, blank=False)`: all lines but the first behind blanks, or behind a
/// text; with `first` that too, with `blank` also those with nothing in them.
fn indent(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let limit = || Error::from(Fault::new(ErrorKind::Limit, "this makes too much text"));
    let width = arguments.next("width").unwrap_or_else(|| Value::from(4));
    let by = match (width.as_str(), width.as_i64()) {
        (Some(text), _) => text.to_owned(),
        (None, Some(width)) => match usize::try_from(width).unwrap_or(0) {
            width if width > MOST_INDENTED => return Err(limit()),
            width => " ".repeat(width),
        },
        (None, None) => {
            return Err(Fault::new(ErrorKind::Value, "`width` takes a whole number or a text").into());
        }
    };
    let (first, blank) = (arguments.flag("first"), arguments.flag("blank"));
    let whole = text(value);
    let lines = whole
        .split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line));
    if by.len().saturating_mul(lines.clone().count()) > MOST_INDENTED {
        return Err(limit());
    }
    let mut out = String::new();
    for (number, line) in lines.enumerate() {
        let indented = match number {
            0 => first,
            _ => blank || !line.is_empty(),
        };
        out.push_str(if number > 0 { "\n" } else { "" });
        out.push_str(if indented { &by } else { "" });
        out.push_str(line);
    }
    Ok(Value::from(out))
}

/// How a comment is set: before all of it, before each line, after all of it.
struct Style {
    beginning: &'static str,
    decoration: &'static str,
    end: &'static str,
}

fn style(name: &str) -> Option<Style> {
    let (beginning, decoration, end) = match name {
        "plain" => ("", "# ", ""),
        "erlang" => ("", "% ", ""),
        "c" => ("", "// ", ""),
        "cblock" => ("/*", " * ", " */"),
        "xml" => ("<!--", " - ", "-->"),
        _ => return None,
    };
    Some(Style {
        beginning,
        decoration,
        end,
    })
}

fn comment(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let name = arguments.text_or("style", "plain");
    let style = style(&name).ok_or_else(|| {
        let message = format!("Invalid style '{name}'.");
        let help = "it is one of plain, c, cblock, erlang, xml".to_owned();
        Fault::new(ErrorKind::Value, message).help(Some(help))
    })?;
    let mut word = |name: &str| arguments.named(name).map(|word| text(&word));
    let decoration = word("decoration").unwrap_or_else(|| style.decoration.to_owned());
    let bare = decoration.trim_end().to_owned();
    let newline = word("newline").unwrap_or_else(|| "\n".to_owned());
    let beginning = word("beginning").unwrap_or_else(|| style.beginning.to_owned());
    let end = word("end").unwrap_or_else(|| style.end.to_owned());
    let prefix = word("prefix").unwrap_or_else(|| bare.clone());
    let postfix = word("postfix").unwrap_or_else(|| bare.clone());
    let mut count = |name: &str| {
        arguments
            .named(name)
            .and_then(|it| it.as_usize())
            .unwrap_or(1)
            .min(1000)
    };
    let (before, after) = (count("prefix_count"), count("postfix_count"));
    let mut lines = Vec::new();
    if !beginning.is_empty() {
        lines.push(beginning);
    }
    lines.extend(std::iter::repeat_n(prefix, before));
    for line in text(value).split(newline.as_str()) {
        lines.push(format!("{decoration}{line}").trim_end().to_owned());
    }
    lines.extend(std::iter::repeat_n(postfix, after));
    if !end.is_empty() {
        lines.push(end);
    }
    Ok(Value::from(lines.join(&newline)))
}

pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for next in text.chars() {
        match next {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(next),
        }
    }
    out
}

/// Without tags and comments, all blanks single.
fn striptags(value: &Value, _: &mut Arguments) -> Result<Value, Error> {
    let whole = text(value);
    let mut out = String::new();
    let mut rest = whole.as_str();
    while let Some((before, tag)) = rest.split_once('<') {
        out.push_str(before);
        let end = match tag.strip_prefix("!--") {
            Some(comment) => comment.split_once("-->"),
            None => tag.split_once('>'),
        };
        let Some((_, after)) = end else {
            rest = "";
            break;
        };
        rest = after;
    }
    out.push_str(rest);
    let words: Vec<&str> = out.split_whitespace().collect();
    let mut plain = words.join(" ");
    for (name, character) in [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&#34;", "\""),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ] {
        plain = plain.replace(name, character);
    }
    Ok(Value::from(plain))
}

fn truncate(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let whole = text(value);
    let size =
        |number: Option<i64>, otherwise| number.map_or(otherwise, |it| usize::try_from(it).unwrap_or(0));
    let length = size(arguments.number("length")?, 255);
    let kill_words = arguments.flag("killwords");
    let end = arguments.text_or("end", "...");
    let leeway = size(arguments.number("leeway")?, 5);
    let characters: Vec<char> = whole.chars().collect();
    if characters.len() <= length.saturating_add(leeway) {
        return Ok(Value::from(whole));
    }
    let kept = length.saturating_sub(end.chars().count());
    let cut: String = characters.into_iter().take(kept).collect();
    let cut = match (kill_words, cut.rfind(' ')) {
        (false, Some(at)) => cut[..at].to_owned(),
        _ => cut,
    };
    Ok(Value::from(cut + &end))
}

fn wordwrap(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let width = arguments.number("width")?.unwrap_or(79);
    let width = usize::try_from(width).unwrap_or(1).max(1);
    let break_long = arguments.next("break_long_words").is_none_or(|it| it.is_true());
    let between = arguments.text_or("wrapstring", "\n");
    arguments.next("break_on_hyphens");
    let whole = text(value);
    let lines = whole
        .lines()
        .map(|line| wrapped(line, width, break_long).join(&between));
    Ok(Value::from(lines.collect::<Vec<_>>().join(&between)))
}

fn wrapped(line: &str, width: usize, break_long: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let mut current = String::new();
    let mut count = 0;
    for word in line.split_inclusive(char::is_whitespace) {
        let mut word: Vec<char> = word.chars().collect();
        let length = |word: &[char]| word.iter().collect::<String>().trim_end().chars().count();
        if count > 0 && count + length(&word) > width {
            lines.push(std::mem::take(&mut current).trim_end().to_owned());
            count = 0;
        }
        while break_long && length(&word) > width {
            lines.push(word.drain(..width).collect());
        }
        count += word.len();
        current.extend(word);
    }
    if !current.trim_end().is_empty() {
        lines.push(current.trim_end().to_owned());
    }
    lines
}

fn xmlattr(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let blank = arguments.next("autospace").is_none_or(|it| it.is_true());
    let pairs = super::mappings::pairs(value)?;
    let shown: Vec<String> = pairs
        .iter()
        .filter(|(_, value)| !value.is_none())
        .map(|(key, value)| format!("{}=\"{}\"", escaped(&text(key)), escaped(&text(value))))
        .collect();
    let shown = shown.join(" ");
    Ok(Value::from(if blank && !shown.is_empty() {
        format!(" {shown}")
    } else {
        shown
    }))
}
