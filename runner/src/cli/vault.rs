//! `cutover vault`.

mod edit;
mod file;

use std::io::{Read, Write};
use std::path::PathBuf;

use cutover_kit::Secrets;
use cutover_language::vault::{self, Key, Keyring, PLAIN_LABEL};
use zeroize::Zeroizing;

use super::fault::Fault;
use super::passwords::{Typed, VaultArgs};
use super::{config, ui};
use crate::exit::Exit;
use crate::settings::Settings;
use file::{read, sealed, write};

/// Encrypt and decrypt files and values, in Ansible's own format
///
/// What `ansible-vault` encrypted is read, and it reads what is encrypted here.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Encrypt files in their place; `-` is standard input
    Encrypt(Files),
    /// Decrypt files in their place; `-` is standard input
    Decrypt(Files),
    /// Show what is in encrypted files
    View(Files),
    /// Change an encrypted file in the editor that EDITOR names
    Edit(Files),
    /// Make a new encrypted file in the editor that EDITOR names
    Create(Files),
    /// Encrypt files anew with another password
    Rekey(Rekey),
    /// Encrypt one value, to be put into a YAML file
    #[command(alias = "encrypt_string")]
    EncryptString(Text),
}

/// Files, and the passwords for them.
#[derive(clap::Args, Debug)]
struct Files {
    /// The files.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Write the result here instead; `-` is standard output.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    #[command(flatten)]
    with: With,
}

/// With which password.
#[derive(clap::Args, Debug)]
struct With {
    #[command(flatten)]
    passwords: VaultArgs,

    /// Which of the passwords encrypts, by its label.
    #[arg(long, value_name = "LABEL")]
    encrypt_vault_id: Option<String>,
}

/// Files, and the old and the new password for them.
#[derive(clap::Args, Debug)]
struct Rekey {
    /// The files.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    #[command(flatten)]
    with: With,

    /// The new password: `LABEL@FILE` or `LABEL@prompt`.
    #[arg(long, value_name = "LABEL@SOURCE")]
    new_vault_id: Option<super::passwords::Source>,

    /// A file with the new password, or a script that prints it.
    #[arg(long, value_name = "FILE")]
    new_vault_password_file: Option<PathBuf>,
}

/// A value.
#[derive(clap::Args, Debug)]
struct Text {
    /// The value; without one it is read from standard input.
    text: Option<String>,

    /// The name of the variable to write before it.
    #[arg(short, long, value_name = "NAME")]
    name: Option<String>,

    /// The name of the variable whose value is read from standard input.
    #[arg(long, value_name = "NAME")]
    stdin_name: Option<String>,

    #[command(flatten)]
    with: With,
}

pub(super) fn run(args: &Args) -> Result<Exit, Fault> {
    match &args.verb {
        Verb::Encrypt(files) => {
            let keyring = files.with.keyring(Typed::Twice)?;
            let key = files.with.key(&keyring)?;
            files.each(|clear| {
                if vault::is_sealed(&String::from_utf8_lossy(clear)) {
                    return Err(Fault::error("input is already encrypted"));
                }
                seal(clear, key)
            })
        }
        Verb::Decrypt(files) => {
            let keyring = files.with.keyring(Typed::Once)?;
            files.each(|text| open(&keyring, text).map(|(_, clear)| clear))
        }
        Verb::View(files) => {
            let keyring = files.with.keyring(Typed::Once)?;
            for path in &files.paths() {
                let (_, clear) = open(&keyring, &read(path)?)?;
                print(&clear)?;
            }
            Ok(Exit::Done)
        }
        Verb::Edit(files) => {
            let keyring = files.with.keyring(Typed::Once)?;
            for path in &files.files {
                let (key, clear) = open(&keyring, &read(path)?)?;
                let changed = edit::edit(path, &clear)?;
                if *changed != *clear {
                    write(path, &seal(&changed, key)?)?;
                }
            }
            Ok(Exit::Done)
        }
        Verb::Create(files) => {
            let keyring = files.with.keyring(Typed::Twice)?;
            let key = files.with.key(&keyring)?;
            for path in &files.files {
                if path.exists() {
                    return Err(Fault::error(format!("{} is there already", path.display()))
                        .hint("change it with `cutover vault edit`"));
                }
                write(path, &seal(&edit::edit(path, b"")?, key)?)?;
            }
            Ok(Exit::Done)
        }
        Verb::Rekey(rekey) => rekey.run(),
        Verb::EncryptString(text) => text.run(),
    }
}

impl With {
    fn keyring(&self, typed: Typed) -> Result<Keyring, Fault> {
        let settings = config::settings()?;
        self.passwords.some_keyring(&settings, &Secrets::default(), typed)
    }

    /// The password to encrypt with: the one asked for, else the first.
    fn key<'a>(&self, keyring: &'a Keyring) -> Result<&'a Key, Fault> {
        let Some(label) = &self.encrypt_vault_id else {
            let labels: std::collections::BTreeSet<_> = keyring.keys().iter().map(|key| &key.label).collect();
            return match keyring.keys() {
                [key, ..] if labels.len() == 1 => Ok(key),
                _ => Err(Fault::error("several passwords were given")
                    .hint("say with --encrypt-vault-id which of them encrypts")),
            };
        };
        let found = keyring.keys().iter().find(|key| key.label == *label);
        found.ok_or_else(|| Fault::error(format!("no password is called `{label}`")))
    }
}

impl Files {
    fn paths(&self) -> Vec<PathBuf> {
        match self.files.as_slice() {
            [] => vec!["-".into()],
            files => files.to_vec(),
        }
    }

    /// Makes something else of each file.
    fn each(&self, make: impl Fn(&[u8]) -> Result<Zeroizing<Vec<u8>>, Fault>) -> Result<Exit, Fault> {
        let paths = self.paths();
        if let (Some(_), [_, _, ..]) = (&self.output, paths.as_slice()) {
            return Err(Fault::new(
                Exit::Usage,
                "--output takes one file, and these are several",
            ));
        }
        for path in &paths {
            let made = make(&read(path)?).map_err(|fault| match path.to_str() {
                Some("-") => fault,
                _ => fault.about(path.display()),
            })?;
            write(self.output.as_deref().unwrap_or(path), &made)?;
        }
        Ok(Exit::Done)
    }
}

impl Rekey {
    fn run(&self) -> Result<Exit, Fault> {
        let keyring = self.with.keyring(Typed::Once)?;
        let new = VaultArgs::of(self.new_vault_id.clone(), self.new_vault_password_file.clone());
        // The settings say how what is there is opened, not what opens it from now on.
        let new = new.some_keyring(&Settings::default(), &Secrets::default(), Typed::Twice)?;
        let Some(key) = new.keys().first() else {
            return Err(Fault::error("there is no new password"));
        };
        for path in &self.files {
            let (_, clear) = open(&keyring, &read(path)?)?;
            write(path, &seal(&clear, key)?)?;
        }
        Ok(Exit::Done)
    }
}

impl Text {
    fn run(&self) -> Result<Exit, Fault> {
        let keyring = self.with.keyring(Typed::Twice)?;
        let key = self.with.key(&keyring)?;
        let text = match &self.text {
            Some(text) if text != "-" => Zeroizing::new(text.clone()),
            _ => typed()?,
        };
        let text = seal(text.as_bytes(), key)?;
        let text = String::from_utf8_lossy(&text);
        let mut out = match self.name.as_ref().or(self.stdin_name.as_ref()) {
            Some(name) => format!("{name}: !vault |\n"),
            None => "!vault |\n".to_owned(),
        };
        for line in text.lines() {
            out.push_str(&format!("          {line}\n"));
        }
        ui::print(&out);
        Ok(Exit::Done)
    }
}

/// Standard input to its end.
fn typed() -> Result<Zeroizing<String>, Fault> {
    let mut text = Zeroizing::new(String::new());
    std::io::stdin()
        .read_to_string(&mut text)
        .map_err(Fault::io("read standard input"))?;
    Ok(text)
}

fn print(clear: &[u8]) -> Result<(), Fault> {
    let mut out = std::io::stdout().lock();
    out.write_all(clear)
        .map_err(Fault::io("write to standard output"))
}

fn seal(clear: &[u8], key: &Key) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let label = Some(key.label.as_str()).filter(|label| *label != PLAIN_LABEL);
    let text = vault::seal(clear, &key.password, label).map_err(|error| sealed(&error))?;
    Ok(Zeroizing::new(text.into_bytes()))
}

/// The password that opens a text, and what is in it.
fn open<'a>(keyring: &'a Keyring, text: &[u8]) -> Result<(&'a Key, Zeroizing<Vec<u8>>), Fault> {
    let text = String::from_utf8_lossy(text);
    if !vault::is_sealed(text.trim_start()) {
        return Err(Fault::error("input is not vault encrypted data"));
    }
    keyring.find(&text).map_err(|error| sealed(&error))
}
