//! Requests of a host that has `wget` and no `curl`.

use cutover_kit::Value;

use super::{GET_URL, Server, URI, text};
use crate::bench::Bench;

/// Every program of this machine but `curl`.
fn without_curl() -> tempfile::TempDir {
    let tools = tempfile::tempdir().unwrap();
    for tool in std::fs::read_dir("/usr/bin").unwrap() {
        let name = tool.unwrap().file_name();
        if name != "curl" {
            std::os::unix::fs::symlink(
                std::path::Path::new("/usr/bin").join(&name),
                tools.path().join(name),
            )
            .unwrap();
        }
    }
    tools
}

#[tokio::test]
async fn where_there_is_no_curl_wget_does() {
    let (server, tools) = (Server::start().await, without_curl());
    let bench = || Bench::local().environment("PATH", tools.path().to_str().unwrap());
    let at = |path: &str| format!("{}/{path}", server.address);

    let plan = bench().plan(&URI, text(&[("url", &at("moved"))])).await.unwrap();
    assert_eq!(
        plan.result["json"],
        Value::from(serde_json::json!({"up": [1, true]}))
    );
    for (name, value) in [
        ("status", Value::Int(200)),
        ("redirected", true.into()),
        ("url", at("json").into()),
        ("msg", "OK (17 bytes)".into()),
        ("x_who", "me".into()),
    ] {
        assert_eq!(plan.result[name], value, "{name}");
    }
    let gone = bench()
        .plan(&URI, text(&[("url", &at("nosuch"))]))
        .await
        .unwrap_err();
    assert_eq!(
        gone.message,
        "Status code was 404 and not [200]: HTTP Error 404: Not Found"
    );
    assert_eq!(gone.fields["content"], "gone");
    let short = bench()
        .plan(&URI, text(&[("url", &at("short"))]))
        .await
        .unwrap_err();
    assert_eq!(
        short.message,
        "Status code was -1 and not [200]: Request failed: Connection closed at byte 5. Giving up."
    );

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("text");
    let sums = format!("sha256:{}", at("sums"));
    let (address, dest) = (at("text"), path.to_str().unwrap());
    let args = text(&[
        ("url", &address),
        ("dest", dest),
        ("checksum", &sums),
        ("url_username", "ada"),
        ("url_password", "s3 cret/@"),
        ("force_basic_auth", "yes"),
    ]);
    let one = bench();
    let done = one.run(&GET_URL, args.clone()).await.unwrap();
    assert_eq!((done.unchanged, done.failed), (false, None), "{:?}", done.fields);
    assert_eq!(done.fields["msg"], Value::from("OK (6 bytes)"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "hello\n");
    let again = bench().plan(&GET_URL, args).await.unwrap();
    assert_eq!(again.why, "file already exists");
    // `ada:s3 cret/@`, and in no command line.
    assert!(
        server
            .heard()
            .contains("Authorization: Basic YWRhOnMzIGNyZXQvQA=="),
        "{}",
        server.heard()
    );
    assert!(!one.sent().join("\n").contains("s3"), "{:?}", one.sent());
}

#[tokio::test]
async fn what_wget_would_show_to_everybody_is_not_asked_by_it() {
    let (server, tools) = (Server::start().await, without_curl());
    let bench = || Bench::local().environment("PATH", tools.path().to_str().unwrap());
    let url = Value::from(format!("{}/json", server.address));
    let headers = ("headers", Value::map([("X-Key", "s3same")]));
    let body = ("body", Value::from("x"));
    for beyond in [headers, body] {
        let args = Value::map([("url", url.clone()), beyond]);
        let failure = bench().plan(&URI, args).await.unwrap_err();
        assert_eq!(failure.message, "this host has no curl, which asks for it");
    }
    assert_eq!(server.heard(), "");
}
