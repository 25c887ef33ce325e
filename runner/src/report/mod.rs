//! Views of events. Each is a [`Sink`](crate::bus::Sink) in a file of its own;
//! what to show, when, and how much is its alone.
//!
//! [`summary`] is the pure fold underneath: what the recap, the live rows and
//! the exit code are made of.

pub mod call;
pub mod diff;
pub mod json;
pub mod jsonl;
pub mod live;
mod page;
pub mod plain;
#[cfg(test)]
mod recordings;
mod stats;
pub mod summary;
pub mod words;
