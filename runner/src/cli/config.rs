//! `cutover config`.

use cutover_language::files::Disk;

use super::fault::Fault;
use super::ui;
use crate::exit::Exit;
use crate::settings::Settings;

/// Show the settings of `ansible.cfg` and the environment, and where each comes from
///
/// The environment wins over the file, and the command line over both. Settings that Ansible has and cutover
/// does without are listed with the reason.
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Also list the settings that nobody made.
    #[arg(short, long)]
    all: bool,
}

/// The settings of this process.
pub(super) fn settings() -> Result<Settings, Fault> {
    Settings::of_process(&Disk::default()).map_err(|faults| Fault::refused(faults, Exit::Error))
}

pub(super) fn run(args: &Args) -> Result<Exit, Fault> {
    let settings = settings()?;
    ui::diagnostics(&settings.warnings);
    let file = settings.file.as_ref().map(|path| path.display().to_string());
    let mut text = format!("CONFIG_FILE = {}\n", file.as_deref().unwrap_or("none"));
    for (known, set) in settings.every() {
        let line = match set {
            Some((value, origin)) => format!("{}({origin}) = {value}", known.name),
            None if args.all => format!(
                "{} = not set ([{}] {} or {})",
                known.name,
                known.section,
                known.key,
                known.environment.join(", ")
            ),
            None => continue,
        };
        text.push_str(&line);
        if let (Some(_), Some(why)) = (set, known.without_effect()) {
            text.push_str(&format!("\n    without effect: {why}"));
        }
        text.push('\n');
    }
    ui::print(&text);
    Ok(Exit::Done)
}
