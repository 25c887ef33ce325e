//! `lipsum`: text that says nothing, to try out how something looks.

use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{Error, State, Value};

use super::arguments::Arguments;
use super::error::{ErrorKind, Fault};
use super::filters::Chance;
use super::roots::Root;

/// More paragraphs than these at once are no text to try something out with.
const MOST_PARAGRAPHS: i64 = 100;
/// And so are more words of one paragraph.
const MOST_WORDS: i64 = 1000;

const WORDS: &str = "ad alias animi aperiam at aut bona cetera clamat cum cura de dies dolor ea ergo est et ex \
    facile fama ferro finis fortis gaudet genus hic hora iam idem illa ipsum iter lapis laudat lex liber lorem \
    lumen manus mare mater mens modus mora mos multa natura nec nemo nomen nox oculus omnis onus opus orbis pars \
    pax per pons porta quae quid ratio regit res rosa rota salus sed semper sine sit sol sonus spes tamen tempus \
    terra turris umbra unda urbs vel ventus verba via vita vox";

/// `lipsum(n=5, html=True, min=20, max=100)`: `n` paragraphs of `min` to less than `max` words.
pub(super) fn lipsum(state: &mut State<'_, '_>, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let mut arguments = Arguments::new(&args.into_values());
    let paragraphs = arguments.number("n")?.unwrap_or(5);
    let html = arguments.next("html").is_none_or(|html| html.is_true());
    let least = arguments.number("min")?.unwrap_or(20);
    let most = arguments.number("max")?.unwrap_or(100);
    arguments.finish()?;
    if paragraphs > MOST_PARAGRAPHS || most > MOST_WORDS {
        let message = format!("more than {MOST_PARAGRAPHS} paragraphs of {MOST_WORDS} words are too much");
        return Err(Fault::new(ErrorKind::Limit, message).into());
    }
    let (least, most) = (usize::try_from(least).ok(), usize::try_from(most).ok());
    let (Some(least), Some(most)) = (
        least,
        most.filter(|most| least.is_some_and(|least| least < *most)),
    ) else {
        let message = "`min` has to be less than `max`, and neither less than 0";
        return Err(Fault::new(ErrorKind::Value, message).into());
    };
    if paragraphs <= 0 {
        return Ok(Value::from(""));
    }
    let mut chance = Chance::of(&*Root::of(state)?)?;
    let texts = (0..paragraphs).map(|_| {
        let count = least + chance.below(most - least);
        paragraph(&mut chance, count)
    });
    Ok(Value::from(match html {
        true => texts
            .map(|text| format!("<p>{text}</p>"))
            .collect::<Vec<_>>()
            .join("\n"),
        false => texts.collect::<Vec<_>>().join("\n\n"),
    }))
}

/// Sentences of this many words together, with a comma here and there.
fn paragraph(chance: &mut Chance, count: usize) -> String {
    let words: Vec<&str> = WORDS.split_whitespace().collect();
    let mut text = String::new();
    let mut last = words.len();
    let mut left = 0;
    for index in 0..count {
        let begins = left == 0;
        if begins {
            left = 4 + chance.below(9);
        }
        left -= 1;
        // Never the same word twice in a row.
        let mut drawn = chance.below(words.len() - 1);
        if drawn >= last {
            drawn += 1;
        }
        last = drawn;
        let word = words[drawn];
        let (first, rest) = word.split_at(1);
        match begins {
            true => text.push_str(&first.to_uppercase()),
            false => text.push_str(first),
        }
        text.push_str(rest);
        let ends = left == 0 || index + 1 == count;
        match ends {
            true => text.push('.'),
            false if left > 1 && chance.below(6) == 0 => text.push(','),
            false => {}
        }
        if index + 1 < count {
            text.push(' ');
        }
    }
    text
}
