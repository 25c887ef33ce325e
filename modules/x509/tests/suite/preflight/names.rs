//! Names: those of the request, the host, wildcards, the parent domain.

use cutover_x509::preflight::{Rule, System};

use super::bench::{Bench, HOST, error, warning};

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
