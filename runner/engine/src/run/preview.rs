//! What a run would do, as far as that is known without doing it: for lists and questions.

use cutover_language::Node;
use cutover_language::playbook::Task;

use super::arguments;
use super::prepare::Run;
use super::request::Chosen;
use super::scope::Terms;
use super::variables::Variables;

impl Run {
    /// What a host's templates see in one of the plays, or outside of any.
    pub fn terms(&self, chosen: Option<&Chosen>, host: &str) -> Terms {
        let layers = chosen.map(|it| Variables::layers_of(&it.play, &it.folder));
        self.variables.terms(host, &layers.unwrap_or_default(), None)
    }

    /// The words of tags that stand in a play; those that cannot be known yet are left out.
    pub fn tags(&self, chosen: &Chosen, tags: &[Node]) -> Vec<String> {
        let layers = Variables::layers_of(&chosen.play, &chosen.folder);
        let mut words = self.variables.play_terms(&layers).words(tags);
        words.sort();
        words.dedup();
        words
    }

    /// Whether `--tags` and `--skip-tags` choose a task.
    pub fn chooses(&self, chosen: &Chosen, task: &Task) -> bool {
        self.tags.choose(&self.tags(chosen, &task.directives.tags))
    }

    /// Whether a task takes a host of its play out of service. What only shows in the run counts
    /// as no.
    pub fn is_disruptive(&self, chosen: &Chosen, task: &Task) -> bool {
        let declared = task.disruptive.as_ref().and_then(|it| it.literal()).copied();
        declared.unwrap_or_else(|| {
            let mut hosts = chosen.hosts.iter();
            hosts.any(|host| self.interrupts(chosen, task, host).unwrap_or(false))
        })
    }

    fn interrupts(&self, chosen: &Chosen, task: &Task, host: &str) -> Option<bool> {
        let cutover_language::playbook::Action::Module(call) = &task.action else {
            return None;
        };
        let module = self.modules.meant(&call.module, task, &chosen.play)?;
        let layers = Variables::layers_of(&chosen.play, &chosen.folder);
        let terms = self.variables.terms(host, &layers, Some(task));
        let args = arguments::render(
            module.name(),
            &call.args,
            &task.directives.module_defaults,
            &terms,
        )
        .ok()?;
        let estate = self.estate();
        Some(module.call(&args).ok()?.disruptive(estate.host(host)?))
    }
}
