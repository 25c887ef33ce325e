//! Chance. With a seed it is that of Python, number by number; without one it
//! comes from the surroundings, which journal it unless a secret is made of it.

use minijinja::value::{Rest, ValueKind, ValueOrKwargs};
use minijinja::{Error, State, Value};
use openssl::sha::sha512;
use rand_mt::Mt;

use super::lists::items;
use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::{ErrorKind, Fault};
use crate::template::eval::Eval;
use crate::template::python::text;
use crate::template::roots::Root;
use crate::template::tree::list;

pub(super) const TABLE: &[Entry] = &[
    Entry::engine("random", Takes::Values, || Value::from_function(random)),
    Entry::engine("shuffle", Takes::Values, || Value::from_function(shuffle)),
];

/// Python's `random.Random`.
pub(crate) struct Chance(Mt);

impl Chance {
    /// The one of a seed, which is a number or a text.
    pub(crate) fn seeded(seed: &Value) -> Self {
        let bytes = match (seed.as_str(), i128::try_from(seed.clone())) {
            (None, Ok(number)) => number.unsigned_abs().to_be_bytes().to_vec(),
            _ => {
                let text = text(seed);
                [text.as_bytes(), &sha512(text.as_bytes())].concat()
            }
        };
        Self::keyed(&bytes)
    }

    /// The one of a large number, greatest byte first.
    fn keyed(bytes: &[u8]) -> Self {
        let mut words: Vec<u32> = bytes
            .rchunks(4)
            .map(|chunk| chunk.iter().fold(0, |word, byte| word << 8 | u32::from(*byte)))
            .collect();
        while words.len() > 1 && words.last() == Some(&0) {
            words.pop();
        }
        Self(Mt::new_with_key(words))
    }

    /// One that nobody can foresee, and that the journal tells.
    pub(crate) fn of(eval: &Eval) -> Result<Self, Error> {
        Self::drawn(eval.shared.inner.surroundings.random(32))
    }

    /// One that nobody can foresee or find out, for passwords and salts.
    pub(crate) fn secret(eval: &Eval) -> Result<Self, Error> {
        Self::drawn(eval.shared.inner.surroundings.secret_random(32))
    }

    fn drawn(bytes: Option<Vec<u8>>) -> Result<Self, Error> {
        let bytes = bytes.ok_or_else(|| {
            let message = "there is no chance here";
            let help = "give it a `seed`".to_owned();
            Fault::new(ErrorKind::Value, message).help(Some(help))
        })?;
        Ok(Self::keyed(&bytes))
    }

    /// A number from 0 to below `end`, which is at least 1.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        let bits = usize::BITS - end.leading_zeros();
        loop {
            let drawn = self.bits(bits);
            if drawn < end {
                return drawn;
            }
        }
    }

    fn bits(&mut self, mut bits: u32) -> usize {
        let mut drawn: u64 = 0;
        let mut at = 0;
        while bits > 0 {
            let word = self.0.next_u32();
            let taken = bits.min(32);
            drawn |= u64::from(word >> (32 - taken)) << at;
            at += taken;
            bits -= taken;
        }
        usize::try_from(drawn).unwrap_or(usize::MAX)
    }
}

fn chance(state: &State<'_, '_>, seed: Option<Value>) -> Result<Chance, Error> {
    match seed.filter(|seed| !seed.is_none()) {
        Some(seed) => Ok(Chance::seeded(&seed)),
        None => Chance::of(&*Root::of(state)?),
    }
}

/// A number below the value, or a member of the list.
fn random(state: &State<'_, '_>, value: &Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let mut arguments = Arguments::new(&args.into_values());
    let start = arguments.number("start")?;
    let step = arguments.number("step")?;
    let seed = arguments.next("seed");
    arguments.finish()?;
    let mut chance = chance(state, seed)?;
    if value.kind() != ValueKind::Number {
        if start.is_some() || step.is_some() {
            return Err(Fault::new(
                ErrorKind::Value,
                "start and step can only be used with integer values",
            )
            .into());
        }
        let mut items = items(value)?;
        return match items.is_empty() {
            true => Err(Fault::new(ErrorKind::Value, "Cannot choose from an empty sequence").into()),
            false => Ok(items.swap_remove(chance.below(items.len()))),
        };
    }
    // Wide enough for what comes of any two.
    let (start, step) = (i128::from(start.unwrap_or(0)), i128::from(step.unwrap_or(1)));
    let end = value.as_i64().map_or(0, i128::from);
    let count = match step {
        0 => 0,
        step if step > 0 => (end - start + step - 1).div_euclid(step),
        step => (start - end - step - 1).div_euclid(-step),
    };
    match usize::try_from(count) {
        Ok(count) if count > 0 => {
            let drawn = start + step * (chance.below(count) as i128);
            // It lies between two that fit.
            Ok(Value::from(i64::try_from(drawn).unwrap_or(i64::MAX)))
        }
        _ => Err(Fault::new(ErrorKind::Value, "empty range for random").into()),
    }
}

fn shuffle(state: &State<'_, '_>, value: &Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let mut arguments = Arguments::new(&args.into_values());
    let seed = arguments.next("seed");
    arguments.finish()?;
    let mut chance = chance(state, seed)?;
    let mut items = items(value)?;
    for at in (1..items.len()).rev() {
        items.swap(at, chance.below(at + 1));
    }
    Ok(list(items))
}
