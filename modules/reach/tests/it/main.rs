//! Against real servers: OpenSSH's sshd and OpenSSL's s_server, on loopback.

mod accounts;
mod estates;
mod host_keys;
mod logins;
mod ssh;
mod support;
mod tls;
mod transports;
