//! Options that several verbs share, as they are typed.
//!
//! [`RunArgs`] is what everything that reaches hosts takes; [`PlayArgs`] adds
//! what makes sense for playbooks only.

mod connect;
mod play;
mod run;
mod show;

pub(super) use connect::{BecomeArgs, LoginArgs};
pub(super) use play::{ListArgs, PlayArgs};
pub(super) use run::{Given, InventoryArgs, RunArgs};
pub(super) use show::ShowArgs;
