//! An open socket, as SSH and TLS need it.

use std::io;
use std::net::Shutdown;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use tokio::net::TcpStream;
#[cfg(unix)]
use tokio::net::UnixStream;

/// A connected socket: TCP, or one end of a pair that somebody else feeds.
#[derive(Debug)]
pub enum Socket {
    /// A TCP connection.
    Tcp(TcpStream),
    /// One end of a socket pair; a jump host's channel feeds the other.
    #[cfg(unix)]
    Pair(UnixStream),
}

/// The same expression for whatever the socket is.
macro_rules! either {
    ($socket:expr, $inner:ident => $do:expr) => {
        match $socket {
            Socket::Tcp($inner) => $do,
            #[cfg(unix)]
            Socket::Pair($inner) => $do,
        }
    };
}

impl Socket {
    /// A TCP connection that sends small writes at once. Prompts and answers
    /// are a few bytes each.
    pub(crate) fn tcp(stream: TcpStream) -> Self {
        // Slower without, and nothing worse.
        let _ = stream.set_nodelay(true);
        Self::Tcp(stream)
    }

    /// Has the system end a connection whose far side has been silent for
    /// about three times `interval`. A pair has no far side to lose.
    pub(crate) fn notice_dead_peer(&self, interval: Duration) {
        if let (Self::Tcp(stream), false) = (self, interval.is_zero()) {
            let whole = interval.max(Duration::from_secs(1));
            let keepalive = TcpKeepalive::new().with_time(whole).with_interval(whole);
            // Where a system knows no such option, the limits of each step remain.
            let _ = SockRef::from(stream).set_tcp_keepalive(&keepalive);
            #[cfg(target_os = "linux")]
            let _ = SockRef::from(stream).set_tcp_user_timeout(Some(whole * 3));
        }
    }

    pub(crate) async fn ready(&self, interest: Interest) -> io::Result<Ready> {
        either!(self, it => it.ready(interest).await)
    }

    pub(crate) fn try_io<T>(&self, interest: Interest, op: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
        either!(self, it => it.try_io(interest, op))
    }

    /// Ends the connection in both directions, so that nothing can wait on it any more.
    pub(crate) fn shutdown(&self) {
        // It may be gone already, which is as good.
        let _ = either!(self, it => SockRef::from(it).shutdown(Shutdown::Both));
    }
}

#[cfg(unix)]
impl std::os::fd::AsRawFd for Socket {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        either!(self, it => it.as_raw_fd())
    }
}

#[cfg(windows)]
impl std::os::windows::io::AsRawSocket for Socket {
    fn as_raw_socket(&self) -> std::os::windows::io::RawSocket {
        either!(self, it => it.as_raw_socket())
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        either!(self.get_mut(), it => Pin::new(it).poll_read(cx, buffer))
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        either!(self.get_mut(), it => Pin::new(it).poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), it => Pin::new(it).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self.get_mut(), it => Pin::new(it).poll_shutdown(cx))
    }
}
