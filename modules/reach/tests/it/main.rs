//! Against real servers: OpenSSH's sshd and OpenSSL's s_server, on loopback.

mod accounts;
mod host_keys;
mod logins;
mod ssh;
mod support;
mod tls;
