//! Several hosts on one database and one bucket: what one acknowledged every other shows, and whatever dies, freezes,
//! goes away or comes back old, nothing acknowledged is lost and the log never forks.

mod browser;
mod dead_host;
mod killed_database;
mod load;
mod log;
mod lost_node;
mod older_copy;
mod same_truth;
mod site;
