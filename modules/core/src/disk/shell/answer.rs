//! Reading what a script wrote.

use std::collections::BTreeMap;

use cutover_kit::session::Executed;
use cutover_kit::{Failure, FailureKind};

use super::super::question::{Access, Answer, Ask, Entry, Question, Seen, Stat};
use super::look::END;
use super::steps::INVALID;

/// What a look wrote.
pub(in super::super) fn answer(question: &Question, executed: &Executed) -> Result<Answer, Failure> {
    if executed.status != Some(0) {
        let said = String::from_utf8_lossy(&executed.stderr).into_owned();
        return Err(failed(
            FailureKind::Task,
            "the host's shell could not look",
            &said,
        ));
    }
    read(question, &executed.stdout).ok_or_else(|| {
        let said = String::from_utf8_lossy(&executed.stderr).into_owned();
        let message = "what the host says of its files cannot be understood";
        failed(FailureKind::Task, message, &said)
            .hint("it needs stat, readlink and base64 as GNU or BusyBox have them")
    })
}

/// What a change wrote.
pub(in super::super) fn changed(question: &Question, executed: &Executed) -> Result<Answer, Failure> {
    let status = match executed.status {
        Some(0) => return answer(question, executed),
        Some(status) => status,
        None => {
            let message = "a signal or a lost connection stopped it";
            return Err(Failure::new(FailureKind::Unknown, message));
        }
    };
    let said = String::from_utf8_lossy(&executed.stderr);
    let (said, done) = last_line(&said);
    let kind = match done {
        "0" => FailureKind::Refused,
        _ => FailureKind::Task,
    };
    if status == INVALID {
        let (said, status) = last_line(said);
        return Err(refused(kind, status.parse().unwrap_or(-1), said));
    }
    let mut lines = said.trim_end().lines();
    let message = lines.next_back().unwrap_or("the host's shell gave up").to_owned();
    Err(Failure::new(kind, message).seen_all(lines.map(str::to_owned)))
}

/// A new file was not accepted.
pub(in super::super) fn refused(kind: FailureKind, status: i32, said: &str) -> Failure {
    Failure::new(kind, "failed to validate")
        .seen_all(said.lines().map(str::to_owned))
        .field("exit_status", status)
        .field("stderr", said)
}

fn last_line(text: &str) -> (&str, &str) {
    let text = text.trim_end_matches('\n');
    text.rsplit_once('\n').unwrap_or(("", text))
}

fn failed(kind: FailureKind, message: &str, said: &str) -> Failure {
    Failure::new(kind, message).seen_all(said.lines().take(5).map(str::to_owned))
}

fn read(question: &Question, bytes: &[u8]) -> Option<Answer> {
    let mut fields = Fields(bytes);
    let mut answer = Answer {
        umask: u32::from_str_radix(&fields.text()?, 8).ok()?,
        temporary: fields.text()?,
        ..Answer::default()
    };
    for ask in &question.files {
        answer.files.push(seen(ask, &mut fields)?);
    }
    for _ in &question.trees {
        answer.trees.push(tree(&mut fields)?);
    }
    for name in &question.users {
        let uid = fields.text()?;
        answer.users.push(uid.parse().ok().or_else(|| name.parse().ok()));
    }
    for name in &question.groups {
        let line = fields.text()?;
        let gid = line.split(':').nth(2).and_then(|gid| gid.parse().ok());
        answer.groups.push(gid.or_else(|| name.parse().ok()));
    }
    Some(answer)
}

/// The fields that are left.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn bytes(&mut self) -> Option<&'a [u8]> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let (field, rest) = self.0.split_at(end);
        self.0 = &rest[1..];
        Some(field)
    }

    fn text(&mut self) -> Option<String> {
        self.bytes()
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }
}

fn seen(ask: &Ask, fields: &mut Fields<'_>) -> Option<Seen> {
    let path = fields.text()?;
    let about = fields.text()?;
    if about.is_empty() {
        return Some(Seen {
            path,
            ..Seen::default()
        });
    }
    let target = fields.text()?;
    let (link, real, access) = (fields.text()?, fields.text()?, fields.text()?);
    let mut sums = BTreeMap::new();
    for sum in &ask.sums {
        let said = fields.text()?;
        if let Some(hex) = said.split_whitespace().next() {
            sums.insert(*sum, hex.to_owned());
        }
    }
    let content = match fields.text()? {
        none if none.is_empty() => None,
        coded => {
            let ended_well = fields.text()? == "0";
            let coded: String = coded[1..].split_whitespace().collect();
            Some(
                openssl::base64::decode_block(&coded)
                    .ok()
                    .filter(|_| ended_well)?,
            )
        }
    };
    Some(Seen {
        stat: Some(stat(&about)?.0),
        target: stat(&target).map(|(stat, _)| stat),
        real: if real.is_empty() { path.clone() } else { real },
        path,
        link,
        access: Access {
            read: access.contains('r'),
            write: access.contains('w'),
            execute: access.contains('x'),
        },
        sums,
        content,
    })
}

fn tree(fields: &mut Fields<'_>) -> Option<Option<Vec<Entry>>> {
    let top = fields.text()?;
    if fields.text()?.is_empty() {
        return Some(None);
    }
    let listing = fields.text()?;
    let mut found = Vec::new();
    for record in listing
        .split(&format!("{END}\n"))
        .filter(|record| !record.is_empty())
    {
        let (stat, path) = stat(record)?;
        let path = match top.ends_with('/') {
            // `find /srv/` writes `/srv//file`.
            true => path.replacen("//", "/", 1),
            false => path.to_owned(),
        };
        found.push(Entry { path, stat });
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    Some(Some(found))
}

/// The fields of `stat`, and what follows them.
fn stat(text: &str) -> Option<(Stat, &str)> {
    let mut rest = text;
    let mut next = || {
        let (field, after) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = after;
        (!field.is_empty()).then_some(field)
    };
    let mode = u32::from_str_radix(next()?, 16).ok()?;
    let (uid, gid) = (next()?.parse().ok()?, next()?.parse().ok()?);
    let mut number = || next()?.parse::<u64>().ok();
    let (size, inode, device, links) = (number()?, number()?, number()?, number()?);
    let (block_size, blocks) = (number()?, number()?);
    let mut hex = || u64::from_str_radix(next()?, 16).ok();
    let (major, minor) = (hex()?, hex()?);
    let mut moment = || next()?.parse::<f64>().ok();
    let (accessed, modified, changed) = (moment()?, moment()?, moment()?);
    let mut name = || next().map(|name| if name == "UNKNOWN" { "" } else { name }.to_owned());
    let (owner, group) = (name()?, name()?);
    let stat = Stat {
        mode,
        uid,
        gid,
        owner,
        group,
        size,
        inode,
        device,
        links,
        device_type: device_type(major, minor),
        block_size,
        blocks,
        accessed,
        modified,
        changed,
    };
    Some((stat, rest))
}

/// As Linux packs the two numbers of a device.
fn device_type(major: u64, minor: u64) -> u64 {
    (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & !0xff) << 12) | ((major & !0xfff) << 32)
}
