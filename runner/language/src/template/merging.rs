//! `hash_behaviour = merge`: a variable that several layers set to mappings is all of them, and of a
//! key that several have the one that would win is taken, or again all of them where it is a mapping.
//!
//! Merged is what was written and what the run has found out, before anything is rendered, so that
//! a member may be made of another.

use std::sync::Arc;

use cutover_kit::Value as Known;
use indexmap::IndexMap;
use minijinja::Value;

use super::error::Stop;
use super::eval::Eval;
use super::tree::Tree;
use crate::scope::{Layer, Scope, Variable};
use crate::secrecy::is_secret_name;
use crate::source::Place;
use crate::yaml::Node;

/// A setting of a variable or a member of one, before it is rendered.
#[derive(Clone)]
pub(super) enum Part {
    /// Written in a file.
    Written(Node),
    /// Found out by the run: never a template. It may be secret or known later.
    Data(Known),
    /// Several mappings that are one.
    Merged(Arc<Merged>),
}

/// The members of mappings that are one, by their keys as they were written.
pub(super) type Merged = IndexMap<String, Member>;

/// A member of them.
#[derive(Clone)]
pub(super) struct Member {
    /// Where its key was written, and may be a template; what the run found out has no place.
    pub(super) key: Option<Place>,
    pub(super) part: Part,
}

/// The value of a variable with all its settings, down to the first that is no mapping.
pub(super) fn variable(eval: &Arc<Eval>, name: &str) -> Option<Result<Value, Stop>> {
    let mut settings = settings(&eval.scope, name).map(|(variable, _)| variable);
    let winner = settings.next()?;
    let all = settings.fold(None, |upper: Option<Part>, lower| {
        let upper = upper.unwrap_or_else(|| Part::of(winner));
        Some(merged(Part::of(lower), upper))
    });
    Some(match all {
        Some(Part::Merged(members)) => {
            let secret = is_secret_name(name);
            Ok(Value::from_object(Tree::of_merged(eval, members, name, secret)))
        }
        Some(Part::Written(node)) => eval.setting(name, &Variable::Template(node)),
        Some(Part::Data(value)) => Ok(eval.data(&value)),
        None => eval.setting(name, winner),
    })
}

/// The settings that a variable is made of, the one that wins first: all down to the first that is no
/// mapping. What is known later may be one, so that it belongs to them, and nothing below it does.
pub(super) fn settings<'a>(scope: &'a Scope, name: &str) -> impl Iterator<Item = (&'a Variable, &'a Layer)> {
    let mut goes_on = true;
    scope.every(name).enumerate().map_while(move |(index, setting)| {
        let is_mapping = setting.0.is_mapping();
        let is_later = matches!(setting.0, Variable::Data(value) if matches!(**value, Known::Later(_)));
        let belongs = goes_on && (index == 0 || is_mapping || is_later);
        goes_on = is_mapping;
        belongs.then_some(setting)
    })
}

/// What is above, with what is below it where both are mappings. Of what is known later it cannot be
/// told which members it has, nor then of a mapping above it.
fn merged(lower: Part, upper: Part) -> Part {
    let Some(above) = upper.members() else {
        return upper;
    };
    let Some(mut both) = lower.members() else {
        return match lower {
            Part::Data(Known::Later(_)) => lower,
            _ => upper,
        };
    };
    // The keys of the lower one come first.
    for (name, Member { key, part }) in above {
        let part = match both.get(&name) {
            Some(below) => merged(below.part.clone(), part),
            None => part,
        };
        both.insert(name, Member { key, part });
    }
    Part::Merged(Arc::new(both))
}

impl Part {
    fn of(variable: &Variable) -> Self {
        match variable {
            Variable::Template(node) => Self::Written(node.clone()),
            Variable::Data(value) => Self::Data((**value).clone()),
        }
    }

    /// The members of a mapping.
    fn members(&self) -> Option<Merged> {
        match self {
            Self::Written(node) => {
                let entries = node.as_map()?.iter().map(|entry| {
                    let member = Member {
                        key: Some(entry.key.place.clone()),
                        part: Self::Written(entry.value.clone()),
                    };
                    (entry.key.value.clone(), member)
                });
                Some(entries.collect())
            }
            Self::Data(value) => {
                let members = value.as_map()?.iter().map(|(name, value)| {
                    let part = Self::Data(value.clone());
                    (name.clone(), Member { key: None, part })
                });
                Some(members.collect())
            }
            Self::Merged(members) => Some((**members).clone()),
        }
    }
}
