//! The device: a page of data, and a small engine that speaks with it.

pub(crate) mod command;
mod connection;
mod conversation;
mod exchange;
mod order;
mod page;
mod reader;
mod refusal;
mod screen;
mod session;
mod show;
mod writer;

pub use connection::{Vos, VosConnection};
pub(crate) use order::Download;
pub use order::{RestartMethod, ServiceAction};
pub use reader::Reader;
pub use refusal::{CertError, Refusal};
pub use show::{NotAFile, Show, TrustFile};
pub(crate) use writer::Restarting;
pub use writer::Writer;
