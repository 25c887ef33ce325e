//! What differs between releases.

use crate::spec::SpecError;

/// The manner of one release. What is known only from CUCM is assumed of every product with the same
/// base release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Profile {
    /// `set csr gen` asks about the OU first (14 SU1 and later; every 14 is taken for that).
    pub(crate) asks_ou: bool,
    /// Trust file names carry the serial number.
    pub(crate) serial_in_names: bool,
    /// The restart question is preceded by a warning about database replication.
    pub(crate) warns_of_restart: bool,
    /// SSH offers the method `password`.
    pub(crate) password: bool,
    /// SSH offers keyboard-interactive.
    pub(crate) keyboard_interactive: bool,
    /// The upgrade dialogue asks what to do after the download.
    pub(crate) asks_after_download: bool,
    /// There is a `tomcat-ECDSA` certificate.
    pub(crate) ecdsa_unit: bool,
    /// Which listeners present it.
    pub(crate) ecdsa: Ecdsa,
    /// TLS 1.3 is spoken.
    pub(crate) tls13: bool,
    /// TLS below 1.2 is spoken.
    pub(crate) old_tls: bool,
    /// Whether only the SSH algorithms of OpenSSH 5.3 are there.
    pub(crate) old_ssh: bool,
    /// The identification of its SSH server; only that of 11.5 was seen.
    pub(crate) ssh_banner: &'static str,
}

/// Where contact-centre products present `tomcat-ECDSA` (CUCM always does, on every listener).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ecdsa {
    /// Nowhere.
    Never,
    /// 11.5: Socket.IO of UCCX and the notification service of SocialMiner, where its signature is
    /// EC or its own and no COP forbids it.
    SomeListeners,
    /// 15: everywhere or nowhere, as `set tls server cert_type` says.
    Chosen,
}

impl Profile {
    /// The profile of a release such as `12.6.2` or `12.6(2)`.
    pub(crate) fn of(device: &str, version: &str) -> Result<Profile, SpecError> {
        let mut parts = version.split(|c: char| !c.is_ascii_digit());
        let major: Option<u32> = parts.next().and_then(|p| p.parse().ok());
        let minor: u32 = parts.next().and_then(|p| p.parse().ok()).unwrap_or(0);
        match major {
            Some(major) => Ok(Profile::of_release(major, minor)),
            None => Err(SpecError::Version {
                device: device.to_owned(),
                version: version.to_owned(),
            }),
        }
    }

    fn of_release(major: u32, minor: u32) -> Profile {
        let since = |m, n| (major, minor) >= (m, n);
        Profile {
            asks_ou: since(14, 0),
            serial_in_names: since(11, 5),
            warns_of_restart: since(12, 0),
            password: !since(14, 0),
            keyboard_interactive: since(12, 0),
            asks_after_download: since(12, 0),
            ecdsa_unit: since(11, 5),
            ecdsa: match (major, minor) {
                (11, 5) => Ecdsa::SomeListeners,
                (15.., _) => Ecdsa::Chosen,
                _ => Ecdsa::Never,
            },
            tls13: since(15, 0),
            old_tls: !since(12, 0),
            old_ssh: !since(12, 0),
            ssh_banner: match major {
                15.. => "SSH-2.0-OpenSSH_8.0",
                12..15 => "SSH-2.0-OpenSSH_7.4",
                _ => "SSH-2.0-OpenSSH_5.3",
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_differ_as_the_table_says() {
        let row = |version: &str| {
            let p = Profile::of("n", version).unwrap();
            (
                p.asks_ou,
                p.warns_of_restart,
                p.password,
                p.keyboard_interactive,
                p.ecdsa_unit,
            )
        };
        assert_eq!(row("11.0"), (false, false, true, false, false));
        assert_eq!(row("11.5.1"), (false, false, true, false, true));
        assert_eq!(row("12.5"), (false, true, true, true, true));
        assert_eq!(row("12.6(2)"), (false, true, true, true, true));
        assert_eq!(row("14.0.1"), (true, true, false, true, true));
        assert_eq!(row("15"), (true, true, false, true, true));
        let error = Profile::of("fin-a", "new").unwrap_err();
        assert_eq!(
            error.to_string(),
            "fin-a: \"new\" is not a version such as 12.6.2"
        );
    }
}
