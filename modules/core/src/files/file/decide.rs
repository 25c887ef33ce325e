//! What `file` has to do.

use cutover_kit::module::Plan;
use cutover_kit::{Failure, Map, Value};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::args::{Args, State};
use crate::disk::{Answer, Kind, Moment, Seen, Step};
use crate::files::attributes::{Settled, described, state};
use crate::files::edit::{Edit, shown};
use crate::files::mode::shown as permissions;
use crate::files::{misfit, unfit};

/// So many of the files that go with a folder are shown.
pub(super) const LISTED: u8 = 200;

/// One decision in the making.
struct Decision<'a> {
    args: &'a Args,
    answer: &'a Answer,
    wanted: Settled,
    /// The file.
    seen: &'a Seen,
    /// What a link leads to, or would.
    source: Option<&'a Seen>,
    steps: Vec<Step>,
    /// What sets the attributes back.
    back: Vec<Step>,
    said: Vec<String>,
    before: Map,
    after: Map,
}

pub(super) fn plan(args: &Args, answer: &Answer) -> Result<Plan<Edit>, Failure> {
    let [first, others @ ..] = &answer.files[..] else {
        return Err(misfit("there is no file to look at"));
    };
    let state = args.state.unwrap_or_else(|| state_of(first, args.recurse));
    if args.src.is_some() && !matches!(state, State::Link | State::Hard) {
        return Err(misfit("src option requires state to be 'link' or 'hard'"));
    }
    // A hard link into a folder keeps the name of its source.
    let into = first.leads_to(Kind::Folder) && state == State::Hard;
    let mut decision = Decision {
        args,
        answer,
        wanted: args.wish().settle(answer)?,
        seen: others.get(1).filter(|_| into).unwrap_or(first),
        source: others.first(),
        steps: Vec::new(),
        back: Vec::new(),
        said: Vec::new(),
        before: Map::new(),
        after: Map::new(),
    };
    match state {
        State::Absent => decision.absent(),
        State::Directory => decision.directory()?,
        State::File => decision.file()?,
        State::Hard => decision.hard()?,
        State::Link => decision.link()?,
        State::Touch => decision.touch()?,
    }
    Ok(decision.end(state))
}

fn state_of(seen: &Seen, recurse: bool) -> State {
    match seen.stat.as_ref().map(crate::disk::Stat::kind) {
        Some(Kind::Link) => State::Link,
        Some(Kind::Folder) => State::Directory,
        None if recurse => State::Directory,
        _ => State::File,
    }
}

impl Decision<'_> {
    fn is(&self) -> &'static str {
        self.seen.stat.as_ref().map_or("absent", state)
    }

    /// A step that makes it something else than it is.
    fn becomes(&mut self, becomes: &str, text: String, step: Step) {
        self.before.insert("state".into(), self.is().into());
        self.after.insert("state".into(), becomes.into());
        self.said.push(text);
        self.steps.push(step);
    }

    fn absent(&mut self) {
        if self.seen.exists() {
            let path = self.seen.path.clone();
            if self.seen.is(Kind::Folder) {
                self.before.insert("path_content".into(), self.listed());
            }
            self.becomes("absent", format!("remove {path}"), Step::Remove { path });
        }
    }

    /// What is below the folder, as far as it is shown.
    fn listed(&self) -> Value {
        let all = || self.answer.trees.iter().flatten().flatten();
        let entries = || all().take(LISTED.into());
        let of = |folders: bool| {
            let chosen = entries().filter(move |entry| entry.stat.is(Kind::Folder) == folders);
            let paths: Vec<&str> = chosen.map(|entry| entry.path.as_str()).collect();
            Value::from(paths)
        };
        let mut listed = Value::map([("directories", of(true)), ("files", of(false))]);
        if let (Value::Map(listed), true) = (&mut listed, all().count() > LISTED.into()) {
            listed.insert("and_more".into(), true.into());
        }
        listed
    }

    fn directory(&mut self) -> Result<(), Failure> {
        let path = self.seen.path.clone();
        if !self.seen.exists() {
            let attributes = self.wanted.of_new(true)?;
            let plain = self.wanted.usual_of_folder();
            if let Some(mode) = attributes.mode.filter(|mode| *mode != plain) {
                self.before.insert("mode".into(), permissions(plain).into());
                self.after.insert("mode".into(), permissions(mode).into());
            }
            let text = format!("make the folder {path}");
            self.becomes("directory", text, Step::Folder { path, attributes });
            return Ok(());
        }
        if !self.seen.leads_to(Kind::Folder) {
            return Err(unfit(format!("{path} already exists, and is no folder")));
        }
        self.attributes()?;
        if self.args.recurse {
            self.below()?;
        }
        Ok(())
    }

    fn below(&mut self) -> Result<(), Failure> {
        let mut count = 0;
        for entry in self.answer.trees.iter().flatten().flatten() {
            if let Some(difference) = self.wanted.difference(&entry.stat)? {
                count += 1;
                self.steps.push(Step::Set {
                    path: entry.path.clone(),
                    attributes: difference.set,
                });
            }
        }
        if count > 0 {
            self.said
                .push(format!("set attributes of {count} below {}", self.seen.path));
        }
        Ok(())
    }

    fn file(&mut self) -> Result<(), Failure> {
        let path = &self.seen.path;
        if !self.seen.exists() {
            let message = format!("file ({path}) is absent, cannot continue");
            let failure = unfit(message).hint("`state: touch` makes an empty file");
            return Err(failure.field("path", path.as_str()).field("state", "absent"));
        }
        if self.args.state.is_some() && self.seen.leads_to(Kind::Folder) {
            return Err(unfit(format!("file ({path}) is directory, cannot continue")));
        }
        self.attributes()
    }

    fn hard(&mut self) -> Result<(), Failure> {
        let Some(source) = self.source else {
            return Err(misfit("src is required for creating new hardlinks"));
        };
        let Some(from) = &source.stat else {
            return Err(unfit(format!("src file {} does not exist", source.path)));
        };
        if let Some(stat) = &self.seen.stat {
            if (stat.inode, stat.device) == (from.inode, from.device) {
                return self.attributes();
            }
            self.may_replace("hard link")?;
        }
        let (path, to) = (self.seen.path.clone(), source.path.clone());
        let text = format!("link {path} to {to}");
        self.becomes(
            "hard",
            text,
            Step::Hardlink {
                path: path.clone(),
                to,
            },
        );
        self.attributes_of_new(path, false)
    }

    fn link(&mut self) -> Result<(), Failure> {
        let is_link = self.seen.is(Kind::Link);
        let Some(src) = &self.args.src else {
            return match is_link {
                true => self.attributes(),
                false => Err(misfit("src is required for creating new links")),
            };
        };
        if is_link && self.seen.link == *src {
            return self.attributes();
        }
        let there = self.source.is_some_and(|source| source.target.is_some());
        if !there && !self.args.force {
            let message = format!("src file does not exist: {src}");
            return Err(unfit(message).hint("`force: true` makes the link all the same"));
        }
        let path = self.seen.path.clone();
        if self.seen.exists() && !is_link {
            self.may_replace("symlink")?;
            if self.seen.is(Kind::Folder) {
                return Err(unfit(format!("{path} is a folder, refusing to convert it")));
            }
        }
        let text = format!("link {path} to {src}");
        let to = src.clone();
        if is_link {
            self.before.insert("src".into(), self.seen.link.as_str().into());
            self.after.insert("src".into(), src.as_str().into());
        }
        self.becomes(
            "link",
            text,
            Step::Symlink {
                path: path.clone(),
                to,
            },
        );
        self.attributes_of_new(path, true)
    }

    fn may_replace(&self, what: &str) -> Result<(), Failure> {
        if self.args.force || self.seen.is(Kind::Link) {
            return Ok(());
        }
        let message = format!(
            "refusing to convert from {} to {what} for {}",
            self.is(),
            self.seen.path
        );
        Err(unfit(message).hint("`force: true` puts the link in its place"))
    }

    /// Owner and group of what a step before makes.
    fn attributes_of_new(&mut self, path: String, itself: bool) -> Result<(), Failure> {
        let mut attributes = self.wanted.of_new(false)?;
        attributes.itself = itself;
        if itself {
            attributes.mode = None;
        }
        if attributes.uid.or(attributes.gid).is_some() || attributes.mode.is_some() {
            self.steps.push(Step::Set { path, attributes });
        }
        Ok(())
    }

    fn touch(&mut self) -> Result<(), Failure> {
        let path = self.seen.path.clone();
        let args = self.args;
        let accessed = moment(args.access_time.as_deref(), &args.access_time_format)?;
        let modified = moment(args.modification_time.as_deref(), &args.modification_time_format)?;
        if self.seen.exists() {
            self.attributes()?;
        } else {
            self.becomes(
                "touch",
                format!("create {path}"),
                Step::Create { path: path.clone() },
            );
            self.attributes_of_new(path.clone(), false)?;
        }
        // What is made now has this time already, and what has a time already needs no other.
        let set = |wanted: Moment, now: Option<f64>| match (wanted, now) {
            (Moment::Now, now) => now.is_some(),
            (Moment::At(at), now) => now.is_none_or(|now| now.trunc() != at),
        };
        let stat = self.seen.target.as_ref();
        let accessed = accessed.filter(|wanted| set(*wanted, stat.map(|stat| stat.accessed)));
        let modified = modified.filter(|wanted| set(*wanted, stat.map(|stat| stat.modified)));
        if accessed.or(modified).is_some() {
            self.said.push(format!("set times of {path}"));
            self.steps.push(Step::Times {
                path,
                accessed,
                modified,
            });
        }
        Ok(())
    }

    /// The attributes of what is there.
    fn attributes(&mut self) -> Result<(), Failure> {
        let itself = self.seen.is(Kind::Link) && !self.args.follow
            || self.args.state == Some(State::Link)
            || self.seen.target.is_none();
        let stat = if itself {
            &self.seen.stat
        } else {
            &self.seen.target
        };
        let Some(stat) = stat else { return Ok(()) };
        if let Some(difference) = self.wanted.difference(stat)? {
            let path = self.seen.path.clone();
            self.said.push(format!("set {} of {path}", difference.text()));
            self.before.extend(difference.before);
            self.after.extend(difference.after);
            self.back.push(Step::Set {
                path: path.clone(),
                attributes: difference.back,
            });
            let attributes = difference.set;
            self.steps.push(Step::Set { path, attributes });
        }
        Ok(())
    }

    fn end(self, state: State) -> Plan<Edit> {
        let path = &self.seen.path;
        let mut result = crate::fields([("path", path.as_str().into())]);
        if matches!(state, State::Link | State::Hard | State::Touch) {
            result.insert("dest".into(), path.as_str().into());
        }
        if let Some(src) = &self.args.src {
            result.insert("src".into(), src.as_str().into());
        }
        result.insert("diff".into(), self.sides());
        if self.steps.is_empty() {
            result.extend(described(self.seen));
            return Plan::nothing("it is as it should be").with(result);
        }
        let diff = shown(path, &self.before, &self.after);
        let back = self.way_back();
        let edit = Edit::new(self.said.join(", "), self.steps)
            .back(back)
            .diff(Some(diff))
            .showing(path);
        Plan::of(vec![edit], "it is not as it should be").with(result)
    }

    /// What takes it back: nothing where more was there before than its attributes tell, or a folder
    /// was made, into which others may have put something.
    fn way_back(&self) -> Vec<Step> {
        match self.steps.first() {
            Some(Step::Set { .. }) if self.back.len() == self.steps.len() => self.back.clone(),
            Some(Step::Create { path } | Step::Symlink { path, .. } | Step::Hardlink { path, .. })
                if !self.seen.exists() =>
            {
                vec![Step::Remove { path: path.clone() }]
            }
            _ => Vec::new(),
        }
    }

    fn sides(&self) -> Value {
        let side = |map: &Map| {
            let mut map = map.clone();
            map.insert("path".into(), self.seen.path.as_str().into());
            Value::Map(map)
        };
        Value::map([("before", side(&self.before)), ("after", side(&self.after))])
    }
}

/// The time for `touch`; `None` where it stays.
fn moment(text: Option<&str>, format: &str) -> Result<Option<Moment>, Failure> {
    match text {
        None | Some("now") => Ok(Some(Moment::Now)),
        Some("preserve" | "") => Ok(None),
        Some(text) => {
            let wrong =
                |error: jiff::Error| misfit(format!("`{text}` is no time of the form {format}: {error}"));
            let time = DateTime::strptime(format, text).map_err(wrong)?;
            let zoned = time.to_zoned(TimeZone::system()).map_err(wrong)?;
            Ok(Some(Moment::At(zoned.timestamp().as_second() as f64)))
        }
    }
}
