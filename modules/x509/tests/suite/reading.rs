//! Reading what CAs, devices and people hand over.

use cutover_x509::{
    Certificate, Curve, Fingerprint, Hash, Key, ReadError, Request, SigningFamily, read_certificates,
    read_request,
};
use jiff::Timestamp;
use openssl::nid::Nid;
use proptest::prelude::*;

use crate::make::{self, NOW, ca, leaf, p256};
use crate::tools::Tools;

/// A self-signed certificate of OpenSSL's own making.
const SELF_SIGNED: &str = "req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 30 \
     -subj /C=DE/O=Example,\\x20Inc./OU=One+OU=Two/CN=Fin-A.example.com \
     -addext subjectAltName=DNS:Fin-A.Example.com,IP:10.1.2.3,email:a@b.c,URI:https://x/,RID:1.2.3 \
     -addext keyUsage=critical,digitalSignature,keyEncipherment \
     -addext extendedKeyUsage=serverAuth,clientAuth,1.2.3.4";

fn openssl_certificate(tools: &Tools) -> Certificate {
    tools.openssl(&SELF_SIGNED.replace("\\x20", ""));
    let mut all = read_certificates(&tools.read("cert.pem")).unwrap();
    assert_eq!(all.len(), 1);
    all.remove(0)
}

#[test]
fn every_fact_agrees_with_what_openssl_prints() {
    let tools = Tools::new();
    let certificate = openssl_certificate(&tools);
    let ask = |what: &str| tools.openssl(&format!("x509 -in cert.pem -noout {what}"));
    let value = |text: String| text.split_once('=').unwrap().1.trim().to_owned();

    assert_eq!(
        certificate.subject.text(),
        value(ask("-subject -nameopt RFC2253"))
    );
    assert_eq!(certificate.subject.common_name(), Some("Fin-A.example.com"));
    assert_eq!(certificate.issuer, certificate.subject);
    assert_eq!(certificate.serial, value(ask("-serial")).to_lowercase());
    let date = |what| -> Timestamp { value(ask(&format!("{what} -dateopt iso_8601"))).parse().unwrap() };
    assert_eq!(certificate.not_before, date("-startdate"));
    assert_eq!(certificate.not_after, date("-enddate"));
    let print: Fingerprint = value(ask("-fingerprint -sha256")).parse().unwrap();
    assert_eq!(certificate.fingerprint, print);
    assert_eq!(
        certificate.thumbprint(),
        value(ask("-fingerprint -sha1")).replace(':', "").to_lowercase()
    );
    assert_eq!(certificate.public_key.key, Key::Rsa { bits: 2048 });
    assert_eq!(
        (certificate.signature.family, certificate.signature.hash),
        (SigningFamily::Rsa, Hash::Sha256)
    );
    assert!(certificate.is_self_signed());
    // `openssl req -x509` makes a CA unless told otherwise, but this one may not sign.
    assert!(!certificate.is_ca());
    assert_eq!(certificate.extensions.critical, ["2.5.29.19", "2.5.29.15"]);
    assert_eq!(
        certificate.extensions.extended_key_usage.as_deref().unwrap(),
        ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "1.2.3.4"]
    );
    let names: Vec<String> = certificate.names().iter().map(ToString::to_string).collect();
    assert_eq!(
        names,
        [
            "DNS:fin-a.example.com",
            "IP:10.1.2.3",
            "email:a@b.c",
            "URI:https://x/",
            "RID:1.2.3"
        ]
    );

    tools.write("again.pem", certificate.to_pem());
    assert_eq!(
        tools.read("again.pem"),
        tools.openssl("x509 -in cert.pem").into_bytes()
    );
}

#[test]
fn the_summary_holds_what_a_report_shows() {
    let made = make::Recipe {
        names: vec!["DNS:a".into(), "IP:::1".into()],
        key: p256(),
        ..leaf("a")
    }
    .self_signed();
    let summary = serde_json::to_value(&made.certificate).unwrap();
    assert_eq!(
        summary,
        serde_json::json!({
            "subject": "CN=a,O=Example,C=DE",
            "issuer": "CN=a,O=Example,C=DE",
            "serial": made.certificate.serial,
            "fingerprint": made.certificate.fingerprint.to_string(),
            "not_before": "2027-01-14T08:00:00Z",
            "not_after": "2027-04-15T08:00:00Z",
            "names": ["DNS:a", "IP:::1"],
            "key": {"type": "ec", "curve": "P-256"},
        })
    );
}

#[test]
fn all_forms_of_one_chain_read_the_same() {
    let tools = Tools::new();
    let root = ca("Root").self_signed();
    let leaf = leaf("a").signed_by(&root);
    let expected = vec![leaf.certificate.clone(), root.certificate.clone()];
    let pem = leaf.certificate.to_pem() + &root.certificate.to_pem();
    tools.write("chain.pem", &pem);
    tools.openssl("crl2pkcs7 -nocrl -certfile chain.pem -out chain.p7b.pem");
    tools.openssl("crl2pkcs7 -nocrl -certfile chain.pem -outform DER -out chain.p7b");
    tools.write("key.pem", leaf.key.private_key_to_pem_pkcs8().unwrap());
    tools.openssl("pkcs12 -export -inkey key.pem -in chain.pem -out chain.p12 -passout pass:x");
    let bag = tools.openssl("pkcs12 -in chain.p12 -nokeys -passin pass:x");
    assert!(bag.contains("Bag Attributes"), "{bag}");
    let with_key = tools.openssl("pkcs12 -in chain.p12 -nodes -passin pass:x");
    let labelled = String::from_utf8(tools.read("chain.p7b.pem"))
        .unwrap()
        .replace("PKCS7", "CERTIFICATE");
    let utf16: Vec<u8> = "\u{feff}"
        .encode_utf16()
        .chain(pem.encode_utf16())
        .flat_map(u16::to_le_bytes)
        .collect();
    let indented = pem
        .lines()
        .map(|line| format!("    {line}\n"))
        .collect::<String>();

    for (form, bytes) in [
        ("PEM", pem.clone().into_bytes()),
        (
            "PEM with carriage returns",
            pem.replace('\n', "\r\n").into_bytes(),
        ),
        ("PEM on one line", pem.replace('\n', " ").into_bytes()),
        ("PEM indented", indented.into_bytes()),
        (
            "PEM after a byte order mark",
            format!("\u{feff}{pem}").into_bytes(),
        ),
        ("PEM in UTF-16", utf16),
        (
            "PEM in a terminal session",
            format!("admin:show\r\n{pem}\r\nadmin:").into_bytes(),
        ),
        ("bag attributes", bag.into_bytes()),
        ("beside a private key", with_key.into_bytes()),
        ("PKCS#7 in PEM", tools.read("chain.p7b.pem")),
        ("PKCS#7 under CERTIFICATE", labelled.into_bytes()),
        ("PKCS#7 in DER", tools.read("chain.p7b")),
    ] {
        assert_eq!(read_certificates(&bytes).as_ref(), Ok(&expected), "{form}");
    }
    let mut der = leaf.certificate.der().to_vec();
    der.extend(b"\r\n");
    assert_eq!(read_certificates(&der).unwrap(), expected[..1]);
    tools.openssl("x509 -in chain.pem -trustout -addtrust serverAuth -out trusted.pem");
    assert_eq!(
        read_certificates(&tools.read("trusted.pem")).unwrap(),
        expected[..1]
    );
}

#[test]
fn a_file_without_certificates_says_what_it_holds_instead() {
    let request = make::request(&make::RSA, "a", &[]);
    let key = String::from_utf8(make::RSA.private_key_to_pem_pkcs8().unwrap()).unwrap();
    let told = |bytes: &[u8]| read_certificates(bytes).unwrap_err().to_string();
    assert_eq!(told(b" \r\n"), "the input is empty");
    assert_eq!(
        told(format!("{key}{}", request.to_pem()).as_bytes()),
        "no certificate in it (found: PRIVATE KEY, CERTIFICATE REQUEST)"
    );
    assert_eq!(
        told(b"-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----"),
        "damaged PEM: the text between BEGIN CERTIFICATE and END is not base64"
    );
    assert!(matches!(
        read_certificates(request.der()),
        Err(ReadError::Malformed { .. })
    ));
    let twice = make::ca("a").self_signed().certificate.der().repeat(2);
    assert_eq!(told(&twice), "not a certificate: more follows it");
    assert!(matches!(
        read_certificates(b"<html>502 Bad Gateway</html>"),
        Err(ReadError::Malformed { .. })
    ));
    let two = [request.to_pem(), request.to_pem()].concat();
    assert_eq!(read_request(two.as_bytes()), Err(ReadError::SeveralRequests(2)));
}

#[test]
fn requests_of_openssl_are_read_under_every_label() {
    let tools = Tools::new();
    tools.openssl(
        "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-384 -nodes -keyout k.pem -out a.csr -subj /CN=a.example.com \
         -sha384 -addext subjectAltName=DNS:a.example.com,DNS:B.example.com \
         -addext extendedKeyUsage=serverAuth,clientAuth,ipsecEndSystem",
    );
    let pem = String::from_utf8(tools.read("a.csr")).unwrap();
    let request = read_request(pem.as_bytes()).unwrap();
    assert_eq!(request.public_key.key, Key::Ec { curve: Curve::P384 });
    assert_eq!(request.subject.text(), "CN=a.example.com");
    assert_eq!(request.to_pem(), pem);
    let names: Vec<String> = request.names().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["DNS:a.example.com", "DNS:b.example.com"]);
    for label in ["NEW CERTIFICATE REQUEST", "CERTIFICATE SIGN REQUEST"] {
        let other = pem.replace("CERTIFICATE REQUEST", label);
        assert_eq!(read_request(other.as_bytes()).as_ref(), Ok(&request));
    }
    assert_eq!(read_request(request.der()).as_ref(), Ok(&request));
}

#[test]
fn a_request_of_keytool_is_read_with_its_names() {
    let tools = Tools::new();
    tools.keytool("-genkeypair -alias x -keyalg RSA -keysize 2048 -sigalg SHA256withRSA -dname CN=cvp1 -storetype JCEKS -keystore s");
    tools.keytool("-certreq -alias x -ext san=dns:cvp1.example.com,dns:localhost -storetype JCEKS -keystore s -file x.csr");
    let request = read_request(&tools.read("x.csr")).unwrap();
    assert_eq!(request.subject.common_name(), Some("cvp1"));
    let names: Vec<String> = request.names().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["DNS:cvp1.example.com", "DNS:localhost"]);
    assert!(request.extensions.subject_key_id.is_some());

    tools.keytool("-exportcert -rfc -alias x -storetype JCEKS -keystore s -file x.pem");
    let listed = tools.keytool("-list -rfc -storetype JCEKS -keystore s");
    assert_eq!(
        read_certificates(listed.as_bytes()),
        read_certificates(&tools.read("x.pem"))
    );
}

/// Attribute 1.3.6.1.4.1.311.2.1.14, which older Microsoft tools use for the extensions.
#[test]
fn names_under_the_attribute_of_microsoft_are_found() {
    let tools = Tools::new();
    tools.openssl(
        "req -new -newkey rsa:2048 -nodes -keyout k.pem -outform DER -out a.csr -subj /CN=a -addext subjectAltName=DNS:a",
    );
    // The attributes are signed, so the object identifier is replaced in the part to be signed.
    let der = tools.read("a.csr");
    let request = with_attribute_oid(
        &der,
        &openssl::pkey::PKey::private_key_from_pem(&tools.read("k.pem")).unwrap(),
    );
    let request = Request::from_der(&request).unwrap();
    assert_eq!(request.names().len(), 1, "{request:?}");
}

/// Replaces `extensionRequest` by Microsoft's attribute and signs again.
fn with_attribute_oid(der: &[u8], key: &make::Key) -> Vec<u8> {
    let pkcs9 = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x0e];
    let microsoft = [
        0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x01, 0x0e,
    ];
    let at = der
        .windows(pkcs9.len())
        .position(|window| window == pkcs9)
        .unwrap();
    let mut info = der[4..].to_vec();
    let length = usize::from(info[2]) << 8 | usize::from(info[3]);
    info.truncate(length + 4);
    let at = at - 4;
    info.splice(at..at + pkcs9.len(), microsoft);
    // The attribute's SEQUENCE and the [0] around it stand right before, with short lengths.
    info[at - 1] += 1;
    info[at - 3] += 1;
    let length = u16::try_from(length + 1).unwrap().to_be_bytes();
    info[2..4].copy_from_slice(&length);
    let mut signer = openssl::sign::Signer::new(openssl::hash::MessageDigest::sha256(), key).unwrap();
    let signature = signer.sign_oneshot_to_vec(&info).unwrap();
    let algorithm = [
        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00,
    ];
    let bits = u16::try_from(signature.len() + 1).unwrap().to_be_bytes();
    let mut body = info;
    body.extend(algorithm);
    body.extend([0x03, 0x82, bits[0], bits[1], 0]);
    body.extend(signature);
    let all = u16::try_from(body.len()).unwrap().to_be_bytes();
    [[0x30, 0x82, all[0], all[1]].to_vec(), body].concat()
}

#[test]
fn a_request_that_another_key_signed_is_refused() {
    let request = make::request(&make::RSA, "a", &["DNS:a"]);
    let mut der = request.der().to_vec();
    *der.last_mut().unwrap() ^= 1;
    assert_eq!(Request::from_der(&der), Err(ReadError::BadSignature));
}

#[test]
fn p521_rsa_pss_and_endless_certificates_are_understood() {
    let p521 = make::Recipe {
        key: make::ec(Nid::SECP521R1),
        ..leaf("a")
    }
    .self_signed()
    .certificate;
    assert_eq!(p521.public_key.key, Key::Ec { curve: Curve::P521 });
    assert!(p521.is_self_signed());

    let tools = Tools::new();
    tools.openssl(
        "req -x509 -newkey rsa:2048 -nodes -keyout k.pem -out c.pem -subj /CN=x -sigopt rsa_padding_mode:pss -sha384",
    );
    let pss = &read_certificates(&tools.read("c.pem")).unwrap()[0];
    assert_eq!(
        (pss.signature.family, pss.signature.hash),
        (SigningFamily::RsaPss, Hash::Sha384)
    );

    tools.openssl("genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out pss.pem");
    tools.openssl("req -new -x509 -key pss.pem -out pss.crt -subj /CN=x");
    let pss = &read_certificates(&tools.read("pss.crt")).unwrap()[0];
    assert_eq!(pss.public_key.key, Key::Rsa { bits: 2048 });

    let endless = make::Recipe {
        to: Timestamp::from_second(253_402_207_200).unwrap(),
        ..leaf("a")
    };
    assert_eq!(
        endless.self_signed().certificate.not_after.to_string(),
        "9999-12-30T22:00:00Z"
    );
    tools.write("ca.cnf", "");
    tools.openssl("req -new -newkey rsa:2048 -nodes -keyout e.pem -out e.csr -subj /CN=e");
    tools.openssl("x509 -req -in e.csr -signkey e.pem -days 2912000 -out e.crt");
    let far = &read_certificates(&tools.read("e.crt")).unwrap()[0];
    assert!(far.not_after > NOW);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_certificates(&bytes);
        let _ = read_request(&bytes);
    }

    #[test]
    fn arbitrary_armour_never_panics(label in "[A-Z0-9 ]{0,20}", body in "[A-Za-z0-9+/=:\n -]{0,200}") {
        let text = format!("-----BEGIN {label}-----\n{body}-----END {label}-----\n");
        let _ = read_certificates(text.as_bytes());
        let _ = read_request(text.as_bytes());
    }

    #[test]
    fn a_damaged_certificate_never_panics_and_never_passes_for_the_original(
        at in any::<prop::sample::Index>(), flip in 1..=255u8,
    ) {
        let original = SAMPLE.0.der();
        let mut der = original.to_vec();
        let at = at.index(der.len());
        der[at] ^= flip;
        if let Ok(read) = read_certificates(&der) {
            prop_assert!(read.iter().all(|one| *one != SAMPLE.0 && !one.is_self_signed()));
        }
    }

    #[test]
    fn a_damaged_request_is_never_read(at in any::<prop::sample::Index>(), flip in 1..=255u8) {
        let mut der = SAMPLE.1.der().to_vec();
        let at = at.index(der.len());
        der[at] ^= flip;
        prop_assert!(read_request(&der).is_err());
    }
}

static SAMPLE: std::sync::LazyLock<(Certificate, Request)> = std::sync::LazyLock::new(|| {
    let key = p256();
    let names = ["DNS:a.example.com", "IP:10.0.0.1"];
    let certificate = make::Recipe {
        key: key.clone(),
        names: names.map(str::to_owned).to_vec(),
        ..leaf("a")
    };
    (
        certificate.self_signed().certificate,
        make::request(&key, "a", &names),
    )
});
