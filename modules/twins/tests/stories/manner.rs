//! How a terminal behaves, whatever is typed.

use crate::common::{Typist, finesse, login, pair, single};
use cutover_twins::{Estate, Login, Method, TwinOptions, What};
use std::time::Duration;

const START: Duration = Duration::ZERO;

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[test]
fn a_login_shows_its_start_up_text_bit_by_bit() {
    let mut admin = Typist::at_greeting(&pair(), "fin-a", START);
    assert_eq!(admin.wait(ms(4)), "");
    assert_eq!(
        admin.wait(ms(1)),
        "Command Line Interface is starting up, please wait ...\r\n"
    );
    assert_eq!(
        admin.wait(ms(25)),
        "\r\n   Welcome to the Platform Command Line Interface\r\n"
    );
    assert_eq!(
        admin.wait(ms(10)),
        "\r\nVMware Installation:\r\n\
         \t2 vCPU: Intel(R) Xeon(R) CPU E7- 2830  @ 2.13GHz\r\n\
         \tDisk 1: 146GB, Partitions aligned\r\n\
         \t8192 Mbytes RAM\r\n\r\n"
    );
    assert_eq!(admin.next(), Some(ms(50)));
    assert_eq!(admin.wait(ms(10)), "admin:");
}

#[test]
fn a_nudge_redraws_the_prompt_after_a_lone_cr() {
    let mut admin = Typist::new(&pair(), "fin-a", START);
    admin.press("\r");
    assert_eq!(admin.until("admin:"), "\r\n\radmin:");
}

#[test]
fn what_is_typed_too_early_is_read_at_the_prompt() {
    let mut admin = Typist::at_greeting(&pair(), "fin-a", START);
    admin.press("show cli pagination\rset cli pagination off\r");
    assert!(!admin.until("Mbytes RAM\r\n\r\n").contains("pagination"));
    assert_eq!(
        admin.until("turned off\r\nadmin:"),
        "admin:show cli pagination\r\nAutomatic Pagination : On.\r\n\
         admin:set cli pagination off\r\nAutomatic pagination is turned off\r\nadmin:"
    );
}

#[test]
fn unknown_commands_say_so() {
    let mut admin = Typist::new(&pair(), "fin-a", START);
    assert_eq!(
        admin.command("foo bar"),
        "Executed command unsuccessfully\r\nNo valid command entered\r\n"
    );
    let dash = admin.command("uname -a");
    assert!(
        dash.contains("Invalid command, a dash character must be preceded"),
        "{dash}"
    );
    assert_eq!(
        admin.command("show cert own nonexistent"),
        "Certificate nonexistent does not exist\r\nExecuted command unsuccessfully\r\n"
    );
}

#[test]
fn ctrl_c_ends_a_question_a_paste_and_a_line() {
    let mut admin = Typist::new(&pair(), "fin-a", START);
    admin.line_until("utils system restart", "Enter (yes/no)? ");
    admin.press("ye\x03");
    assert_eq!(admin.until("admin:"), "ye\r\nControl-C pressed\r\nadmin:");
    admin.line_until(
        "set cert import own tomcat",
        "Paste the Certificate and Hit Enter\r\n",
    );
    admin.press("-----BEGIN\r\x03");
    assert_eq!(
        admin.until("admin:"),
        "-----BEGIN\r\n\r\nControl-C pressed\r\nadmin:"
    );
    admin.press("show st\x03");
    assert_eq!(admin.until("admin:"), "show st\r\nadmin:");
    assert_eq!(admin.estate.writes(), 0);
}

#[test]
fn ctrl_c_leaves_a_command_that_is_on_its_way_but_does_not_undo_it() {
    let mut admin = Typist::new(&pair(), "fin-a", START);
    admin.press("utils service restart Cisco Tomcat\r");
    let shown = admin.wait(ms(45));
    assert!(shown.ends_with("Cisco Tomcat[STOPPING]  \r\n"), "{shown}");
    admin.press("\x03");
    assert_eq!(admin.until("admin:"), "\r\nControl-C pressed\r\nadmin:");
    assert!(!admin.estate.port_open("fin-a", 8443, admin.now));
    admin.wait(ms(300));
    assert!(admin.estate.port_open("fin-a", 8443, admin.now));
}

#[test]
fn long_answers_are_paged_until_pagination_is_off() {
    let mut admin = Typist::at_greeting(&pair(), "fin-a", START);
    admin.until("admin:");
    admin.resize(80, 10);
    let more = "\x1b[1mPress <enter> for 1 line, <space> for one page, or <q> to quit\x1b[0m";
    let first = admin.line_until("utils service list", more);
    assert_eq!(first.matches("\r\n").count(), 9);
    assert!(first.starts_with("Requesting service status, please wait...\r\n"));
    admin.press("\r");
    let line = admin.until(more);
    assert!(line.starts_with("\r\x1b[K>> Return code = 0\r\n"), "{line}");
    assert_eq!(line.matches("\r\n").count(), 1);
    admin.press("x");
    assert_eq!(admin.now_due(), "");
    admin.press(" ");
    assert_eq!(admin.until(more).matches("\r\n").count(), 9);
    admin.press("q");
    assert_eq!(admin.until("admin:"), "\r\x1b[Kadmin:");

    admin.command("set cli pagination off");
    let all = admin.command("utils service list");
    assert!(all.ends_with("Primary Node =true\r\n"), "{all}");
}

#[test]
fn a_file_is_viewed_in_the_other_pager_whatever_pagination_says() {
    let mut admin = Typist::new(&pair(), "fin-a", START);
    admin.press("file view activelog platform/log/certMgmt.log\r");
    let shown = admin.until(" : \x1b[0m");
    assert!(shown.contains("end of the file reached"), "{shown}");
    assert!(
        shown.contains("\x1b[1m\r\noptions: q=quit, n=next, p=prev, b=begin, e=end (lines 1 - 4 of 4) : "),
        "{shown}"
    );
    admin.press("q");
    assert_eq!(admin.until("admin:"), "\r\nadmin:");
}

#[test]
fn a_session_without_input_is_closed() {
    let mut admin = Typist::new(&pair(), "fin-a", START);
    let heard = admin.now;
    admin.wait(Duration::from_secs(29 * 60));
    assert!(!admin.ended());
    admin.command("show cli pagination");
    let later = admin.now;
    assert_eq!(admin.next(), Some(later + Duration::from_secs(30 * 60)));
    admin.wait(Duration::from_secs(30 * 60));
    assert!(admin.ended());
    assert!(heard < later);
    let last = admin.estate.log().pop().unwrap();
    assert_eq!(last.what, What::SessionEnded);
}

#[test]
fn quit_and_exit_close_the_session() {
    for word in ["quit", "exit"] {
        let mut admin = Typist::new(&pair(), "fin-a", START);
        admin.press(&format!("{word}\r"));
        assert_eq!(admin.now_due(), format!("{word}\r\n"));
        assert!(admin.ended());
        admin.press("show status\r");
        assert_eq!(admin.wait(ms(1000)), "");
    }
}

#[test]
fn the_eleventh_session_is_refused_and_a_closed_one_makes_room() {
    let estate = single(TwinOptions {
        sessions_taken: 8,
        ..TwinOptions::default()
    });
    let first = login(&estate, "fin-a", START, Method::Password);
    let second = login(&estate, "fin-a", START, Method::Password);
    assert!(first.is_some() && second.is_some());
    assert!(login(&estate, "fin-a", START, Method::Password).is_none());
    drop(first);
    assert!(login(&estate, "fin-a", START, Method::Password).is_some());
}

#[test]
fn three_wrong_passwords_lock_the_account_for_five_minutes() {
    let estate = pair();
    let try_with = |password: &str, now| {
        let user = "administrator";
        match estate.login("fin-a", now, Method::Password, user, password) {
            Login::Accepted(_) => "accepted",
            Login::Refused => "refused",
            Login::Closed => "closed",
        }
    };
    assert_eq!(try_with("wrong", START), "refused");
    assert_eq!(try_with("wrong", START), "refused");
    assert_eq!(try_with("correct horse", START), "accepted");
    for _ in 0..3 {
        assert_eq!(try_with("wrong", ms(1)), "refused");
    }
    assert_eq!(try_with("correct horse", ms(2)), "refused");
    assert_eq!(try_with("correct horse", ms(300_000)), "refused");
    assert_eq!(try_with("correct horse", ms(300_001)), "accepted");
}

#[test]
fn releases_offer_different_methods_and_refuse_the_others() {
    let with = |version: &str, password_method| -> Estate {
        let mut device = finesse('a', TwinOptions::default());
        device.version = version.to_owned();
        device.twin.password_method = password_method;
        crate::common::estate(vec![device])
    };
    let (password, interactive) = (Method::Password, Method::KeyboardInteractive);
    assert_eq!(with("11.5", false).methods("fin-a"), [password]);
    assert_eq!(with("12.6", false).methods("fin-a"), [interactive, password]);
    assert_eq!(with("14", false).methods("fin-a"), [interactive]);
    assert_eq!(with("14", true).methods("fin-a"), [interactive, password]);
    assert_eq!(with("15", false).methods("fin-a"), [interactive]);
    assert!(login(&with("15", false), "fin-a", START, password).is_none());
    assert!(login(&with("15", false), "fin-a", START, interactive).is_some());
}

#[test]
fn an_account_without_a_password_takes_any() {
    let mut device = finesse('a', TwinOptions::default());
    device.accounts[0].password = None;
    let estate = crate::common::estate(vec![device]);
    let answer = estate.login("fin-a", START, Method::Password, "administrator", "whatever");
    assert!(matches!(answer, Login::Accepted(_)));
    let answer = estate.login("fin-a", START, Method::Password, "somebody", "whatever");
    assert!(matches!(answer, Login::Refused));
}

#[test]
fn no_password_is_ever_shown() {
    let device = finesse('a', TwinOptions::default());
    assert!(!format!("{device:?}").contains("correct horse"));
    let estate = crate::common::estate(vec![device]);
    let _terminal = login(&estate, "fin-a", START, Method::Password);
    assert!(!format!("{estate:?}{:?}", estate.log()).contains("correct horse"));
    assert!(!estate.save().contains("correct horse"));
}
