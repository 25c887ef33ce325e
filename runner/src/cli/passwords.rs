//! Where the passwords of encrypted files come from: `--vault-id`,
//! `--vault-password-file`, `--ask-vault-pass`.

use std::path::{Path, PathBuf};

use cutover_kit::secret::Origin;
use cutover_kit::{Secret, Secrets};
use cutover_language::files::{Disk, Ended, Files, Found};
use cutover_language::vault::{Key, Keyring, PLAIN_LABEL};

use super::fault::Fault;
use crate::settings::Settings;
use cutover_engine::home;

/// Which passwords open what is encrypted.
#[derive(clap::Args, Clone, Debug, Default)]
pub(in crate::cli) struct VaultArgs {
    /// A password for encrypted files and values: `LABEL@FILE`, `LABEL@prompt`, or a script that prints it. May be repeated.
    #[arg(long, value_name = "LABEL@SOURCE")]
    vault_id: Vec<Source>,

    /// A file with the password for encrypted files and values, or a script that prints it. May be repeated.
    #[arg(long, visible_alias = "vault-pass-file", value_name = "FILE")]
    vault_password_file: Vec<PathBuf>,

    /// Ask for the password of encrypted files and values.
    #[arg(short = 'J', long, visible_alias = "ask-vault-password")]
    ask_vault_pass: bool,
}

/// Where one password comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Source {
    /// For what it is.
    label: String,
    from: From,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum From {
    /// Somebody is asked.
    Prompt,
    /// A file, or a program that prints it.
    File(PathBuf),
}

/// How often a password is typed that somebody is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Typed {
    /// It opens something: a wrong one is found out at once.
    Once,
    /// It is to seal something: a slip would lose that.
    Twice,
}

impl std::str::FromStr for Source {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (label, from) = text.rsplit_once('@').unwrap_or(("", text));
        let label = if label.is_empty() { PLAIN_LABEL } else { label };
        let from = match from {
            "" => {
                return Err(format!(
                    "`{text}` names no file; write LABEL@FILE or LABEL@prompt"
                ));
            }
            "prompt" | "prompt_ask_vault_pass" => From::Prompt,
            file => From::File(file.into()),
        };
        Ok(Self {
            label: label.to_owned(),
            from,
        })
    }
}

impl Source {
    fn file(path: &Path) -> Self {
        Self {
            label: PLAIN_LABEL.to_owned(),
            from: From::File(path.to_owned()),
        }
    }
}

impl VaultArgs {
    /// Where passwords come from, in the order in which they are tried.
    fn sources(&self, settings: &Settings) -> Result<Vec<Source>, Fault> {
        let listed = settings.words("DEFAULT_VAULT_IDENTITY_LIST").into_iter();
        let listed = listed.map(|text| text.parse().map_err(Fault::error));
        let listed = listed.collect::<Result<Vec<Source>, _>>()?.into_iter();
        let set = settings.path("DEFAULT_VAULT_PASSWORD_FILE");
        let set = set.filter(|_| self.vault_password_file.is_empty());
        let files = self.vault_password_file.iter().chain(&set);
        let files = files.map(|path| Source::file(path));
        let ask = self.ask_vault_pass || settings.truth("DEFAULT_ASK_VAULT_PASS") == Some(true);
        let asked = ask.then(|| Source {
            label: PLAIN_LABEL.to_owned(),
            from: From::Prompt,
        });
        Ok(listed
            .chain(self.vault_id.iter().cloned())
            .chain(files)
            .chain(asked)
            .collect())
    }

    /// Those of one source.
    pub(super) fn of(id: Option<Source>, file: Option<PathBuf>) -> Self {
        Self {
            vault_id: id.into_iter().collect(),
            vault_password_file: file.into_iter().collect(),
            ask_vault_pass: false,
        }
    }

    /// All passwords, with those of `settings`. Files are read, scripts run and questions asked here;
    /// each password is learnt.
    pub(super) fn keyring(&self, settings: &Settings, secrets: &Secrets) -> Result<Keyring, Fault> {
        keyring(self.sources(settings)?, secrets, Typed::Once)
    }

    /// The same for a command that makes no sense without a password: where none is given, it is asked for.
    pub(super) fn some_keyring(
        &self,
        settings: &Settings,
        secrets: &Secrets,
        typed: Typed,
    ) -> Result<Keyring, Fault> {
        let mut sources = self.sources(settings)?;
        if sources.is_empty() {
            sources.push(Source {
                label: PLAIN_LABEL.to_owned(),
                from: From::Prompt,
            });
        }
        keyring(sources, secrets, typed)
    }
}

fn keyring(sources: Vec<Source>, secrets: &Secrets, typed: Typed) -> Result<Keyring, Fault> {
    let keys = sources.into_iter().map(|source| {
        let password = match &source.from {
            From::Prompt => answered(&source.label, secrets, typed)?,
            From::File(path) => from_file(path, "vault password", Some(&source.label), secrets)?,
        };
        Ok(Key {
            label: source.label,
            password,
        })
    });
    keys.collect::<Result<Vec<_>, Fault>>().map(Keyring::new)
}

fn answered(label: &str, secrets: &Secrets, typed: Typed) -> Result<Secret, Fault> {
    let what = match label {
        PLAIN_LABEL => "Vault password".to_owned(),
        label => format!("Vault password ({label})"),
    };
    if typed == Typed::Once {
        return ask(&what, secrets);
    }
    let password = ask(&format!("New {what}"), secrets)?;
    match ask(&format!("Confirm New {what}"), secrets)? == password {
        true => Ok(password),
        false => Err(Fault::error("Passwords do not match")),
    }
}

fn ask(prompt: &str, secrets: &Secrets) -> Result<Secret, Fault> {
    let typed =
        rpassword::prompt_password(format!("{prompt}: ")).map_err(Fault::io("ask for the vault password"))?;
    if typed.is_empty() {
        return Err(Fault::error("Invalid vault password was provided"));
    }
    Ok(secrets.learn(typed, Origin::Prompt(prompt.to_owned())))
}

/// The password of a login, or of becoming another user, that stands in a file or is printed by a program.
pub(super) fn of_file(path: &Path, secrets: &Secrets) -> Result<Secret, Fault> {
    from_file(path, "password", None, secrets)
}

/// The content of a file without the white space around it, or what a program prints; `what` it is, and
/// the label of what it opens.
fn from_file(path: &Path, what: &str, label: Option<&str>, secrets: &Secrets) -> Result<Secret, Fault> {
    let path = home::expand(path, home::of_user().as_deref());
    let shown = path.display();
    let disk = Disk::default();
    let text = match disk.find(&path) {
        None => {
            return Err(Fault::error(format!("The {what} file {shown} was not found")));
        }
        Some(Found::Folder) => {
            return Err(Fault::error(format!("The {what} file {shown} is a folder")));
        }
        Some(Found::Program) => printed(&disk, &path, what, label)?,
        Some(Found::File) => {
            let text = disk.read(&path);
            let text = text.map_err(Fault::io(format!("read the {what} file {shown}")))?;
            text.trim().to_owned()
        }
    };
    if text.is_empty() {
        return Err(Fault::error(format!(
            "Empty password was provided by the {what} file {shown}"
        )));
    }
    Ok(secrets.learn(text, Origin::File(shown.to_string())))
}

/// What a program prints. One whose name ends in `-client` is told the label.
fn printed(disk: &Disk, path: &Path, what: &str, label: Option<&str>) -> Result<String, Fault> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let arguments: &[&str] = match label {
        Some(label) if stem.ends_with("-client") => &["--vault-id", label],
        _ => &[],
    };
    let shown = path.display();
    let ended = disk
        .run(path, arguments)
        .map_err(Fault::io(format!("run the {what} script {shown}")))?;
    let Ended {
        status: Some(0),
        stdout,
        ..
    } = ended
    else {
        let status = ended
            .status
            .map_or("a signal".to_owned(), |code| code.to_string());
        let fault = Fault::error(format!(
            "the {what} script {shown} ended with {status}: {}",
            ended.stderr.trim()
        ));
        return Err(match ended.status {
            Some(2) if let [_, label] = arguments => {
                fault.hint(format!("it says that it knows no `{label}`"))
            }
            _ => fault,
        });
    };
    let text = String::from_utf8_lossy(&stdout);
    Ok(text.trim_matches(['\r', '\n']).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_a_label_and_a_file_or_a_question() {
        let source = |text: &str| {
            text.parse::<Source>()
                .map(|source| format!("{} {:?}", source.label, source.from))
        };
        let table = [
            ("lab@prompt", Ok("lab Prompt")),
            ("prompt", Ok("default Prompt")),
            ("lab@pw.txt", Ok("lab File(\"pw.txt\")")),
            ("pw.txt", Ok("default File(\"pw.txt\")")),
            ("a@b@pw", Ok("a@b File(\"pw\")")),
            (
                "lab@",
                Err("`lab@` names no file; write LABEL@FILE or LABEL@prompt"),
            ),
        ];
        for (text, meant) in table {
            assert_eq!(source(text), meant.map(str::to_owned).map_err(str::to_owned));
        }
    }

    #[test]
    fn a_password_is_read_from_a_file_or_printed_by_a_program() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let read = |path: &Path| match from_file(path, "vault password", Some("lab"), &Secrets::default()) {
            Ok(secret) => secret.expose().to_owned(),
            Err(fault) => format!("{fault:?}").replace(&folder.path().display().to_string(), "F"),
        };
        assert_eq!(read(&write("pw", " spaced \n")), "spaced");
        assert!(
            read(&write("none", "\n"))
                .contains("Empty password was provided by the vault password file F/none")
        );
        assert!(
            read(&folder.path().join("nosuch")).contains("The vault password file F/nosuch was not found")
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let program = |name: &str, text: &str| {
                let path = write(name, text);
                std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
                path
            };
            assert_eq!(read(&program("script", "#!/bin/sh\necho \" $# $1\"\n")), " 0 ");
            assert_eq!(
                read(&program("my-client.sh", "#!/bin/sh\necho $1 $2\n")),
                "--vault-id lab"
            );
            let failed = read(&program("bad-client", "#!/bin/sh\necho no >&2; exit 2\n"));
            assert!(failed.contains("bad-client ended with 2: no"), "{failed}");
            assert!(failed.contains("it says that it knows no `lab`"), "{failed}");
        }
    }
}
