//! Which text YAML 1.1 reads back as the same text without quotes.

/// Whether text can be written without quotes, as PyYAML decides it for a block.
pub(super) fn is_plain(text: &str) -> bool {
    let mut characters = text.chars();
    let (Some(first), Some(last)) = (characters.next(), text.chars().last()) else {
        return false;
    };
    let second_blank = characters.next().is_none_or(char::is_whitespace);
    let begins_badly = "#,[]{}&*!|>'\"%@`".contains(first) || "-?:".contains(first) && second_blank;
    !begins_badly
        && !text.starts_with("---")
        && !text.starts_with("...")
        && first != ' '
        && last != ' '
        && !text.contains('\n')
        && !text.contains(": ")
        && !text.contains(" #")
        && last != ':'
        && !is_other_type(text)
}

/// Whether YAML 1.1 reads it as something other than text.
fn is_other_type(text: &str) -> bool {
    const WORDS: [&str; 11] = [
        "yes", "no", "true", "false", "on", "off", "null", "~", "=", "<<", ".nan",
    ];
    let lower = text.to_lowercase();
    let is_word = WORDS.contains(&lower.as_str())
        && (lower == text || text == text.to_uppercase() || is_capitalized(text));
    is_word || is_number(text) || is_date(text)
}

fn is_capitalized(text: &str) -> bool {
    let mut characters = text.chars();
    characters.next().is_some_and(char::is_uppercase) && characters.all(|next| !next.is_uppercase())
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let all = |text: &str, fits: fn(char) -> bool| {
        !text.is_empty() && text.chars().all(|next| next == '_' || fits(next))
    };
    let decimal = |next: char| next.is_ascii_digit();
    if matches!(digits.to_lowercase().as_str(), ".inf") {
        return true;
    }
    if let Some(hex) = digits.strip_prefix("0x") {
        return all(hex, |next| next.is_ascii_hexdigit());
    }
    if let Some(binary) = digits.strip_prefix("0b") {
        return all(binary, |next| matches!(next, '0' | '1'));
    }
    if let Some((hours, rest)) = digits.split_once(':') {
        let parts = rest
            .split(':')
            .map(|part| part.split('.').next().unwrap_or_default());
        let small = |part: &str| part.len() <= 2 && all(part, |next| next.is_ascii_digit()) && part < "60";
        let float = digits.contains('.');
        return (float || !hours.starts_with('0')) && all(hours, decimal) && parts.into_iter().all(small);
    }
    if digits.len() > 1 && digits.starts_with('0') && all(digits, decimal) {
        return digits.chars().all(|next| matches!(next, '0'..='7' | '_'));
    }
    if all(digits, decimal) {
        return digits.starts_with(|next: char| next.is_ascii_digit());
    }
    let Some((whole, rest)) = digits.split_once('.') else {
        return false;
    };
    let (fraction, exponent) = rest
        .split_once(['e', 'E'])
        .map_or((rest, None), |(a, b)| (a, Some(b)));
    let sound = exponent.is_none_or(|exponent| {
        exponent.starts_with(['-', '+']) && all(&exponent[1..], |next| next.is_ascii_digit())
    });
    let begins =
        whole.starts_with(|next: char| next.is_ascii_digit()) || whole.is_empty() && !fraction.is_empty();
    begins
        && sound
        && (whole.is_empty() || all(whole, decimal))
        && (fraction.is_empty() || all(fraction, decimal))
}

/// `2024-01-01`, and longer forms with a time.
fn is_date(text: &str) -> bool {
    let date = text.split(['T', 't', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = date.split('-').collect();
    let digits = |part: &&str| part.chars().all(|next| next.is_ascii_digit());
    let sizes: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let is_date = parts.iter().all(digits) && matches!(sizes.as_slice(), [4, 1..=2, 1..=2]);
    let exact = sizes == [4, 2, 2];
    is_date && (exact && date.len() == text.len() || text.len() > date.len() && text.contains(':'))
}
