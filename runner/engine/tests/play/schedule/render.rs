//! A scene as the files that a person would write.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json, json};

use super::scene::{Act, End, Item, Order, Play, Scene, Share, Strategy, Task};

impl Scene {
    pub(crate) fn inventory(&self) -> String {
        let mut text = String::from("all:\n  hosts:\n");
        for place in 0..self.hosts {
            writeln!(text, "    {}:", Self::host(place)).unwrap();
        }
        text
    }

    /// JSON, which is YAML.
    pub(crate) fn playbook(&self) -> String {
        let plays: Vec<Json> = self.plays.iter().map(|play| play.written(self.hosts)).collect();
        serde_json::to_string_pretty(&plays).unwrap()
    }
}

impl Play {
    fn written(&self, hosts: usize) -> Json {
        let strategy = match self.strategy {
            Strategy::Linear => "linear",
            Strategy::Free => "free",
            Strategy::HostPinned => "host_pinned",
        };
        let order = match self.order {
            Order::Inventory => "inventory",
            Order::ReverseInventory => "reverse_inventory",
            Order::Sorted => "sorted",
            Order::ReverseSorted => "reverse_sorted",
        };
        let mut play = json!({
            "hosts": "all",
            "gather_facts": false,
            "strategy": strategy,
            "order": order,
            "pre_tasks": items(&self.pre_tasks, self, hosts),
            "tasks": items(&self.tasks, self, hosts),
            "post_tasks": items(&self.post_tasks, self, hosts),
            "handlers": self.handlers.iter().map(|task| task.written(self, hosts)).collect::<Vec<_>>(),
        });
        if !self.serial.is_empty() {
            play["serial"] = self.serial.iter().map(|share| share.written()).collect();
        }
        if self.any_errors_fatal {
            play["any_errors_fatal"] = true.into();
        }
        if let Some(percent) = self.max_fail_percentage {
            play["max_fail_percentage"] = percent.into();
        }
        play
    }
}

impl Share {
    fn written(self) -> Json {
        match self {
            Self::Hosts(count) => count.into(),
            Self::Percent(percent) => format!("{percent}%").into(),
        }
    }
}

fn items(items: &[Item], play: &Play, hosts: usize) -> Json {
    items.iter().map(|item| written(item, play, hosts)).collect()
}

fn written(item: &Item, play: &Play, hosts: usize) -> Json {
    match item {
        Item::Task(task) => task.written(play, hosts),
        Item::Flush => json!({"meta": "flush_handlers"}),
        Item::Block(block) => {
            let mut written = json!({"block": items(&block.tasks, play, hosts)});
            for (name, part) in [("rescue", &block.rescue), ("always", &block.always)] {
                if !part.is_empty() {
                    written[name] = items(part, play, hosts);
                }
            }
            if let Some(fatal) = block.any_errors_fatal {
                written["any_errors_fatal"] = fatal.into();
            }
            written
        }
    }
}

impl Task {
    fn written(&self, play: &Play, hosts: usize) -> Json {
        let those = |end| -> Vec<&str> {
            (0..hosts)
                .filter(|host| self.act(*host).end == end)
                .map(Scene::host)
                .collect()
        };
        let said: Map<String, Json> = (0..hosts)
            .map(|host| (Scene::host(host).to_owned(), self.act(host).written()))
            .collect();
        let mut task = json!({"name": self.name, "act": said});
        let skipped = those(End::Skipped);
        if !skipped.is_empty() {
            task["when"] = format!("inventory_hostname not in {}", json!(skipped)).into();
        }
        task["changed_when"] = format!("inventory_hostname in {}", json!(those(End::Changed))).into();
        for (name, on) in [
            ("ignore_errors", self.ignore_errors),
            ("ignore_unreachable", self.ignore_unreachable),
            ("run_once", self.run_once),
        ] {
            if on {
                task[name] = true.into();
            }
        }
        if let Some(fatal) = self.any_errors_fatal {
            task["any_errors_fatal"] = fatal.into();
        }
        if let Some(most) = self.throttle {
            task["throttle"] = most.into();
        }
        if !self.notify.is_empty() {
            task["notify"] = self
                .notify
                .iter()
                .map(|place| Json::from(play.handlers[*place].name.as_str()))
                .collect();
        }
        task
    }
}

impl Act {
    fn written(self) -> Json {
        let word = match self.end {
            End::Failed => "fails",
            End::Unreachable => "is lost",
            End::Ok | End::Changed | End::Skipped => "works",
        };
        format!("{word} after {}", self.seconds).into()
    }
}
