//! Keeping local authorities in a folder.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::{Authority, AuthorityError, Random, Spec};

/// Why an authority could not be loaded or kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The file system refused.
    #[error("cannot keep the authority in {path}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// The file does not hold an authority, or making one failed.
    #[error("the authority in {path} cannot be used")]
    Authority {
        /// The file.
        path: PathBuf,
        /// Why.
        source: AuthorityError,
    },
}

/// Where in the folder the authority of this description is kept. Another number of
/// intermediates or kind of key makes another authority, which does not disturb the first.
#[must_use]
pub fn path(folder: &Path, spec: &Spec) -> PathBuf {
    folder.join(format!(
        "{}.{}.{}.pem",
        file_name(&spec.name),
        spec.key,
        spec.intermediates
    ))
}

/// The authority kept in the folder; where there is none yet, it is made and kept.
///
/// The file is readable by its owner only and appears whole or not at all. Of two processes that
/// make the same authority at once, both end up with the one that was kept first.
///
/// # Errors
/// [`StoreError`]; a damaged file is never replaced.
pub fn load_or_create(
    folder: &Path,
    spec: &Spec,
    now: Timestamp,
    random: &mut Random<'_>,
) -> Result<Authority, StoreError> {
    let path = path(folder, spec);
    if let Some(authority) = load(&path)? {
        return Ok(authority);
    }
    let made = Authority::create(spec, now, random).map_err(|source| StoreError::Authority {
        path: path.clone(),
        source,
    })?;
    if keep(&path, &made.to_pem()).map_err(|source| StoreError::Io {
        path: path.clone(),
        source,
    })? {
        return Ok(made);
    }
    load(&path)?.ok_or_else(|| StoreError::Io {
        path,
        source: io::ErrorKind::NotFound.into(),
    })
}

fn load(path: &Path) -> Result<Option<Authority>, StoreError> {
    let pem = match fs::read_to_string(path) {
        Ok(pem) => SecretString::from(pem),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => {
            return Err(StoreError::Io {
                path: path.to_owned(),
                source,
            });
        }
    };
    Authority::from_pem(&pem)
        .map(Some)
        .map_err(|source| StoreError::Authority {
            path: path.to_owned(),
            source,
        })
}

/// False where another process kept one first.
fn keep(path: &Path, pem: &SecretString) -> io::Result<bool> {
    let folder = path.parent().unwrap_or(Path::new("."));
    make_folder(folder)?;
    // A temporary file is made with mode 0600 and keeps it.
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(pem.expose_secret().as_bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// Makes a folder and its parents; what is made anew is for the owner only.
fn make_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A name as a file name: everything but letters, digits, `-` and `_` is written as `%` and its
/// hex digits, so that no two names meet and none leaves the folder.
fn file_name(name: &str) -> String {
    name.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02x}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::constant(1_800_000_000, 0);

    fn counting() -> impl FnMut(&mut [u8]) -> Result<(), String> {
        let mut next = 0u8;
        move |bytes| {
            for byte in bytes {
                next = next.wrapping_add(1);
                *byte = next;
            }
            Ok(())
        }
    }

    #[test]
    fn an_authority_is_made_once_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let spec = Spec {
            key: super::super::KeyKind::Ec384,
            ..Spec::new("../My lab")
        };
        let made = load_or_create(folder.path(), &spec, NOW, &mut counting()).unwrap();
        let found = load_or_create(folder.path(), &spec, NOW, &mut counting()).unwrap();
        assert_eq!(made.chain(), found.chain());
        let files: Vec<String> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        assert_eq!(files, ["%2e%2e%2fMy%20lab.ec384.1.pem"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(path(folder.path(), &spec))
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_second_maker_takes_what_the_first_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("x.pem");
        assert!(keep(&file, &SecretString::from("first")).unwrap());
        assert!(!keep(&file, &SecretString::from("second")).unwrap());
        assert_eq!(fs::read_to_string(&file).unwrap(), "first");
    }

    #[test]
    fn a_damaged_file_is_an_error_and_stays_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let spec = Spec::new("lab");
        let file = path(folder.path(), &spec);
        fs::write(&file, "nonsense").unwrap();
        let error = load_or_create(folder.path(), &spec, NOW, &mut counting()).unwrap_err();
        assert!(matches!(error, StoreError::Authority { .. }), "{error:?}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "nonsense");
    }
}
