//! How cutover reaches devices: SSH through libssh2, TLS through OpenSSL.
//!
//! [`Reacher`] implements the kit's [`Dialer`](cutover_kit::session::Dialer) over
//! the real world. Sockets come from a [`Transport`], so that a rehearsal or a
//! jump host is a matter of which one is handed in.

mod doors;
mod gate;
mod known_hosts;
mod reacher;
mod socket;
mod ssh;
mod tls;
mod transport;

pub use known_hosts::{HostKey, KnownHosts, Place, Verdict};
pub use reacher::Reacher;
pub use socket::Socket;
pub use ssh::algorithms::{Abilities, Kind, abilities, legacy_built_in, offered};
pub use transport::{AddressMap, OpenError, TcpTransport, Transport};
