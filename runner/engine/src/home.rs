//! The user's own folder, and `~` in paths that no shell has seen.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The home folder of this user.
pub fn of_user() -> Option<PathBuf> {
    named("HOME")
}

/// The folder that a variable of the environment names; an empty one names none.
pub fn named(variable: &str) -> Option<PathBuf> {
    folder(std::env::var_os(variable))
}

fn folder(path: Option<OsString>) -> Option<PathBuf> {
    path.filter(|path| !path.is_empty()).map(PathBuf::from)
}

/// `path` with a `~` at its beginning as `home`; as it is where there is none.
pub fn expand(path: &Path, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_is_empty_names_no_folder() {
        assert_eq!(folder(Some("".into())), None);
        assert_eq!(folder(Some("/home/e".into())), Some("/home/e".into()));
    }

    #[test]
    fn only_a_tilde_that_stands_alone_is_the_home_folder() {
        let expanded = |path: &str| expand(Path::new(path), Some(Path::new("/home/e")));
        assert_eq!(expanded("~/lab"), Path::new("/home/e/lab"));
        assert_eq!(expanded("~other/lab"), Path::new("~other/lab"));
        assert_eq!(expanded("lab/~"), Path::new("lab/~"));
        assert_eq!(expand(Path::new("~/lab"), None), Path::new("~/lab"));
    }
}
