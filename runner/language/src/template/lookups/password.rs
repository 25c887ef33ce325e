//! The lookup of a password that is kept in a file, and made where it is not there.
//!
//! The file holds one line, `PASSWORD`, or `PASSWORD salt=SALT` and perhaps ` ident=IDENT` where
//! a hash of it was asked for: with the same salt the hash stays the same from run to run.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use cutover_kit::secret::Origin;
use minijinja::{Error, Value};

use super::{Terms, variable, wrong};
use crate::crypt::{Scheme, Settings};
use crate::files::Found;
use crate::template::error::{ErrorKind, Fault};
use crate::template::eval::Eval;
use crate::template::filters::{Chance, drawn_salt, hashed, items, scheme};
use crate::template::python::text;

/// The file that keeps nothing.
const NOWHERE: &str = "/dev/null";
/// What a password is made of where nothing else is said.
const USUAL: [&str; 3] = ["ascii_letters", "digits", ".,:-_"];
/// Hosts that ask for one password at the same time are to get the same.
static MAKING: Mutex<()> = Mutex::new(());

/// How a password is to be made.
#[derive(Default)]
struct Recipe {
    path: String,
    length: Option<usize>,
    chars: Option<Vec<String>>,
    seed: Option<Value>,
    encrypt: Option<Scheme>,
    ident: Option<String>,
}

/// What a file keeps.
#[derive(Clone, PartialEq)]
struct Kept {
    password: String,
    salt: Option<String>,
    ident: Option<String>,
}

/// The passwords of files, or their hashes. Always secrets.
pub(super) fn password(eval: &Arc<Eval>, terms: &mut Terms) -> Result<Vec<Value>, Error> {
    let named = terms.options.rest_named();
    let of = |term: &Value| {
        let mut recipe = Recipe::read(&text(term))?;
        named
            .iter()
            .try_for_each(|(name, value)| recipe.set(name, value))?;
        let kept = recipe.kept(eval)?;
        let secrets = &eval.shared.inner.secrets;
        let origin = Origin::File(recipe.path.clone());
        let clear = secrets.learn(kept.password.clone(), origin.clone());
        Ok(eval.secret(match recipe.encrypt {
            None => clear,
            Some(scheme) => secrets.learn(kept.hashed(scheme)?, origin),
        }))
    };
    terms.terms.iter().map(of).collect()
}

impl Kept {
    fn read(line: &str) -> Self {
        let (password, rest) = match line.rsplit_once(" salt=") {
            Some((password, rest)) => (password, Some(rest)),
            None => (line, None),
        };
        let (salt, ident) = match rest.and_then(|rest| rest.rsplit_once(" ident=")) {
            Some((salt, ident)) => (Some(salt), Some(ident)),
            None => (rest, None),
        };
        Self {
            password: password.to_owned(),
            salt: salt.map(str::to_owned),
            ident: ident.map(str::to_owned),
        }
    }

    fn line(&self) -> String {
        let part = |name: &str, value: &Option<String>| {
            let value = value.as_ref();
            value.map_or_else(String::new, |value| format!(" {name}={value}"))
        };
        let (salt, ident) = (part("salt", &self.salt), part("ident", &self.ident));
        format!("{}{salt}{ident}\n", self.password)
    }

    fn hashed(&self, scheme: Scheme) -> Result<String, Error> {
        let settings = Settings {
            salt: self.salt.as_deref().unwrap_or_default(),
            rounds: None,
            ident: self.ident.as_deref(),
        };
        hashed(scheme, &self.password, &settings)
    }
}

impl Recipe {
    /// `path length=20 chars=ascii_letters,digits`.
    fn read(term: &str) -> Result<Self, Error> {
        let mut recipe = Self::default();
        let mut path = Vec::new();
        for word in term.split_whitespace() {
            match word.split_once('=') {
                Some((name, value)) => recipe.set(name, &Value::from(value))?,
                None => path.push(word),
            }
        }
        recipe.path = path.join(" ");
        Ok(recipe)
    }

    fn set(&mut self, name: &str, value: &Value) -> Result<(), Error> {
        match name {
            _ if value.is_none() => {}
            "length" => {
                let length = text(value)
                    .parse()
                    .ok()
                    .filter(|length| (1..=4096).contains(length));
                self.length = Some(length.ok_or_else(|| wrong("`length` is a number from 1 to 4096"))?);
            }
            "chars" => {
                self.chars = Some(match value.as_str() {
                    Some(text) => parts(text),
                    None => items(value)?.iter().map(text).collect(),
                });
            }
            "seed" => self.seed = Some(value.clone()),
            "encrypt" => self.encrypt = Some(scheme(&text(value))?),
            "ident" => self.ident = Some(text(value)),
            _ => return Err(wrong(format!("there is no argument `{name}` here"))),
        }
        Ok(())
    }

    /// What the file keeps, which is made where it is not there.
    fn kept(&self, eval: &Arc<Eval>) -> Result<Kept, Error> {
        if self.path == NOWHERE {
            return self.completed(eval, self.drawn(eval)?);
        }
        let base = variable(eval, "playbook_dir")?;
        let path = base
            .map_or_else(PathBuf::new, |base| PathBuf::from(text(&base)))
            .join(&self.path);
        let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        let surroundings = &eval.shared.inner.surroundings;
        let failed = |error: io::Error| wrong(format!("{} cannot be written: {error}", path.display()));
        if !is_file(eval, &path) {
            let made = self.completed(eval, self.drawn(eval)?)?;
            match surroundings.create(&path, &made.line()) {
                // Another process was quicker.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                done => return done.map(|()| made).map_err(failed),
            }
        }
        let source = super::read(eval, &path)?;
        let found = Kept::read(source.text().trim_end());
        let complete = self.completed(eval, found.clone())?;
        if complete != found {
            if source.is_sealed() {
                return Err(self.sealed(&found));
            }
            surroundings.replace(&path, &complete.line()).map_err(failed)?;
        }
        Ok(complete)
    }

    /// An encrypted file is not written: what it keeps would stand there in clear.
    fn sealed(&self, kept: &Kept) -> Error {
        let missing = if kept.salt.is_none() { "salt" } else { "ident" };
        let message = format!("{} is encrypted and keeps no `{missing}`", self.path);
        let help =
            "write `PASSWORD salt=SALT`, and ` ident=IDENT` where the hash has one, and encrypt it again";
        Fault::new(ErrorKind::Value, message)
            .help(Some(help.to_owned()))
            .into()
    }

    fn drawn(&self, eval: &Eval) -> Result<Kept, Error> {
        let characters = self.characters();
        if characters.is_empty() {
            return Err(wrong("`chars` has no characters"));
        }
        let mut chance = match &self.seed {
            Some(seed) => Chance::seeded(seed),
            None => Chance::secret(eval)?,
        };
        let draw = |_| characters[chance.below(characters.len())];
        Ok(Kept {
            password: (0..self.length.unwrap_or(20)).map(draw).collect(),
            salt: None,
            ident: None,
        })
    }

    /// The same with what a hash needs, if one is asked for.
    fn completed(&self, eval: &Eval, mut kept: Kept) -> Result<Kept, Error> {
        if let (Some(here), Some(there)) = (&self.ident, &kept.ident)
            && here != there
        {
            let message = format!("`ident` is {here}, and {there} in {}", self.path);
            return Err(wrong(message));
        }
        if let Some(scheme) = self.encrypt {
            if kept.salt.is_none() {
                kept.salt = Some(drawn_salt(eval, scheme.salt_length())?);
            }
            let ident = self.ident.as_deref().or(scheme.usual_ident());
            kept.ident = kept.ident.or(ident.map(str::to_owned));
        }
        Ok(kept)
    }

    /// The characters to draw from. Python's sets have names; quotes are never among them.
    fn characters(&self) -> Vec<char> {
        let usual = || USUAL.map(str::to_owned).to_vec();
        let parts = self.chars.clone().unwrap_or_else(usual);
        let all: String = parts.iter().map(|part| set(part)).collect();
        all.chars().filter(|next| !"'\"".contains(*next)).collect()
    }
}

fn is_file(eval: &Eval, path: &Path) -> bool {
    let found = eval.shared.inner.files.find(path);
    matches!(found, Some(Found::File | Found::Program))
}

/// The parts of a text with commas; a comma itself is written twice.
fn parts(text: &str) -> Vec<String> {
    let comma = text.contains(",,").then(|| ",".to_owned());
    let others = text.split(',').filter(|part| !part.is_empty());
    comma.into_iter().chain(others.map(str::to_owned)).collect()
}

/// A set of characters by the name it has in Python, or the characters themselves.
fn set(name: &str) -> String {
    let all = |ranges: &[std::ops::RangeInclusive<char>]| ranges.iter().cloned().flatten().collect();
    let punctuation = || ('!'..='~').filter(char::is_ascii_punctuation).collect::<String>();
    match name {
        "ascii_letters" => all(&['a'..='z', 'A'..='Z']),
        "ascii_lowercase" => all(&['a'..='z']),
        "ascii_uppercase" => all(&['A'..='Z']),
        "digits" => all(&['0'..='9']),
        "hexdigits" => all(&['0'..='9', 'a'..='f', 'A'..='F']),
        "octdigits" => all(&['0'..='7']),
        "punctuation" => punctuation(),
        other => other.to_owned(),
    }
}
