//! Stories: what an operator sees who works on the twins by hand.

mod common;
mod rotation;
