//! What the host runs: kernel, distribution, package manager, service manager.

use serde_json::{Map, Value as Json, json};

use super::identity::object;
use super::sections::Sections;

/// By `ID` of `os-release`: the name that Ansible has for it, and its family.
const DISTRIBUTIONS: &[(&str, &str, &str)] = &[
    ("debian", "Debian", "Debian"),
    ("ubuntu", "Ubuntu", "Debian"),
    ("raspbian", "Debian", "Debian"),
    ("linuxmint", "Linux Mint", "Debian"),
    ("pop", "Pop!_OS", "Debian"),
    ("kali", "Kali", "Debian"),
    ("rhel", "RedHat", "RedHat"),
    ("centos", "CentOS", "RedHat"),
    ("rocky", "Rocky", "RedHat"),
    ("almalinux", "AlmaLinux", "RedHat"),
    ("fedora", "Fedora", "RedHat"),
    ("ol", "OracleLinux", "RedHat"),
    ("amzn", "Amazon", "RedHat"),
    ("scientific", "Scientific", "RedHat"),
    ("sles", "SLES", "Suse"),
    ("sled", "SLED", "Suse"),
    ("sles_sap", "SLES_SAP", "Suse"),
    ("opensuse-leap", "openSUSE Leap", "Suse"),
    ("opensuse-tumbleweed", "openSUSE Tumbleweed", "Suse"),
    ("alpine", "Alpine", "Alpine"),
    ("arch", "Archlinux", "Archlinux"),
    ("manjaro", "Manjaro", "Archlinux"),
    ("gentoo", "Gentoo", "Gentoo"),
    ("flatcar", "Flatcar", "Flatcar"),
    ("photon", "VMware Photon OS", "RedHat"),
];

/// Facts about the system as a whole.
pub(super) fn facts(sections: &Sections<'_>) -> Map<String, Json> {
    let mut facts = platform(sections);
    let distribution = distribution(sections);
    let family = distribution.family.clone();
    facts.extend(distribution.facts());
    facts.extend(python(sections));
    let rest = json!({
        "lsb": lsb(sections),
        "service_mgr": service_manager(sections),
        "pkg_mgr": package_manager(sections, &family),
        "dns": dns(sections),
        "cmdline": command_line(sections, false),
        "proc_cmdline": command_line(sections, true),
        "fips": sections.line("fips") == Some("1"),
        "selinux": selinux(sections),
        "apparmor": {"status": sections.line("apparmor").unwrap_or("disabled")},
    });
    facts.extend(object(rest));
    facts
}

fn platform(sections: &Sections<'_>) -> Map<String, Json> {
    let uname = |at: usize| sections.nth("uname", at).unwrap_or_default();
    let nodename = uname(1);
    let fqdn = sections.line("fqdn").unwrap_or(nodename);
    let domain = fqdn.split_once('.').map_or("", |(_, domain)| domain);
    let machine = uname(4);
    let bits = sections
        .line("bits")
        .unwrap_or(if machine.contains("64") { "64" } else { "32" });
    let architecture = match machine {
        "i386" | "i486" | "i586" | "i686" => "i386",
        other => other,
    };
    let userspace = match (architecture, bits) {
        ("x86_64", "32") => "i386",
        (other, _) => other,
    };
    object(json!({
        "system": uname(0),
        "nodename": nodename,
        "hostname": nodename.split('.').next(),
        "fqdn": fqdn,
        "domain": domain,
        "kernel": uname(2),
        "kernel_version": uname(3),
        "machine": machine,
        "architecture": architecture,
        "userspace_bits": bits,
        "userspace_architecture": userspace,
        "machine_id": sections.line("machine_id"),
    }))
}

struct Distribution {
    name: String,
    family: String,
    version: String,
    release: String,
    variety: &'static str,
}

fn distribution(sections: &Sections<'_>) -> Distribution {
    let os = |key: &str| sections.value("os_release", '=', key);
    let system = sections.nth("uname", 0).unwrap_or("NA");
    let id = os("ID").unwrap_or_default();
    let (name, family) = match DISTRIBUTIONS.iter().find(|(known, ..)| *known == id) {
        Some((_, name, family)) => ((*name).to_owned(), (*family).to_owned()),
        None => {
            let name = os("NAME").unwrap_or(system).to_owned();
            (
                name.clone(),
                by_likeness(os("ID_LIKE").unwrap_or_default()).map_or(name, str::to_owned),
            )
        }
    };
    let version = match name.as_str() {
        "Debian" => sections
            .line("debian_version")
            .filter(|version| version.starts_with(|c: char| c.is_ascii_digit())),
        "CentOS" => sections.line("redhat_release").and_then(first_version),
        "Alpine" => sections.line("alpine_release"),
        _ => None,
    };
    let release = os("VERSION_CODENAME").or_else(|| in_brackets(os("VERSION")?));
    Distribution {
        version: version.or_else(|| os("VERSION_ID")).unwrap_or("NA").to_owned(),
        release: release.unwrap_or("NA").to_owned(),
        variety: match family.as_str() {
            "Debian" => "Debian",
            "RedHat" => "RedHat",
            "Suse" => "SUSE",
            "Alpine" => "Alpine",
            _ => "NA",
        },
        name,
        family,
    }
}

impl Distribution {
    fn facts(self) -> Map<String, Json> {
        let mut parts = self.version.split('.');
        let (major, minor) = (parts.next().unwrap_or_default(), parts.next());
        let mut facts = object(json!({
            "distribution": self.name,
            "distribution_version": self.version,
            "distribution_major_version": major,
            "distribution_release": self.release,
            "os_family": self.family,
            "distribution_file_parsed": true,
            "distribution_file_path": if self.variety == "RedHat" { "/etc/redhat-release" } else { "/etc/os-release" },
            "distribution_file_variety": self.variety,
        }));
        if let Some(minor) = minor {
            facts.insert("distribution_minor_version".into(), minor.into());
        }
        facts
    }
}

fn by_likeness(like: &str) -> Option<&'static str> {
    let words = like.split_whitespace();
    let family = |word: &str| {
        let word = if word == "suse" { "sles" } else { word };
        DISTRIBUTIONS.iter().find(|(id, ..)| *id == word)
    };
    words.filter_map(family).map(|(_, _, family)| *family).next()
}

/// `7.9.2009` in `CentOS Linux release 7.9.2009 (Core)`, as `7.9`.
fn first_version(text: &str) -> Option<&str> {
    let word = text
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let end = word.match_indices('.').nth(1).map_or(word.len(), |(at, _)| at);
    Some(&word[..end])
}

fn in_brackets(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('(')?;
    rest.split_once(')').map(|(inside, _)| inside)
}

fn lsb(sections: &Sections<'_>) -> Json {
    let said = |key: &str| sections.value("lsb", ':', key);
    let kept = |key: &str| sections.value("lsb_file", '=', key);
    let members = [
        ("id", said("Distributor ID").or_else(|| kept("DISTRIB_ID"))),
        ("release", said("Release").or_else(|| kept("DISTRIB_RELEASE"))),
        (
            "description",
            said("Description").or_else(|| kept("DISTRIB_DESCRIPTION")),
        ),
        ("codename", said("Codename").or_else(|| kept("DISTRIB_CODENAME"))),
    ];
    let mut lsb: Map<String, Json> = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.into())))
        .collect();
    if let Some(release) = lsb.get("release").and_then(Json::as_str) {
        let major = release.split('.').next().unwrap_or_default().to_owned();
        lsb.insert("major_release".into(), major.into());
    }
    lsb.into()
}

fn service_manager(sections: &Sections<'_>) -> String {
    let init = sections.line("init").unwrap_or("init");
    let known = match init {
        "systemd" | "runit" | "process_api" => Some(init),
        "runit-init" => Some("runit"),
        "svscan" => Some("svc"),
        "openrc-init" => Some("openrc"),
        "procd" => Some("openwrt_init"),
        // A shell, or an init of many kinds: look further.
        "init" | "sh" | "bash" | "dash" | "busybox" | "tini" | "sleep" => None,
        other => Some(other),
    };
    let hint = sections.line("init_hints");
    known.or(hint).unwrap_or("service").to_owned()
}

fn package_manager(sections: &Sections<'_>, family: &str) -> String {
    let there: Vec<&str> = sections
        .lines("package_managers")
        .iter()
        .filter_map(|path| path.rsplit('/').next())
        .collect();
    let name = |program: &str| {
        match program {
            "apt-get" => "apt",
            "emerge" => "portage",
            "pkg" => "pkgng",
            "brew" => "homebrew",
            "dnf-3" => "dnf",
            _ => return program.to_owned(),
        }
        .to_owned()
    };
    let own: &[&str] = match family {
        "Debian" => &["apt-get"],
        "RedHat" => &["dnf-3", "dnf", "dnf5", "yum"],
        "Suse" => &["zypper"],
        "Alpine" => &["apk"],
        "Archlinux" => &["pacman"],
        _ => &[],
    };
    let own = own.iter().find(|program| there.contains(program));
    own.or(there.first())
        .map_or_else(|| "unknown".to_owned(), |program| name(program))
}

fn dns(sections: &Sections<'_>) -> Json {
    let mut dns = Map::new();
    for line in sections.lines("resolv") {
        let mut words = line.split_whitespace();
        let Some(word) = words.next().filter(|word| !word.starts_with(['#', ';'])) else {
            continue;
        };
        let rest: Vec<&str> = words.collect();
        match word {
            "nameserver" => {
                let list = dns.entry("nameservers").or_insert_with(|| json!([]));
                if let Some(list) = list.as_array_mut() {
                    list.extend(rest.into_iter().map(Json::from));
                }
            }
            "domain" => drop(dns.insert("domain".into(), rest.first().copied().into())),
            "search" => drop(dns.insert("search".into(), rest.into())),
            "options" => drop(dns.insert("options".into(), options(&rest))),
            _ => {}
        }
    }
    dns.into()
}

fn options(words: &[&str]) -> Json {
    let option = |word: &&str| match word.split_once(':') {
        Some((name, value)) => (name.to_owned(), value.into()),
        None => ((*word).to_owned(), true.into()),
    };
    words.iter().map(option).collect::<Map<_, _>>().into()
}

/// Words given more than once are a list, where that is asked for; else the last one counts.
fn command_line(sections: &Sections<'_>, all: bool) -> Json {
    let mut found = Map::new();
    for word in sections.line("cmdline").unwrap_or_default().split_whitespace() {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Json::from(value)),
            None => (word, true.into()),
        };
        match found.get_mut(name) {
            Some(Json::Array(list)) if all => list.push(value),
            Some(before) if all => *before = json!([before.take(), value]),
            _ => drop(found.insert(name.to_owned(), value)),
        }
    }
    found.into()
}

fn selinux(sections: &Sections<'_>) -> Json {
    let Some(mode) = sections.nth("selinux", 0) else {
        return json!({"status": "disabled"});
    };
    json!({
        "status": "enabled",
        "mode": mode.to_lowercase(),
        "config_mode": sections.nth("selinux", 1),
        "type": sections.nth("selinux", 2),
    })
}

fn python(sections: &Sections<'_>) -> Map<String, Json> {
    let Some(executable) = sections.nth("python", 0) else {
        return Map::new();
    };
    let parts: Vec<&str> = sections.nth("python", 1).unwrap_or_default().split(' ').collect();
    let number = |at: usize| parts.get(at).and_then(|part| part.parse::<u64>().ok());
    let level = parts.get(3).copied().unwrap_or_default();
    let version: Vec<String> = (0..3).filter_map(number).map(|part| part.to_string()).collect();
    object(json!({
        "python_version": version.join("."),
        "python": {
            "executable": executable,
            "type": sections.nth("python", 2),
            "version": {
                "major": number(0), "minor": number(1), "micro": number(2), "releaselevel": level, "serial": number(4),
            },
            "version_info": [number(0), number(1), number(2), level, number(4)],
            "has_sslcontext": true,
        },
    }))
}
