//! The engine proper.
//!
//! [`Run::prepare`] reads and checks everything; [`Run::execute`] carries it
//! out. A play is cut into lanes (`lane`) or batches of hosts (`play`); a host
//! walks through tasks and blocks (`walk`); a task (`task`) tries each item
//! (`attempt`); a try performs a module's verbs (`perform`).

mod arguments;
mod attempt;
mod background;
mod barrier;
mod becoming;
mod check;
mod clear;
mod connections;
mod debugger;
pub mod devices;
mod execute;
mod facts;
mod fetch;
mod flush;
mod folders;
mod gather;
mod ground;
mod growth;
mod guard;
mod handlers;
mod hosts;
mod include;
mod include_vars;
mod items;
mod lane;
mod late_files;
mod library;
mod looping;
mod magic;
mod meta;
mod modules;
mod once;
mod pace;
mod perform;
mod place;
mod play;
mod prepare;
mod preview;
mod prompts;
mod record;
mod request;
mod roles;
mod rollback;
mod roster;
mod scope;
mod sections;
mod shapes;
mod sight;
mod standing;
mod start;
mod step;
mod stop;
mod stopped;
mod surroundings;
mod tags;
mod task;
mod terminal;
mod tries;
mod turn;
mod turns;
mod typed;
mod variables;
mod verdict;
mod walk;
mod waves;
mod window;
mod world;
mod written;

pub use devices::{Devices, Standing};
pub use modules::{Modules, OwnModule, OwnModules};
pub use prepare::Run;
pub use request::{Chosen, Refusal, Request};
pub use scope::Terms;
pub use step::{Answer, Asked};
pub use stop::Stop;
pub use terminal::{Nobody, Terminal};
pub use variables::Variables;
pub use window::Window;
