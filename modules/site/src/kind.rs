//! How a program wants to be called, by its own text.

/// What a file says of cutover's own protocol.
const PROTOCOL: &str = "cutover: protocol=1";

/// A way to call a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `PROGRAM VERB`, JSON on standard input.
    Protocol,
    /// `PROGRAM FILE`, with JSON in the file.
    Json,
    /// `PROGRAM FILE`, with `key=value` words in the file.
    Pairs,
    /// `PROGRAM`, with JSON where this mark stands in its text.
    Inside,
    /// It cannot run by itself; why, and what to do, after its path.
    Foreign(&'static str),
}

/// Where Ansible puts the arguments into a program.
pub(crate) const INSIDE: &str = "<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>";

impl Kind {
    pub(crate) fn of(program: &[u8], ending: &str) -> Self {
        let Ok(text) = std::str::from_utf8(program) else {
            return Self::Json;
        };
        let python = ["AnsibleModule(", "ansible.module_utils", "ansible_collections."];
        if text.lines().take(20).any(|line| line.contains(PROTOCOL)) {
            Self::Protocol
        } else if python.iter().any(|mark| text.contains(mark)) {
            Self::Foreign(
                "is a Python plugin for Ansible: it needs Ansible's own libraries. Write a program that takes JSON \
                 (`WANT_JSON`), or use a module of cutover or `command` instead",
            )
        } else if ending == "ps1"
            || text.contains("#AnsibleRequires")
            || text.contains("#Requires -Module Ansible")
        {
            Self::Foreign(
                "is a PowerShell plugin for Ansible; use `win_powershell` or a module of cutover instead",
            )
        } else if text.contains(INSIDE) {
            Self::Inside
        } else if text.contains("WANT_JSON") {
            Self::Json
        } else {
            Self::Pairs
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_says_how_it_wants_to_be_called() {
        let table: [(&[u8], Kind); 6] = [
            (b"#!/bin/sh\n# cutover: protocol=1\n", Kind::Protocol),
            (b"#!/bin/sh\n# WANT_JSON\n", Kind::Json),
            (b"\x7fELF\xff\xfe", Kind::Json),
            (b"#!/bin/sh\n. $1\n", Kind::Pairs),
            (
                b"#!/usr/bin/perl\nmy $j = '<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>';\n",
                Kind::Inside,
            ),
            (b"#!/usr/bin/python\n# WANT_JSON of old\n", Kind::Json),
        ];
        for (program, kind) in table {
            assert_eq!(Kind::of(program, ""), kind);
        }
        let python = b"#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n";
        assert!(matches!(Kind::of(python, "py"), Kind::Foreign(_)));
        assert!(matches!(
            Kind::of(b"#Requires -Module Ansible", "ps1"),
            Kind::Foreign(_)
        ));
    }
}
