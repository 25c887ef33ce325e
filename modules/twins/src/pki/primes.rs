//! Many RSA keys from few primes.
//!
//! Finding a prime takes most of the time of making an RSA key, and a large rehearsal asks for
//! thousands of keys. So every pair of primes is a key of its own: twelve primes make sixty-six keys.
//! Keys that share a prime are no secret to anybody who has both; those of twins guard nothing.

use openssl::bn::{BigNum, BigNumContext, BigNumRef};
use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::rsa::RsaPrivateKeyBuilder;
use std::fmt;

const PRIME_BITS: i32 = 1024;
const EXPONENT: u32 = 65537;

/// RSA keys of 2048 bits, each different from the ones before it.
pub(crate) struct RsaKeys {
    primes: Vec<BigNum>,
    /// The places of the next key's primes, the smaller one first.
    next: (usize, usize),
}

impl Default for RsaKeys {
    fn default() -> Self {
        RsaKeys {
            primes: Vec::new(),
            next: (0, 1),
        }
    }
}

impl fmt::Debug for RsaKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaKeys").finish_non_exhaustive()
    }
}

impl RsaKeys {
    /// The next key.
    pub(crate) fn make(&mut self) -> Result<PKey<Private>, ErrorStack> {
        let (first, second) = self.next;
        while self.primes.len() <= second {
            self.primes.push(prime()?);
        }
        let key = key(&self.primes[first], &self.primes[second])?;
        self.next = if first + 1 < second {
            (first + 1, second)
        } else {
            (0, second + 1)
        };
        Ok(key)
    }
}

/// A prime for which the exponent has an inverse.
fn prime() -> Result<BigNum, ErrorStack> {
    loop {
        let mut prime = BigNum::new()?;
        prime.generate_prime(PRIME_BITS, false, None, None)?;
        if less_one(&prime)?.mod_word(EXPONENT)? != 0 {
            return Ok(prime);
        }
    }
}

fn key(p: &BigNumRef, q: &BigNumRef) -> Result<PKey<Private>, ErrorStack> {
    let mut context = BigNumContext::new()?;
    let (p1, q1) = (less_one(p)?, less_one(q)?);
    let mut n = BigNum::new()?;
    n.checked_mul(p, q, &mut context)?;
    let mut totient = BigNum::new()?;
    totient.checked_mul(&p1, &q1, &mut context)?;
    let e = BigNum::from_u32(EXPONENT)?;
    let mut d = BigNum::new()?;
    d.mod_inverse(&e, &totient, &mut context)?;
    let (mut dp, mut dq, mut inverse) = (BigNum::new()?, BigNum::new()?, BigNum::new()?);
    dp.checked_rem(&d, &p1, &mut context)?;
    dq.checked_rem(&d, &q1, &mut context)?;
    inverse.mod_inverse(q, p, &mut context)?;
    let rsa = RsaPrivateKeyBuilder::new(n, e, d)?
        .set_factors(p.to_owned()?, q.to_owned()?)?
        .set_crt_params(dp, dq, inverse)?
        .build();
    PKey::from_rsa(rsa)
}

fn less_one(number: &BigNumRef) -> Result<BigNum, ErrorStack> {
    let mut less = number.to_owned()?;
    less.sub_word(1)?;
    Ok(less)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn four_primes_make_six_good_keys() {
        let mut keys = RsaKeys::default();
        let made: Vec<PKey<Private>> = (0..6).map(|_| keys.make().unwrap()).collect();
        assert_eq!(keys.primes.len(), 4);
        let different: BTreeSet<Vec<u8>> = made.iter().map(|k| k.public_key_to_der().unwrap()).collect();
        assert_eq!(different.len(), 6);
        for key in made {
            assert_eq!(key.bits(), 2048);
            assert!(key.rsa().unwrap().check_key().unwrap());
        }
    }
}
