//! Dialogues replayed one byte at a time, and in one piece: both read the same.

use proptest::prelude::*;

use super::*;

/// What becomes of a dialogue that comes in pieces of this size and then stays quiet.
fn replay(sent: &str, wire: &[u8], piece: usize) -> Vec<Step> {
    let mut conversation = Conversation::default();
    if !sent.is_empty() {
        conversation.sent(sent);
    }
    let mut steps = Vec::new();
    for bytes in wire.chunks(piece) {
        steps.extend(conversation.feed(bytes));
    }
    steps.extend(conversation.settle(|_| false));
    steps
}

fn heard(sent: &str, wire: &str) -> Vec<Step> {
    let whole = replay(sent, wire.as_bytes(), usize::MAX);
    for piece in [1, 2, 3, 7] {
        assert_eq!(
            replay(sent, wire.as_bytes(), piece),
            whole,
            "in pieces of {piece}"
        );
    }
    whole
}

fn line(text: &str) -> Step {
    Step::Line(text.to_owned())
}

#[test]
fn the_banner_ends_with_the_first_prompt() {
    let wire = include_str!("../../../tests/dialogues/login.txt").replace('\n', "\r\n");
    let steps = heard("", wire.trim_end());
    assert_eq!(
        steps.first(),
        Some(&line("Command Line Interface is starting up, please wait ..."))
    );
    assert!(steps.contains(&line("   Welcome to the Platform Command Line Interface")));
    assert_eq!(steps.last(), Some(&Step::Prompt));
}

#[test]
fn echo_and_prompt_are_no_output() {
    let wire = "show cert list own\r\ntomcat/tomcat.pem: Self-signed\r\n\r\nlast\r\nadmin:";
    assert_eq!(
        heard("show cert list own", wire),
        [
            line("tomcat/tomcat.pem: Self-signed"),
            line(""),
            line("last"),
            Step::Prompt
        ]
    );
}

#[test]
fn an_echo_may_be_wrapped_or_drawn_again() {
    let wrapped = "show cert trust tomcat-trust/A_very_long \r_name.pem\r\nout\r\nadmin:";
    let sent = "show cert trust tomcat-trust/A_very_long_name.pem";
    assert_eq!(heard(sent, wrapped), [line("out"), Step::Prompt]);
    let redrawn = "\r\n\radmin:show sta\radmin:show status\r\nout\r\nadmin:";
    assert_eq!(heard("show status", redrawn), [line("out"), Step::Prompt]);
}

#[test]
fn colours_titles_and_stray_returns_are_stripped() {
    let wire = "x\r\n\x1b]0;title\x07\x1b[1mbold\x1b[0m and \x1b[31mred\x1b[0m\r\r\n\x1b(Bplain\r\nadmin:";
    assert_eq!(
        heard("x", wire),
        [line("bold and red"), line("plain"), Step::Prompt]
    );
}

#[test]
fn the_prompt_may_follow_a_wiped_line_and_be_wiped_behind() {
    assert_eq!(
        heard("x", "x\r\nhalf a line\x1b[Kadmin:"),
        [line("half a line"), Step::Prompt]
    );
    assert_eq!(
        heard("x", "x\r\nout\r\n\radmin:\x1b[K"),
        [line("out"), Step::Prompt]
    );
}

#[test]
fn what_only_begins_like_a_prompt_is_output() {
    let wire = "x\r\nadmin:is the prompt\r\nUser admin: locked\r\nadmin:\r\nmore\r\nadmin:";
    assert_eq!(
        heard("x", wire),
        [
            line("admin:is the prompt"),
            line("User admin: locked"),
            line("admin:"),
            line("more"),
            Step::Prompt
        ]
    );
}

#[test]
fn a_prompt_before_any_echo_is_doubtful() {
    let mut conversation = Conversation::default();
    conversation.sent("show status");
    assert_eq!(conversation.feed(b"\r\n\radmin:"), []);
    assert_eq!(conversation.rest(|_| false), Rest::Doubtful);
    assert_eq!(conversation.feed(b"show status\r\nup\r\n"), [line("up")]);
    assert_eq!(conversation.rest(|_| false), Rest::Busy);
    conversation.feed(b"admin:");
    assert_eq!(conversation.rest(|_| false), Rest::Waits);
}

#[test]
fn a_counting_prompt_is_a_prompt() {
    assert_eq!(heard("x", "x\r\nout\r\nadmin(12): "), [line("out"), Step::Prompt]);
}

#[test]
fn the_restart_dialogue() {
    let wire = include_str!("../../../tests/dialogues/restart.txt").replace('\n', "\r\n");
    let steps = heard("utils system restart", wire.trim_end());
    assert_eq!(
        steps[..2],
        [
            line("     ***   W A R N I N G   ***"),
            line(
                "Please make sure database replication setup is complete. Use the command 'utils dbreplication \
                 runtimestate' to get the current status."
            )
        ]
    );
    assert_eq!(steps.last(), Some(&Step::Question("Enter (yes/no)?".into())));
}

#[test]
fn the_paste_dialogue_with_its_echo() {
    let mut conversation = Conversation::default();
    conversation.sent("set cert import trust tomcat");
    let asked = conversation.feed(b"set cert import trust tomcat\r\nPaste the Certificate and Hit Enter\r\n");
    assert_eq!(asked, [Step::Paste]);
    for text in [
        "-----BEGIN CERTIFICATE-----",
        "MIIB",
        "-----END CERTIFICATE-----",
        "",
    ] {
        conversation.pasted(text);
    }
    let rest = "-----BEGIN CERTIFICATE-----\r\nMIIB\r\n-----END CERTIFICATE-----\r\n\r\n\
                Successfully imported certificate for tomcat.\r\nadmin:";
    let mut steps = Vec::new();
    for byte in rest.bytes() {
        steps.extend(conversation.feed(&[byte]));
    }
    steps.extend(conversation.settle(|_| false));
    assert_eq!(
        steps,
        [
            line(""),
            line("Successfully imported certificate for tomcat."),
            Step::Prompt
        ]
    );
}

#[test]
fn pagers_are_known_at_once_and_leave_nothing_behind() {
    let a = "x\r\none\r\n\x1b[1mPress <enter> for 1 line, <space> for one page, or <q> to quit\x1b[0m";
    let mut conversation = Conversation::default();
    conversation.sent("x");
    assert_eq!(conversation.feed(a.as_bytes()), [line("one"), Step::Pager]);
    assert_eq!(conversation.feed(b"\r\x1b[Ktwo\r\n"), [line("two")]);
    conversation.feed(b"admin:");
    assert_eq!(conversation.settle(|_| false), Some(Step::Prompt));

    let b =
        "x\r\none\x1b[1m\r\noptions: q=quit, n=next, p=prev, b=begin, e=end (lines 1 - 20 of 40) : \x1b[0m";
    assert_eq!(heard("x", b)[..2], [line("one"), Step::Viewer { end: false }]);
    let end = "x\r\nend of the file reached\r\noptions: q=quit, n=next, p=prev, b=begin, e=end (lines 21 - 40 of 40) : ";
    assert_eq!(heard("x", end)[1], Step::Viewer { end: true });
}

#[test]
fn an_announced_question_of_any_form_is_one() {
    let mut conversation = Conversation::default();
    conversation.sent("x");
    conversation.feed(b"x\r\nDirectory: ");
    assert_eq!(conversation.rest(|_| false), Rest::Busy);
    let also = |tail: &str| tail.starts_with("Directory");
    assert_eq!(
        conversation.settle(also),
        Some(Step::Question("Directory:".into()))
    );
}

proptest! {
    #[test]
    fn where_reads_end_makes_no_difference(
        wire in proptest::collection::vec(
            prop_oneof![
                Just("\r\n".to_owned()), Just("\r".to_owned()), Just("\x1b[K".to_owned()), Just("admin:".to_owned()),
                Just("\x1b[1m".to_owned()), Just("Enter (yes/no)? ".to_owned()), "[a-z :]{0,12}",
            ],
            0..12,
        ),
        piece in 1_usize..5,
    ) {
        let wire = wire.concat();
        prop_assert_eq!(replay("cmd", wire.as_bytes(), piece), replay("cmd", wire.as_bytes(), usize::MAX));
    }

    #[test]
    fn any_bytes_are_survived(wire in proptest::collection::vec(any::<u8>(), 0..200)) {
        replay("cmd", &wire, 3);
    }
}
