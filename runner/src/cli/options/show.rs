//! How a run is shown.

use std::path::PathBuf;

use super::super::ui;
use crate::report::plain::{Format, Look};
use crate::settings::Settings;

/// How a run is shown.
#[derive(clap::Args, Clone, Debug, Default)]
pub(in super::super) struct ShowArgs {
    /// Show more: -v results, -vv where tasks stand, -vvv what is said to devices.
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(in super::super) verbose: u8,

    /// Write every event as a line of JSON to FILE, or to standard output with `-` (the usual lines go to standard error then).
    #[arg(long, value_name = "FILE")]
    pub(in super::super) events: Option<PathBuf>,

    /// When to use colours; `auto` means on a terminal, unless NO_COLOR is set.
    #[arg(
        long,
        visible_alias = "colour",
        value_name = "WHEN",
        value_enum,
        default_value_t
    )]
    color: Colour,
}

/// When to use colours.
#[derive(clap::ValueEnum, Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl ShowArgs {
    /// Sets the colours of everything that is shown.
    pub(in super::super) fn set_colours(&self) {
        match self.color {
            Colour::Auto => {}
            Colour::Always | Colour::Never => {
                let on = self.color == Colour::Always;
                console::set_colors_enabled(on);
                console::set_colors_enabled_stderr(on);
            }
        }
    }

    /// How results look, the settings of Ansible's callback included.
    pub(in super::super) fn look(&self, settings: &Settings) -> Look {
        Look {
            verbosity: self.verbose,
            colour: if self.events_to_stdout() {
                console::colors_enabled_stderr()
            } else {
                console::colors_enabled()
            },
            width: ui::width(),
            ok: settings.truth("DISPLAY_OK_HOSTS").unwrap_or(true),
            skipped: settings.truth("DISPLAY_SKIPPED_HOSTS").unwrap_or(true),
            stats: settings.truth("SHOW_CUSTOM_STATS").unwrap_or(false),
            format: match settings.text("RESULT_FORMAT").as_deref() {
                Some("yaml") => Format::Yaml,
                _ => Format::Json,
            },
            pretty: settings.truth("PRETTY_RESULTS"),
        }
    }

    /// Whether standard output belongs to the events.
    pub(in super::super) fn events_to_stdout(&self) -> bool {
        self.events.as_deref().is_some_and(|path| path.as_os_str() == "-")
    }
}
