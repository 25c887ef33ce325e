//! The script of a change.

use std::fmt::Write;

use super::super::question::Question;
use super::super::step::{Attributes, Bytes, Moment, Step, Text, Writing};
use super::look::{asked, functions};
use crate::process::{line, quote};

/// Exit status of a script whose new file was not accepted; its own exit status is the last line of
/// what it wrote to its standard error.
pub(super) const INVALID: i32 = 71;

/// Carries the steps out up to the first that fails, then answers the question. Standard error
/// begins with the number of steps that were done.
pub(in super::super) fn change(steps: &[Step], question: &Question) -> String {
    let mut script = functions();
    script.push_str(
        "set -e; t=; n=0\ntrap 's=$?; [ -z \"$t\" ] || rm -f \"$t\"; [ $s = 0 ] || echo \"$n\" >&2; exit $s' EXIT\ntrap 'exit 1' HUP INT PIPE TERM\n",
    );
    for (number, step) in steps.iter().enumerate() {
        let _ = writeln!(script, "n={number}\n{}", one(step));
    }
    script.push_str("set +e; trap - EXIT HUP INT PIPE TERM\n");
    script.push_str(&asked(question));
    script
}

fn one(step: &Step) -> String {
    match step {
        Step::Write(writing) => write(writing),
        Step::Folder { path, attributes } => folder(path, *attributes),
        Step::Symlink { path, to } => {
            format!("rm -f {0}\nln -s {1} {0}", name(path), name(to))
        }
        Step::Hardlink { path, to } => {
            format!("rm -f {0}\nln {1} {0}", name(path), name(to))
        }
        Step::Create { path } => format!(": >>{}", name(path)),
        Step::Times {
            path,
            accessed,
            modified,
        } => {
            let set = |option: char, moment: &Option<Moment>| match moment {
                None => String::new(),
                Some(Moment::Now) => format!("touch -c -{option} {}\n", name(path)),
                Some(Moment::At(seconds)) => {
                    format!("touch -c -{option} -d @{seconds} {}\n", name(path))
                }
            };
            set('a', accessed) + &set('m', modified)
        }
        Step::Set { path, attributes } => set(&name(path), *attributes),
        Step::Remove { path } => format!("rm -rf {}", name(path)),
    }
}

/// A function that makes what is missing above a folder before the folder itself.
fn folder(path: &str, attributes: Attributes) -> String {
    // Nobody looks in before its own permissions are set.
    let closed = if attributes.mode.is_some() { "-m 0700 " } else { "" };
    format!(
        "m() {{ [ -z \"$1\" ] || [ -d \"$1\" ] || {{ case $1 in */*) m \"${{1%/*}}\";; esac; mkdir {closed}\"$1\" || return 1\n{}}}; }}\nm {}",
        set("\"$1\"", attributes),
        name(path.trim_end_matches('/'))
    )
}

/// A path as a word that is no option.
fn name(path: &str) -> String {
    if path.starts_with('-') {
        quote(&format!("./{path}"))
    } else {
        quote(path)
    }
}

/// Owner before permissions: giving a file away takes its set-id bits.
fn set(path: &str, wanted: Attributes) -> String {
    let mut script = String::new();
    let itself = if wanted.itself { "-h " } else { "" };
    let kept = if wanted.keeps_owner {
        " 2>/dev/null || :"
    } else {
        ""
    };
    if let Some(uid) = wanted.uid {
        let _ = writeln!(script, "chown {itself}{uid} {path}{kept}");
    }
    if let Some(gid) = wanted.gid {
        let _ = writeln!(script, "chgrp {itself}{gid} {path}{kept}");
    }
    if let Some(mode) = wanted.mode {
        // GNU's chmod leaves the set-id bits of folders alone unless all digits are there.
        let _ = writeln!(script, "chmod {mode:05o} {path}");
    }
    script
}

fn write(writing: &Writing) -> String {
    let path = name(&writing.path);
    let folder = match writing.path.rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((folder, _)) => format!("{folder}/"),
        None => String::new(),
    };
    let mut script = format!("p={path}\nt=$(mktemp {}.cutover.XXXXXX)\n", name(&folder));
    script.push_str(&filled(&writing.text));
    script.push_str(&set("\"$t\"", writing.attributes));
    if writing.attributes.mode.is_none() {
        // Without saying for whom, the mask counts.
        script.push_str("chmod =rw \"$t\"\n");
    }
    if let Some(words) = &writing.validate {
        let words = line(words).replace("%s", "'\"$t\"'");
        let _ = writeln!(
            script,
            "s=0; {words} </dev/null >&2 || s=$?; [ $s = 0 ] || {{ echo $s >&2; exit {INVALID}; }}"
        );
    }
    if let Some(backup) = &writing.backup {
        let _ = writeln!(script, "cp -p \"$p\" {}", name(backup));
    }
    if writing.inside {
        script.push_str("mv -f \"$t\" \"$p\" 2>/dev/null || { cat \"$t\" >\"$p\"; rm -f \"$t\"; }\nt=");
    } else {
        script.push_str("mv -f \"$t\" \"$p\"\nt=");
    }
    script
}

/// Puts the content into the temporary file, which only its owner can read yet.
fn filled(text: &Text) -> String {
    match text {
        Text::Of(path) => format!("cat {} >\"$t\"\n", name(path)),
        Text::Bytes(Bytes(bytes)) => match std::str::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => format!("printf '%s' {} >\"$t\"\n", quote(text)),
            _ => {
                let coded = openssl::base64::encode_block(bytes);
                format!("printf '%s\\n' {} | base64 -d >\"$t\"\n", quote(&coded))
            }
        },
    }
}
