//! How many connections there may be, so that descriptors are left for what this process itself opens: the table, model
//! servers, tools, programs.

use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::limits::Limits;

/// What the process asks the system for; macOS gives no more.
const WANTED: u64 = 10_240;
/// What is reckoned with where the system has no limit.
const MAX_CONNECTIONS: u64 = 1024;
/// Below this nothing works; then accepting fails now and then.
const MIN_CONNECTIONS: u64 = 16;

const HEAD: Duration = Duration::from_secs(10);
const BODY: Duration = Duration::from_secs(30);
/// Longer than clients keep a connection that is not used, so that it is mostly they who close it.
const IDLE: Duration = Duration::from_mins(2);

/// Lets this process open as many files as the system allows a process to, up to some thousands.
pub fn raise_descriptors() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.map_or(WANTED, |maximum| maximum.min(WANTED));
    if current.is_some_and(|current| current < wanted) {
        let raised = Rlimit {
            current: Some(wanted),
            maximum,
        };
        if let Err(error) = setrlimit(Resource::Nofile, raised) {
            tracing::warn!(%error, wanted, "the limit on open files could not be raised");
        }
    }
}

impl Limits {
    /// For the port of the page: a quarter of what may be open.
    pub fn of_page() -> Self {
        Self::of_share(4)
    }

    /// For a port of the services in this process, which is used by itself alone: an eighth.
    pub fn of_service() -> Self {
        Self::of_share(8)
    }

    fn of_share(part: u64) -> Self {
        let open = getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX);
        Self::sharing(open, part)
    }

    fn sharing(open: u64, part: u64) -> Self {
        let connections = (open / part).clamp(MIN_CONNECTIONS, MAX_CONNECTIONS);
        let connections = usize::try_from(connections).unwrap_or(usize::MAX);
        Self {
            connections,
            per_address: connections / 4,
            head: HEAD,
            body: BODY,
            idle: IDLE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ports_together_leave_descriptors_for_the_process_itself() {
        let cases = [
            (256, 64, 32),
            (1024, 256, 128),
            (10_240, 1024, 1024),
            (u64::MAX, 1024, 1024),
        ];
        for (open, page, service) in cases {
            let of_page = Limits::sharing(open, 4).connections;
            let of_service = Limits::sharing(open, 8).connections;
            assert_eq!((of_page, of_service), (page, service), "{open}");
            let left = open - (of_page + 3 * of_service) as u64;
            assert!(left >= open / 4, "{left} of {open}");
        }
    }
}
