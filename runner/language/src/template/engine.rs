//! The engine: what templates can call, each of it in one table.
//!
//! A filter, test or function is added by one line in the table of its file.

use std::collections::HashMap;
use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{Environment, Error, Output, State, UndefinedBehavior, Value};

use super::arguments::Arguments;
use super::leaf::{Depth, Leaf, settle};
use super::roots::Root;
use super::{access, filters, functions, methods, operators, python, rewrite, site, tests, written};

/// How long one template may run, in steps of the engine.
const MOST_STEPS: u64 = 200_000;
/// How deep expressions may be nested.
const MOST_LEVELS: usize = 100;

/// A filter or a test.
pub(super) struct Entry {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    pub(super) call: Call,
}

/// What it does with undefined values, secrets and values known later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// It is handed them as they are.
    Anything,
    /// It uses its arguments, and passes their members on unused.
    Members,
    /// It uses its arguments and everything in them.
    Values,
}

/// What it calls.
#[derive(Clone, Copy)]
pub(super) enum Call {
    /// Ours: the value and the arguments after it.
    Own(fn(&Value, &mut Arguments) -> Result<Value, Error>),
    /// The engine's own.
    Engine(fn() -> Value),
}

impl Entry {
    /// An entry of ours.
    pub(super) const fn own(
        name: &'static str,
        takes: Takes,
        call: fn(&Value, &mut Arguments) -> Result<Value, Error>,
    ) -> Self {
        Self {
            name,
            takes,
            call: Call::Own(call),
        }
    }

    /// An entry of the engine.
    pub(super) const fn engine(name: &'static str, takes: Takes, call: fn() -> Value) -> Self {
        Self {
            name,
            takes,
            call: Call::Engine(call),
        }
    }

    /// What the engine is to call.
    fn function(
        &self,
    ) -> impl Fn(&mut State<'_, '_>, Rest<ValueOrKwargs>) -> Result<Value, Error> + Send + Sync + use<> {
        let takes = self.takes;
        let call = match self.call {
            Call::Own(own) => Ok(own),
            Call::Engine(make) => Err(make()),
        };
        move |state, args| {
            let mut values = args.into_values();
            if takes != Takes::Anything {
                let depth = if takes == Takes::Values {
                    Depth::All
                } else {
                    Depth::Top
                };
                for value in values.iter_mut().filter(|value| !value.is_kwargs()) {
                    *value = settle(value, depth)?;
                }
            }
            match &call {
                Err(engine) => engine.call(state, &values),
                Ok(own) => {
                    let (value, rest) = values
                        .split_first()
                        .map_or((Value::UNDEFINED, &[][..]), |(first, rest)| (first.clone(), rest));
                    let mut arguments = Arguments::new(rest);
                    let result = own(&value, &mut arguments)?;
                    arguments.finish()?;
                    Ok(result)
                }
            }
        }
    }
}

/// The syntax of text in YAML: a line end after a tag goes, and so does one at the end.
pub(super) static STRING_SYNTAX: LazyLock<SyntaxConfig> = LazyLock::new(|| {
    let mut builder = SyntaxConfig::builder();
    builder.trim_blocks(true);
    builder.build().unwrap_or_default()
});

static FILTERS: LazyLock<HashMap<&'static str, Takes>> =
    LazyLock::new(|| filters::all().map(|entry| (entry.name, entry.takes)).collect());

static TESTS: LazyLock<HashMap<&'static str, Takes>> =
    LazyLock::new(|| tests::all().map(|entry| (entry.name, entry.takes)).collect());

/// Whether there is such a filter.
pub(super) fn is_filter(name: &str) -> bool {
    FILTERS.contains_key(name)
}

/// Whether a filter takes even what is undefined.
pub(super) fn is_raw_filter(name: &str) -> bool {
    FILTERS.get(name) == Some(&Takes::Anything)
}

/// The names of all filters.
pub(super) fn filters() -> impl Iterator<Item = &'static str> {
    FILTERS.keys().copied()
}

/// Whether there is such a test.
pub(super) fn is_test(name: &str) -> bool {
    TESTS.contains_key(name)
}

/// The names of all tests.
pub(super) fn tests() -> impl Iterator<Item = &'static str> {
    TESTS.keys().copied()
}

/// Whether there is such a function.
pub(super) fn is_global(name: &str) -> bool {
    functions::NAMES.contains(&name)
}

/// The one environment all templates run in.
pub(super) static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    // With it every error would look all its names up again, secrets among them.
    engine.set_debug(false);
    engine.set_fuel(Some(MOST_STEPS));
    engine.set_recursion_limit(MOST_LEVELS);
    engine.set_formatter(print);
    engine.set_unknown_method_callback(methods::call);
    for entry in filters::all() {
        engine.add_filter(entry.name, entry.function());
    }
    for entry in tests::all() {
        engine.add_test(entry.name, entry.function());
    }
    functions::add(&mut engine);
    own(&mut engine, rewrite::MEMBER, access::member);
    own(&mut engine, rewrite::USE, |value: &Value| {
        settle(value, Depth::Top)
    });
    own(&mut engine, rewrite::USE_ALL, |value: &Value| {
        settle(value, Depth::All)
    });
    own(&mut engine, rewrite::EACH, access::each);
    own(&mut engine, rewrite::PRINT, access::print);
    own(&mut engine, rewrite::OWN, access::own);
    own(&mut engine, rewrite::SITE, site::call);
    own(&mut engine, rewrite::NOTHING, |_: &Value| {
        Value::from(Leaf::Nothing)
    });
    own(
        &mut engine,
        rewrite::SLICE,
        |value: &Value, bounds: Rest<Value>| operators::slice(value, &bounds),
    );
    for (name, operator) in operators::OPERATORS {
        own(&mut engine, name, operator);
    }
    engine
});

/// Adds a filter that only rewritten trees call, under its name in trees and under
/// that in their text.
fn own<F, Rv, Args>(engine: &mut Environment<'static>, name: &'static str, filter: F)
where
    F: minijinja::functions::Function<Rv, Args> + Clone,
    Rv: minijinja::value::FunctionResult,
    Args: for<'a> minijinja::value::FunctionArgs<'a>,
{
    engine.add_filter(name, filter.clone());
    engine.add_filter(written::spelt(name), filter);
}

/// Prints a value into the text of a template.
fn print(out: &mut Output<'_>, state: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let settled = settle(value, Depth::All)?;
    if super::leaf::leaf(&settled).is_some() {
        return Ok(());
    }
    let text = python::joined(&settled);
    Root::of(state)?.shared.has_written(text.len())?;
    out.write_str(&text).map_err(Error::from)
}
