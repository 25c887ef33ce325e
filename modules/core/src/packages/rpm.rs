//! `dnf` and `yum`, over `rpm`.

use globset::Glob;

use super::order::{Order, State};
use super::{Found, Manager, Seen, Verb};
use crate::process::quote;

/// What `rpm` cannot be asked about: groups, and files that are yet to be read.
fn is_beyond(package: &str) -> bool {
    package.starts_with('@') || package.contains("://") || package.ends_with(".rpm")
}

fn is_pattern(package: &str) -> bool {
    package.contains(['*', '?', '['])
}

pub(super) fn question(manager: Manager, order: &Order) -> String {
    let mut script = String::new();
    for (at, package) in order.packages.iter().enumerate() {
        let name = quote(package);
        let asked = match package {
            beyond if is_beyond(beyond) => continue,
            pattern if is_pattern(pattern) => format!("[ -n \"$(rpm -qa {name})\" ]"),
            _ => format!(
                "rpm -q --quiet {name} 2>/dev/null || rpm -q --quiet --whatprovides {name} 2>/dev/null"
            ),
        };
        script.push_str(&format!("if {asked}; then echo \"there {at}\"; fi\n"));
    }
    if order.state == State::Latest {
        let names: String = order
            .packages
            .iter()
            .filter(|package| !is_beyond(package))
            .map(|package| format!(" {}", quote(package)))
            .collect();
        let program = manager.program();
        let options = options(&order.options);
        // 100: there is something newer. Without a name it is asked about all.
        if !names.is_empty() || order.everything {
            script.push_str(&format!(
                "out=$({program} -q{options} check-update{names} 2>&1); rc=$?\n\
                 case $rc in 0) ;; 100) printf '%s\\n' \"$out\" | sed -n 's/^\\([^ ][^ ]*\\.[^ .]*\\)\\( .*\\)\\{{0,1\\}}$/newer \\1/p' ;; \
                 *) printf '%s\\n' \"$out\" >&2; exit 1 ;; esac\n"
            ));
        }
    }
    script
}

pub(super) fn read(order: &Order, said: &str) -> Found {
    let of = |mark: &str| -> Vec<&str> { said.lines().filter_map(|line| line.strip_prefix(mark)).collect() };
    let (there, newer) = (of("there "), of("newer "));
    let seen = |(at, package): (usize, &String)| {
        let is_there = there.iter().any(|number| number.parse() == Ok(at));
        Seen {
            there: is_there,
            // What is in a group or a file the manager finds out by itself.
            installed: is_there || is_beyond(package) && order.state == State::Absent,
            newer: newer.iter().any(|it| is_of(package, it)),
            known: true,
        }
    };
    Found {
        seen: order.packages.iter().enumerate().map(seen).collect(),
        pending: match order.clears && order.packages.is_empty() && !order.everything {
            // Only the manager itself can tell; it says so where there is none.
            true => 1,
            false => newer.len(),
        },
        lists: None,
    }
}

/// Whether `listed`, a name with its kind of processor behind it, is what the task names.
fn is_of(package: &str, listed: &str) -> bool {
    let name = listed.rsplit_once('.').map_or(listed, |(name, _)| name);
    let glob = Glob::new(package).map(|glob| glob.compile_matcher());
    package == name || package == listed || glob.is_ok_and(|glob| glob.is_match(name))
}

pub(super) fn line(manager: Manager, order: &Order, verb: Verb, packages: &[&str]) -> String {
    let program = manager.program();
    if verb == Verb::Lists {
        return format!("{program} -q clean expire-cache && {program} -q makecache");
    }
    let packages: String = packages.iter().map(|it| format!(" {}", quote(it))).collect();
    let (options, installing) = (options(&order.options), options(&order.installing));
    let told = match verb {
        Verb::Remove if order.clears => "autoremove".to_owned(),
        Verb::Remove => "remove".to_owned(),
        Verb::Clear => "autoremove".to_owned(),
        Verb::Upgrade => format!("upgrade{installing}"),
        Verb::Install | Verb::Lists => format!("install{installing}"),
    };
    format!("LC_ALL=C {program} -y{options} {told}{packages}")
}

fn options(words: &[String]) -> String {
    words.iter().map(|word| format!(" {}", quote(word))).collect()
}
