//! Passwords that are made, kept in files and hashed.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Barrier};

use cutover_kit::secret::Origin;
use cutover_kit::{Secret, Secrets, Value};
use cutover_language::files::Disk;
use cutover_language::scope::{Layer, Nowhere, Rank, Scope};
use cutover_language::template::{Fetch, Ran, Surroundings, Templar};
use cutover_language::vault::{self, Key, Keyring};
use cutover_language::{Node, Source};
use insta::assert_snapshot;

/// A machine whose chance is different at each draw, and the same in each test.
#[derive(Default)]
struct Machine {
    draws: AtomicU8,
    /// What another process writes a moment before us.
    quicker: Option<&'static str>,
}

impl Surroundings for Machine {
    fn now(&self) -> Option<jiff::Timestamp> {
        None
    }

    /// What the journal tells makes no password.
    fn random(&self, _: usize) -> Option<Vec<u8>> {
        None
    }

    fn secret_random(&self, count: usize) -> Option<Vec<u8>> {
        Some(vec![self.draws.fetch_add(1, Ordering::SeqCst) + 1; count])
    }

    fn shell(&self, _: &str, _: &Path) -> io::Result<Ran> {
        Err(io::Error::other("no commands"))
    }

    fn fetch(&self, _: &Fetch) -> Result<String, String> {
        Err("no network".to_owned())
    }

    fn create(&self, path: &Path, text: &str) -> io::Result<()> {
        if let Some(other) = self.quicker {
            std::fs::write(path, other)?;
        }
        let mut file = std::fs::File::create_new(path)?;
        io::Write::write_all(&mut file, text.as_bytes())
    }

    fn replace(&self, path: &Path, text: &str) -> io::Result<()> {
        std::fs::write(path, text)
    }
}

fn key() -> Secret {
    Secret::new("p", Origin::environment("VAULT"))
}

/// A playbook in a folder of its own.
struct Play {
    folder: tempfile::TempDir,
    secrets: Secrets,
    templar: Templar,
}

impl Play {
    fn on(machine: Machine) -> Self {
        let secrets = Secrets::default();
        let keys = Keyring::new([Key {
            label: "default".to_owned(),
            password: key(),
        }]);
        let files = Disk::with_vault(Arc::new(keys));
        let templar = Templar::new(Arc::new(files), secrets.clone());
        Self {
            folder: tempfile::tempdir().unwrap(),
            secrets,
            templar: templar.with_surroundings(Arc::new(machine)),
        }
    }

    fn value(&self, expression: &str) -> String {
        let folder = self.folder.path().display().to_string();
        let magic = Layer::new(Rank::Magic, "magic").with("playbook_dir", folder.as_str());
        let scope = Scope::new(Arc::new(Nowhere)).with(magic);
        let source = Source::new("t.yml", expression);
        let node = Node::text(expression, source.place(0..expression.len()));
        match self.templar.expression(&node, &scope) {
            Ok(Value::Secret(secret)) => format!("secret {}", secret.expose()),
            Ok(value) => format!("{value:?}"),
            Err(error) => {
                let help = error.help.map_or_else(String::new, |help| format!(" ({help})"));
                format!("! {}{help}", error.message.replace(&folder, "PLAY"))
            }
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}

#[test]
fn a_password_is_made_once_and_kept() {
    let play = Play::on(Machine::default());
    let first = play.value("lookup('password', 'p.txt length=12 chars=ascii_lowercase')");
    assert_snapshot!(first, @"secret vtjmnzfcaiej");
    assert_eq!(play.value("lookup('password', 'p.txt')"), first);
    assert_eq!(play.file("p.txt"), "vtjmnzfcaiej\n");
}

#[test]
fn a_hash_keeps_its_salt_and_the_clear_password_is_a_secret_too() {
    let play = Play::on(Machine::default());
    let made = "lookup('password', 'p.txt', length=8, chars=['digits'], encrypt='md5_crypt')";
    let hashed = play.value(made);
    assert_snapshot!(hashed, @"secret $1$W6/2ixA6$W8.aKMwQJobmB2kyMrbht.");
    assert_snapshot!(play.file("p.txt"), @"94662104 salt=W6/2ixA6");
    assert_eq!(play.value(made), hashed);
    assert_snapshot!(play.secrets.mask("it is 94662104"), @"it is ********");

    std::fs::write(play.path("old.txt"), "kept before\n").unwrap();
    assert_snapshot!(play.value("lookup('password', 'old.txt encrypt=bcrypt')"), @"secret $2b$12$876j9jZTfgTXFrTTf/wUmeOnlAvennJs8EkpEZpetlMnD3bNPtZmq");
    assert_snapshot!(play.file("old.txt"), @"kept before salt=876j9jZTfgTXFrTTf/wUmq ident=2b");
    assert_snapshot!(
        play.value("lookup('password', 'old.txt encrypt=bcrypt ident=2a')"),
        @"! `ident` is 2a, and 2b in old.txt"
    );
}

#[test]
fn an_encrypted_file_is_never_written_in_clear() {
    let play = Play::on(Machine::default());
    let sealed = |text: &str| vault::seal(text.as_bytes(), &key(), None).unwrap();
    std::fs::write(play.path("p.txt"), sealed("hunter22\n")).unwrap();
    std::fs::write(play.path("salted.txt"), sealed("hunter22 salt=abcdefgh\n")).unwrap();
    let before = play.file("p.txt");
    assert_snapshot!(play.value("lookup('password', 'p.txt')"), @"secret hunter22");
    assert_snapshot!(play.value("lookup('password', 'p.txt encrypt=sha512_crypt')"), @"! p.txt is encrypted and keeps no `salt` (write `PASSWORD salt=SALT`, and ` ident=IDENT` where the hash has one, and encrypt it again)");
    assert_eq!(play.file("p.txt"), before);
    let hashed = "lookup('password', 'salted.txt encrypt=md5_crypt').split('$')[2]";
    assert_snapshot!(play.value(hashed), @"secret abcdefgh");
    assert_snapshot!(play.value("lookup('password', 'salted.txt encrypt=bcrypt')"), @"! salted.txt is encrypted and keeps no `ident` (write `PASSWORD salt=SALT`, and ` ident=IDENT` where the hash has one, and encrypt it again)");
}

#[test]
fn hosts_that_ask_at_once_get_the_same_password() {
    let play = Play::on(Machine::default());
    let start = Barrier::new(8);
    let answers: Vec<String> = std::thread::scope(|threads| {
        let ask = || {
            start.wait();
            play.value("lookup('password', 'p.txt')")
        };
        let all: Vec<_> = (0..8).map(|_| threads.spawn(ask)).collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(answers[0].starts_with("secret "), "{}", answers[0]);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[test]
fn the_password_of_a_quicker_process_counts() {
    let play = Play::on(Machine {
        quicker: Some("theirs\n"),
        ..Machine::default()
    });
    assert_eq!(play.value("lookup('password', 'p.txt')"), "secret theirs");
    assert_eq!(play.file("p.txt"), "theirs\n");
}

#[test]
fn seeded_passwords_are_those_of_ansible() {
    let play = Play::on(Machine::default());
    let made = ["", " chars=a,,b,digits length=30", " chars=punctuation"];
    let made = made.map(|how| play.value(&format!("lookup('password', '/dev/null{how} seed=x')")));
    assert_snapshot!(made.join("\n"), @r"
    secret O9iX65WvW9::bS:gx:86
    secret 72664a9364743b346955,25,b5464,
    secret [-@@<$_~/?;\;/(/<?`=
    ");
}

#[test]
fn passwords_are_hashed_as_other_programs_do() {
    let play = Play::on(Machine::default());
    let table = [
        "'secret' | password_hash('sha512', 'mysalt', rounds=1000)",
        "'secret' | password_hash('sha256', 'mysalt', rounds=5000)",
        "'secret' | password_hash('md5', 'mysalt')",
        "'secret' | password_hash('blowfish', 'abcdefghijklmnopqrstuu', rounds=4, ident='2y')",
        "('secret' | password_hash('sha256', salt_size=4, rounds=1000)).split('$')[3] | length",
        "'secret' | password_hash('sha256', 'no salt')",
        "'secret' | password_hash('sha513')",
        "'secret' | password_hash('sha512', rounds=10)",
    ];
    let table = table.map(|text| format!("{text}\n    {}", play.value(text)));
    assert_snapshot!(table.join("\n"), @r#"
    'secret' | password_hash('sha512', 'mysalt', rounds=1000)
        "$6$rounds=1000$mysalt$GWqo/Lq3SURYGcNVPiffI5Ic1x2WLu.e2sf9owxedsXuZK/w2K89mrRPOcDayUvRWxd/x1F1WhRLB4W89a23d."
    'secret' | password_hash('sha256', 'mysalt', rounds=5000)
        "$5$mysalt$I2SNajjJ3Gc5gIR/tkrLOGngF8wqv59buJCqxh.o9s8"
    'secret' | password_hash('md5', 'mysalt')
        "$1$mysalt$n/EfEiV74OYgBdqhKQzSW/"
    'secret' | password_hash('blowfish', 'abcdefghijklmnopqrstuu', rounds=4, ident='2y')
        "$2y$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW"
    ('secret' | password_hash('sha256', salt_size=4, rounds=1000)).split('$')[3] | length
        4
    'secret' | password_hash('sha256', 'no salt')
        ! a salt for sha256 has 1 to 16 letters, digits, dots and slashes
    'secret' | password_hash('sha513')
        ! there is no scheme `sha513` for password hashes (did you mean `sha512`?)
    'secret' | password_hash('sha512', rounds=10)
        ! `rounds` of sha512 is between 1000 and 999999999
    "#);
}
