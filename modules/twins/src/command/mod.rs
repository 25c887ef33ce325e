//! Commands of the platform's command line: what was typed, typed; and what is answered.

pub(crate) mod certificates;
pub(crate) mod facts;
pub(crate) mod import;
pub(crate) mod parse;
pub(crate) mod reply;
pub(crate) mod run;
pub(crate) mod services;
pub(crate) mod system;
pub(crate) mod upgrade;
