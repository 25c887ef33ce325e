//! The arguments of `copy`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::content::Content;
use crate::files::account::Account;
use crate::files::attributes::Wish;
use crate::files::mode::Mode;
use crate::files::yes;

/// Writes a file: content, or a copy of a file or folder of this machine (or, with `remote_src`, of the host).
///
/// A file is written whole or not at all. A folder that ends with `/` is copied without itself.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// Where it goes. Where that is a folder, or ends with `/`, the file keeps its name in it.
    pub(in crate::files) dest: String,
    /// The file or folder. A relative one is looked for in `files` beside the role and the playbook.
    #[serde(default)]
    pub(in crate::files) src: Option<String>,
    /// The content, instead of a file. A mapping or a list becomes JSON.
    #[serde(default)]
    pub(in crate::files) content: Option<Content>,
    /// Permissions: octal digits in quotes (`"0644"`), symbols (`u=rw,g=r`), or `preserve` for those of the source.
    #[serde(default)]
    pub(in crate::files) mode: Option<Mode>,
    /// Permissions of folders that are made. Default: those that the system gives.
    #[serde(default)]
    pub(in crate::files) directory_mode: Option<Mode>,
    /// The user it belongs to.
    #[serde(default)]
    pub(in crate::files) owner: Option<Account>,
    /// The group it belongs to.
    #[serde(default)]
    pub(in crate::files) group: Option<Account>,
    /// Whether the old file is kept beside the new one.
    #[serde(default)]
    pub(in crate::files) backup: bool,
    /// Whether a file that is there is replaced.
    #[serde(default = "yes")]
    #[schemars(extend("aliases" = ["thirsty"]))]
    pub(in crate::files) force: bool,
    /// Whether `src` is on the host.
    #[serde(default)]
    pub(in crate::files) remote_src: bool,
    /// A command that must accept the new file before it takes its place; `%s` stands for it.
    #[serde(default)]
    pub(in crate::files) validate: Option<String>,
    /// Whether a link at `dest` stays, and what it leads to is written.
    #[serde(default)]
    pub(in crate::files) follow: bool,
    /// Whether links in a folder that is copied are followed.
    #[serde(default = "yes")]
    pub(in crate::files) local_follow: bool,
    /// The SHA-1 that the source must have.
    #[serde(default)]
    pub(in crate::files) checksum: Option<String>,
    /// Whether a file that cannot be replaced (a mount point) is written into.
    #[serde(default)]
    pub(in crate::files) unsafe_writes: bool,
    /// Whether a source encrypted with Ansible Vault is decrypted.
    #[serde(default = "yes")]
    pub(in crate::files) decrypt: bool,
}

impl Args {
    pub(in crate::files) fn wish(&self) -> Wish<'_> {
        Wish::of(&self.mode, &self.owner, &self.group)
    }
}
