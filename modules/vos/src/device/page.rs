//! How the device speaks, as data (`vos-cli.md` §1.5, §1.6, §2, §3.5).
//!
//! Nothing here is code; everything else in this folder is code that knows no text.

use std::sync::LazyLock;

use regex::Regex;

/// Sent first in every session.
pub(crate) const OPENING: &str = "set cli pagination off";

/// The end of a line that is sent.
pub(crate) const ENTER: &str = "\r";

/// Aborts what is going on.
pub(crate) const INTERRUPT: &[u8] = b"\x03";

/// The terminal that is asked for: wide, so that the echo of a command is not wrapped.
pub(crate) const TERMINAL: cutover_kit::session::Terminal = cutover_kit::session::Terminal {
    kind: "vt100",
    columns: 200,
    rows: 50,
};

/// Key that makes pager A show another page.
pub(crate) const PAGE_ON: &[u8] = b" ";
/// Key that makes pager B show another page.
pub(crate) const VIEW_ON: &[u8] = b"n";
/// Key that leaves pager B at its end.
pub(crate) const VIEW_LEAVE: &[u8] = b"q";

/// The patterns of the device's own texts.
pub(crate) struct Patterns {
    /// The prompt, alone on its line. `set commandcount enable` puts a counter into it.
    pub(crate) prompt: Regex,
    /// The prompt at the beginning of a line that goes on.
    pub(crate) prompt_before: Regex,
    /// The banner's line after which the prompt is near.
    pub(crate) welcome: Regex,
    /// A question to be answered by yes or no, at the end of a line.
    pub(crate) question: Regex,
    /// Among those, the ones that want a single letter.
    pub(crate) letter: Regex,
    /// Output that is longer than the screen.
    pub(crate) pager: Regex,
    /// A file that is longer than the screen.
    pub(crate) viewer: Regex,
    /// The last page of such a file.
    pub(crate) viewer_end: Regex,
    /// The request to paste a certificate.
    pub(crate) paste: Regex,
    /// The words after which a restart cannot be called back.
    pub(crate) restarting: Regex,
}

/// The one page.
pub(crate) static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| Patterns {
    prompt: pattern(r"^\s*admin(?: ?[^A-Za-z\s]\S{0,7})?:\s*$"),
    prompt_before: pattern(r"^\s*admin(?: ?[^A-Za-z\s]\S{0,7})?:"),
    welcome: pattern(r"(?i)welcome to the platform command line"),
    question: pattern(r"(?i)[\[(]\s*y(?:es)?\s*[/|]\s*n(?:o)?\s*[\])]\s*[?:]?\s*$"),
    letter: pattern(r"(?i)[\[(]\s*y\s*[/|]\s*n\s*[\])]\s*[?:]?\s*$"),
    pager: pattern(r"(?i)press <enter> for 1 line, <space> for one page, or <q> to quit\s*$"),
    viewer: pattern(r"(?i)options:\s*q=quit.*\)\s*:\s*$"),
    viewer_end: pattern(r"(?i)end of the file reached"),
    paste: pattern(r"(?i)paste\s+the\s+certificate"),
    restarting: pattern(r"(?i)appliance is being restarted|going down for (?:system )?reboot"),
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("the patterns of this page are fixed and tested")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_question_is_known_and_its_kind_of_answer_too() {
        let words = [
            "Enter (yes/no)? ",
            "Do you want to continue (yes/no) ? ",
            "Do you wish to proceed (yes|no)? ",
            "Proceed with regeneration (yes|no)? ",
            "Include OU in CSR (yes|no)?",
            "Do you want to continue [yes/no]? ",
            "Start installation (yes/no): ",
        ];
        let letters = ["Continue (y/n)?", "Would you like to proceed [y/n]? "];
        for text in words.iter().chain(&letters) {
            assert!(PATTERNS.question.is_match(text), "{text}");
            assert_eq!(PATTERNS.letter.is_match(text), letters.contains(text), "{text}");
        }
        assert!(!PATTERNS.question.is_match("answer (yes/no) and press Enter"));
    }

    #[test]
    fn the_prompt_may_count_and_is_nothing_else() {
        for text in [
            "admin:",
            "admin: ",
            "admin(12):",
            "admin:12:",
            "admin 12:",
            "admin[3]:",
        ] {
            assert!(PATTERNS.prompt.is_match(text), "{text}");
        }
        for text in [
            "administrator:",
            "admin",
            "User admin:",
            "admin:show",
            "admin said:",
        ] {
            assert!(!PATTERNS.prompt.is_match(text), "{text}");
        }
    }
}
