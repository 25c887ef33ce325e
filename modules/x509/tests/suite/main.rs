//! The crate against material of OpenSSL, keytool and of its own making.

mod authority;
mod chains;
mod due;
mod make;
mod matching;
mod preflight;
mod reading;
mod tools;
