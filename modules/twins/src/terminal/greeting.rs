//! What a login shows before the first prompt.

use crate::mischief::Mischief;
use crate::timing::Timing;
use std::time::Duration;

pub(crate) const STARTING: &str = "Command Line Interface is starting up, please wait ...\n";
const WELCOME: &str = "\n   Welcome to the Platform Command Line Interface\n";
const HARDWARE: &str = "\nVMware Installation:\n\
    \t2 vCPU: Intel(R) Xeon(R) CPU E7- 2830  @ 2.13GHz\n\
    \tDisk 1: 146GB, Partitions aligned\n\
    \t8192 Mbytes RAM\n";
const DNS_WARNING: &str = "\tWARNING: DNS unreachable\n";

/// The texts with their times, and the time of the prompt after them.
pub(crate) struct Greeting {
    pub(crate) texts: Vec<(Duration, String)>,
    pub(crate) prompt_at: Duration,
}

impl Greeting {
    /// For a session that begins at `now` on a node that has no prompt to give before `earliest`.
    pub(crate) fn new(mischief: &Mischief, timing: &Timing, now: Duration, earliest: Duration) -> Greeting {
        let warning = if mischief.dns_warning { DNS_WARNING } else { "" };
        let starting = now + timing.banner;
        let welcome = starting + timing.welcome;
        let hardware = welcome + timing.hardware;
        let slow = mischief
            .slow_prompt
            .and_then(|s| Duration::try_from_secs_f64(s).ok());
        let prompt_at = (hardware + timing.prompt).max(earliest) + slow.unwrap_or_default();
        Greeting {
            texts: vec![
                (starting, STARTING.to_owned()),
                (welcome, WELCOME.to_owned()),
                (hardware, format!("{HARDWARE}{warning}\n")),
            ],
            prompt_at,
        }
    }
}
