//! The site's own modules: programs in `library/` or `modules/` beside a
//! playbook, in the `library/` of a role, or in a folder that was asked for,
//! written in any language.
//!
//! * [`find`] finds them, folder by folder;
//! * [`kind`] looks at a file and says how it wants to be called;
//! * [`protocol`] is what those that speak cutover's own protocol say of themselves;
//! * [`send`] takes the program and its arguments to the host, in one command,
//!   and leaves nothing there;
//! * [`answer`] reads what it printed;
//! * [`task`] is one call of one of them.
//!
//! `docs/site-modules.md` tells how to write one.

mod answer;
mod find;
mod kind;
mod protocol;
mod send;
mod task;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cutover_kit::args::{ArgsError, known};
use cutover_kit::module::{Effects, Repeat};
use cutover_kit::{AnyModule, Platform, Traits, Value};
use serde_json::{Value as Json, json};

pub use find::Shelves;
use kind::Kind;
use protocol::{Description, Verb};
use task::Task;

/// One module of the site.
pub struct SiteModule {
    name: &'static str,
    path: PathBuf,
    /// The program itself.
    program: Vec<u8>,
    kind: Kind,
    /// What it says of itself, asked for when somebody first wants to know.
    described: OnceLock<Result<Description, String>>,
}

impl SiteModule {
    /// The file it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is the same program as another one.
    pub fn is_like(&self, other: &Self) -> bool {
        self.program == other.program
    }

    fn description(&self) -> &Result<Description, String> {
        self.described.get_or_init(|| match self.kind {
            Kind::Protocol => protocol::describe(&self.path),
            _ => Ok(Description::default()),
        })
    }

    /// What it says of itself; nothing where it does not speak the protocol.
    fn known(&self) -> Description {
        self.description().clone().unwrap_or_default()
    }
}

impl AnyModule for SiteModule {
    fn name(&self) -> &'static str {
        self.name
    }

    fn traits(&self) -> Traits {
        // One that can look is as good as a built-in one: it can be checked, and probed.
        let (repeat, effects) = match self.known().can(Verb::Look) {
            true => (Repeat::Probe, Effects::Device),
            false => (Repeat::Never, Effects::Anything),
        };
        Traits {
            platforms: &[Platform::Local, Platform::Posix],
            collective: false,
            repeat,
            effects,
            free_form: None,
            usual: "as long as it takes",
        }
    }

    fn schema(&self) -> Json {
        match self.kind {
            Kind::Protocol => self.known().schema(self.name),
            _ => json!({
                "title": self.name,
                "description": format!("A module of this site: {}", self.path.display()),
                "type": "object",
                "additionalProperties": true,
            }),
        }
    }

    fn sets_variables(&self) -> bool {
        true
    }

    fn unusable(&self) -> Option<String> {
        match (&self.kind, self.description()) {
            (Kind::Foreign(why), _) => Some(format!("{} {why}", self.path.display())),
            (_, Err(why)) => Some(format!("{} does not say what it is: {why}", self.path.display())),
            _ => None,
        }
    }

    fn call(&'static self, args: &Value) -> Result<Box<dyn cutover_kit::AnyTask>, ArgsError> {
        if let Some(message) = self.unusable() {
            return Err(ArgsError::misfit("", message));
        }
        known(args, |_| true)?;
        Ok(Box::new(Task::new(self, args)))
    }
}
