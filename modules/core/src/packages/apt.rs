//! `apt-get` and what stands below it.

use std::collections::BTreeMap;

use cutover_kit::Failure;
use globset::Glob;

use super::order::{Order, State};
use super::{Found, Seen, Verb};
use crate::process::quote;
use crate::steps::misfit;

/// Where `apt` notes that it has read its lists; a host without the first has the second.
const STAMPS: &str = "/var/lib/apt/periodic/update-success-stamp /var/lib/apt/lists";

/// A package as `apt-get` takes it: `name`, `name:arch`, `name=version`, `name/release`.
fn parts(package: &str) -> (&str, Option<&str>) {
    match package.split_once('=') {
        Some((name, version)) => (name.trim(), Some(version.trim())),
        None => (package.split('/').next().unwrap_or(package), None),
    }
}

/// Refuses what `apt-get` would understand otherwise than it is meant.
pub(super) fn check(order: &Order) -> Result<(), Failure> {
    let odd = |package: &&String| parts(package).0.contains(['<', '>', '!', '*', '?', ' ']);
    match order.packages.iter().find(odd) {
        None => Ok(()),
        Some(odd) => Err(misfit(format!("name: `{odd}` names no single package"))
            .hint("write `name`, `name=version` or `name/release`; a version may have `*` in it")),
    }
}

pub(super) fn question(order: &Order) -> String {
    let mut script =
        format!("for t in {STAMPS}; do [ -e $t ] && {{ echo \"lists $(stat -c %Y $t)\"; break; }}; done\n");
    if !order.packages.is_empty() {
        let names: Vec<String> = order.packages.iter().map(|it| quote(parts(it).0)).collect();
        let each: String = names.iter().map(|name| format!(" -e {name}")).collect();
        let names = names.join(" ");
        script.push_str(&format!(
            "apt-cache policy -- {names} 2>/dev/null\n\
             dpkg-query -W -f '${{db:Status-Status}}, ${{Provides}}\\n' 2>/dev/null | grep '^installed,' | tr ',' '\\n' \
             | sed 's/^ *//; s/ (.*//' | grep -Fx{each} | sort -u | sed 's/^/provided /'\n"
        ));
    }
    let simulated = match order.upgrade {
        _ if order.upgrades() => Some((order.upgrade.unwrap_or("upgrade"), "Inst")),
        _ if order.clears && order.packages.is_empty() => Some(("autoremove", "Remv")),
        _ => None,
    };
    if let Some((verb, mark)) = simulated {
        script.push_str(&format!(
            "echo \"pending $(apt-get -s {verb} 2>/dev/null | grep -c '^{mark} ')\"\n"
        ));
    }
    script
}

/// What `apt-cache policy` says of one package.
#[derive(Debug, Default)]
struct Policy {
    installed: Option<String>,
    candidate: Option<String>,
}

pub(super) fn read(order: &Order, said: &str) -> Found {
    let mut found = Found::default();
    let mut policies: BTreeMap<&str, Policy> = BTreeMap::new();
    let mut provided = Vec::new();
    let mut about = "";
    for line in said.lines() {
        let version = |text: &str| Some(text.trim().to_owned()).filter(|text| text != "(none)");
        if let Some(number) = line.strip_prefix("lists ") {
            found.lists = number.trim().parse().ok();
        } else if let Some(number) = line.strip_prefix("pending ") {
            found.pending = number.trim().parse().unwrap_or(0);
        } else if let Some(name) = line.strip_prefix("provided ") {
            provided.push(name);
        } else if let Some(installed) = line.strip_prefix("  Installed: ") {
            policies.entry(about).or_default().installed = version(installed);
        } else if let Some(candidate) = line.strip_prefix("  Candidate: ") {
            policies.entry(about).or_default().candidate = version(candidate);
        } else if !line.starts_with(' ')
            && let Some(name) = line.strip_suffix(':')
        {
            about = name;
            policies.entry(about).or_default();
        }
    }
    let seen = |package: &String| {
        let (name, version) = parts(package);
        // The host's own kind of processor is not named in the answer.
        let bare = name.split(':').next().unwrap_or(name);
        let policy = policies.get(name).or_else(|| policies.get(bare));
        let is_provided = provided.contains(&name);
        let installed = policy.and_then(|it| it.installed.as_deref());
        let fits = |now: &str| version.is_none_or(|wanted| matches(wanted, now));
        let candidate = policy.and_then(|it| it.candidate.as_deref());
        Seen {
            there: installed.is_some_and(fits) || version.is_none() && is_provided,
            installed: installed.is_some(),
            newer: version.is_none()
                && installed.is_some()
                && candidate.is_some_and(|it| Some(it) != installed),
            known: policy.is_some() || is_provided,
        }
    };
    found.seen = order.packages.iter().map(seen).collect();
    found
}

/// Whether a version is the one that is asked for, which may have `*` in it.
fn matches(wanted: &str, now: &str) -> bool {
    let glob = Glob::new(wanted).map(|glob| glob.compile_matcher());
    wanted == now || glob.is_ok_and(|glob| glob.is_match(now))
}

pub(super) fn line(order: &Order, verb: Verb, packages: &[&str]) -> String {
    let quoted =
        |words: &[String]| -> String { words.iter().map(|word| format!(" {}", quote(word))).collect() };
    let options = quoted(&order.apt) + &quoted(&order.options);
    let installing = quoted(&order.installing);
    let purge = if order.purges { " --purge" } else { "" };
    let clear = if order.clears { " --auto-remove" } else { "" };
    let only = if order.only_there { " --only-upgrade" } else { "" };
    let told = match verb {
        Verb::Lists => " update".to_owned(),
        Verb::Install => format!("{installing}{clear}{only} install --"),
        Verb::Upgrade if packages.is_empty() => {
            format!("{installing}{clear} {}", order.upgrade.unwrap_or("upgrade"))
        }
        Verb::Upgrade => format!("{installing}{clear} --only-upgrade install --"),
        Verb::Remove => format!("{purge}{clear} remove --"),
        Verb::Clear => format!("{purge} autoremove"),
    };
    let packages: String = packages.iter().map(|it| named(order, it)).collect();
    format!("DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical apt-get -y -q{options}{told}{packages}")
}

/// A package on a command line; a version does not matter to what is removed.
fn named(order: &Order, package: &str) -> String {
    let word = match (order.state, parts(package)) {
        (State::Absent, (name, _)) => name.to_owned(),
        (_, (name, Some(version))) => format!("{name}={version}"),
        _ => package.to_owned(),
    };
    format!(" {}", quote(&word))
}
