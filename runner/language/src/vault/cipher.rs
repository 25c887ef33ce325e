//! The inside of an encrypted text.
//!
//! From the password and 32 random bytes (the salt) PBKDF2 with HMAC-SHA256 and
//! 10,000 rounds makes 80 bytes: 32 to encrypt with, 32 to sign with, 16 the
//! counter begins at. The text, filled up to whole blocks of 16 bytes as PKCS#7
//! says, is encrypted with AES-256 in counter mode; what comes out is signed
//! with HMAC-SHA256, and the signature is what a wrong password fails at.

use cutover_kit::Secret;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use openssl::symm::{Cipher, Crypter, Mode};
use zeroize::Zeroizing;

use super::envelope::{self, Envelope};
use super::{PLAIN_LABEL, VaultError};

const ROUNDS: usize = 10_000;
const SALT: usize = 32;
const KEY: usize = 32;
const BLOCK: usize = 16;

impl From<ErrorStack> for VaultError {
    fn from(error: ErrorStack) -> Self {
        Self::Cipher(error.to_string())
    }
}

/// What a password and a salt make.
struct Keys(Zeroizing<[u8; 2 * KEY + BLOCK]>);

impl Keys {
    fn derive(password: &Secret, salt: &[u8]) -> Result<Self, VaultError> {
        let mut keys = Zeroizing::new([0; 2 * KEY + BLOCK]);
        let password = password.expose().as_bytes();
        openssl::pkcs5::pbkdf2_hmac(password, salt, ROUNDS, MessageDigest::sha256(), &mut *keys)?;
        Ok(Self(keys))
    }

    fn sign(&self, ciphertext: &[u8]) -> Result<Vec<u8>, VaultError> {
        let key = PKey::hmac(&self.0[KEY..2 * KEY])?;
        let mut signer = Signer::new(MessageDigest::sha256(), &key)?;
        Ok(signer.sign_oneshot_to_vec(ciphertext)?)
    }

    /// Encrypts or decrypts whole blocks: in counter mode both are the same.
    fn apply(&self, mode: Mode, blocks: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let cipher = Cipher::aes_256_ctr();
        let mut crypter = Crypter::new(cipher, mode, &self.0[..KEY], Some(&self.0[2 * KEY..]))?;
        let mut out = Zeroizing::new(vec![0; blocks.len() + BLOCK]);
        let count = crypter.update(blocks, &mut out)?;
        let rest = crypter.finalize(&mut out[count..])?;
        out.truncate(count + rest);
        Ok(out)
    }
}

/// Encrypts `clear`. The label is written unless it is the plain one.
pub fn seal(clear: &[u8], password: &Secret, label: Option<&str>) -> Result<String, VaultError> {
    let mut salt = vec![0; SALT];
    openssl::rand::rand_bytes(&mut salt)?;
    seal_with(clear, password, label, salt)
}

/// The same with a salt that is given: the same text each time, as templates need it that are
/// rendered into a file again and again.
pub(crate) fn seal_with(
    clear: &[u8],
    password: &Secret,
    label: Option<&str>,
    salt: Vec<u8>,
) -> Result<String, VaultError> {
    let keys = Keys::derive(password, &salt)?;
    let ciphertext = keys.apply(Mode::Encrypt, &filled(clear))?.to_vec();
    let sealed = Envelope {
        label: label.filter(|label| *label != PLAIN_LABEL),
        hmac: keys.sign(&ciphertext)?,
        salt,
        ciphertext,
    };
    Ok(sealed.write())
}

/// Decrypts with one password.
pub(super) fn open(sealed: &str, password: &Secret) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let envelope = envelope::parse(sealed)?;
    let keys = Keys::derive(password, &envelope.salt)?;
    let signature = keys.sign(&envelope.ciphertext)?;
    let same = signature.len() == envelope.hmac.len() && openssl::memcmp::eq(&signature, &envelope.hmac);
    if !same {
        return Err(VaultError::WrongPassword);
    }
    let mut clear = keys.apply(Mode::Decrypt, &envelope.ciphertext)?;
    let fill = clear.last().copied().map_or(0, usize::from);
    if fill == 0 || fill > BLOCK || fill > clear.len() {
        return Err(VaultError::Malformed("its last block is odd"));
    }
    let length = clear.len() - fill;
    clear.truncate(length);
    Ok(clear)
}

/// Filled up to whole blocks; each byte of the filling says how many there are.
fn filled(clear: &[u8]) -> Zeroizing<Vec<u8>> {
    let fill = BLOCK - clear.len() % BLOCK;
    let mut blocks = Zeroizing::new(Vec::with_capacity(clear.len() + fill));
    blocks.extend_from_slice(clear);
    // At most one block, so that it fits a byte.
    blocks.extend(std::iter::repeat_n(u8::try_from(fill).unwrap_or_default(), fill));
    blocks
}
