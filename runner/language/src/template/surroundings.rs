//! What lookups and filters may ask of the world beyond variables and files.

use std::io;
use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

/// Time, chance, commands and the network. A run hands in its own; where nothing
/// is handed in ([`Nothing`]), what needs them is refused.
pub trait Surroundings: Send + Sync {
    /// The wall clock.
    fn now(&self) -> Option<Timestamp>;

    /// The name of this machine.
    fn host_name(&self) -> Option<String> {
        None
    }

    /// What is known of a file of this machine besides its text.
    fn about(&self, _: &Path) -> Option<About> {
        None
    }

    /// This many bytes that nobody can foresee; the journal tells them afterwards.
    fn random(&self, count: usize) -> Option<Vec<u8>>;

    /// This many bytes that nobody can foresee or find out: secrets are made of them.
    fn secret_random(&self, count: usize) -> Option<Vec<u8>>;

    /// Runs a command line in the shell of this machine, in `folder`, and waits for its end.
    fn shell(&self, command: &str, folder: &Path) -> io::Result<Ran>;

    /// The body of what is at a URL. A fault is one sentence.
    fn fetch(&self, request: &Fetch) -> Result<String, String>;

    /// Makes a file that only its owner can read, and the folders it is in. It appears with its
    /// whole text; where one is there already, this is [`io::ErrorKind::AlreadyExists`].
    fn create(&self, path: &Path, text: &str) -> io::Result<()>;

    /// The same in the place of one that is there.
    fn replace(&self, path: &Path, text: &str) -> io::Result<()>;
}

/// What is known of a file besides its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// When it was last written.
    pub written: Timestamp,
    /// Whose it is: a name, or where nobody has that number, the number.
    pub owner: String,
}

/// What came of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ran {
    /// Its exit status; `None` where a signal ended it.
    pub status: Option<i32>,
    /// What it wrote to its output.
    pub output: String,
    /// What it wrote to its error output.
    pub errors: String,
}

/// What is asked of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Where.
    pub url: String,
    /// Further headers.
    pub headers: Vec<(String, String)>,
    /// Whether the server's certificate is to be verified.
    pub validate_certs: bool,
    /// How long it may take.
    pub timeout: Duration,
}

/// No time, no chance, no commands, no network.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl Surroundings for Nothing {
    fn now(&self) -> Option<Timestamp> {
        None
    }

    fn random(&self, _: usize) -> Option<Vec<u8>> {
        None
    }

    fn secret_random(&self, _: usize) -> Option<Vec<u8>> {
        None
    }

    fn shell(&self, _: &str, _: &Path) -> io::Result<Ran> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "no commands are run here",
        ))
    }

    fn fetch(&self, _: &Fetch) -> Result<String, String> {
        Err("nothing is fetched from the network here".to_owned())
    }

    fn create(&self, _: &Path, _: &str) -> io::Result<()> {
        Err(io::Error::new(
            io::ErrorKind::Unsupported,
            "no files are made here",
        ))
    }

    fn replace(&self, path: &Path, text: &str) -> io::Result<()> {
        self.create(path, text)
    }
}
