//! Logging in to a real server: by which method, and how often.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use cutover_kit::Secret;
use cutover_kit::secret::Origin;
use cutover_kit::session::{Credential, DialError, Dialer, Endpoint, SshSettings};
use cutover_reach::Reacher;

use crate::accounts::Account;
use crate::support::{Setup, Sshd, eventually, keygen, reacher};

fn by_key(server: &Sshd, file: &str, passphrase: Option<&str>) -> SshSettings {
    SshSettings {
        credential: Credential::Key {
            file: server.path(file),
            passphrase: passphrase.map(|text| Secret::new(text, Origin::Argument)),
        },
        ..server.settings()
    }
}

fn authorize(server: &Sshd, file: &str) {
    std::fs::copy(
        server.path(&format!("{file}.pub")),
        server.path("authorized_keys"),
    )
    .expect("a copy");
}

fn passwords() -> Sshd {
    Sshd::with(&Setup {
        lines: vec!["PasswordAuthentication yes".into()],
        ..Setup::default()
    })
}

/// Password and keyboard-interactive, both checked by PAM.
fn pam() -> Sshd {
    let lines = [
        "UsePAM yes",
        "PasswordAuthentication yes",
        "KbdInteractiveAuthentication yes",
    ];
    Sshd::with(&Setup {
        lines: lines.map(str::to_owned).into(),
        ..Setup::default()
    })
}

#[tokio::test]
async fn keys_of_every_kind_let_in() {
    let server = Sshd::start();
    for (key_type, passphrase) in [
        ("ed25519", ""),
        ("rsa", ""),
        ("ecdsa", ""),
        ("ed25519", "open sesame"),
    ] {
        let name = format!("{key_type}_{}", passphrase.len());
        keygen(&server.path(&name), key_type, passphrase);
        authorize(&server, &name);
        let passphrase = Some(passphrase).filter(|text| !text.is_empty());
        let dialled = reacher().dial(&by_key(&server, &name, passphrase)).await;
        assert!(dialled.is_ok(), "{name}: {:?}", dialled.err());
    }
}

#[tokio::test]
async fn an_old_pem_key_lets_in() {
    let server = Sshd::start();
    let file = server.path("old");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "rsa", "-b", "2048", "-m", "PEM", "-N", "", "-f"])
        .arg(&file)
        .status();
    assert!(made.unwrap().success());
    authorize(&server, "old");
    assert!(reacher().dial(&by_key(&server, "old", None)).await.is_ok());
}

#[tokio::test]
async fn a_key_that_cannot_be_opened_costs_no_attempt() {
    let server = Sshd::start();
    keygen(&server.path("locked"), "ed25519", "open sesame");
    let error = reacher()
        .dial(&by_key(&server, "locked", Some("wrong")))
        .await
        .err()
        .unwrap();
    let named = matches!(&error, DialError::Protocol { reason, .. } if reason.contains("locked"));
    assert!(named, "{error}");
    let error = reacher()
        .dial(&by_key(&server, "missing", None))
        .await
        .err()
        .unwrap();
    let named = matches!(&error, DialError::Protocol { reason, .. } if reason.contains("missing"));
    assert!(named, "{error}");
    assert!(!server.log().contains("Failed publickey"), "{}", server.log());
}

#[tokio::test]
async fn a_key_nobody_knows_is_refused() {
    let server = Sshd::start();
    keygen(&server.path("stranger"), "ed25519", "");
    let settings = by_key(&server, "stranger", None);
    assert_eq!(
        reacher().dial(&settings).await.err(),
        Some(DialError::Refused {
            endpoint: server.endpoint(),
            user: settings.user,
            method: "publickey".into(),
        })
    );
}

#[tokio::test]
async fn a_password_lets_in() {
    let Some(account) = Account::create() else { return };
    let server = passwords();
    let dialled = reacher().dial(&account.on(&server, account.password)).await;
    assert!(dialled.is_ok(), "{:?}", dialled.err());
    server
        .log_with(&format!("Accepted password for {}", account.name))
        .await;
}

#[tokio::test]
async fn keyboard_interactive_is_taken_where_it_is_offered() {
    let Some(account) = Account::create() else { return };
    let server = pam();
    let dialled = reacher().dial(&account.on(&server, account.password)).await;
    assert!(dialled.is_ok(), "{:?}", dialled.err());
    let log = server
        .log_with(&format!("Accepted keyboard-interactive/pam for {}", account.name))
        .await;
    assert!(!log.contains("Failed"), "{log}");
}

#[tokio::test]
async fn a_wrong_password_is_one_attempt_and_never_another() {
    let Some(account) = Account::create() else { return };
    for (server, method) in [(passwords(), "password"), (pam(), "keyboard-interactive")] {
        let reacher = reacher();
        let settings = account.on(&server, "wrong");
        assert_eq!(
            reacher.dial(&settings).await.err(),
            Some(DialError::Refused {
                endpoint: server.endpoint(),
                user: account.name.clone(),
                method: method.into(),
            })
        );
        let again = reacher.dial(&settings).await.err();
        assert!(matches!(again, Some(DialError::Barred { .. })), "{again:?}");
        let failures = |log: &str| log.matches("Failed").count();
        eventually(|| failures(&server.log()) > 0).await;
        assert_eq!(failures(&server.log()), 1, "{}", server.log());
    }
}

#[tokio::test]
async fn a_wrong_password_for_many_hosts_is_tried_on_one() {
    let Some(account) = Account::create() else { return };
    let servers = [passwords(), passwords(), passwords()];
    let reacher = reacher();
    let [one, two, three] = servers.each_ref().map(|server| account.on(server, "wrong"));
    let dialled = tokio::join!(reacher.dial(&one), reacher.dial(&two), reacher.dial(&three));
    let errors = [dialled.0.err(), dialled.1.err(), dialled.2.err()];
    let refused = errors
        .iter()
        .filter(|it| matches!(it, Some(DialError::Refused { .. })))
        .count();
    let barred = errors
        .iter()
        .filter(|it| matches!(it, Some(DialError::Barred { .. })))
        .count();
    assert_eq!((refused, barred), (1, 2), "{errors:?}");
    let failures = || {
        servers
            .iter()
            .map(|server| server.log().matches("Failed").count())
            .sum::<usize>()
    };
    eventually(|| failures() > 0).await;
    assert_eq!(failures(), 1);
}

#[tokio::test]
async fn a_request_for_a_new_password_is_not_answered() {
    let Some(account) = Account::create() else { return };
    account.expire();
    let server = pam();
    let error = reacher()
        .dial(&account.on(&server, account.password))
        .await
        .err()
        .unwrap();
    let DialError::Refused { method, .. } = &error else {
        panic!("{error}");
    };
    assert!(
        method.starts_with("keyboard-interactive (after the password it asked"),
        "{method}"
    );
    assert!(!format!("{error:?}").contains(account.password));
}

#[tokio::test]
async fn a_password_is_not_sent_to_a_server_that_takes_keys_only() {
    let server = Sshd::start();
    let settings = SshSettings {
        credential: Credential::Password(Secret::new("any", Origin::Argument)),
        ..server.settings()
    };
    assert_eq!(
        reacher().dial(&settings).await.err(),
        Some(DialError::Protocol {
            endpoint: server.endpoint(),
            reason: format!(
                "it does not let {} log in by keyboard-interactive or password, only by publickey",
                settings.user
            ),
        })
    );
}

#[tokio::test]
async fn an_agent_offers_one_key_for_each_connection() {
    let server = Sshd::start();
    keygen(&server.path("stranger"), "ed25519", "");
    let socket = server.path("agent");
    let _agent = SshAgent::start(&socket, &[&server.path("stranger"), &server.path("user")]).await;
    let settings = SshSettings {
        credential: Credential::OwnKeys,
        ..server.settings()
    };
    let mut link = reacher().agent(socket).dial(&settings).await.unwrap();
    assert!(link.exec(&Default::default()).await.is_ok());
    let log = server.log_with("Accepted publickey").await;
    assert_eq!(log.matches("Connection from").count(), 2, "{log}");
}

#[tokio::test]
async fn without_an_agent_the_usual_files_are_tried() {
    let server = Sshd::start();
    keygen(&server.path("stranger"), "ed25519", "");
    keygen(&server.path("locked"), "ed25519", "open sesame");
    let files = ["absent", "locked", "stranger", "user"].map(|name| server.path(name));
    let reacher = reacher().agent(server.path("nothing")).key_files(files.into());
    let settings = SshSettings {
        credential: Credential::OwnKeys,
        ..server.settings()
    };
    let mut link = reacher.dial(&settings).await.unwrap();
    assert!(link.exec(&Default::default()).await.is_ok());
    let log = server.log_with("Accepted publickey").await;
    assert_eq!(log.matches("Connection from").count(), 2, "{log}");
}

#[tokio::test]
async fn a_file_whose_key_the_agent_holds_is_not_tried_again() {
    let server = Sshd::start();
    keygen(&server.path("stranger"), "ed25519", "");
    let socket = server.path("agent");
    let _agent = SshAgent::start(&socket, &[&server.path("stranger")]).await;
    let reacher = reacher().agent(socket).key_files(vec![server.path("stranger")]);
    let told = refused_to(&server, reacher).await;
    assert_eq!(told, "refused the login by publickey (a key of the agent)");
}

#[tokio::test]
async fn who_has_no_key_that_fits_is_told_which_there_were() {
    let server = Sshd::start();
    keygen(&server.path("stranger"), "ecdsa", "");
    keygen(&server.path("locked"), "ed25519", "open sesame");
    let files = |names: &[&str]| names.iter().map(|name| server.path(name)).collect::<Vec<_>>();
    let mine = |names| reacher().agent(server.path("nothing")).key_files(files(names));

    let refused = refused_to(&server, mine(&["locked", "stranger"])).await;
    let unusable = "the SSH agent cannot be asked: failed connecting with agent; \
                    locked: it is behind a passphrase (`ssh-add` loads it into the agent)";
    let by = "refused the login by publickey (stranger)";
    assert_eq!(refused, format!("{by}; {unusable}"));
    let none = refused_to(&server, mine(&["absent", "locked"])).await;
    let nothing = "there is neither a password nor a key to log in with";
    assert_eq!(none, format!("{nothing}; {unusable}"));
}

#[tokio::test]
async fn a_host_that_is_not_there_is_not_said_to_want_a_key() {
    let server = Sshd::start();
    let unheard = tokio::net::TcpSocket::new_v4().unwrap();
    unheard.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let settings = SshSettings {
        credential: Credential::OwnKeys,
        endpoint: Endpoint::new("127.0.0.1", unheard.local_addr().unwrap().port()),
        ..server.settings()
    };
    let reacher = reacher().agent(server.path("nothing"));
    let error = reacher.dial(&settings).await.err().unwrap();
    assert!(matches!(error, DialError::Unreachable { .. }), "{error:?}");
}

/// How a login with the user's own keys is refused.
async fn refused_to(server: &Sshd, reacher: Reacher) -> String {
    let settings = SshSettings {
        credential: Credential::OwnKeys,
        ..server.settings()
    };
    let error = reacher.dial(&settings).await.err().unwrap();
    told(server, &settings, &error)
}

/// The error without what differs from run to run.
fn told(server: &Sshd, settings: &SshSettings, error: &DialError) -> String {
    error
        .to_string()
        .replace(&format!("{} ", settings.endpoint), "")
        .replace(&format!("{}: ", settings.endpoint), "")
        .replace(&format!("of {} ", settings.user), "")
        .replace(&format!("{}/", server.folder.path().display()), "")
}

struct SshAgent(Child);

impl SshAgent {
    async fn start(socket: &Path, keys: &[&Path]) -> Self {
        let agent = Command::new("ssh-agent")
            .arg("-D")
            .arg("-a")
            .arg(socket)
            .stdout(Stdio::null())
            .spawn();
        let agent = Self(agent.expect("ssh-agent"));
        eventually(|| socket.exists()).await;
        let added = Command::new("ssh-add")
            .args(["-q"])
            .args(keys)
            .env("SSH_AUTH_SOCK", socket)
            .status();
        assert!(added.expect("ssh-add").success());
        agent
    }
}

impl Drop for SshAgent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
