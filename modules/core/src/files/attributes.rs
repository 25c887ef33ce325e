//! Owner, group and permissions: what a task wishes, and what is to be set for it.

use cutover_kit::{Failure, Map, Value};

use super::account::Account;
use super::mode::{Base, Mode, shown};
use super::{misfit, unfit};
use crate::disk::{Answer, Attributes, Kind, Question, Seen, Stat};

/// What a task says about a file's attributes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wish<'a> {
    pub(crate) mode: Option<&'a Mode>,
    pub(crate) owner: Option<&'a Account>,
    pub(crate) group: Option<&'a Account>,
}

impl<'a> Wish<'a> {
    /// What a module's arguments of these names say.
    pub(crate) fn of(mode: &'a Option<Mode>, owner: &'a Option<Account>, group: &'a Option<Account>) -> Self {
        Self {
            mode: mode.as_ref(),
            owner: owner.as_ref(),
            group: group.as_ref(),
        }
    }

    /// Whether there is anything it says.
    pub(crate) fn is_any(&self) -> bool {
        self.mode.is_some() || self.owner.is_some() || self.group.is_some()
    }

    /// Asks for the numbers of the accounts; [`Wish::settle`] finds them first in the answer.
    pub(crate) fn ask(&self, question: &mut Question) {
        question.users.extend(self.owner.map(Account::text));
        question.groups.extend(self.group.map(Account::text));
    }

    /// With what is known of the host.
    pub(crate) fn settle(&self, answer: &Answer) -> Result<Settled, Failure> {
        let known = |what: &str, account: Option<&Account>, numbers: &[Option<u32>]| match account {
            None => Ok(None),
            Some(account) => match numbers.first() {
                Some(Some(number)) => Ok(Some(*number)),
                _ => Err(unfit(format!(
                    "there is no {what} {} on this host",
                    account.text()
                ))),
            },
        };
        Ok(Settled {
            mode: self.mode.cloned(),
            uid: known("user", self.owner, &answer.users)?,
            gid: known("group", self.group, &answer.groups)?,
            umask: answer.umask,
        })
    }
}

/// A wish in the host's numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settled {
    mode: Option<Mode>,
    uid: Option<u32>,
    gid: Option<u32>,
    umask: u32,
}

/// What new files and folders get before the mask.
const NEW_FILE: u32 = 0o666;
const NEW_FOLDER: u32 = 0o777;

impl Settled {
    /// With the permissions of a source where they are to be preserved.
    pub(crate) fn preserving(mut self, source: Option<u32>) -> Result<Self, Failure> {
        if self.mode.as_ref().is_some_and(Mode::preserves) {
            let source = source.ok_or_else(|| misfit("`mode: preserve` needs a `src`"))?;
            self.mode = Some(Mode::Number(source));
        }
        Ok(self)
    }

    /// With these permissions instead.
    pub(crate) fn with_mode(&self, mode: Option<Mode>) -> Self {
        Self { mode, ..self.clone() }
    }

    /// The attributes of a file that takes the place of `old`: what is not wished stays.
    pub(crate) fn in_place_of(&self, old: Option<&Stat>) -> Result<Attributes, Failure> {
        let Some(old) = old else {
            return self.of_new(false);
        };
        Ok(Attributes {
            mode: Some(
                self.mode_over(old.permissions(), false)?
                    .unwrap_or(old.permissions()),
            ),
            uid: Some(self.uid.unwrap_or(old.uid)),
            gid: Some(self.gid.unwrap_or(old.gid)),
            keeps_owner: self.uid.is_none() && self.gid.is_none(),
            itself: false,
        })
    }

    /// The attributes of something new.
    pub(crate) fn of_new(&self, folder: bool) -> Result<Attributes, Failure> {
        let new = if folder { NEW_FOLDER } else { NEW_FILE };
        Ok(Attributes {
            mode: self.mode_over(new & !self.umask, folder)?,
            uid: self.uid,
            gid: self.gid,
            ..Attributes::default()
        })
    }

    /// The permissions of a new folder for which none are wished.
    pub(crate) fn usual_of_folder(&self) -> u32 {
        NEW_FOLDER & !self.umask
    }

    /// What is to be set on something that is there; nothing where it is as wished.
    pub(crate) fn difference(&self, now: &Stat) -> Result<Option<Difference>, Failure> {
        let folder = now.is(Kind::Folder);
        let mode = match now.is(Kind::Link) {
            // A link has no permissions of its own.
            true => None,
            false => self.mode_over(now.permissions(), folder)?,
        };
        let set = Attributes {
            mode: mode.filter(|mode| *mode != now.permissions()),
            uid: self.uid.filter(|uid| *uid != now.uid),
            gid: self.gid.filter(|gid| *gid != now.gid),
            keeps_owner: false,
            itself: now.is(Kind::Link),
        };
        // Giving a file away takes its set-id bits, so they are set again.
        let gives = set.uid.or(set.gid).is_some();
        let again = mode.filter(|mode| gives && mode & 0o6000 != 0);
        let set = Attributes {
            mode: set.mode.or(again),
            ..set
        };
        let nothing = set.mode.is_none() && !gives;
        Ok((!nothing).then(|| Difference::new(set, now)))
    }

    fn mode_over(&self, now: u32, folder: bool) -> Result<Option<u32>, Failure> {
        let base = Base {
            now,
            folder,
            umask: self.umask,
        };
        self.mode.as_ref().map(|mode| mode.over(base)).transpose()
    }
}

/// Attributes to set, and how they show.
#[derive(Clone, Debug)]
pub(crate) struct Difference {
    pub(crate) set: Attributes,
    /// What takes that back.
    pub(crate) back: Attributes,
    pub(crate) before: Map,
    pub(crate) after: Map,
}

impl Difference {
    fn new(set: Attributes, now: &Stat) -> Self {
        // Giving a file away takes its set-id bits, there and back.
        let taken = set.uid.or(set.gid).is_some() && !set.itself && now.permissions() & 0o6000 != 0;
        let mut it = Self {
            set,
            back: Attributes {
                mode: (set.mode.is_some() || taken).then(|| now.permissions()),
                uid: set.uid.map(|_| now.uid),
                gid: set.gid.map(|_| now.gid),
                ..set
            },
            before: Map::new(),
            after: Map::new(),
        };
        // Bits that are set again are as they were.
        if let Some(mode) = set.mode.filter(|mode| *mode != now.permissions()) {
            it.tell("mode", shown(now.permissions()).into(), shown(mode).into());
        }
        if let Some(uid) = set.uid {
            it.tell("owner", now.uid.into(), uid.into());
        }
        if let Some(gid) = set.gid {
            it.tell("group", now.gid.into(), gid.into());
        }
        it
    }

    fn tell(&mut self, name: &str, before: Value, after: Value) {
        self.before.insert(name.to_owned(), before);
        self.after.insert(name.to_owned(), after);
    }

    /// `mode 0640 to 0600, owner 0 to 1000`.
    pub(crate) fn text(&self) -> String {
        let said = self.after.iter().map(|(name, after)| {
            let plain = |value: &Value| value.as_str().map_or_else(|| format!("{value:?}"), str::to_owned);
            format!("{name} {} to {}", plain(&self.before[name]), plain(after))
        });
        said.collect::<Vec<_>>().join(", ")
    }
}

/// How a file is, as results tell it.
pub(crate) fn described(seen: &Seen) -> Map {
    let Some(stat) = &seen.stat else {
        return crate::fields([("state", "absent".into())]);
    };
    crate::fields([
        ("uid", stat.uid.into()),
        ("gid", stat.gid.into()),
        ("owner", name(&stat.owner, stat.uid)),
        ("group", name(&stat.group, stat.gid)),
        ("mode", shown(stat.permissions()).into()),
        ("state", state(stat).into()),
        ("size", number(stat.size)),
    ])
}

/// What Ansible calls its kind.
pub(crate) fn state(stat: &Stat) -> &'static str {
    match stat.kind() {
        Kind::Link => "link",
        Kind::Folder => "directory",
        _ if stat.links > 1 => "hard",
        _ => "file",
    }
}

fn name(name: &str, number: u32) -> Value {
    match name {
        "" => number.to_string().into(),
        name => name.into(),
    }
}

/// A number that fits.
pub(crate) fn number(it: u64) -> Value {
    i64::try_from(it).map_or(Value::Float(it as f64), Value::Int)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: u32 = 0o100_000;
    const LINK: u32 = 0o120_000;

    /// What is set on something of these permissions that belongs to 0:0, what takes it back, and how it shows.
    fn told(mode: u32, wished: Option<u32>, uid: Option<u32>, gid: Option<u32>) -> String {
        let wish = Settled {
            mode: wished.map(Mode::Number),
            uid,
            gid,
            umask: 0o022,
        };
        let now = Stat {
            mode,
            ..Stat::default()
        };
        let Some(difference) = wish.difference(&now).unwrap() else {
            return "nothing".into();
        };
        let numbers = |it: Attributes| {
            let mode = it.mode.map_or("-".to_owned(), shown);
            let number = |it: Option<u32>| it.map_or("-".to_owned(), |it| it.to_string());
            format!("{mode} {} {}", number(it.uid), number(it.gid))
        };
        format!(
            "set {}, back {}: {}",
            numbers(difference.set),
            numbers(difference.back),
            difference.text()
        )
    }

    #[test]
    fn set_id_bits_outlive_a_new_owner_there_and_back() {
        let (setuid, plain) = (FILE | 0o4755, FILE | 0o755);
        let table = [
            // What is given away loses its bits, and gets them again.
            told(setuid, Some(0o4755), Some(7), None),
            told(setuid, Some(0o4755), None, None),
            // Without wished permissions the bits go, and come back only on the way back.
            told(setuid, None, None, Some(8)),
            told(setuid, Some(0o755), Some(7), Some(8)),
            // Bits that were not there before are not there afterwards.
            told(plain, Some(0o6755), Some(7), None),
            told(plain, None, Some(7), None),
            told(FILE | 0o1755, None, Some(7), None),
            // A link has none of its own.
            told(LINK | 0o777, Some(0o4755), Some(7), None),
        ];
        insta::assert_snapshot!(table.join("\n"), @"
        set 4755 7 -, back 4755 0 -: owner 0 to 7
        nothing
        set - - 8, back 4755 - 0: group 0 to 8
        set 0755 7 8, back 4755 0 0: mode 4755 to 0755, owner 0 to 7, group 0 to 8
        set 6755 7 -, back 0755 0 -: mode 0755 to 6755, owner 0 to 7
        set - 7 -, back - 0 -: owner 0 to 7
        set - 7 -, back - 0 -: owner 0 to 7
        set - 7 -, back - 0 -: owner 0 to 7
        ");
    }
}
