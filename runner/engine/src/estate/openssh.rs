//! What words of an `ssh` command line say of the way to a host.
//!
//! No such command is started. Inventories say with its words what cutover can say with variables
//! of its own; those words are understood. Words without a meaning here (what keeps an
//! `ssh` from asking, waiting or dialling twice) are passed over, and one that asks for what cannot be
//! done is a fault. The meaning of each is in ssh(1) and ssh_config(5); of two that say the same the
//! first counts, as there.

use std::time::Duration;

use cutover_kit::session::HostKeyPolicy;
use cutover_language::Diagnostic;

use super::read::{Variables, fault};

/// The variables that hold such words, in the order in which Ansible hands them over.
pub(crate) const VARIABLES: [&str; 3] = [
    "ansible_ssh_args",
    "ansible_ssh_common_args",
    "ansible_ssh_extra_args",
];

/// What the words say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Said {
    /// `-p`, `Port`.
    pub(super) port: Option<u16>,
    /// `-l`, `User`.
    pub(super) user: Option<String>,
    /// `-i`, `IdentityFile`: as it is written.
    pub(super) key: Option<String>,
    /// `StrictHostKeyChecking`.
    pub(super) host_keys: Option<HostKeyPolicy>,
    /// `KexAlgorithms` and the like with an old name among them.
    pub(super) legacy: bool,
    /// `ConnectTimeout`.
    pub(super) connect: Option<Duration>,
    /// `ServerAliveInterval`.
    pub(super) keepalive: Option<Duration>,
}

/// A word that asks for what cannot be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The word, and why not.
    pub message: String,
    /// What to do instead.
    pub hint: &'static str,
}

/// Checks words of an `ssh` command line.
///
/// # Errors
///
/// The first that asks for what cannot be done.
pub fn check_ssh_args(text: &str) -> Result<(), Refused> {
    Said::default().take(text)
}

/// What cannot be done of what the variables of a host say in such words.
pub(crate) fn faults(variables: &Variables<'_>, faults: &mut Vec<Diagnostic>) {
    said(variables, faults);
}

/// What the variables of a host say in such words. What cannot be done is a fault.
pub(super) fn said(variables: &Variables<'_>, faults: &mut Vec<Diagnostic>) -> Said {
    let mut said = Said::default();
    for name in VARIABLES {
        let Some(text) = variables.text(name, faults) else {
            continue;
        };
        if let Err(refused) = said.take(&text) {
            let place = variables.get(name, faults).and_then(|found| found.place);
            let message = format!("`{name}` of {}: {}", variables.host, refused.message);
            faults.push(fault(place.as_ref(), "ssh-args", message).help(refused.hint));
        }
    }
    said
}

const JUMP: &str = "forward a port to the host (`ssh -L`) and give it as `ansible_host` and `ansible_port`, or start \
                    cutover on the machine that is jumped over";
const FORWARD: &str = "take it out; `ssh` itself can forward beside a run";
const ADDRESS: &str = "give the address or name to dial as `ansible_host`";
const ALGORITHMS: &str = "`ssh_legacy: true` allows the old ones";
const INSTEAD: &str = "-p, -l, -i, and of -o Port, User, IdentityFile, StrictHostKeyChecking, ConnectTimeout, \
                       ServerAliveInterval and old algorithms are understood; variables such as `ansible_port`, \
                       `ansible_user`, `ansible_ssh_private_key_file` say the same";

/// Letters that take no value and change nothing here: compression, quiet, verbose, terminals, X11.
const IDLE_LETTERS: &str = "CqvTtnxXYakK";
/// Letters that take a value.
const WITH_VALUE: &str = "BbcDEeFIiJLlmOopQRSWw";

/// Options that change nothing here: how `ssh` shares connections, asks and tells, and which ways of
/// proving an account it tries (one is chosen by what the inventory gives).
const IDLE: [&str; 30] = [
    "addkeystoagent",
    "batchmode",
    "challengeresponseauthentication",
    "checkhostip",
    "compression",
    "connectionattempts",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "escapechar",
    "exitonforwardfailure",
    "forwardx11",
    "forwardx11trusted",
    "gssapiauthentication",
    "gssapidelegatecredentials",
    "hashknownhosts",
    "hostbasedauthentication",
    "identitiesonly",
    "ipqos",
    "kbdinteractiveauthentication",
    "loglevel",
    "numberofpasswordprompts",
    "passwordauthentication",
    "preferredauthentications",
    "pubkeyauthentication",
    "requesttty",
    "serveralivecountmax",
    "tcpkeepalive",
    "updatehostkeys",
    "visualhostkey",
];

impl Said {
    fn take(&mut self, text: &str) -> Result<(), Refused> {
        let words = shell_words::split(text)
            .map_err(|_| refused(format!("a quote is not closed in {text}"), "close it"))?;
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            let letters = word.strip_prefix('-').filter(|rest| !rest.is_empty());
            let Some(letters) = letters else {
                return Err(refused(format!("{word} is no option of ssh"), INSTEAD));
            };
            self.letters(letters, &mut words)?;
        }
        Ok(())
    }

    /// `-vvp 22`, `-p22`: letters of one word, of which the last may have a value.
    fn letters(&mut self, letters: &str, words: &mut impl Iterator<Item = String>) -> Result<(), Refused> {
        for (at, letter) in letters.char_indices() {
            let rest = &letters[at + letter.len_utf8()..];
            if !WITH_VALUE.contains(letter) {
                self.letter(letter)?;
                continue;
            }
            let value = match rest {
                "" => words
                    .next()
                    .ok_or_else(|| refused(format!("-{letter} lacks its value"), INSTEAD))?,
                rest => rest.to_owned(),
            };
            return self.valued(letter, &value);
        }
        Ok(())
    }

    fn letter(&self, letter: char) -> Result<(), Refused> {
        match letter {
            _ if IDLE_LETTERS.contains(letter) => Ok(()),
            'A' => Err(refused("-A: no agent is forwarded".into(), FORWARD)),
            '4' | '6' => Err(refused(
                format!("-{letter}: the kind of address cannot be chosen"),
                ADDRESS,
            )),
            _ => Err(refused(format!("-{letter} means nothing here"), INSTEAD)),
        }
    }

    fn valued(&mut self, letter: char, value: &str) -> Result<(), Refused> {
        match letter {
            'p' => self.option("Port", value),
            'l' => self.option("User", value),
            'i' => self.option("IdentityFile", value),
            'J' => self.option("ProxyJump", value),
            'c' => self.option("Ciphers", value),
            'm' => self.option("MACs", value),
            'E' | 'e' | 'S' => Ok(()),
            'F' if is_none(value) => Ok(()),
            'F' => Err(refused(
                format!("-F {value}: no configuration of ssh is read"),
                INSTEAD,
            )),
            'D' | 'L' | 'R' | 'W' | 'w' => Err(refused(
                format!("-{letter} {value}: nothing is forwarded"),
                FORWARD,
            )),
            'o' => {
                let parted = value.split_once('=').or_else(|| value.trim().split_once(' '));
                let Some((name, value)) = parted else {
                    return Err(refused(format!("-o {value} lacks its value"), INSTEAD));
                };
                self.option(name.trim(), value.trim().trim_matches('"'))
            }
            _ => Err(refused(format!("-{letter} {value} means nothing here"), INSTEAD)),
        }
    }

    fn option(&mut self, name: &str, value: &str) -> Result<(), Refused> {
        let wrong = |wanted: &str| refused(format!("{name} must be {wanted}, and is `{value}`"), INSTEAD);
        match name.to_ascii_lowercase().as_str() {
            "port" => {
                let port = value.parse().ok().filter(|port| *port > 0);
                keep(
                    &mut self.port,
                    port.ok_or_else(|| wrong("a port from 1 to 65535"))?,
                );
            }
            "user" => keep(&mut self.user, value.to_owned()),
            "identityfile" if is_none(value) => {}
            "identityfile" => keep(&mut self.key, value.to_owned()),
            "stricthostkeychecking" => {
                let policy = host_keys(value).ok_or_else(|| wrong("yes, no, ask or accept-new"))?;
                keep(&mut self.host_keys, policy);
            }
            "connecttimeout" if value == "none" => {}
            "connecttimeout" => keep(&mut self.connect, seconds(value).ok_or_else(|| wrong("seconds"))?),
            "serveraliveinterval" if value == "0" => {}
            "serveraliveinterval" => keep(
                &mut self.keepalive,
                seconds(value).ok_or_else(|| wrong("seconds"))?,
            ),
            "kexalgorithms"
            | "hostkeyalgorithms"
            | "ciphers"
            | "macs"
            | "pubkeyacceptedalgorithms"
            | "pubkeyacceptedkeytypes" => self.algorithms(name, value)?,
            plain => return without_effect(plain, name, value),
        }
        Ok(())
    }

    /// Old ones that are named are allowed; a choice among the others is not to be had.
    fn algorithms(&mut self, name: &str, value: &str) -> Result<(), Refused> {
        let names = value.trim_start_matches(['+', '^']);
        if !value.starts_with('-') && names.split(',').any(is_old) {
            self.legacy = true;
        } else if !value.starts_with(['+', '^']) {
            let message = format!("{name}={value}: cutover chooses among what both sides have");
            return Err(refused(message, ALGORITHMS));
        }
        Ok(())
    }
}

/// Options that leave nothing to do here, and those that cannot be done.
fn without_effect(plain: &str, name: &str, value: &str) -> Result<(), Refused> {
    let no = matches!(value.to_ascii_lowercase().as_str(), "no" | "none" | "false");
    match plain {
        _ if IDLE.contains(&plain) => Ok(()),
        "proxyjump" | "proxycommand" | "forwardagent" | "permitlocalcommand" if no => Ok(()),
        "addressfamily" if value == "any" => Ok(()),
        "userknownhostsfile" | "globalknownhostsfile" if is_none(value) => Ok(()),
        "userknownhostsfile" | "globalknownhostsfile" => Err(refused(
            format!(
                "{name}={value}: host keys are read from ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts"
            ),
            "add its lines to one of them, or set `ansible_host_key_checking`",
        )),
        "proxyjump" | "proxycommand" => Err(refused(
            format!("{name}={value}: no way over another host is known"),
            JUMP,
        )),
        "forwardagent" => Err(refused(format!("{name}={value}: no agent is forwarded"), FORWARD)),
        "hostname" | "addressfamily" => Err(refused(
            format!("{name}={value}: an address is chosen by the inventory"),
            ADDRESS,
        )),
        _ => Err(refused(format!("{name}={value} means nothing here"), INSTEAD)),
    }
}

fn refused(message: String, hint: &'static str) -> Refused {
    Refused { message, hint }
}

/// Sets what is not set yet.
fn keep<T>(slot: &mut Option<T>, value: T) {
    slot.get_or_insert(value);
}

fn is_none(file: &str) -> bool {
    matches!(file, "none" | "/dev/null")
}

/// Names that only `ssh_legacy` allows: SHA-1, MD5, CBC.
fn is_old(name: &str) -> bool {
    let name = name.strip_suffix("@openssh.com").unwrap_or(name);
    matches!(
        name,
        "ssh-rsa" | "ssh-dss" | "hmac-sha1-etm" | "hmac-sha1-96" | "hmac-md5"
    ) || name.ends_with("-sha1")
        || name.ends_with("-cbc")
}

fn host_keys(word: &str) -> Option<HostKeyPolicy> {
    match word.to_ascii_lowercase().as_str() {
        "yes" | "true" | "ask" => Some(HostKeyPolicy::Strict),
        "accept-new" => Some(HostKeyPolicy::AcceptNew),
        "no" | "off" | "false" => Some(HostKeyPolicy::Off),
        _ => None,
    }
}

/// A time of ssh_config(5): `30`, `30s`, `5m`, `1m30s`.
fn seconds(text: &str) -> Option<Duration> {
    let mut total = 0_u64;
    let mut number = None;
    for next in text.chars() {
        if let Some(digit) = next.to_digit(10) {
            let so_far: u64 = number.unwrap_or(0);
            number = Some(so_far.checked_mul(10)?.checked_add(digit.into())?);
            continue;
        }
        let unit = match next.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    let total = total.checked_add(number.unwrap_or(0))?;
    (total > 0).then(|| Duration::from_secs(total))
}

#[cfg(test)]
mod tests;
