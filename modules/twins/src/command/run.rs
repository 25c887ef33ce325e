//! Carrying out a command on a node.

use super::parse::{Command, Unknown, parse};
use super::reply::{Question, Reply, Then};
use crate::state::world::{NodeId, World};

/// What a session itself remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// Long answers are paged.
    pub(crate) paginate: bool,
}

/// A command in the hands of the node that is to carry it out.
pub(crate) struct Desk<'a> {
    pub(crate) world: &'a mut World,
    pub(crate) id: NodeId,
    pub(crate) settings: &'a mut Settings,
}

impl Desk<'_> {
    /// Carries out a line that was typed at the prompt.
    pub(crate) fn line(&mut self, line: &str) -> Reply {
        let mischief = &self.node().setup.spec.twin.mischief;
        let asked = mischief.extra_question.as_deref();
        if asked.is_some_and(|words| !words.is_empty() && line.trim_start().starts_with(words)) {
            let question = Question::Extra(line.to_owned());
            return self.ask("Continue (y/n)?", question);
        }
        self.carry_out(line)
    }

    /// The same without further ado.
    pub(crate) fn carry_out(&mut self, line: &str) -> Reply {
        match parse(line) {
            Ok(command) => self.command(command),
            Err(unknown) => self.unknown(unknown),
        }
    }

    fn command(&mut self, command: Command) -> Reply {
        match command {
            Command::Nothing => Reply::nothing(),
            Command::Quit => Reply::nothing().then(Then::Close),
            Command::Help => self.help(),
            Command::Paginate(on) => self.paginate(on),
            Command::ShowPagination => self.show_pagination(),
            Command::ShowSessionTimeout => self.session_timeout(),
            Command::ListOwn => self.list_own(),
            Command::ListTrust => self.list_trust(),
            Command::ShowOwn(name) => self.show_own(&name),
            Command::ShowTrust(name) => self.show_trust(&name),
            Command::ListRequests => self.list_requests(),
            Command::ShowRequest(name) => self.show_request(&name),
            Command::MakeRequest(name) => self.make_request(&name),
            Command::ImportOwn(name) => self.import_own(&name),
            Command::ImportTrust(name) => self.import_trust(&name),
            Command::Regenerate(name) => self.regenerate(&name),
            Command::Delete { store, file } => self.delete(&store, &file),
            Command::ListServices => self.list_services(),
            Command::Service(action, name) => self.service(action, &name),
            Command::Restart => self.restart(),
            Command::Shutdown => self.shutdown(),
            Command::SwitchVersion => self.switch_version(),
            Command::Status => self.status(),
            Command::Version { active } => self.version(active),
            Command::ProductVersion(product) => self.product_version(&product),
            Command::Cluster => self.cluster(),
            Command::Network { detail } => self.network(detail),
            Command::Ntp => self.ntp(),
            Command::Replication => self.replication(),
            Command::LiveData => self.live_data(),
            Command::AccountLocking => self.account_locking(),
            Command::WebSecurity => self.web_security(),
            Command::CertType => self.cert_type(),
            Command::SetCertType(kind) => self.set_cert_type(&kind),
            Command::View(path) => self.view(&path),
            Command::Upgrade => self.upgrade(),
            Command::UpgradeCancel => self.upgrade_cancel(),
            Command::UpgradeStatus => self.upgrade_status(),
        }
    }

    /// Goes on after an answer.
    pub(crate) fn answer(&mut self, question: Question, answer: &str) -> Reply {
        match question {
            Question::Extra(line) if answer.trim() == "y" => self.carry_out(&line),
            Question::Extra(_) => Reply::nothing(),
            Question::Restart => self.restart_answer(answer),
            Question::Shutdown => self.shutdown_answer(answer),
            Question::Regenerate(unit) => self.regenerate_answer(unit, answer),
            Question::Unit(unit) => self.unit_answer(unit, answer),
            Question::Upgrade(step) => self.upgrade_answer(step, answer),
        }
    }

    /// An unknown line; the order of the two sentences is the better-known one.
    pub(crate) fn unknown(&self, unknown: Unknown) -> Reply {
        let text = match unknown {
            Unknown::Word => "Executed command unsuccessfully\nNo valid command entered\n",
            Unknown::Dash => {
                "Executed command unsuccessfully\n\
                 Invalid command, a dash character must be preceded by a blank\n"
            }
        };
        self.say(text)
    }

    /// Text after the time that an ordinary command takes.
    pub(crate) fn say(&self, text: impl Into<String>) -> Reply {
        Reply::text(self.world.timing().command, text)
    }

    /// Text after the time that a slow command takes.
    pub(crate) fn say_slowly(&self, text: impl Into<String>) -> Reply {
        Reply::text(self.world.timing().slow_command, text)
    }

    /// A failure: what is wrong, then the sentence that every failure ends with.
    pub(crate) fn fail(&self, text: &str) -> Reply {
        self.say(format!("{text}\nExecuted command unsuccessfully\n"))
    }

    /// A text whose last line is a question.
    pub(crate) fn ask(&mut self, text: &str, question: Question) -> Reply {
        let last = text.lines().last().unwrap_or_default().to_owned();
        self.world.record(self.id, crate::log::What::Asked(last));
        self.say(text).then(Then::Ask(question))
    }

    pub(crate) fn node(&self) -> &crate::state::node::Node {
        self.world.node(self.id)
    }
}
