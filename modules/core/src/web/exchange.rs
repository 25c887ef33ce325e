//! One request and its answer, through `curl` on the host.

use std::fmt::Write as _;

use cutover_kit::secret::Origin;
use cutover_kit::session::Executed;
use cutover_kit::{Failure, FailureKind, Secret};
use serde_json::Value as Json;

use super::wget::Wget;
use crate::process::quote;
use crate::steps::text;

/// What stands before the parts of the script's output.
const MARK: &str = "@@cutover ";
/// How a script that needs `curl` ends where the host has none.
pub(crate) const NO_CURL: i32 = 97;

/// The line of a script that ends it so.
pub(crate) fn needs_curl() -> String {
    format!("command -v curl >/dev/null 2>&1 || exit {NO_CURL}")
}

/// What [`NO_CURL`] means.
pub(crate) fn no_curl() -> Failure {
    Failure::new(FailureKind::Preflight, "this host has no curl, which asks for it")
        .hint("install it there, or delegate the task to localhost")
}

/// A request, as lines of `curl`'s configuration.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    lines: String,
    wget: Wget,
}

impl Request {
    /// A request for `url`, of at most `timeout` seconds.
    pub(crate) fn new(url: &str, timeout: u64) -> Self {
        let mut request = Self::default();
        request.option("url", url);
        request.option("max-time", &timeout.to_string());
        request.option("connect-timeout", &timeout.to_string());
        request
    }

    /// A request that gives up after so many seconds in which nothing comes, however long the whole takes.
    pub(crate) fn bounded(url: &str, seconds: u64) -> Self {
        let mut request = Self::default();
        request.option("url", url);
        request.option("connect-timeout", &seconds.to_string());
        request.option("speed-limit", "1");
        request.option("speed-time", &seconds.to_string());
        request
    }

    /// An option with a value.
    pub(crate) fn option(&mut self, name: &str, value: &str) {
        self.wget.option(name, value);
        let mut quoted = String::with_capacity(value.len());
        for c in value.chars() {
            match c {
                '"' | '\\' => quoted.extend(['\\', c]),
                '\n' => quoted.push_str("\\n"),
                '\r' => quoted.push_str("\\r"),
                '\t' => quoted.push_str("\\t"),
                c => quoted.push(c),
            }
        }
        // Writing to a string cannot fail.
        let _ = writeln!(self.lines, "{name} = \"{quoted}\"");
    }

    /// An option without a value.
    pub(crate) fn flag(&mut self, name: &str) {
        self.wget.flag(name);
        self.lines.push_str(name);
        self.lines.push('\n');
    }

    /// What `curl` reads, or `wget` in its place.
    pub(crate) fn config(&self) -> Secret {
        Secret::new(format!("{}{}", self.lines, self.wget.line()), Origin::Argument)
    }
}

/// A value of an argument as the text that is sent.
pub(super) fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The headers of an argument; what they say may be secret.
pub(super) fn headers(given: Option<&serde_json::Map<String, Json>>) -> Vec<(String, Secret)> {
    let given = given.into_iter().flatten();
    given
        .map(|(name, value)| (name.clone(), Secret::new(plain(value), Origin::Argument)))
        .collect()
}

/// Options that `uri` and `get_url` share.
#[derive(Clone, Debug, Default)]
pub(super) struct Manner<'a> {
    pub(super) headers: Vec<(String, Secret)>,
    pub(super) user: Option<&'a str>,
    pub(super) password: Option<&'a Secret>,
    pub(super) force_basic: bool,
    pub(super) insecure: bool,
    pub(super) client_cert: Option<&'a str>,
    pub(super) client_key: Option<&'a str>,
    pub(super) ca_path: Option<&'a str>,
    pub(super) no_proxy: bool,
    pub(super) agent: &'a str,
}

impl Manner<'_> {
    /// Puts them on a request.
    pub(super) fn on(&self, request: &mut Request) {
        request.option("user-agent", self.agent);
        for (name, value) in &self.headers {
            request.option("header", &format!("{name}: {}", value.expose()));
        }
        if let Some(user) = self.user {
            let password = self.password.map(Secret::expose).unwrap_or_default();
            request.option("user", &format!("{user}:{password}"));
            request.flag(if self.force_basic { "basic" } else { "anyauth" });
        }
        if self.insecure {
            request.flag("insecure");
        }
        let files = [
            ("cert", self.client_cert),
            ("key", self.client_key),
            ("cacert", self.ca_path),
        ];
        for (name, file) in files {
            if let Some(file) = file {
                request.option(name, file);
            }
        }
        if self.no_proxy {
            request.option("noproxy", "*");
        }
    }
}

/// The script that makes this request and tells of the answer: what `curl` counted, the headers, and,
/// where `with_body` says so, the body. The body lies in `$b` for what `then` does.
pub(super) fn script(request: &Request, with_body: bool, then: &str) -> String {
    let body = if with_body { "cat \"$b\"" } else { ":" };
    let counted = "%{http_code}\\n%{url_effective}\\n%{num_redirects}\\n%{size_download}\\n";
    format!(
        r#"# ask the web
d=$(mktemp -d) || exit 1; trap 'rm -rf "$d"' EXIT; trap 'exit 1' HUP INT PIPE TERM; h=$d/h; b=$d/b; : >"$h"; : >"$b"
if command -v curl >/dev/null 2>&1; then curl -q -K - -sS -D "$h" -o "$b" -w {counted} 2>"$d/e"; rc=$?
{by_wget}else exit {NO_CURL}; fi
echo "{MARK}$rc"
{then}
cat "$d/e"; echo "{MARK}headers"; cat "$h"; echo; echo "{MARK}body"; {body}"#,
        by_wget = request.wget.branch(),
        counted = quote(&counted.replace("\\n", "\n")),
    )
}

/// What came back.
#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    /// The status; -1 where there was no answer, or not all of it.
    pub(super) status: i64,
    /// Where it came from in the end.
    pub(super) url: String,
    pub(super) redirected: bool,
    /// The last answer's headers: names in small letters, several of one name together.
    pub(super) headers: Vec<(String, String)>,
    /// The last answer's reason (`Not Found`).
    pub(super) reason: String,
    pub(super) body: Vec<u8>,
    /// What `curl` or the script complained of.
    pub(super) complaint: String,
    /// Lines of the script's own, between `curl` and its complaints.
    pub(super) said: Vec<String>,
}

impl Answer {
    /// Reads what [`script`] said.
    pub(super) fn read(executed: &Executed) -> Result<Self, Failure> {
        if executed.status == Some(NO_CURL) {
            return Err(no_curl());
        }
        Self::understand(&executed.stdout).ok_or_else(|| {
            let complaint = text(&executed.stderr);
            Failure::new(FailureKind::Task, "the host's shell could not make the request")
                .seen_all(complaint.lines())
        })
    }

    fn understand(said: &[u8]) -> Option<Self> {
        let (counted, rest) = cut(said, MARK)?;
        let (code, rest) = cut(rest, "\n")?;
        let (own, rest) = cut(rest, &format!("{MARK}headers\n"))?;
        let (headers, body) = cut(rest, &format!("{MARK}body\n"))?;
        let counted = String::from_utf8_lossy(counted).into_owned();
        let mut counted = counted.lines();
        let status: i64 = counted.next()?.trim().parse().ok()?;
        let url = counted.next().unwrap_or_default().to_owned();
        let redirects = counted.next().unwrap_or_default();
        let ended: i64 = String::from_utf8_lossy(code).trim().parse().ok()?;
        let mut answer = Self {
            // What broke off is no answer, whatever its first line said.
            status: if ended != 0 || status == 0 { -1 } else { status },
            url,
            redirected: redirects.trim() != "0",
            body: body.to_vec(),
            said: String::from_utf8_lossy(own).lines().map(str::to_owned).collect(),
            ..Self::default()
        };
        if ended != 0 {
            answer.complaint = answer
                .said
                .pop()
                .unwrap_or_else(|| format!("curl ended with {ended}"));
            answer.complaint = complaint(&answer.complaint).to_owned();
        }
        answer.take_headers(&String::from_utf8_lossy(headers));
        Some(answer)
    }

    /// Each hop wrote its own; the last one counts.
    fn take_headers(&mut self, all: &str) {
        for line in all.lines().map(str::trim_end) {
            if line.starts_with("HTTP/") {
                self.headers.clear();
                self.reason = line.splitn(3, ' ').nth(2).unwrap_or_default().to_owned();
            } else if let Some((name, value)) = line.split_once(':') {
                self.header(&name.trim().to_ascii_lowercase(), value.trim());
            }
        }
    }

    fn header(&mut self, name: &str, value: &str) {
        match self.headers.iter_mut().find(|(known, _)| known == name) {
            Some((_, before)) => {
                before.push_str(", ");
                before.push_str(value);
            }
            None => self.headers.push((name.to_owned(), value.to_owned())),
        }
    }

    /// The value of a header.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// As Ansible says it.
    pub(super) fn message(&self) -> String {
        match self.status {
            -1 => format!("Request failed: {}", self.complaint),
            200..400 => format!("OK ({} bytes)", self.value("content-length").unwrap_or("unknown")),
            status => format!("HTTP Error {status}: {}", self.reason),
        }
    }
}

/// What `curl` complains of, without its name and number (`curl: (6) `).
pub(crate) fn complaint(said: &str) -> &str {
    let (own, rest) = said.split_once(") ").unwrap_or(("", said));
    if own.starts_with("curl: (") { rest } else { said }
}

fn cut<'a>(bytes: &'a [u8], at: &str) -> Option<(&'a [u8], &'a [u8])> {
    let mark = at.as_bytes();
    let found = bytes.windows(mark.len()).position(|window| window == mark)?;
    Some((&bytes[..found], &bytes[found + mark.len()..]))
}
