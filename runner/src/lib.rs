//! cutover: rotates certificates across contact-centre estates inside a change
//! window.
//!
//! A playbook and an inventory are read by `cutover-language`. The engine
//! ([`run`]) walks lanes of hosts through phases; on each host a task's module
//! looks, plans, applies and proves. Everything that happens is an [`event`];
//! the journal, the terminal and JSON lines are views of events.

pub mod bus;
pub mod clock;
pub mod event;
pub mod exit;
pub mod journal;
pub mod policy;
pub mod reference;
pub mod run;
