//! The local authority, judged by OpenSSL and keytool.

use cutover_x509::authority::{Authority, AuthorityError, KeyKind, Profile, Spec};
use cutover_x509::{Certificate, Chain, Hash, KeyUsage, Request, SigningFamily, read_request};
use jiff::Timestamp;

use crate::make::{self, NOW, days, p256};
use crate::tools::Tools;

/// The same bytes in every run.
fn random() -> impl FnMut(&mut [u8]) -> Result<(), String> {
    let mut state = 7u8;
    move |bytes| {
        for byte in bytes {
            state = state.wrapping_mul(61).wrapping_add(17);
            *byte = state;
        }
        Ok(())
    }
}

fn authority(intermediates: u8, key: KeyKind) -> Authority {
    let spec = Spec {
        name: "Lab".into(),
        intermediates,
        key,
    };
    Authority::create(&spec, NOW, &mut random()).unwrap()
}

fn sign(authority: &Authority, request: &Request) -> Certificate {
    authority
        .sign(request, &Profile::default(), NOW, &mut random())
        .unwrap()
}

#[track_caller]
fn openssl_accepts(tools: &Tools, authority: &Authority, leaf: &Certificate, purpose: &str) {
    tools.write("root.pem", authority.chain()[0].to_pem());
    let intermediates: String = authority.chain()[1..].iter().map(Certificate::to_pem).collect();
    tools.write("intermediates.pem", intermediates + &leaf.to_pem());
    tools.write("leaf.pem", leaf.to_pem());
    let at = NOW.as_second();
    tools.openssl(&format!(
        "verify -x509_strict -attime {at} -purpose {purpose} -CAfile root.pem -untrusted intermediates.pem leaf.pem"
    ));
}

#[test]
fn certificates_of_every_kind_of_authority_verify() {
    let tools = Tools::new();
    for (intermediates, key) in [(0, KeyKind::Ec384), (1, KeyKind::Rsa2048), (2, KeyKind::Ec384)] {
        let authority = authority(intermediates, key);
        assert_eq!(authority.chain().len(), usize::from(intermediates) + 1);
        let leaf = sign(
            &authority,
            &make::request(&make::RSA, "a.example.com", &["DNS:a.example.com"]),
        );
        openssl_accepts(&tools, &authority, &leaf, "sslserver");
        openssl_accepts(&tools, &authority, &leaf, "sslclient");
        let chain = Chain::build(&leaf, authority.chain(), &authority.chain()[..1], NOW).unwrap();
        assert!(chain.issuers().eq(authority.chain()));
        let (family, hash) = match key {
            KeyKind::Rsa2048 => (SigningFamily::Rsa, Hash::Sha256),
            KeyKind::Ec384 => (SigningFamily::Ec, Hash::Sha384),
        };
        assert_eq!((leaf.signature.family, leaf.signature.hash), (family, hash));
    }
}

#[test]
fn a_signed_certificate_says_what_its_request_says() {
    let authority = authority(1, KeyKind::Ec384);
    let names = ["DNS:a.example.com", "IP:10.0.0.1", "email:a@b", "URI:https://x/"];
    let request = make::request(&make::RSA, "a.example.com", &names);
    let leaf = sign(&authority, &request);
    assert_eq!(leaf.subject, request.subject);
    assert_eq!(leaf.public_key, request.public_key);
    assert_eq!(leaf.names(), request.names());
    assert_eq!(leaf.not_before.to_string(), "2027-01-15T07:00:00Z");
    assert_eq!(leaf.not_after, NOW + days(90));
    assert!(!leaf.is_ca());
    assert_eq!(leaf.extensions.critical, ["2.5.29.15", "2.5.29.19"]);
    assert_eq!(
        leaf.extensions
            .key_usage
            .clone()
            .unwrap()
            .into_iter()
            .collect::<Vec<_>>(),
        [KeyUsage::DigitalSignature, KeyUsage::KeyEncipherment]
    );
    assert!(leaf.extensions.subject_key_id.is_some());
    assert_eq!(
        leaf.extensions.authority_key_id,
        authority.issuing().extensions.subject_key_id
    );

    let ec = sign(&authority, &make::request(&p256(), "a-EC.example.com", &[]));
    assert_eq!(
        ec.extensions.key_usage.unwrap().into_iter().collect::<Vec<_>>(),
        [KeyUsage::DigitalSignature]
    );
}

#[test]
fn a_request_without_names_gets_its_common_name_if_that_is_a_host() {
    let authority = authority(0, KeyKind::Ec384);
    let names = |cn: &str| {
        let leaf = sign(&authority, &make::request(&p256(), cn, &[]));
        leaf.extensions
            .names
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
    };
    assert_eq!(names("a.example.com"), ["DNS:a.example.com"]);
    assert!(names("Call Centre").is_empty());
}

#[test]
fn requests_of_vos_and_keytool_are_signed() {
    let tools = Tools::new();
    let authority = authority(1, KeyKind::Ec384);
    // What a VOS node asks for, the ipsec usage included; two units as `set web-security` allows.
    tools.openssl(
        "req -new -newkey rsa:2048 -nodes -keyout k.pem -out vos.csr -subj /C=DE/O=Example/OU=One/OU=Two/CN=fin-a.example.com \
         -addext keyUsage=digitalSignature,keyEncipherment,dataEncipherment,keyAgreement \
         -addext extendedKeyUsage=serverAuth,clientAuth,ipsecEndSystem -addext subjectAltName=DNS:fin-a.example.com",
    );
    let leaf = sign(&authority, &read_request(&tools.read("vos.csr")).unwrap());
    assert_eq!(leaf.subject.text(), "CN=fin-a.example.com,OU=One,O=Example,C=DE");
    openssl_accepts(&tools, &authority, &leaf, "sslserver");

    let store = "-storetype JCEKS -keystore s";
    tools.keytool(&format!(
        "-genkeypair -alias x -keyalg RSA -keysize 2048 -dname CN=cvp1.example.com {store}"
    ));
    tools.keytool(&format!(
        "-certreq -alias x -ext san=dns:cvp1.example.com,dns:localhost -file x.csr {store}"
    ));
    let leaf = sign(&authority, &read_request(&tools.read("x.csr")).unwrap());
    openssl_accepts(&tools, &authority, &leaf, "sslserver");
    for (alias, certificate) in authority.chain().iter().enumerate() {
        tools.write("ca.pem", certificate.to_pem());
        tools.keytool(&format!(
            "-importcert -noprompt -trustcacerts -alias ca{alias} -file ca.pem {store}"
        ));
    }
    tools.write("x.pem", leaf.to_pem());
    tools.keytool(&format!("-importcert -noprompt -alias x -file x.pem {store}"));
    let listed = tools.keytool(&format!("-list -v -alias x {store}"));
    assert!(
        listed.contains("PrivateKeyEntry") && listed.contains("Certificate chain length: 3"),
        "{listed}"
    );
}

#[test]
fn serial_numbers_come_from_the_source_handed_in() {
    let authority = authority(0, KeyKind::Ec384);
    let request = make::request(&p256(), "a", &[]);
    let (first, second) = (sign(&authority, &request), sign(&authority, &request));
    assert_eq!(first.serial, second.serial);
    assert_eq!(first.serial.len(), 32);
    assert!(
        ('4'..='7').contains(&first.serial.chars().next().unwrap()),
        "{}",
        first.serial
    );
    let mut source = random();
    source(&mut [0; 16]).unwrap();
    let third = authority
        .sign(&request, &Profile::default(), NOW, &mut source)
        .unwrap();
    assert_ne!(first.serial, third.serial);
    let mut dry = |_: &mut [u8]| Err("the source is dry".to_owned());
    let error = authority
        .sign(&request, &Profile::default(), NOW, &mut dry)
        .unwrap_err();
    assert_eq!(error.to_string(), "there is no serial number: the source is dry");
}

#[test]
fn a_key_that_cannot_be_certified_is_named() {
    let tools = Tools::new();
    tools.openssl("req -new -newkey ec -pkeyopt ec_paramgen_curve:secp256k1 -nodes -keyout k.pem -out a.csr -subj /CN=a");
    let request = read_request(&tools.read("a.csr")).unwrap();
    let error = authority(0, KeyKind::Ec384)
        .sign(&request, &Profile::default(), NOW, &mut random())
        .unwrap_err();
    assert_eq!(error.to_string(), "cannot certify EC secp256k1");
}

#[test]
fn an_authority_survives_being_written_and_read() {
    for key in [KeyKind::Rsa2048, KeyKind::Ec384] {
        let authority = authority(1, key);
        let read = Authority::from_pem(&authority.to_pem()).unwrap();
        assert_eq!(read.chain(), authority.chain());
        let leaf = sign(&read, &make::request(&p256(), "a", &[]));
        assert!(Chain::build(&leaf, authority.chain(), &[], NOW).is_ok());
    }
}

#[test]
fn what_does_not_belong_together_is_not_an_authority() {
    use secrecy::{ExposeSecret, SecretString};
    let (one, other) = (authority(1, KeyKind::Ec384), authority(1, KeyKind::Ec384));
    let pem = one.to_pem().expose_secret().to_owned();
    let key = pem
        .split_inclusive("-----END PRIVATE KEY-----\n")
        .next()
        .unwrap()
        .to_owned();
    let told = |pem: String| {
        Authority::from_pem(&SecretString::from(pem))
            .unwrap_err()
            .to_string()
    };
    let chain = |authority: &Authority| {
        authority
            .chain()
            .iter()
            .map(Certificate::to_pem)
            .collect::<String>()
    };
    assert_eq!(told(chain(&one)), "not an authority: there is no private key");
    assert_eq!(
        told(key.clone() + &chain(&other)),
        "not an authority: the private key is not that of the last certificate"
    );
    assert_eq!(
        told(key + &other.chain()[0].to_pem() + &one.chain()[1].to_pem()),
        "not an authority: its certificates are not a chain from the root down"
    );
}

#[test]
fn no_private_key_shows_in_debug_output() {
    let authority = authority(1, KeyKind::Ec384);
    let shown = format!("{authority:?} {:?}", authority.to_pem());
    assert!(
        shown.contains("Lab Root CA") && !shown.contains("BEGIN"),
        "{shown}"
    );
}

#[test]
fn certificates_end_with_their_authority_and_not_after_it() {
    let authority = authority(1, KeyKind::Ec384);
    let request = make::request(&p256(), "a", &[]);
    let end = authority.issuing().not_after;
    assert_eq!(end, NOW + days(3650));
    let long = authority
        .sign(&request, &Profile { days: u32::MAX }, NOW, &mut random())
        .unwrap();
    assert_eq!(long.not_after, end);
    let sign_at = |at: Timestamp| authority.sign(&request, &Profile::default(), at, &mut random());
    assert!(matches!(
        sign_at(end + days(1)),
        Err(AuthorityError::NotValid { .. })
    ));
    assert!(matches!(
        sign_at(NOW - days(1)),
        Err(AuthorityError::NotValid { .. })
    ));
}
