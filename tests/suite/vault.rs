//! `cutover vault`, and playbooks with encrypted files.

use crate::support::Place;

const HOSTS: &str = "[all]\nhere ansible_connection=local platform=local\n";

fn place() -> Place {
    Place::new()
        .file("pw", "throwaway\n")
        .file("other", "another\n")
        .file("hosts", HOSTS)
}

#[test]
fn a_file_goes_through_all_its_states() {
    let place = place().file("vars.yml", "greeting: from the vault\n");
    let path = place.files().join("vars.yml");
    let text = || std::fs::read_to_string(&path).unwrap();
    place
        .cutover("vault encrypt vars.yml --vault-password-file pw")
        .ends_with(0);
    assert!(text().starts_with("$ANSIBLE_VAULT;1.1;AES256\n"), "{}", text());
    let again = place
        .cutover("vault encrypt vars.yml --vault-password-file pw")
        .ends_with(1);
    insta::assert_snapshot!(again.err, @"error: vars.yml: input is already encrypted");
    let shown = place
        .cutover("vault view vars.yml --vault-password-file pw")
        .ends_with(0);
    assert_eq!(shown.out, "greeting: from the vault\n");
    place
        .cutover("vault rekey vars.yml --vault-password-file pw --new-vault-id lab@other")
        .ends_with(0);
    assert!(
        text().starts_with("$ANSIBLE_VAULT;1.2;AES256;lab\n"),
        "{}",
        text()
    );
    let wrong = place
        .cutover("vault view vars.yml --vault-password-file pw")
        .ends_with(1);
    insta::assert_snapshot!(wrong.err, @r#"
    error: Decryption failed (no vault secrets were found that could decrypt)
    hint: none of the passwords given with --vault-id and the like fits
    "#);
    place
        .cutover("vault edit vars.yml --vault-id lab@other")
        .env("EDITOR", "sed -i s/from/straight_from/")
        .ends_with(0);
    assert!(
        text().starts_with("$ANSIBLE_VAULT;1.2;AES256;lab\n"),
        "{}",
        text()
    );
    place
        .cutover("vault decrypt vars.yml --vault-id lab@other")
        .ends_with(0);
    assert_eq!(text(), "greeting: straight_from the vault\n");
    let plain = place
        .cutover("vault decrypt vars.yml --vault-id lab@other")
        .ends_with(1);
    insta::assert_snapshot!(plain.err, @"error: vars.yml: input is not vault encrypted data");
}

#[test]
#[cfg(unix)]
fn behind_a_link_the_file_itself_is_encrypted() {
    let place = place().file("secrets/prod.yml", "word: hidden\n");
    let link = place.files().join("vault.yml");
    std::os::unix::fs::symlink("secrets/prod.yml", &link).unwrap();
    place
        .cutover("vault encrypt vault.yml --vault-password-file pw")
        .ends_with(0);
    assert!(link.is_symlink());
    let text = std::fs::read_to_string(place.files().join("secrets/prod.yml")).unwrap();
    assert!(text.starts_with("$ANSIBLE_VAULT;1.1;AES256\n"), "{text}");
}

#[test]
fn an_editor_that_fails_changes_nothing() {
    let place = place().file("vars.yml", "a: 1\n");
    place
        .cutover("vault encrypt vars.yml --vault-password-file pw")
        .ends_with(0);
    let before = std::fs::read(place.files().join("vars.yml")).unwrap();
    let told = place
        .cutover("vault edit vars.yml --vault-password-file pw")
        .env("EDITOR", "false")
        .ends_with(1);
    insta::assert_snapshot!(told.err, @"error: the editor ended with exit status: 1; nothing was changed");
    assert_eq!(std::fs::read(place.files().join("vars.yml")).unwrap(), before);
}

#[test]
fn encrypted_files_and_values_are_used_and_never_shown() {
    let place = place()
        .file("group_vars/all/vault.yml", "greeting: hello from the vault\n")
        .file(
            "ansible.cfg",
            "[defaults]\ninventory = hosts\nvault_password_file = pw\n",
        );
    place
        .cutover("vault encrypt group_vars/all/vault.yml")
        .ends_with(0);
    // As Ansible spells it.
    let value = place
        .cutover("vault encrypt_string hidden-value --name word")
        .ends_with(0);
    let playbook = format!(
        "- hosts: all\n  gather_facts: false\n  vars:\n    {}\n  tasks:\n    - debug: {{msg: \"{{{{ greeting }}}} {{{{ word }}}}\"}}\n    - assert: {{that: [\"word == 'hidden-value'\", \"greeting is search('the vault')\"]}}\n",
        value.out.trim_end().replace('\n', "\n    ")
    );
    let place = place.file("site.yml", &playbook);
    let told = place.cutover("run site.yml").ends_with(0);
    for shown in [&told.out, &told.err] {
        assert!(
            !shown.contains("hidden-value") && !shown.contains("hello from"),
            "{shown}"
        );
    }
    assert!(told.out.contains("********"), "{}", told.out);
    let wrong = place
        .cutover("run site.yml --vault-password-file other")
        .ends_with(1);
    insta::assert_snapshot!(wrong.err, @r#"
    error[vault]: Decryption failed (no vault secrets were found that could decrypt)
     --> group_vars/all/vault.yml:1:1
      |
    1 | $ANSIBLE_VAULT;1.1;AES256
      | ^
      |
      = help: none of the passwords given with --vault-id and the like fits
    "#);
}

#[test]
fn the_settings_are_shown_with_their_origin() {
    let place = place().file(
        "ansible.cfg",
        "[defaults]\nforks = 7\nnocows = 1\nhash_behaviour = merge\nstrategy = free\n",
    );
    let told = place
        .cutover("config")
        .env("ANSIBLE_REMOTE_USER", "admin")
        .ends_with(0);
    insta::assert_snapshot!(told.out, @r#"
    CONFIG_FILE = ansible.cfg
    DEFAULT_FORKS(ansible.cfg:2:1) = 7
    DEFAULT_REMOTE_USER(ANSIBLE_REMOTE_USER) = admin
    DEFAULT_HASH_BEHAVIOUR(ansible.cfg:4:1) = merge
    DEFAULT_STRATEGY(ansible.cfg:5:1) = free
        without effect: write `strategy:` in the play
    ANSIBLE_NOCOWS(ansible.cfg:3:1) = 1
        without effect: there are no cows
    "#);
    insta::assert_snapshot!(told.err, @r#"
    warning[setting]: the setting `strategy` has no effect yet
     --> ansible.cfg:5:1
      |
    5 | strategy = free
      | ^^^^^^^^^^^^^^^
      |
      = help: write `strategy:` in the play
    "#);
}
