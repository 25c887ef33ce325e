//! What real Ansible does, beside what cutover does.
//!
//! `tests/ansible/cases` holds small playbooks, one test each, and what ansible-playbook made of
//! them (`.expected`, written by `tests/ansible/record.py`; Ansible itself is not needed here).
//! cutover runs each in the same circumstances and has to end with the same exit code and print
//! the same lines. `tests/ansible/README.md` says how a case is written and what is evened out.

#[path = "ansible/case.rs"]
mod case;
#[path = "ansible/ours.rs"]
mod ours;
#[path = "ansible/text.rs"]
mod text;
#[path = "ansible/verdict.rs"]
mod verdict;

datatest_stable::harness! {
    { test = verdict::judge, root = "../tests/ansible/cases", pattern = r"^[^/]+/[^/]+\.yml$" },
}
