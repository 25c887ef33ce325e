//! The arguments of `unarchive`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::files::account::Account;
use crate::files::attributes::Wish;
use crate::files::mode::Mode;
use crate::files::yes;

/// Unpacks an archive of this machine (or, with `remote_src`, of the host or the web) into a folder of the host.
///
/// What kind it is shows its content: zip, or tar as it is, with gzip, bzip2, xz or zstd. The host's
/// own `tar` and `unzip` unpack it, first into a temporary folder, where it is compared with what is
/// there; nothing is written outside `dest`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The archive. A relative one is looked for in `files` beside the role and the playbook; with `remote_src` an address may stand here.
    pub(super) src: String,
    /// The folder to unpack into; it has to be there.
    pub(super) dest: String,
    /// Whether `src` is on the host, or an address.
    #[serde(default)]
    pub(super) remote_src: bool,
    /// The opposite of `remote_src`, as it was called before.
    #[serde(default)]
    pub(super) copy: Option<bool>,
    /// A file, or a pattern of files; where there is one already nothing is unpacked.
    #[serde(default)]
    pub(super) creates: Option<String>,
    /// Only these of the archive.
    #[serde(default)]
    pub(super) include: Vec<String>,
    /// All but these of the archive.
    #[serde(default)]
    pub(super) exclude: Vec<String>,
    /// Whether files that are newer than the archive's stay.
    #[serde(default)]
    pub(super) keep_newer: bool,
    /// Whether the result lists what is in the archive, as `files`.
    #[serde(default)]
    pub(super) list_files: bool,
    /// More options for `tar` or `unzip`.
    #[serde(default)]
    pub(super) extra_opts: Vec<String>,
    /// Permissions of everything that is unpacked: octal digits in quotes (`"0644"`) or symbols (`u=rwX,g=rX`).
    #[serde(default)]
    mode: Option<Mode>,
    /// The user it belongs to.
    #[serde(default)]
    owner: Option<Account>,
    /// The group it belongs to.
    #[serde(default)]
    group: Option<Account>,
    /// Whether an archive encrypted with Ansible Vault is decrypted.
    #[serde(default = "yes")]
    pub(super) decrypt: bool,
    /// Whether the certificate of the server at an address is checked.
    #[serde(default = "yes")]
    pub(super) validate_certs: bool,
    /// Accepted for the sake of existing playbooks: nothing is read in pieces here.
    #[serde(default)]
    #[expect(dead_code, reason = "accepted, and without an effect here")]
    io_buffer_size: Option<u64>,
}

impl Args {
    pub(super) fn wish(&self) -> Wish<'_> {
        Wish::of(&self.mode, &self.owner, &self.group)
    }

    /// Whether the archive's own permissions count.
    pub(super) fn keeps_mode(&self) -> bool {
        self.mode.is_none()
    }

    /// Whether the archive is on this machine.
    pub(super) fn is_sent(&self) -> bool {
        !self.copy.map_or(self.remote_src, |copy| !copy)
    }
}
