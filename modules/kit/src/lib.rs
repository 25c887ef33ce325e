//! The contract between cutover's engine, its modules and the devices.
//!
//! Everything two sides must agree on lives here, and nothing that only one of
//! them needs: values that know which of their parts are secret or known only
//! later, the clock, the typed inventory, the seams below which a device may be
//! real or simulated, and the four verbs of a module.
//!
//! This crate opens no socket, reads no file and prints nothing.

pub mod clock;
pub mod secret;
pub mod session;
pub mod timing;
pub mod value;

pub use clock::Clock;
pub use secret::{Secret, Secrets};
pub use value::{Map, Value};
