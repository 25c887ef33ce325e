//! The arguments of `find`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::files::mode::Mode;
use crate::files::stat::Algorithm;
use crate::files::yes;

/// Finds files of the host by name, kind, age, size and content.
///
/// They come back in `files`, each with what `stat` tells, in the order of their paths.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The folders to look in.
    #[schemars(extend("aliases" = ["name", "path"]))]
    pub(super) paths: Vec<String>,
    /// Names: patterns of the shell, or regular expressions with `use_regex`. Default: all.
    #[serde(default)]
    #[schemars(extend("aliases" = ["pattern"]))]
    pub(super) patterns: Vec<String>,
    /// Names that are left out, in the same form.
    #[serde(default)]
    #[schemars(extend("aliases" = ["exclude"]))]
    pub(super) excludes: Vec<String>,
    /// Whether names are given as regular expressions.
    #[serde(default)]
    pub(super) use_regex: bool,
    /// A regular expression that must fit the beginning of a line of the file.
    #[serde(default)]
    pub(super) contains: Option<String>,
    /// Whether `contains` is looked for in the whole file instead.
    #[serde(default)]
    pub(super) read_whole_file: bool,
    /// What kind of files.
    #[serde(default)]
    pub(super) file_type: FileType,
    /// At least this old (`2d`, units s m h d w), or with `-` at most.
    #[serde(default)]
    pub(super) age: Option<String>,
    /// Which time tells the age.
    #[serde(default)]
    pub(super) age_stamp: Stamp,
    /// At least this large (`10m`, units b k m g t), or with `-` at most.
    #[serde(default)]
    pub(super) size: Option<String>,
    /// Whether folders below are looked into.
    #[serde(default)]
    pub(super) recurse: bool,
    /// How many levels deep.
    #[serde(default)]
    pub(super) depth: Option<u32>,
    /// Whether names that begin with a dot count.
    #[serde(default)]
    pub(super) hidden: bool,
    /// Whether links to folders are followed.
    #[serde(default)]
    pub(super) follow: bool,
    /// Whether checksums are told.
    #[serde(default)]
    pub(super) get_checksum: bool,
    /// Which checksum. Default: `sha1`.
    #[serde(default)]
    #[schemars(extend("aliases" = ["checksum", "checksum_algo"]))]
    pub(super) checksum_algorithm: Option<Algorithm>,
    /// Permissions they have.
    #[serde(default)]
    pub(super) mode: Option<Mode>,
    /// Whether they have exactly these permissions, or any of them.
    #[serde(default = "yes")]
    pub(super) exact_mode: bool,
    /// How many at most.
    #[serde(default)]
    pub(super) limit: Option<usize>,
}

/// Kinds of files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum FileType {
    Any,
    Directory,
    #[default]
    File,
    Link,
}

/// A file's times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Stamp {
    Atime,
    Ctime,
    #[default]
    Mtime,
}
