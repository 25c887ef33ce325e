//! From a program and its arguments to one command on the host.

use cutover_kit::secret::Origin;
use cutover_kit::{Reach, Secret, Value};
use openssl::base64::encode_block;
use serde_json::{Map, Value as Json};

use crate::SiteModule;
use crate::kind::{INSIDE, Kind};
use crate::protocol::Verb;

/// A command, and what it reads.
pub(crate) struct Parcel {
    pub(crate) script: String,
    pub(crate) stdin: Secret,
}

/// Puts program and arguments into a folder that only the account can enter,
/// runs the one on the other, and removes both whatever happens. The first line
/// of the input is the arguments, the rest the program, both in base 64. Where it
/// cannot even begin it answers in the program's stead, so that no exit code of a
/// program is taken for its own.
const SCRIPT: &str = r#"umask 077
no() { printf '{"failed": true, "msg": "%s"}\n' "$1"; exit 1; }
d=$(mktemp -d "${TMPDIR:-/tmp}/cutover.XXXXXXXXXX") || no 'no temporary folder could be made on the host'
trap 'rm -rf "$d"' EXIT
trap 'exit 129' HUP INT TERM
if command -v base64 >/dev/null 2>&1; then b() { base64 -d; }; else b() { openssl base64 -d -A; }; fi
IFS= read -r a
printf %s "$a" | b > "$d/arguments" || no 'neither base64 nor openssl decodes on the host'
tr -d '\n' | b > "$d/module" || no 'neither base64 nor openssl decodes on the host'
chmod 700 "$d/module"
"#;

/// What takes `verb` of a module to a host.
pub(crate) fn parcel<A>(module: &SiteModule, verb: Verb, input: &Json, reach: &Reach<A>) -> Parcel {
    let run = match module.kind {
        Kind::Protocol => format!("\"$d/module\" {} < \"$d/arguments\"\n", verb.word()),
        Kind::Inside => "\"$d/module\" < /dev/null\n".to_owned(),
        Kind::Json | Kind::Pairs | Kind::Foreign(_) => {
            "\"$d/module\" \"$d/arguments\" < /dev/null\n".to_owned()
        }
    };
    let arguments = match module.kind {
        Kind::Protocol => {
            let mut whole = input.as_object().cloned().unwrap_or_default();
            whole.insert("host".into(), reach.host().name.clone().into());
            Json::Object(whole).to_string()
        }
        Kind::Pairs => pairs(&input["arguments"]),
        _ => ansible(&input["arguments"]).to_string(),
    };
    let program = prepared(module, &arguments);
    let input = format!(
        "{}\n{}\n",
        encode_block(arguments.as_bytes()),
        encode_block(&program)
    );
    Parcel {
        script: format!("# {} {}\n{SCRIPT}{run}", module.name, verb.word()),
        stdin: Secret::new(input, Origin::Argument),
    }
}

/// The arguments with what Ansible adds to them.
fn ansible(arguments: &Json) -> Json {
    let mut all: Map<String, Json> = arguments.as_object().cloned().unwrap_or_default();
    let added = [
        ("_ansible_check_mode", Json::from(false)),
        ("_ansible_diff", Json::from(false)),
        ("_ansible_no_log", Json::from(false)),
        ("_ansible_verbosity", Json::from(0)),
        ("_ansible_version", Json::from("2.19.0")),
    ];
    for (name, value) in added {
        all.insert(name.into(), value);
    }
    all.into()
}

/// `key=value` words, quoted for a shell, as old programs read them.
fn pairs(arguments: &Json) -> String {
    let words = arguments.as_object().into_iter().flatten().map(|(name, value)| {
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Bool(true) => "True".to_owned(),
            Json::Bool(false) => "False".to_owned(),
            other => other.to_string(),
        };
        format!("{name}='{}'", text.replace('\'', "'\"'\"'"))
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The program, ready to run: an interpreter that hardly any host still has is
/// replaced, and arguments stand where the program wants them in its text.
fn prepared(module: &SiteModule, arguments: &str) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(&module.program) else {
        return module.program.clone();
    };
    let text = match text.strip_prefix("#!/usr/bin/python\n") {
        Some(rest) => format!("#!/usr/bin/env python3\n{rest}"),
        None => text.to_owned(),
    };
    match module.kind {
        Kind::Inside => text.replace(INSIDE, arguments).into_bytes(),
        _ => text.into_bytes(),
    }
}

/// The arguments as the program gets them: secrets in clear.
pub(crate) fn revealed(args: &Value) -> Json {
    match args.reveal() {
        Json::Null => Json::Object(Map::new()),
        other => other,
    }
}
