//! What can be found wrong with playbooks and inventory together before a host
//! is touched.

use cutover_language::playbook::Playbook;
use cutover_language::{Diagnostic, Severity};

use super::request::Refusal;
use super::variables::Variables;

/// The warnings, or why there is no run.
pub(super) fn check(
    playbooks: &[Playbook],
    variables: &Variables,
    strict: bool,
    missing_handler: Severity,
) -> Result<Vec<Diagnostic>, Refusal> {
    let scope = |host: &str| variables.terms(host, &[], None).scope().clone();
    let found = cutover_language::check::check(playbooks, &variables.inventory(), &scope, missing_handler);
    let stops = |it: &Diagnostic| strict || it.severity == Severity::Error;
    if found.iter().any(stops) {
        Err(found.into())
    } else {
        Ok(found)
    }
}
