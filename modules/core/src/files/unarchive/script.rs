//! The scripts that compare an archive with what is there, and unpack it.

use cutover_kit::session::Executed;
use cutover_kit::{Failure, FailureKind};

use super::Args;
use super::archive::Archive;
use crate::files::unfit;
use crate::process::{path, quote};
use crate::steps::text;
use crate::web::exchange::{NO_CURL, complaint, no_curl};

/// The archive is not there.
pub(super) const NO_SOURCE: i32 = 91;
/// The web does not give it.
pub(super) const NOT_FETCHED: i32 = 92;
/// The host's program could not unpack all of it.
const NOT_UNPACKED: i32 = 93;
/// Something in it has a name that leads out of the folder.
const OUTSIDE: i32 = 94;
/// It is no archive that the host can read.
const NO_ARCHIVE: i32 = 95;
/// The folder is not there.
const NO_FOLDER: i32 = 96;

/// What is common to both: where the archive is, what kind it is, and a function `unpack` that
/// unpacks it into a folder. All of it is removed again at the end.
fn prepared(args: &Args, archive: &Archive) -> String {
    let words = |list: &[String]| {
        list.iter()
            .map(|word| format!(" {}", quote(word)))
            .collect::<String>()
    };
    let excluded = |option: &str| {
        let each = args
            .exclude
            .iter()
            .map(|word| format!(" {option}{}", quote(word)));
        each.collect::<String>()
    };
    let not_in_zip = match args.exclude.is_empty() {
        true => String::new(),
        false => format!(" -x{}", words(&args.exclude)),
    };
    let newer = |option: &'static str| if args.keep_newer { option } else { "" };
    format!(
        r#"# unpack {shown}
LC_ALL=C; export LC_ALL
d=$(mktemp -d) || exit 1; trap 'rm -rf "$d"' EXIT; trap 'exit 1' HUP INT PIPE TERM
dest=$(readlink -f {dest}) && [ -d "$dest" ] || exit {NO_FOLDER}
{fetch}
case $(od -An -tx1 -N4 "$a" | tr -d ' \n') in
504b0304|504b0506) h=ZipArchive;; 1f8b*) h=TgzArchive; z=-z;; 425a68*) h=TarBzipArchive; z=-j;;
fd377a58) h=TarXzArchive; z=-J;; 28b52ffd) h=TarZstdArchive; z=--zstd;; *) h=TarArchive; z=;; esac
list() {{ if [ $h = ZipArchive ]; then unzip -Z1 "$a" 2>/dev/null || unzip -l "$a" | sed -n 's/^ *[0-9][0-9]* *[0-9][0-9]*-[0-9-]* *[0-9:]* *//p'; else tar $z -tf "$a"; fi; }}
unpack() {{
  if [ $h = ZipArchive ]; then unzip -o -q{zip_newer}{extra} "$a"{include}{not_in_zip} -d "$1"; c=$?; [ $c -le 1 ] || return $c
  else tar $z -xf "$a" -C "$1"{tar_newer}{extra}{not_in_tar}{include}; fi
}}
"#,
        shown = archive.shown(args),
        dest = path(&args.dest),
        fetch = archive.fetch(args),
        zip_newer = newer(" -u"),
        tar_newer = newer(" --keep-newer-files"),
        not_in_tar = excluded("--exclude="),
        include = words(&args.include),
        extra = words(&args.extra_opts),
    )
}

/// Compares, and ends there where something would be written outside of the folder. Writes the kind, the
/// names in the archive, nothing, and how each of them stands in the folder; each ends with a zero byte.
pub(super) fn look(args: &Args, archive: &Archive) -> String {
    // Both programs leave alone what is newer than theirs, or as old.
    let kept = match args.keep_newer {
        true => r#"[ ! "$f" -nt "$t" ] || "#,
        false => "",
    };
    let mode = match args.keeps_mode() {
        true => r#" && [ "$(stat -c %a "$f")" = "$(stat -c %a "$t")" ]"#,
        false => "",
    };
    let each = format!(
        r#"dest=$1; outside=$2; shift 2
for f; do t=$dest/${{f#./}}
  case "$(readlink -f "${{t%/*}}" || echo "$t")/" in "${{dest%/}}"/*) ;; *) echo "$t" >>"$outside"; continue;; esac
  if [ -L "$f" ]; then if [ -L "$t" ] && [ "$(readlink "$f")" = "$(readlink "$t")" ]; then m=o; else m=x; fi
  elif [ -d "$f" ]; then if [ -d "$t" ]; then m=o; else m=x; fi
  elif [ ! -e "$t" ]; then m=x
  elif {kept}{{ cmp -s "$f" "$t"{mode}; }}; then m=o; else m=x; fi
  printf '%s%s\0' "$m" "$t"
done"#
    );
    format!(
        r#"{prepared}list >"$d/names" 2>"$d/said" || {{ cat "$d/said" >&2; exit {NO_ARCHIVE}; }}
if grep -m 1 -E '(^|/)\.\.(/|$)' "$d/names" >&2; then exit {OUTSIDE}; fi
printf '%s\0' "$h"; tr '\n' '\0' <"$d/names"; printf '\0'
mkdir "$d/x" && unpack "$d/x" >&2 || exit {NO_ARCHIVE}
(cd "$d/x" && find . -mindepth 1 -exec /bin/sh -c {each} sh "$dest" "$d/outside" {{}} +) || exit 1
if [ -e "$d/outside" ]; then head -n 1 "$d/outside" >&2; exit {OUTSIDE}; fi
"#,
        prepared = prepared(args, archive),
        each = quote(&each),
    )
}

/// Compares once more, for the folder may have been changed since, and unpacks it where it belongs.
pub(super) fn change(args: &Args, archive: &Archive) -> String {
    format!(
        "{}unpack \"$dest\" >&2 || exit {NOT_UNPACKED}\n",
        look(args, archive)
    )
}

/// What is in an archive, and how that stands in the folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    /// As Ansible calls what unpacks it.
    pub(super) handler: String,
    /// As the archive has them.
    pub(super) names: Vec<String>,
    /// Where each of them goes, and whether it is not there as the archive has it.
    pub(super) files: Vec<(String, bool)>,
}

/// What [`look`] or [`change`] wrote.
pub(super) fn read(args: &Args, executed: &Executed) -> Result<Content, Failure> {
    let said = text(&executed.stderr);
    match executed.status {
        Some(0) => {}
        Some(NO_FOLDER) => return Err(unfit(format!("dest '{}' must be an existing dir", args.dest))),
        Some(NO_SOURCE) => {
            let message = format!("Source '{}' does not exist", args.src);
            return Err(unfit(message).seen_all(said.lines()));
        }
        Some(NO_CURL) => return Err(no_curl()),
        Some(NOT_FETCHED) => {
            let (first, rest) = said.split_once('\n').unwrap_or((&said, ""));
            let message = format!("Failure downloading {}: {}", args.src, complaint(first));
            return Err(unfit(message).seen_all(rest.lines()));
        }
        Some(NOT_UNPACKED) => {
            let message = format!("failed to unpack {} to {}", args.src, args.dest);
            return Err(Failure::new(FailureKind::Task, message).seen_all(said.lines()));
        }
        Some(OUTSIDE) => {
            // Whatever unpacks it may have complained before.
            let name = said.lines().next_back().unwrap_or_default();
            let message = format!("{name} would be written outside of the folder; nothing was unpacked");
            return Err(unfit(message));
        }
        Some(NO_ARCHIVE) => {
            let message = format!("Failed to find handler for \"{}\"", args.src);
            return Err(unfit(message)
                .seen_all(said.lines())
                .hint("it is no archive, or the host has not the program that unpacks it"));
        }
        _ => {
            let failure = Failure::new(
                FailureKind::Task,
                "the host's shell could not look at the archive",
            );
            return Err(failure.seen_all(said.lines()));
        }
    }
    let written = String::from_utf8_lossy(&executed.stdout);
    let mut fields = written.split_terminator('\0');
    let mut content = Content {
        handler: fields.next().unwrap_or_default().to_owned(),
        ..Content::default()
    };
    let names = fields.by_ref().take_while(|name| !name.is_empty());
    content.names = names.map(str::to_owned).collect();
    for field in fields {
        let (how, path) = field.split_at_checked(1).unwrap_or_default();
        content.files.push((path.to_owned(), how == "x"));
    }
    Ok(content)
}
