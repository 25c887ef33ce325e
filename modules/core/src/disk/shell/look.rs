//! The script of a look. Every field it writes ends with a zero byte, which no path can hold.

use std::fmt::Write;

use super::super::question::{Ask, Content, Question, SMALL, Tree};
use crate::process::{path, quote};

/// The fields of `stat`, in the order in which `answer` reads them. BusyBox takes the precision of
/// the times and gives whole seconds.
pub(super) const FIELDS: &str = "%f %u %g %s %i %d %h %o %b %t %T %.9X %.9Y %.9Z %U %G";

/// Ends a file of a tree: no path that `find` writes has two slashes and a line end.
pub(super) const END: &str = "//";

/// The functions that scripts use.
pub(super) fn functions() -> String {
    let sizes = format!(r#"n) false;; s) [ $(($(wc -c <"$1"))) -le {SMALL} ];; *) true;; esac; }}"#);
    format!(
        r#"LC_ALL=C; export LC_ALL; u=$(umask)
z() {{ printf '%s\0' "$@"; }}
f='{FIELDS}'
b() {{ case $2 in {sizes}
a() {{
  z "$1"
  if [ ! -e "$1" ] && [ ! -L "$1" ]; then z ''; return; fi
  x=; [ -r "$1" ] && x=r; [ -w "$1" ] && x=${{x}}w; [ -x "$1" ] && x=${{x}}x
  z "$(stat -c "$f" "$1")" "$(stat -L -c "$f" "$1" 2>/dev/null)" "$(readlink "$1" 2>/dev/null)" "$(readlink -f "$1" 2>/dev/null)" "$x"
  for h in $3; do
    if [ -f "$1" ] && [ -r "$1" ]; then z "$("${{h}}sum" <"$1")"; else z ''; fi
  done
  if [ -f "$1" ] && [ -r "$1" ] && b "$1" "$2"; then printf +; base64 <"$1"; z '' "$?"; else z ''; fi
}}
"#
    )
}

/// Everything the question asks for.
pub(in super::super) fn look(question: &Question) -> String {
    let mut script = functions();
    script.push_str(&asked(question));
    script
}

/// The calls that answer the question; they need [`functions`].
pub(super) fn asked(question: &Question) -> String {
    let mut script = String::from("z \"$u\" \"${TMPDIR:-/tmp}\"\n");
    for ask in &question.files {
        script.push_str(&file(ask));
    }
    for it in &question.trees {
        script.push_str(&tree(it));
    }
    for name in &question.users {
        // `id` knows every source of users.
        let name = quote(name);
        let _ = writeln!(
            script,
            "z \"$(id -u -- {name} 2>/dev/null || id -u {name} 2>/dev/null)\""
        );
    }
    for name in &question.groups {
        let name = quote(name);
        let _ = writeln!(
            script,
            "g={name}; z \"$(getent group \"$g\" 2>/dev/null || while IFS= read -r l; do case $l in \"$g\":*) echo \"$l\"; break;; esac; done </etc/group)\""
        );
    }
    script.push_str("exit 0\n");
    script
}

fn file(ask: &Ask) -> String {
    let sums: Vec<&str> = ask.sums.iter().map(|sum| sum.name()).collect();
    let content = match ask.content {
        Content::No => "n",
        Content::Small => "s",
        Content::All => "a",
    };
    format!("a {} {content} {}\n", path(&ask.path), quote(&sums.join(" ")))
}

fn tree(tree: &Tree) -> String {
    let follow = if tree.follow { "-L " } else { "-H " };
    let depth = tree
        .depth
        .map_or(String::new(), |depth| format!(" -maxdepth {depth}"));
    // Files are counted by their ends, for a name may hold line ends of its own.
    let limit = tree.limit.map_or(String::new(), |limit| {
        format!(" | sed -n 'p;\\,{END}$,{{x;s/$/./;/^.\\{{{limit}\\}}$/q;x;}}'")
    });
    format!(
        "t={}; z \"$t\"\nif [ -d \"$t\" ]; then z d; find {follow}\"$t\" -mindepth 1{depth} -exec stat -c \"$f %n{END}\" {{}} + 2>/dev/null{limit}; z ''; else z ''; fi\n",
        path(&tree.path)
    )
}
