//! What every story needs: a small estate, somebody who types on virtual time, and a CA.

pub(crate) mod ca;

use cutover_twins::{Account, DeviceSpec, Estate, EstateSpec, Login, Method, Terminal, Timing, TwinOptions};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Noon of 1 June 2026, UTC.
pub(crate) const EPOCH: u64 = 1_780_315_200;

pub(crate) fn epoch() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(EPOCH)
}

/// One node of a Finesse pair; `a` is the primary.
pub(crate) fn finesse(letter: char, twin: TwinOptions) -> DeviceSpec {
    DeviceSpec {
        name: format!("fin-{letter}"),
        fqdn: format!("fin-{letter}.example.com"),
        address: format!("10.1.1.{}", 10 + letter as u32 - 'a' as u32),
        products: vec!["finesse".to_owned()],
        version: "12.6.2".to_owned(),
        cluster: "finesse".to_owned(),
        primary: letter == 'a',
        accounts: vec![Account {
            name: "administrator".to_owned(),
            password: Some("correct horse".to_owned()),
        }],
        ports: None,
        twin,
    }
}

pub(crate) fn estate(devices: Vec<DeviceSpec>) -> Estate {
    let spec = EstateSpec { devices, seed: 7 };
    Estate::new(&spec, Timing::fast(), epoch()).expect("the estate is sound")
}

/// A single Finesse node with these options.
pub(crate) fn single(twin: TwinOptions) -> Estate {
    estate(vec![finesse('a', twin)])
}

/// A healthy Finesse pair that takes its time.
pub(crate) fn timed(timing: Timing) -> Estate {
    let devices = ['a', 'b'].map(|letter| finesse(letter, TwinOptions::default()));
    let spec = EstateSpec {
        devices: devices.to_vec(),
        seed: 7,
    };
    Estate::new(&spec, timing, epoch()).expect("the estate is sound")
}

/// A healthy Finesse pair.
pub(crate) fn pair() -> Estate {
    estate(vec![
        finesse('a', TwinOptions::default()),
        finesse('b', TwinOptions::default()),
    ])
}

/// Lets everything happen that is still to happen by itself; returns when it was over.
pub(crate) fn settle(estate: &Estate, mut now: Duration) -> Duration {
    while let Some(next) = estate.next() {
        now = now.max(next);
        estate.advance(now);
    }
    now
}

/// Somebody at a terminal, with a clock of his own that only moves when he waits.
pub(crate) struct Typist {
    pub(crate) estate: Estate,
    pub(crate) now: Duration,
    terminal: Terminal,
}

impl Typist {
    /// Logs in and waits for the prompt, with pagination off.
    pub(crate) fn new(estate: &Estate, host: &str, now: Duration) -> Typist {
        let mut typist = Typist::at_greeting(estate, host, now);
        typist.until("admin:");
        assert_eq!(
            typist.command("set cli pagination off"),
            "Automatic pagination is turned off\r\n"
        );
        typist
    }

    /// Logs in and waits for nothing.
    pub(crate) fn at_greeting(estate: &Estate, host: &str, now: Duration) -> Typist {
        let method = estate.methods(host)[0];
        Typist {
            estate: estate.clone(),
            now,
            terminal: login(estate, host, now, method).expect("a session"),
        }
    }

    /// Waits until the output ends with a text; returns all of it.
    pub(crate) fn until(&mut self, end: &str) -> String {
        let mut seen = String::new();
        let give_up = self.now + Duration::from_secs(7200);
        loop {
            seen += &self.now_due();
            if seen.ends_with(end) {
                return seen;
            }
            let next = self.terminal.next().filter(|next| *next < give_up);
            let Some(next) = next else {
                panic!("waited for {end:?}, saw {seen:?}");
            };
            assert!(!self.terminal.ended(self.now), "ended after {seen:?}");
            self.now = self.now.max(next);
        }
    }

    /// What the terminal shows by now.
    pub(crate) fn now_due(&mut self) -> String {
        String::from_utf8_lossy(&self.terminal.output(self.now)).into_owned()
    }

    /// Lets time pass; returns what came meanwhile.
    pub(crate) fn wait(&mut self, time: Duration) -> String {
        self.now += time;
        self.now_due()
    }

    pub(crate) fn press(&mut self, keys: &str) {
        self.terminal.input(self.now, keys.as_bytes());
    }

    pub(crate) fn resize(&mut self, columns: u32, rows: u32) {
        self.terminal.resize(columns, rows);
    }

    /// Types a command and waits for the prompt; returns what stands between echo and prompt.
    pub(crate) fn command(&mut self, command: &str) -> String {
        self.line_until(command, "admin:")
    }

    /// Types a line and waits for a text; returns what stands between the echo and that text.
    pub(crate) fn line_until(&mut self, line: &str, end: &str) -> String {
        self.press(&format!("{line}\r"));
        let seen = self.until(end);
        let echo = format!("{line}\r\n");
        let body = seen.strip_prefix(&echo).expect("the echo comes first");
        body.strip_suffix(end).expect("checked").to_owned()
    }

    /// Pastes a certificate after an import command; returns the answer.
    pub(crate) fn import(&mut self, what: &str, pem: &str) -> String {
        self.line_until(
            &format!("set cert import {what}"),
            "Paste the Certificate and Hit Enter\r\n",
        );
        let pem = pem.trim_end().replace('\n', "\r\n");
        self.press(&format!("{pem}\r\n\r\n"));
        let seen = self.until("admin:");
        let echo = format!("{pem}\r\n\r\n");
        let answer = seen.strip_prefix(&echo).expect("the paste is echoed");
        answer.strip_suffix("admin:").expect("checked").to_owned()
    }

    /// Makes a request for a unit and reads it.
    pub(crate) fn request(&mut self, unit: &str) -> String {
        assert_eq!(
            self.command(&format!("set csr gen {unit}")),
            format!("Successfully Generated CSR  for {unit}\r\n")
        );
        self.command(&format!("show csr own {unit}")).replace('\r', "")
    }

    pub(crate) fn ended(&self) -> bool {
        self.terminal.ended(self.now)
    }

    pub(crate) fn next(&self) -> Option<Duration> {
        self.terminal.next()
    }
}

pub(crate) fn login(estate: &Estate, host: &str, now: Duration, method: Method) -> Option<Terminal> {
    match estate.login(host, now, method, "administrator", "correct horse") {
        Login::Accepted(terminal) => Some(terminal),
        Login::Refused | Login::Closed => None,
    }
}
