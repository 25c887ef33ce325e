//! The changes of a module that changes nothing.

use cutover_kit::Change;

/// There are none.
pub enum Nothing {}

impl Nothing {
    /// Whatever a change that cannot be would come to.
    pub(crate) fn never<T>(&self) -> T {
        match *self {}
    }
}

impl Change for Nothing {
    fn describe(&self) -> String {
        self.never()
    }
}
