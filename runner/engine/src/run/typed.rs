//! What variables say of the hosts of the inventory: what each is, how it is reached, and when it may
//! be taken out.

use std::collections::BTreeMap;

use cutover_language::Diagnostic;

use super::request::Refusal;
use super::roster::{Roster, Route};
use super::scope::Terms;
use super::variables::Variables;
use super::window::Window;
use crate::estate::{Found, Variables as HostVariables, window};

/// The hosts of the inventory and the ways to them.
pub(super) struct Typed {
    pub(super) ways: Vec<Route>,
    pub(super) windows: BTreeMap<String, Window>,
}

/// Types every host, and reports every mistake in what is said of them.
pub(super) fn hosts(variables: &Variables, roster: &Roster) -> Result<Typed, Refusal> {
    let mut typed = Typed {
        ways: Vec::new(),
        windows: BTreeMap::new(),
    };
    let mut faults = Vec::new();
    for name in variables.inventory().hosts() {
        let terms = variables.terms(name, &[], None);
        match roster.read(name, &terms) {
            Ok(way) => typed.ways.push(way),
            Err(found) => faults.extend(found),
        }
        let found = window_of(name, &terms, &mut faults);
        typed
            .windows
            .extend(found.map(|window| (name.to_owned(), window)));
    }
    if faults.is_empty() {
        Ok(typed)
    } else {
        Err(faults.into())
    }
}

/// The change window of a host, if it has one.
pub(super) fn window_of(name: &str, terms: &Terms, faults: &mut Vec<Diagnostic>) -> Option<Window> {
    let lookup = |variable: &str| {
        let found = terms.variable(variable)?;
        Ok(found.map(|(value, place)| Found { value, place }))
    };
    let reader = HostVariables {
        host: name,
        lookup: &lookup,
    };
    window(&reader, faults)
}
