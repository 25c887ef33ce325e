//! The driver and its modules against twins in memory, on virtual time.

mod asked_for;
mod decisions;
mod ground;
mod losses;
mod mischief;
mod reading;
mod rotation;
mod steps;
mod support;
mod wire;
