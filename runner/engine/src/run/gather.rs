//! The task that gathers facts at the start of a play, though nobody wrote it.

use std::sync::Arc;

use cutover_kit::Platform;
use cutover_language::playbook::{Action, Directives, Item, ModuleCall, Play, Setting, Task};
use cutover_language::source::Located;
use cutover_language::yaml::{Entry, Kind, Mapping};
use cutover_language::{Node, Place};

use super::play::PlayRun;
use crate::event::{Gathering, Section};

/// The module that gathers.
pub(super) const SETUP: &str = "setup";

impl PlayRun {
    /// Gathers the facts of those hosts of a batch that have some and are to be asked.
    pub(super) async fn gather(self: &Arc<Self>, batch: &[String]) {
        if self.modules.find(SETUP).is_none() {
            return;
        }
        let wanted: Vec<String> = batch
            .iter()
            .filter(|host| self.has_facts(host) && self.gathers(host))
            .cloned()
            .collect();
        let task = Item::Task(Box::new(task(&self.play)));
        self.section(&wanted, Section::PreTasks, &[("facts", &[task])])
            .await;
    }

    /// What `gather_facts` of the play and the setting `gathering` come to.
    fn gathers(&self, host: &str) -> bool {
        let terms = self.variables.play_terms(&self.layers);
        let said = terms.setting(self.play.gather_facts.as_ref()).ok().flatten();
        match self.gathering {
            Gathering::Implicit => said.unwrap_or(true),
            Gathering::Explicit => said.unwrap_or(false),
            Gathering::Smart => said.unwrap_or(true) && !self.variables.are_gathered(host),
        }
    }

    /// Devices have none, and a rehearsal does not ask who has no twin.
    fn has_facts(&self, host: &str) -> bool {
        match self.way_to(host).map(|way| way.host.platform) {
            Ok(Platform::Local) => true,
            Ok(Platform::Posix) => self.world.may_change(host),
            _ => false,
        }
    }
}

/// `Gathering Facts`, as if it had been written first in the play.
fn task(play: &Play) -> Task {
    let place = &play.place;
    let text = |text: &str| Node::text(text, place.clone());
    let own = Directives {
        tags: vec![text("always")],
        ..Directives::default()
    };
    let outer = Directives {
        run_once: None,
        ..play.directives.clone()
    };
    let action = Action::Module(ModuleCall {
        written: Located::new(SETUP.to_owned(), place.clone()),
        module: SETUP.to_owned(),
        sets_variables: true,
        args: arguments(play, place),
    });
    Task {
        name: Some(text("Gathering Facts")),
        ..Task::new(place.clone(), action, own.under(&outer))
    }
}

fn arguments(play: &Play, place: &Place) -> Node {
    let subset = (!play.gather_subset.is_empty())
        .then(|| Node::new(Kind::Seq(play.gather_subset.clone().into()), place.clone()));
    let timeout = play.gather_timeout.as_ref().map(|timeout| match timeout {
        Setting::Literal(literal) => Node::new(
            Kind::Int(i64::try_from(literal.value).unwrap_or(i64::MAX)),
            place.clone(),
        ),
        Setting::Template(node) | Setting::Within(node, _) => node.clone(),
    });
    let given = [
        ("gather_subset", subset),
        ("gather_timeout", timeout),
        ("fact_path", play.fact_path.clone()),
    ];
    let entry = |(name, value): (&str, Option<Node>)| {
        Some(Entry {
            key: Located::new(name.to_owned(), place.clone()),
            value: value?,
        })
    };
    let map: Mapping = given.into_iter().filter_map(entry).collect();
    Node::new(Kind::Map(Arc::new(map)), place.clone())
}
