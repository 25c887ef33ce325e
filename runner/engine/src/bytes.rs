//! Bytes: by chance, and in hex.

use openssl::error::ErrorStack;

/// So many bytes that nobody can foresee.
pub(crate) fn random(count: usize) -> Result<Vec<u8>, ErrorStack> {
    let mut bytes = vec![0; count];
    openssl::rand::rand_bytes(&mut bytes)?;
    Ok(bytes)
}

/// Two digits for each.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
