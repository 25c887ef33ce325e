//! `vars_prompt`: asked before a play begins, for what `-e` does not give.

use cutover_kit::secret::Origin;
use cutover_kit::{Secret, Value};
use cutover_language::playbook::Prompt;
use cutover_language::scope::{Layer, Rank};

use super::prepare::{Chosen, Run};
use super::scope::Terms;
use super::variables::Variables;
use crate::event::EventKind;

impl Run {
    /// The answers, as a layer of the play.
    pub(super) async fn answers(&self, chosen: &Chosen) -> Layer {
        let mut layer = Layer::new(Rank::Prompt, "vars_prompt");
        let layers = Variables::layers_of(&chosen.play, &chosen.folder);
        let terms = self.variables.play_terms(&layers);
        for prompt in &chosen.play.vars_prompt {
            if self.library.extra.variables.contains_key(&prompt.name.value) {
                continue;
            }
            let answer = self.answer(prompt, &terms).await;
            layer = layer.with(prompt.name.as_str(), answer);
        }
        layer
    }

    async fn answer(&self, prompt: &Prompt, terms: &Terms) -> Value {
        let default = prompt.default.as_ref().and_then(|node| terms.render(node).ok());
        let question = prompt.prompt.as_ref().and_then(|node| terms.text(node).ok());
        let shown = default
            .as_ref()
            .filter(|_| !prompt.private)
            .and_then(Value::as_str);
        let question = match (question, shown) {
            (Some(question), Some(default)) => format!("{question} [{default}]: "),
            (Some(question), None) => format!("{question}: "),
            (None, _) => format!("input for {}: ", prompt.name.value),
        };
        let typed = self.typed(prompt, &question).await;
        match typed {
            Some(typed) if !typed.expose().is_empty() => self.value(prompt, &typed),
            Some(typed) => default.unwrap_or_else(|| self.value(prompt, &typed)),
            None => {
                let message = format!(
                    "nobody is at a terminal to answer \"{}\": `{}` has its default",
                    question.trim_end_matches(": "),
                    prompt.name.value
                );
                self.world.bus.emit(EventKind::Warned {
                    place: Some(prompt.name.place.to_string()),
                    message,
                });
                default.unwrap_or_default()
            }
        }
    }

    /// What was typed, twice the same where that is asked for.
    async fn typed(&self, prompt: &Prompt, question: &str) -> Option<Secret> {
        let terminal = &self.world.terminal;
        loop {
            let typed = terminal.ask(question, !prompt.private, None).await?;
            if !prompt.confirm {
                return Some(typed);
            }
            let again = terminal
                .ask(&format!("confirm {question}"), !prompt.private, None)
                .await?;
            if typed.expose() == again.expose() {
                return Some(typed);
            }
            self.world.bus.emit(EventKind::Warned {
                place: None,
                message: "the two answers are not the same; asked again".into(),
            });
        }
    }

    /// A hidden answer is a secret.
    fn value(&self, prompt: &Prompt, typed: &Secret) -> Value {
        if !prompt.private {
            return Value::from(typed.expose());
        }
        let origin = Origin::Prompt(prompt.name.value.clone());
        Value::Secret(self.world.secrets.learn(typed.expose(), origin))
    }
}
