//! cutover: rotates certificates across contact-centre estates inside a change
//! window.
//!
//! A playbook and an inventory are read by `cutover-language`; the engine runs
//! them ([`run`]); what it does comes out as [`event`]s, which [`report`] turns
//! into pages. This crate is the face: command line, reports, rehearsals.

pub mod catalog;
pub mod cli;
pub mod devices;
#[cfg(feature = "rehearse")]
pub mod rehearsal;
pub mod report;
pub mod settings;

pub use cutover_engine::{bus, clock, estate, event, exit, journal, policy, reference, run};
