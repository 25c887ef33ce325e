//! Hashes of passwords as `/etc/shadow` and `htpasswd` have them, in the format of `crypt`:
//! `$SCHEME$SETTINGS$SALT$DIGEST`.
//!
//! The digests of SHA are those of Drepper's "Unix crypt using SHA-256 and SHA-512", that of MD5
//! those of FreeBSD's `crypt`; each writes its bytes in an order of its own.

use bcrypt::Version;
use openssl::error::ErrorStack;
use openssl::hash::{Hasher, MessageDigest};
use sha_crypt::{Params, sha256_crypt, sha512_crypt};

/// What salts and digests are written with, in the order of their values.
const LETTERS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The same for bcrypt.
const BCRYPT_LETTERS: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// A hash of SHA does not say its rounds if they are these.
const UNSAID_ROUNDS: u32 = 5000;

/// How a password is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// `$1$`, for old systems only.
    Md5,
    /// `$2b$` and its elder forms, of the first 72 bytes of a password.
    Bcrypt,
    /// `$5$`
    Sha256,
    /// `$6$`
    Sha512,
}

/// What a hash is made with besides the password.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings<'a> {
    /// Letters, digits, dots and slashes.
    pub salt: &'a str,
    /// How often the digest is repeated, for bcrypt the exponent of two; Ansible's number where there is none.
    pub rounds: Option<i64>,
    /// The form of bcrypt: `2a`, `2b` or `2y`; the others have no forms.
    pub ident: Option<&'a str>,
}

/// Why a password cannot be hashed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CryptError {
    /// No salt of this scheme.
    #[error("a salt for {scheme} has {length} letters, digits, dots and slashes")]
    Salt {
        /// Which scheme.
        scheme: &'static str,
        /// How many.
        length: String,
    },
    /// Too few rounds or too many.
    #[error("`rounds` of {scheme} is between {least} and {most}")]
    Rounds {
        /// Which scheme.
        scheme: &'static str,
        /// At least.
        least: u32,
        /// At most.
        most: u32,
    },
    /// No form of bcrypt.
    #[error("`ident` is `2a`, `2b` or `2y`")]
    Ident,
    /// What is hashed cannot hold this character, which would end it.
    #[error("a password that is hashed cannot hold the character 0")]
    Null,
    /// The library refused.
    #[error("the digest failed: {0}")]
    Digest(String),
}

impl From<ErrorStack> for CryptError {
    fn from(error: ErrorStack) -> Self {
        Self::Digest(error.to_string())
    }
}

impl Scheme {
    /// The schemes under the names that playbooks give them.
    pub const NAMES: [&str; 4] = ["sha512", "sha256", "bcrypt", "md5"];

    /// The scheme of a name, as the filter `password_hash` or as `passlib` writes it.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name.strip_suffix("_crypt").unwrap_or(name) {
            "md5" => Self::Md5,
            "bcrypt" | "blowfish" => Self::Bcrypt,
            "sha256" => Self::Sha256,
            "sha512" => Self::Sha512,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Bcrypt => "bcrypt",
            Self::Sha256 => "sha256",
            Self::Sha512 => "sha512",
        }
    }

    /// How long a salt is at most, and where nothing else is said.
    pub fn salt_length(self) -> usize {
        match self {
            Self::Md5 => 8,
            Self::Bcrypt => 22,
            Self::Sha256 | Self::Sha512 => 16,
        }
    }

    /// The form that is meant where none is given.
    pub fn usual_ident(self) -> Option<&'static str> {
        (self == Self::Bcrypt).then_some("2b")
    }

    /// The hash of a password.
    pub fn hash(self, password: &str, settings: &Settings<'_>) -> Result<String, CryptError> {
        if password.contains('\0') {
            return Err(CryptError::Null);
        }
        self.check(settings.salt)?;
        match self {
            Self::Md5 => md5(password.as_bytes(), settings.salt),
            Self::Bcrypt => bcrypt(password, settings),
            Self::Sha256 | Self::Sha512 => self.sha(password.as_bytes(), settings),
        }
    }

    fn check(self, salt: &str) -> Result<(), CryptError> {
        let most = self.salt_length();
        let least = if self == Self::Bcrypt { most } else { 1 };
        if (least..=most).contains(&salt.len()) && salt.bytes().all(|byte| LETTERS.contains(&byte)) {
            return Ok(());
        }
        let length = match self {
            Self::Bcrypt => most.to_string(),
            _ => format!("{least} to {most}"),
        };
        let scheme = self.name();
        Err(CryptError::Salt { scheme, length })
    }

    /// A number of rounds, between these two.
    fn rounds(self, given: Option<i64>, usual: u32, least: u32, most: u32) -> Result<u32, CryptError> {
        let rounds = given.map_or(Some(usual), |given| u32::try_from(given).ok());
        let scheme = self.name();
        let fits = rounds.filter(|rounds| (least..=most).contains(rounds));
        fits.ok_or(CryptError::Rounds { scheme, least, most })
    }

    fn sha(self, password: &[u8], settings: &Settings<'_>) -> Result<String, CryptError> {
        let (id, usual) = match self {
            Self::Sha512 => (6, 656_000),
            _ => (5, 535_000),
        };
        let (least, most) = (Params::ROUNDS_MIN, Params::ROUNDS_MAX);
        let scheme = self.name();
        let given = settings
            .rounds
            .map_or(Some(usual), |given| u32::try_from(given).ok());
        let fits = given.and_then(|rounds| Some((rounds, Params::new(rounds).ok()?)));
        let (rounds, params) = fits.ok_or(CryptError::Rounds { scheme, least, most })?;
        let salt = settings.salt;
        let digest = match self {
            Self::Sha512 => sha512_letters(&sha512_crypt(password, salt.as_bytes(), params)),
            _ => sha256_letters(&sha256_crypt(password, salt.as_bytes(), params)),
        };
        let said = match rounds {
            UNSAID_ROUNDS => String::new(),
            _ => format!("rounds={rounds}$"),
        };
        Ok(format!("${id}${said}{salt}${digest}"))
    }
}

/// A salt of this length; `below` draws a number below another.
pub fn salt(length: usize, mut below: impl FnMut(usize) -> usize) -> String {
    let letter = |_| char::from(LETTERS[below(LETTERS.len())]);
    (0..length).map(letter).collect()
}

/// The letters of three bytes, or of as many as are left: six bits at a time, least first. The
/// last byte is the least.
fn letters(bytes: &[u8]) -> impl Iterator<Item = char> + use<> {
    let word = bytes
        .iter()
        .fold(0_u32, |word, byte| word << 8 | u32::from(*byte));
    let count = if bytes.len() == 3 { 4 } else { bytes.len() + 1 };
    (0..count).map(move |at| char::from(LETTERS[(word >> (6 * at) & 63) as usize]))
}

/// Three bytes of each third, every time beginning with the next third.
fn sha512_letters(digest: &[u8; 64]) -> String {
    let triple = |at: usize| {
        let mut triple = [digest[at], digest[at + 21], digest[at + 42]];
        triple.rotate_left(at % 3);
        letters(&triple)
    };
    (0..21).flat_map(triple).chain(letters(&digest[63..])).collect()
}

/// Three bytes of each third, every time beginning with the third before.
fn sha256_letters(digest: &[u8; 32]) -> String {
    let triple = |at: usize| {
        let mut triple = [digest[at], digest[at + 10], digest[at + 20]];
        triple.rotate_right(at % 3);
        letters(&triple)
    };
    let rest = letters(&[digest[31], digest[30]]);
    (0..10).flat_map(triple).chain(rest).collect()
}

fn md5(password: &[u8], salt: &str) -> Result<String, CryptError> {
    let digest = |parts: &[&[u8]]| -> Result<[u8; 16], CryptError> {
        let mut hasher = Hasher::new(MessageDigest::md5())?;
        parts.iter().try_for_each(|part| hasher.update(part))?;
        let mut sum = [0; 16];
        sum.copy_from_slice(&hasher.finish()?);
        Ok(sum)
    };
    let salted = salt.as_bytes();
    let twice = digest(&[password, salted, password])?;
    let mut first = [password, b"$1$", salted].concat();
    first.extend(twice.iter().cycle().take(password.len()));
    let mut bits = password.len();
    while bits > 0 {
        first.push(if bits & 1 == 1 { 0 } else { password[0] });
        bits >>= 1;
    }
    let mut sum = digest(&[&first])?;
    for round in 0..1000 {
        let (one, other): (&[u8], &[u8]) = if round % 2 == 1 {
            (password, &sum)
        } else {
            (&sum, password)
        };
        let seasoning = if round % 3 == 0 { &[] } else { salted };
        let repeated = if round % 7 == 0 { &[] } else { password };
        sum = digest(&[one, seasoning, repeated, other])?;
    }
    let triple = |at: usize| letters(&[sum[at], sum[at + 6], sum[if at == 4 { 5 } else { at + 12 }]]);
    let written: String = (0..5).flat_map(triple).chain(letters(&[sum[11]])).collect();
    Ok(format!("$1${salt}${written}"))
}

fn bcrypt(password: &str, settings: &Settings<'_>) -> Result<String, CryptError> {
    let version = match settings.ident.unwrap_or("2b") {
        "2a" => Version::TwoA,
        "2b" => Version::TwoB,
        "2y" => Version::TwoY,
        _ => return Err(CryptError::Ident),
    };
    let cost = Scheme::Bcrypt.rounds(settings.rounds, 12, 4, 31)?;
    let made = bcrypt::hash_with_salt(password, cost, bcrypt_salt(settings.salt));
    let made = made.map_err(|error| CryptError::Digest(error.to_string()))?;
    Ok(made.format_for_version(version))
}

/// The bytes of a salt of bcrypt, six bits a letter, greatest first.
fn bcrypt_salt(salt: &str) -> [u8; 16] {
    let value = |letter: u8| BCRYPT_LETTERS.iter().position(|other| *other == letter);
    let mut bits = salt.bytes().flat_map(|letter| {
        let value = value(letter).unwrap_or_default();
        (0..6).rev().map(move |at| u8::from(value >> at & 1 == 1))
    });
    std::array::from_fn(|_| bits.by_ref().take(8).fold(0, |byte, bit| byte << 1 | bit))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "a very long password indeed, of more than thirty-two bytes, and more than sixty-four";

    fn hash(scheme: &str, password: &str, salt: &str, rounds: Option<i64>) -> String {
        let settings = Settings {
            salt,
            rounds,
            ident: None,
        };
        let scheme = Scheme::named(scheme).expect("a scheme");
        scheme
            .hash(password, &settings)
            .unwrap_or_else(|error| error.to_string())
    }

    /// As `passlib` and `openssl passwd` make them.
    #[test]
    fn hashes_are_those_of_other_programs() {
        let table = [
            (
                "sha512",
                "pässword",
                "abcdefgh",
                Some(1000),
                "$6$rounds=1000$abcdefgh$jAxIaiRp9oDJ.CoU2U7rdm1MxaLmzzVIbnA5TByoxmVbJHEFOGQ24vEMjv0aIa3w8SX9Sw89hnB24WyQvTH7h/",
            ),
            (
                "sha512",
                "pw",
                "abcdefgh",
                Some(5000),
                "$6$abcdefgh$KQeXafAQAaOoKTevphVU215RvJdgzyfASRasIOuh12hO8u0r1bGW92ZnTmC9IjsiQ8VPiTXBiZF49dFL1U4wX/",
            ),
            (
                "sha512_crypt",
                LONG,
                "./09azAZ./09azAZ",
                Some(1001),
                "$6$rounds=1001$./09azAZ./09azAZ$J3Ozwni380ryN.V7dv4O6gjoVjaEu3suCU6SucrCoO1LXiW9GqY3oVLX7lgnxoBl2.0pf/Srf5aKge5X0Eo4O1",
            ),
            (
                "sha256",
                "secret",
                "mysalt",
                Some(5000),
                "$5$mysalt$I2SNajjJ3Gc5gIR/tkrLOGngF8wqv59buJCqxh.o9s8",
            ),
            (
                "sha256",
                "pw",
                "abcdefghijklmnop",
                Some(5000),
                "$5$abcdefghijklmnop$gu.71QnGu.GrGbdJF.mj20x/mWJF1VliZRmeYNpAtDB",
            ),
            (
                "sha256",
                LONG,
                "x",
                Some(1234),
                "$5$rounds=1234$x$AV/ijpcY7Wc5s/c0v2XXYs4Ze2G/QlNm.EYebXKRTR/",
            ),
            (
                "md5",
                "secret",
                "mysalt",
                None,
                "$1$mysalt$n/EfEiV74OYgBdqhKQzSW/",
            ),
            (
                "md5_crypt",
                LONG,
                "abcdefgh",
                None,
                "$1$abcdefgh$ZHo9GhzmL.VswM.TfUhqW1",
            ),
            ("md5", "", "x", None, "$1$x$fwjfZtMwarkdetsjiQreU1"),
            (
                "bcrypt",
                "secret",
                "abcdefghijklmnopqrstuu",
                Some(4),
                "$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW",
            ),
        ];
        for (scheme, password, salt, rounds, wanted) in table {
            assert_eq!(hash(scheme, password, salt, rounds), wanted);
        }
        let settings = Settings {
            salt: "abcdefghijklmnopqrstuu",
            rounds: Some(4),
            ident: Some("2y"),
        };
        assert_eq!(
            Scheme::Bcrypt.hash(&"x".repeat(80), &settings).unwrap(),
            "$2y$04$abcdefghijklmnopqrstuubzadhGtS2zEF.gu0yd0opP6cVzb.e0i"
        );
    }

    #[test]
    fn settings_that_make_no_hash_are_refused() {
        insta::assert_snapshot!(
            [
                hash("sha512", "x", "seventeen-letters", None),
                hash("sha256", "x", "", None),
                hash("bcrypt", "x", "short", None),
                hash("sha512", "x", "s", Some(999)),
                hash("bcrypt", "x", "abcdefghijklmnopqrstuu", Some(i64::MAX)),
                hash("md5", "a\0b", "s", None),
            ]
            .join("\n"),
            @r"
        a salt for sha512 has 1 to 16 letters, digits, dots and slashes
        a salt for sha256 has 1 to 16 letters, digits, dots and slashes
        a salt for bcrypt has 22 letters, digits, dots and slashes
        `rounds` of sha512 is between 1000 and 999999999
        `rounds` of bcrypt is between 4 and 31
        a password that is hashed cannot hold the character 0
        "
        );
        assert_eq!(Scheme::named("sha3"), None);
    }
}
