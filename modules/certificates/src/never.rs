//! The change of a module that makes none.

use cutover_kit::Change;

/// It makes no change.
#[derive(Clone, Copy, Debug)]
pub enum Never {}

impl Change for Never {
    fn describe(&self) -> String {
        match *self {}
    }
}
