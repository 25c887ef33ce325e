//! Against real servers: OpenSSH's sshd and OpenSSL's s_server, on loopback.

mod ssh;
mod support;
