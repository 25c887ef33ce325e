use proptest::prelude::*;

use super::*;

fn of(text: &str) -> Result<Said, String> {
    let mut said = Said::default();
    let refused = |it: Refused| format!("{} | {}", it.message, it.hint);
    said.take(text).map(|()| said).map_err(refused)
}

#[test]
fn what_the_inventory_could_say_otherwise_is_understood() {
    let said = of(
        "-C -o ControlMaster=auto -o ControlPersist=60s -vvp 2222 -l admin -i ~/.ssh/old \
                   -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -oConnectTimeout=1m30s \
                   -o 'ServerAliveInterval 15' -o KexAlgorithms=+diffie-hellman-group14-sha1,x -F none",
    );
    let wanted = Said {
        port: Some(2222),
        user: Some("admin".into()),
        key: Some("~/.ssh/old".into()),
        host_keys: Some(HostKeyPolicy::Off),
        legacy: true,
        connect: Some(Duration::from_secs(90)),
        keepalive: Some(Duration::from_secs(15)),
    };
    assert_eq!(said.unwrap(), wanted);
}

#[test]
fn of_two_the_first_counts() {
    let said = of("-o Port=1 -p 2 -o StrictHostKeyChecking=accept-new -o stricthostkeychecking=no").unwrap();
    assert_eq!(
        (said.port, said.host_keys),
        (Some(1), Some(HostKeyPolicy::AcceptNew))
    );
}

#[test]
fn a_modern_algorithm_that_is_added_opens_nothing() {
    assert_eq!(of("-o HostKeyAlgorithms=+ssh-ed25519").unwrap(), Said::default());
    assert_eq!(of("-o Ciphers=-aes128-cbc").map(|said| said.legacy), Err(
        "Ciphers=-aes128-cbc: cutover chooses among what both sides have | `ssh_legacy: true` allows the old ones"
            .into()
    ));
}

#[test]
fn what_cannot_be_done_is_named_with_a_way_out() {
    let told: Vec<String> = [
        "-J bastion",
        "-o ProxyCommand='ssh -W %h:%p bastion'",
        "-A",
        "-4",
        "-F ssh_config",
        "-L 1:x:2",
        "-o UserKnownHostsFile=lab",
        "-o HostName=10.1.1.1",
        "-o Port=ssh",
        "-o StrictHostKeyChecking=maybe",
        "-o Nonsense=1",
        "-o Port",
        "-p",
        "web1",
        "-o 'Port",
        "-z",
    ]
    .map(|text| Said::default().take(text).unwrap_err().message)
    .into();
    insta::assert_snapshot!(told.join("\n"), @"
    ProxyJump=bastion: no way over another host is known
    ProxyCommand=ssh -W %h:%p bastion: no way over another host is known
    -A: no agent is forwarded
    -4: the kind of address cannot be chosen
    -F ssh_config: no configuration of ssh is read
    -L 1:x:2: nothing is forwarded
    UserKnownHostsFile=lab: host keys are read from ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts
    HostName=10.1.1.1: an address is chosen by the inventory
    Port must be a port from 1 to 65535, and is `ssh`
    StrictHostKeyChecking must be yes, no, ask or accept-new, and is `maybe`
    Nonsense=1 means nothing here
    -o Port lacks its value
    -p lacks its value
    web1 is no option of ssh
    a quote is not closed in -o 'Port
    -z means nothing here
    ");
}

proptest! {
    #[test]
    fn nothing_panics(text in "[-a-zA-Z0-9=+ '\"\\\\é]{0,40}") {
        let _ = of(&text);
    }

    #[test]
    fn a_value_may_stand_in_the_same_word_or_in_the_next(port in 1_u16.., quiet in "[Cqvt]{0,3}") {
        let said = Said { port: Some(port), ..Said::default() };
        prop_assert_eq!(of(&format!("-{quiet}p{port}")), Ok(said.clone()));
        prop_assert_eq!(of(&format!("-{quiet}p {port}")), Ok(said));
    }
}
