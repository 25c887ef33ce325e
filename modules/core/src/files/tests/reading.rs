//! `slurp`, `fetch`, `find`, `tempfile`, `assemble`, `template`.

use serde_json::json;

use super::everywhere;
use crate::{Assemble, Fetch, Find, Slurp, TempFile, Template};

#[tokio::test]
async fn content_comes_back_in_base64() {
    let told = everywhere(async |bed| {
        bed.file("a", "oh\n");
        let mut told = String::new();
        for src in ["@/a", "@/none", "@"] {
            told.push_str(&format!("{}\n", bed.line(&Slurp, json!({ "src": src })).await));
        }
        told
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn files_are_brought_to_this_machine_once() {
    let told = everywhere(async |bed| {
        bed.file("a", "oh\n");
        let mut told = String::new();
        for args in [
            json!({"src": "@/a", "dest": "@/into/flat/", "flat": true}),
            json!({"src": "@/a", "dest": "@/into/flat/", "flat": true}),
            json!({"src": "@/a", "dest": "@/into/named", "flat": true}),
            json!({"src": "@/none", "dest": "@/into"}),
            json!({"src": "@/none", "dest": "@/into", "fail_on_missing": false}),
            json!({"src": "@/into", "dest": "@/x"}),
        ] {
            told.push_str(&format!("{}\n", bed.line(&Fetch, args).await));
        }
        bed.task(&Fetch, json!({"src": "@/a", "dest": "@/by host"}))
            .await
            .unwrap();
        let whole = format!("by host/box{}/a", bed.folder.path().display());
        told + &bed.read(&whole)
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn files_are_found_by_what_they_are() {
    let told = everywhere(async |bed| {
        bed.file("d/a.conf", "port=1\n")
            .file("d/b.txt", "x\nport=2\n")
            .file("d/.hidden", "")
            .file("d/sub/c.conf", &"y".repeat(3000));
        let mut told = String::new();
        for args in [
            json!({"paths": "@/d"}),
            json!({"paths": "@/d", "patterns": "*.conf,*.ini", "recurse": true}),
            json!({"paths": ["@/d"], "patterns": [r"^[ab]\..*"], "use_regex": true, "excludes": ["b.*"]}),
            json!({"paths": "@/d", "contains": "port=."}),
            json!({"paths": "@/d", "contains": ".*port=2"}),
            json!({"paths": "@/d", "file_type": "any", "recurse": true, "hidden": true}),
            json!({"paths": "@/d", "file_type": "directory"}),
            json!({"paths": "@/d", "recurse": true, "size": "2k"}),
            json!({"paths": "@/d", "recurse": true, "size": "-2k", "depth": 1}),
            json!({"paths": "@/d", "age": "2000w"}),
            json!({"paths": "@/none"}),
            json!({"paths": "@/d", "age": "soon"}),
        ] {
            let shown = args.to_string();
            let line = match bed.task(&Find, args).await {
                Ok(done) => {
                    let json = done.fields.reveal();
                    let paths: Vec<_> = json["files"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|file| file["path"].clone())
                        .collect();
                    format!("{paths:?} of {} {}", json["examined"], json["msg"])
                }
                Err(failure) => failure.message,
            };
            told.push_str(&bed.plain(&format!("{shown}\n  {line}\n")));
        }
        told
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn temporary_files_are_for_their_owner_only() {
    let told = everywhere(async |bed| {
        let mut told = String::new();
        for args in [
            json!({"path": "@", "suffix": ".x"}),
            json!({"path": "@", "state": "directory", "prefix": "build."}),
            json!({"path": "@/none"}),
        ] {
            told.push_str(&format!("{}\n", bed.line(&TempFile, args).await));
        }
        told + &bed.tree()
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn pieces_become_one_file() {
    let told = everywhere(async |bed| {
        bed.file("d/10-a", "a\n")
            .file("d/20-b", "b")
            .file("d/30-c", "c\n")
            .file("d/.hidden", "h\n");
        let mut told = String::new();
        for args in [
            json!({"src": "@/d", "dest": "@/all", "ignore_hidden": true, "mode": "0600"}),
            json!({"src": "@/d", "dest": "@/all", "ignore_hidden": true, "mode": "0600"}),
            json!({"src": "@/d", "dest": "@/some", "regexp": "^[12]", "delimiter": "---"}),
            json!({"src": "@/d", "dest": "@/local", "remote_src": false}),
            json!({"src": "@/none", "dest": "@/x"}),
        ] {
            told.push_str(&format!("{}\n", bed.line(&Assemble, args).await));
        }
        told + &bed.tree()
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn templates_are_rendered_here_and_written_there() {
    let told = everywhere(async |bed| {
        bed.file("site/templates/motd.j2", "I am NAME\n")
            .file("site/templates/odd.j2", "I am [[NAME\n")
            .file("site/templates/secret.j2", "password: NAME\n");
        let mut told = String::new();
        for args in [
            json!({"src": "motd.j2", "dest": "@/motd", "mode": "0600"}),
            json!({"src": "motd.j2", "dest": "@/motd", "mode": "0600"}),
            json!({"src": "odd.j2", "dest": "@/odd", "variable_start_string": "[["}),
            json!({"src": "none.j2", "dest": "@/x"}),
        ] {
            told.push_str(&format!("{}\n", bed.line(&Template, args).await));
        }
        let done = bed
            .task(&Template, json!({"src": "secret.j2", "dest": "@/s"}))
            .await
            .unwrap();
        told.push_str(&format!("{:?}\n", done.changes[0].diff));
        told + &bed.tree()
    })
    .await;
    insta::assert_snapshot!(told);
}
