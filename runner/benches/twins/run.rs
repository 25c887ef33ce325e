//! The same with the whole of cutover: an ordinary run whose inventory names
//! the twins' ports.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::common::measure::{Cost, cost};
use crate::estate::{PASSWORD, Twin, USER};
use crate::visit::COMMAND;

/// Runs `commands` on each twin; `folder` is the home of the run's user.
pub(crate) fn run(cutover: &Path, twins: &[Twin], folder: &Path, commands: usize) -> Result<Cost> {
    let (inventory, playbook) = (folder.join("inventory.yml"), folder.join("playbook.yml"));
    fs::write(&inventory, hosts(twins))?;
    fs::write(&playbook, play(commands))?;
    let mut command = Command::new(cutover);
    command.arg("run").arg(playbook).arg("-i").arg(inventory);
    command.args(["-f", &twins.len().to_string()]);
    command.env("HOME", folder);
    command.env("CUTOVER_STATE", folder.join("state"));
    cost(&command, &folder.join("said"))
}

fn hosts(twins: &[Twin]) -> String {
    let mut text = format!(
        "all:\n  vars: {{platform: vos, product: finesse, ansible_host: 127.0.0.1, ansible_user: {USER}, \
         ansible_password: {PASSWORD}, timing: fast}}\n  hosts:\n"
    );
    for twin in twins {
        let _ = writeln!(text, "    {}: {{ansible_port: {}}}", twin.name, twin.port);
    }
    text
}

fn play(commands: usize) -> String {
    let task = format!("    - vos_command: {{command: {COMMAND}}}\n");
    format!(
        "- hosts: all\n  gather_facts: false\n  tasks:\n{}",
        task.repeat(commands)
    )
}
