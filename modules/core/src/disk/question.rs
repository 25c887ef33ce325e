//! What is asked about the files of a host, and what comes back.

use std::collections::BTreeMap;

use super::step::Attributes;

/// Everything one look asks for.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Question {
    /// Single files.
    pub(crate) files: Vec<Ask>,
    /// Folders with all that is below them.
    pub(crate) trees: Vec<Tree>,
    /// Names (or numbers) of users.
    pub(crate) users: Vec<String>,
    /// Names (or numbers) of groups.
    pub(crate) groups: Vec<String>,
}

/// What is asked about one file. A leading `~` stands for a home folder.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ask {
    pub(crate) path: String,
    pub(crate) sums: Vec<Sum>,
    pub(crate) content: Content,
}

impl Ask {
    /// How it is, without its content.
    pub(crate) fn about(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            sums: Vec::new(),
            content: Content::No,
        }
    }

    /// With a checksum of its content.
    #[must_use]
    pub(crate) fn sum(mut self, sum: Sum) -> Self {
        self.sums.push(sum);
        self
    }

    /// With its content.
    #[must_use]
    pub(crate) fn content(mut self, content: Content) -> Self {
        self.content = content;
        self
    }
}

/// How much of a file's content is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// None.
    No,
    /// All of it where it has no more than [`SMALL`] bytes: enough to show a difference.
    Small,
    /// All of it.
    All,
}

/// Larger files are not compared for show, as in Ansible.
pub(crate) const SMALL: usize = 104_448;

/// A way to sum up content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Sum {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Sum {
    /// The one of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let all = [
            Self::Md5,
            Self::Sha1,
            Self::Sha224,
            Self::Sha256,
            Self::Sha384,
            Self::Sha512,
        ];
        all.into_iter().find(|sum| sum.name() == name)
    }

    /// As Ansible and the programs spell it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha1 => "sha1",
            Self::Sha224 => "sha224",
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }
}

/// A folder with all that is below it, without itself.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Tree {
    pub(crate) path: String,
    /// How many levels; `None` for all.
    pub(crate) depth: Option<u32>,
    /// Whether links to folders are followed.
    pub(crate) follow: bool,
    /// At most so many files, whichever come first; at most 255.
    pub(crate) limit: Option<u8>,
}

/// What came back, in the order of the question.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Answer {
    pub(crate) files: Vec<Seen>,
    /// `None` where there is no such folder.
    pub(crate) trees: Vec<Option<Vec<Entry>>>,
    /// `None` where there is no such user.
    pub(crate) users: Vec<Option<u32>>,
    /// `None` where there is no such group.
    pub(crate) groups: Vec<Option<u32>>,
    /// Permissions that new files do not get.
    pub(crate) umask: u32,
    /// Where temporary files belong.
    pub(crate) temporary: String,
}

/// One file as it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Seen {
    /// Its path with the home folder filled in.
    pub(crate) path: String,
    /// Itself, where it is there.
    pub(crate) stat: Option<Stat>,
    /// What it leads to where it is a link, else itself.
    pub(crate) target: Option<Stat>,
    /// What a link says.
    pub(crate) link: String,
    /// Its path with all links followed.
    pub(crate) real: String,
    pub(crate) access: Access,
    pub(crate) sums: BTreeMap<Sum, String>,
    /// `None` where it was not asked for, is too large, or cannot be read.
    pub(crate) content: Option<Vec<u8>>,
}

/// What the account may do with a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) read: bool,
    pub(crate) write: bool,
    pub(crate) execute: bool,
}

/// A file below a folder.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) path: String,
    /// Itself: of a link, the link.
    pub(crate) stat: Stat,
}

/// What `stat` tells.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Stat {
    /// Kind and permissions.
    pub(crate) mode: u32,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Empty where the system has no name for the number.
    pub(crate) owner: String,
    /// Empty where the system has no name for the number.
    pub(crate) group: String,
    pub(crate) size: u64,
    pub(crate) inode: u64,
    pub(crate) device: u64,
    pub(crate) links: u64,
    /// Of a device file.
    pub(crate) device_type: u64,
    pub(crate) block_size: u64,
    pub(crate) blocks: u64,
    /// Seconds since 1970.
    pub(crate) accessed: f64,
    /// Seconds since 1970.
    pub(crate) modified: f64,
    /// Seconds since 1970.
    pub(crate) changed: f64,
}

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    Link,
    Pipe,
    Socket,
    Block,
    Character,
    Other,
}

impl Stat {
    pub(crate) fn kind(&self) -> Kind {
        match self.mode & 0o170_000 {
            0o100_000 => Kind::File,
            0o040_000 => Kind::Folder,
            0o120_000 => Kind::Link,
            0o010_000 => Kind::Pipe,
            0o140_000 => Kind::Socket,
            0o060_000 => Kind::Block,
            0o020_000 => Kind::Character,
            _ => Kind::Other,
        }
    }

    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.kind() == kind
    }

    /// Its permissions, with the bits for set-id and sticky.
    pub(crate) fn permissions(&self) -> u32 {
        self.mode & 0o7777
    }

    /// What a file that takes its place is to have.
    pub(crate) fn attributes(&self) -> Attributes {
        Attributes {
            mode: Some(self.permissions()),
            uid: Some(self.uid),
            gid: Some(self.gid),
            keeps_owner: true,
            itself: false,
        }
    }
}

impl Seen {
    /// Whether there is anything, be it a link that leads nowhere.
    pub(crate) fn exists(&self) -> bool {
        self.stat.is_some()
    }

    /// Whether it, or what it leads to, is of this kind.
    pub(crate) fn leads_to(&self, kind: Kind) -> bool {
        self.target.as_ref().is_some_and(|stat| stat.is(kind))
    }

    /// Whether it is of this kind itself.
    pub(crate) fn is(&self, kind: Kind) -> bool {
        self.stat.as_ref().is_some_and(|stat| stat.is(kind))
    }
}
