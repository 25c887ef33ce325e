//! Cisco VOS: the conversation with its command line, and the modules built on it.

mod device;
pub mod read;
mod unit;

pub use device::{CertError, Reader, Refusal, Show, Vos, VosConnection, Writer};
pub use unit::{NotAUnit, Unit};
