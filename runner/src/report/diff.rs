//! Before and after, as Ansible's `--diff` shows them.

use cutover_kit::module::Diff;
use similar::TextDiff;

use super::words::harmless;

/// A unified diff with three lines of context; empty where nothing differs.
pub fn unified(diff: &Diff) -> String {
    let (before, after) = (harmless(&diff.before), harmless(&diff.after));
    let title = match harmless(&diff.title) {
        none if none.is_empty() => none,
        title => format!(": {title}"),
    };
    TextDiff::from_lines(&before, &after)
        .unified_diff()
        .context_radius(3)
        .header(&format!("before{title}"), &format!("after{title}"))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_names_what_it_is_about() {
        let diff = Diff {
            title: "finesse-1 tomcat".into(),
            before: "issuer: finesse-1\nserial: 01\n".into(),
            after: "issuer: Lab Issuing CA\nserial: 01\n".into(),
        };
        assert_eq!(
            unified(&diff),
            "--- before: finesse-1 tomcat\n+++ after: finesse-1 tomcat\n@@ -1,2 +1,2 @@\n\
             -issuer: finesse-1\n+issuer: Lab Issuing CA\n serial: 01\n"
        );
        let same = Diff {
            before: diff.after.clone(),
            ..diff
        };
        assert_eq!(unified(&same), "");
    }
}
