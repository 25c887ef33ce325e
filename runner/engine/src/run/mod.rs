//! The engine.

pub mod barrier;
pub mod connections;
pub mod folders;
pub mod ground;
pub mod perform;
pub mod place;
pub mod presence;
pub mod stop;
pub mod turn;
pub mod turns;
pub mod world;

pub use stop::Stop;
