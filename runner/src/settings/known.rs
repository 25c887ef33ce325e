//! What is known of a setting: what it is called, what it must be, and whether it is heeded.

/// One setting.
#[derive(Debug)]
pub struct Known {
    /// What Ansible calls it; the key of a file may be another word.
    pub name: &'static str,
    /// The section of the file it stands in.
    pub section: &'static str,
    /// Its key there.
    pub key: &'static str,
    /// The environment variables that set it, the strongest first.
    pub environment: &'static [&'static str],
    pub(super) kind: Kind,
    pub(super) heed: Heed,
}

/// What a setting must be.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Anything.
    Text,
    /// A whole number within these, both included.
    Number(u64, u64),
    /// Yes or no.
    Truth,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// What is done with a setting.
#[derive(Clone, Copy, Debug)]
pub(super) enum Heed {
    /// What it says.
    Yes,
    /// Nothing, and nothing is missed: it is about something cutover does without.
    Needless(&'static str),
    /// Nothing yet, which is said where the value matters; with what to do instead.
    NotYet(fn(&str) -> bool, &'static str),
}

impl Known {
    /// Why a value has no effect, where it has none.
    pub fn without_effect(&self) -> Option<&'static str> {
        match self.heed {
            Heed::Yes => None,
            Heed::Needless(why) | Heed::NotYet(_, why) => Some(why),
        }
    }
}

/// What a word for yes or no means.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" | "t" | "y" | "1.0" => Some(true),
        "false" | "no" | "off" | "0" | "f" | "n" | "0.0" | "none" | "" => Some(false),
        _ => None,
    }
}

pub(super) const fn heeded(
    name: &'static str,
    (section, key): (&'static str, &'static str),
    environment: &'static [&'static str],
    kind: Kind,
) -> Known {
    Known {
        name,
        section,
        key,
        environment,
        kind,
        heed: Heed::Yes,
    }
}

pub(super) const fn needless(
    name: &'static str,
    (section, key): (&'static str, &'static str),
    environment: &'static [&'static str],
    why: &'static str,
) -> Known {
    Known {
        name,
        section,
        key,
        environment,
        kind: Kind::Text,
        heed: Heed::Needless(why),
    }
}

pub(super) const fn not_yet(
    name: &'static str,
    (section, key): (&'static str, &'static str),
    environment: &'static [&'static str],
    matters: fn(&str) -> bool,
    instead: &'static str,
) -> Known {
    Known {
        name,
        section,
        key,
        environment,
        kind: Kind::Text,
        heed: Heed::NotYet(matters, instead),
    }
}
