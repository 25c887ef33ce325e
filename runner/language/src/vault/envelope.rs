//! The outside of an encrypted text: its header and its hexadecimal lines.

use super::{HEADER, VaultError};

/// Columns of a line of the body.
const COLUMNS: usize = 80;
/// The cipher the header names; there is no other.
const CIPHER: &str = "AES256";

/// An encrypted text, taken apart.
pub(super) struct Envelope<'a> {
    /// For which password it is, where it says so.
    pub(super) label: Option<&'a str>,
    pub(super) salt: Vec<u8>,
    pub(super) hmac: Vec<u8>,
    pub(super) ciphertext: Vec<u8>,
}

/// Takes an encrypted text apart.
pub(super) fn parse(text: &str) -> Result<Envelope<'_>, VaultError> {
    let mut lines = text.trim().lines().map(str::trim);
    let label = header(lines.next().unwrap_or_default())?;
    let body = unhex(&lines.collect::<String>())?;
    let body = String::from_utf8(body).map_err(|_| VaultError::Malformed("its body is odd"))?;
    let mut parts = body.splitn(3, '\n').map(unhex);
    let mut part = || {
        parts
            .next()
            .unwrap_or(Err(VaultError::Malformed("a part of its body is missing")))
    };
    Ok(Envelope {
        label,
        salt: part()?,
        hmac: part()?,
        ciphertext: part()?,
    })
}

/// The label of a header.
fn header(line: &str) -> Result<Option<&str>, VaultError> {
    let fields: Vec<&str> = line
        .strip_prefix(HEADER)
        .ok_or(VaultError::Malformed("it does not begin with `$ANSIBLE_VAULT;`"))?
        .split(';')
        .map(str::trim)
        .collect();
    match fields.as_slice() {
        ["1.1", CIPHER] => Ok(None),
        ["1.2", CIPHER, label] => Ok(Some(label)),
        ["1.0", ..] => Err(VaultError::Malformed("format 1.0 is no longer read")),
        ["1.1" | "1.2", ..] => Err(VaultError::Malformed("its cipher is not AES256")),
        _ => Err(VaultError::Malformed("its format is neither 1.1 nor 1.2")),
    }
}

impl Envelope<'_> {
    /// The text, with an end of line at its end.
    pub(super) fn write(&self) -> String {
        let parts = [&self.salt, &self.hmac, &self.ciphertext].map(|part| hex(part));
        let body = hex(parts.join("\n").as_bytes());
        let mut text = match self.label {
            Some(label) => format!("{HEADER}1.2;{CIPHER};{label}\n"),
            None => format!("{HEADER}1.1;{CIPHER}\n"),
        };
        for (at, digit) in body.chars().enumerate() {
            if at > 0 && at % COLUMNS == 0 {
                text.push('\n');
            }
            text.push(digit);
        }
        text.push('\n');
        text
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Result<Vec<u8>, VaultError> {
    let odd = VaultError::Malformed("its body is not hexadecimal");
    if !text.len().is_multiple_of(2) || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Err(odd);
    }
    let pair = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).map_err(|_| odd.clone());
    (0..text.len()).step_by(2).map(pair).collect()
}
