//! What is done to the files of a host.

use std::fmt;

/// One step. Paths have no `~` any more.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Writes a file whole or not at all: nobody sees it half written, or with wrong permissions.
    Write(Writing),
    /// Makes a folder and every missing one above it, all alike.
    Folder { path: String, attributes: Attributes },
    /// Makes a symbolic link, in place of what link or file is there.
    Symlink { path: String, to: String },
    /// Makes a hard link, in place of what file is there.
    Hardlink { path: String, to: String },
    /// Makes an empty file where there is none.
    Create { path: String },
    /// Sets times.
    Times {
        path: String,
        accessed: Option<Moment>,
        modified: Option<Moment>,
    },
    /// Sets attributes.
    Set { path: String, attributes: Attributes },
    /// Removes a file, or a folder with all in it.
    Remove { path: String },
}

/// A file to write.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Writing {
    pub(crate) path: String,
    pub(crate) text: Text,
    pub(crate) attributes: Attributes,
    /// Where the old file is kept.
    pub(crate) backup: Option<String>,
    /// A program and its arguments that must accept the new file before it is put in place; `%s` in
    /// a word stands for it.
    pub(crate) validate: Option<Vec<String>>,
    /// Where the file cannot be replaced (a mount point), write into it.
    pub(crate) inside: bool,
}

/// What is in a file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Text {
    /// These bytes.
    Bytes(Bytes),
    /// What is in this file of the same host.
    Of(String),
}

/// Content. It may be secret, so it does not show.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// What a file is to have; what is `None` stays, or is what new files get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attributes {
    /// Permissions.
    pub(crate) mode: Option<u32>,
    pub(crate) uid: Option<u32>,
    pub(crate) gid: Option<u32>,
    /// Whether owner and group are only kept: that the account may not give files away is no error.
    pub(crate) keeps_owner: bool,
    /// Of a link: its own owner and group, not those of what it leads to.
    pub(crate) itself: bool,
}

/// A moment for a file's times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Moment {
    Now,
    /// Seconds since 1970.
    At(f64),
}
