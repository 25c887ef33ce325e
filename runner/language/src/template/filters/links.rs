//! `urlize`: what looks like an address in a text becomes a link of HTML.

use minijinja::{Error, Value};

use super::markup::escaped;
use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::python::text;

pub(super) const TABLE: &[Entry] = &[Entry::own("urlize", Takes::Values, urlize)];

/// The ends of names that are addresses without `http` or `www`.
const KNOWN_ENDS: [&str; 8] = ["com", "net", "int", "edu", "gov", "org", "info", "mil"];
/// What may stand before an address, once the text is escaped.
const BEFORE: [&str; 3] = ["(", "<", "&lt;"];
/// What may stand after it, and belongs to it only where it closes what it opened.
const AFTER: [&str; 6] = [")", ">", ".", ",", "\n", "&gt;"];
const PAIRS: [(&str, &str); 3] = [("(", ")"), ("<", ">"), ("&lt;", "&gt;")];

/// `text | urlize(trim_url_limit, nofollow, target, rel, extra_schemes)`
fn urlize(value: &Value, arguments: &mut Arguments) -> Result<Value, Error> {
    let limit = arguments.number("trim_url_limit")?;
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    let nofollow = arguments.flag("nofollow");
    let target = arguments.text_or("target", "");
    let rel = arguments.text_or("rel", "");
    let schemes = arguments.next("extra_schemes").filter(|given| !given.is_none());
    let schemes = schemes.map(|given| super::items(&given)).transpose()?;
    let mut rels: Vec<&str> = rel.split_whitespace().chain(["noopener"]).collect();
    rels.extend(nofollow.then_some("nofollow"));
    rels.sort_unstable();
    rels.dedup();
    let attribute = |name: &str, value: &str| match value {
        "" => String::new(),
        value => format!(" {name}=\"{}\"", escaped(value)),
    };
    let links = Links {
        attributes: attribute("rel", &rels.join(" ")) + &attribute("target", &target),
        limit,
        schemes: schemes.unwrap_or_default().iter().map(text).collect(),
    };
    let escaped = escaped(&text(value));
    let mut out = String::new();
    for word in escaped.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end_matches(char::is_whitespace);
        out.push_str(&links.word(bare));
        out.push_str(&word[bare.len()..]);
    }
    Ok(Value::from(out))
}

struct Links {
    attributes: String,
    limit: Option<usize>,
    schemes: Vec<String>,
}

impl Links {
    fn word(&self, word: &str) -> String {
        let mut rest = word;
        while let Some(after) = BEFORE.iter().find_map(|mark| rest.strip_prefix(mark)) {
            rest = after;
        }
        let head = &word[..word.len() - rest.len()];
        let whole = rest;
        while let Some(before) = AFTER.iter().find_map(|mark| rest.strip_suffix(mark)) {
            rest = before;
        }
        let mut end = rest.len();
        for (open, close) in PAIRS {
            while whole[..end].matches(open).count() > whole[..end].matches(close).count()
                && let Some(at) = whole[end..].find(close)
            {
                end += at + close.len();
            }
        }
        let (address, tail) = whole.split_at(end);
        format!("{head}{}{tail}", self.linked(address))
    }

    fn linked(&self, address: &str) -> String {
        if is_web(address) {
            let scheme = match has_scheme(address) {
                true => "",
                false => "https://",
            };
            return self.link(&format!("{scheme}{address}"), address);
        }
        let mail = address.strip_prefix("mailto:").unwrap_or(address);
        if is_mail(mail) {
            return format!("<a href=\"mailto:{mail}\">{mail}</a>");
        }
        let longer = |scheme: &String| address.len() > scheme.len() && address.starts_with(scheme.as_str());
        match self.schemes.iter().any(longer) {
            true => self.link(address, address),
            false => address.to_owned(),
        }
    }

    fn link(&self, to: &str, shown: &str) -> String {
        let shown = match self.limit {
            Some(limit) if shown.chars().count() > limit => {
                shown.chars().take(limit).collect::<String>() + "..."
            }
            _ => shown.to_owned(),
        };
        format!("<a href=\"{to}\"{}>{shown}</a>", self.attributes)
    }
}

fn has_scheme(address: &str) -> bool {
    address.starts_with("http://") || address.starts_with("https://")
}

/// Whether this is an address of the web: a scheme or `www.` or a known end, a host, perhaps a
/// port and a path.
fn is_web(address: &str) -> bool {
    let lower = address.to_lowercase();
    let bare = lower
        .strip_prefix("http://")
        .or_else(|| lower.strip_prefix("https://"));
    let host = bare.unwrap_or(&lower);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    if let Some(inside) = host.strip_prefix('[').and_then(|host| host.split_once(']')) {
        return bare.is_some() && inside.0.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let (host, port) = host
        .split_once(':')
        .map_or((host, None), |(host, port)| (host, Some(port)));
    let digits = |port: &str| (1..=5).contains(&port.len()) && port.bytes().all(|next| next.is_ascii_digit());
    if !port.is_none_or(digits) {
        return false;
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label
                .chars()
                .all(|next| next.is_alphanumeric() || "_%-".contains(next))
    };
    let labels: Vec<&str> = host.split('.').collect();
    let Some((last, before)) = labels.split_last() else {
        return false;
    };
    let is_name = last.len() >= 2 && last.chars().all(|next| next.is_ascii_lowercase());
    let names = before.iter().all(|label| is_label(label));
    match bare.is_some() || labels.first() == Some(&"www") && labels.len() > 1 {
        true => names && (is_name || last.starts_with("xn--") || host.parse::<std::net::Ipv4Addr>().is_ok()),
        // `e.g.` is no address.
        false => {
            let long = before.iter().all(|label| label.len() > 1);
            names && long && !before.is_empty() && KNOWN_ENDS.contains(last)
        }
    }
}

fn is_mail(address: &str) -> bool {
    let Some((name, host)) = address.rsplit_once('@') else {
        return false;
    };
    let end = host.rsplit_once('.').map(|(_, end)| end);
    let plain = |next: char| next.is_alphanumeric() || "_.-".contains(next);
    !name.is_empty()
        && !name.contains(':')
        && !name.starts_with("www.")
        && host.starts_with(char::is_alphanumeric)
        && host.chars().all(plain)
        && end.is_some_and(|end| !end.is_empty())
}
