//! From what is there to what is wanted.

use std::collections::BTreeSet;

use cutover_kit::Secret;
use cutover_kit::secret::Origin;

use super::{Account, Args, Update};
use crate::group::Presence;
use crate::process::quote;
use crate::steps::Step;

const PATH: &str = "PATH=$PATH:/usr/sbin:/sbin; ";
const DAY: f64 = 86_400.0;

/// What is to be done, in this order.
pub(super) fn steps(args: &Args, now: Option<&Account>) -> Vec<Step> {
    match (args.state, now) {
        (Presence::Absent, None) => Vec::new(),
        (Presence::Absent, Some(_)) => vec![remove(args)],
        (Presence::Present, None) => add(args),
        (Presence::Present, Some(now)) => change(args, now),
    }
}

fn step(args: &Args, verb: &str, line: &str) -> Step {
    Step::new(format!("{verb} account {}", args.name), format!("{PATH}{line}"))
}

fn remove(args: &Args) -> Step {
    let force = if args.force { " -f" } else { "" };
    let home = if args.remove { " -r" } else { "" };
    step(
        args,
        "remove",
        &format!("userdel{force}{home} {}", quote(&args.name)),
    )
}

fn add(args: &Args) -> Vec<Step> {
    let mut line = String::from("useradd");
    let mut option = |flag: &str, value: Option<&str>| {
        if let Some(value) = value {
            line.push_str(&format!(" {flag} {}", quote(value)));
        }
    };
    let uid = args.uid.map(|uid| uid.to_string());
    let groups = args
        .groups
        .as_ref()
        .filter(|groups| !groups.is_empty())
        .map(|groups| groups.join(","));
    let expires = args.expires.map(date);
    option("-u", uid.as_deref());
    option("-g", args.group.as_deref());
    option("-G", groups.as_deref());
    option("-c", args.comment.as_deref());
    option("-d", args.home.as_deref());
    option("-s", args.shell.as_deref());
    option("-k", args.skeleton.as_deref());
    option("-e", expires.as_deref());
    line.push_str(if args.create_home.unwrap_or(true) {
        " -m"
    } else {
        " -M"
    });
    if args.system {
        line.push_str(" -r");
    }
    if args.non_unique {
        line.push_str(" -o");
    }
    line.push_str(&format!(" {}", quote(&args.name)));
    let mut steps = vec![step(args, "add", &line)];
    steps.extend(args.password.as_ref().map(|hash| password(args, hash)));
    if args.password_lock == Some(true) {
        steps.push(step(args, "lock", &format!("usermod -L {}", quote(&args.name))));
    }
    steps
}

fn change(args: &Args, now: &Account) -> Vec<Step> {
    let mut line = String::new();
    let (mut before, mut after) = (String::new(), String::new());
    let mut differ = |flag: &str, name: &str, was: &str, wanted: &str| {
        line.push_str(&format!(" {flag} {}", quote(wanted)));
        before.push_str(&format!("{name}: {was}\n"));
        after.push_str(&format!("{name}: {wanted}\n"));
    };
    if let Some(uid) = args.uid.filter(|uid| *uid != now.uid) {
        differ("-u", "uid", &now.uid.to_string(), &uid.to_string());
    }
    if let Some(group) = &args.group
        && *group != now.group
        && *group != now.gid.to_string()
    {
        differ("-g", "group", &now.group, group);
    }
    if let Some(groups) = groups(args, now) {
        differ("-G", "groups", &now.groups.join(","), &groups);
    }
    let texts = [
        ("-c", "comment", &args.comment, &now.comment),
        ("-d", "home", &args.home, &now.home),
        ("-s", "shell", &args.shell, &now.shell),
    ];
    for (flag, name, wanted, was) in texts {
        if let Some(wanted) = wanted
            && wanted != was
        {
            differ(flag, name, was, wanted);
        }
    }
    if let Some(expires) = args.expires {
        let day = (expires >= 0.0).then_some((expires / DAY) as i64);
        if day != now.expires.filter(|day| *day >= 0) {
            let was = now.expires.map(|day| date(day as f64 * DAY)).unwrap_or_default();
            differ("-e", "expires", &was, &date(expires));
        }
    }
    let mut steps = Vec::new();
    if !line.is_empty() {
        if args.move_home && args.home.as_ref().is_some_and(|home| *home != now.home) {
            line.push_str(" -m");
        }
        if args.non_unique && args.uid.is_some() {
            line.push_str(" -o");
        }
        let line = format!("usermod{line} {}", quote(&args.name));
        steps.push(step(args, "change", &line).showing(&args.name, &before, &after));
    }
    steps.extend(locks(args, now));
    steps
}

/// The groups it is to have, where it has others.
fn groups(args: &Args, now: &Account) -> Option<String> {
    let wanted = args.groups.as_ref()?;
    let mut wanted: BTreeSet<&str> = wanted
        .iter()
        .map(String::as_str)
        .filter(|it| !it.is_empty())
        .collect();
    wanted.remove(now.group.as_str());
    let has: BTreeSet<&str> = now.groups.iter().map(String::as_str).collect();
    if args.append {
        if wanted.is_subset(&has) {
            return None;
        }
        wanted.extend(&has);
    }
    (wanted != has).then(|| wanted.into_iter().collect::<Vec<_>>().join(","))
}

/// Password and lock: a locked password stands behind a `!`, which setting one takes away.
fn locks(args: &Args, now: &Account) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut has = now.password.as_ref().map(Secret::expose).unwrap_or_default();
    if let Some(hash) = &args.password
        && args.update_password == Update::Always
        && has.trim_start_matches('!') != hash.expose().trim_start_matches('!')
    {
        steps.push(password(args, hash));
        has = hash.expose();
    }
    let name = quote(&args.name);
    match args.password_lock {
        Some(true) if !has.starts_with('!') => steps.push(step(args, "lock", &format!("usermod -L {name}"))),
        Some(false) if has.starts_with('!') => {
            steps.push(step(args, "unlock", &format!("usermod -U {name}")));
        }
        _ => {}
    }
    steps
}

/// Through standard input: `usermod -p` would show the hash in the process list.
fn password(args: &Args, hash: &Secret) -> Step {
    let line = format!("{}:{}\n", args.name, hash.expose());
    step(args, "set the password of", "chpasswd -e").reading(Secret::new(line, Origin::Argument))
}

/// A day as `useradd` takes it; nothing for never.
fn date(seconds: f64) -> String {
    if seconds < 0.0 {
        return String::new();
    }
    jiff::Timestamp::from_second(seconds as i64)
        .map(|at| {
            at.to_zoned(jiff::tz::TimeZone::UTC)
                .strftime("%Y-%m-%d")
                .to_string()
        })
        .unwrap_or_default()
}
