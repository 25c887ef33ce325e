//! Who runs the course, and how each is told to.
//!
//! Each gets what makes it fast: Ansible pipelining and connections that last,
//! pyinfra no waiting between operations. All check host keys.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use crate::course::Course;
use crate::peers::Peers;

/// One way through the course.
pub(crate) struct Contestant {
    /// Its name, with its version where that is not this repository's.
    pub(crate) name: String,
    /// The word that chooses it.
    pub(crate) word: &'static str,
    /// What is run.
    pub(crate) command: Command,
}

impl Contestant {
    /// Whether it is this repository's, or the yardstick.
    pub(crate) fn is_ours(&self) -> bool {
        ["bare", "reach", "cutover"].contains(&self.word)
    }
}

/// All of them; the first is the yardstick.
pub(crate) fn all(course: &Course, folder: &Path, cutover: &Path, peers: &Peers) -> Result<Vec<Contestant>> {
    let table = Table {
        course,
        folder,
        cutover,
    };
    let course_file = folder.join("course.json");
    fs::write(&course_file, serde_json::to_vec(course)?)?;
    let inventory = table.write("inventory.yml", &inventory(course, peers))?;
    let mut all = vec![
        ours("bare", "bare ssh2 loop", &course_file)?,
        ours("reach", "cutover-reach loop", &course_file)?,
    ];
    for strategy in ["free", "linear"] {
        let playbook = table.write(&format!("{strategy}.yml"), &playbook(course, strategy))?;
        all.push(table.cutover(strategy, &inventory, &playbook));
        // In its default strategy only: a round takes it minutes.
        if let (Some(version), "linear") = (&peers.ansible, strategy) {
            all.push(table.ansible(version, strategy, &inventory, &playbook, peers));
        }
    }
    if let Some(version) = &peers.pyinfra {
        all.push(table.pyinfra(version, peers)?);
    }
    all.push(table.control_master()?);
    Ok(all)
}

/// This binary itself, in another role.
fn ours(word: &'static str, name: &str, course: &Path) -> Result<Contestant> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(word).arg(course);
    Ok(Contestant {
        name: name.to_owned(),
        word,
        command,
    })
}

/// The course with the folder where everybody's files are.
struct Table<'a> {
    course: &'a Course,
    folder: &'a Path,
    cutover: &'a Path,
}

impl Table<'_> {
    fn write(&self, name: &str, text: &str) -> Result<PathBuf> {
        let file = self.folder.join(name);
        fs::write(&file, text)?;
        Ok(file)
    }

    fn width(&self) -> String {
        self.course.width.to_string()
    }

    fn cutover(&self, strategy: &str, inventory: &Path, playbook: &Path) -> Contestant {
        let mut command = Command::new(self.cutover);
        command.arg("run").arg(playbook).arg("-i").arg(inventory);
        command.args(["-f", &self.width()]);
        // It reads the known_hosts of OpenSSH's user.
        command.env("HOME", self.folder);
        command.env("CUTOVER_STATE", self.folder.join("state"));
        Contestant {
            name: format!("cutover ({strategy})"),
            word: "cutover",
            command,
        }
    }

    fn ansible(
        &self,
        version: &str,
        strategy: &str,
        inventory: &Path,
        playbook: &Path,
        peers: &Peers,
    ) -> Contestant {
        let mut command = Command::new(peers.program("ansible-playbook"));
        command
            .arg("-i")
            .arg(inventory)
            .args(["-f", &self.width()])
            .arg(playbook);
        command.env("ANSIBLE_HOME", self.folder.join("ansible"));
        command.env("ANSIBLE_LOCAL_TEMP", self.folder.join("ansible/tmp"));
        command.env("ANSIBLE_SSH_CONTROL_PATH_DIR", self.folder.join("cp"));
        command.env("ANSIBLE_PIPELINING", "true");
        command.env("ANSIBLE_SSH_ARGS", "-o ControlMaster=auto -o ControlPersist=60s");
        let known_hosts = self.course.known_hosts.display();
        let common = format!("-F none -o UserKnownHostsFile={known_hosts} -o StrictHostKeyChecking=yes");
        command.env("ANSIBLE_SSH_COMMON_ARGS", common);
        command.env("LC_ALL", "C.UTF-8");
        Contestant {
            name: format!("ansible-core {version} ({strategy})"),
            word: "ansible",
            command,
        }
    }

    fn pyinfra(&self, version: &str, peers: &Peers) -> Result<Contestant> {
        let inventory = self.write("inventory.py", &self.pyinfra_inventory())?;
        let deploy = self.write("deploy.py", &self.pyinfra_deploy())?;
        let mut command = Command::new(peers.program("pyinfra"));
        command.args(["-y", "--no-wait", "--parallel", &self.width()]);
        command.arg(inventory).arg(deploy).current_dir(self.folder);
        Ok(Contestant {
            name: format!("pyinfra {version}"),
            word: "pyinfra",
            command,
        })
    }

    fn pyinfra_inventory(&self) -> String {
        let course = self.course;
        let mut text = String::from("fleet = [\n");
        for host in course.hosts() {
            let _ = writeln!(
                text,
                "    ({:?}, {{'ssh_hostname': {:?}}}),",
                host.name, host.address
            );
        }
        let _ = write!(
            text,
            "]\nfleet = (fleet, {{'ssh_user': {:?}, 'ssh_port': {}, 'ssh_key': {:?}, \
             'ssh_known_hosts_file': {:?}, 'ssh_strict_host_key_checking': 'yes'}})\n",
            course.user, course.port, course.key, course.known_hosts,
        );
        text
    }

    fn pyinfra_deploy(&self) -> String {
        let operation = "server.shell(commands=['true'])\n";
        format!(
            "from pyinfra.operations import server\n\n{}",
            operation.repeat(self.course.commands)
        )
    }

    /// What a shell script does: a lasting connection, a command at a time, goodbye.
    fn control_master(&self) -> Result<Contestant> {
        let course = self.course;
        let config = format!(
            "Host *\n  User {}\n  Port {}\n  IdentityFile {}\n  UserKnownHostsFile {}\n  \
             StrictHostKeyChecking yes\n  ControlMaster auto\n  ControlPersist 60\n  ControlPath {}/cm-%h\n",
            course.user,
            course.port,
            course.key.display(),
            course.known_hosts.display(),
            self.folder.display(),
        );
        let config = self.write("ssh_config", &config)?;
        let addresses: String = course
            .hosts()
            .iter()
            .map(|host| format!("{}\n", host.address))
            .collect();
        let addresses = self.write("addresses", &addresses)?;
        let visit = format!(
            "for i in $(seq {}); do ssh -F {config} \"$0\" true || exit 255; done; ssh -F {config} -O exit \"$0\"",
            course.commands,
            config = config.display(),
        );
        let mut command = Command::new("xargs");
        command.arg("-a").arg(addresses);
        command.args(["-P", &self.width(), "-n", "1", "sh", "-c", &visit]);
        Ok(Contestant {
            name: "ssh with ControlMaster".into(),
            word: "ssh",
            command,
        })
    }
}

/// For both cutover and Ansible.
fn inventory(course: &Course, peers: &Peers) -> String {
    let mut text = format!(
        "all:\n  vars:\n    ansible_user: {}\n    ansible_port: {}\n    ansible_ssh_private_key_file: {}\n    \
         ansible_python_interpreter: {}\n  hosts:\n",
        course.user,
        course.port,
        course.key.display(),
        peers.program("python").display(),
    );
    for host in course.hosts() {
        let _ = writeln!(text, "    {}: {{ansible_host: {}}}", host.name, host.address);
    }
    text
}

fn playbook(course: &Course, strategy: &str) -> String {
    let task = "    - command: \"true\"\n";
    format!(
        "- hosts: all\n  strategy: {strategy}\n  gather_facts: false\n  tasks:\n{}",
        task.repeat(course.commands)
    )
}
