//! Putting content into a file: what the modules that write whole files have in common.

use cutover_kit::module::Diff;
use cutover_kit::{Failure, Map};
use jiff::Timestamp;
use openssl::hash::{MessageDigest, hash};

use super::attributes::Settled;
use super::edit::{Edit, backup, shown};
use super::misfit;
use crate::disk::{Bytes, Kind, SMALL, Seen, Step, Text, Writing};

/// Content for a file.
pub(crate) struct Put<'a> {
    /// The file as it is.
    pub(crate) seen: &'a Seen,
    /// Where it is written: its path, or what its links lead to.
    pub(crate) path: &'a str,
    pub(crate) text: Text,
    /// Before and after, where they may show.
    pub(crate) diff: Option<Diff>,
    pub(crate) attributes: &'a Settled,
    /// Whether the old file is kept.
    pub(crate) backup: bool,
    pub(crate) validate: Option<&'a str>,
    pub(crate) inside: bool,
    pub(crate) now: Timestamp,
}

impl Put<'_> {
    /// The change that writes it, and where the old file is kept.
    pub(crate) fn edit(self) -> Result<(Edit, Option<String>), Failure> {
        let kept = (self.backup && self.seen.exists()).then(|| backup(self.path, self.now));
        let attributes = self.attributes.in_place_of(self.seen.target.as_ref())?;
        let validate = self.validate.map(words).transpose()?;
        let text = match self.seen.exists() {
            true => format!("write {}", self.path),
            false => format!("create {}", self.path),
        };
        let back = self.back(kept.as_deref());
        let step = Step::Write(Writing {
            path: self.path.to_owned(),
            text: self.text,
            attributes,
            backup: kept.clone(),
            validate,
            inside: self.inside,
        });
        Ok((
            Edit::new(text, vec![step])
                .diff(self.diff)
                .showing(self.path)
                .back(back.into_iter().collect()),
            kept,
        ))
    }

    /// What puts the file back as it is: none where its content is neither known nor kept, or where
    /// a link is replaced.
    fn back(&self, kept: Option<&str>) -> Option<Step> {
        let path = self.path.to_owned();
        if self.seen.is(Kind::Link) && self.path == self.seen.path {
            return None;
        }
        let Some(stat) = &self.seen.target else {
            return (!self.seen.exists()).then_some(Step::Remove { path });
        };
        let content = self.seen.content.clone().map(bytes);
        Some(Step::Write(Writing {
            path,
            text: content.or_else(|| kept.map(|kept| Text::Of(kept.to_owned())))?,
            attributes: stat.attributes(),
            backup: None,
            validate: None,
            inside: self.inside,
        }))
    }
}

/// The words of a command that is to accept a file.
pub(crate) fn words(command: &str) -> Result<Vec<String>, Failure> {
    if !command.contains("%s") {
        return Err(misfit(format!("validate must contain %s: {command}")));
    }
    shell_words::split(command)
        .map_err(|_| misfit(format!("validate: a quote is never closed in: {command}")))
}

/// The change of attributes alone, where there is any.
pub(crate) fn attributes_only(seen: &Seen, wanted: &Settled) -> Result<Option<Edit>, Failure> {
    let Some(stat) = &seen.target else {
        return Ok(None);
    };
    Ok(wanted.difference(stat)?.map(|difference| {
        let text = format!("set {} of {}", difference.text(), seen.path);
        let step = Step::Set {
            path: seen.path.clone(),
            attributes: difference.set,
        };
        let back = Step::Set {
            path: seen.path.clone(),
            attributes: difference.back,
        };
        Edit::new(text, vec![step])
            .back(vec![back])
            .diff(Some(shown(&seen.path, &difference.before, &difference.after)))
            .showing(&seen.path)
    }))
}

/// The difference between two contents; none where one is no text or too large to show.
/// Without anything before, what there was is not called by the title either.
pub(crate) fn diff(title: &str, before: Option<&[u8]>, after: &[u8]) -> Option<Diff> {
    let text = |bytes: &[u8]| {
        let text = (bytes.len() <= SMALL).then(|| String::from_utf8(bytes.to_vec()).ok())??;
        (!text.contains('\0')).then_some(text)
    };
    Some(Diff {
        title: title.to_owned(),
        before: match before {
            Some(before) => Some(text(before)?),
            None => None,
        },
        after: text(after)?,
    })
}

/// The checksum that results carry.
pub(crate) fn sha1(bytes: &[u8]) -> String {
    hex(MessageDigest::sha1(), bytes)
}

/// `md5sum`, of which a system that forbids MD5 has none.
pub(crate) fn sums(bytes: &[u8]) -> Map {
    crate::fields([
        ("checksum", sha1(bytes).into()),
        (
            "md5sum",
            Some(hex(MessageDigest::md5(), bytes))
                .filter(|hex| !hex.is_empty())
                .into(),
        ),
    ])
}

fn hex(digest: MessageDigest, bytes: &[u8]) -> String {
    let sum = hash(digest, bytes);
    sum.map(|sum| sum.iter().map(|byte| format!("{byte:02x}")).collect())
        .unwrap_or_default()
}

/// The bytes of a new content.
pub(crate) fn bytes(content: Vec<u8>) -> Text {
    Text::Bytes(Bytes(content))
}
