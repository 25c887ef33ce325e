//! `set cert import` and what is pasted after it.
//!
//! Blank lines around the dialogue are a guess; the paste ends with the first empty line after some
//! text.

use super::parse::unit_of;
use super::reply::{Reply, Target, Then};
use super::run::Desk;
use crate::log::What;
use crate::pki::check::{self, Refusal};
use crate::state::unit::Store;

const ASK_FOR_PASTE: &str = "Paste the Certificate and Hit Enter\n";

impl Desk<'_> {
    pub(crate) fn import_own(&mut self, name: &str) -> Reply {
        match unit_of(name, self.units().into_iter()) {
            Some(unit) => self.paste_for(Target::Own(unit)),
            None => self.fail(&format!("{name} is not a valid certificate name")),
        }
    }

    pub(crate) fn import_trust(&mut self, name: &str) -> Reply {
        let mut stores = Store::all(&self.node().setup.products).into_iter();
        match stores.find(|s| s.unit() == name) {
            Some(store) => self.paste_for(Target::Trust(store)),
            None => self.fail(&format!("{name} is not a valid certificate name")),
        }
    }

    fn paste_for(&self, target: Target) -> Reply {
        self.say(ASK_FOR_PASTE).then(Then::Paste(target))
    }

    /// The paste is over.
    pub(crate) fn pasted(&mut self, target: Target, text: &str) -> Reply {
        let outcome = match target {
            Target::Own(unit) => {
                let taken = check::read(text)
                    .and_then(|certificate| self.world.import_own(self.id, unit, &certificate));
                taken.map_err(|refusal| self.as_told(unit.name(), refusal))
            }
            Target::Trust(store) => check::read(text)
                .and_then(|certificate| self.world.import_trust(self.id, store, &certificate))
                .map(|_| ()),
        };
        match outcome {
            Ok(()) => {
                let unit = target.unit();
                self.say_slowly(format!(
                    "Successfully imported certificate for {unit}.\n\
                     Please restart services related to {unit} for the new certificate to\n\
                     become active.\n"
                ))
            }
            Err(refusal) => self.refused(target, &refusal),
        }
    }

    /// Mischief: the one text for everything.
    fn as_told(&self, unit: &'static str, refusal: Refusal) -> Refusal {
        if self.node().setup.spec.twin.mischief.vague_errors {
            Refusal::Vague(unit)
        } else {
            refusal
        }
    }

    fn refused(&mut self, target: Target, refusal: &Refusal) -> Reply {
        let store = match target {
            Target::Own(unit) => unit.name().to_owned(),
            Target::Trust(store) => store.name(),
        };
        let what = What::ImportRefused {
            store,
            reason: refusal.to_string(),
        };
        self.world.record(self.id, what);
        self.say_slowly(format!("{refusal}\n"))
    }
}

impl Target {
    /// The unit's name, as the answers spell it.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Target::Own(unit) => unit.name(),
            Target::Trust(store) => store.unit(),
        }
    }
}
