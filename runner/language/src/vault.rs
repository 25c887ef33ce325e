//! Encrypted texts in Ansible's own format, read and written.
//!
//! A text begins with `$ANSIBLE_VAULT;1.1;AES256`, or `;1.2;AES256;LABEL`
//! where a label says which password it is for. What follows is hexadecimal,
//! 80 columns wide ([`envelope`]); what is in it, and how it is made, is
//! [`cipher`]'s matter.
//!
//! Whole files are opened where they are read ([`files::read`](crate::files::read)),
//! single values (`!vault`) when a template uses them. Both ask a [`Vault`];
//! the one of a run is its [`Keyring`], and what it opened stays open ([`Remembering`]).

mod cipher;
mod envelope;
mod keyring;
mod remembering;

pub use cipher::seal;
pub(crate) use cipher::seal_with;
pub use keyring::{Key, Keyring, PLAIN_LABEL};
pub use remembering::Remembering;
use zeroize::Zeroizing;

/// What every encrypted text begins with.
pub const HEADER: &str = "$ANSIBLE_VAULT;";

/// Whether a text is encrypted as a whole.
pub fn is_sealed(text: &str) -> bool {
    text.starts_with(HEADER)
}

/// The label that an encrypted text names, if it names one.
pub fn label_of(sealed: &str) -> Option<&str> {
    envelope::parse(sealed).ok()?.label
}

/// Why an encrypted text cannot be opened or made. No variant holds any of the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// Nobody gave a password.
    #[error("Attempting to decrypt but no vault secrets found")]
    NoPassword,
    /// None of the passwords fits.
    #[error("Decryption failed (no vault secrets were found that could decrypt)")]
    WrongPassword,
    /// It is not what the format asks for.
    #[error("this is no encrypted text: {0}")]
    Malformed(&'static str),
    /// Opened, and not UTF-8.
    #[error("what is encrypted here is not text")]
    NotText,
    /// The library that encrypts refused.
    #[error("the cipher failed: {0}")]
    Cipher(String),
}

impl VaultError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NoPassword => {
                Some("give the password with --vault-password-file, --vault-id or --ask-vault-pass")
            }
            Self::WrongPassword => Some("none of the passwords given with --vault-id and the like fits"),
            Self::Malformed(_) => Some("copy the whole text, from `$ANSIBLE_VAULT` to its last line"),
            Self::NotText | Self::Cipher(_) => None,
        }
    }
}

/// Opens encrypted texts.
pub trait Vault: Send + Sync {
    /// What is encrypted.
    fn open(&self, sealed: &str) -> Result<Zeroizing<Vec<u8>>, VaultError>;

    /// The same as text.
    fn open_text(&self, sealed: &str) -> Result<Zeroizing<String>, VaultError> {
        let clear = self.open(sealed)?;
        let text = std::str::from_utf8(&clear).map_err(|_| VaultError::NotText)?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

/// Opens nothing: nobody gave a password.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoVault;

impl Vault for NoVault {
    fn open(&self, sealed: &str) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        envelope::parse(sealed)?;
        Err(VaultError::NoPassword)
    }
}
