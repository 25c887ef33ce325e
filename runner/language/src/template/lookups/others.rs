//! Lookups of variables, the environment, hosts, commands and servers.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cutover_kit::secret::Origin;
use fancy_regex::Regex;
use minijinja::{Error, Value};

use super::{Terms, variable, wrong};
use crate::diagnose::nearest;
use crate::inventory::{Inventory, Pattern};
use crate::secrecy::is_secret_name;
use crate::template::error::{ErrorKind, Fault};
use crate::template::eval::Eval;
use crate::template::filters::{items, truth};
use crate::template::python::{text, type_name};
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
        let name = variable_name(term)?;
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

/// The name of a variable, or what is to fit it, which is text.
fn variable_name(term: &Value) -> Result<String, Error> {
    let name = term.as_str().map(str::to_owned);
    name.ok_or_else(|| wrong(format!("Variable name must be 'str' not '{}'.", type_name(term))))
}

/// The names of variables that fit any of the expressions.
pub(super) fn varnames(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let names = eval.scope.names();
    let mut found = Vec::new();
    for term in &terms.terms {
        let pattern = variable_name(term)?;
        let regex = Regex::new(&pattern).map_err(|error| {
            wrong(format!(
                "Unable to use \"{pattern}\" as a search parameter: {error}"
            ))
        })?;
        let hits = names
            .iter()
            .filter(|name| regex.is_match(**name).unwrap_or(false));
        found.extend(hits.map(|name| Value::from(*name)));
    }
    Ok(found)
}

/// The hosts that patterns of names and groups fit.
pub(super) fn inventory_hostnames(eval: &Arc<Eval>, terms: &mut Terms) -> Values {
    let mut inventory = Inventory::default();
    let groups = variable(eval, "groups")?;
    for group in groups.iter().map(items).collect::<Result<Vec<_>, _>>()?.concat() {
        let hosts = groups
            .as_ref()
            .map(|groups| groups.get_item(&group))
            .transpose()?;
        for host in items(&hosts.unwrap_or_default())? {
            inventory.add(&text(&host), [text(&group).as_str()]);
        }
    }
    let parse = |term: &Value| Pattern::parse(&text(term)).map_err(wrong);
    let patterns = terms.terms.iter().map(parse).collect::<Result<Vec<_>, _>>()?;
    let known = |host: &String| inventory.host(host).is_some();
    let hosts = inventory.select(&patterns).hosts.into_iter().filter(known);
    Ok(hosts.map(Value::from).collect())
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

/// What servers answer, line by line.
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
    let timeout = option(terms, "timeout").and_then(|it| f64::try_from(it).ok());
    let timeout = Duration::try_from_secs_f64(timeout.unwrap_or(10.0));
    let timeout = timeout.map_err(|error| wrong(format!("`timeout`: {error}")))?;
    if let Some(user) = option(terms, "username") {
        let password = option(terms, "password").unwrap_or_default();
        let both = format!("{}:{}", text(&user), text(&password));
        let both = openssl::base64::encode_block(both.as_bytes());
        headers.push(("Authorization".to_owned(), format!("Basic {both}")));
    }
    // What is always done, or never.
    for accepted in [
        "force",
        "force_basic_auth",
        "follow_redirects",
        "use_proxy",
        "http_agent",
    ] {
        option(terms, accepted);
    }
    let mut found = Vec::new();
    for term in &terms.terms {
        let request = Fetch {
            url: text(term),
            headers: headers.clone(),
            validate_certs,
            timeout,
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
            _ if matches!(missing.as_deref(), Some("skip" | "warn")) => continue,
            _ => return Err(wrong(format!("the setting {name} is not there yet"))),
        });
    }
    Ok(found)
}
