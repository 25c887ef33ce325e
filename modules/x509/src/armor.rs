//! PEM: finding armoured blocks in any text, and writing them.

use openssl::base64;

/// One `-----BEGIN label----- … -----END label-----` of a text, still encoded.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Block<'a> {
    pub(crate) label: &'a str,
    body: &'a str,
}

/// What is wrong with a block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArmorError {
    #[error("BEGIN {0} has no matching END")]
    Unterminated(String),
    #[error("the text between BEGIN {0} and END is not base64")]
    NotBase64(String),
}

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

/// True if the text holds at least one BEGIN marker.
pub(crate) fn is_armored(text: &str) -> bool {
    text.contains(BEGIN)
}

/// Every block of the text in order; whatever stands around them is passed over.
pub(crate) fn blocks(text: &str) -> Result<Vec<Block<'_>>, ArmorError> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(BEGIN) {
        let after = &rest[start + BEGIN.len()..];
        let Some((label, tail)) = after.split_once(DASHES) else {
            return Err(ArmorError::Unterminated(first_line(after)));
        };
        let end = format!("-----END {label}-----");
        let Some((body, tail)) = tail.split_once(&end) else {
            return Err(ArmorError::Unterminated(first_line(label)));
        };
        found.push(Block { label, body });
        rest = tail;
    }
    Ok(found)
}

/// A label for a message: never more than one line, so that no body leaks into it.
fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    line.chars().take(40).collect()
}

impl Block<'_> {
    /// The bytes of the block. Header lines (`Proc-Type: …`) and blanks are passed over.
    pub(crate) fn decode(&self) -> Result<Vec<u8>, ArmorError> {
        let text: String = self
            .body
            .lines()
            .filter(|line| !line.contains(':'))
            .flat_map(str::chars)
            .filter(|c| !c.is_whitespace())
            .collect();
        base64::decode_block(&text).map_err(|_| ArmorError::NotBase64(first_line(self.label)))
    }
}

/// An armoured block with lines of 64 characters, which every device takes.
pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let encoded = base64::encode_block(der);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        text.push_str(line);
        text.push('\n');
        rest = tail;
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_found_in_the_middle_of_a_terminal_session() {
        let text =
            "admin:show csr own tomcat\r\n-----BEGIN X-----\r\nYWJj\r\nZGVm\r\n-----END X-----\r\nadmin:";
        let found = blocks(text).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].label, "X");
        assert_eq!(found[0].decode().unwrap(), b"abcdef");
    }

    #[test]
    fn written_lines_have_64_characters() {
        let text = encode("X", &[7; 100]);
        let lengths: Vec<usize> = text.lines().map(str::len).collect();
        assert_eq!(lengths, [17, 64, 64, 8, 15]);
        assert_eq!(blocks(&text).unwrap()[0].decode().unwrap(), [7; 100]);
    }

    #[test]
    fn a_missing_end_is_named_without_the_body() {
        let error = blocks("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n").unwrap_err();
        assert_eq!(error.to_string(), "BEGIN PRIVATE KEY has no matching END");
    }
}
