//! A task's arguments, rendered. Two modules take expressions, which are
//! evaluated here because only the engine can.

use cutover_kit::{Failure, FailureKind, Map, Value};
use cutover_language::Node;
use cutover_language::playbook::OTHER_ARGUMENTS;
use cutover_language::yaml::{Entry, Kind};

use super::scope::{Terms, Verdict};

/// The arguments of `module` as a value.
pub(super) fn render(
    module: &str,
    args: &Node,
    module_defaults: &[Node],
    terms: &Terms,
) -> Result<Value, Failure> {
    let mut rendered = defaults(module, module_defaults, terms)?;
    let Some(map) = args.as_map() else {
        return match terms.render(args)? {
            Value::Map(own) => {
                rendered.extend(own);
                Ok(Value::Map(rendered))
            }
            other => Ok(other),
        };
    };
    if let Some(others) = map.entry(OTHER_ARGUMENTS) {
        match terms.render(&others.value)? {
            Value::Map(others) => rendered.extend(others),
            other => {
                let message = format!("args must be a mapping, and is {}", other.kind());
                return Err(Failure::new(FailureKind::Arguments, message));
            }
        }
    }
    for entry in map.iter().filter(|entry| entry.key.value != OTHER_ARGUMENTS) {
        let name = entry.key.value.as_str();
        match (module, name) {
            ("set_fact", _) => set_fact(entry, terms, &mut rendered)?,
            ("debug", "var") => show_variable(&entry.value, terms, &mut rendered)?,
            ("assert", "that") => drop(rendered.insert(name.into(), judged(&entry.value, terms)?)),
            _ => match terms.argument(&entry.value)? {
                Some(value) => drop(rendered.insert(name.to_owned(), value)),
                None => drop(rendered.shift_remove(name)),
            },
        }
    }
    if module == "validate_argument_spec" {
        from_variables(terms, &mut rendered)?;
    }
    Ok(Value::Map(rendered))
}

/// `set_fact`, the only module that takes templates in the names of its arguments.
fn set_fact(entry: &Entry, terms: &Terms, rendered: &mut Map) -> Result<(), Failure> {
    let name = terms.text(&Node::text(entry.key.value.as_str(), entry.key.place.clone()))?;
    match terms.argument(&entry.value)? {
        Some(value) => drop(rendered.insert(name, value)),
        None => drop(rendered.shift_remove(&name)),
    }
    Ok(())
}

/// Whether `verbosity` of `debug` is above that of the run.
pub(super) fn is_too_verbose(module: &str, args: &Value, verbosity: u8) -> bool {
    let wanted = args.get("verbosity").filter(|_| module == "debug");
    let number = wanted.and_then(|wanted| match wanted {
        Value::Int(number) => Some(*number),
        other => other.as_str().and_then(|text| text.trim().parse().ok()),
    });
    number.is_some_and(|number| number > i64::from(verbosity))
}

/// What a specification names and nobody gives is taken from the variables of that name.
fn from_variables(terms: &Terms, rendered: &mut Map) -> Result<(), Failure> {
    let Some(Value::Map(options)) = rendered.get("argument_spec").cloned() else {
        return Ok(());
    };
    let mut given = match rendered.get("provided_arguments") {
        Some(Value::Map(given)) => given.clone(),
        _ => Map::new(),
    };
    let absent: Vec<&String> = options.keys().filter(|name| !given.contains_key(*name)).collect();
    for name in absent {
        if terms.scope().get(name).is_none() {
            continue;
        }
        let found = terms.variable(name).map_err(|fault| {
            let place = fault.place.map(|place| format!("at {place}"));
            Failure::new(FailureKind::Task, fault.message).seen_all(place)
        })?;
        if let Some((value, _)) = found {
            given.insert(name.clone(), value);
        }
    }
    rendered.insert("provided_arguments".into(), Value::Map(given));
    Ok(())
}

/// What `module_defaults` says of a module: of several mappings the last that names it.
fn defaults(module: &str, module_defaults: &[Node], terms: &Terms) -> Result<Map, Failure> {
    let names = |name: &str| cutover_language::catalog::short(name) == module;
    for node in module_defaults.iter().rev() {
        let found = match node.as_map() {
            Some(map) => match map.iter().filter(|entry| names(&entry.key)).last() {
                Some(entry) => Some(terms.render(&entry.value)?),
                None => None,
            },
            None => match terms.render(node)? {
                Value::Map(map) => map
                    .into_iter()
                    .filter(|(name, _)| names(name))
                    .map(|(_, own)| own)
                    .last(),
                _ => None,
            },
        };
        match found {
            None | Some(Value::Null) => {}
            Some(Value::Map(own)) => return Ok(own),
            Some(other) => {
                let message = format!(
                    "{}: module_defaults of {module} must be a mapping, and is {}",
                    node.place,
                    other.kind()
                );
                return Err(Failure::new(FailureKind::Arguments, message));
            }
        }
    }
    Ok(Map::new())
}

/// `debug: var=` takes the name of a variable or an expression without braces.
fn show_variable(node: &Node, terms: &Terms, rendered: &mut Map) -> Result<(), Failure> {
    let name = terms.text(node)?;
    if let Some(value) = terms.expression(&name, node)? {
        rendered.insert("value".into(), value);
    }
    rendered.insert("var".into(), name.into());
    Ok(())
}

/// `assert: that=`: every condition up to the first that does not hold.
fn judged(node: &Node, terms: &Terms) -> Result<Value, Failure> {
    let conditions = match &node.kind {
        Kind::Seq(items) => &items[..],
        _ => std::slice::from_ref(node),
    };
    let mut judged = Vec::new();
    for condition in conditions {
        let holds = match terms.verdict(std::slice::from_ref(condition))? {
            Verdict::Holds => true,
            Verdict::Fails { .. } => false,
            Verdict::Later(later) => return Ok(Value::Later(later)),
        };
        let text = condition.written().ok_or_else(|| {
            Failure::new(
                FailureKind::Arguments,
                format!("{} is no condition", condition.describe()),
            )
        })?;
        judged.push(Value::map([
            ("assertion", Value::from(text)),
            ("holds", holds.into()),
        ]));
        if !holds {
            break;
        }
    }
    Ok(Value::List(judged))
}
