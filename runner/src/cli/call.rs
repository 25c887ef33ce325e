//! `cutover do`.

use std::sync::Arc;

use serde_json::Value as Json;

use super::fault::Fault;
use super::options::RunArgs;
use super::start::{self, Session, Setting, View};
use crate::clock::RealClock;
use crate::exit::Exit;
use crate::policy::Policy;

/// The name under which the playbook of one call is read and recorded.
const PLAYBOOK: &str = "cutover do";

/// Call one module on hosts, without a playbook
///
/// The call is a play of one task, under every guarantee that a playbook has: checks before, turns, the journal,
/// secrets, exit codes. `cutover do finesse vos_service 'name=tomcat state=restarted' -i INVENTORY`; without a
/// module it is `command`: `cutover do web -a uptime`.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The hosts: names, groups, globs, `all`, `!` to leave out, `&` to narrow.
    pattern: String,

    /// The module.
    #[arg(default_value = "command", conflicts_with = "module_name")]
    module: String,

    /// Its arguments as one word: `k=v k2=v2`, JSON, or the free text that some modules take.
    #[arg(conflicts_with = "arguments")]
    args: Option<String>,

    /// The module, as Ansible's ad hoc command takes it.
    #[arg(short, long, value_name = "MODULE")]
    module_name: Option<String>,

    /// Its arguments, as Ansible's ad hoc command takes them.
    #[arg(short, long = "args", value_name = "ARGS", allow_hyphen_values = true)]
    arguments: Option<String>,

    /// Each result on one line.
    #[arg(short, long)]
    one_line: bool,

    /// Run it in the background on the hosts, for at most so many seconds.
    #[arg(short = 'B', long, value_name = "SECONDS")]
    background: Option<u64>,

    /// Seconds between two looks at a background job; 0 does not look.
    #[arg(short = 'P', long, value_name = "SECONDS", requires = "background")]
    poll: Option<u64>,

    #[command(flatten)]
    run: RunArgs,
}

pub(super) fn run(args: &Args) -> Result<Exit, Fault> {
    let session = Session::of_text(&args.run, "do", PLAYBOOK, args.playbook())?;
    let setting = Setting {
        policy: Policy::default(),
        state: start::state()?,
    };
    let view = View::Call {
        one_line: args.one_line,
    };
    let clock = Arc::new(RealClock::system());
    let run = start::play(&args.run.show, view, session, setting, clock);
    start::block_on(run).map_err(|fault| args.explained(fault))
}

impl Args {
    /// Somebody who leaves out the module means a command.
    fn explained(&self, fault: Fault) -> Fault {
        let alone = self.module_name.is_none() && self.arguments.is_none() && self.args.is_none();
        if !(alone && fault.is("unknown-module")) {
            return fault;
        }
        fault.hint(format!(
            "to run it as a command: `cutover do {} -a {}`",
            shell_words::quote(&self.pattern),
            shell_words::quote(&self.module)
        ))
    }

    /// The playbook that this call is.
    fn playbook(&self) -> String {
        let module = self.module_name.as_ref().unwrap_or(&self.module);
        let arguments = self.arguments.as_ref().or(self.args.as_ref());
        let arguments = arguments.map_or(Json::Null, |text| understood(text.trim()));
        let mut lines = vec![
            format!("- name: {PLAYBOOK}"),
            format!("  hosts: {}", Json::from(self.pattern.as_str())),
            "  gather_facts: false".into(),
            "  tasks:".into(),
            format!("    - {}: {arguments}", key(module)),
        ];
        lines.extend(self.background.map(|seconds| format!("      async: {seconds}")));
        lines.extend(self.poll.map(|seconds| format!("      poll: {seconds}")));
        lines.join("\n") + "\n"
    }
}

/// Arguments: a mapping where they are JSON of one; all else is text, also where it begins with a
/// brace as templates and groups of a shell do.
fn understood(text: &str) -> Json {
    match serde_json::from_str(text) {
        Ok(mapping @ Json::Object(_)) => mapping,
        _ if text.is_empty() => Json::Null,
        _ => text.into(),
    }
}

/// A word as a key of YAML: as it is, where that is plain.
fn key(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if word.starts_with(|c: char| c.is_ascii_alphabetic()) && word.chars().all(plain) {
        word.to_owned()
    } else {
        Json::from(word).to_string()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_json_of_a_mapping_is_a_mapping() {
        let table = [
            ("", Json::Null),
            (r#"{"name": "x", "state": 1}"#, json!({"name": "x", "state": 1})),
            ("{{ cmd }}", json!("{{ cmd }}")),
            ("{ date; uptime; }", json!("{ date; uptime; }")),
            ("[1]", json!("[1]")),
            ("name=x", json!("name=x")),
        ];
        for (text, meant) in table {
            assert_eq!(understood(text), meant);
        }
    }
}
