//! Much output, much input, and nobody at one of the ends.

use std::time::Duration;

use cutover_kit::Secret;
use cutover_kit::secret::Origin;
use cutover_kit::session::{Dialer, Exec};

use super::{TERMINAL, command};
use crate::support::{Sshd, reacher};

#[tokio::test]
async fn a_flood_can_be_stopped_from_the_keyboard() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let mut shell = link.shell(TERMINAL).await.unwrap();
    shell.write(b"yes flood\n").await.unwrap();
    let mut seen = 0;
    while seen < 1_000_000 {
        seen += shell.read().await.unwrap().expect("more").len();
    }
    shell.write(b"\x03").await.unwrap();
    shell.write(b"exit\n").await.unwrap();
    while shell.read().await.unwrap().is_some() {}
}

/// It has ended its output and still reads.
#[tokio::test]
async fn a_command_that_says_no_more_may_still_listen() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let text = "0123456789abcdef".repeat(200_000);
    let file = server.path("written");
    let executed = link
        .exec(&Exec {
            stdin: Some(Secret::new(text.clone(), Origin::Argument)),
            ..command(&format!(
                "exec >&- 2>&-; sleep 0.2; cat > {}; exit 4",
                file.display()
            ))
        })
        .await;
    assert_eq!(executed.unwrap().status, Some(4));
    assert!(std::fs::read_to_string(file).unwrap() == text);
}

#[tokio::test]
async fn a_command_that_does_not_listen_ends_all_the_same() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let executed = link
        .exec(&Exec {
            stdin: Some(Secret::new("unread".repeat(1_000_000), Origin::Argument)),
            ..command("echo done")
        })
        .await;
    assert_eq!(executed.unwrap().stdout, b"done\n");
    assert_eq!(link.exec(&command("echo next")).await.unwrap().stdout, b"next\n");
}

#[tokio::test]
async fn output_nobody_reads_waits_and_is_whole() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    let mut shell = link.shell(TERMINAL).await.unwrap();
    shell
        .write(b"stty -echo -onlcr; PS1=; echo BEGIN; seq 1 900000; exit\n")
        .await
        .unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let mut seen = Vec::new();
    while let Some(bytes) = shell.read().await.unwrap() {
        seen.extend(bytes);
    }
    let seen = String::from_utf8_lossy(&seen).into_owned();
    let (_, numbers) = seen.rsplit_once("BEGIN\n").expect("the beginning");
    let expected: String = (1..=900_000).map(|number| format!("{number}\n")).collect();
    assert!(
        numbers.starts_with(&expected),
        "{} of {} bytes",
        numbers.len(),
        expected.len()
    );
}

/// Readiness that nobody takes back would have the task spin.
#[tokio::test]
async fn waiting_costs_no_processor_time() {
    let server = Sshd::start();
    let mut link = reacher().dial(&server.settings()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let idle = ticks_within(Duration::from_secs(1)).await;
    let mut shell = link.shell(TERMINAL).await.unwrap();
    shell.write(b"true\n").await.unwrap();
    let unread = ticks_within(Duration::from_secs(1)).await;
    while tokio::time::timeout(Duration::from_millis(300), shell.read())
        .await
        .is_ok()
    {}
    let read = ticks_within(Duration::from_secs(1)).await;
    assert!(
        idle < 10 && unread < 10 && read < 10,
        "{idle}, {unread}, {read} hundredths of a second"
    );
}

/// Hundredths of a second this thread, which runs all tasks of a test, has
/// worked while it waited for `wait`.
async fn ticks_within(wait: Duration) -> u64 {
    let ticks = || {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").expect("Linux");
        // After the name, in brackets: user time is the 12th, system time the 13th.
        let (_, fields) = stat.rsplit_once(") ").expect("a name");
        let fields: Vec<u64> = fields
            .split(' ')
            .map(|field| field.parse().unwrap_or(0))
            .collect();
        fields[11] + fields[12]
    };
    let before = ticks();
    tokio::time::sleep(wait).await;
    ticks() - before
}
