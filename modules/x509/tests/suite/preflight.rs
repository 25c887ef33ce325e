//! Every rule of the preflight: a good certificate, broken in one way, and the one finding it gives.

use std::slice;

use cutover_x509::preflight::{Allowed, Case, Finding, Rule, Severity, System, preflight};
use cutover_x509::{Certificate, KeyUsage, Request};
use openssl::hash::MessageDigest;

use crate::make::{self, Identity, NOW, Recipe, ca, days, leaf, p256, request, rsa};

const HOST: &str = "fin-a.example.com";

/// A case in which all is well: an RSA leaf for `tomcat` of a Finesse node, under an EC CA with one
/// intermediate. Tests change one thing.
struct Bench {
    root: Identity,
    issuing: Identity,
    request: Request,
    recipe: Recipe,
}

/// The certificates around the leaf.
#[derive(Clone, Copy, Default)]
struct Parts<'a> {
    offered: &'a [Certificate],
    store: &'a [Certificate],
    today: Option<&'a Certificate>,
}

impl Bench {
    fn new() -> Self {
        let root = ca("Root").self_signed();
        let issuing = ca("Issuing").signed_by(&root);
        let recipe = leaf(HOST);
        Self {
            root,
            issuing,
            request: request(&recipe.key, HOST, &[&format!("DNS:{HOST}")]),
            recipe,
        }
    }

    /// The same for another key, with a request for it.
    fn with_key(key: make::Key) -> Self {
        let names = [format!("DNS:{HOST}")];
        let request = request(&key, HOST, &[&names[0]]);
        let bench = Self::new();
        Self {
            request,
            recipe: Recipe {
                key,
                ..bench.recipe.clone()
            },
            ..bench
        }
    }

    fn leaf(&self) -> Certificate {
        self.recipe.signed_by(&self.issuing).certificate
    }

    /// Checks the leaf of the recipe.
    fn findings(&self, change: impl Fn(&mut Case<'_>)) -> Vec<Finding> {
        self.findings_of(&self.leaf(), change)
    }

    fn findings_of(&self, leaf: &Certificate, change: impl Fn(&mut Case<'_>)) -> Vec<Finding> {
        let parts = Parts {
            offered: slice::from_ref(&self.issuing.certificate),
            ..Parts::default()
        };
        self.check(leaf, parts, change)
    }

    fn with_offered(&self, leaf: &Certificate, offered: &[Certificate]) -> Vec<Finding> {
        self.check(
            leaf,
            Parts {
                offered,
                ..Parts::default()
            },
            |_| {},
        )
    }

    fn with_store(&self, store: &[Certificate]) -> Vec<Finding> {
        let offered = slice::from_ref(&self.issuing.certificate);
        self.check(
            &self.leaf(),
            Parts {
                offered,
                store,
                ..Parts::default()
            },
            |_| {},
        )
    }

    fn with_today(&self, today: &Certificate, allowed: Allowed) -> Vec<Finding> {
        let offered = slice::from_ref(&self.issuing.certificate);
        self.check(
            &self.leaf(),
            Parts {
                offered,
                today: Some(today),
                ..Parts::default()
            },
            |case| case.allowed = allowed,
        )
    }

    fn check(&self, leaf: &Certificate, parts: Parts<'_>, change: impl Fn(&mut Case<'_>)) -> Vec<Finding> {
        let mut case = Case {
            request: &self.request,
            leaf,
            offered: parts.offered,
            ca: slice::from_ref(&self.root.certificate),
            today: parts.today,
            store: parts.store,
            system: System::Vos,
            products: &["finesse"],
            slot: "tomcat",
            fqdn: HOST,
            members: &["fin-b.example.com"],
            now: NOW,
            until: Some(NOW + days(1)),
            allowed: Allowed::default(),
        };
        change(&mut case);
        preflight(&case)
    }

    fn findings_of_recipe(recipe: impl FnOnce(&mut Recipe)) -> Vec<Finding> {
        let mut bench = Self::new();
        recipe(&mut bench.recipe);
        bench.findings(|_| {})
    }

    /// A pair of the request and of the certificate for it with these names.
    fn named(asked: &[&str], given: &[&str]) -> Self {
        let mut bench = Self::new();
        bench.request = request(&bench.recipe.key, HOST, asked);
        bench.recipe.names = given.iter().map(|name| (*name).to_owned()).collect();
        bench
    }
}

/// The one finding there is, in short.
#[track_caller]
fn only(findings: &[Finding]) -> (Rule, Severity, &str) {
    let [finding] = findings else {
        panic!("{findings:#?}")
    };
    assert!(!finding.hint.is_empty());
    (finding.rule, finding.severity, &finding.message)
}

#[track_caller]
fn error(findings: &[Finding]) -> (Rule, &str) {
    let (rule, severity, message) = only(findings);
    assert_eq!(severity, Severity::Error, "{findings:#?}");
    (rule, message)
}

#[track_caller]
fn warning(findings: &[Finding]) -> (Rule, &str) {
    let (rule, severity, message) = only(findings);
    assert_eq!(severity, Severity::Warning, "{findings:#?}");
    (rule, message)
}

#[test]
fn a_good_certificate_has_no_findings_anywhere() {
    let bench = Bench::new();
    for system in [System::Vos, System::Windows, System::Cvp] {
        assert_eq!(bench.findings(|case| case.system = system), []);
    }
    assert_eq!(bench.with_today(&bench.leaf(), Allowed::default()), []);
    let ec = Bench::with_key(p256());
    assert_eq!(ec.findings(|case| case.slot = "tomcat-ECDSA"), []);
}

#[test]
fn all_findings_come_at_once_and_in_order_as_data() {
    let mut bench = Bench::with_key(rsa(1024));
    bench.request = request(&make::RSA, HOST, &["DNS:a", "DNS:b"]);
    bench.recipe.extended = vec!["serverAuth"];
    bench.recipe.to = NOW - days(1);
    let findings = bench.findings(|case| case.allowed.missing_client_auth = true);
    let codes: Vec<String> = findings.iter().map(|finding| finding.rule.to_string()).collect();
    let expected = [
        "key-mismatch",
        "names-mismatch",
        "names-mismatch",
        "key-size",
        "client-auth",
        "expired",
    ];
    assert_eq!(codes, expected);
    assert_eq!(
        serde_json::to_value(&findings[4]).unwrap(),
        serde_json::json!({
            "rule": "client-auth",
            "severity": "warning",
            "message": "the extended key usage lacks client authentication",
            "hint": "Allowed by allow_missing_client_auth.",
        })
    );
    assert_eq!(
        findings[5].to_string(),
        "[expired] fin-a.example.com ended at 2027-01-14T08:00:00Z. Have the request signed again."
    );
}

#[test]
fn the_key_of_another_request() {
    let mut bench = Bench::new();
    bench.request = request(&rsa(2048), HOST, &[&format!("DNS:{HOST}")]);
    assert_eq!(
        error(&bench.findings(|_| {})),
        (
            Rule::KeyMismatch,
            "the certificate has another key (RSA 2048) than its request (RSA 2048)"
        )
    );
}

#[test]
fn names_that_are_lacking_or_added() {
    let host = format!("DNS:{HOST}");
    let two = Bench::named(&[&host, "DNS:fin"], &[&host]);
    assert_eq!(
        error(&two.findings(|_| {})),
        (
            Rule::NamesMismatch,
            "the certificate lacks names of its request: DNS:fin"
        )
    );
    let added = Bench::named(&[&host], &[&host, "DNS:www.fin-a.example.com"]);
    let message = "the CA added names that the request does not have: DNS:www.fin-a.example.com";
    assert_eq!(error(&added.findings(|_| {})), (Rule::NamesMismatch, message));
    assert_eq!(
        warning(&added.findings(|case| case.system = System::Windows)),
        (Rule::NamesMismatch, message)
    );

    assert_eq!(
        Bench::named(&["DNS:FIN-A.Example.com", "DNS:a"], &["DNS:A", &host]).findings(|_| {}),
        []
    );
    assert_eq!(Bench::named(&[], &[&host, "DNS:anything"]).findings(|_| {}), []);
}

#[test]
fn a_host_that_is_not_named() {
    let other = Bench::named(&["DNS:fin"], &["DNS:fin"]);
    assert_eq!(
        error(&other.findings(|_| {})),
        (
            Rule::HostNotNamed,
            "fin-a.example.com is not among the names: DNS:fin"
        )
    );
    let none = Bench::named(&[], &[]);
    assert_eq!(
        warning(&none.findings(|_| {})),
        (
            Rule::HostNotNamed,
            "only the common name says fin-a.example.com; there are no alternative names"
        )
    );
}

#[test]
fn a_wildcard() {
    let star = Bench::named(&["DNS:*.example.com"], &["DNS:*.example.com"]);
    assert_eq!(
        error(&star.findings(|_| {})),
        (Rule::Wildcard, "wildcard names: *.example.com")
    );
    assert_eq!(star.findings(|case| case.system = System::Windows), []);
    let deep = star.findings(|case| {
        case.system = System::Windows;
        case.fqdn = "a.b.example.com";
    });
    assert_eq!(error(&deep).0, Rule::HostNotNamed);
}

#[test]
fn the_parent_domain_on_finesse() {
    let names = ["DNS:fin-a.example.com", "DNS:example.com"];
    let bench = Bench::named(&names, &names);
    assert_eq!(
        warning(&bench.findings(|_| {})),
        (
            Rule::ParentDomain,
            "the parent domain is among the names: DNS:example.com"
        )
    );
    assert_eq!(bench.findings(|case| case.products = &["cuic"]), []);
}

#[test]
fn the_wrong_kind_of_key_for_the_unit() {
    assert_eq!(
        error(&Bench::with_key(p256()).findings(|_| {})),
        (Rule::KeyType, "tomcat needs an RSA key, but this is EC P-256")
    );
    assert_eq!(
        error(&Bench::new().findings(|case| case.slot = "tomcat-ECDSA")),
        (
            Rule::KeyType,
            "tomcat-ECDSA needs an EC key, but this is RSA 2048"
        )
    );
}

#[test]
fn keys_that_are_too_large_or_too_small() {
    let large = Bench::with_key(rsa(3072));
    assert_eq!(large.findings(|_| {}), []);
    assert_eq!(
        error(&large.findings(|case| case.products = &["uccx"])),
        (Rule::KeySize, "the key has 3072 bits")
    );
    let huge = Bench::with_key(rsa(4104));
    assert_eq!(
        error(&huge.findings(|_| {})),
        (Rule::KeySize, "the key has 4104 bits")
    );
    assert_eq!(huge.findings(|case| case.system = System::Cvp), []);
    let small = Bench::with_key(rsa(1024));
    assert_eq!(
        warning(&small.findings(|_| {})),
        (Rule::KeySize, "the key has only 1024 bits")
    );
}

#[test]
fn an_ecdsa_unit_signed_by_an_rsa_ca() {
    let mut bench = Bench::with_key(p256());
    bench.issuing = Recipe {
        key: make::RSA.clone(),
        ..ca("Issuing")
    }
    .signed_by(&bench.root);
    let findings = bench.findings(|case| case.slot = "tomcat-ECDSA");
    assert_eq!(
        error(&findings),
        (
            Rule::EcdsaSignedByRsa,
            "the certificate for tomcat-ECDSA is signed by an RSA key"
        )
    );
    assert!(findings[0].hint.contains("CSCvb58580"));
}

#[test]
fn signatures_with_broken_digests() {
    let sha1 = Bench::findings_of_recipe(|recipe| recipe.hash = MessageDigest::sha1());
    assert_eq!(
        error(&sha1),
        (Rule::WeakHash, "fin-a.example.com is signed with SHA-1")
    );

    let mut bench = Bench::new();
    bench.issuing = Recipe {
        hash: MessageDigest::sha1(),
        ..ca("Issuing")
    }
    .signed_by(&bench.root);
    assert_eq!(
        error(&bench.findings(|_| {})),
        (Rule::WeakHash, "Issuing is signed with SHA-1")
    );

    let mut bench = Bench::new();
    bench.root = Recipe {
        hash: MessageDigest::sha1(),
        ..ca("Root")
    }
    .self_signed();
    bench.issuing = ca("Issuing").signed_by(&bench.root);
    assert_eq!(bench.findings(|_| {}), []);

    let mut bench = Bench::new();
    bench.issuing = Recipe {
        key: make::RSA.clone(),
        ..ca("Issuing")
    }
    .signed_by(&bench.root);
    bench.recipe.hash = MessageDigest::md5();
    assert_eq!(
        error(&bench.findings(|_| {})),
        (Rule::WeakHash, "fin-a.example.com is signed with MD5")
    );
}

#[test]
fn a_leaf_that_is_a_ca() {
    let findings = Bench::findings_of_recipe(|recipe| recipe.ca = Some(None));
    assert_eq!(
        error(&findings),
        (Rule::LeafIsCa, "the certificate is that of a CA")
    );
}

#[test]
fn key_usages_that_are_lacking() {
    let usage = |usage: Option<Vec<KeyUsage>>| Bench::findings_of_recipe(|recipe| recipe.key_usage = usage);
    assert_eq!(
        error(&usage(Some(vec![KeyUsage::DigitalSignature]))),
        (Rule::KeyUsage, "the key usage lacks keyEncipherment")
    );
    assert_eq!(
        error(&usage(Some(vec![KeyUsage::DataEncipherment]))),
        (
            Rule::KeyUsage,
            "the key usage lacks digitalSignature and keyEncipherment"
        )
    );
    assert_eq!(usage(None), []);
    let mut ec = Bench::with_key(p256());
    ec.recipe.key_usage = Some(vec![KeyUsage::DigitalSignature]);
    assert_eq!(ec.findings(|case| case.slot = "tomcat-ECDSA"), []);
}

#[test]
fn server_and_client_authentication() {
    let usage = |usage: &[&'static str]| {
        let mut bench = Bench::new();
        bench.recipe.extended = usage.to_vec();
        bench
    };
    assert_eq!(
        error(&usage(&["clientAuth"]).findings(|_| {})),
        (
            Rule::ServerAuth,
            "the extended key usage lacks server authentication"
        )
    );
    let server_only = usage(&["serverAuth"]);
    let message = "the extended key usage lacks client authentication";
    let findings = server_only.findings(|_| {});
    assert_eq!(error(&findings), (Rule::ClientAuth, message));
    assert!(findings[0].hint.contains("FN74382") && findings[0].hint.contains("allow_missing_client_auth"));
    let on_cucm = server_only.findings(|case| case.products = &["cucm"]);
    assert!(on_cucm[0].hint.contains("FN74345"));
    let allowed = server_only.findings(|case| case.allowed.missing_client_auth = true);
    assert_eq!(warning(&allowed), (Rule::ClientAuth, message));
    for good in [&[][..], &["anyExtendedKeyUsage"]] {
        assert_eq!(usage(good).findings(|_| {}), []);
    }
}

#[test]
fn a_critical_extension() {
    let mut bench = Bench::new();
    bench.recipe.extended_is_critical = true;
    assert_eq!(
        error(&bench.findings(|_| {})),
        (Rule::CriticalExtension, "critical extensions: extended key usage")
    );
    assert_eq!(bench.findings(|case| case.system = System::Windows), []);
}

#[test]
fn a_self_signed_file_in_place_of_the_answer() {
    let bench = Bench::new();
    let own = bench.recipe.self_signed().certificate;
    assert_eq!(
        error(&bench.findings_of(&own, |_| {})),
        (Rule::SelfSigned, "the certificate is signed by its own key")
    );
}

#[test]
fn chains_that_are_not_whole() {
    let bench = Bench::new();
    let missing = bench.findings(|case| case.offered = &[]);
    let (rule, message) = error(&missing);
    assert_eq!(rule, Rule::MissingIssuer);
    assert!(message.starts_with("the issuer of CN=fin-a.example.com,O=Example,C=DE is missing: CN=Issuing,"));

    let impostor = [ca("Issuing").signed_by(&bench.root).certificate];
    assert_eq!(
        error(&bench.with_offered(&bench.leaf(), &impostor)).0,
        Rule::BrokenChain
    );

    let elsewhere = ca("Elsewhere").self_signed();
    let leaf = bench.recipe.signed_by(&elsewhere).certificate;
    let offered = [elsewhere.certificate];
    let findings = bench.with_offered(&leaf, &offered);
    assert_eq!(
        error(&findings),
        (
            Rule::OtherRoot,
            "the chain ends at CN=Elsewhere,O=Example,C=DE, which is not the root of the given CA"
        )
    );
}

#[test]
fn dates_against_the_clock_of_the_node() {
    let bench = Bench::new();
    let behind = bench.findings(|case| case.now = NOW - days(2));
    assert_eq!(
        error(&behind),
        (
            Rule::NotYetValid,
            "fin-a.example.com is not valid before 2027-01-14T08:00:00Z, and the node's clock says 2027-01-13T08:00:00Z"
        )
    );
    assert!(behind[0].hint.contains("NTP"));
    let late = bench.findings(|case| case.now = NOW + days(91));
    assert_eq!(
        error(&late),
        (Rule::Expired, "fin-a.example.com ended at 2027-04-15T08:00:00Z")
    );
    let window = bench.findings(|case| case.until = Some(NOW + days(91)));
    assert_eq!(
        error(&window),
        (
            Rule::EndsInWindow,
            "fin-a.example.com ends at 2027-04-15T08:00:00Z, before the window does"
        )
    );
    let mut old_ca = Bench::new();
    old_ca.issuing = Recipe {
        to: NOW - days(1),
        ..ca("Issuing")
    }
    .signed_by(&old_ca.root);
    assert_eq!(
        error(&old_ca.findings(|_| {})),
        (
            Rule::IssuerExpired,
            "the issuer Issuing ended at 2027-01-14T08:00:00Z"
        )
    );
}

#[test]
fn the_trust_store_keeps_one_certificate_per_name() {
    let bench = Bench::new();
    let issuing = &bench.issuing.certificate;
    let with_store = |stored: Certificate| bench.with_store(&[stored]);
    let stored = |same_key: bool, begin: i64| {
        let key = if same_key {
            bench.issuing.key.clone()
        } else {
            p256()
        };
        let recipe = Recipe {
            key,
            from: NOW - days(365) + days(begin),
            ..ca("Issuing")
        };
        recipe.signed_by(&bench.root).certificate
    };
    assert_eq!(with_store(issuing.clone()), []);
    assert_eq!(with_store(stored(true, -1)), []);
    assert_eq!(with_store(ca("Somebody else").self_signed().certificate), []);

    let renewed = stored(true, 1);
    let serial = renewed.serial.clone();
    assert_eq!(
        warning(&with_store(renewed)),
        (
            Rule::SameCommonName,
            &*format!(
                "Issuing will not be stored: the trust store holds a newer certificate of the same CA (serial \
                 {serial}, from 2026-01-16T08:00:00Z)"
            )
        )
    );
    let (rule, message) = (
        Rule::SameCommonName,
        "Issuing will replace another CA of the same common name",
    );
    let findings = with_store(stored(false, -1));
    assert!(
        warning(&findings).0 == rule && findings[0].message.starts_with(message),
        "{findings:?}"
    );
    for begin in [0, 1] {
        let findings = with_store(stored(false, begin));
        let message = "Issuing will not be stored: the trust store holds another CA";
        assert!(
            error(&findings).0 == rule && findings[0].message.starts_with(message),
            "{findings:?}"
        );
    }
}

#[test]
fn a_root_and_an_intermediate_of_one_common_name() {
    let mut bench = Bench::new();
    bench.root = Recipe {
        organization: "Upper".into(),
        ..ca("Twins")
    }
    .self_signed();
    bench.issuing = Recipe {
        organization: "Lower".into(),
        ..ca("Twins")
    }
    .signed_by(&bench.root);
    let findings = bench.findings(|_| {});
    let (rule, message) = error(&findings);
    assert_eq!(rule, Rule::SameCommonName);
    assert!(
        message.starts_with("two certificates of the chain have the common name Twins"),
        "{message}"
    );
}

#[test]
fn what_today_has_and_the_new_one_would_lose() {
    let host = format!("DNS:{HOST}");
    let bench = Bench::new();
    let today = |recipe: Recipe| recipe.self_signed().certificate;

    let named = today(Recipe {
        names: vec![host.clone(), "DNS:old.example.com".into()],
        ..leaf(HOST)
    });
    let message = "names of today's certificate go away: DNS:old.example.com";
    assert_eq!(
        error(&bench.with_today(&named, Allowed::default())),
        (Rule::LostNames, message)
    );
    let accepted = Allowed {
        lost_names: true,
        ..Allowed::default()
    };
    assert_eq!(
        warning(&bench.with_today(&named, accepted)),
        (Rule::LostNames, message)
    );

    let larger = today(Recipe {
        key: rsa(3072),
        ..leaf(HOST)
    });
    let message = "the key is smaller than today's: RSA 2048 instead of RSA 3072";
    assert_eq!(
        error(&bench.with_today(&larger, Allowed::default())),
        (Rule::SmallerKey, message)
    );
    let accepted = Allowed {
        smaller_key: true,
        ..Allowed::default()
    };
    assert_eq!(
        warning(&bench.with_today(&larger, accepted)),
        (Rule::SmallerKey, message)
    );

    let multi = today(Recipe {
        names: vec![host.clone()],
        ..leaf("fin-a-ms.example.com")
    });
    let message = "today's certificate, fin-a-ms.example.com, serves several nodes; the new one serves one";
    assert_eq!(
        error(&bench.with_today(&multi, Allowed::default())),
        (Rule::MultiServer, message)
    );
    let accepted = Allowed {
        multi_server: true,
        ..Allowed::default()
    };
    assert_eq!(
        warning(&bench.with_today(&multi, accepted)),
        (Rule::MultiServer, message)
    );

    let both = today(Recipe {
        names: vec![host.clone(), "DNS:fin-b.example.com".into()],
        ..leaf(HOST)
    });
    let accepted = Allowed {
        lost_names: true,
        ..Allowed::default()
    };
    let findings = bench.with_today(&both, accepted);
    let rules: Vec<Rule> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, [Rule::LostNames, Rule::MultiServer]);
}

#[test]
fn a_multi_server_certificate_may_follow_another() {
    let names = ["DNS:fin-a.example.com", "DNS:fin-b.example.com"];
    let bench = Bench::named(&names, &names);
    let owned = names.map(str::to_owned).to_vec();
    let today = Recipe {
        names: owned,
        ..leaf("fin-a-ms.example.com")
    }
    .self_signed()
    .certificate;
    assert_eq!(bench.with_today(&today, Allowed::default()), []);
}
