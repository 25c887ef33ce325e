//! What was opened once is not opened again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use super::{Vault, VaultError};

/// Another vault, with everything that it opened kept until this one goes: the key of a text takes
/// thousands of rounds to find, and a variable is read by every task of every host.
pub struct Remembering {
    inner: Arc<dyn Vault>,
    opened: Mutex<HashMap<String, Zeroizing<Vec<u8>>>>,
}

impl Remembering {
    /// Opens with `inner` what it does not know yet.
    pub fn new(inner: Arc<dyn Vault>) -> Self {
        Self {
            inner,
            opened: Mutex::default(),
        }
    }
}

impl Vault for Remembering {
    fn open(&self, sealed: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let opened = || self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(clear) = opened().get(sealed) {
            return Ok(clear.clone());
        }
        // Others may open theirs meanwhile.
        let clear = self.inner.open(sealed)?;
        opened().insert(sealed.to_owned(), clear.clone());
        Ok(clear)
    }
}
