//! The engine.

pub mod barrier;
pub mod turns;
