//! What is put around a command line: variables, another user, and how the far side's answer is
//! taken apart again.

use cutover_kit::becoming::{Become, Gate, Method, after_line};
use cutover_kit::secret::Origin;
use cutover_kit::session::{Exec, Executed};
use cutover_kit::{Failure, FailureKind, Secret};

use crate::process::quote;

/// The line that tells that the command has begun as the other user.
const BEGUN: &str = "cutover: become: begun";
/// What `sudo` asks with.
const PROMPT: &str = "[cutover] password: ";

/// A line for the far side's own shell that has `/bin/sh` run `script`.
pub(super) fn sh(script: &str) -> String {
    format!("/bin/sh -c {}", quote(script))
}

/// What is told of a script: its first line, without the mark of a comment.
pub(super) fn first_line(script: &str) -> String {
    match script.split_once('\n') {
        None => script.to_owned(),
        Some((first, _)) => match first.strip_prefix("# ") {
            Some(comment) => comment.to_owned(),
            None => format!("{first} …"),
        },
    }
}

/// The command of `line` with these variables set.
///
/// They travel through standard input, ahead of what the command reads: a command line shows in the
/// far side's process list. The shell takes exactly the bytes of the assignments (`dd` reads no
/// further than it is told), and leaves the rest to the command.
pub(super) fn with_environment(
    line: &str,
    environment: &[(String, Secret)],
    stdin: Option<&Secret>,
) -> Result<Exec, Failure> {
    if environment.is_empty() {
        return Ok(Exec {
            command: line.to_owned(),
            stdin: stdin.cloned(),
            ..Exec::default()
        });
    }
    if let Some((name, _)) = environment.iter().find(|(name, _)| !is_name(name)) {
        let message = format!("`{name}` cannot be the name of an environment variable");
        return Err(Failure::new(FailureKind::Arguments, message));
    }
    let exports = environment
        .iter()
        .map(|(name, value)| format!("export {name}={}\n", quote(value.expose())))
        .collect::<String>();
    let script = format!("eval \"$(dd bs=1 count={} 2>/dev/null)\"; {line}", exports.len());
    let rest = stdin.map_or("", |stdin| stdin.expose());
    Ok(Exec {
        command: sh(&script),
        stdin: Some(Secret::new(exports + rest, Origin::Argument)),
        ..Exec::default()
    })
}

fn is_name(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit())
}

/// The same command as another user.
pub(super) fn with_become(exec: Exec, to: &Become) -> Result<Exec, Failure> {
    if to.method == Method::Doas && to.password.is_some() {
        let message = "doas reads passwords from a terminal only, and none is used here";
        return Err(Failure::new(FailureKind::Arguments, message)
            .hint("permit it with `nopass` in doas.conf, or use become_method: sudo"));
    }
    let inner = sh(&format!("echo '{BEGUN}' >&2; {}", exec.command));
    let user = quote(&to.user);
    let exe = quote(to.exe.as_deref().unwrap_or(to.method.name()));
    let command = match to.method {
        Method::Sudo => {
            let flags = to.flags.as_deref().unwrap_or("-H -S");
            let ask = match &to.password {
                Some(_) => format!("-p {}", quote(PROMPT)),
                None => "-n".into(),
            };
            format!("{exe} {flags} {ask} -u {user} {inner}")
        }
        Method::Su => {
            let flags = to.flags.as_deref().unwrap_or_default();
            format!("{exe} {flags} {user} -c {}", quote(&inner))
        }
        Method::Doas => {
            let flags = to.flags.as_deref().unwrap_or("-n");
            format!("{exe} {flags} -u {user} {inner}")
        }
    };
    Ok(Exec {
        command,
        gate: Some(Gate {
            password: to.password.clone(),
            begun: BEGUN,
        }),
        ..exec
    })
}

/// What the command itself said; or why it was never begun.
pub(super) fn admitted(executed: Executed, to: &Become) -> Result<Executed, Failure> {
    let own = after_line(&executed.stderr, BEGUN).map(<[u8]>::to_vec);
    match own {
        Some(stderr) => Ok(Executed { stderr, ..executed }),
        None => Err(refused(&executed, to)),
    }
}

/// Nothing has run: `sudo` or its like said no.
fn refused(executed: &Executed, to: &Become) -> Failure {
    let method = to.method.name();
    let text = String::from_utf8_lossy(&executed.stderr).replace(PROMPT, "\n");
    let lines: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let failure = |message: String| Failure::new(FailureKind::Refused, message).seen_all(lines.clone());
    if says(&["sudoers", "not allowed", "Operation not permitted", "may not"]) {
        return failure(format!("{method} does not let this account become {}", to.user));
    }
    let asked = executed.stderr.ends_with(PROMPT.as_bytes()) || says(&["assword", "uthentication"]);
    match (&to.password, asked) {
        (Some(_), true) => failure(format!("Incorrect {method} password"))
            .hint("it was tried once: give the right one with -K or ansible_become_password"),
        (None, true) => failure(format!("Missing {method} password"))
            .hint("give it with -K, or as ansible_become_password, best from a vault or the environment"),
        _ => failure(format!("{method} did not run the command as {}", to.user)),
    }
}
