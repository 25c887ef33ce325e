//! Hashes of passwords as `/etc/shadow` has them.

use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{Error, State, Value};
use sha_crypt::{Params, sha256_crypt, sha512_crypt};

use super::chance::Chance;
use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::eval::Eval;
use crate::template::python::text;
use crate::template::roots::Root;

pub(super) const TABLE: &[Entry] = &[Entry::engine("password_hash", Takes::Values, || {
    Value::from_function(password_hash)
})];

/// What salts are made of.
const SALT: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

fn password_hash(state: &State<'_, '_>, value: &Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let mut arguments = Arguments::new(&args.into_values());
    let scheme = arguments.text_or("hashtype", "sha512");
    let salt = arguments
        .next("salt")
        .filter(|salt| !salt.is_none())
        .map(|salt| text(&salt));
    arguments.next("salt_size");
    let rounds = arguments.number("rounds")?;
    arguments.next("ident");
    arguments.finish()?;
    let eval = Root::of(state)?;
    hashed(&eval, &text(value), &scheme, salt, rounds).map(Value::from)
}

/// The hash of a password; without a salt with one that nobody can foresee.
pub(crate) fn hashed(
    eval: &Eval,
    password: &str,
    scheme: &str,
    salt: Option<String>,
    rounds: Option<i64>,
) -> Result<String, Error> {
    let wrong = |message: String| Error::from(Fault::new(ErrorKind::Value, message));
    let (id, usual) = match scheme.trim_end_matches("_crypt") {
        "sha512" => ('6', 656_000),
        "sha256" => ('5', 535_000),
        _ => {
            let help = "sha512 and sha256 are there".to_owned();
            let message = format!("the scheme `{scheme}` for password hashes is not there yet");
            return Err(Fault::new(ErrorKind::Unknown, message).help(Some(help)).into());
        }
    };
    let salt = match salt {
        Some(salt) => salt,
        None => {
            let mut chance = Chance::of(eval)?;
            (0..16)
                .map(|_| char::from(SALT[chance.below(SALT.len())]))
                .collect()
        }
    };
    if salt.is_empty() || salt.len() > 16 || !salt.bytes().all(|byte| SALT.contains(&byte)) {
        return Err(wrong(
            "a salt has 1 to 16 letters, digits, dots and slashes".to_owned(),
        ));
    }
    let rounds = u32::try_from(rounds.unwrap_or(usual)).unwrap_or(u32::MAX);
    let params =
        Params::new(rounds).map_err(|_| wrong("`rounds` is between 1000 and 999999999".to_owned()))?;
    let (password, seed) = (password.as_bytes(), salt.as_bytes());
    let digest = match id {
        '6' => encoded(&sha512_crypt(password, seed, params)),
        _ => encoded(&sha256_crypt(password, seed, params)),
    };
    let shown = match rounds {
        5000 => String::new(),
        _ => format!("rounds={rounds}$"),
    };
    Ok(format!("${id}${shown}{salt}${digest}"))
}

/// The base 64 of `crypt`: six bits at a time, least first.
fn encoded(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk
            .iter()
            .enumerate()
            .fold(0, |word, (at, byte)| word | u32::from(*byte) << (8 * at));
        for at in 0..=chunk.len() {
            out.push(char::from(SALT[(word >> (6 * at) & 63) as usize]));
        }
    }
    out
}
