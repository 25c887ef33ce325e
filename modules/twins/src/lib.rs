//! Simulated devices: an estate of Cisco VOS nodes that speak as the real ones do.
//!
//! Three layers, each usable alone. The *state* of all nodes is a machine with a clock: services,
//! certificates, trust stores, restarts, replication. A [`Terminal`] is one logged-in session, bytes in
//! and bytes out. [`Servers`] put both behind SSH and TLS on loopback. The first two know no sockets
//! and no clock; time is handed in, so that an estate can live on virtual time.
//!
//! Everything that a device says here follows public documents and published samples; nothing was
//! captured from a device. Where those are silent, the text is a guess and its documentation says so.

mod calendar;
mod command;
mod estate;
mod http;
mod log;
mod mischief;
mod pki;
mod product;
mod profile;
mod serving;
mod socket;
mod spec;
mod state;
mod terminal;
mod timing;

pub use estate::{Estate, Login};
pub use log::{Entry, What};
pub use mischief::Mischief;
pub use pki::KeyKind;
pub use socket::Servers;
pub use spec::{Account, Certificate, DeviceSpec, EstateSpec, SpecError, Subject, TimeZone, TwinOptions};
pub use state::sessions::Method;
pub use terminal::Terminal;
pub use timing::Timing;
