//! `file` and `stat`.

use serde_json::json;

use super::{Bed, everywhere};
use crate::{File, Stat};

/// The lines of some tasks, and what is there after them.
async fn tasks(bed: &Bed, tasks: &[serde_json::Value]) -> String {
    let mut told = String::new();
    for args in tasks {
        told.push_str(&bed.line(&File, args.clone()).await);
        told.push('\n');
    }
    told + "\n" + &bed.tree()
}

#[tokio::test]
async fn folders_links_and_empty_files_come_and_go() {
    let told = everywhere(async |bed| {
        bed.file("a file", "text\n");
        tasks(
            bed,
            &[
                json!({"path": "@/x/y", "state": "directory", "mode": "0750"}),
                json!({"path": "@/x/y", "state": "directory", "mode": "0750"}),
                json!({"path": "@/x/y", "mode": "g-x,o+r"}),
                json!({"dest": "@/x/link", "src": "../a file", "state": "link"}),
                json!({"dest": "@/x/link", "src": "../a file", "state": "link"}),
                json!({"dest": "@/x/link", "src": "../nowhere", "state": "link"}),
                json!({"dest": "@/x/link", "src": "../nowhere", "state": "link", "force": true}),
                json!({"name": "@/x/hard", "src": "@/a file", "state": "hard"}),
                json!({"name": "@/x/hard", "src": "@/a file", "state": "hard"}),
                json!({"path": "@/new", "state": "touch", "mode": "0600"}),
                json!({"path": "@/new", "state": "touch", "modification_time": "preserve", "access_time": "preserve"}),
                json!({"path": "@/gone", "state": "absent"}),
                json!({"path": "@/gone", "mode": "0600"}),
                json!({"path": "@/a file", "state": "directory"}),
                json!({"path": "@/a file", "owner": "nobody-of-this-name"}),
                json!({"path": "@/a file", "src": "x"}),
                json!({"path": "@/x", "state": "file"}),
            ],
        )
        .await
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn a_whole_folder_gets_attributes_or_goes() {
    let told = everywhere(async |bed| {
        bed.file("d/one", "1").file("d/sub dir/two", "2");
        tasks(
            bed,
            &[
                json!({"path": "@/d", "state": "directory", "recurse": true, "mode": "u=rwX,go="}),
                json!({"path": "@/d", "state": "directory", "recurse": true, "mode": "u=rwX,go="}),
            ],
        )
        .await
            + &tasks(bed, &[json!({"path": "@/d", "state": "absent"})]).await
    })
    .await;
    insta::assert_snapshot!(told);
}

/// Of a large tree only the first files cross the wire.
#[tokio::test]
async fn of_what_goes_with_a_folder_so_much_is_told() {
    let told = everywhere(async |bed| {
        bed.file("small/a\nb", "").file("small/c", "");
        for number in 0..250 {
            bed.file(&format!("large/{number}\nth"), "");
        }
        let mut told = String::new();
        for folder in ["small", "large"] {
            let args = json!({"path": format!("@/{folder}"), "state": "absent"});
            let done = bed.task(&File, args).await.unwrap();
            let before = done.changes[0].diff.as_ref().unwrap().before.as_deref().unwrap();
            let before: serde_json::Value = serde_json::from_str(before).unwrap();
            let content = &before["path_content"];
            let files = content["files"].as_array().unwrap().len();
            told.push_str(&format!("{folder}: {files}, and more: {}\n", content["and_more"]));
        }
        told + &bed.tree()
    })
    .await;
    insta::assert_snapshot!(told, @"
    small: 2, and more: null
    large: 200, and more: true
    ");
}

#[tokio::test]
async fn a_difference_of_attributes_shows_as_json() {
    let diff = everywhere(async |bed| {
        bed.file("a", "");
        bed.task(&File, json!({"path": "@/a", "mode": "0644"}))
            .await
            .unwrap();
        let done = bed
            .task(&File, json!({"path": "@/a", "mode": "0600"}))
            .await
            .unwrap();
        let diff = done.changes[0].diff.clone().unwrap();
        bed.plain(&format!("{}{}", diff.before.unwrap(), diff.after))
    })
    .await;
    insta::assert_snapshot!(diff, @r#"
            {
                "mode": "0644",
                "path": "@/a"
            }
            {
                "mode": "0600",
                "path": "@/a"
            }
            "#);
}

#[tokio::test]
async fn stat_tells_the_same_everywhere() {
    let told = everywhere(async |bed| {
        bed.file("a", "ho\n");
        bed.task(&File, json!({"path": "@/a", "mode": "0640"}))
            .await
            .unwrap();
        bed.task(&File, json!({"path": "@/l", "src": "a", "state": "link"}))
            .await
            .unwrap();
        let mut told = String::new();
        for args in [
            json!({"path": "@/a"}),
            json!({"path": "@/l"}),
            json!({"path": "@/l", "follow": true, "checksum_algorithm": "sha256"}),
            json!({"path": "@/nope"}),
        ] {
            let done = bed.task(&Stat, args).await.unwrap();
            let mut stat = done.fields.reveal()["stat"].clone();
            for name in [
                "atime",
                "mtime",
                "ctime",
                "inode",
                "dev",
                "pw_name",
                "gr_name",
                "uid",
                "gid",
                "blocks",
                "block_size",
            ] {
                if let Some(value) = stat.as_object_mut().unwrap().get_mut(name) {
                    *value = if value.is_string() { "text" } else { "number" }.into();
                }
            }
            told.push_str(&bed.plain(&format!("{}\n", serde_json::to_string_pretty(&stat).unwrap())));
        }
        told
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn what_a_file_holds_is_told_where_it_is_asked_for() {
    everywhere(async |bed| {
        bed.file("a", "ho\n").file("-b", "<html></html>\n");
        let mut told = String::new();
        for args in [
            json!({"path": "@/a", "get_mime": true}),
            json!({"path": "@/-b", "mime": true}),
            json!({"path": "@/a"}),
            json!({"path": "@/nope", "get_mime": true}),
        ] {
            let done = bed.task(&Stat, args).await.unwrap();
            let stat = done.fields.reveal()["stat"].clone();
            told.push_str(&format!("{} {}\n", stat["mimetype"], stat["charset"]));
        }
        // BusyBox has no `file`.
        let known = "\"text/plain\" \"us-ascii\"\n\"text/html\" \"us-ascii\"\n";
        let unknown = "\"unknown\" \"unknown\"\n".repeat(2);
        let rest = told.strip_prefix(known).or_else(|| told.strip_prefix(&unknown));
        assert_eq!(rest, Some("null null\nnull null\n"), "{}: {told}", bed.name);
        String::new()
    })
    .await;
}
