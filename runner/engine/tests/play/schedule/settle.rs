//! Makes of any scene one that means something: names, and nothing that the language leaves open.

use super::scene::{Item, Play, Scene, Strategy, Task};

impl Scene {
    /// Gives every task its name, and takes away what has no meaning where it stands.
    pub(super) fn settle(&mut self) {
        let mut count = 0;
        for play in &mut self.plays {
            play.settle();
            play.each_task(&mut |task| {
                count += 1;
                task.name = format!("t{count}");
            });
            for handler in &mut play.handlers {
                count += 1;
                handler.name = format!("handler {count}");
            }
        }
    }
}

impl Play {
    fn settle(&mut self) {
        let free = self.strategy != Strategy::Linear;
        if free {
            // Ansible itself does not vouch for these outside the linear strategy.
            self.any_errors_fatal = false;
            self.max_fail_percentage = None;
        }
        let handlers = self.handlers.len();
        self.each_task(&mut |task| task.settle(free, 0..handlers));
        for (place, handler) in self.handlers.iter_mut().enumerate() {
            handler.settle(free, place + 1..handlers);
        }
        for items in [&mut self.pre_tasks, &mut self.tasks, &mut self.post_tasks] {
            calm(items, false);
            if free {
                not_for_all(items);
            }
        }
    }

    fn each_task(&mut self, then: &mut impl FnMut(&mut Task)) {
        for items in [&mut self.pre_tasks, &mut self.tasks, &mut self.post_tasks] {
            each_task(items, then);
        }
    }
}

impl Task {
    fn settle(&mut self, free: bool, handlers: std::ops::Range<usize>) {
        self.notify.retain(|place| handlers.contains(place));
        if free {
            self.run_once = false;
            self.any_errors_fatal = None;
        }
    }
}

fn each_task(items: &mut [Item], then: &mut impl FnMut(&mut Task)) {
    for item in items {
        match item {
            Item::Task(task) => then(task),
            Item::Flush => {}
            Item::Block(block) => {
                for items in [&mut block.tasks, &mut block.rescue, &mut block.always] {
                    each_task(items, then);
                }
            }
        }
    }
}

/// No failure of one is one of all.
fn not_for_all(items: &mut [Item]) {
    for item in items {
        if let Item::Block(block) = item {
            block.any_errors_fatal = None;
            for items in [&mut block.tasks, &mut block.rescue, &mut block.always] {
                not_for_all(items);
            }
        }
    }
}

/// What a failure for all means to hosts that only wait while others are rescued is said nowhere:
/// there are none of these.
fn calm(items: &mut Vec<Item>, aside: bool) {
    // A handler may be one that is fatal for all.
    items.retain(|item| !(aside && matches!(item, Item::Flush)));
    for item in items {
        match item {
            Item::Task(task) if aside => {
                task.any_errors_fatal = Some(false);
                task.run_once = false;
            }
            Item::Task(_) | Item::Flush => {}
            Item::Block(block) => {
                block.any_errors_fatal = block.any_errors_fatal.filter(|_| !aside);
                calm(&mut block.tasks, aside);
                calm(&mut block.rescue, true);
                calm(&mut block.always, true);
            }
        }
    }
}
