//! Documented ways in which a device may misbehave; each is a switch of its own, off by default.

use serde::Deserialize;

/// The fault switches of one node. Times are seconds of the estate's clock, whatever its timing.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mischief {
    /// This many seconds pass before the first prompt of every session.
    pub slow_prompt: Option<f64>,
    /// The prompt comes in two pieces, `ad` and a little later `min:`.
    pub split_prompt: bool,
    /// The prompt follows `ESC[K` on the line where the output ended.
    pub glued_prompt: bool,
    /// Lines and prompts carry a stray carriage return.
    pub lone_cr: bool,
    /// The login text warns of an unreachable DNS server.
    pub dns_warning: bool,
    /// `set cli pagination off` says that it worked, and long output is paged nevertheless.
    pub pager_on: bool,
    /// Commands that begin with these words ask `Continue (y/n)?` first; anything but `y` ends them.
    pub extra_question: Option<String>,
    /// The first answer to a restart's question is lost, and the question comes again (once).
    pub swallowed_answer: bool,
    /// `utils service restart` comes back to the prompt while the service is still starting.
    pub returns_starting: bool,
    /// This service never gets past `STARTING` once it has been restarted.
    pub stuck_service: Option<String>,
    /// The connection is lost in the middle of the first pasted certificate.
    pub drops_paste: bool,
    /// Bytes per millisecond that a paste may bring; what comes faster is lost.
    pub paste_limit: Option<u32>,
    /// Nothing that another node imports into a trust store ever arrives here.
    pub never_gets_trust: bool,
    /// Right after a request was shown, somebody makes another in its place (once).
    pub request_replaced: bool,
    /// A trust import says that it worked, but the certificate is not kept.
    pub loses_trust: bool,
    /// A further name that requests carry in their SAN.
    pub extra_san: Option<String>,
    /// The intermediate of a `signed` starting certificate has ended.
    pub expired_intermediate: bool,
    /// The node goes down for a restart and does not come back.
    pub never_returns: bool,
    /// SSH speaks only what releases before 12 spoke (group14-sha1, hmac-sha1, CBC and CTR).
    pub legacy_ssh: bool,
    /// A failed import of an own certificate says only that a file `could not be uploaded`.
    pub vague_errors: bool,
    /// An exec request prints the start-up line and hangs, instead of closing with no data.
    pub exec_hangs: bool,
}
