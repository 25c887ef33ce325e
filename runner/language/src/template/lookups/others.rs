//! Lookups of variables, the environment, hosts, commands and passwords.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use cutover_kit::secret::Origin;
use fancy_regex::Regex;
use minijinja::{Error, Value};

use super::{Terms, variable, wrong};
use crate::diagnose::nearest;
use crate::files::Found;
use crate::secrecy::is_secret_name;
use crate::template::error::{ErrorKind, Fault};
use crate::template::eval::Eval;
use crate::template::filters::{Chance, hashed, items, truth};
use crate::template::python::text;
use crate::template::surroundings::{Fetch, Ran};
use crate::template::tree;

type Values = Result<Vec<Value>, Error>;

/// Environment variables; secrets where their names say so.
pub(super) fn env(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let otherwise = terms.options.named("default").unwrap_or_else(|| Value::from(""));
    let of = |term: &Value| {
        let name = text(term);
        match eval.scope.world().environment(&name) {
            None => otherwise.clone(),
            Some(value) if is_secret_name(&name) && !value.is_empty() => {
                let secrets = &eval.shared.inner.secrets;
                eval.secret(secrets.learn(value, Origin::environment(&name)))
            }
            Some(value) => Value::from(value),
        }
    };
    Ok(terms.terms.iter().map(of).collect())
}

/// Variables, by names that are found out.
pub(super) fn vars(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let otherwise = terms.options.named("default");
    let of = |term: &Value| {
        let name = text(term);
        match (eval.variable(&name), &otherwise) {
            (Some(value), _) => Ok(value?),
            (None, Some(otherwise)) => Ok(otherwise.clone()),
            (None, None) => {
                let near = nearest(&name, eval.scope.names()).map(|near| format!("did you mean `{near}`?"));
                let message = format!("No variable named '{name}' was found.");
                Err(Fault::new(ErrorKind::Undefined, message).help(near).into())
            }
        }
    };
    terms.terms.iter().map(of).collect()
}

/// The names of variables that fit any of the expressions.
pub(super) fn varnames(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let names = eval.scope.names();
    let mut found = Vec::new();
    for term in &terms.terms {
        let regex = Regex::new(&text(term)).map_err(|error| wrong(error.to_string()))?;
        let hits = names
            .iter()
            .filter(|name| regex.is_match(**name).unwrap_or(false));
        found.extend(hits.map(|name| Value::from(*name)));
    }
    Ok(found)
}

/// The hosts that patterns of names and groups fit.
pub(super) fn inventory_hostnames(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let groups = variable(eval, "groups")?;
    let members = |name: &str| -> Result<Vec<String>, Error> {
        let group = groups.as_ref().and_then(|groups| groups.get_attr(name).ok());
        match group.filter(|group| !group.is_undefined()) {
            Some(group) => Ok(items(&group)?.iter().map(text).collect()),
            None => Ok(vec![name.to_owned()]),
        }
    };
    let all = members("all")?;
    let fits = |pattern: &str| -> Result<Vec<String>, Error> {
        if !pattern.contains(['*', '?', '[']) {
            return members(pattern);
        }
        let glob = globset::Glob::new(pattern).map_err(|error| wrong(error.to_string()))?;
        let glob = glob.compile_matcher();
        Ok(all.iter().filter(|host| glob.is_match(host)).cloned().collect())
    };
    let mut hosts: Vec<String> = Vec::new();
    for term in &terms.terms {
        let pattern = text(term);
        let parts: Vec<&str> = pattern.split([',', ':']).map(str::trim).collect();
        for part in parts.iter().filter(|part| !part.starts_with(['!', '&'])) {
            hosts.extend(fits(part)?);
        }
        for part in &parts {
            if let Some(name) = part.strip_prefix('&') {
                let only = fits(name)?;
                hosts.retain(|host| only.contains(host));
            }
            if let Some(name) = part.strip_prefix('!') {
                let not = fits(name)?;
                hosts.retain(|host| !not.contains(host));
            }
        }
    }
    let mut once: Vec<String> = Vec::new();
    for host in hosts.into_iter().filter(|host| all.contains(host)) {
        if !once.contains(&host) {
            once.push(host);
        }
    }
    Ok(once.into_iter().map(Value::from).collect())
}

fn ran(eval: &Arc<Eval>, lookup: &str, command: &str) -> Result<Ran, Error> {
    let folder = variable(eval, "playbook_dir")?.map_or_else(String::new, |folder| text(&folder));
    let ran = eval.shared.inner.surroundings.shell(command, Path::new(&folder));
    let ran = ran.map_err(|error| wrong(format!("lookup `{lookup}`: {error}")))?;
    match ran.status {
        Some(0) => Ok(ran),
        status => {
            let status = status.map_or_else(|| "a signal".to_owned(), |status| status.to_string());
            let errors = ran.errors.trim();
            let errors = if errors.is_empty() {
                String::new()
            } else {
                format!(": {errors}")
            };
            Err(wrong(format!(
                "the command of lookup `{lookup}` ended with {status}{errors}"
            )))
        }
    }
}

/// What commands write, as one text each.
pub(super) fn pipe(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let of = |term: &Value| Ok(Value::from(ran(eval, "pipe", &text(term))?.output.trim_end()));
    terms.terms.iter().map(of).collect()
}

/// The lines that commands write.
pub(super) fn lines(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let mut lines = Vec::new();
    for term in &terms.terms {
        let ran = ran(eval, "lines", &text(term))?;
        lines.extend(ran.output.lines().map(|line| Value::from(line.trim_end())));
    }
    Ok(lines)
}

pub(super) fn url(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let option = |terms: &mut Terms, name: &str| terms.options.named(name);
    let validate_certs = option(terms, "validate_certs").is_none_or(|it| truth(&it));
    let split = option(terms, "split_lines").is_none_or(|it| truth(&it));
    let mut headers = Vec::new();
    if let Some(given) = option(terms, "headers") {
        for name in items(&given)? {
            headers.push((text(&name), text(&given.get_item(&name)?)));
        }
    }
    let mut found = Vec::new();
    for term in &terms.terms {
        let request = Fetch {
            url: text(term),
            headers: headers.clone(),
            validate_certs,
        };
        let body = eval.shared.inner.surroundings.fetch(&request).map_err(wrong)?;
        match split {
            true => found.extend(body.lines().map(Value::from)),
            false => found.push(Value::from(body)),
        }
    }
    Ok(found)
}

/// Settings of Ansible that have a meaning here, at what they are by default.
pub(super) fn config(_: &Arc<Eval>, terms: &mut Terms) -> Values {
    let missing = terms.options.named("on_missing").map(|on| text(&on));
    let mut found = Vec::new();
    for term in &terms.terms {
        let name = text(term);
        found.push(match name.as_str() {
            "DEFAULT_FORKS" => Value::from(5),
            "DEFAULT_TIMEOUT" => Value::from(10),
            "DEFAULT_BECOME_METHOD" => Value::from("sudo"),
            "DEFAULT_BECOME_USER" | "DEFAULT_REMOTE_USER" => Value::from("root"),
            "DEFAULT_MANAGED_STR" => Value::from("Ansible managed"),
            "DEFAULT_ROLES_PATH" => tree::list(vec![Value::from("roles")]),
            "HOST_KEY_CHECKING" => Value::from(true),
            _ if missing.as_deref() == Some("skip") => continue,
            _ => return Err(wrong(format!("the setting {name} is not there yet"))),
        });
    }
    Ok(found)
}

/// What the passwords of `password` are made of.
#[derive(Default)]
struct Recipe {
    path: String,
    length: Option<usize>,
    chars: Option<String>,
    seed: Option<Value>,
    encrypt: Option<String>,
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
            "length" => {
                let length = text(value)
                    .parse()
                    .ok()
                    .filter(|length| (1..=4096).contains(length));
                self.length = Some(length.ok_or_else(|| wrong("`length` is a number from 1 to 4096"))?);
            }
            "chars" => {
                self.chars = Some(match value.as_str() {
                    Some(text) => text.to_owned(),
                    None => items(value)?.iter().map(text).collect::<Vec<_>>().join(","),
                });
            }
            "seed" => self.seed = Some(value.clone()),
            "encrypt" => self.encrypt = Some(text(value)),
            "ident" => {}
            _ => return Err(wrong(format!("there is no argument `{name}` here"))),
        }
        Ok(())
    }

    /// The characters to draw from.
    fn characters(&self) -> Vec<char> {
        let lower: String = ('a'..='z').collect();
        let upper: String = ('A'..='Z').collect();
        let words = self.chars.as_deref().unwrap_or("ascii_letters,digits,.,:-_");
        // A comma is written twice.
        let words = words.replace(",,", "\u{0},");
        let mut all = String::new();
        for word in words.split(',') {
            match word.trim() {
                "ascii_letters" => all.extend([lower.as_str(), &upper]),
                "ascii_lowercase" => all.push_str(&lower),
                "ascii_uppercase" => all.push_str(&upper),
                "digits" => all.push_str("0123456789"),
                "hexdigits" => all.push_str("0123456789abcdefABCDEF"),
                "punctuation" => all.extend((' '..='~').filter(char::is_ascii_punctuation)),
                other => all.push_str(&other.replace('\u{0}', ",")),
            }
        }
        let mut once: Vec<char> = Vec::new();
        for next in all.chars() {
            if !once.contains(&next) {
                once.push(next);
            }
        }
        once
    }

    fn draw(&self, eval: &Arc<Eval>) -> Result<String, Error> {
        let characters = self.characters();
        if characters.is_empty() {
            return Err(wrong("`chars` has no characters"));
        }
        let mut chance = match &self.seed {
            Some(seed) => Chance::seeded(seed),
            None => Chance::of(eval)?,
        };
        let length = self.length.unwrap_or(20);
        Ok((0..length)
            .map(|_| characters[chance.below(characters.len())])
            .collect())
    }
}

/// The password in a file, which is made where it is not there. Always a secret.
pub(super) fn password(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let named = terms.options.rest_named();
    let of = |term: &Value| {
        let mut recipe = Recipe::read(&text(term))?;
        named
            .iter()
            .try_for_each(|(name, value)| recipe.set(name, value))?;
        let (clear, salt) = match recipe.path.as_str() {
            "/dev/null" => (recipe.draw(eval)?, None),
            path => kept(eval, path, &recipe)?,
        };
        let clear = match &recipe.encrypt {
            Some(scheme) => hashed(eval, &clear, scheme, salt, None)?,
            None => clear,
        };
        let origin = Origin::File(recipe.path.clone());
        Ok(eval.secret(eval.shared.inner.secrets.learn(clear, origin)))
    };
    terms.terms.iter().map(of).collect()
}

/// The password and the salt that a file keeps.
fn kept(eval: &Arc<Eval>, path: &str, recipe: &Recipe) -> Result<(String, Option<String>), Error> {
    let base =
        variable(eval, "playbook_dir")?.map_or_else(PathBuf::new, |folder| PathBuf::from(text(&folder)));
    let path = base.join(path);
    let files = &eval.shared.inner.files;
    if matches!(files.find(&path), Some(Found::File | Found::Program)) {
        let content = super::read(eval, &path)?;
        let line = content.trim_end();
        let (password, salt) = match line.rsplit_once(" salt=") {
            Some((password, salt)) => (password, Some(salt.to_owned())),
            None => (line, None),
        };
        return Ok((password.to_owned(), salt));
    }
    let password = recipe.draw(eval)?;
    let salt = match recipe.encrypt {
        None => None,
        Some(_) => {
            let letters = Recipe {
                length: Some(16),
                chars: Some("ascii_letters,digits".to_owned()),
                ..Recipe::default()
            };
            Some(letters.draw(eval)?)
        }
    };
    let line = match &salt {
        Some(salt) => format!("{password} salt={salt}\n"),
        None => format!("{password}\n"),
    };
    let made = eval.shared.inner.surroundings.create(&path, &line);
    made.map_err(|error| wrong(format!("{} cannot be made: {error}", path.display())))?;
    Ok((password, salt))
}
