//! Files that hold what is or was encrypted.

use std::io::{Read, Write};
use std::path::Path;

use cutover_language::vault::VaultError;
use zeroize::Zeroizing;

use super::super::fault::Fault;

/// The content of a file, or of standard input.
pub(super) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let mut content = Zeroizing::new(Vec::new());
    if path == Path::new("-") {
        std::io::stdin()
            .read_to_end(&mut content)
            .map_err(Fault::io("read standard input"))?;
        return Ok(content);
    }
    std::fs::File::open(path)
        .and_then(|mut file| file.read_to_end(&mut content))
        .map_err(Fault::io(format!("read {}", path.display())))?;
    Ok(content)
}

/// Puts a file into the place of another, whole or not at all, with the rights
/// the other had; a new one is for its owner only. Behind a link it is the file
/// that the link names: nothing stays in clear there.
pub(super) fn write(path: &Path, content: &[u8]) -> Result<(), Fault> {
    if path == Path::new("-") {
        let mut out = std::io::stdout().lock();
        return out
            .write_all(content)
            .map_err(Fault::io("write to standard output"));
    }
    let path = &std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let put = || {
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(content)?;
        if let Ok(about) = std::fs::metadata(path) {
            file.as_file().set_permissions(about.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(path).map(drop).map_err(|error| error.error)
    };
    put().map_err(Fault::io(format!("write {}", path.display())))
}

/// What went wrong with encrypting or decrypting.
pub(super) fn sealed(error: &VaultError) -> Fault {
    let fault = Fault::error(error.to_string());
    match error.hint() {
        Some(hint) => fault.hint(hint),
        None => fault,
    }
}
