//! The contract between cutover's engine, its modules and the devices.
//!
//! Everything two sides must agree on lives here, and nothing that only one of
//! them needs: values that know which of their parts are secret or known only
//! later, the clock, the typed inventory, the seams below which a device may be
//! real or simulated, and the four verbs of a module.
//!
//! This crate opens no socket, reads no file and prints nothing. [`local`] and [`bounded`] start
//! processes, for those who do.

pub mod address;
pub mod args;
pub mod becoming;
pub mod bounded;
pub mod clock;
pub mod estate;
pub mod failure;
pub mod local;
pub mod made;
pub mod module;
pub mod note;
pub mod product;
pub mod reach;
pub mod registry;
pub mod rendering;
pub mod secret;
pub mod session;
pub mod timing;
pub mod value;

pub use becoming::Become;
pub use clock::Clock;
pub use estate::{Estate, Host, Node};
pub use failure::{Failure, FailureKind};
pub use module::{Applied, Change, Module, Plan, Proved, Traits};
pub use note::{Note, Notes};
pub use product::{Platform, Product};
pub use reach::{Known, Made, Reach, Read, Write};
pub use registry::{AnyModule, AnyTask};
pub use secret::{Secret, Secrets};
pub use value::{Later, Map, Value};
