//! Every setting that is known, under its name in Ansible.

use cutover_kit::becoming::Method;

use super::known::{Kind, Known, heeded, needless, not_yet, truth};

const DEFAULTS: &str = "defaults";
const BECOME: &str = "privilege_escalation";
const SSH: &str = "ssh_connection";
const OUTPUT: &str = "cutover writes its own output";
const PYTHON: &str = "cutover needs no Python on a host";
const KEPT: &str = "cutover keeps connections open by itself and starts no ssh command";

/// All of them.
pub const TABLE: &[Known] = &[
    heeded(
        "DEFAULT_HOST_LIST",
        (DEFAULTS, "inventory"),
        &["ANSIBLE_INVENTORY"],
        Kind::Text,
    ),
    heeded(
        "DEFAULT_ROLES_PATH",
        (DEFAULTS, "roles_path"),
        &["ANSIBLE_ROLES_PATH"],
        Kind::Text,
    ),
    heeded(
        "DEFAULT_MODULE_PATH",
        (DEFAULTS, "library"),
        &["ANSIBLE_LIBRARY"],
        Kind::Text,
    ),
    heeded(
        "DEFAULT_FORKS",
        (DEFAULTS, "forks"),
        &["ANSIBLE_FORKS"],
        Kind::Number(1, 10_000),
    ),
    heeded(
        "DEFAULT_REMOTE_USER",
        (DEFAULTS, "remote_user"),
        &["ANSIBLE_REMOTE_USER"],
        Kind::Text,
    ),
    heeded(
        "DEFAULT_PRIVATE_KEY_FILE",
        (DEFAULTS, "private_key_file"),
        &["ANSIBLE_PRIVATE_KEY_FILE"],
        Kind::Text,
    ),
    heeded(
        "DEFAULT_TIMEOUT",
        (DEFAULTS, "timeout"),
        &["ANSIBLE_TIMEOUT"],
        Kind::Number(1, u64::MAX),
    ),
    heeded(
        "CONNECTION_PASSWORD_FILE",
        (DEFAULTS, "connection_password_file"),
        &["ANSIBLE_CONNECTION_PASSWORD_FILE"],
        Kind::Text,
    ),
    heeded(
        "BECOME_PASSWORD_FILE",
        (DEFAULTS, "become_password_file"),
        &["ANSIBLE_BECOME_PASSWORD_FILE"],
        Kind::Text,
    ),
    heeded(
        "DEFAULT_VAULT_PASSWORD_FILE",
        (DEFAULTS, "vault_password_file"),
        &["ANSIBLE_VAULT_PASSWORD_FILE"],
        Kind::Text,
    ),
    heeded(
        "DEFAULT_VAULT_IDENTITY_LIST",
        (DEFAULTS, "vault_identity_list"),
        &["ANSIBLE_VAULT_IDENTITY_LIST"],
        Kind::Text,
    ),
    heeded(
        "DEFAULT_ASK_VAULT_PASS",
        (DEFAULTS, "ask_vault_pass"),
        &["ANSIBLE_ASK_VAULT_PASS"],
        Kind::Truth,
    ),
    heeded(
        "DEFAULT_GATHERING",
        (DEFAULTS, "gathering"),
        &["ANSIBLE_GATHERING"],
        Kind::OneOf(&["implicit", "explicit", "smart"]),
    ),
    heeded(
        "DEFAULT_FORCE_HANDLERS",
        (DEFAULTS, "force_handlers"),
        &["ANSIBLE_FORCE_HANDLERS"],
        Kind::Truth,
    ),
    heeded("TAGS_RUN", ("tags", "run"), &["ANSIBLE_RUN_TAGS"], Kind::Text),
    heeded("TAGS_SKIP", ("tags", "skip"), &["ANSIBLE_SKIP_TAGS"], Kind::Text),
    heeded(
        "ENABLE_TASK_DEBUGGER",
        (DEFAULTS, "enable_task_debugger"),
        &["ANSIBLE_ENABLE_TASK_DEBUGGER"],
        Kind::Truth,
    ),
    heeded(
        "DIFF_ALWAYS",
        ("diff", "always"),
        &["ANSIBLE_DIFF_ALWAYS"],
        Kind::Truth,
    ),
    heeded(
        "DEFAULT_BECOME",
        (BECOME, "become"),
        &["ANSIBLE_BECOME"],
        Kind::Truth,
    ),
    heeded(
        "DEFAULT_BECOME_USER",
        (BECOME, "become_user"),
        &["ANSIBLE_BECOME_USER"],
        Kind::Text,
    ),
    heeded(
        "DEFAULT_BECOME_METHOD",
        (BECOME, "become_method"),
        &["ANSIBLE_BECOME_METHOD"],
        Kind::OneOf(&Method::NAMES),
    ),
    heeded(
        "HOST_KEY_CHECKING",
        (DEFAULTS, "host_key_checking"),
        &["ANSIBLE_HOST_KEY_CHECKING", "ANSIBLE_SSH_HOST_KEY_CHECKING"],
        Kind::Truth,
    ),
    heeded(
        "ERROR_ON_MISSING_HANDLER",
        (DEFAULTS, "error_on_missing_handler"),
        &["ANSIBLE_ERROR_ON_MISSING_HANDLER"],
        Kind::Truth,
    ),
    heeded(
        "DEFAULT_HASH_BEHAVIOUR",
        (DEFAULTS, "hash_behaviour"),
        &["ANSIBLE_HASH_BEHAVIOUR"],
        Kind::OneOf(&["replace", "merge"]),
    ),
    not_yet(
        "DEFAULT_STRATEGY",
        (DEFAULTS, "strategy"),
        &["ANSIBLE_STRATEGY"],
        |text| !matches!(text, "linear" | "ansible.builtin.linear"),
        "write `strategy:` in the play",
    ),
    not_yet(
        "DEFAULT_BECOME_ASK_PASS",
        (BECOME, "become_ask_pass"),
        &["ANSIBLE_BECOME_ASK_PASS"],
        |text| truth(text) == Some(true),
        "give -K",
    ),
    not_yet(
        "DEFAULT_ASK_PASS",
        (DEFAULTS, "ask_pass"),
        &["ANSIBLE_ASK_PASS"],
        |text| truth(text) == Some(true),
        "give -k",
    ),
    heeded(
        "DISPLAY_SKIPPED_HOSTS",
        (DEFAULTS, "display_skipped_hosts"),
        &["ANSIBLE_DISPLAY_SKIPPED_HOSTS"],
        Kind::Truth,
    ),
    heeded(
        "DISPLAY_OK_HOSTS",
        (DEFAULTS, "display_ok_hosts"),
        &["ANSIBLE_DISPLAY_OK_HOSTS"],
        Kind::Truth,
    ),
    heeded(
        "RESULT_FORMAT",
        (DEFAULTS, "callback_result_format"),
        &["ANSIBLE_CALLBACK_RESULT_FORMAT"],
        Kind::OneOf(&["json", "yaml"]),
    ),
    heeded(
        "PRETTY_RESULTS",
        (DEFAULTS, "callback_format_pretty"),
        &["ANSIBLE_CALLBACK_FORMAT_PRETTY"],
        Kind::Truth,
    ),
    heeded(
        "SHOW_CUSTOM_STATS",
        (DEFAULTS, "show_custom_stats"),
        &["ANSIBLE_SHOW_CUSTOM_STATS"],
        Kind::Truth,
    ),
    heeded("SSH_ARGS", (SSH, "ssh_args"), &["ANSIBLE_SSH_ARGS"], Kind::Text),
    heeded(
        "COMMON_SSH_ARGS",
        (SSH, "ssh_common_args"),
        &["ANSIBLE_SSH_COMMON_ARGS"],
        Kind::Text,
    ),
    heeded(
        "EXTRA_SSH_ARGS",
        (SSH, "ssh_extra_args"),
        &["ANSIBLE_SSH_EXTRA_ARGS"],
        Kind::Text,
    ),
    needless(
        "SCP_EXTRA_ARGS",
        (SSH, "scp_extra_args"),
        &["ANSIBLE_SCP_EXTRA_ARGS"],
        KEPT,
    ),
    needless(
        "SFTP_EXTRA_ARGS",
        (SSH, "sftp_extra_args"),
        &["ANSIBLE_SFTP_EXTRA_ARGS"],
        KEPT,
    ),
    needless("PIPELINING", (SSH, "pipelining"), &["ANSIBLE_PIPELINING"], KEPT),
    needless(
        "CONTROL_PATH",
        (SSH, "control_path"),
        &["ANSIBLE_SSH_CONTROL_PATH"],
        KEPT,
    ),
    needless(
        "SSH_RETRIES",
        (SSH, "retries"),
        &["ANSIBLE_SSH_RETRIES"],
        "a refused login is never tried again",
    ),
    needless(
        "TRANSFER_METHOD",
        (SSH, "transfer_method"),
        &["ANSIBLE_SSH_TRANSFER_METHOD"],
        KEPT,
    ),
    needless(
        "INTERPRETER_PYTHON",
        (DEFAULTS, "interpreter_python"),
        &["ANSIBLE_PYTHON_INTERPRETER"],
        PYTHON,
    ),
    needless(
        "DEFAULT_STDOUT_CALLBACK",
        (DEFAULTS, "stdout_callback"),
        &["ANSIBLE_STDOUT_CALLBACK"],
        OUTPUT,
    ),
    needless(
        "CALLBACKS_ENABLED",
        (DEFAULTS, "callbacks_enabled"),
        &["ANSIBLE_CALLBACKS_ENABLED"],
        OUTPUT,
    ),
    needless(
        "CALLBACK_WHITELIST",
        (DEFAULTS, "callback_whitelist"),
        &["ANSIBLE_CALLBACK_WHITELIST"],
        OUTPUT,
    ),
    needless(
        "ANSIBLE_NOCOWS",
        (DEFAULTS, "nocows"),
        &["ANSIBLE_NOCOWS"],
        "there are no cows",
    ),
    needless(
        "DEPRECATION_WARNINGS",
        (DEFAULTS, "deprecation_warnings"),
        &["ANSIBLE_DEPRECATION_WARNINGS"],
        OUTPUT,
    ),
    needless(
        "RETRY_FILES_ENABLED",
        (DEFAULTS, "retry_files_enabled"),
        &["ANSIBLE_RETRY_FILES_ENABLED"],
        "the journal knows what is left",
    ),
    needless(
        "DEFAULT_LOG_PATH",
        (DEFAULTS, "log_path"),
        &["ANSIBLE_LOG_PATH"],
        "the journal is in the state folder",
    ),
    needless(
        "CACHE_PLUGIN",
        (DEFAULTS, "fact_caching"),
        &["ANSIBLE_CACHE_PLUGIN"],
        "facts are read in each run",
    ),
    needless(
        "DEFAULT_REMOTE_TMP",
        (DEFAULTS, "remote_tmp"),
        &["ANSIBLE_REMOTE_TEMP"],
        "a folder is made where it is needed",
    ),
];
