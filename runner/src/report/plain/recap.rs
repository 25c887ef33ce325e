//! The end of a run: Ansible's recap, then each lane, what is waited for, and
//! how to go on.

use super::Screen;
use super::lanes::{ending_text, ending_word};
use crate::event::Ending;
use crate::report::page::{Label, Page};
use crate::report::summary::{Counts, LaneView};
use crate::report::words::{count, duration, harmless};

impl Screen {
    pub(super) fn recap(&self, page: &mut Page) {
        page.banner("PLAY RECAP");
        for (host, counts) in &self.summary.hosts {
            let line = recap_line(page, host, counts);
            page.out.push_str(&line);
        }
        page.line(Label::Text, "");
        self.lane_endings(page);
        self.why_nothing(page);
        self.how_to_go_on(page);
        self.custom_stats(page);
    }

    /// What `set_stats` has set, in Ansible's form.
    fn custom_stats(&self, page: &mut Page) {
        let stats = &self.summary.stats;
        if !self.look.stats || stats.is_empty() {
            return;
        }
        page.banner("CUSTOM STATS:");
        for (host, values) in stats.of_hosts() {
            page.line(Label::Text, &harmless(&format!("\t{host}: {values}")));
        }
        if let Some(values) = stats.of_run() {
            page.line(Label::Text, "");
            page.line(Label::Text, &harmless(&format!("\tRUN: {values}")));
        }
        page.line(Label::Text, "");
    }

    fn lane_endings(&self, page: &mut Page) {
        let last = self.summary.lanes.iter();
        let before = self.summary.before.iter().map(|(name, view)| (name, view));
        let shown: Vec<_> = before
            .chain(last)
            .filter(|(_, view)| self.has_phases() || !matches!(view.ending, None | Some(Ending::Done)))
            .collect();
        for (name, view) in &shown {
            let (label, text) = lane_line(name, view);
            page.line(label, &text);
        }
        if !shown.is_empty() {
            page.line(Label::Text, &format!("took {}", duration(self.summary.elapsed)));
        }
    }

    /// After a run that changed nothing, why nothing had to be: for each task one
    /// host's reason, and how many more there are.
    fn why_nothing(&self, page: &mut Page) {
        let reasons = &self.summary.reasons;
        let bad = self
            .summary
            .hosts
            .values()
            .any(|counts| counts.failed + counts.unreachable > 0);
        if self.summary.changed() || bad || reasons.is_empty() {
            return;
        }
        page.line(Label::Ok, "nothing had to be changed:");
        for (task, reasons) in reasons {
            let Some((host, why)) = reasons.first_key_value() else {
                continue;
            };
            let others = match reasons.len() - 1 {
                0 => format!("({host})"),
                more => format!("({host} and {} likewise)", count(more, "other")),
            };
            page.under(Label::Text, &harmless(&format!("{task}: {why} {others}")));
        }
    }

    fn how_to_go_on(&self, page: &mut Page) {
        let Some(end) = &self.summary.end else { return };
        for awaited in &end.awaiting {
            page.line(Label::Warning, &harmless(&format!("waiting for: {awaited}")));
        }
        if let Some(go_on) = &end.go_on {
            page.line(Label::Text, &harmless(&format!("to go on: {go_on}")));
        }
    }
}

/// `host : ok=3 changed=1 …`, columns as in Ansible; ours follow where they are not 0.
fn recap_line(page: &Page, host: &str, counts: &Counts) -> String {
    let host_label = match counts {
        Counts { failed: 1.., .. } | Counts { unreachable: 1.., .. } => Label::Failed,
        Counts { changed: 1.., .. } => Label::Changed,
        _ => Label::Ok,
    };
    let columns = [
        ("ok", counts.ok, Label::Ok),
        ("changed", counts.changed, Label::Changed),
        ("unreachable", counts.unreachable, Label::Failed),
        ("failed", counts.failed, Label::Failed),
        ("skipped", counts.skipped, Label::Skipped),
        ("rescued", counts.rescued, Label::Ok),
        ("ignored", counts.ignored, Label::Ok),
    ];
    let ours = [
        ("later", counts.later, Label::Changed),
        ("listed", counts.listed, Label::Skipped),
        ("awaiting", counts.awaiting, Label::Warning),
    ];
    let shown = columns
        .into_iter()
        .chain(ours.into_iter().filter(|column| column.1 > 0));
    let cells = shown.map(|(word, number, label)| {
        let text = format!("{word}={number:<4}");
        if number > 0 {
            page.paint(label, &text)
        } else {
            text
        }
    });
    let host = page.paint(host_label, &format!("{host:<26}"));
    format!("{host} : {}\n", cells.collect::<Vec<_>>().join(" "))
}

fn lane_line(name: &str, view: &LaneView) -> (Label, String) {
    let Some(ending) = &view.ending else {
        return (Label::Warning, format!("{name}: not finished"));
    };
    let (label, text) = ending_text(ending);
    let text = match ending {
        Ending::Done => format!("{name}: done after {}", duration(view.ended)),
        _ => format!("{name}: {}{text}", ending_word(ending)),
    };
    (label, harmless(&text))
}
