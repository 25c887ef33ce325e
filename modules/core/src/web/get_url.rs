//! `get_url`: fetches a file onto the host.

use cutover_kit::module::{Effects, Repeat};
use cutover_kit::secret::Origin;
use cutover_kit::{
    Applied, Change, Failure, FailureKind, Map, Module, Plan, Platform, Reach, Read, Secret, Traits, Value,
    Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::exchange::{Answer, Manner, Request, script};
use crate::posix::Posix;
use crate::process::quote;
use crate::steps::{ask, ask_with, misfit, text};

/// The `get_url` module.
#[derive(Clone, Copy, Debug)]
pub struct GetUrl;

/// Fetches a file from the web onto the host, with its `curl`.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The address.
    url: String,
    /// The file, or a folder for a file of the address's name.
    dest: String,
    /// `sha256:` and the like, then the sum, or the address of a list of sums.
    #[serde(default)]
    checksum: Option<String>,
    /// Whether it is fetched although the file is there; else only where it is newer, or its sum is wrong.
    #[serde(default)]
    force: bool,
    /// Permissions of the file, as `chmod` takes them.
    #[serde(default)]
    mode: Option<Json>,
    /// Its owner.
    #[serde(default)]
    owner: Option<String>,
    /// Its group.
    #[serde(default)]
    group: Option<String>,
    /// Whether the old file is kept beside the new one.
    #[serde(default)]
    backup: bool,
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

/// A sum, and by which program it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sum {
    algorithm: String,
    hex: String,
}

/// What look found.
#[derive(Debug)]
pub struct Facts {
    /// The file itself.
    path: String,
    /// What it should be.
    wanted: Option<Sum>,
    /// Whether it is that already.
    right: bool,
    /// What `chmod` and `chown` would change.
    attributes: bool,
}

/// What is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fetch {
    /// Fetch it.
    File(String),
    /// Only set permissions or owner.
    Attributes(String),
}

impl Change for Fetch {
    fn describe(&self) -> String {
        match self {
            Self::File(path) => format!("fetch {path}"),
            Self::Attributes(path) => format!("set mode and owner of {path}"),
        }
    }
}

impl Module for GetUrl {
    const NAME: &'static str = "get_url";
    type Args = Args;
    type Facts = Facts;
    type Change = Fetch;

    fn traits(&self) -> Traits {
        Traits {
            platforms: &[Platform::Local, Platform::Posix],
            collective: false,
            repeat: Repeat::Safe,
            effects: Effects::Device,
            free_form: None,
            usual: "as long as the file takes",
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let dest = quote(&args.dest);
        let folder = ask(&format!("[ -d {dest} ] && echo folder; exit 0"), reach).await?;
        let path = if text(&folder.stdout) == "folder" || args.dest.ends_with('/') {
            format!("{}/{}", args.dest.trim_end_matches('/'), args.name()?)
        } else {
            args.dest.clone()
        };
        let wanted = match &args.checksum {
            Some(sum) => Some(args.sum(sum, reach).await?),
            None => None,
        };
        let executed = ask(&args.question(&path, wanted.as_ref()), reach).await?;
        let said = text(&executed.stdout);
        let mut lines = said.lines();
        let exists = lines.next() == Some("exists");
        let own = lines.next().unwrap_or_default();
        let attributes = lines.next() == Some("otherwise");
        let right = match &wanted {
            Some(sum) => exists && sum.hex.eq_ignore_ascii_case(own),
            None => exists && !args.force && !args.is_newer(&path, reach).await?,
        };
        Ok(Facts {
            right,
            path,
            wanted,
            attributes: exists && attributes,
        })
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Fetch>, Failure> {
        let result = crate::fields([
            ("url", args.url.as_str().into()),
            ("dest", facts.path.as_str().into()),
        ]);
        Ok(match (facts.right, facts.attributes) {
            (true, false) => Plan::nothing("file already exists")
                .with(crate::fields([("msg", "file already exists".into())])),
            (true, true) => Plan::of(
                vec![Fetch::Attributes(facts.path.clone())],
                "its mode or owner differs",
            ),
            (false, _) => Plan::of(
                vec![Fetch::File(facts.path.clone())],
                "what is there may be another one",
            ),
        }
        .with(result))
    }

    async fn apply(
        &self,
        args: &Args,
        facts: &Facts,
        change: &Fetch,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let mut writer = reach.writer::<Posix>().await?;
        if let Fetch::Attributes(path) = change {
            let executed = writer.script(&args.settle(path), None).await?;
            let failed = (executed.status != Some(0)).then(|| text(&executed.stderr));
            return Ok(Applied {
                failed,
                ..Applied::default()
            });
        }
        let request = args.request(&args.url)?;
        let script = script(false, &args.put(&facts.path, facts.wanted.as_ref(), reach));
        let executed = writer.script(&script, Some(&request.config())).await?;
        args.done(facts, &Answer::read(&executed)?)
    }
}

impl Args {
    /// The file's name in the address.
    fn name(&self) -> Result<String, Failure> {
        let path = self.url.split(['?', '#']).next().unwrap_or_default();
        let (_, path) = path.split_once("://").unwrap_or(("", path));
        match path.rsplit_once('/') {
            Some((_, name)) if !name.is_empty() => Ok(name.to_owned()),
            _ => Err(misfit(
                "dest: this is a folder, and the address names no file to put there",
            )),
        }
    }

    fn request(&self, url: &str) -> Result<Request, Failure> {
        if !["http://", "https://", "ftp://", "file://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            return Err(misfit("url: this is no address"));
        }
        let mut request = Request::bounded(url, self.timeout.unwrap_or(10));
        request.flag("location");
        request.flag("remote-time");
        let headers = self.headers.iter().flatten();
        let plain = |value: &Json| match value {
            Json::String(text) => text.clone(),
            other => other.to_string(),
        };
        let manner = Manner {
            headers: headers
                .map(|(name, value)| (name.clone(), Secret::new(plain(value), Origin::Argument)))
                .collect(),
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

    /// Whether the web has a newer one than the host. A server that cannot tell has.
    async fn is_newer(&self, path: &str, reach: &Reach<Read>) -> Result<bool, Failure> {
        let mut request = self.request(&self.url)?;
        request.flag("head");
        request.option("time-cond", path);
        let executed = ask_with(&script(false, ":"), Some(&request.config()), reach).await?;
        Ok(Answer::read(&executed)?.status != 304)
    }

    /// The sum, looked up in its list where it is an address.
    async fn sum(&self, written: &str, reach: &Reach<Read>) -> Result<Sum, Failure> {
        let wrong = || {
            misfit("checksum: this is the algorithm, a colon, and the sum or the address of a list of sums")
        };
        let (algorithm, sum) = written.split_once(':').ok_or_else(wrong)?;
        let algorithm = algorithm.trim().to_lowercase();
        if !["md5", "sha1", "sha224", "sha256", "sha384", "sha512"].contains(&algorithm.as_str()) {
            return Err(misfit(format!(
                "checksum: `{algorithm}` is no algorithm; sha256 is one"
            )));
        }
        let sum = sum.trim();
        if !sum.contains("://") {
            let hex: String = sum.chars().filter(char::is_ascii_alphanumeric).collect();
            return Ok(Sum { algorithm, hex });
        }
        let config = self.request(sum)?.config();
        let answer = Answer::read(&ask_with(&script(true, ":"), Some(&config), reach).await?)?;
        let list = String::from_utf8_lossy(&answer.body).into_owned();
        let name = self.name()?;
        let hex = listed(&list, &name).ok_or_else(|| {
            let message = format!("Unable to find a checksum for file '{name}' in '{sum}'");
            Failure::new(FailureKind::Preflight, message)
        })?;
        Ok(Sum { algorithm, hex })
    }

    /// Three lines: whether the file is there, its sum, whether its mode or owner differs.
    fn question(&self, path: &str, sum: Option<&Sum>) -> String {
        let path = quote(path);
        let sum = sum.map_or_else(
            || "echo".to_owned(),
            |sum| format!("{}sum <{path} | cut -d' ' -f1", sum.algorithm),
        );
        let mut same = vec![":".to_owned()];
        if let Some(mode) = self.octal() {
            same.push(format!("[ \"$(stat -c %a {path})\" = {mode} ]"));
        }
        for (form, name) in [("U", &self.owner), ("G", &self.group)] {
            if let Some(name) = name {
                let number = form.to_lowercase();
                same.push(format!(
                    "{{ [ \"$(stat -c %{form} {path})\" = {name} ] || [ \"$(stat -c %{number} {path})\" = {name} ]; }}",
                    name = quote(name)
                ));
            }
        }
        format!(
            "[ -e {path} ] || exit 0; echo exists; {sum}; {} && echo same || echo otherwise",
            same.join(" && ")
        )
    }

    /// The mode without leading zeros, where it is a number. YAML has read `0644` as one already.
    fn octal(&self) -> Option<String> {
        match self.mode.as_ref()? {
            Json::Number(number) => number.as_u64().map(|mode| format!("{mode:o}")),
            Json::String(text) if text.chars().all(|c| c.is_digit(8)) => {
                Some(text.trim_start_matches('0').to_owned())
            }
            _ => None,
        }
    }

    /// Sets mode and owner.
    fn settle(&self, path: &str) -> String {
        let path = quote(path);
        let mut lines = Vec::new();
        if let (Some(owner), group) = (&self.owner, &self.group) {
            let group = group
                .as_ref()
                .map(|group| format!(":{group}"))
                .unwrap_or_default();
            lines.push(format!("chown {} {path}", quote(&format!("{owner}{group}"))));
        } else if let Some(group) = &self.group {
            lines.push(format!("chgrp {} {path}", quote(group)));
        }
        let symbolic = self.mode.as_ref().and_then(Json::as_str).map(quote);
        if let Some(mode) = self.octal().or(symbolic) {
            lines.push(format!("chmod {mode} {path}"));
        }
        if lines.is_empty() {
            ":".into()
        } else {
            lines.join(" && ")
        }
    }

    /// What is done with the body: the sum is compared before anything is replaced, and the file
    /// appears whole, with its mode, or not at all.
    fn put(&self, path: &str, sum: Option<&Sum>, reach: &Reach<Write>) -> String {
        let (to, new) = (quote(path), quote(&format!("{path}.cutover-new")));
        let compare = sum.map_or(String::new(), |sum| {
            let made = format!("s=$({}sum <\"$b\" | cut -d' ' -f1)", sum.algorithm);
            format!(
                "{made}; [ \"$s\" = {} ] || {{ echo \"sum $s\"; exit 0; }}; ",
                quote(&sum.hex.to_lowercase())
            )
        });
        let backup = if self.backup {
            let now = reach.clock().now().to_zoned(jiff::tz::TimeZone::UTC);
            let kept = quote(&format!("{path}.{}~", now.strftime("%Y-%m-%d@%H:%M:%S")));
            format!("[ -e {to} ] && cp -p {to} {kept} && echo backup {kept}; ")
        } else {
            String::new()
        };
        format!(
            r#"put() {{ {compare}cmp -s "$b" {to} && {{ {settle_old} && echo same; return; }}
{backup}cp "$b" {new} && touch -r "$b" {new} && {{ [ ! -e {to} ] || chmod --reference={to} {new} 2>/dev/null; {settle}; }} && mv -f {new} {to} && echo put; }}
c=$(sed -n 's/^HTTP\/[^ ]* \([0-9]*\).*/\1/p' "$h" | tail -n 1)
if [ "$rc" = 0 ]; then case ${{c:-200}} in 2??) (put) 2>&1;; esac; fi"#,
            settle_old = self.settle(path),
            settle = self.settle(&format!("{path}.cutover-new")),
        )
    }

    fn done(&self, facts: &Facts, answer: &Answer) -> Result<Applied, Failure> {
        let mut fields = Map::new();
        fields.insert("status_code".into(), answer.status.into());
        fields.insert("msg".into(), answer.message().into());
        let find = |start: &str| answer.said.iter().find_map(|line| line.strip_prefix(start));
        if let Some(kept) = find("backup ") {
            fields.insert("backup_file".into(), kept.into());
        }
        let fail = |message: String| {
            let mut fields = fields.clone();
            fields.insert("msg".into(), message.as_str().into());
            fields.insert("response".into(), answer.message().into());
            Ok(Applied {
                fields,
                unchanged: true,
                failed: Some(message),
            })
        };
        if let Some(sum) = find("sum ") {
            let wanted = facts.wanted.as_ref().map_or("", |sum| sum.hex.as_str());
            return fail(format!(
                "The checksum for {} did not match {wanted}; it was {sum}.",
                facts.path
            ));
        }
        let has = |word: &str| answer.said.iter().any(|line| line == word);
        let unchanged = match answer.status {
            _ if has("same") => true,
            _ if has("put") => false,
            -1 | 200..300 if !answer.said.is_empty() => {
                return fail(format!(
                    "failed to write {}: {}",
                    facts.path,
                    answer.said.join(" ")
                ));
            }
            -1 => return fail(answer.message()),
            _ => return fail(format!("Request failed: {}", answer.message())),
        };
        let state = Value::from("file");
        fields.insert("state".into(), state);
        Ok(Applied {
            fields,
            unchanged,
            failed: None,
        })
    }
}

/// The sum of a file in a list as `sha256sum` writes it; a list of one sum is that of any file.
fn listed(list: &str, name: &str) -> Option<String> {
    let mut lines = list.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        Some((words.next()?, words.next()))
    });
    let all: Vec<_> = lines.by_ref().collect();
    if let [(sum, None)] = all[..] {
        return Some(sum.to_owned());
    }
    let of = |file: &str| file.trim_start_matches(['*', '.', '/']) == name;
    all.iter()
        .find(|(_, file)| file.is_some_and(of))
        .map(|(sum, _)| (*sum).to_owned())
}
