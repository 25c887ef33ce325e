//! Stories: what an operator sees who works on the twins by hand.

mod clients;
mod common;
mod imports;
mod manner;
mod rotation;
