//! `web[01:10].example.com`: names that stand for many.

/// A pattern of names may stand for at most this many.
const MOST: usize = 100_000;

/// The names that `text` stands for, in order; a name without a range stands for
/// itself.
pub(super) fn expand(text: &str) -> Result<Vec<String>, String> {
    if let Some((before, rest)) = text.split_once('[')
        && !rest.contains(']')
    {
        return Err(format!("the `[` behind `{before}` is not closed"));
    }
    let Some((before, range, after)) = first_range(text) else {
        return Ok(vec![text.to_owned()]);
    };
    let mut names = Vec::new();
    let tails = expand(after)?;
    for middle in members(range)? {
        for tail in &tails {
            names.push(format!("{before}{middle}{tail}"));
            if names.len() > MOST {
                return Err(format!("this stands for more than {MOST} names"));
            }
        }
    }
    Ok(names)
}

/// The text before the first range, what is between its brackets, and the rest.
fn first_range(text: &str) -> Option<(&str, &str, &str)> {
    let open = text.find('[')?;
    let close = open + text[open..].find(']')?;
    let range = &text[open + 1..close];
    range
        .contains(':')
        .then_some((&text[..open], range, &text[close + 1..]))
}

/// `01:10`, `a:f`, `1:10:2`.
fn members(range: &str) -> Result<Vec<String>, String> {
    let wrong = || format!("`[{range}]` is no range such as `[1:5]`, `[01:20]` or `[a:f]`");
    let parts: Vec<_> = range.split(':').collect();
    let (first, last, step) = match parts.as_slice() {
        [first, last] => (*first, *last, 1),
        [first, last, step] => (*first, *last, step.parse().map_err(|_| wrong())?),
        _ => return Err(wrong()),
    };
    if step == 0 || last.is_empty() {
        return Err(wrong());
    }
    let letters = |text: &str| text.len() == 1 && text.as_bytes()[0].is_ascii_alphabetic();
    if letters(first) && letters(last) {
        let letters = (first.as_bytes()[0]..=last.as_bytes()[0]).step_by(step);
        return nonempty(
            letters.map(|letter| char::from(letter).to_string()).collect(),
            &wrong,
        );
    }
    let number = |text: &str| match text {
        "" => Ok(0_usize),
        _ if text.bytes().all(|byte| byte.is_ascii_digit()) => text.parse().map_err(|_| wrong()),
        _ => Err(wrong()),
    };
    let width = if first.starts_with('0') && first.len() > 1 {
        first.len()
    } else {
        0
    };
    let numbers = (number(first)?..=number(last)?).step_by(step);
    if numbers.size_hint().0 > MOST {
        return Err(format!("this stands for more than {MOST} names"));
    }
    nonempty(
        numbers.map(|number| format!("{number:0width$}")).collect(),
        &wrong,
    )
}

fn nonempty(names: Vec<String>, wrong: &dyn Fn() -> String) -> Result<Vec<String>, String> {
    match names.is_empty() {
        true => Err(wrong()),
        false => Ok(names),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_stands_for_its_members() {
        let table = [
            ("vos01", "vos01"),
            ("web[1:3].x", "web1.x web2.x web3.x"),
            ("web[08:10]", "web08 web09 web10"),
            ("[a:c]-[1:2]", "a-1 a-2 b-1 b-2 c-1 c-2"),
            ("n[1:10:4]", "n1 n5 n9"),
            ("n[:2]", "n0 n1 n2"),
            ("[::1]", "[::1] is wrong"),
            ("n[3:1]", "n[3:1] is wrong"),
            ("n[1:x]", "n[1:x] is wrong"),
            ("n[1:99999999999]", "n[1:99999999999] is wrong"),
            ("n[1:9:0]", "n[1:9:0] is wrong"),
            ("group[0]", "group[0]"),
            ("n[1", "n[1 is wrong"),
            ("n[1:2]-[", "n[1:2]-[ is wrong"),
        ];
        for (text, names) in table {
            let found = expand(text).map_or(format!("{text} is wrong"), |names| names.join(" "));
            assert_eq!(found, names);
        }
    }
}
