//! Stories: what an operator sees who works on the twins by hand.

mod clients;
mod common;
mod ecdsa;
mod facts;
mod imports;
mod keeping;
mod laws;
mod manner;
mod mischief;
mod outages;
mod rotation;
