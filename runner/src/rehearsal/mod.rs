//! Rehearsals: an ordinary run whose addresses point at twins.
//!
//! From the inventory ([`Survey`]) come the twins ([`spec`]); they live in a
//! folder of their own ([`Home`]) and answer on loopback ([`Stage`]); a
//! [`policy`] sends the run there. Nothing else knows that it is a rehearsal.

mod home;
mod policy;
mod spec;
mod stage;
mod survey;

pub use home::{Held, Home, Up};
pub use policy::policy;
pub use stage::{Address, Pace, Stage, StageError};
pub use survey::{Survey, Surveyed, any_password};
