//! Every switch of mischief, at a terminal.

use crate::common::ca::{Ca, Leaf};
use crate::common::{Typist, estate, finesse, settle, single};
use cutover_twins::{Estate, Mischief, TwinOptions};
use openssl::x509::X509Req;
use std::time::Duration;

const START: Duration = Duration::ZERO;
const PASTE: &str = "Paste the Certificate and Hit Enter\r\n";

fn with(mischief: Mischief) -> TwinOptions {
    TwinOptions {
        mischief,
        ..TwinOptions::default()
    }
}

/// Logs in on a node with one kind of mischief and waits for the prompt.
fn admin(mischief: Mischief) -> Typist {
    let mut typist = Typist::at_greeting(&single(with(mischief)), "fin-a", START);
    typist.until("admin:");
    typist
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn slow_prompt() {
    let typist = admin(Mischief {
        slow_prompt: Some(90.0),
        ..Mischief::default()
    });
    assert_eq!(typist.now, seconds(90) + Duration::from_millis(50));
}

#[test]
fn split_prompt() {
    let mut typist = admin(Mischief {
        split_prompt: true,
        ..Mischief::default()
    });
    typist.press("\r");
    assert_eq!(typist.now_due(), "\r\n\rad");
    assert_eq!(typist.wait(Duration::from_millis(29)), "");
    assert_eq!(typist.wait(Duration::from_millis(1)), "min:");
}

#[test]
fn glued_prompt() {
    let mut typist = admin(Mischief {
        glued_prompt: true,
        ..Mischief::default()
    });
    assert_eq!(
        typist.command("show cli pagination"),
        "Automatic Pagination : On.\x1b[K"
    );
}

#[test]
fn lone_cr() {
    let mut typist = admin(Mischief {
        lone_cr: true,
        ..Mischief::default()
    });
    assert_eq!(
        typist.command("foo"),
        "Executed command unsuccessfully\r\n\rNo valid command entered\r\n\r\r"
    );
}

#[test]
fn dns_warning() {
    let estate = single(with(Mischief {
        dns_warning: true,
        ..Mischief::default()
    }));
    let greeting = Typist::at_greeting(&estate, "fin-a", START).until("admin:");
    assert!(
        greeting.ends_with("\t8192 Mbytes RAM\r\n\tWARNING: DNS unreachable\r\n\r\nadmin:"),
        "{greeting}"
    );
}

#[test]
fn pager_on() {
    let mut typist = admin(Mischief {
        pager_on: true,
        ..Mischief::default()
    });
    assert_eq!(
        typist.command("set cli pagination off"),
        "Automatic pagination is turned off\r\n"
    );
    typist.line_until("utils service list", "or <q> to quit\x1b[0m");
}

#[test]
fn extra_question() {
    let mut typist = admin(Mischief {
        extra_question: Some("set csr gen".to_owned()),
        ..Mischief::default()
    });
    for (answer, made) in [("n", 0), ("yes", 0), ("y", 1)] {
        assert_eq!(typist.line_until("set csr gen tomcat", "Continue (y/n)?"), "");
        typist.line_until(answer, "admin:");
        assert_eq!(typist.estate.writes(), made);
    }
    typist.command("show csr list own");
}

#[test]
fn swallowed_answer() {
    let mut typist = admin(Mischief {
        swallowed_answer: true,
        ..Mischief::default()
    });
    typist.line_until("utils system restart", "Enter (yes/no)? ");
    typist.line_until("yes", "Enter (yes/no)? ");
    assert_eq!(typist.estate.writes(), 0);
    typist.line_until("yes", "NOW!\r\n");
    assert_eq!(typist.estate.writes(), 1);
}

#[test]
fn returns_starting() {
    let mut typist = admin(Mischief {
        returns_starting: true,
        ..Mischief::default()
    });
    let shown = typist.command("utils service restart Cisco Tomcat");
    assert!(shown.ends_with("Cisco Tomcat[STARTING]  \r\n"), "{shown}");
    assert!(!typist.estate.port_open("fin-a", 8443, typist.now));
    let later = settle(&typist.estate, typist.now);
    assert!(typist.estate.port_open("fin-a", 8443, later));
}

#[test]
fn stuck_service() {
    let mut typist = admin(Mischief {
        stuck_service: Some("Cisco Finesse Tomcat".to_owned()),
        ..Mischief::default()
    });
    assert!(typist.estate.in_service("fin-a", typist.now));
    let shown = typist.command("utils service restart Cisco Finesse Tomcat");
    assert!(!shown.contains("[STARTED]"), "{shown}");
    let later = settle(&typist.estate, typist.now);
    assert!(!typist.estate.port_open("fin-a", 8445, later));
    assert!(!typist.estate.in_service("fin-a", later));

    typist.now = later;
    typist.line_until("utils system restart", "Enter (yes/no)? ");
    typist.line_until("yes", "NOW!\r\n");
    let later = settle(&typist.estate, typist.now);
    assert!(typist.estate.port_open("fin-a", 8443, later));
    assert!(!typist.estate.port_open("fin-a", 8445, later));
}

#[test]
fn drops_paste() {
    let estate = single(with(Mischief {
        drops_paste: true,
        ..Mischief::default()
    }));
    let root = Ca::root("Root").pem();
    let mut typist = Typist::new(&estate, "fin-a", START);
    typist.line_until("set cert import trust tomcat", PASTE);
    typist.press(&root.replace('\n', "\r"));
    assert!(typist.ended());
    assert_eq!(estate.writes(), 0);
    let mut again = Typist::new(&estate, "fin-a", typist.now);
    assert!(again.import("trust tomcat", &root).starts_with("Successfully"));
}

#[test]
fn paste_limit() {
    let estate = single(with(Mischief {
        paste_limit: Some(70),
        ..Mischief::default()
    }));
    let root = Ca::root("Root").pem();
    let mut typist = Typist::new(&estate, "fin-a", START);
    let mut paste = |pause: Duration| {
        typist.line_until("set cert import trust tomcat", PASTE);
        for line in root.lines() {
            typist.press(&format!("{line}\r"));
            typist.wait(pause);
        }
        typist.press("\r");
        typist.until("admin:")
    };
    let slowly = paste(Duration::from_millis(20));
    assert!(slowly.contains("Successfully imported"), "{slowly}");
    // The terminator is lost with the rest, so it has to be typed once more.
    let mut typist = Typist::new(&estate, "fin-a", seconds(10));
    typist.line_until("set cert import trust tomcat", PASTE);
    typist.press(&format!("{}\r\r", root.replace('\n', "\r")));
    typist.wait(seconds(1));
    typist.press("\r\r");
    let hastily = typist.until("admin:");
    assert!(
        hastily.ends_with("Certificate is not in PEM format\r\nadmin:"),
        "{hastily}"
    );
}

#[test]
fn never_gets_trust() {
    let deaf = with(Mischief {
        never_gets_trust: true,
        ..Mischief::default()
    });
    let estate = estate(vec![finesse('a', TwinOptions::default()), finesse('b', deaf)]);
    let mut typist = Typist::new(&estate, "fin-a", START);
    let answer = typist.import("trust tomcat", &Ca::root("Unheard").pem());
    assert!(answer.starts_with("Successfully imported"), "{answer}");
    let later = settle(&estate, typist.now + seconds(3600));
    let mut other = Typist::new(&estate, "fin-b", later);
    assert!(!other.command("show cert list trust").contains("Unheard"));
    assert!(estate.in_service("fin-b", later));
}

#[test]
fn request_replaced() {
    let mut typist = admin(Mischief {
        request_replaced: true,
        ..Mischief::default()
    });
    typist.command("set cli pagination off");
    let first = typist.request("tomcat");
    let second = typist.command("show csr own tomcat").replace('\r', "");
    let third = typist.command("show csr own tomcat").replace('\r', "");
    assert_ne!(first, second);
    assert_eq!(second, third);
    // Nobody typed a command for it.
    assert_eq!(typist.estate.writes(), 1);
}

#[test]
fn loses_trust() {
    let mut typist = admin(Mischief {
        loses_trust: true,
        ..Mischief::default()
    });
    typist.command("set cli pagination off");
    let root = Ca::root("Lost");
    let answer = typist.import("trust tomcat", &root.pem());
    assert!(answer.starts_with("Successfully imported"), "{answer}");
    assert!(!typist.command("show cert list trust").contains("Lost"));
    let request = typist.request("tomcat");
    let leaf = root.sign(&request, &Leaf::of("fin-a.example.com"));
    assert_eq!(
        typist.import("own tomcat", &leaf),
        "CA certificate is not available in the trust-store\r\n"
    );
}

#[test]
fn extra_san() {
    let mut typist = admin(Mischief {
        extra_san: Some("www.example.com".to_owned()),
        ..Mischief::default()
    });
    typist.command("set cli pagination off");
    let request = typist.request("tomcat");
    let text = X509Req::from_pem(request.as_bytes()).unwrap().to_text().unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("DNS:fin-a.example.com, DNS:www.example.com"),
        "{text}"
    );
}

#[test]
fn expired_intermediate() {
    let mut options = with(Mischief {
        expired_intermediate: true,
        ..Mischief::default()
    });
    options.certificate.signed = true;
    let estate = single(options);
    let mut typist = Typist::new(&estate, "fin-a", START);
    let own = typist.command("show cert list own");
    assert!(
        own.starts_with("tomcat/tomcat.pem: Certificate Signed by Twin Issuing CA 1\r\n"),
        "{own}"
    );
    let trust = typist.command("show cert list trust");
    let line = trust.lines().find(|line| line.contains("Twin_Issuing")).unwrap();
    let file = line.split(':').next().unwrap();
    let shown = typist.command(&format!("show cert trust {file}"));
    assert!(
        shown.contains("           To:   Sun May 31 12:00:00 UTC 2026\r\n"),
        "{shown}"
    );
}

#[test]
fn never_returns() {
    let mut typist = admin(Mischief {
        never_returns: true,
        ..Mischief::default()
    });
    typist.line_until("utils system restart", "Enter (yes/no)? ");
    typist.line_until("yes", "NOW!\r\n");
    let later = settle(&typist.estate, typist.now + seconds(86_400));
    assert!(!typist.estate.port_open("fin-a", 22, later));
}

#[test]
fn vague_errors() {
    let mut typist = admin(Mischief {
        vague_errors: true,
        ..Mischief::default()
    });
    let leaf = Ca::root("Root").pem();
    assert_eq!(
        typist.import("own tomcat", &leaf),
        "The file /usr/local/platform/upload/certs//tomcat.der could not be uploaded.\r\n"
    );
}

#[test]
fn a_locked_account_and_taken_sessions_are_states_of_the_start() {
    let locked: Estate = single(TwinOptions {
        locked: vec!["administrator".to_owned()],
        ..TwinOptions::default()
    });
    let try_at = |now| crate::common::login(&locked, "fin-a", now, locked.methods("fin-a")[0]);
    assert!(try_at(seconds(299)).is_none());
    assert!(try_at(seconds(300)).is_some());
}

#[test]
fn no_mischief_is_on_by_default_and_unknown_words_are_refused() {
    let options: TwinOptions = serde_json::from_str("{}").unwrap();
    assert_eq!(options.mischief, Mischief::default());
    let text = r#"{"mischief": {"split_prompt": true, "slow_prompt": 90}, "clock_offset": -60}"#;
    let options: TwinOptions = serde_json::from_str(text).unwrap();
    assert!(options.mischief.split_prompt);
    let error = serde_json::from_str::<TwinOptions>(r#"{"mischief": {"splitprompt": true}}"#);
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("unknown field `splitprompt`")
    );
}
