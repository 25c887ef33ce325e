//! A server's public key.

use std::fmt;

use openssl::base64::{decode_block, encode_block};
use openssl::sha::sha256;

/// A public key as it goes over the wire (RFC 4253 §6.6): a length, the name
/// of its type, and what that type makes of the rest.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct HostKey {
    blob: Vec<u8>,
    key_type: String,
}

impl HostKey {
    /// The key in `blob`, if its type's name can be read.
    pub fn from_blob(blob: &[u8]) -> Option<Self> {
        let (length, rest) = blob.split_first_chunk()?;
        let name = rest.get(..u32::from_be_bytes(*length).try_into().ok()?)?;
        let key_type = std::str::from_utf8(name).ok()?.to_owned();
        let readable = !key_type.is_empty() && key_type.bytes().all(|byte| byte.is_ascii_graphic());
        readable.then(|| Self {
            blob: blob.to_vec(),
            key_type,
        })
    }

    /// The key spelled as in `known_hosts`: its type and base64.
    pub fn from_words(key_type: &str, base64: &str) -> Option<Self> {
        let blob = decode_block(base64).ok()?;
        let key = Self::from_blob(&blob)?;
        // OpenSSL reads more spellings than one; only one is written.
        (key.key_type == key_type && encode_block(&blob) == base64).then_some(key)
    }

    /// The name of its type, `ssh-ed25519`.
    pub fn key_type(&self) -> &str {
        &self.key_type
    }

    /// Its SHA-256 fingerprint, as `ssh-keygen -l` shows it.
    pub fn fingerprint(&self) -> String {
        let hash = encode_block(&sha256(&self.blob));
        format!("SHA256:{}", hash.trim_end_matches('='))
    }
}

/// As in `known_hosts`.
impl fmt::Display for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key_type, encode_block(&self.blob))
    }
}

impl fmt::Debug for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.key_type, self.fingerprint())
    }
}
