//! `vars_prompt`: asked before a play begins, for what `-e` does not give.

use std::fmt::Display;

use cutover_kit::secret::Origin;
use cutover_kit::{Failure, FailureKind, Secret, Value};
use cutover_language::crypt::{self, Settings};
use cutover_language::playbook::{Encrypt, Prompt};
use cutover_language::scope::{Layer, Rank};

use super::prepare::Run;
use super::request::Chosen;
use super::scope::Terms;
use super::variables::Variables;
use crate::bytes::random;
use crate::event::EventKind;

impl Run {
    /// The answers, as a layer of the play. Fails where the run is stopped meanwhile, and where one
    /// cannot be had, which is told.
    pub(super) async fn answers(&self, chosen: &Chosen) -> Result<Layer, Failure> {
        let mut layer = Layer::new(Rank::Prompt, "vars_prompt");
        let layers = Variables::layers_of(&chosen.play, &chosen.folder);
        let terms = self.variables.play_terms(&layers);
        for prompt in &chosen.play.vars_prompt {
            if self.library.extra.variables.contains_key(&prompt.name.value) {
                continue;
            }
            let answer = self.answer(prompt, &terms).await;
            let answer = answer.inspect_err(|failure| self.tell_unanswered(prompt, failure))?;
            layer = layer.with(prompt.name.as_str(), answer);
        }
        Ok(layer)
    }

    fn tell_unanswered(&self, prompt: &Prompt, failure: &Failure) {
        if failure.kind != FailureKind::Stopped {
            self.world.bus.emit(EventKind::Warned {
                place: Some(prompt.name.place.to_string()),
                message: failure.message.clone(),
            });
        }
    }

    async fn answer(&self, prompt: &Prompt, terms: &Terms) -> Result<Value, Failure> {
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
        let answer = match self.typed(prompt, &question).await? {
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
        };
        match &prompt.encrypt {
            Some(encrypt) => self.hashed(prompt, encrypt, &answer, terms),
            None => Ok(answer),
        }
    }

    /// The hash of an answer; what is not text has none.
    fn hashed(
        &self,
        prompt: &Prompt,
        encrypt: &Encrypt,
        answer: &Value,
        terms: &Terms,
    ) -> Result<Value, Failure> {
        let clear = match answer {
            Value::Secret(secret) => secret.expose().to_owned(),
            Value::String(text) => text.clone(),
            Value::Int(number) => number.to_string(),
            _ => return Ok(Value::Null),
        };
        let refused = |error: &dyn Display| {
            let message = format!("the answer for `{}` cannot be hashed: {error}", prompt.name.value);
            Failure::new(FailureKind::Arguments, message)
        };
        let given = encrypt.salt.as_ref().map(|node| terms.text(node)).transpose();
        let given = given.map_err(|failure| refused(&failure))?;
        let salt = match given.filter(|salt| !salt.is_empty()) {
            Some(salt) => salt,
            None => drawn(encrypt.salt_size)?,
        };
        let settings = Settings {
            salt: &salt,
            ..Settings::default()
        };
        let made = encrypt.scheme.hash(&clear, &settings);
        let made = made.map_err(|error| refused(&error))?;
        let origin = Origin::Prompt(prompt.name.value.clone());
        Ok(Value::Secret(self.world.secrets.learn(made, origin)))
    }

    /// What was typed, twice the same where that is asked for.
    async fn typed(&self, prompt: &Prompt, question: &str) -> Result<Option<Secret>, Failure> {
        let ask = async |question: &str| self.world.ask(question, !prompt.private).await;
        loop {
            let typed = ask(question).await?;
            if !prompt.confirm || typed.is_none() {
                return Ok(typed);
            }
            let again = ask(&format!("confirm {question}")).await?;
            if again.is_none() || typed.as_ref().map(Secret::expose) == again.as_ref().map(Secret::expose) {
                return Ok(again);
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

/// A salt that nobody can foresee.
fn drawn(length: usize) -> Result<String, Failure> {
    let drawn = random(length)
        .map_err(|error| Failure::new(FailureKind::Internal, format!("no chance can be had: {error}")))?;
    let mut bytes = drawn.into_iter();
    // As many letters as divide the values of a byte evenly.
    let below = |end: usize| usize::from(bytes.next().unwrap_or_default()) % end;
    Ok(crypt::salt(length, below))
}
