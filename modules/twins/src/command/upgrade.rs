//! The dialogue of `utils system upgrade initiate`, by which COP files are installed.

use super::reply::{Question, Reply, Then};
use super::run::Desk;
use crate::calendar::Moment;
use crate::log::What;

/// Where the dialogue stands: the question that waits for its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Source,
    Directory,
    Server,
    User,
    Password,
    Smtp,
    AfterDownload,
    Switch,
    Choice,
    Start(String),
}

const MENU: &str = "
Warning: Do not close this window without first canceling the upgrade.

Source:

 1) Remote Filesystem via SFTP
 2) Remote Filesystem via FTP
 3) Local DVD/CD
 q) quit

Please select an option (1 - 3 or \"q\" ): ";

impl Desk<'_> {
    pub(crate) fn upgrade(&mut self) -> Reply {
        self.upgrade_ask(MENU, Step::Source)
    }

    pub(crate) fn upgrade_cancel(&self) -> Reply {
        self.say("No upgrade is in progress.\n")
    }

    pub(crate) fn upgrade_status(&self) -> Reply {
        self.say("No upgrade is in progress.\n")
    }

    /// Whatever is said of the server is taken: the files are the twin's own.
    pub(crate) fn upgrade_answer(&mut self, step: Step, answer: &str) -> Reply {
        let answer = answer.trim();
        match step {
            Step::Source if answer == "1" || answer == "2" => {
                self.upgrade_ask("Directory: ", Step::Directory)
            }
            Step::Source => self.upgrade_left(),
            Step::Directory => self.upgrade_ask("Server: ", Step::Server),
            Step::Server => self.upgrade_ask("User Name: ", Step::User),
            Step::User => self.upgrade_ask("Password: ", Step::Password),
            Step::Password => self.upgrade_ask("Please enter SMTP Host Server (optional): ", Step::Smtp),
            Step::Smtp if self.node().setup.profile.asks_after_download => self.upgrade_ask(
                "Continue with upgrade after download (yes/no): ",
                Step::AfterDownload,
            ),
            Step::AfterDownload => self.upgrade_ask(
                "Switch-version server after upgrade (valid only for ISO) (yes/no): ",
                Step::Switch,
            ),
            Step::Smtp | Step::Switch => self.offer(),
            Step::Choice => self.chosen(answer),
            Step::Start(file) if answer == "yes" => self.install(&file),
            Step::Start(_) => self.upgrade_left(),
        }
    }

    fn offer(&mut self) -> Reply {
        let files = self.node().setup.spec.twin.cop_files.clone();
        let head = "Checking for valid upgrades.  Please wait...\n\n";
        if files.is_empty() {
            return self.say_slowly(format!("{head}No valid upgrades found.\n"));
        }
        let items: String = (1..).zip(&files).map(|(n, f)| format!(" {n}) {f}\n")).collect();
        let last = files.len();
        let text = format!(
            "{head}Available options and upgrades:\n\n{items} q) quit\n\n\
             Please select an option (1 - {last} or \"q\" ): "
        );
        self.upgrade_ask(&text, Step::Choice)
    }

    fn chosen(&mut self, answer: &str) -> Reply {
        let files = &self.node().setup.spec.twin.cop_files;
        let place: Option<usize> = answer.parse().ok();
        let file = place.and_then(|n| files.get(n.checked_sub(1)?)).cloned();
        let Some(file) = file else {
            return self.upgrade_left();
        };
        let text = "Accessing the file.  Please wait...\nValidating the file...\n\
                    Downloaded 1 MB.\nChecksumming the file...\nStart installation (yes/no): ";
        self.upgrade_ask(text, Step::Start(file))
    }

    fn install(&mut self, file: &str) -> Reply {
        let option = file.strip_suffix(".sgn").unwrap_or(file).to_owned();
        let options = &mut self.world.node_mut(self.id).state.options;
        options.retain(|o| *o != option);
        options.push(option.clone());
        self.world.write(self.id, What::OptionInstalled(option));
        let moment = Moment {
            unix: self.world.wall(self.id),
            zone: &self.node().setup.spec.twin.time_zone,
        };
        let log = moment.format("install_log_%Y-%m-%d.%H.%M.%S.log");
        self.say_slowly(format!(
            "The upgrade log is {log}\nUpgrading the system.  Please wait...\n\
             Successfully installed {file}\n"
        ))
    }

    fn upgrade_left(&self) -> Reply {
        self.say("Exiting upgrade command.  Please wait...\n")
    }

    fn upgrade_ask(&mut self, text: &str, step: Step) -> Reply {
        match step {
            // What is typed here is a name or a secret, not a yes or no: it is no question of note.
            Step::Directory | Step::Server | Step::User | Step::Password => {
                self.say(text).then(Then::Ask(Question::Upgrade(step)))
            }
            _ => self.ask(text, Question::Upgrade(step)),
        }
    }
}

impl Question {
    /// Whether the answer is typed unseen.
    pub(crate) fn hidden(&self) -> bool {
        *self == Question::Upgrade(Step::Password)
    }
}
