//! `unarchive`.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use super::{Bed, everywhere, here_and_there};
use crate::Unarchive;

/// Packs with a program of this machine.
fn pack(folder: &Path, words: &[&str]) {
    let done = Command::new(words[0])
        .args(&words[1..])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(done.status.success(), "{done:?}");
}

fn packed(bed: &Bed) {
    bed.file("site/src/a file", "1\n").file("site/src/sub/b", "22\n");
    let src = bed.folder.path().join("site/src");
    std::os::unix::fs::symlink("a file", src.join("to a")).unwrap();
    let files = bed.folder.path().join("site/files");
    std::fs::create_dir(&files).unwrap();
    pack(&src, &["tar", "-cf", "../files/p.tar", "."]);
    pack(&src, &["tar", "-czf", "../files/p.tgz", "a file", "sub", "to a"]);
    pack(&src, &["zip", "-q", "-r", "--symlinks", "../files/p.zip", "."]);
    std::fs::create_dir(bed.folder.path().join("to")).unwrap();
}

async fn tasks(bed: &Bed, tasks: &[serde_json::Value]) -> String {
    let mut told = String::new();
    for args in tasks {
        told.push_str(&bed.line(&Unarchive, args.clone()).await);
        told.push('\n');
    }
    told + "\n" + &bed.tree()
}

#[tokio::test]
async fn an_archive_of_this_machine_is_unpacked_once() {
    let told = everywhere(async |bed| {
        packed(bed);
        let mut told = tasks(
            bed,
            &[
                json!({"src": "p.tgz", "dest": "@/to"}),
                json!({"src": "p.tgz", "dest": "@/to"}),
                json!({"src": "p.zip", "dest": "@/to"}),
            ],
        )
        .await;
        bed.file("to/sub/b", "other\n");
        told.push_str(
            &tasks(
                bed,
                &[
                    json!({"src": "p.tar", "dest": "@/to", "mode": "u=rwX,go="}),
                    json!({"src": "p.tar", "dest": "@/to", "mode": "u=rwX,go="}),
                    json!({"src": "p.tar", "dest": "@/to", "mode": "u=rwX,go=rX"}),
                    json!({"src": "p.tar", "dest": "@/to", "owner": "no such user"}),
                ],
            )
            .await,
        );
        told
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn an_archive_of_the_host_is_unpacked_in_part() {
    let told = everywhere(async |bed| {
        packed(bed);
        let src = "@/site/files/p.zip";
        tasks(
            bed,
            &[
                json!({"src": src, "dest": "@/to", "remote_src": true, "creates": "@/to"}),
                json!({"src": src, "dest": "@/to", "remote_src": true, "include": ["sub/*"], "list_files": true}),
                json!({"src": src, "dest": "@/to", "remote_src": true, "exclude": ["to a"]}),
                json!({"src": "@/site/src/sub/b", "dest": "@/to", "remote_src": true}),
                json!({"src": "@/site/nothing", "dest": "@/to", "remote_src": true}),
                json!({"src": src, "dest": "@/no", "remote_src": true}),
                json!({"src": "nothing.tar", "dest": "@/to"}),
            ],
        )
        .await
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn nothing_is_written_outside_of_the_folder() {
    let told = everywhere(async |bed| {
        packed(bed);
        bed.file("elsewhere/sub/b", "mine\n");
        pack(
            &bed.folder.path().join("site/src"),
            &["tar", "-cf", "../files/b.tar", "sub/b"],
        );
        std::os::unix::fs::symlink("../elsewhere/sub", bed.folder.path().join("to/sub")).unwrap();
        tasks(bed, &[json!({"src": "b.tar", "dest": "@/to"})]).await
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn what_only_gnus_tar_can_is_left_to_it() {
    let told = here_and_there(async |bed| {
        packed(bed);
        bed.file("site/out", "evil\n").file("to/sub/b", "newer\n");
        let files = bed.folder.path().join("site/files");
        pack(&files, &["tar", "-P", "-cf", "up.tar", "../out"]);
        bed.file("elsewhere/sub/b", "mine\n").file("linked/c", "mine\n");
        std::os::unix::fs::symlink("../elsewhere/sub", bed.folder.path().join("linked/sub")).unwrap();
        tasks(
            bed,
            &[
                json!({"src": "up.tar", "dest": "@/to"}),
                json!({"src": "p.tar", "dest": "@/to", "keep_newer": true, "exclude": ["./to a"]}),
                json!({"src": "p.tgz", "dest": "@/to", "extra_opts": ["--strip-components=1"]}),
                json!({"src": "p.tgz", "dest": "@/linked", "extra_opts": ["-v"]}),
            ],
        )
        .await
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn a_folder_that_became_a_link_after_the_plan_is_not_followed() {
    let told = everywhere(async |bed| {
        packed(bed);
        bed.file("elsewhere/sub/b", "mine\n");
        pack(
            &bed.folder.path().join("site/src"),
            &["tar", "-cf", "../files/b.tar", "sub/b"],
        );
        let link = bed.folder.path().join("to/sub");
        let happens = || std::os::unix::fs::symlink("../elsewhere/sub", &link).unwrap();
        let args = json!({"src": "b.tar", "dest": "@/to"});
        let told = bed.overtaken(&Unarchive, args, happens).await;
        format!("{told}\n{}", bed.tree())
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn what_is_newer_stays_with_its_permissions() {
    let told = here_and_there(async |bed| {
        packed(bed);
        bed.file("to/sub/b", "newer\n");
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(bed.folder.path().join("to/sub/b"), private).unwrap();
        let args = json!({"src": "p.tar", "dest": "@/to", "keep_newer": true});
        tasks(bed, &[args.clone(), args]).await
    })
    .await;
    insta::assert_snapshot!(told);
}

/// In a check run an earlier step would make the file that says that it was done.
#[tokio::test]
async fn a_promised_file_counts_for_creates() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("done");
    let args = json!({"src": "p.tar", "dest": "/srv", "creates": made.to_str().unwrap()});
    let bench = crate::bench::Bench::local().making(cutover_kit::reach::Made::File(made));
    let plan = bench.plan(&Unarchive, args.into()).await.unwrap();
    assert_eq!(plan.later.map(|later| later.after), Some("sign".to_owned()));
}
