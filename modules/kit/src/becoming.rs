//! Working as another user of a host: who, by which program, and what is said at its door.
//!
//! The program (`sudo`, `su`) may ask for a password on standard error before it starts the command.
//! A [`Gate`] keeps the command's own input back until a line says that the command has begun, so
//! that a password is never taken for input, nor input for a password.

use crate::secret::Secret;

/// As whom a task's commands run, where that is not the account logged in.
#[derive(Clone, Debug, PartialEq)]
pub struct Become {
    /// `become_user`.
    pub user: String,
    /// `become_method`.
    pub method: Method,
    /// `become_flags`, where they replace the method's own.
    pub flags: Option<String>,
    /// `become_exe`: the method's program, where it is another.
    pub exe: Option<String>,
    /// `ansible_become_password`, or what was typed for `-K`.
    pub password: Option<Secret>,
}

/// How to become another user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Method {
    /// `sudo`.
    #[default]
    Sudo,
    /// `su`.
    Su,
    /// `doas`, which takes no password without a terminal.
    Doas,
}

impl Method {
    /// Every method, by the name a playbook uses.
    pub const ALL: [(&'static str, Self); 3] = [("sudo", Self::Sudo), ("su", Self::Su), ("doas", Self::Doas)];

    /// The names alone.
    pub const NAMES: [&'static str; Self::ALL.len()] = {
        let mut names = [""; Self::ALL.len()];
        let mut place = 0;
        while place < names.len() {
            names[place] = Self::ALL[place].0;
            place += 1;
        }
        names
    };

    /// The name a playbook uses.
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, it)| *it == self)
            .map_or("", |(name, _)| name)
    }

    /// The method of this name, also in its long form (`ansible.builtin.sudo`).
    pub fn named(name: &str) -> Option<Self> {
        let short = name.strip_prefix("ansible.builtin.").unwrap_or(name);
        Self::ALL
            .iter()
            .find(|(known, _)| *known == short)
            .map(|(_, it)| *it)
    }
}

/// What stands between a command's start and its own input.
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// The answer to one question on standard error; none where there is none to give.
    pub password: Option<Secret>,
    /// The line on standard error that says the command has begun.
    pub begun: &'static str,
}

/// What to do about what was heard on standard error.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// Send this, with its line end.
    Say(Secret),
    /// The command has begun: send its input, and say that there is no more.
    Begin,
    /// Say that nothing more comes: the question cannot be answered, or was asked again.
    HangUp,
}

/// Listens to standard error on behalf of a [`Gate`]; pure.
#[derive(Debug)]
pub struct Porter<'a> {
    gate: &'a Gate,
    heard: Vec<u8>,
    /// How much of it has been answered.
    answered: usize,
    said: bool,
    over: bool,
}

impl<'a> Porter<'a> {
    /// At the gate.
    pub fn new(gate: &'a Gate) -> Self {
        Self {
            gate,
            heard: Vec::new(),
            answered: 0,
            said: false,
            over: false,
        }
    }

    /// What to do now that `bytes` came on standard error.
    pub fn hear(&mut self, bytes: &[u8]) -> Option<Answer> {
        if self.over {
            return None;
        }
        self.heard.extend(bytes);
        if after_line(&self.heard, self.gate.begun).is_some() {
            self.over = true;
            return Some(Answer::Begin);
        }
        if !is_question(&self.heard[self.answered..]) {
            return None;
        }
        self.answered = self.heard.len();
        match &self.gate.password {
            Some(password) if !self.said => {
                self.said = true;
                Some(Answer::Say(password.clone()))
            }
            _ => {
                self.over = true;
                Some(Answer::HangUp)
            }
        }
    }
}

/// What follows the line `line` in `bytes`, where it is there.
pub fn after_line<'b>(bytes: &'b [u8], line: &str) -> Option<&'b [u8]> {
    let wanted = [line.as_bytes(), b"\n"].concat();
    let at = bytes.windows(wanted.len()).position(|window| window == wanted)?;
    Some(&bytes[at + wanted.len()..])
}

/// A question leaves the line open behind a colon.
fn is_question(heard: &[u8]) -> bool {
    let text = heard.trim_ascii_end();
    let open = !heard[text.len()..].contains(&b'\n');
    open && (text.ends_with(b":") || text.ends_with("：".as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Origin;

    fn gate(password: Option<&str>) -> Gate {
        Gate {
            password: password.map(|text| Secret::new(text, Origin::Argument)),
            begun: "begun",
        }
    }

    #[test]
    fn one_question_is_answered_and_the_input_waits_for_the_command() {
        let gate = gate(Some("s3same"));
        let mut porter = Porter::new(&gate);
        assert_eq!(
            porter.hear(b"We trust you have received the usual lecture:\n"),
            None
        );
        let password = Secret::new("s3same", Origin::Argument);
        assert_eq!(porter.hear(b"[cutover] password: "), Some(Answer::Say(password)));
        assert_eq!(porter.hear(b"\nbeg"), None);
        assert_eq!(porter.hear(b"un\n"), Some(Answer::Begin));
        assert_eq!(
            porter.hear(b"Password: "),
            None,
            "the command's own words are its own"
        );
    }

    #[test]
    fn a_question_asked_again_or_without_an_answer_ends_it() {
        let wrong = gate(Some("s3same"));
        let mut porter = Porter::new(&wrong);
        assert!(matches!(porter.hear(b"password:"), Some(Answer::Say(_))));
        assert_eq!(
            porter.hear(b"\nSorry, try again.\npassword:"),
            Some(Answer::HangUp)
        );

        let none = gate(None);
        assert_eq!(Porter::new(&none).hear("密码：".as_bytes()), Some(Answer::HangUp));
    }

    #[test]
    fn what_follows_a_line_is_found_wherever_it_begins() {
        assert_eq!(after_line(b"a\nbegun\nrest", "begun"), Some(&b"rest"[..]));
        assert_eq!(after_line(b"begun", "begun"), None);
    }
}
