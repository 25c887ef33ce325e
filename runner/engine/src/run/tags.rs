//! Which tasks `--tags` and `--skip-tags` choose.

/// The choice of the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tags {
    /// `--tags`; empty means `all`.
    pub only: Vec<String>,
    /// `--skip-tags`.
    pub skip: Vec<String>,
}

impl Tags {
    /// Whether a task with these tags runs.
    pub(super) fn choose(&self, tags: &[String]) -> bool {
        self.wanted(tags) && !self.skipped(tags)
    }

    fn wanted(&self, tags: &[String]) -> bool {
        let has = |tag: &str| tags.iter().any(|own| own == tag);
        let named = self.only.iter().any(|tag| has(tag));
        if has("never") {
            return named;
        }
        let special = |tag: &String| match tag.as_str() {
            "all" => true,
            "tagged" => !tags.is_empty(),
            "untagged" => tags.is_empty(),
            _ => false,
        };
        self.only.is_empty() || has("always") || named || self.only.iter().any(special)
    }

    fn skipped(&self, tags: &[String]) -> bool {
        let always = tags.iter().any(|tag| tag == "always");
        self.skip.iter().any(|skip| match skip.as_str() {
            "all" => !always,
            "tagged" => !tags.is_empty(),
            "untagged" => tags.is_empty(),
            name => tags.iter().any(|tag| tag == name),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(only: &[&str], skip: &[&str], tags: &[&str]) -> bool {
        let own = |list: &[&str]| list.iter().map(|tag| (*tag).to_owned()).collect::<Vec<_>>();
        Tags {
            only: own(only),
            skip: own(skip),
        }
        .choose(&own(tags))
    }

    #[test]
    fn tags_choose_as_ansibles_do() {
        assert!(chosen(&[], &[], &[]));
        assert!(!chosen(&["a"], &[], &[]));
        assert!(chosen(&["a"], &[], &["a", "b"]));
        assert!(chosen(&["a"], &[], &["always"]));
        assert!(!chosen(&["a"], &["always"], &["always"]));
        assert!(chosen(&["a"], &["all"], &["always"]));
        assert!(!chosen(&[], &[], &["never"]));
        assert!(!chosen(&["all"], &[], &["never", "a"]));
        assert!(chosen(&["a"], &[], &["never", "a"]));
        assert!(chosen(&["untagged"], &[], &[]) && !chosen(&["tagged"], &[], &[]));
        assert!(!chosen(&["a"], &["b"], &["a", "b"]));
    }
}
