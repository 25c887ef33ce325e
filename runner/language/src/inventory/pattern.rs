//! Patterns of hosts: `finesse:&site_a:!vos03`, `~vos\d+`, `cuic[0]`.

use regex::Regex;

/// Several terms, of which those to add come first, then those to keep, then
/// those to leave out, whatever their order.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// The terms, as written.
    pub terms: Vec<Term>,
}

/// One term of a pattern.
#[derive(Clone, Debug)]
pub struct Term {
    /// What it does.
    pub role: Role,
    /// Whom it means.
    pub wanted: Wanted,
    /// Which of them.
    pub subset: Option<Subset>,
    /// The term as it was written.
    pub text: String,
}

/// What a term does with the hosts it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Adds them.
    Add,
    /// `&`: keeps only them.
    Keep,
    /// `!`: leaves them out.
    Drop,
}

/// Whom a term means: groups or hosts.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// A name.
    Name(String),
    /// Names with `*`, `?` or `[abc]`, or an expression after `~`.
    Like(Regex),
}

/// `[0]`, `[-1]`, `[1:3]`, `[2:]`: positions from 0, the last one included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subset {
    /// One of them; below zero counts from the end.
    One(i64),
    /// From the first to the last position, or to the end.
    Range(usize, Option<usize>),
}

impl Pattern {
    /// Reads a pattern; a fault is one sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let terms = split(text)
            .into_iter()
            .map(str::trim)
            .filter(|term| !term.is_empty())
            .map(Term::parse)
            .collect::<Result<_, _>>()?;
        Ok(Self { terms })
    }
}

/// The terms: parted by `,`, or where there is none by `:` outside of brackets.
fn split(text: &str) -> Vec<&str> {
    if text.contains(',') {
        return text.split(',').collect();
    }
    let colons = text.matches(':').count();
    if colons > 1 && text.parse::<std::net::Ipv6Addr>().is_ok() {
        return vec![text];
    }
    let regex = text.trim_start_matches(['!', '&']).starts_with('~');
    let mut depth = 0_usize;
    let mut terms = Vec::new();
    let mut start = 0;
    for (at, next) in text.char_indices() {
        match next {
            '[' | '(' => depth += 1,
            ']' | ')' => depth = depth.saturating_sub(1),
            ':' if depth == 0 && !(regex && text[at..].starts_with(":?")) => {
                terms.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    terms.push(&text[start..]);
    terms
}

impl Term {
    fn parse(text: &str) -> Result<Self, String> {
        let (role, name) = match text.as_bytes().first() {
            Some(b'!') => (Role::Drop, &text[1..]),
            Some(b'&') => (Role::Keep, &text[1..]),
            _ => (Role::Add, text),
        };
        let (name, subset) = match name.starts_with('~') {
            true => (name, None),
            false => subset(name),
        };
        if name.is_empty() {
            return Err(format!("`{text}` names nobody"));
        }
        Ok(Self {
            role,
            wanted: wanted(name)?,
            subset,
            text: text.to_owned(),
        })
    }
}

fn wanted(name: &str) -> Result<Wanted, String> {
    let expression = match name.strip_prefix('~') {
        Some(expression) => format!("^(?:{expression})"),
        None if name.contains(['*', '?', '[']) => glob(name),
        None => return Ok(Wanted::Name(name.to_owned())),
    };
    let regex = Regex::new(&expression);
    regex
        .map(Wanted::Like)
        .map_err(|_| format!("`{name}` is no regular expression"))
}

/// The regular expression of a glob as `fnmatch` has them.
fn glob(text: &str) -> String {
    let mut expression = String::from("^");
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let class = rest.strip_prefix('[').and_then(|inside| inside.split_once(']'));
        rest = match (next, class) {
            ('[', Some((class, after))) if !class.is_empty() => {
                let (not, class) = class.strip_prefix('!').map_or(("", class), |class| ("^", class));
                let class = class
                    .replace('\\', "\\\\")
                    .replace('[', "\\[")
                    .replace('^', "\\^");
                expression.push_str(&format!("[{not}{class}]"));
                after
            }
            _ => {
                match next {
                    '*' => expression.push_str(".*"),
                    '?' => expression.push('.'),
                    _ => expression.push_str(&regex::escape(next.encode_utf8(&mut [0; 4]))),
                }
                &rest[next.len_utf8()..]
            }
        };
    }
    expression + "$"
}

/// Takes a subset off the end of a name.
fn subset(name: &str) -> (&str, Option<Subset>) {
    let found = name.strip_suffix(']').and_then(|rest| {
        let (before, inside) = rest.rsplit_once('[')?;
        let subset = match inside.split_once([':', '-']) {
            Some((first, last)) if !first.is_empty() => {
                let last = match last {
                    "" => None,
                    last => Some(last.parse().ok()?),
                };
                Subset::Range(first.parse().ok()?, last)
            }
            _ => Subset::One(inside.parse().ok()?),
        };
        (!before.is_empty()).then_some((before, Some(subset)))
    });
    found.unwrap_or((name, None))
}

impl Subset {
    /// The members it picks.
    pub(super) fn pick<T>(self, mut all: Vec<T>) -> Vec<T> {
        let (from, to) = match self {
            Self::Range(first, last) => (first, last.map_or(all.len(), |last| last.saturating_add(1))),
            Self::One(at) => {
                let at = if at < 0 { at + all.len() as i64 } else { at };
                match usize::try_from(at) {
                    Ok(at) => (at, at.saturating_add(1)),
                    Err(_) => return Vec::new(),
                }
            }
        };
        all.truncate(to);
        all.drain(..from.min(all.len()));
        all
    }
}
