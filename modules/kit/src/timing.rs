//! Waits of drivers and of the engine, by name: data of the host.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How long to wait for what. `timing: real` (the default), `timing: fast`, or a
/// mapping of single waits over `real`, in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Timing {
    /// Until TCP is connected.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub connect: Duration,
    /// For key exchange and login, each.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub handshake: Duration,
    /// Until the first prompt of a session.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub prompt: Duration,
    /// Without a prompt after the welcome text: when to send one newline.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub nudge: Duration,
    /// Silence after a prompt that makes it the end of the output.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub quiet: Duration,
    /// For a command that only reads.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub command: Duration,
    /// Between a question and its answer.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub answer: Duration,
    /// Between the request to paste and the first line.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub paste_pause: Duration,
    /// Between the lines of a paste.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub paste_line: Duration,
    /// For an import after the last pasted line, and for making a request.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub import: Duration,
    /// Between two looks while polling.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub poll: Duration,
    /// For a certificate's trust to be seen on the secondaries.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub replication: Duration,
    /// For one service to be started again.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub service: Duration,
    /// After a restart was accepted, before the first look at the port.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub first_probe: Duration,
    /// For a restarted node to be back in service, all in all.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub restart: Duration,
    /// A session idle for longer is closed and opened again for the next command.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub idle: Duration,
    /// Between keepalives on an open session.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub keepalive: Duration,
    /// For one TLS handshake.
    #[serde(with = "seconds")]
    #[schemars(with = "f64")]
    pub tls: Duration,
}

impl Timing {
    /// What real devices need (`vos-cli.md` §1.5, §3.5, §3.8, §4.3, §5.1).
    pub fn real() -> Self {
        let s = Duration::from_secs;
        let ms = Duration::from_millis;
        Self {
            connect: s(20),
            handshake: s(60),
            prompt: s(120),
            nudge: s(5),
            quiet: ms(400),
            command: s(120),
            answer: ms(300),
            paste_pause: s(1),
            paste_line: ms(30),
            import: s(120),
            poll: s(10),
            replication: s(35 * 60),
            service: s(600),
            first_probe: s(120),
            restart: s(45 * 60),
            idle: s(20 * 60),
            keepalive: s(30),
            tls: s(15),
        }
    }

    /// For twins that hurry.
    pub fn fast() -> Self {
        let s = Duration::from_secs;
        let ms = Duration::from_millis;
        Self {
            prompt: s(10),
            nudge: s(2),
            quiet: ms(20),
            command: s(10),
            answer: ms(5),
            paste_pause: ms(10),
            paste_line: ms(1),
            import: s(10),
            poll: ms(150),
            replication: s(10),
            service: s(15),
            first_probe: ms(500),
            restart: s(40),
            idle: s(60),
            keepalive: s(10),
            tls: s(5),
            connect: s(3),
            handshake: s(10),
        }
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self::real()
    }
}

/// Durations in files are seconds, whole or not.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(it: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(it.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
        Duration::try_from_secs_f64(f64::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
