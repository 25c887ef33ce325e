//! Plays of pretended hosts on virtual time: what keywords mean, with whole stories.

#[path = "play/facts.rs"]
mod facts;
#[path = "play/fakes.rs"]
mod fakes;
#[path = "play/stage.rs"]
mod stage;
