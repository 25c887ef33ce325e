//! Requests of this machine's `curl` to a small server of the test's own.

use std::sync::{Arc, Mutex};

use cutover_kit::{FailureKind, Value};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::{GetUrl, Uri};
use crate::Unarchive;
use crate::bench::Bench;

mod without_curl;

static URI: Uri = Uri;
static GET_URL: GetUrl = GetUrl;

/// A server that answers by the path, and remembers what it heard.
struct Server {
    address: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let heard: Arc<Mutex<Vec<String>>> = Arc::default();
        let remembered = heard.clone();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut text = String::new();
                let mut chunk = vec![0; 4096];
                while !is_whole(&text) {
                    let count = stream.read(&mut chunk).await.unwrap();
                    text.push_str(&String::from_utf8_lossy(&chunk[..count]));
                }
                let answer = answer(&text);
                remembered.lock().unwrap().push(text);
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Self { address, heard }
    }

    fn heard(&self) -> String {
        self.heard.lock().unwrap().join("\n---\n")
    }
}

fn is_whole(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "));
    body.len() >= length.map_or(0, |length| length.parse().unwrap())
}

fn answer(text: &str) -> String {
    let path = text.split(' ').nth(1).unwrap();
    let reply = |status: &str, kind: &str, body: &str| {
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nX-Who: me\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
    };
    match path {
        "/json" => reply("200 OK", "application/json", "{\"up\": [1, true]}"),
        "/text" if text.contains("If-Modified-Since") => reply("304 Not Modified", "text/plain", ""),
        "/text" => reply("200 OK", "text/plain", "hello\n"),
        "/moved" => {
            "HTTP/1.1 302 Found\r\nLocation: /json\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".into()
        }
        "/sums" => reply("200 OK", "text/plain", &format!("{HELLO}  ./text\n0000  other\n")),
        "/short" => "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhello".into(),
        _ => reply("404 Not Found", "text/plain", "gone"),
    }
}

const HELLO: &str = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

fn text(pairs: &[(&str, &str)]) -> Value {
    Value::map(pairs.iter().copied())
}

#[tokio::test]
async fn json_is_read_and_redirects_are_followed() {
    let server = Server::start().await;
    let url = format!("{}/moved", server.address);
    let plan = Bench::local().plan(&URI, text(&[("url", &url)])).await.unwrap();
    assert_eq!(plan.result["status"], Value::Int(200));
    assert_eq!(
        plan.result["json"],
        Value::from(serde_json::json!({"up": [1, true]}))
    );
    assert_eq!(plan.result["redirected"], Value::Bool(true));
    assert_eq!(
        plan.result["url"],
        Value::from(format!("{}/json", server.address))
    );
    assert_eq!(plan.result["msg"], Value::from("OK (17 bytes)"));
    assert_eq!(plan.result["x_who"], Value::from("me"));
    assert_eq!(plan.result.get("content"), None);
}

#[tokio::test]
async fn a_body_is_sent_and_nothing_secret_is_in_a_command_line() {
    let server = Server::start().await;
    let bench = Bench::local();
    let args = Value::map([
        ("url", Value::from(format!("{}/json", server.address))),
        ("method", "POST".into()),
        ("body_format", "json".into()),
        ("body", Value::map([("token", "hunter22 \"quoted\" \\ ü")])),
        ("headers", Value::map([("X-Key", "s3same")])),
        ("url_username", "ada".into()),
        ("url_password", "s3cret".into()),
        ("force_basic_auth", true.into()),
        ("return_content", true.into()),
    ]);
    let done = bench.run(&URI, args).await.unwrap();
    assert_eq!((done.unchanged, done.failed), (true, None));
    assert_eq!(done.fields["content"], Value::from("{\"up\": [1, true]}"));
    let heard = server.heard();
    assert!(
        heard.ends_with(r#"{"token":"hunter22 \"quoted\" \\ ü"}"#),
        "{heard}"
    );
    for line in [
        "POST /json",
        "Content-Type: application/json",
        "X-Key: s3same",
        "Authorization: Basic YWRhOnMzY3JldA==",
    ] {
        assert!(heard.contains(line), "{line} in {heard}");
    }
    let sent = bench.sent().join("\n");
    for secret in ["hunter22", "s3same", "s3cret"] {
        assert!(!sent.contains(secret), "{sent}");
    }
}

#[tokio::test]
async fn a_form_is_written_as_one() {
    let server = Server::start().await;
    let args = Value::map([
        ("url", Value::from(format!("{}/json", server.address))),
        ("method", "PUT".into()),
        ("body_format", "form-urlencoded".into()),
        ("body", Value::map([("a b", "1&2"), ("c", "ü")])),
    ]);
    Bench::local().run(&URI, args).await.unwrap();
    assert!(server.heard().ends_with("\r\n\r\na+b=1%262&c=%C3%BC"));
}

#[tokio::test]
async fn another_status_fails_and_keeps_the_answer() {
    let server = Server::start().await;
    let url = format!("{}/nosuch", server.address);
    let failure = Bench::local()
        .plan(&URI, text(&[("url", &url)]))
        .await
        .unwrap_err();
    assert_eq!(
        failure.message,
        "Status code was 404 and not [200]: HTTP Error 404: Not Found"
    );
    assert_eq!(failure.fields["status"], 404);
    assert_eq!(failure.fields["content"], "gone");
    let right = text(&[("url", &url), ("status_code", "200,404")]);
    Bench::local().plan(&URI, right).await.unwrap();
}

#[tokio::test]
async fn nobody_there_is_a_status_of_its_own() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    let failure = Bench::local()
        .plan(&URI, text(&[("url", &url)]))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Task);
    assert_eq!(failure.fields["status"], -1);
    assert!(
        failure
            .message
            .starts_with("Status code was -1 and not [200]: Request failed: "),
        "{}",
        failure.message
    );
    let other = Bench::local()
        .plan(&URI, text(&[("url", "gopher://x")]))
        .await
        .unwrap_err();
    assert_eq!(other.kind, FailureKind::Arguments);
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_none() {
    let server = Server::start().await;
    let url = format!("{}/short", server.address);
    let failure = Bench::local()
        .plan(&URI, text(&[("url", &url)]))
        .await
        .unwrap_err();
    assert!(
        failure
            .message
            .starts_with("Status code was -1 and not [200]: Request failed: transfer closed"),
        "{}",
        failure.message
    );

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("short");
    let args = text(&[("url", &url), ("dest", path.to_str().unwrap())]);
    let done = Bench::local().run(&GET_URL, args).await.unwrap();
    let said = done.failed.unwrap();
    assert!(said.starts_with("Request failed: transfer closed"), "{said}");
    assert_eq!(done.fields["status_code"], Value::Int(-1));
    assert!(!path.exists());
}

#[tokio::test]
async fn a_file_is_fetched_once() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{}/text", server.address);
    let dest = folder.path().to_str().unwrap().to_owned();
    let args = text(&[("url", &url), ("dest", &dest), ("mode", "0640")]);
    let done = Bench::local().run(&GET_URL, args.clone()).await.unwrap();
    assert_eq!((done.unchanged, done.failed), (false, None), "{:?}", done.fields);
    let path = folder.path().join("text");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "hello\n");
    assert_eq!(mode(&path), 0o640);
    let again = Bench::local().plan(&GET_URL, args).await.unwrap();
    assert_eq!(
        (again.changes.len(), again.why.as_str()),
        (0, "file already exists")
    );
}

fn mode(path: &std::path::Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().unwrap().permissions().mode() & 0o7777
}

#[tokio::test]
async fn a_sum_decides_and_a_wrong_one_replaces_nothing() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text");
    std::fs::write(&path, "old").unwrap();
    let (url, dest) = (format!("{}/text", server.address), path.to_str().unwrap());
    let wrong = text(&[("url", &url), ("dest", dest), ("checksum", "sha256:00ff")]);
    let done = Bench::local().run(&GET_URL, wrong).await.unwrap();
    let said = done.failed.unwrap();
    assert_eq!(
        said,
        format!("The checksum for {dest} did not match 00ff; it was {HELLO}.")
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "old");

    let sums = format!("sha256:{}/sums", server.address);
    let right = text(&[
        ("url", &url),
        ("dest", dest),
        ("checksum", &sums),
        ("backup", "yes"),
    ]);
    let done = Bench::local().run(&GET_URL, right.clone()).await.unwrap();
    assert_eq!(done.failed, None);
    let kept = done.fields["backup_file"].as_str().unwrap();
    assert_eq!(std::fs::read_to_string(kept).unwrap(), "old");
    let plan = Bench::local().plan(&GET_URL, right).await.unwrap();
    assert_eq!(plan.why, "file already exists");
}

#[tokio::test]
async fn what_is_the_same_is_not_replaced_and_symbols_are_permissions() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text");
    std::fs::write(&path, "hello\n").unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let (url, dest) = (format!("{}/text", server.address), path.to_str().unwrap());
    let force = |mode| text(&[("url", &url), ("dest", dest), ("force", "yes"), ("mode", mode)]);
    let done = Bench::local().run(&GET_URL, force("u=rw,g=r")).await.unwrap();
    assert_eq!((done.unchanged, done.failed), (false, None), "{:?}", done.fields);
    assert_eq!(mode(&path), 0o640);
    let done = Bench::local().run(&GET_URL, force("g+r")).await.unwrap();
    assert_eq!((done.unchanged, done.failed), (true, None), "{:?}", done.fields);
    let wrong = Bench::local().run(&GET_URL, force("preserve")).await.unwrap_err();
    assert_eq!(wrong.kind, FailureKind::Arguments);
    let wrong = Bench::local().run(&GET_URL, force("rw-r")).await.unwrap_err();
    assert_eq!(wrong.message, "mode: `rw-r` are no permissions");
}

/// Everything in a folder of the host's.
fn files(folder: &std::path::Path) -> Vec<String> {
    let names = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn where_it_cannot_be_put_nothing_is_left_behind() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let (there, temporary) = (folder.path().join("there"), folder.path().join("tmp"));
    for folder in [&there, &temporary] {
        std::fs::create_dir(folder).unwrap();
    }
    let url = format!("{}/text", server.address);
    let bench = || Bench::local().environment("TMPDIR", temporary.to_str().unwrap());
    let into = |dest: &str| text(&[("url", &url), ("dest", &format!("{}/{dest}", there.display()))]);

    let failure = bench().run(&GET_URL, into("no/such")).await.unwrap_err();
    assert_eq!(
        failure.message,
        format!("Destination {}/no does not exist", there.display())
    );
    bench().run(&GET_URL, into("x")).await.unwrap();
    assert_eq!((files(&there), files(&temporary)), (vec!["x".to_owned()], vec![]));

    // Nobody may write a file of such a name: the old one cannot be kept.
    let long = "x".repeat(250);
    std::fs::write(there.join(&long), "old").unwrap();
    let args = Value::map([
        ("url", Value::from(url.as_str())),
        ("dest", there.join(&long).to_str().unwrap().into()),
        ("force", true.into()),
        ("backup", true.into()),
    ]);
    bench().run(&GET_URL, args).await.unwrap_err();
    assert_eq!(std::fs::read_to_string(there.join(&long)).unwrap(), "old");
    assert_eq!(
        (files(&there), files(&temporary)),
        (vec!["x".to_owned(), long], vec![])
    );
}

#[tokio::test]
async fn what_is_not_there_is_not_fetched() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let url = format!("{}/nosuch", server.address);
    let args = text(&[("url", &url), ("dest", path.to_str().unwrap())]);
    let done = Bench::local().run(&GET_URL, args).await.unwrap();
    assert_eq!(done.failed.unwrap(), "Request failed: HTTP Error 404: Not Found");
    assert!(!path.exists());
}

#[tokio::test]
async fn an_archive_that_the_web_does_not_give_is_said_to_be_so() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let url = format!("{}/nosuch.tar", server.address);
    let dest = folder.path().to_str().unwrap();
    let args = |url: &str| {
        Value::map([
            ("src", Value::from(url)),
            ("dest", dest.into()),
            ("remote_src", true.into()),
        ])
    };
    let bench = Bench::local();
    let failure = bench.plan(&Unarchive, args(&url)).await.unwrap_err();
    assert_eq!(
        failure.message,
        format!("Failure downloading {url}: The requested URL returned error: 404")
    );
    assert!(!bench.sent().join("\n").contains(&url), "{:?}", bench.sent());

    // Tools enough to begin with, and no curl among them.
    let tools = tempfile::tempdir().unwrap();
    for tool in ["mktemp", "rm", "readlink"] {
        std::os::unix::fs::symlink(format!("/usr/bin/{tool}"), tools.path().join(tool)).unwrap();
    }
    let bare = Bench::local().environment("PATH", tools.path().to_str().unwrap());
    let failure = bare.plan(&Unarchive, args(&url)).await.unwrap_err();
    assert_eq!(failure.message, "this host has no curl, which asks for it");
}
