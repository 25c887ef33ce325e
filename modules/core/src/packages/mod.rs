//! `package`, `apt`, `dnf`, `dnf5`, `yum`: packages of a host, with the package manager that is there.
//!
//! [`args`] is what tasks write, [`order`] what it comes down to; [`apt`] and [`rpm`] each hold one
//! manager's questions and lines. What is to be done is decided from what was found, without asking again.

mod apt;
mod args;
mod order;
mod rpm;

use std::marker::PhantomData;

use cutover_kit::session::Executed;
use cutover_kit::{Applied, Change, Failure, FailureKind, Map, Module, Plan, Reach, Read, Traits, Write};
use jiff::Timestamp;

use crate::posix::Posix;
use crate::steps::{CHANGES, Step, ask, misfit, streams, text};
use args::{AptArgs, Asks, Dnf5Args, DnfArgs, PackageArgs, YumArgs};
use order::{Order, State};

/// A module that manages packages.
#[derive(Clone, Copy, Debug)]
pub struct Packages<A>(PhantomData<fn() -> A>);

/// The `package` module.
pub type Package = Packages<PackageArgs>;
/// The `apt` module.
pub type Apt = Packages<AptArgs>;
/// The `dnf` module.
pub type Dnf = Packages<DnfArgs>;
/// The `dnf5` module.
pub type Dnf5 = Packages<Dnf5Args>;
/// The `yum` module.
pub type Yum = Packages<YumArgs>;

impl<A> Packages<A> {
    /// The module.
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<A> Default for Packages<A> {
    fn default() -> Self {
        Self::new()
    }
}

/// What manages packages on a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manager {
    /// `apt-get`, over `dpkg`.
    Apt,
    /// `dnf`, over `rpm`.
    Dnf,
    /// `yum`, over `rpm`.
    Yum,
}

impl Manager {
    /// The program.
    fn program(self) -> &'static str {
        match self {
            Self::Apt => "apt-get",
            Self::Dnf => "dnf",
            Self::Yum => "yum",
        }
    }
}

/// How what a task names stands on the host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Whether it is there, in the version that is asked for.
    pub(crate) there: bool,
    /// Whether it is there in any version.
    pub(crate) installed: bool,
    /// Whether there is a newer one than that.
    pub(crate) newer: bool,
    /// Whether the host's lists know it at all.
    pub(crate) known: bool,
}

/// What look found.
#[derive(Debug)]
pub struct Facts {
    order: Order,
    manager: Manager,
    /// In the order's order.
    seen: Vec<Seen>,
    /// How many packages of the host an upgrade would change, or a clearing away remove.
    pending: usize,
    /// When the lists were read last, in seconds since 1970.
    lists: Option<i64>,
    now: Timestamp,
    checking: bool,
}

/// What is done.
#[derive(Clone, Debug)]
pub struct Work {
    step: Step,
    kind: Kind,
}

/// What comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The lists are read again: a change only where nothing else is asked for.
    Lists { alone: bool },
    /// Packages change, unless the manager finds nothing to do.
    Packages,
}

impl Change for Work {
    fn describe(&self) -> String {
        self.step.describe()
    }
}

impl<A: Asks> Module for Packages<A> {
    const NAME: &'static str = A::NAME;
    type Args = A;
    type Facts = Facts;
    type Change = Work;

    fn traits(&self) -> Traits {
        Traits {
            usual: "as long as the packages take",
            ..CHANGES
        }
    }

    async fn look(&self, args: &A, reach: &Reach<Read>) -> Result<Facts, Failure> {
        let order = args.order()?;
        let executed = ask(&question(&order), reach).await?;
        let said = text(&executed.stdout);
        let (first, rest) = said.split_once('\n').unwrap_or((&said, ""));
        let (manager, found) = match first {
            "apt" => (Manager::Apt, apt::read(&order, rest)),
            "dnf" => (Manager::Dnf, rpm::read(&order, rest)),
            "yum" => (Manager::Yum, rpm::read(&order, rest)),
            _ => return Err(no_manager(&order)),
        };
        if executed.status != Some(0) {
            let message = format!("{} could not be asked what there is", manager.program());
            let failure = Failure::new(FailureKind::Preflight, message);
            return Err(failure.seen_all(text(&executed.stderr).lines()));
        }
        if manager == Manager::Apt {
            apt::check(&order)?;
        }
        Ok(Facts {
            manager,
            seen: found.seen,
            pending: found.pending,
            lists: found.lists,
            now: reach.clock().now(),
            checking: reach.checking(),
            order,
        })
    }

    fn plan(&self, _: &A, facts: &Facts) -> Result<Plan<Work>, Failure> {
        let mut changes = Vec::new();
        if facts.reads_lists() {
            changes.push(Work {
                step: facts.step_of("read its lists of packages again", Verb::Lists, &[]),
                kind: Kind::Lists {
                    alone: facts.order.is_only_lists(),
                },
            });
        }
        changes.extend(facts.work()?);
        let why = match changes.is_empty() {
            true => "the packages are as they should be",
            false => "packages are otherwise, or may be",
        };
        Ok(Plan::of(changes, why).with(facts.result()))
    }

    async fn apply(
        &self,
        _: &A,
        facts: &Facts,
        change: &Work,
        reach: &Reach<Write>,
    ) -> Result<Applied, Failure> {
        let mut writer = reach.writer::<Posix>().await?;
        let executed = writer.script(change.step.line(), None).await?;
        if executed.status != Some(0) {
            return Ok(failed(&executed, &change.describe()));
        }
        Ok(match change.kind {
            Kind::Lists { alone } => Applied {
                fields: crate::fields([("cache_updated", true.into())]),
                unchanged: !alone || facts.manager != Manager::Apt,
                failed: None,
            },
            Kind::Packages => Applied {
                unchanged: nothing_was_done(facts.manager, &executed),
                fields: streams(&executed, ""),
                failed: None,
            },
        })
    }
}

/// What a line of the manager's is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Read the lists of packages again.
    Lists,
    /// Install these, or bring them up to date.
    Install,
    /// Bring these up to date where they are there; all, where none is named.
    Upgrade,
    /// Remove these.
    Remove,
    /// Remove what nothing needs any more.
    Clear,
}

impl Facts {
    fn step_of(&self, text: impl Into<String>, verb: Verb, packages: &[&str]) -> Step {
        let line = match self.manager {
            Manager::Apt => apt::line(&self.order, verb, packages),
            other => rpm::line(other, &self.order, verb, packages),
        };
        Step::new(text, format!("PATH=$PATH:/usr/sbin:/sbin; {line}"))
    }

    /// Whether the lists are to be read again: they are too old, and this is no check run, in which only
    /// a task that asks for nothing else is told of.
    fn reads_lists(&self) -> bool {
        let order = &self.order;
        let fresh = match (order.lists_last, self.lists) {
            (Some(seconds), Some(read)) => self.now.as_second() - read < seconds,
            _ => false,
        };
        let tells = !self.checking || order.is_only_lists() && self.manager == Manager::Apt;
        order.reads_lists && !fresh && tells
    }

    fn work(&self) -> Result<Vec<Work>, Failure> {
        let order = &self.order;
        let mut steps = Vec::new();
        if order.upgrades() && (self.pending > 0 || self.reads_lists()) {
            steps.push(self.step_of("bring all packages up to date", Verb::Upgrade, &[]));
        }
        let chosen = self.chosen()?;
        if let [first, rest @ ..] = &chosen[..] {
            let verb = match order.state {
                State::Absent => Verb::Remove,
                State::Latest if order.only_there => Verb::Upgrade,
                State::Present | State::Latest => Verb::Install,
            };
            let word = if verb == Verb::Remove { "remove" } else { "install" };
            let text = match rest {
                [] => format!("{word} {first}"),
                _ => format!("{word} {}", chosen.join(", ")),
            };
            steps.push(self.step_of(text, verb, &chosen));
        } else if order.clears && order.packages.is_empty() && !order.upgrades() && self.pending > 0 {
            steps.push(self.step_of("remove what nothing needs any more", Verb::Clear, &[]));
        }
        let work = |step| Work {
            step,
            kind: Kind::Packages,
        };
        Ok(steps.into_iter().map(work).collect())
    }

    /// The packages about which something is to be done.
    fn chosen(&self) -> Result<Vec<&str>, Failure> {
        let order = &self.order;
        let blind = self.reads_lists();
        let named = order.packages.iter().zip(&self.seen);
        let mut chosen = Vec::new();
        for (package, seen) in named {
            let wanted = match order.state {
                State::Absent => seen.installed,
                State::Present => !seen.there,
                // What the lists will say shows only when they were read.
                State::Latest if order.only_there => seen.installed && (seen.newer || blind),
                State::Latest => !seen.there || seen.newer || blind,
            };
            if !wanted || order.only_there && !seen.installed {
                continue;
            }
            if order.state != State::Absent && !seen.known && !order.reads_lists {
                let message = format!("No package matching '{package}' is available");
                return Err(Failure::new(FailureKind::Preflight, message)
                    .hint("is it spelt right? `update_cache: true` reads the host's lists again"));
            }
            chosen.push(package.as_str());
        }
        Ok(chosen)
    }

    fn result(&self) -> Map {
        match self.manager {
            Manager::Apt => crate::fields([
                ("cache_updated", false.into()),
                ("cache_update_time", self.lists.unwrap_or(0).into()),
            ]),
            Manager::Dnf | Manager::Yum => crate::fields([("rc", 0_i64.into()), ("msg", "".into())]),
        }
    }
}

/// The script that finds out what manages packages, and how these stand.
fn question(order: &Order) -> String {
    let has = |manager: Manager| format!("command -v {} >/dev/null 2>&1", manager.program());
    let parts = [
        (Manager::Apt, "apt", apt::question(order)),
        (Manager::Dnf, "dnf", rpm::question(Manager::Dnf, order)),
        (Manager::Yum, "yum", rpm::question(Manager::Yum, order)),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(manager, ..)| order.managers.contains(manager))
        .map(|(manager, word, question)| format!("if {}; then\necho {word}\n{question}\n", has(manager)))
        .collect();
    format!(
        "# which packages are there\nPATH=$PATH:/usr/sbin:/sbin; LC_ALL=C; export LC_ALL\n{}fi; exit 0",
        parts.join("el")
    )
}

/// What a manager's answer comes down to.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Found {
    pub(crate) seen: Vec<Seen>,
    pub(crate) pending: usize,
    pub(crate) lists: Option<i64>,
}

fn no_manager(order: &Order) -> Failure {
    let programs: Vec<&str> = order.managers.iter().map(|it| it.program()).collect();
    let message = format!("this host has no {}", programs.join(", no "));
    Failure::new(FailureKind::Preflight, message)
        .hint("packages are managed with apt-get, dnf or yum; another program can be told with `command`")
}

fn failed(executed: &Executed, what: &str) -> Applied {
    let said = text(&executed.stderr);
    let reason = said
        .lines()
        .last()
        .map_or_else(|| text(&executed.stdout), str::to_owned);
    let reason = format!("could not {what}: {reason}");
    Applied {
        fields: streams(executed, &reason),
        unchanged: true,
        failed: Some(reason),
    }
}

/// Whether the manager, which may know more than look did, found nothing to do.
fn nothing_was_done(manager: Manager, executed: &Executed) -> bool {
    let said = text(&executed.stdout);
    match manager {
        Manager::Apt => said
            .lines()
            .any(|line| line.starts_with("0 upgraded, 0 newly installed, 0 to remove")),
        Manager::Dnf | Manager::Yum => said
            .lines()
            .any(|line| matches!(line.trim(), "Nothing to do." | "Nothing to do")),
    }
}

/// No manager takes these for a package.
fn package_name(name: &str) -> Result<(), Failure> {
    if name.is_empty() || name.starts_with('-') || name.contains(char::is_control) {
        return Err(misfit(format!("name: `{name}` cannot be the name of a package")));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
