//! `include_vars`: variables from files. The engine reads them, because their texts may be
//! templates; here is what may be asked of it.

use cutover_kit::args::{self, ArgsError};
use cutover_kit::registry::AnyTask;
use cutover_kit::{AnyModule, Map, Traits, Value};
use schemars::JsonSchema;

use crate::settled::Settled;

/// The `include_vars` module.
#[derive(Clone, Copy, Debug)]
pub struct IncludeVars;

/// Reads variables of the host from a file or a folder of files, for the rest of the run.
///
/// They win over `vars` of the play, of roles and of tasks, and lose to `set_fact` and `-e`. A relative name is
/// looked for in `vars` of the role, in the role, beside the tasks, and in `vars` and beside the playbook.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only described: the engine reads the files")]
struct Args {
    /// The file; the free form of the module.
    file: Option<String>,
    /// A folder instead of a file: all its files, in order of their names.
    dir: Option<String>,
    /// A variable that takes all of them as a mapping, instead of one variable for each.
    name: Option<String>,
    /// How deep to go into folders of `dir`; 0 goes all the way.
    depth: Option<u32>,
    /// A regular expression for the names of files of `dir`.
    files_matching: Option<String>,
    /// Names of files of `dir` to leave out.
    ignore_files: Option<Vec<String>>,
    /// Ends of names that are taken from `dir` (`yaml`, `yml` and `json`).
    extensions: Option<Vec<String>>,
    /// Leave out files of other ends, instead of failing on them.
    ignore_unknown_extensions: Option<bool>,
}

impl AnyModule for IncludeVars {
    fn name(&self) -> &'static str {
        "include_vars"
    }

    fn traits(&self) -> Traits {
        Traits {
            free_form: Some("file"),
            ..Traits::LOOKS
        }
    }

    fn sets_variables(&self) -> bool {
        true
    }

    fn schema(&self) -> serde_json::Value {
        args::schema::<Args>(self.name())
    }

    fn call(&'static self, _given: &Value) -> Result<Box<dyn AnyTask>, ArgsError> {
        Ok(Box::new(Settled::new(
            "the engine reads the variables",
            Map::new(),
        )))
    }
}
