//! Every module this build has: one table for the engine, the language's static
//! checks, the manual and the command line.

use crate::run::Modules;

/// All modules that are built in.
pub fn built_in() -> Modules {
    let all = [
        cutover_certificates::modules(),
        cutover_core::modules(),
        cutover_vos::modules(),
    ];
    Modules::new(all.into_iter().flatten())
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    #[test]
    fn every_module_says_what_it_does_and_what_each_argument_means() {
        for module in built_in().iter() {
            let schema = module.schema();
            assert!(
                schema["description"].is_string(),
                "{} has no manual",
                module.name()
            );
            let arguments = schema["properties"].as_object();
            for (name, argument) in arguments.into_iter().flatten() {
                let manual = &argument["description"];
                assert!(manual.is_string(), "{} {name} has no manual", module.name());
            }
        }
    }

    #[test]
    fn what_free_text_fills_is_an_argument() {
        for module in built_in().iter() {
            if let Some(name) = module.traits().free_form {
                let argument = &module.schema()["properties"][name];
                assert_ne!(*argument, Json::Null, "{} has no {name}", module.name());
            }
        }
    }
}
