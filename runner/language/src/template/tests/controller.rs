//! Tests of files on this machine, of names of resources, of encrypted text.

use std::path::PathBuf;

use minijinja::{Error, State, Value};

use crate::files::Found;
use crate::template::engine::{Entry, Takes};

use crate::template::eval::Eval;
use crate::template::lookups::search;
use crate::template::python::text;
use crate::template::roots::Root;
use crate::vault::is_sealed;

macro_rules! of_path {
    ($name:literal, $test:expr) => {
        Entry::engine($name, Takes::Values, || {
            Value::from_function(|state: &State<'_, '_>, value: &Value| {
                let test: fn(&Eval, PathBuf) -> bool = $test;
                let eval = Root::of(state)?;
                Ok::<bool, Error>(test(&eval, PathBuf::from(text(value))))
            })
        })
    };
}

pub(super) const TABLE: &[Entry] = &[
    of_path!("file", |eval, path| {
        matches!(
            eval.shared.inner.files.find(&path),
            Some(Found::File | Found::Program)
        )
    }),
    of_path!("is_file", |eval, path| {
        matches!(
            eval.shared.inner.files.find(&path),
            Some(Found::File | Found::Program)
        )
    }),
    of_path!("directory", |eval, path| {
        eval.shared.inner.files.find(&path) == Some(Found::Folder)
    }),
    of_path!("is_dir", |eval, path| {
        eval.shared.inner.files.find(&path) == Some(Found::Folder)
    }),
    of_path!("exists", |eval, path| eval
        .shared
        .inner
        .files
        .find(&path)
        .is_some()),
    of_path!("link", |eval, path| eval.shared.inner.files.is_link(&path)),
    of_path!("is_link", |eval, path| eval.shared.inner.files.is_link(&path)),
    of_path!("link_exists", |eval, path| {
        eval.shared.inner.files.is_link(&path) || eval.shared.inner.files.find(&path).is_some()
    }),
    of_path!("mount", |eval, path| eval.shared.inner.files.is_mount(&path)),
    of_path!("is_mount", |eval, path| eval.shared.inner.files.is_mount(&path)),
    of_path!("abs", |_, path| path.is_absolute()),
    of_path!("is_abs", |_, path| path.is_absolute()),
    Entry::engine("same_file", Takes::Values, || Value::from_function(same_file)),
    Entry::engine("is_same_file", Takes::Values, || Value::from_function(same_file)),
    Entry::own("uri", Takes::Values, |value, arguments| {
        let schemes = arguments.next("schemes");
        Ok(Value::from(is_resource(&text(value), schemes.as_ref(), false)))
    }),
    Entry::own("url", Takes::Values, |value, arguments| {
        let schemes = arguments.next("schemes");
        Ok(Value::from(is_resource(&text(value), schemes.as_ref(), true)))
    }),
    Entry::own("urn", Takes::Values, |value, _| {
        Ok(Value::from(text(value).to_lowercase().starts_with("urn:")))
    }),
    Entry::own("vault_encrypted", Takes::Values, |value, _| {
        Ok(Value::from(is_sealed(&text(value))))
    }),
    Entry::engine("vaulted_file", Takes::Values, || {
        Value::from_function(|state: &State<'_, '_>, value: &Value| {
            let eval = Root::of(state)?;
            let path = search(&eval, "files", &text(value))?;
            // As it stands there, so not through what opens it.
            let content = path.and_then(|path| eval.shared.inner.files.read(&path).ok());
            Ok::<bool, Error>(content.is_some_and(|content| is_sealed(&content)))
        })
    }),
];

fn same_file(state: &State<'_, '_>, value: &Value, other: &Value) -> Result<bool, Error> {
    let eval = Root::of(state)?;
    let real = |path: &Value| eval.shared.inner.files.real(&PathBuf::from(text(path)));
    let (one, two) = (real(value), real(other));
    Ok(one.is_some() && one == two)
}

/// Whether a text has a scheme (one of these, if any are given), and a place if it needs one.
fn is_resource(written: &str, schemes: Option<&Value>, with_place: bool) -> bool {
    let Some((scheme, rest)) = written.split_once(':') else {
        return false;
    };
    let first = scheme.starts_with(|next: char| next.is_ascii_alphabetic());
    let is_scheme = first
        && scheme
            .chars()
            .all(|next| next.is_ascii_alphanumeric() || "+-.".contains(next));
    let wanted = match schemes.filter(|schemes| !schemes.is_none()) {
        None => true,
        Some(schemes) => schemes
            .try_iter()
            .is_ok_and(|mut schemes| schemes.any(|wanted| text(&wanted) == scheme)),
    };
    let has_place = rest.strip_prefix("//").is_some_and(|rest| !rest.is_empty());
    is_scheme && wanted && (has_place || !with_place)
}
