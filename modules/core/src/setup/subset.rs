//! `gather_subset`: which facts are wanted.

use cutover_kit::{Failure, FailureKind};

/// Facts that are looked for together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Group {
    Min,
    Hardware,
    Network,
    Virtual,
}

/// A word of `gather_subset`: what it stands for.
struct Word {
    name: &'static str,
    group: Group,
    /// What the names of its facts begin with; a whole group where empty.
    facts: &'static [&'static str],
}

const fn word(name: &'static str, group: Group, facts: &'static [&'static str]) -> Word {
    Word { name, group, facts }
}

/// The words Ansible has that name something found here.
const WORDS: &[Word] = &[
    word("min", Group::Min, &[]),
    word("hardware", Group::Hardware, &[]),
    word("network", Group::Network, &[]),
    word("virtual", Group::Virtual, &[]),
    word("apparmor", Group::Min, &["apparmor"]),
    word("cmdline", Group::Min, &["cmdline", "proc_cmdline"]),
    word("date_time", Group::Min, &["date_time"]),
    word("distribution", Group::Min, &["distribution", "os_family"]),
    word("dns", Group::Min, &["dns"]),
    word("env", Group::Min, &["env"]),
    word("fips", Group::Min, &["fips"]),
    word("local", Group::Min, &["local"]),
    word("lsb", Group::Min, &["lsb"]),
    word("pkg_mgr", Group::Min, &["pkg_mgr"]),
    word(
        "platform",
        Group::Min,
        &[
            "system",
            "kernel",
            "machine",
            "fqdn",
            "hostname",
            "nodename",
            "domain",
            "architecture",
            "userspace",
        ],
    ),
    word("python", Group::Min, &["python"]),
    word("selinux", Group::Min, &["selinux"]),
    word("service_mgr", Group::Min, &["service_mgr"]),
    word("ssh_pub_keys", Group::Min, &["ssh_host_key"]),
    word("user", Group::Min, &["user_", "real_", "effective_"]),
    word("interfaces", Group::Network, &[]),
    word("default_ipv4", Group::Network, &["default_ipv4"]),
    word("default_ipv6", Group::Network, &["default_ipv6"]),
    word("all_ipv4_addresses", Group::Network, &["all_ipv4_addresses"]),
    word("all_ipv6_addresses", Group::Network, &["all_ipv6_addresses"]),
    word("mounts", Group::Hardware, &["mounts"]),
    word("memory", Group::Hardware, &["mem", "swap"]),
    word("processor", Group::Hardware, &["processor"]),
    word("processor_count", Group::Hardware, &["processor_count"]),
    word("virtualization_type", Group::Virtual, &["virtualization_type"]),
    word("virtualization_role", Group::Virtual, &["virtualization_role"]),
];

/// Words that are understood and name nothing that is found here.
const NOTHING: &[&str] = &[
    "facter",
    "ohai",
    "caps",
    "chroot",
    "devices",
    "fibre_channel_wwn",
    "iscsi",
    "nvme",
];

/// What is wanted.
#[derive(Debug)]
pub(super) struct Wanted {
    words: Vec<String>,
    groups: Vec<Group>,
    /// What the names of wanted facts begin with, beside those of whole groups.
    single: Vec<&'static str>,
    whole: Vec<Group>,
}

impl Wanted {
    /// What the words mean, in Ansible's way: `min` is in unless it is taken out, `all` where nothing else is asked for.
    pub(super) fn of(words: &[String]) -> Result<Self, Failure> {
        let all = [Group::Min, Group::Hardware, Group::Network, Group::Virtual];
        let (mut asked, mut without) = (Vec::new(), Vec::new());
        for word in words {
            match word.strip_prefix('!') {
                Some("all") => without.extend(["hardware", "network", "virtual"]),
                Some(name) => without.push(known(name)?),
                None => asked.push(known(word)?),
            }
        }
        let everything =
            asked.contains(&"all") || (asked.is_empty() && !words.iter().any(|word| word == "!all"));
        let mut whole: Vec<Group> = if everything {
            all.to_vec()
        } else {
            vec![Group::Min]
        };
        let mut single = Vec::new();
        for it in WORDS.iter().filter(|it| asked.contains(&it.name)) {
            match it.facts {
                [] => whole.push(it.group),
                facts => single.extend(facts),
            }
        }
        let left_out = |group: Group| {
            WORDS
                .iter()
                .any(|it| it.group == group && it.facts.is_empty() && without.contains(&it.name))
        };
        let named = |group: Group| {
            WORDS
                .iter()
                .any(|it| it.group == group && it.facts.is_empty() && asked.contains(&it.name))
        };
        whole.retain(|group| !left_out(*group) || named(*group));
        let single_groups = WORDS
            .iter()
            .filter(|it| asked.contains(&it.name))
            .map(|it| it.group);
        Ok(Self {
            words: if words.is_empty() {
                vec!["all".into()]
            } else {
                words.to_vec()
            },
            groups: whole.iter().copied().chain(single_groups).collect(),
            single,
            whole,
        })
    }

    /// Whether anything of a group is wanted.
    pub(super) fn has(&self, group: Group) -> bool {
        self.groups.contains(&group)
    }

    /// Whether a fact of a group is wanted.
    pub(super) fn keeps(&self, group: Group, fact: &str) -> bool {
        self.whole.contains(&group) || self.single.iter().any(|start| fact.starts_with(start))
    }

    /// As it was written.
    pub(super) fn written(&self) -> Vec<String> {
        self.words.clone()
    }
}

fn known(name: &str) -> Result<&'static str, Failure> {
    if name == "all" {
        return Ok("all");
    }
    let word = WORDS.iter().map(|it| it.name).chain(NOTHING.iter().copied());
    word.into_iter().find(|known| *known == name).ok_or_else(|| {
        let names: Vec<&str> = WORDS.iter().map(|it| it.name).collect();
        let message = format!(
            "Bad subset '{name}' given to Ansible. gather_subset options allowed: all, {}",
            names.join(", ")
        );
        Failure::new(FailureKind::Arguments, message)
    })
}
