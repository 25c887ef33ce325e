//! Commands known to take a machine, or a service of it, out of service.

/// Whether one of the simple commands in this shell line is known to.
pub(super) fn in_line(line: &str) -> bool {
    line.split([';', '&', '|', '\n'])
        .map(|command| command.split_whitespace().collect::<Vec<_>>())
        .any(|words| in_words(&words))
}

/// Whether the command of these words is known to.
pub(super) fn in_words<S: AsRef<str>>(words: &[S]) -> bool {
    let mut words = words.iter().map(AsRef::as_ref).skip_while(|word| {
        matches!(*word, "sudo" | "nohup" | "exec") || word.starts_with('-') || word.contains('=')
    });
    let Some(program) = words.next() else { return false };
    let program = program.rsplit('/').next().unwrap_or(program);
    let mut said = |verbs: &[&str]| words.any(|word| verbs.contains(&word));
    match program {
        "reboot" | "shutdown" | "poweroff" | "halt" => true,
        "init" | "telinit" => said(&["0", "1", "6"]),
        "systemctl" => said(&[
            "restart",
            "try-restart",
            "reload-or-restart",
            "stop",
            "kill",
            "reboot",
            "poweroff",
            "halt",
            "isolate",
            "soft-reboot",
            "kexec",
        ]),
        "service" | "rc-service" => said(&["restart", "stop", "force-reload"]),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_restarts_are_recognised_in_any_part_of_a_line() {
        for line in [
            "reboot",
            "sudo -n /sbin/reboot",
            "sync; shutdown -r now",
            "test -f /x && systemctl --now restart tomcat",
            "service httpd stop",
            "init 6",
        ] {
            assert!(in_line(line), "{line}");
        }
        for line in [
            "uptime",
            "systemctl status tomcat",
            "echo reboot",
            "service --status-all",
            "",
        ] {
            assert!(!in_line(line), "{line}");
        }
    }
}
