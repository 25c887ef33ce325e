//! The state of all nodes and everything that changes it; no bytes, no sockets.

pub(crate) mod agenda;
pub(crate) mod fresh;
pub(crate) mod identity;
pub(crate) mod node;
pub(crate) mod power;
pub(crate) mod services;
pub(crate) mod sessions;
pub(crate) mod trust;
pub(crate) mod unit;
pub(crate) mod world;
