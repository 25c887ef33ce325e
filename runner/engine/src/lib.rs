//! The engine: lanes of hosts go through the phases of a play; on each host a
//! task's module looks, plans, applies and proves.
//!
//! Everything that happens is an [`event`]; the journal, the terminal and JSON
//! lines are views of events. The engine prints nothing, knows no device and no
//! module by name: all of that is handed to it.

pub mod bus;
mod bytes;
pub mod clock;
pub mod estate;
pub mod event;
pub mod exit;
pub mod home;
pub mod journal;
pub mod locks;
pub mod policy;
pub mod reference;
pub mod run;
mod sync;
