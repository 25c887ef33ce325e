//! `lineinfile`, `blockinfile`, `replace`.

use cutover_kit::{AnyModule, Secret, Value, secret::Origin};
use serde_json::{Value as Json, json};

use super::{Bed, here_and_there};
use crate::{BlockInFile, LineInFile, Replace};

/// Each case begins with the text, and tells the line and the text after it.
async fn cases(bed: &Bed, module: &'static dyn AnyModule, cases: &[(&str, Json)]) -> String {
    let mut told = String::new();
    for (text, args) in cases {
        bed.file("f", text);
        let mut args = args.clone();
        args["path"] = "@/f".into();
        let line = bed.line(module, args).await;
        told.push_str(&format!("{text:?} {line}\n  {:?}\n", bed.read("f")));
    }
    told
}

#[tokio::test]
async fn lines_come_and_go_as_ansible_has_it() {
    let told = here_and_there(async |bed| {
        cases(
            bed,
            &LineInFile,
            &[
                ("a\n", json!({"line": "b"})),
                ("a", json!({"line": "b"})),
                ("", json!({"line": "b"})),
                ("a\nb\n", json!({"line": "b"})),
                ("x=1\n#\nx=2\n", json!({"regexp": "^x=", "line": "x=3"})),
                (
                    "x=1\n#\nx=2\n",
                    json!({"regexp": "^x=", "line": "x=3", "firstmatch": true}),
                ),
                ("x=3\n", json!({"regexp": "^x=", "line": "x=3"})),
                (
                    "y\n",
                    json!({"regexp": "^x=", "line": "x=3", "insertafter": "^y$"}),
                ),
                (
                    "y\nz\n",
                    json!({"regexp": "^x=", "line": "x=3", "insertbefore": "z"}),
                ),
                ("y\n", json!({"line": "top", "insertbefore": "BOF"})),
                ("y\n", json!({"line": "end", "insertafter": "nothing"})),
                (
                    "port 80 # keep\n",
                    json!({"regexp": r"^(port) \d+(.*)$", "line": r"\1 443\2", "backrefs": true}),
                ),
                (
                    "none\n",
                    json!({"regexp": r"^(port) \d+$", "line": r"\1 443", "backrefs": true}),
                ),
                ("a.b\na-b\n", json!({"search_string": "a.b", "line": "c"})),
                ("x\ny\nx\n", json!({"line": "x", "state": "absent"})),
                ("x1\ny\nx2\n", json!({"regexp": "^x", "state": "absent"})),
                ("x\n", json!({"regexp": "^q", "state": "absent"})),
                ("x\n", json!({"line": "it's $HOME \\ \"ü\"", "backup": true})),
                ("x\n", json!({"line": "y", "validate": "grep -q z %s"})),
                ("x\n", json!({"line": "x", "mode": "0600"})),
                (
                    "x\n",
                    json!({"insertafter": "a", "insertbefore": "b", "line": "x"}),
                ),
                ("x\n", json!({"regexp": "(", "line": "x"})),
                ("x\n", json!({"state": "absent"})),
            ],
        )
        .await
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn a_missing_file_is_made_only_where_that_is_asked_for() {
    let told = here_and_there(async |bed| {
        let mut told = String::new();
        for args in [
            json!({"path": "@/n", "line": "x"}),
            json!({"path": "@/n", "line": "x", "state": "absent"}),
            json!({"path": "@/new/n", "line": "x", "create": true, "mode": "0600"}),
            json!({"path": "@", "line": "x"}),
        ] {
            told.push_str(&format!("{}\n", bed.line(&LineInFile, args).await));
        }
        told + &bed.tree()
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn blocks_come_and_go_as_ansible_has_it() {
    let block = "# BEGIN ANSIBLE MANAGED BLOCK\nold\n# END ANSIBLE MANAGED BLOCK\n";
    let told = here_and_there(async |bed| {
        cases(
            bed,
            &BlockInFile,
            &[
                ("a\n", json!({"block": "one\ntwo"})),
                ("a", json!({"block": "one\ntwo\n"})),
                ("", json!({"block": "one"})),
                (block, json!({"block": "old"})),
                (&format!("a\n{block}b\n"), json!({"block": "new"})),
                (&format!("a\n{block}b\n"), json!({"block": ""})),
                (&format!("a\n{block}b\n"), json!({"state": "absent"})),
                ("a\nb\n", json!({"block": "x", "insertafter": "^a"})),
                ("a\nb\n", json!({"block": "x", "insertbefore": "^b", "prepend_newline": true, "append_newline": true})),
                ("a\n", json!({"block": "x", "insertbefore": "BOF", "append_newline": true})),
                ("a\n", json!({"block": "x", "marker": "<!-- {mark} -->", "marker_begin": "on", "marker_end": "off"})),
            ],
        )
        .await
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn matches_are_replaced_as_python_does() {
    let told = here_and_there(async |bed| {
        cases(
            bed,
            &Replace,
            &[
                ("ho ho\n", json!({"regexp": "h(o)", "replace": r"\1h"})),
                ("a\nb\n", json!({"regexp": "^", "replace": "> "})),
                ("a\nb\n", json!({"regexp": "^b$\n?", "replace": ""})),
                (
                    "x=1\n[s]\nx=1\n[t]\nx=1\n",
                    json!({"regexp": "x=1", "replace": "x=2", "after": r"\[s\]", "before": r"\[t\]"}),
                ),
                ("x=1\n", json!({"regexp": "x=1", "after": "nowhere"})),
                ("x\n", json!({"regexp": "x", "replace": "x"})),
                (
                    "key: v\n",
                    json!({"regexp": r"(?P<k>\w+): (\w+)", "replace": r"\g<k>=\2"}),
                ),
                ("x\n", json!({"regexp": "x", "replace": r"\2"})),
            ],
        )
        .await
    })
    .await;
    insta::assert_snapshot!(told);
}

#[tokio::test]
async fn bytes_that_are_no_text_stay_as_they_are() {
    for bed in super::bed::beds() {
        let path = bed.folder.path().join("f");
        std::fs::write(&path, b"caf\xe9\nx\n").unwrap();
        bed.task(&LineInFile, json!({"path": "@/f", "line": "é", "regexp": "^x"}))
            .await
            .unwrap();
        assert_eq!(
            std::fs::read(&path).unwrap(),
            b"caf\xe9\n\xc3\xa9\n",
            "{}",
            bed.name
        );
    }
}

#[tokio::test]
async fn a_secret_line_is_written_and_never_shown() {
    for bed in super::bed::beds() {
        bed.file("f", "password=old\n");
        let path = bed.folder.path().join("f").display().to_string();
        let secret = Value::Secret(Secret::new("password=hunter22", Origin::Argument));
        let args = Value::map([
            ("path", Value::from(path)),
            ("regexp", "^password=".into()),
            ("line", secret),
        ]);
        let done = bed.bench.task(&LineInFile, &args).await.unwrap();
        assert_eq!(bed.read("f"), "password=hunter22\n");
        assert_eq!(done.changes[0].diff, None);
        assert!(!format!("{:?}{:?}", done.changes, done.fields).contains("hunter22"));
        assert!(
            bed.bench.sent().iter().all(|sent| !sent.contains("hunter22")),
            "{}",
            bed.name
        );
    }
}
