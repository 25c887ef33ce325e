//! The passwords of a run.

use std::fmt;

use cutover_kit::Secret;
use zeroize::Zeroizing;

use super::{Vault, VaultError, cipher, envelope};

/// The label of a password that was given without one.
pub const PLAIN_LABEL: &str = "default";

/// A password and for what it is.
#[derive(Clone, PartialEq)]
pub struct Key {
    /// The label, [`PLAIN_LABEL`] where none was given.
    pub label: String,
    /// The password.
    pub password: Secret,
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.label, self.password)
    }
}

/// Several passwords. Those whose label a text names are tried first, the
/// others after them in the order in which they were given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Keyring(Vec<Key>);

impl Keyring {
    /// These passwords, in this order.
    pub fn new(keys: impl IntoIterator<Item = Key>) -> Self {
        Self(keys.into_iter().collect())
    }

    /// The passwords in their order.
    pub fn keys(&self) -> &[Key] {
        &self.0
    }

    /// The password that opens a text, and what is in it.
    pub fn find(&self, sealed: &str) -> Result<(&Key, Zeroizing<Vec<u8>>), VaultError> {
        let label = envelope::parse(sealed)?.label;
        if self.0.is_empty() {
            return Err(VaultError::NoPassword);
        }
        let meant = |key: &&Key| label.is_some_and(|label| label == key.label);
        let first = self.0.iter().filter(meant);
        let then = self.0.iter().filter(|key| !meant(key));
        for key in first.chain(then) {
            match cipher::open(sealed, &key.password) {
                Err(VaultError::WrongPassword) => {}
                opened => return opened.map(|clear| (key, clear)),
            }
        }
        Err(VaultError::WrongPassword)
    }
}

impl Vault for Keyring {
    fn open(&self, sealed: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.find(sealed).map(|(_, clear)| clear)
    }
}
