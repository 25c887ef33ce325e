//! Encrypted text.

use cutover_kit::Secret;
use cutover_kit::secret::Origin;
use minijinja::value::{Rest, ValueOrKwargs};
use minijinja::{Error, State, Value};

use crate::template::arguments::Arguments;
use crate::template::engine::{Entry, Takes};
use crate::template::error::Fault;
use crate::template::eval::Eval;
use crate::template::python::text;
use crate::template::roots::Root;
use crate::vault::{Key, Keyring, PLAIN_LABEL, Vault, VaultError, is_sealed, seal, seal_with};

pub(super) const TABLE: &[Entry] = &[
    Entry::engine("vault", Takes::Values, || Value::from_function(vault)),
    Entry::engine("unvault", Takes::Values, || Value::from_function(unvault)),
];

fn refused(error: VaultError) -> Error {
    Fault::from(error).into()
}

/// The password in an argument.
fn password(eval: &Eval, arguments: &mut Arguments) -> Result<Secret, Error> {
    let clear = arguments.text("secret")?;
    let origin = Origin::Derived(Vec::new());
    Ok(eval.shared.inner.secrets.learn(clear, origin))
}

/// `text | vault(password, vault_id=label)`: the text, encrypted.
fn vault(state: &State<'_, '_>, value: &Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let eval = Root::of(state)?;
    let mut arguments = Arguments::new(&args.into_values());
    let password = password(&eval, &mut arguments)?;
    let salt = arguments.next("salt").filter(Value::is_true);
    let label = arguments.next("vault_id").map(|label| text(&label));
    arguments.next("wrap_object");
    arguments.finish()?;
    // Ansible writes this label where none is given.
    let label = Some(label.as_deref().unwrap_or("filter_default"));
    let clear = text(value);
    let sealed = match salt {
        Some(salt) => seal_with(clear.as_bytes(), &password, label, text(&salt).into_bytes()),
        None => seal(clear.as_bytes(), &password, label),
    };
    sealed.map(Value::from).map_err(refused)
}

/// `text | unvault(password)`: what is encrypted in it, which is a secret.
fn unvault(state: &State<'_, '_>, value: &Value, args: Rest<ValueOrKwargs>) -> Result<Value, Error> {
    let eval = Root::of(state)?;
    let mut arguments = Arguments::new(&args.into_values());
    let password = password(&eval, &mut arguments)?;
    arguments.next("vault_id");
    arguments.finish()?;
    let sealed = text(value);
    if !is_sealed(&sealed) {
        return Ok(value.clone());
    }
    let keys = Keyring::new([Key {
        label: PLAIN_LABEL.to_owned(),
        password: password.clone(),
    }]);
    let clear = keys.open_text(&sealed).map_err(refused)?;
    let origin = password.origin().clone();
    Ok(eval.secret(eval.shared.inner.secrets.learn(clear.to_string(), origin)))
}
