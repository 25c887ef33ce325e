//! What can be found wrong with playbooks and inventory together before a host
//! is touched.

use cutover_language::Diagnostic;
use cutover_language::playbook::Playbook;

use super::prepare::Refusal;
use super::variables::Variables;

/// The warnings, or why there is no run.
pub(super) fn check(
    _playbooks: &[Playbook],
    _variables: &Variables,
    _strict: bool,
) -> Result<Vec<Diagnostic>, Refusal> {
    Ok(Vec::new())
}
