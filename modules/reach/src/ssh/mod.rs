//! SSH through libssh2.

pub(crate) mod actor;
pub(crate) mod agent;
pub(crate) mod algorithms;
pub(crate) mod auth;
pub(crate) mod link;
pub(crate) mod login;
pub(crate) mod offer;
pub(crate) mod own_keys;
pub(crate) mod talk;
pub(crate) mod wire;
