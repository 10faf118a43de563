/// Notified after positions were given; the payload is the newest.
pub(crate) const LOG_CHANNEL: &str = "workdock_log";
