//! A request through GNU `wget`, on hosts that have no `curl`.
//!
//! Its address and password travel through standard input, as `curl`'s do. It takes no headers and no
//! body from there, and what stands in its command line everybody on the host can read: a request
//! with one of these, or with what only `curl` does, is not made by it.

use crate::process::quote;

/// How standard input marks the line that is `wget`'s; a remark to `curl`.
const MARK: &str = "#wget ";

/// What `wget` would be asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Wget {
    url: String,
    user: Option<(String, String)>,
    /// What stands in its command line.
    words: Vec<String>,
    follows: bool,
    /// Whether something was asked for that it cannot do.
    beyond: bool,
}

impl Wget {
    /// Takes an option of `curl`'s with a value.
    pub(super) fn option(&mut self, name: &str, value: &str) {
        let word = |name: &str| format!("{name}={value}");
        match name {
            "url" => value.clone_into(&mut self.url),
            "user" => {
                let (user, password) = value.split_once(':').unwrap_or((value, ""));
                self.user = Some((user.to_owned(), password.to_owned()));
            }
            "max-time" | "speed-time" => self.words.push(word("--timeout")),
            "user-agent" => self.words.push(word("--user-agent")),
            "cert" => self.words.push(word("--certificate")),
            "key" => self.words.push(word("--private-key")),
            "cacert" => self.words.push(word("--ca-certificate")),
            "noproxy" => self.words.push("--no-proxy".into()),
            "request" if value == "GET" => {}
            // The longer wait holds; and where it cannot ask for what is newer, all may be.
            "connect-timeout" | "speed-limit" | "time-cond" => {}
            _ => self.beyond = true,
        }
    }

    /// Takes an option without a value.
    pub(super) fn flag(&mut self, name: &str) {
        match name {
            "location" => self.follows = true,
            "head" => self.words.push("--method=HEAD".into()),
            "insecure" => self.words.push("--no-check-certificate".into()),
            "basic" => self.words.push("--auth-no-challenge".into()),
            // Both are its manner anyway.
            "anyauth" | "remote-time" => {}
            _ => self.beyond = true,
        }
    }

    fn can(&self) -> bool {
        let web = self.url.starts_with("http://") || self.url.starts_with("https://");
        web && !self.beyond && !self.url.contains(char::is_control)
    }

    /// The line for standard input.
    pub(super) fn line(&self) -> String {
        if !self.can() {
            return String::new();
        }
        let url = match (&self.user, self.url.split_once("://")) {
            (Some((user, password)), Some((scheme, rest))) => {
                format!("{scheme}://{}:{}@{rest}", percent(user), percent(password))
            }
            _ => self.url.clone(),
        };
        format!("{MARK}{url}\n")
    }

    /// What a script does where there is no `curl`: the `elif` of its question for one. It leaves
    /// behind what `curl` would: the headers in `$h`, the body in `$b`, what it complains of in
    /// `$d/e`, and it writes the same four numbers.
    pub(super) fn branch(&self) -> String {
        if !self.can() {
            return String::new();
        }
        let mut words: String = self
            .words
            .iter()
            .map(|word| format!(" {}", quote(word)))
            .collect();
        if !self.follows {
            words.push_str(" --max-redirect=0");
        }
        // Whatever it keeps for its user would be kept beyond the request: it gets a home of its own.
        format!(
            r#"elif wget --version 2>/dev/null | grep -q '^GNU Wget'; then
sed -n 's/^{MARK}//p' | HOME=$d LC_ALL=C wget -i - -S --content-on-error --no-config --tries=1{words} -O "$b" -o "$d/l" 2>"$d/e"; rc=$?
sed -n 's/^  \([^ ]\)/\1/p' "$d/l" >"$h"
c=$(sed -n 's/^HTTP\/[^ ]* \([0-9]*\).*/\1/p' "$h" | tail -n 1)
printf '%s\n' "${{c:-0}}"; sed -n 's/^--[0-9: -]*--  //p' "$d/l" | tail -n 1 | sed 's|//[^/@]*@|//|'
grep -c '^Location: .*following' "$d/l"; wc -c <"$b"
case $rc in 6|8) [ -z "$c" ] || rc=0;; esac
[ $rc = 0 ] || grep -v '^ \|^--\|^$' "$d/l" | tail -n 1 | sed 's/^[0-9: -]*([^)]*) - //' >>"$d/e"
"#
        )
    }
}

/// `text` as it stands in an address, where it is no part of its punctuation.
pub(super) fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}
