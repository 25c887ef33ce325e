//! Every kind of finding, by its code.

/// One kind of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its code, which stays the same from release to release.
    pub code: &'static str,
    /// What it finds.
    pub finds: &'static str,
}

const fn rule(code: &'static str, finds: &'static str) -> Rule {
    Rule { code, finds }
}

/// Every kind of finding, sorted by code.
pub const RULES: &[Rule] = &[
    rule(
        "arguments",
        "arguments that are neither a mapping nor `k=v`, or that do not fit together",
    ),
    rule("async", "leaving a task to itself where that cannot be"),
    rule(
        "become",
        "becoming another user where that cannot be: on a device, or by a method that is not there",
    ),
    rule(
        "block",
        "a block that is none: no tasks in it, or a keyword that blocks do not take",
    ),
    rule(
        "braces-in-condition",
        "braces in a condition, which is an expression already",
    ),
    rule(
        "condition-type",
        "a condition that is neither true nor false but text, a number or a list",
    ),
    rule(
        "disruptive-without-gate",
        "a task that takes a node out of service, and no gate after it",
    ),
    rule("duplicate-key", "a key that stands twice in one mapping"),
    rule("duplicate-phase", "two phases of one name in a play"),
    rule("empty-include", "a file of tasks that holds none"),
    rule("endless-dependency", "a role that depends on itself"),
    rule("endless-import", "a file that imports itself"),
    rule(
        "filter-name",
        "a filter of the site called like one that is there already",
    ),
    rule("group-cycle", "a group that is its own child"),
    rule(
        "group-name",
        "a group's name with other signs than letters, digits and `_`",
    ),
    rule("handler", "a handler that cannot be one"),
    rule("host-range", "a range of hosts that cannot be counted"),
    rule("hosts", "a play without hosts"),
    rule(
        "import-loop",
        "a loop on an import, which is read before anything loops",
    ),
    rule("inclusion", "an inclusion that cannot be one"),
    rule(
        "injected-fact",
        "a fact taken by its injected name instead of `ansible_facts`",
    ),
    rule("inventory", "an inventory that is none"),
    rule("inventory-script", "an inventory program that fails"),
    rule("literal-secret", "a secret that everybody can read in the file"),
    rule("locked", "a host that another run works on"),
    rule("loop", "a loop variable whose name is in use"),
    rule("missing-argument", "an argument that a module needs"),
    rule("module-twice", "a module that two other roles have"),
    rule(
        "never-runs",
        "a task with the tag `never` that no other tag can ask for",
    ),
    rule("no-hosts", "hosts and limit that leave nobody"),
    rule("no-module", "a task that does nothing"),
    rule("no-such-file", "a file that is named and not there"),
    rule("no-such-host", "a pattern that matches no host and no group"),
    rule("no-such-tag", "a tag asked for that no task has"),
    rule("no-such-task", "a task to start at that no play has"),
    rule("not-known-early", "a name that must be known before any host is"),
    rule("not-yet", "something that is not supported yet"),
    rule("old-loop", "`with_...` where `loop` does"),
    rule("outside-role", "a file outside the role that names it"),
    rule("pattern", "a pattern of hosts that is none"),
    rule("phase", "a phase that is none"),
    rule("play", "a play that is none"),
    rule("playbook", "a playbook that is none"),
    rule(
        "product",
        "a product or another of cutover's variables with a value it cannot have",
    ),
    rule("prompt", "a question to the user that is none"),
    rule("role", "a role that is none"),
    rule("same-name", "a group and a host of one name"),
    rule(
        "serial-with-phases",
        "`serial` on a play with phases, which go in turn already",
    ),
    rule("state", "a state folder that cannot be used"),
    rule(
        "template-unknown",
        "a filter, test, lookup or function that is not there",
    ),
    rule("two-loops", "a task with two loops"),
    rule("two-modules", "a task with two modules"),
    rule("two-users", "a play with `user` and `remote_user`"),
    rule("undefined-group", "a group that is used and not defined"),
    rule("undefined-variable", "a variable that nothing sets"),
    rule("unknown-argument", "an argument that a module does not have"),
    rule("unknown-handler", "a handler that is notified and not there"),
    rule("unknown-keyword", "a keyword that does not exist there"),
    rule("unknown-module", "a module that does not exist"),
    rule("unknown-role", "a role that is not there"),
    rule(
        "unnamed-task",
        "a command without a name that says what it is for",
    ),
    rule("unreadable", "a file that cannot be read"),
    rule(
        "unusable-module",
        "a module of the site's own that cannot be used",
    ),
    rule("variable-name", "a variable whose name cannot be one"),
    rule("variables", "variables that are no mapping"),
    rule("vault", "something encrypted that cannot be opened"),
    rule("wrong-type", "a value of another kind than is wanted"),
    rule("yaml-alias", "a YAML alias that leads nowhere or too far"),
    rule("yaml-documents", "more than one YAML document in a file"),
    rule("yaml-key", "a YAML key that is no plain text"),
    rule("yaml-merge", "a YAML merge of something that is no mapping"),
    rule("yaml-syntax", "text that is no YAML"),
    rule("yaml-tag", "a YAML tag that means nothing here"),
    rule("yaml-too-deep", "YAML that is nested too deep"),
    rule("yaml-too-large", "YAML that is too large"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_sorted_and_stand_once() {
        assert!(RULES.is_sorted_by(|a, b| a.code < b.code));
    }
}
