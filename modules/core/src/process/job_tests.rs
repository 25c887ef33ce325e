//! Commands that go on by themselves, on this machine.

use std::time::Duration;

use cutover_kit::reach::Background;
use cutover_kit::{FailureKind, Value};

use super::Shell;
use crate::async_status::AsyncStatus;
use crate::bench::Bench;

static SHELL: Shell = Shell::new();
static STATUS: AsyncStatus = AsyncStatus;

fn bench(folder: &tempfile::TempDir) -> Bench {
    Bench::local().environment("ANSIBLE_ASYNC_DIR", folder.path().to_str().unwrap())
}

fn background(limit: u64, poll: Option<u64>) -> Background {
    Background {
        limit: Duration::from_secs(limit),
        poll: poll.map(|_| Duration::from_millis(20)),
    }
}

fn text(pairs: &[(&str, &str)]) -> Value {
    Value::map(pairs.iter().copied())
}

#[tokio::test]
async fn a_job_that_is_waited_for_has_the_result_of_its_command() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(&folder)
        .environment("TOKEN", "it's")
        .background(background(20, Some(1)));
    let args = text(&[
        ("cmd", "cat; echo \"$TOKEN\"; echo oh >&2; exit 3"),
        ("stdin", "in"),
    ]);
    let done = bench.run(&SHELL, args).await.unwrap();
    assert_eq!(done.fields["stdout"], Value::from("in\nit's"));
    assert_eq!(done.fields["stderr"], Value::from("oh"));
    assert_eq!(done.fields["rc"], Value::Int(3));
    assert_eq!(done.fields["finished"], Value::Bool(true));
    assert_eq!(done.failed.as_deref(), Some("non-zero return code"));
    assert_eq!(
        std::fs::read_dir(folder.path()).unwrap().count(),
        0,
        "it is cleared away"
    );
}

#[tokio::test]
async fn a_job_that_is_left_behind_is_asked_for_later_and_cleared_away() {
    let folder = tempfile::tempdir().unwrap();
    let go = folder.path().join("go");
    let line = format!("while [ ! -e {} ]; do sleep 0.02; done; echo done", go.display());
    let left = bench(&folder).background(background(30, None));
    let done = left.run(&SHELL, text(&[("cmd", &line)])).await.unwrap();
    assert_eq!(done.fields["finished"], Value::Bool(false));
    let job = done.fields["ansible_job_id"].as_str().unwrap().to_owned();

    let asks = bench(&folder);
    let status = async || asks.plan(&STATUS, text(&[("jid", &job)])).await.unwrap().result;
    assert_eq!(status().await["finished"], Value::Bool(false));
    std::fs::write(&go, "").unwrap();
    let ended = loop {
        let ended = status().await;
        if ended["finished"] == Value::Bool(true) {
            break ended;
        }
    };
    assert_eq!(ended["stdout"], Value::from("done"));
    assert_eq!(ended["rc"], Value::Int(0));

    asks.run(&STATUS, text(&[("jid", &job), ("mode", "cleanup")]))
        .await
        .unwrap();
    let gone = asks.plan(&STATUS, text(&[("jid", &job)])).await.unwrap_err();
    assert_eq!(
        (gone.kind, gone.message.as_str()),
        (FailureKind::Task, "could not find job")
    );
}

#[tokio::test]
async fn a_job_ends_when_its_time_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let bench = bench(&folder).background(background(1, Some(1)));
    let late = bench.run(&SHELL, text(&[("cmd", "sleep 30")])).await.unwrap_err();
    assert_eq!(
        late.message,
        "async task did not complete within the requested time - 1s"
    );
}

#[tokio::test]
async fn a_job_is_called_by_its_name_only() {
    let failure = Bench::local()
        .plan(&STATUS, text(&[("jid", "../passwd")]))
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Arguments);
}
