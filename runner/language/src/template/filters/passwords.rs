//! Hashes of passwords as `/etc/shadow` has them.

use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{Error, State, Value};

use super::chance::Chance;
use crate::crypt::{self, Scheme, Settings};
use crate::diagnose::nearest;
use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::eval::Eval;
use crate::template::python::text;
use crate::template::roots::Root;

pub(super) const TABLE: &[Entry] = &[Entry::engine("password_hash", Takes::Values, || {
    Value::from_function(password_hash)
})];

fn password_hash(state: &State<'_, '_>, value: &Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let mut arguments = Arguments::new(&args.into_values());
    let scheme = scheme(&arguments.text_or("hashtype", "sha512"))?;
    let salt = arguments.text_or("salt", "");
    let salt_size = arguments.number("salt_size")?;
    let rounds = arguments.number("rounds")?;
    let ident = arguments.text_or("ident", "");
    arguments.finish()?;
    let eval = Root::of(state)?;
    let salt = match salt.is_empty() {
        true => drawn_salt(&eval, salt_size.map_or(scheme.salt_length(), length))?,
        false => salt,
    };
    let settings = Settings {
        salt: &salt,
        rounds,
        ident: Some(ident.as_str()).filter(|ident| !ident.is_empty()),
    };
    hashed(scheme, &text(value), &settings).map(Value::from)
}

/// A number that is out of bounds is one that no scheme takes.
fn length(given: i64) -> usize {
    usize::try_from(given).map_or(0, |given| given.min(64))
}

/// The scheme of a name.
pub(crate) fn scheme(name: &str) -> Result<Scheme, Error> {
    Scheme::named(name).ok_or_else(|| {
        let help = nearest(name, Scheme::NAMES).map_or_else(
            || format!("there are {}", Scheme::NAMES.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        let message = format!("there is no scheme `{name}` for password hashes");
        Fault::new(ErrorKind::Unknown, message).help(Some(help)).into()
    })
}

/// A salt that nobody can foresee.
pub(crate) fn drawn_salt(eval: &Eval, length: usize) -> Result<String, Error> {
    let mut chance = Chance::secret(eval)?;
    Ok(crypt::salt(length, |end| chance.below(end)))
}

/// The hash of a password.
pub(crate) fn hashed(scheme: Scheme, password: &str, settings: &Settings<'_>) -> Result<String, Error> {
    let made = scheme.hash(password, settings);
    made.map_err(|error| Fault::new(ErrorKind::Value, error.to_string()).into())
}
