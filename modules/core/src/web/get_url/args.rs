//! The arguments of `get_url`, and the request they come down to.

use cutover_kit::{Failure, Secret};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::super::exchange::{Manner, Request, headers};
use crate::files::account::Account;
use crate::files::attributes::Wish;
use crate::files::mode::Mode;
use crate::steps::misfit;

/// Fetches a file from the web onto the host, with its `curl`; where it has none, with GNU `wget`, as
/// long as no headers are sent.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The address.
    pub(super) url: String,
    /// The file, or a folder for a file of the address's name.
    pub(super) dest: String,
    /// `sha256:` and the like, then the sum, or the address of a list of sums.
    #[serde(default)]
    pub(super) checksum: Option<String>,
    /// Whether it is fetched although the file is there; else only where it is newer, or its sum is wrong.
    #[serde(default)]
    pub(super) force: bool,
    /// Permissions of the file: octal digits in quotes (`"0644"`) or symbols (`u=rw,g=r`).
    #[serde(default)]
    mode: Option<Mode>,
    /// The user it belongs to.
    #[serde(default)]
    owner: Option<Account>,
    /// The group it belongs to.
    #[serde(default)]
    group: Option<Account>,
    /// Whether the old file is kept beside the new one.
    #[serde(default)]
    pub(super) backup: bool,
    /// Headers.
    #[serde(default)]
    headers: Option<serde_json::Map<String, Json>>,
    /// At most so many seconds without an answer. Default: 10.
    #[serde(default)]
    timeout: Option<u64>,
    /// Whether the server's certificate is checked. Default: yes.
    #[serde(default)]
    validate_certs: Option<bool>,
    /// The user.
    #[serde(default)]
    #[schemars(extend("aliases" = ["username"]))]
    url_username: Option<String>,
    /// The user's password.
    #[serde(default)]
    #[schemars(extend("aliases" = ["password"]))]
    url_password: Option<Secret>,
    /// Whether user and password are sent before the server asks.
    #[serde(default)]
    force_basic_auth: bool,
    /// A file of the host: the client's certificate.
    #[serde(default)]
    client_cert: Option<String>,
    /// A file of the host: its key.
    #[serde(default)]
    client_key: Option<String>,
    /// Whether the host's proxy settings hold. Default: yes.
    #[serde(default)]
    use_proxy: Option<bool>,
    /// What to call ourselves. Default: `ansible-httpget`.
    #[serde(default)]
    http_agent: Option<String>,
}

impl Args {
    /// The file's name in the address.
    pub(super) fn name(&self) -> Result<String, Failure> {
        let path = self.url.split(['?', '#']).next().unwrap_or_default();
        let (_, path) = path.split_once("://").unwrap_or(("", path));
        match path.rsplit_once('/') {
            Some((_, name)) if !name.is_empty() => Ok(name.to_owned()),
            _ => Err(misfit(
                "dest: this is a folder, and the address names no file to put there",
            )),
        }
    }

    pub(super) fn request(&self, url: &str) -> Result<Request, Failure> {
        if !["http://", "https://", "ftp://", "file://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            return Err(misfit("url: this is no address"));
        }
        let mut request = Request::bounded(url, self.timeout.unwrap_or(10));
        request.flag("location");
        request.flag("remote-time");
        let manner = Manner {
            headers: headers(self.headers.as_ref()),
            user: self.url_username.as_deref(),
            password: self.url_password.as_ref(),
            force_basic: self.force_basic_auth,
            insecure: self.validate_certs == Some(false),
            client_cert: self.client_cert.as_deref(),
            client_key: self.client_key.as_deref(),
            ca_path: None,
            no_proxy: self.use_proxy == Some(false),
            agent: self.http_agent.as_deref().unwrap_or("ansible-httpget"),
        };
        manner.on(&mut request);
        Ok(request)
    }

    pub(super) fn wish(&self) -> Wish<'_> {
        Wish::of(&self.mode, &self.owner, &self.group)
    }
}
