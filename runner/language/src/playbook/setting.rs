//! Values of keywords: a literal of the right type, or a template for one.

use std::time::Duration;

use super::duration;
use crate::source::{Located, Place};
use crate::yaml::{Kind, Node};

/// What a keyword was set to.
#[derive(Clone, Debug, PartialEq)]
pub enum Setting<T> {
    /// A value that is known already.
    Literal(Located<T>),
    /// A template; [`Literal::from_text`] or a value of the right kind comes of it.
    Template(Node),
    /// A template inside of another setting, which holds where the template comes to `omit`.
    Within(Node, Box<Setting<T>>),
}

impl<T> Setting<T> {
    /// The value, where it is known already.
    pub fn literal(&self) -> Option<&T> {
        match self {
            Self::Literal(literal) => Some(&literal.value),
            Self::Template(_) | Self::Within(..) => None,
        }
    }

    /// Its template, where it is one.
    pub fn template(&self) -> Option<&Node> {
        match self {
            Self::Literal(_) => None,
            Self::Template(node) | Self::Within(node, _) => Some(node),
        }
    }

    /// Where it was written.
    pub fn place(&self) -> &Place {
        match self {
            Self::Literal(literal) => &literal.place,
            Self::Template(node) | Self::Within(node, _) => &node.place,
        }
    }
}

impl<T: Clone> Setting<T> {
    /// The same inside of what holds around it.
    pub(super) fn within(self, outer: Option<&Self>) -> Self {
        match (self, outer) {
            (Self::Template(node), Some(outer)) => Self::Within(node, Box::new(outer.clone())),
            (Self::Within(node, inner), outer) => Self::Within(node, Box::new(inner.within(outer))),
            (inner, _) => inner,
        }
    }
}

/// A type that keywords take.
pub trait Literal: Sized {
    /// What is wanted, as messages say it.
    const WANTED: &'static str;

    /// The words there are, where there are only some.
    const WORDS: &'static [&'static str] = &[];

    /// The value a node means, if it means one.
    fn from_node(node: &Node) -> Option<Self> {
        Self::from_text(&node.written()?)
    }

    /// The value a text means, as it comes out of a template.
    fn from_text(text: &str) -> Option<Self>;
}

impl Literal for bool {
    const WANTED: &'static str = "true or false";

    fn from_node(node: &Node) -> Option<Self> {
        match &node.kind {
            Kind::Bool(truth) => Some(*truth),
            _ => Self::from_text(&node.written()?),
        }
    }

    /// The wide list that keywords take: also `y`, `t` and `1`.
    fn from_text(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "yes" | "y" | "on" | "true" | "t" | "1" => Some(true),
            "no" | "n" | "off" | "false" | "f" | "0" => Some(false),
            _ => None,
        }
    }
}

impl Literal for u64 {
    const WANTED: &'static str = "a whole number, 0 or more";

    fn from_node(node: &Node) -> Option<Self> {
        match &node.kind {
            Kind::Int(number) => Self::try_from(*number).ok(),
            _ => Self::from_text(&node.written()?),
        }
    }

    fn from_text(text: &str) -> Option<Self> {
        text.trim().parse().ok()
    }
}

impl Literal for f64 {
    const WANTED: &'static str = "a number";

    fn from_node(node: &Node) -> Option<Self> {
        match &node.kind {
            Kind::Int(number) => Some(*number as f64),
            Kind::Float(number) => Some(*number),
            _ => Self::from_text(&node.written()?),
        }
    }

    /// A percent sign after it is allowed.
    fn from_text(text: &str) -> Option<Self> {
        let number = text.trim().trim_end_matches('%');
        number.parse().ok().filter(|number: &f64| number.is_finite())
    }
}

impl Literal for String {
    const WANTED: &'static str = "text";

    fn from_text(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Literal for Duration {
    const WANTED: &'static str = "a duration such as `25m` or `1h 30m`";

    fn from_text(text: &str) -> Option<Self> {
        duration::parse(text)
    }
}

/// How many at once: `serial`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Share {
    /// So many.
    Count(u64),
    /// So many of a hundred of all, rounded down, at least one.
    Percent(f64),
}

impl Share {
    /// How many of `all` that is; 0 or less means all of them at once.
    pub fn of(self, all: usize) -> usize {
        match self {
            Self::Count(0) => all,
            Self::Count(count) => usize::try_from(count).unwrap_or(all),
            Self::Percent(percent) if percent <= 0.0 => all,
            Self::Percent(percent) => ((all as f64 * percent / 100.0) as usize).max(1),
        }
    }
}

impl Literal for Share {
    const WANTED: &'static str = "a number or a percentage such as `30%`";

    fn from_text(text: &str) -> Option<Self> {
        match text.trim().strip_suffix('%') {
            Some(percent) => f64::from_text(percent).map(Self::Percent),
            None => u64::from_text(text).map(Self::Count),
        }
    }
}

/// Words that a keyword takes, and nothing else.
macro_rules! words {
    ($(#[$about:meta])* $name:ident, $wanted:literal { $($(#[$doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $crate::playbook::Literal for $name {
            const WANTED: &'static str = $wanted;
            const WORDS: &'static [&'static str] = &[$($word,)*];

            fn from_text(text: &str) -> Option<Self> {
                match text { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    };
}
pub(super) use words;

words! {
    /// In which order hosts, lanes and members of a cluster take their turns.
    Order, "`inventory`, `reverse_inventory`, `sorted`, `reverse_sorted` or `shuffle`" {
        /// As the inventory lists them.
        #[default]
        Inventory = "inventory",
        /// The other way round.
        ReverseInventory = "reverse_inventory",
        /// By name.
        Sorted = "sorted",
        /// By name, the other way round.
        ReverseSorted = "reverse_sorted",
        /// By chance.
        Shuffle = "shuffle",
    }
}

words! {
    /// How hosts go through the tasks.
    Strategy, "`linear`, `free`, `host_pinned` or `debug`" {
        /// Task by task, all hosts together.
        #[default]
        Linear = "linear",
        /// Each host as fast as it can.
        Free = "free",
        /// As `free`, with few hosts begun at once.
        HostPinned = "host_pinned",
        /// As `linear`, stopping for a person at a failure.
        Debug = "debug",
    }
}

words! {
    /// At which ends of a task somebody at the terminal is asked what to do (`debugger`).
    Debugger, "`always`, `never`, `on_failed`, `on_unreachable` or `on_skipped`" {
        /// At none.
        #[default]
        Never = "never",
        /// At every one.
        Always = "always",
        /// Where it failed and that is not ignored.
        OnFailed = "on_failed",
        /// Where the host could not be reached.
        OnUnreachable = "on_unreachable",
        /// Where it was skipped.
        OnSkipped = "on_skipped",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_count_or_a_percentage_of_all() {
        assert_eq!(Share::from_text("30%").unwrap().of(7), 2);
        assert_eq!(Share::from_text("1%").unwrap().of(7), 1);
        assert_eq!(Share::from_text("0").unwrap().of(7), 7);
        assert_eq!(Share::from_text("3").unwrap().of(7), 3);
        assert_eq!(Share::from_text("many"), None);
    }
}
