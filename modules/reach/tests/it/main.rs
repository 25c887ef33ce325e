//! Against real servers: OpenSSH's sshd and OpenSSL's s_server, on loopback.

mod host_keys;
mod ssh;
mod support;
mod tls;
