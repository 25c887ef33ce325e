//! Forms that Ansible has given up or will give up.

use crate::diagnose::Diagnostic;
use crate::playbook::{Action, Task};
use crate::template::names;
use crate::yaml::Node;

/// `with_...` that `loop` does as well, and how.
const LOOPS: [(&str, &str); 5] = [
    (
        "items",
        "write `loop`; it does not flatten: `| flatten(levels=1)` where that is meant",
    ),
    ("list", "write `loop`"),
    ("dict", "write `loop: \"{{ the_mapping | dict2items }}\"`"),
    ("flattened", "write `loop: \"{{ the_list | flatten }}\"`"),
    (
        "indexed_items",
        "write `loop` with `loop_control: {index_var: NAME}`",
    ),
];

/// Facts that people take by their injected names.
const FACTS: [&str; 34] = [
    "all_ipv4_addresses",
    "architecture",
    "date_time",
    "default_ipv4",
    "default_ipv6",
    "devices",
    "distribution",
    "distribution_file_variety",
    "distribution_major_version",
    "distribution_release",
    "distribution_version",
    "domain",
    "env",
    "fqdn",
    "hostname",
    "interfaces",
    "kernel",
    "lsb",
    "machine",
    "memory_mb",
    "memtotal_mb",
    "mounts",
    "nodename",
    "os_family",
    "pkg_mgr",
    "processor_vcpus",
    "selinux",
    "service_mgr",
    "swaptotal_mb",
    "system",
    "user_dir",
    "user_id",
    "virtualization_role",
    "virtualization_type",
];

pub(super) fn check(task: &Task, found: &mut Vec<Diagnostic>) {
    if let Some(lookup) = task.looping.as_ref().and_then(|looping| looping.lookup.as_ref())
        && let Some((name, help)) = LOOPS.iter().find(|(name, _)| *name == lookup.value)
    {
        let message = format!("`with_{name}` is the old form of `loop`");
        found.push(Diagnostic::warning("old-loop", &lookup.place, message).help(*help));
    }
    let it = &task.directives;
    let conditions = it.when.iter().chain(&task.changed_when).chain(&task.failed_when);
    for condition in conditions.filter(|condition| condition.is_template()) {
        found.push(
            Diagnostic::warning(
                "braces-in-condition",
                &condition.place,
                "a condition is an expression already, and takes no braces",
            )
            .help("leave out `{{` and `}}`"),
        );
    }
    for (node, bare) in texts(task) {
        facts(node, bare, found);
    }
}

/// Every node of a task that may hold templates; whether its texts are expressions.
fn texts(task: &Task) -> Vec<(&Node, bool)> {
    let it = &task.directives;
    let conditions = it.when.iter().chain(&task.changed_when).chain(&task.failed_when);
    let until = task.until.iter().flat_map(|until| &until.conditions);
    let mut texts: Vec<_> = conditions.chain(until).map(|node| (node, true)).collect();
    texts.extend(task.looping.iter().map(|looping| (&looping.items, false)));
    texts.extend(it.vars.iter().map(|entry| (&entry.value, false)));
    match &task.action {
        Action::Module(call) => texts.push((&call.args, false)),
        Action::Template { args, .. } => texts.push((args, false)),
        Action::Inclusion(_) | Action::Meta(_) => {}
    }
    texts
}

fn facts(node: &Node, bare: bool, found: &mut Vec<Diagnostic>) {
    // A text that is no template is told by the check.
    for used in names(node, bare).unwrap_or_default().variables {
        let fact = used.name.strip_prefix("ansible_").unwrap_or_default();
        if FACTS.contains(&fact) {
            let message = format!(
                "`{}` is the injected name of a fact, which Ansible gives up",
                used.name
            );
            found.push(
                Diagnostic::warning("injected-fact", &used.place, message)
                    .help(format!("write `ansible_facts['{fact}']`")),
            );
        }
    }
}
