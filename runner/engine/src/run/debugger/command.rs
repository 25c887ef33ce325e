//! What is typed in the debugger.

/// What somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Nothing was typed.
    Nothing,
    /// `h`: what there is.
    Help,
    /// `p EXPR`: see a value.
    Show(String),
    /// `task.args['key'] = EXPR`, `task_vars['key'] = EXPR`, `task.args = EXPR`.
    Set(Target, String),
    /// `u`: the arguments as they are written.
    Update,
    /// `r`: run the task again.
    Redo,
    /// `c`: go on.
    Continue,
    /// `q`: stop the run.
    Quit,
    /// None of them.
    Other,
}

/// What is given a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// An argument of the task.
    Argument(String),
    /// All of them.
    Arguments,
    /// A variable.
    Variable(String),
}

impl Target {
    /// As it is typed.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Argument(name) => format!("task.args['{name}']"),
            Self::Arguments => "task.args".to_owned(),
            Self::Variable(name) => format!("task_vars['{name}']"),
        }
    }
}

impl Command {
    /// What a line means.
    pub(super) fn read(line: &str) -> Self {
        let line = line.trim();
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        match word {
            "" => Self::Nothing,
            "h" | "help" | "?" => Self::Help,
            "p" | "pprint" if !rest.trim().is_empty() => Self::Show(jinja(rest.trim())),
            "u" | "update_task" => Self::Update,
            "r" | "redo" => Self::Redo,
            "c" | "continue" => Self::Continue,
            "q" | "quit" => Self::Quit,
            _ => assignment(line).unwrap_or(Self::Other),
        }
    }
}

fn assignment(line: &str) -> Option<Command> {
    if let Some(rest) = line.strip_prefix("task.args") {
        return match rest.trim_start().strip_prefix('[') {
            Some(rest) => set(rest, Target::Argument),
            None => Some(Command::Set(Target::Arguments, value(rest)?)),
        };
    }
    let rest = line.strip_prefix("task_vars")?;
    set(rest.trim_start().strip_prefix('[')?, Target::Variable)
}

/// `'key'] = EXPR`, what stands behind the bracket.
fn set(rest: &str, target: fn(String) -> Target) -> Option<Command> {
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let (key, rest) = rest[1..].split_once(quote)?;
    let expression = value(rest.trim_start().strip_prefix(']')?)?;
    Some(Command::Set(target(key.to_owned()), expression))
}

/// `= EXPR`.
fn value(rest: &str) -> Option<String> {
    let expression = rest.trim_start().strip_prefix('=')?.trim();
    (!expression.is_empty() && !expression.starts_with('=')).then(|| jinja(expression))
}

/// An expression in the words of Ansible's debugger, in those of templates: `task_vars` are `vars`,
/// `result._result` is the result.
fn jinja(expression: &str) -> String {
    let mut told = String::new();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '\'' | '"' => quoted(rest, first),
            '.' => 1 + word(&rest[1..]),
            first if is_of_name(first) => word(rest),
            first => first.len_utf8(),
        };
        let (part, after) = rest.split_at(end);
        told.push_str(match part {
            "task_vars" => "vars",
            "._result" if told.ends_with("result") => "",
            part => part,
        });
        rest = after;
    }
    told
}

/// How long a quoted text at the beginning is.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, next) in text.char_indices().skip(1) {
        match next {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            next if next == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// How long a name at the beginning is.
fn word(text: &str) -> usize {
    text.find(|next| !is_of_name(next)).unwrap_or(text.len())
}

fn is_of_name(next: char) -> bool {
    next.is_alphanumeric() || next == '_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_read_as_ansibles_debugger_reads_them() {
        let lines = [
            "",
            " c ",
            "continue",
            "r",
            "redo",
            "u",
            "q",
            "?",
            "p",
            "p task.args",
            "pprint task_vars['my_task_vars'] ~ other.task_vars",
            "p result._result.stdout",
            "p \"it's task_vars\" ~ 'a\\'task_vars'",
            "task.args['msg'] = 'it is = that'",
            "task.args[ \"msg\" ]=1",
            "task.args = {'a': task_vars['b']}",
            "task_vars['x'] = [1, 2]",
            "task_vars['x'] == 1",
            "task_vars = {}",
            "task.args['msg']",
            "task.name = 'x'",
            "import os",
        ];
        let told = lines.map(|line| format!("{line} -> {:?}", Command::read(line)));
        insta::assert_snapshot!(told.join("\n"), @r#"
         -> Nothing
         c  -> Continue
        continue -> Continue
        r -> Redo
        redo -> Redo
        u -> Update
        q -> Quit
        ? -> Help
        p -> Other
        p task.args -> Show("task.args")
        pprint task_vars['my_task_vars'] ~ other.task_vars -> Show("vars['my_task_vars'] ~ other.task_vars")
        p result._result.stdout -> Show("result.stdout")
        p "it's task_vars" ~ 'a\'task_vars' -> Show("\"it's task_vars\" ~ 'a\\'task_vars'")
        task.args['msg'] = 'it is = that' -> Set(Argument("msg"), "'it is = that'")
        task.args[ "msg" ]=1 -> Set(Argument("msg"), "1")
        task.args = {'a': task_vars['b']} -> Set(Arguments, "{'a': vars['b']}")
        task_vars['x'] = [1, 2] -> Set(Variable("x"), "[1, 2]")
        task_vars['x'] == 1 -> Other
        task_vars = {} -> Other
        task.args['msg'] -> Other
        task.name = 'x' -> Other
        import os -> Other
        "#);
    }

    proptest! {
        #[test]
        fn any_line_is_read(line in "\\PC*") {
            Command::read(&line);
        }

        #[test]
        fn what_is_quoted_stays_as_it_is(text in "[a-z_ .=']*") {
            let expression = format!("\"{text}\"");
            prop_assert_eq!(jinja(&expression), expression);
        }
    }
}
