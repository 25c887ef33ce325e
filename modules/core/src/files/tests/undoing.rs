//! Edits that are taken back.

use serde_json::json;

use super::everywhere;
use crate::{Assemble, BlockInFile, Copy, File, LineInFile, Replace};

#[tokio::test]
async fn files_are_as_they_were_before() {
    let told = everywhere(async |bed| {
        bed.file("a", "one\ntwo\n")
            .file("parts/1", "x\n")
            .file("parts/2", "y\n");
        let mut told = String::new();
        let mut all: Vec<(&'static dyn cutover_kit::AnyModule, serde_json::Value)> = vec![
            (&Copy, json!({"content": "new\n", "dest": "@/a", "mode": "0600"})),
            (&Copy, json!({"content": "new\n", "dest": "@/new"})),
            (
                &Copy,
                json!({"content": "one\ntwo\n", "dest": "@/a", "mode": "0600"}),
            ),
            (
                &Assemble,
                json!({"src": "@/parts", "dest": "@/a", "remote_src": true}),
            ),
            (
                &LineInFile,
                json!({"path": "@/a", "regexp": "^two", "line": "2", "mode": "0600"}),
            ),
            (&LineInFile, json!({"path": "@/new", "line": "2", "create": true})),
            (&BlockInFile, json!({"path": "@/a", "block": "three"})),
            (&Replace, json!({"path": "@/a", "regexp": "o", "replace": "0"})),
            (&File, json!({"path": "@/a", "mode": "u=rw,go="})),
            (&File, json!({"path": "@/parts", "mode": "0700"})),
            (&File, json!({"path": "@/touched", "state": "touch"})),
            (&File, json!({"path": "@/link", "src": "a", "state": "link"})),
        ];
        all.push((&File, json!({"path": "@/folder", "state": "directory"})));
        all.push((&File, json!({"path": "@/parts", "state": "absent"})));
        for (module, args) in all {
            told.push_str(&bed.there_and_back(module, args).await);
            told.push('\n');
        }
        told
    })
    .await;
    insta::assert_snapshot!(told, @"
    undo: write @/a
    undo: create @/new
    undo: set mode 0644 to 0600 of @/a
    undo: write @/a
    undo: write @/a
    undo: create @/new
    undo: write @/a
    undo: write @/a
    undo: set mode 0644 to 0600 of @/a
    undo: set mode 0755 to 0700 of @/parts
    undo: create @/touched
    undo: link @/link to a
    stays: make the folder @/folder
    stays: remove @/parts
    ");
}

#[tokio::test]
async fn a_link_that_was_replaced_stays_replaced() {
    let told = everywhere(async |bed| {
        std::os::unix::fs::symlink("a", bed.folder.path().join("link")).unwrap();
        bed.file("a", "one\n");
        let args = json!({"content": "new\n", "dest": "@/link", "follow": false});
        bed.there_and_back(&Copy, args).await
    })
    .await;
    insta::assert_snapshot!(told, @"stays: write @/link");
}
