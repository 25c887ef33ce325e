//! The live view on a real terminal, as tmux shows it.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{Place, VOICE, workspace};

/// Longer than any rehearsal of two nodes takes.
const LIMIT: Duration = Duration::from_secs(120);

/// A terminal of its own, with one program in it.
pub(crate) struct Screen<'a> {
    place: &'a Place,
}

impl<'a> Screen<'a> {
    /// One in which `cutover` is run with these words in the test's files, and then said how it ended.
    pub(crate) fn of(place: &'a Place, words: &str) -> Self {
        let screen = Self { place };
        let command = format!(
            "trap : INT; cd {files} && CUTOVER_STATE={state} {cutover} {words}; echo ended with $?; stty -a | grep -ow -- '-\\?echo'; sleep 600",
            files = place.files().display(),
            state = place.state().display(),
            cutover = env!("CARGO_BIN_EXE_cutover"),
        );
        // A shell of our own, which outlives Ctrl-C: tmux would take the user's, and not each does.
        screen.tmux(&["new-session", "-d", "-x", "100", "-y", "50", "sh", "-c", &command]);
        screen
    }

    /// Presses keys, as tmux calls them.
    pub(crate) fn press(&self, keys: &str) {
        self.tmux(&["send-keys", keys]);
    }
}

impl Drop for Screen<'_> {
    fn drop(&mut self) {
        self.tmux(&["kill-server"]);
    }
}

impl Screen<'_> {
    fn tmux(&self, arguments: &[&str]) -> String {
        let socket = self.place.files().join("tmux");
        let output = Command::new("tmux")
            .arg("-S")
            .arg(socket)
            .args(["-f", "/dev/null"])
            .args(arguments)
            .output()
            .unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// What stands on the screen.
    fn shown(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// Looks until `wanted` is on the screen.
    #[track_caller]
    pub(crate) fn until(&self, wanted: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let shown = self.shown();
            if wanted(&shown) {
                return shown;
            }
            assert!(
                start.elapsed() < LIMIT,
                "it never came; the last screen was:\n{shown}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_terminal_shows_a_row_per_lane_and_nothing_of_it_stays() {
    let place = Place::new().file("hosts.yml", VOICE);
    let playbook = workspace().join("playbooks/vos-tomcat.yml");
    let screen = Screen::of(&place, &format!("rehearse {} -i hosts.yml", playbook.display()));

    let is_row = |line: &str, lane: &str| line.starts_with(&format!("{lane}  identity and restart  "));
    let both = screen.until(|shown| {
        ["vvb-1", "vvb-2"]
            .iter()
            .all(|lane| shown.lines().any(|line| is_row(line, lane)))
    });
    assert!(
        both.lines().any(|line| line.ends_with("of 2 lanes done")),
        "{both}"
    );

    let last = screen.until(|shown| shown.contains("ended with 0"));
    assert!(last.contains("PLAY RECAP"), "{last}");
    assert!(
        !last
            .lines()
            .any(|line| is_row(line, "vvb-1") || is_row(line, "vvb-2")),
        "{last}"
    );
    assert!(!last.contains("lanes done"), "{last}");
}
