use std::collections::BTreeMap;

use cutover_kit::Later;
use cutover_kit::session::{Credential, HostKeyPolicy};

use super::*;

fn defaults() -> Defaults {
    Defaults {
        work: "/state/work".into(),
        base: "/inv".into(),
    }
}

fn build_from(pairs: &[(&str, Value)], policy: &Policy) -> Result<Host, Vec<String>> {
    let vars: BTreeMap<&str, Value> = pairs.iter().cloned().collect();
    let lookup = |name: &str| {
        Ok(vars.get(name).map(|value| Found {
            value: value.clone(),
            place: None,
        }))
    };
    let variables = Variables {
        host: "fin-a",
        lookup: &lookup,
    };
    host("fin-a", &variables, &defaults(), policy).map_err(|faults| {
        faults
            .into_iter()
            .map(|fault| format!("{} | {}", fault.message, fault.help.unwrap_or_default()))
            .collect()
    })
}

#[test]
fn a_co_resident_node_is_the_union_of_its_products() {
    let products = Value::from(vec!["cuic", "livedata", "ids"]);
    let host = build_from(
        &[("platform", "vos".into()), ("product", products)],
        &Policy::default(),
    )
    .unwrap();
    assert_eq!(host.tls_ports, [8444, 8443, 12005, 12008, 8553]);
    assert_eq!(host.talks_to, ["finesse", "livedata", "ids", "cuic"]);
    assert_eq!(
        (host.cluster.as_str(), host.node, host.ssh.port),
        ("fin-a", Node::Primary, 22)
    );
    assert_eq!(host.work, Path::new("/state/work"));
}

#[test]
fn every_mistake_is_named_at_once() {
    let faults = build_from(
        &[
            ("platform", "vso".into()),
            ("product", "fineses".into()),
            ("node", "subscriber".into()),
            ("ansible_port", 0_i64.into()),
            ("ca", Value::map([("chains", "x.pem")])),
            ("timing", Value::map([("promt", 3_i64)])),
            ("renew_before", "soon".into()),
        ],
        &Policy::default(),
    )
    .unwrap_err();
    let timing = faults
        .iter()
        .find(|fault| fault.starts_with("timing"))
        .cloned()
        .unwrap_or_default();
    assert!(timing.starts_with("timing: unknown field `promt`"), "{timing}");
    let others: Vec<_> = faults
        .into_iter()
        .filter(|fault| !fault.starts_with("timing"))
        .collect();
    assert_eq!(
        others,
        [
            "`platform` of fin-a cannot be `vso` | did you mean `vos`?",
            "`product` of fin-a cannot be `fineses` | did you mean `finesse`?",
            "`ansible_port` of fin-a must be a port from 1 to 65535, and is a number | ",
            "`node` of fin-a cannot be `subscriber` | one of primary, secondary",
            &format!("ca: `chains` is not known here | {CA_HELP}"),
            "`renew_before` of fin-a must be a duration such as 30d, and is text | ",
        ]
    );
}

#[test]
fn a_rehearsals_policy_stands_in_for_ca_and_waits() {
    let local = Ca::Local {
        name: "rehearsal".into(),
        intermediates: 1,
        key: CaKey::Rsa2048,
    };
    let policy = Policy {
        timing: Some(Timing::fast()),
        signer: Some(local.clone()),
        ..Policy::default()
    };
    let real = [
        ("ca", Value::map([("chain", "corp.pem")])),
        ("ca_command", Value::from(vec!["sign"])),
    ];
    let host = build_from(&real, &policy).unwrap();
    assert_eq!(
        (host.ca, host.ca_command, host.timing),
        (Some(local), None, Timing::fast())
    );
    let host = build_from(&real, &Policy::default()).unwrap();
    assert_eq!(host.ca, Some(Ca::Chain("/inv/corp.pem".into())));
}

#[test]
fn a_rehearsals_policy_keeps_requests_and_signatures_apart() {
    let said = [("work", Value::from("/srv/certificates"))];
    let policy = Policy {
        own_work: true,
        ..Policy::default()
    };
    let work = |policy: &Policy| build_from(&said, policy).unwrap().work;
    assert_eq!(work(&policy), Path::new("/state/work"));
    assert_eq!(work(&Policy::default()), Path::new("/srv/certificates"));
}

#[test]
fn durations_are_read_as_people_write_them() {
    for (text, seconds) in [("30d", 2_592_000), ("1h 30m", 5_400), ("25m", 1_500), ("90s", 90)] {
        assert_eq!(read::parse_duration(text).unwrap().as_secs(), seconds, "{text}");
    }
    assert_eq!(read::parse_duration("soon"), None);
}

#[test]
fn what_is_known_later_is_no_text() {
    let later = Value::Later(Later { after: "sign".into() });
    let faults = build_from(&[("fqdn", later)], &Policy::default()).unwrap_err();
    assert_eq!(faults, ["`fqdn` of fin-a must be text, and is known later | "]);
}

#[test]
fn words_for_ssh_stand_behind_variables_and_options() {
    let words = "-p 2222 -o User=words -i ~/.ssh/words -o StrictHostKeyChecking=no -o ConnectTimeout=3";
    let login = |pairs: &[(&str, Value)], options: LoginDefaults| {
        let vars: BTreeMap<&str, Value> = pairs.iter().cloned().collect();
        let lookup = |name: &str| {
            Ok(vars.get(name).map(|value| Found {
                value: value.clone(),
                place: None,
            }))
        };
        let variables = Variables {
            host: "web",
            lookup: &lookup,
        };
        let host = host("web", &variables, &defaults(), &Policy::default()).unwrap();
        let mut faults = Vec::new();
        let login = settings(&host, &variables, &options, &mut faults);
        assert!(faults.is_empty(), "{faults:?}");
        login.map(|it| {
            let Credential::Key { file, .. } = it.credential else {
                panic!("{:?}", it.credential)
            };
            let (port, connect) = (it.endpoint.port, it.timing.connect.as_secs());
            let name = file.file_name().map(|name| name.display().to_string());
            (port, it.user, name.unwrap_or_default(), it.host_keys, connect)
        })
    };
    let words = ("ansible_ssh_common_args", Value::from(words));
    let alone = login(std::slice::from_ref(&words), LoginDefaults::default()).unwrap();
    assert_eq!(
        alone,
        (2222, "words".into(), "words".into(), HostKeyPolicy::Off, 3)
    );
    let options = LoginDefaults {
        user: Some("option".into()),
        key_file: Some("/option".into()),
        timeout: Some(std::time::Duration::from_secs(4)),
        ..LoginDefaults::default()
    };
    let unsaid = ("ansible_ssh_private_key_file", Value::from("/key"));
    let set = LoginDefaults {
        host_keys: Some(HostKeyPolicy::AcceptNew),
        ..LoginDefaults::default()
    };
    let by_setting = login(std::slice::from_ref(&unsaid), set.clone()).unwrap();
    assert_eq!(by_setting.3, HostKeyPolicy::AcceptNew);
    let said = [unsaid, ("ansible_host_key_checking", true.into())];
    assert_eq!(login(&said, set).unwrap().3, HostKeyPolicy::Strict);
    let with_options = login(std::slice::from_ref(&words), options.clone()).unwrap();
    assert_eq!(
        with_options,
        (2222, "option".into(), "option".into(), HostKeyPolicy::Off, 4)
    );
    let variables = [
        words,
        ("ansible_port", 22_i64.into()),
        ("ansible_user", "variable".into()),
        ("ansible_ssh_private_key_file", "variable".into()),
        ("ansible_host_key_checking", true.into()),
        ("ansible_timeout", 5_i64.into()),
    ];
    let with_variables = login(&variables, options).unwrap();
    assert_eq!(
        with_variables,
        (22, "variable".into(), "variable".into(), HostKeyPolicy::Strict, 5)
    );
    let refused = login(
        &[("ansible_ssh_extra_args", "-J bastion".into())],
        LoginDefaults::default(),
    );
    assert_eq!(
        refused.unwrap_err().message,
        "`ansible_ssh_extra_args` of web: ProxyJump=bastion: no way over another host is known"
    );
}
