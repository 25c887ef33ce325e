//! `utils system`, help, and the settings of the session and the node.

use super::reply::{Question, Reply, Then};
use super::run::Desk;
use crate::calendar::Moment;
use crate::log::What;
use crate::profile::Ecdsa;

const REPLICATION_WARNING: &str = "     ***   W A R N I N G   ***
Please make sure database replication setup is complete. \
Use the command 'utils dbreplication runtimestate' to get the current status.
If database replication setup is in progress, \
restarting the server may leave database replication unable to complete.
";

impl Desk<'_> {
    pub(crate) fn restart(&mut self) -> Reply {
        let clustered = self.world.cluster(self.id).len() > 1;
        let warning = if clustered && self.node().setup.profile.warns_of_restart {
            REPLICATION_WARNING
        } else {
            ""
        };
        let text = format!("{warning}\nDo you really want to restart ?\n\nEnter (yes/no)? ");
        self.ask(&text, Question::Restart)
    }

    pub(crate) fn restart_answer(&mut self, answer: &str) -> Reply {
        if self.swallows_answer() {
            return self.ask("\nEnter (yes/no)? ", Question::Restart);
        }
        if answer.trim() != "yes" {
            return Reply::nothing();
        }
        self.world.take_down(self.id, true);
        self.last_words("Restarted", "Restart", "reboot")
    }

    pub(crate) fn shutdown(&mut self) -> Reply {
        let text = "\nDo you really want to shutdown ?\n\nEnter (yes/no)? ";
        self.ask(text, Question::Shutdown)
    }

    pub(crate) fn shutdown_answer(&mut self, answer: &str) -> Reply {
        if answer.trim() != "yes" {
            return Reply::nothing();
        }
        self.world.take_down(self.id, false);
        self.last_words("Powered Off", "Shutdown", "system halt")
    }

    /// Mischief: the first answer is lost.
    fn swallows_answer(&mut self) -> bool {
        let node = self.world.node_mut(self.id);
        let swallows = node.setup.spec.twin.mischief.swallowed_answer && !node.state.spent.answer;
        node.state.spent.answer |= swallows;
        swallows
    }

    fn last_words(&self, being: &str, noun: &str, going_down_for: &str) -> Reply {
        let setup = &self.node().setup;
        let moment = Moment {
            unix: self.world.wall(self.id),
            zone: &setup.spec.twin.time_zone,
        };
        let clock = moment.format("%H:%M");
        let host = setup.host();
        let shutdown = self.world.timing().shutdown;
        self.say(format!(
            "\nAppliance is being {being} ...\nWarning: {noun} could take up to 5 minutes.\n"
        ))
        .after(
            shutdown / 6,
            "Stopping Service Manager...\n-  Service Manager shutting down services... Please Wait\n",
        )
        .after(
            shutdown / 2,
            format!(
                "\nBroadcast message from admin@{host}\n        (unknown) at {clock} ...\n\n\
                 The system is going down for {going_down_for} NOW!\n"
            ),
        )
        .then(Then::Silence)
    }

    pub(crate) fn switch_version(&self) -> Reply {
        self.fail("   ** There is no inactive side available **")
    }

    pub(crate) fn help(&self) -> Reply {
        self.say("\nfile\nhelp\nquit\nset\nshow\nutils\n\n")
    }

    pub(crate) fn paginate(&mut self, on: bool) -> Reply {
        let stuck = self.node().setup.spec.twin.mischief.pager_on;
        self.settings.paginate = on || stuck;
        let word = if on { "on" } else { "off" };
        self.say(format!("Automatic pagination is turned {word}\n"))
    }

    pub(crate) fn show_pagination(&self) -> Reply {
        let word = if self.settings.paginate { "On" } else { "Off" };
        self.say(format!("Automatic Pagination : {word}.\n"))
    }

    /// The wording is a guess.
    pub(crate) fn session_timeout(&self) -> Reply {
        let minutes = self.node().setup.spec.twin.idle_minutes;
        self.say(format!("CLI session timeout is set to {minutes} minutes\n"))
    }

    pub(crate) fn cert_type(&self) -> Reply {
        let node = self.node();
        if node.setup.profile.ecdsa != Ecdsa::Chosen {
            return self.unknown(super::parse::Unknown::Word);
        }
        let kind = if node.state.ecdsa_chosen { "ECDSA" } else { "RSA" };
        self.say(format!(
            "The server certificate type is set to {kind}\nCommand successful\n"
        ))
    }

    /// The setter's existence and text are a guess; listeners follow when their services restart.
    pub(crate) fn set_cert_type(&mut self, kind: &str) -> Reply {
        let known = matches!(kind, "RSA" | "ECDSA");
        if self.node().setup.profile.ecdsa != Ecdsa::Chosen || !known {
            return self.unknown(super::parse::Unknown::Word);
        }
        self.world.node_mut(self.id).state.ecdsa_chosen = kind == "ECDSA";
        let what = What::Setting(format!("tls server cert_type {kind}"));
        self.world.write(self.id, what);
        self.say(format!(
            "The server certificate type is set to {kind}\nCommand successful\n"
        ))
    }
}
