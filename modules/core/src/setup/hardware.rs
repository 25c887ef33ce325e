//! Memory, processors, file systems; and whether the machine is one at all.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::identity::object;
use super::sections::Sections;

/// Facts about the machine.
pub(super) fn facts(sections: &Sections<'_>) -> Map<String, Json> {
    let mut facts = memory(sections);
    facts.extend(processors(sections));
    facts.insert("mounts".into(), mounts(sections));
    let uptime = sections
        .line("uptime")
        .and_then(|text| text.split('.').next()?.parse::<u64>().ok());
    facts.insert("uptime_seconds".into(), uptime.into());
    let load: Vec<f64> = sections
        .line("loadavg")
        .unwrap_or_default()
        .split(' ')
        .filter_map(|word| word.parse().ok())
        .collect();
    if let [one, five, fifteen, ..] = load[..] {
        facts.insert("loadavg".into(), json!({"1m": one, "5m": five, "15m": fifteen}));
    }
    for line in sections.lines("dmi") {
        if let Some((name, value)) = line.split_once('|') {
            let value = if value.trim().is_empty() {
                "NA"
            } else {
                value.trim()
            };
            facts.insert(dmi_fact(name).into(), value.into());
        }
    }
    facts
}

/// The kernel's name for it, and Ansible's.
fn dmi_fact(name: &str) -> &str {
    match name {
        "sys_vendor" => "system_vendor",
        other => other,
    }
}

fn memory(sections: &Sections<'_>) -> Map<String, Json> {
    let megabytes = |key: &str| {
        let text = sections.value("meminfo", ':', key)?;
        text.split_whitespace()
            .next()?
            .parse::<i64>()
            .ok()
            .map(|kilobytes| kilobytes / 1024)
    };
    let (Some(total), Some(free)) = (megabytes("MemTotal"), megabytes("MemFree")) else {
        return Map::new();
    };
    let cached = megabytes("Cached").unwrap_or(0) + megabytes("Buffers").unwrap_or(0);
    let (swap, swap_free) = (
        megabytes("SwapTotal").unwrap_or(0),
        megabytes("SwapFree").unwrap_or(0),
    );
    object(json!({
        "memtotal_mb": total,
        "memfree_mb": free,
        "swaptotal_mb": swap,
        "swapfree_mb": swap_free,
        "memory_mb": {
            "real": {"total": total, "used": total - free, "free": free},
            "nocache": {"free": free + cached, "used": total - free - cached},
            "swap": {
                "total": swap, "free": swap_free, "used": swap - swap_free, "cached": megabytes("SwapCached").unwrap_or(0),
            },
        },
    }))
}

/// The kernel lists each thread; sockets are told apart by their `physical id`.
fn processors(sections: &Sections<'_>) -> Map<String, Json> {
    let (mut list, mut sockets) = (Vec::new(), BTreeSet::new());
    let (mut cores, mut siblings, mut seen) = (1_u64, 1_u64, 0_u64);
    for line in sections.lines("cpuinfo") {
        let Some((key, value)) = line.split_once(':') else {
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        match key {
            "processor" => {
                seen += 1;
                list.push(value);
            }
            "vendor_id" | "model name" | "Model" | "Processor" => list.push(value),
            "physical id" => drop(sockets.insert(value)),
            "cpu cores" => cores = value.parse().unwrap_or(1),
            "siblings" => siblings = value.parse().unwrap_or(1),
            _ => {}
        }
    }
    let count = if sockets.is_empty() {
        seen.max(1)
    } else {
        sockets.len() as u64
    };
    let threads = (siblings / cores.max(1)).max(1);
    let online = sections.line("nproc").and_then(|text| text.parse::<u64>().ok());
    object(json!({
        "processor": list,
        "processor_count": count,
        "processor_cores": cores,
        "processor_threads_per_core": threads,
        "processor_vcpus": count * cores * threads,
        "processor_nproc": online.unwrap_or(seen),
    }))
}

fn mounts(sections: &Sections<'_>) -> Json {
    let uuids = sections.lines("uuids");
    let mounts = sections.lines("mounts").iter();
    mounts
        .filter_map(|line| mount(line, uuids))
        .collect::<Vec<_>>()
        .into()
}

/// One line: what the kernel says of the mount, then `stat -f`.
fn mount(line: &str, uuids: &[&str]) -> Option<Json> {
    let fields: Vec<&str> = line.split('|').collect();
    let [device, mount, kind, options, dump, pass, sizes] = fields[..] else {
        return None;
    };
    if kind == "none" {
        return None;
    }
    let device = unescaped(device);
    let uuid = uuids.iter().filter_map(|line| line.split_once('|'));
    let uuid = uuid
        .filter(|(known, _)| *known == device)
        .map(|(_, uuid)| uuid)
        .next();
    let mut about = object(json!({
        "device": device,
        "mount": unescaped(mount),
        "fstype": kind,
        "options": options,
        "dump": dump.parse::<u64>().unwrap_or(0),
        "passno": pass.parse::<u64>().unwrap_or(0),
        "uuid": uuid.unwrap_or("N/A"),
    }));
    let sizes: Vec<u64> = sizes.split(' ').filter_map(|size| size.parse().ok()).collect();
    if let [block, blocks, free, available, inodes, inodes_free] = sizes[..] {
        about.extend(object(json!({
            "size_total": block * blocks,
            "size_available": block * available,
            "block_size": block,
            "block_total": blocks,
            "block_available": available,
            "block_used": blocks.saturating_sub(available.min(free)),
            "inode_total": inodes,
            "inode_available": inodes_free,
            "inode_used": inodes.saturating_sub(inodes_free),
        })));
    }
    Some(about.into())
}

/// The kernel writes blanks as `\040` and the like.
fn unescaped(text: &str) -> String {
    text.replace("\\040", " ")
        .replace("\\011", "\t")
        .replace("\\134", "\\")
}

/// What the machine is when it is none.
pub(super) fn virtualization(sections: &Sections<'_>) -> Map<String, Json> {
    let container = sections
        .lines("container")
        .iter()
        .map(|line| line.trim())
        .find_map(|word| match word {
            "docker" => Some("docker"),
            "podman" | "libpod" | "oci" => Some("podman"),
            "lxc" | "lxc-libvirt" => Some("lxc"),
            "kubepods" => Some("container"),
            "systemd-nspawn" => Some("container"),
            _ => None,
        });
    let is = |name: &str| sections.value("machine", '|', name).unwrap_or_default();
    let (product, vendor) = (is("product_name"), is("sys_vendor"));
    let machine = match (product, vendor) {
        _ if is("xen") == "yes" => Some("xen"),
        ("KVM" | "KVM Server" | "Bochs" | "AHV", _) => Some("kvm"),
        ("RHEV Hypervisor", _) => Some("RHEV"),
        ("VirtualBox", _) => Some("virtualbox"),
        ("OpenStack Compute" | "OpenStack Nova", _) => Some("openstack"),
        ("VMware Virtual Platform" | "VMware7,1" | "VMware20,1", _) | (_, "VMware, Inc.") => Some("VMware"),
        ("Virtual Machine", "Microsoft Corporation") => Some("VirtualPC"),
        (_, "QEMU" | "Amazon EC2" | "DigitalOcean" | "Hetzner" | "Google" | "oVirt") => Some("kvm"),
        _ if is("qemu_cpu") == "yes" => Some("kvm"),
        _ => None,
    };
    let hosts_kvm = is("kvm_host") == "yes";
    let kind = container.or(machine);
    let general = container.map(|_| "container");
    let guests: Vec<&str> = [general, container, machine].into_iter().flatten().collect();
    let (kind, role) = match (kind, hosts_kvm) {
        (Some(kind), _) => (kind, "guest"),
        (None, true) => ("kvm", "host"),
        (None, false) => ("NA", "NA"),
    };
    object(json!({
        "virtualization_type": kind,
        "virtualization_role": role,
        "virtualization_tech_guest": guests,
        "virtualization_tech_host": if is("kvm_device") == "yes" { vec!["kvm"] } else { Vec::new() },
    }))
}
