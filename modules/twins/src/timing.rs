//! How long things take on a device.

use std::time::Duration;

/// Durations of everything a node does, measured on the estate's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// From login to `Command Line Interface is starting up`.
    pub banner: Duration,
    /// From there to the welcome line.
    pub welcome: Duration,
    /// From there to the block about the virtual machine.
    pub hardware: Duration,
    /// From there to the first prompt.
    pub prompt: Duration,
    /// How long an ordinary command takes to answer.
    pub command: Duration,
    /// How long `utils service list`, `utils dbreplication runtimestate` and imports take.
    pub slow_command: Duration,
    /// Between two lines of `utils service restart`; a restart is nine of them.
    pub service_step: Duration,
    /// From the word to restart until sessions end and ports close.
    pub shutdown: Duration,
    /// From there until port 22 is open again.
    pub dark: Duration,
    /// From there until a login gets its prompt.
    pub boot_prompt: Duration,
    /// From the open port 22 until every service is started.
    pub boot_services: Duration,
    /// From the open port 22 until database replication is good; never before the services are.
    pub boot_replication: Duration,
    /// From a trust import until the other nodes of the cluster hold it.
    pub trust_replication: Duration,
    /// How long the notification service is away after a change of `tomcat-trust` on Finesse or UCCX.
    pub notification_outage: Duration,
}

impl Timing {
    /// For tests and rehearsals: a login within 50 ms, a restart of the node in two seconds.
    #[must_use]
    pub fn fast() -> Self {
        let ms = Duration::from_millis;
        Timing {
            banner: ms(5),
            welcome: ms(25),
            hardware: ms(10),
            prompt: ms(10),
            command: ms(5),
            slow_command: ms(10),
            service_step: ms(35),
            shutdown: ms(300),
            dark: ms(700),
            boot_prompt: ms(300),
            boot_services: ms(900),
            boot_replication: ms(1000),
            trust_replication: ms(300),
            notification_outage: ms(150),
        }
    }

    /// As a device of middling speed takes.
    #[must_use]
    pub fn real() -> Self {
        let ms = Duration::from_millis;
        let seconds = Duration::from_secs;
        Timing {
            banner: ms(600),
            welcome: ms(5400),
            hardware: ms(1600),
            prompt: ms(900),
            command: ms(1500),
            slow_command: seconds(5),
            service_step: seconds(5),
            shutdown: seconds(90),
            dark: seconds(120),
            boot_prompt: seconds(180),
            boot_services: seconds(480),
            boot_replication: seconds(540),
            trust_replication: seconds(30),
            notification_outage: seconds(20),
        }
    }
}
