//! The crate against material of OpenSSL, keytool and of its own making.

mod authority;
mod chains;
mod make;
mod reading;
mod tools;
