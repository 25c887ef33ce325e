//! Whole runs against twins in memory, on virtual time: an hour of restarts
//! passes in no time and always the same way.

#[path = "virtual/estate.rs"]
mod estate;
#[path = "virtual/mischief.rs"]
mod mischief;
#[path = "virtual/order.rs"]
mod order;
#[path = "virtual/property.rs"]
mod property;
#[path = "virtual/tasks.rs"]
mod tasks;
