//! `uri`: one request to a web service.

use cutover_kit::module::Repeat;
use cutover_kit::secret::Origin;
use cutover_kit::session::Executed;
use cutover_kit::{
    Applied, Change, Failure, FailureKind, Map, Module, Plan, Reach, Read, Secret, Traits, Value, Write,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value as Json;

use super::exchange::{Answer, Manner, Request, headers, plain, script};
use super::wget::percent;
use crate::posix::Posix;
use crate::steps::{CHANGES, ask_with, misfit};

/// The `uri` module.
#[derive(Clone, Copy, Debug)]
pub struct Uri;

/// Asks a web service, from the host, with its `curl`; where it has none, with GNU `wget`, as long as no
/// headers and no body are sent.
///
/// `GET` and `HEAD` only read, and are sent in check mode, too.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    /// The address.
    url: String,
    /// `GET` (default), `POST`, `PUT`, ...
    #[serde(default)]
    method: Option<String>,
    /// What to send: text, or with `body_format` a mapping.
    #[serde(default)]
    body: Option<Json>,
    /// How `body` is written: `raw` (default), `json`, or `form-urlencoded`; sets `Content-Type`.
    #[serde(default)]
    body_format: Option<Format>,
    /// Headers.
    #[serde(default)]
    headers: Option<serde_json::Map<String, Json>>,
    /// Which statuses are right. Default: 200.
    #[serde(default)]
    status_code: Option<Vec<Json>>,
    /// Whether `content` is in the result. JSON is in it as `json` in any case.
    #[serde(default)]
    return_content: bool,
    /// At most so many seconds. Default: 30.
    #[serde(default)]
    timeout: Option<u64>,
    /// Whether the server's certificate is checked. Default: yes.
    #[serde(default)]
    validate_certs: Option<bool>,
    /// Which redirects are followed: `safe` (default: those of GET and HEAD), `all` or `none`.
    #[serde(default)]
    follow_redirects: Option<String>,
    /// The user.
    #[serde(default)]
    #[schemars(extend("aliases" = ["user"]))]
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
    /// A file of the host: the CAs that are trusted.
    #[serde(default)]
    ca_path: Option<String>,
    /// A socket of the host to ask through.
    #[serde(default)]
    unix_socket: Option<String>,
    /// Whether the host's proxy settings hold. Default: yes.
    #[serde(default)]
    use_proxy: Option<bool>,
    /// What to call ourselves. Default: `ansible-httpget`.
    #[serde(default)]
    http_agent: Option<String>,
    /// Whether no cache may answer.
    #[serde(default)]
    force: bool,
}

/// How a body is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
    /// As it is.
    Raw,
    /// As JSON.
    Json,
    /// As a form.
    FormUrlencoded,
}

/// Sending it.
#[derive(Clone, Debug)]
pub struct Send(String);

impl Change for Send {
    fn describe(&self) -> String {
        self.0.clone()
    }
}

/// The answer, where it was asked for already.
#[derive(Debug)]
pub struct Facts(Option<(Answer, u64)>);

impl Module for Uri {
    const NAME: &'static str = "uri";
    type Args = Args;
    type Facts = Facts;
    type Change = Send;

    fn traits(&self) -> Traits {
        Traits {
            repeat: Repeat::Never,
            usual: "1 s",
            ..CHANGES
        }
    }

    async fn look(&self, args: &Args, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let request = args.request()?;
        if !args.only_reads() {
            return Ok(Facts(None));
        }
        let begun = reach.clock().elapsed();
        let executed = ask_with(&script(&request, true, ":"), Some(&request.config()), reach).await?;
        let took = reach.clock().elapsed().saturating_sub(begun).as_secs();
        let answer = Answer::read(&executed)?;
        args.judge(&answer, took)?;
        Ok(Facts(Some((answer, took))))
    }

    fn plan(&self, args: &Args, facts: &Facts) -> Result<Plan<Send>, Failure> {
        Ok(match &facts.0 {
            Some((answer, took)) => Plan::nothing("it only reads").with(args.result(answer, *took)),
            None => {
                let text = format!("send {} {}", args.method(), args.url);
                Plan::of(vec![Send(text)], "what is sent may change something")
            }
        })
    }

    async fn apply(
        &self,
        args: &Args,
        _: &Facts,
        _: &Send,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let begun = reach.clock().elapsed();
        let mut writer = reach.writer::<Posix>().await?;
        let request = args.request()?;
        let executed: Executed = writer
            .script(&script(&request, true, ":"), Some(&request.config()))
            .await?;
        let took = reach.clock().elapsed().saturating_sub(begun).as_secs();
        let answer = Answer::read(&executed)?;
        let failed = args.judge(&answer, took).err().map(|failure| failure.message);
        let mut fields = args.result(&answer, took);
        if let Some(message) = &failed {
            fields.insert("msg".into(), message.as_str().into());
        }
        // What a service makes of it is not known; Ansible calls it no change either.
        Ok(Applied {
            fields,
            unchanged: true,
            failed,
        })
    }
}

impl Args {
    fn method(&self) -> String {
        self.method.as_deref().unwrap_or("GET").to_uppercase()
    }

    fn only_reads(&self) -> bool {
        ["GET", "HEAD", "OPTIONS"].contains(&self.method().as_str())
    }

    fn request(&self) -> Result<Request, Failure> {
        if !self.url.starts_with("http://") && !self.url.starts_with("https://") {
            return Err(misfit("url: only http:// and https:// can be asked"));
        }
        let method = self.method();
        if !method.chars().all(|c| c.is_ascii_uppercase()) {
            return Err(misfit("method: this is a word of letters, such as GET"));
        }
        let mut request = Request::new(&self.url, self.timeout.unwrap_or(30));
        if method == "HEAD" {
            request.flag("head");
        } else {
            request.option("request", &method);
        }
        match self.follow_redirects.as_deref().unwrap_or("safe") {
            "all" | "yes" => request.flag("location"),
            "safe" | "urllib2" if self.only_reads() => request.flag("location"),
            "safe" | "urllib2" | "none" | "no" => {}
            other => {
                return Err(misfit(format!(
                    "follow_redirects: `{other}` is none of safe, all and none"
                )));
            }
        }
        let mut headers = headers(self.headers.as_ref());
        if let Some((body, kind)) = self.body()? {
            let named = headers
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
            if let Some(kind) = kind.filter(|_| !named) {
                headers.push(("Content-Type".into(), Secret::new(kind, Origin::Argument)));
            }
            request.option("data-raw", &body);
        }
        if self.force {
            headers.push(("Cache-Control".into(), Secret::new("no-cache", Origin::Argument)));
        }
        if let Some(socket) = &self.unix_socket {
            request.option("unix-socket", socket);
        }
        let manner = Manner {
            headers,
            user: self.url_username.as_deref(),
            password: self.url_password.as_ref(),
            force_basic: self.force_basic_auth,
            insecure: self.validate_certs == Some(false),
            client_cert: self.client_cert.as_deref(),
            client_key: self.client_key.as_deref(),
            ca_path: self.ca_path.as_deref(),
            no_proxy: self.use_proxy == Some(false),
            agent: self.http_agent.as_deref().unwrap_or("ansible-httpget"),
        };
        manner.on(&mut request);
        Ok(request)
    }

    /// The body as it is sent, and the `Content-Type` that goes with its format.
    fn body(&self) -> Result<Option<(String, Option<&'static str>)>, Failure> {
        let Some(body) = &self.body else { return Ok(None) };
        Ok(Some(match self.body_format.unwrap_or(Format::Raw) {
            Format::Raw => (plain(body), None),
            Format::Json => match body {
                Json::String(text) => (text.clone(), Some("application/json")),
                other => (other.to_string(), Some("application/json")),
            },
            Format::FormUrlencoded => (form(body)?, Some("application/x-www-form-urlencoded")),
        }))
    }

    /// Whether the status is one of those that are right.
    fn judge(&self, answer: &Answer, took: u64) -> Result<(), Failure> {
        let wanted: Vec<i64> = match &self.status_code {
            None => vec![200],
            Some(codes) => codes.iter().flat_map(numbers).collect(),
        };
        if wanted.contains(&answer.status) {
            return Ok(());
        }
        let list: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        let message = format!(
            "Status code was {} and not [{}]: {}",
            answer.status,
            list.join(", "),
            answer.message()
        );
        let mut failure = Failure::new(FailureKind::Task, message.clone());
        let fields = Value::Map(self.result(answer, took)).reveal();
        for (name, value) in fields.as_object().into_iter().flatten() {
            failure = failure.field(name, value.clone());
        }
        Err(failure.field("msg", message))
    }

    fn result(&self, answer: &Answer, took: u64) -> Map {
        let mut result = crate::fields([
            ("url", answer.url.as_str().into()),
            ("status", answer.status.into()),
            ("redirected", answer.redirected.into()),
            ("elapsed", i64::try_from(took).unwrap_or(i64::MAX).into()),
            ("msg", answer.message().into()),
        ]);
        for (name, value) in &answer.headers {
            result.insert(name.replace('-', "_"), value.as_str().into());
        }
        let kind = answer.value("content-type").unwrap_or_default();
        let sub = kind.split(';').next().unwrap_or_default().trim();
        let is_json = sub == "application/json" || sub.ends_with("+json");
        if is_json && let Ok(json) = serde_json::from_slice::<Json>(&answer.body) {
            result.insert("json".into(), Value::from(json));
        }
        let failed = self.status_code.is_none() && answer.status != 200;
        if self.return_content || failed {
            result.insert(
                "content".into(),
                String::from_utf8_lossy(&answer.body).into_owned().into(),
            );
        }
        result
    }
}

/// Statuses may be numbers, or texts with commas.
fn numbers(code: &Json) -> Vec<i64> {
    let text = plain(code);
    text.split([',', ' '])
        .filter_map(|word| word.trim().parse().ok())
        .collect()
}

/// A mapping, or a list of pairs, as a form.
fn form(body: &Json) -> Result<String, Failure> {
    let mut pairs = Vec::new();
    match body {
        Json::String(text) => return Ok(text.clone()),
        Json::Object(members) => {
            for (name, value) in members {
                match value {
                    Json::Array(many) => pairs.extend(many.iter().map(|one| (name.clone(), plain(one)))),
                    one => pairs.push((name.clone(), plain(one))),
                }
            }
        }
        Json::Array(list) => {
            for pair in list {
                match pair.as_array().map(Vec::as_slice) {
                    Some([name, value]) => pairs.push((plain(name), plain(value))),
                    _ => return Err(misfit("body: a list for a form holds pairs of name and value")),
                }
            }
        }
        _ => return Err(misfit("body: a form is a mapping, a list of pairs, or text")),
    }
    let words: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    Ok(words.join("&"))
}

fn encoded(text: &str) -> String {
    percent(text).replace("%20", "+")
}
