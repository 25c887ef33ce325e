//! Before and after, as Ansible's `--diff` shows them.

use cutover_kit::module::Diff;
use similar::TextDiff;

use super::words::harmless;

/// A unified diff with three lines of context; empty where nothing differs.
pub fn unified(diff: &Diff) -> String {
    let before = diff.before.as_deref().map(harmless);
    let after = harmless(&diff.after);
    let title = match harmless(&diff.title) {
        none if none.is_empty() => none,
        title => format!(": {title}"),
    };
    let first = before.as_ref().map_or("", |_| &title);
    TextDiff::from_lines(before.as_deref().unwrap_or_default(), &after)
        .unified_diff()
        .context_radius(3)
        .header(&format!("before{first}"), &format!("after{title}"))
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_names_what_it_is_about() {
        let diff = Diff {
            title: "finesse-1 tomcat".into(),
            before: Some("issuer: finesse-1\nserial: 01\n".into()),
            after: "issuer: Lab Issuing CA\nserial: 01\n".into(),
        };
        assert_eq!(
            unified(&diff),
            "--- before: finesse-1 tomcat\n+++ after: finesse-1 tomcat\n@@ -1,2 +1,2 @@\n\
             -issuer: finesse-1\n+issuer: Lab Issuing CA\n serial: 01\n"
        );
        let same = Diff {
            before: Some(diff.after.clone()),
            ..diff.clone()
        };
        assert_eq!(unified(&same), "");
        let new = Diff { before: None, ..diff };
        assert_eq!(
            unified(&new),
            "--- before\n+++ after: finesse-1 tomcat\n@@ -0,0 +1,2 @@\n+issuer: Lab Issuing CA\n+serial: 01\n"
        );
    }
}
