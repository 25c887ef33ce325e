//! `cutover modules`.

use cutover_language::diagnose::nearest;

use super::fault::Fault;
use super::{manual, ui};
use crate::catalog;
use crate::exit::Exit;
use crate::run::Modules;

/// List the modules, or show the manual of one
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The module to explain.
    name: Option<String>,

    /// All manuals as one Markdown page.
    #[arg(long, conflicts_with = "name")]
    markdown: bool,
}

pub(super) fn run(args: &Args) -> Result<Exit, Fault> {
    let modules = catalog::built_in();
    let text = match &args.name {
        _ if args.markdown => manual::reference(&modules),
        None => manual::list(&modules),
        Some(name) => {
            let module = modules.find(name).ok_or_else(|| unknown(name, &modules))?;
            manual::page(module)
        }
    };
    ui::print(&text);
    Ok(Exit::Done)
}

fn unknown(name: &str, modules: &Modules) -> Fault {
    let fault = Fault::error(format!("there is no module `{name}`"));
    match nearest(name, modules.iter().map(cutover_kit::AnyModule::name)) {
        Some(near) => fault.hint(format!("did you mean `{near}`?")),
        None => fault.hint("`cutover modules` lists them all"),
    }
}
