//! Tests of files on this machine, of names of resources, of encrypted text.

use std::path::PathBuf;

use minijinja::{Error, State, Value};

use crate::files::Found;
use crate::template::engine::{Entry, Takes};

use crate::template::eval::Eval;
use crate::template::lookups::search;
use crate::template::operators::holds;
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
        Ok(Value::from(resource(&text(value), schemes.as_ref())?.is_some()))
    }),
    Entry::own("url", Takes::Values, |value, arguments| {
        let schemes = arguments.next("schemes");
        let resource = resource(&text(value), schemes.as_ref())?;
        let is_url = |found: &Resource| found.has_place || found.scheme == "file";
        Ok(Value::from(resource.as_ref().is_some_and(is_url)))
    }),
    Entry::own("urn", Takes::Values, |value, _| {
        let resource = resource(&text(value), None)?;
        Ok(Value::from(resource.is_some_and(|found| found.scheme == "urn")))
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

/// The name of a resource.
struct Resource {
    /// In small letters; nothing where none is written.
    scheme: String,
    /// Whether a server, or what stands for one, comes after `//`.
    has_place: bool,
}

/// What a text names, where its scheme is one of these, if any are given. Every text names
/// something: without a scheme it is a path.
fn resource(written: &str, schemes: Option<&Value>) -> Result<Option<Resource>, Error> {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|next: char| next.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|next| next.is_ascii_alphanumeric() || "+-.".contains(next))
    };
    let parted = written.split_once(':').filter(|(scheme, _)| is_scheme(scheme));
    let (scheme, rest) = parted.unwrap_or(("", written));
    let scheme = scheme.to_lowercase();
    if let Some(wanted) = schemes.filter(|schemes| schemes.is_true())
        && !holds(wanted, &Value::from(scheme.as_str()))?
    {
        return Ok(None);
    }
    let place = rest.strip_prefix("//").unwrap_or_default();
    let has_place = !place.is_empty() && !place.starts_with(['/', '?', '#']);
    Ok(Some(Resource { scheme, has_place }))
}
