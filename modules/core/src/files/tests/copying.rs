//! `copy`.

use serde_json::json;

use super::{Bed, everywhere};
use crate::Copy;

async fn tasks(bed: &Bed, tasks: &[serde_json::Value]) -> String {
    let mut told = String::new();
    for args in tasks {
        told.push_str(&bed.line(&Copy, args.clone()).await);
        told.push('\n');
    }
    told + "\n" + &bed.tree()
}

#[tokio::test]
async fn content_is_written_once_and_old_content_kept() {
    let told = everywhere(async |bed| {
        tasks(
            bed,
            &[
                json!({"content": "hi\n", "dest": "@/a", "mode": "0640"}),
                json!({"content": "hi\n", "dest": "@/a", "mode": "0640"}),
                json!({"content": "it's ho ā €\n\n", "dest": "@/a", "backup": true}),
                json!({"content": "never", "dest": "@/a", "force": false}),
                json!({"content": {"k": [1, "v"]}, "dest": "@/json"}),
                json!({"content": "", "dest": "@/empty"}),
                json!({"content": "x", "dest": "@/no/such/folder"}),
                json!({"content": "x", "dest": "@/"}),
                json!({"content": "x", "src": "y", "dest": "@/z"}),
            ],
        )
        .await
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn what_is_not_accepted_is_not_put_in_place() {
    let told = everywhere(async |bed| {
        bed.file("a", "old\n");
        tasks(
            bed,
            &[
                json!({"content": "new\n", "dest": "@/a", "validate": "grep -q old %s"}),
                json!({"content": "new\n", "dest": "@/a", "validate": "true"}),
                json!({"content": "new\n", "dest": "@/a", "validate": "grep -q 'new' %s"}),
            ],
        )
        .await
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn files_and_folders_of_this_machine_are_copied() {
    let told = everywhere(async |bed| {
        bed.file("site/files/app.conf", "port=1\n")
            .file("site/files/tree/a", "a")
            .file("site/files/tree/sub/b", "b")
            .file("dest/app.conf/keep", "");
        std::fs::write(bed.folder.path().join("site/files/bytes"), [0, 255, 10, 13, 0]).unwrap();
        tasks(
            bed,
            &[
                json!({"src": "app.conf", "dest": "@/app.conf", "mode": "0600"}),
                json!({"src": "app.conf", "dest": "@/made/there/"}),
                json!({"src": "app.conf", "dest": "@/dest/"}),
                json!({"src": "tree", "dest": "@/t", "mode": "0644", "directory_mode": "0700"}),
                json!({"src": "tree", "dest": "@/t", "mode": "0644", "directory_mode": "0700"}),
                json!({"src": "tree/", "dest": "@/t"}),
                json!({"src": "bytes", "dest": "@/bytes"}),
                json!({"src": "bytes", "dest": "@/bytes"}),
                json!({"src": "nothing", "dest": "@/nothing"}),
            ],
        )
        .await
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn files_and_folders_of_the_host_are_copied() {
    let told = everywhere(async |bed| {
        bed.file("from/a file", "1").file("from/sub/b", "2");
        tasks(
            bed,
            &[
                json!({"src": "@/from/a file", "dest": "@/one", "remote_src": true, "mode": "preserve"}),
                json!({"src": "@/from/a file", "dest": "@/one", "remote_src": true}),
                json!({"src": "@/from/", "dest": "@/to", "remote_src": true}),
                json!({"src": "@/from/", "dest": "@/to", "remote_src": true}),
                json!({"src": "@/none", "dest": "@/to", "remote_src": true}),
            ],
        )
        .await
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn links_of_the_host_are_followed_or_kept_and_pipes_are_not_read() {
    let told = everywhere(async |bed| {
        bed.file("from/a", "1")
            .file("from/sub/b", "2")
            .file("pipes/a", "1");
        let path = |name: &str| bed.folder.path().join(name);
        std::os::unix::fs::symlink("a", path("from/to a")).unwrap();
        std::os::unix::fs::symlink("sub", path("from/to sub")).unwrap();
        let mut told = tasks(
            bed,
            &[
                json!({"src": "@/from/", "dest": "@/followed", "remote_src": true}),
                json!({"src": "@/from/", "dest": "@/kept", "remote_src": true, "local_follow": false}),
                json!({"src": "@/from/", "dest": "@/kept", "remote_src": true, "local_follow": false}),
            ],
        )
        .await;
        let made = std::process::Command::new("mkfifo").arg(path("pipes/p")).status();
        assert!(made.unwrap().success());
        let pipes = json!({"src": "@/pipes/", "dest": "@/pipes to", "remote_src": true});
        told.push_str(&bed.refused(&Copy, pipes).await);
        told
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn a_new_content_shows_as_a_difference() {
    let told = everywhere(async |bed| {
        bed.file("a", "one\ntwo\n");
        let done = bed
            .task(&Copy, json!({"content": "one\n2\n", "dest": "@/a"}))
            .await
            .unwrap();
        let diff = done.changes[0].diff.clone().unwrap();
        bed.plain(&format!(
            "{}\n{:?}\n{:?}",
            diff.title,
            diff.before.unwrap(),
            diff.after
        ))
    })
    .await;
    insta::assert_snapshot!(told, @r#"
        @/a
        "one\ntwo\n"
        "one\n2\n"
        "#);
}

#[tokio::test]
async fn no_content_shows_in_a_command() {
    for bed in super::bed::beds() {
        bed.task(&Copy, json!({"content": "hunter22", "dest": "@/a"}))
            .await
            .unwrap();
        assert!(
            bed.bench.sent().iter().all(|sent| !sent.contains("hunter22")),
            "{}",
            bed.name
        );
    }
}
