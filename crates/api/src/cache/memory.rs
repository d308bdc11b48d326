//! How much memory this process may use.

use sysinfo::{MemoryRefreshKind, RefreshKind, System};

/// Of the memory that the process may use, caches take one part in so many if nothing else is set: the operating
/// system keeps the database's pages in the rest.
const SHARE: u64 = 8;
/// Caches take no more than this if nothing else is set: some 30,000 article pages, each whole and in its parts.
const MOST: u64 = 1 << 30;
/// What caches take where it cannot be found out how much memory there is.
const UNKNOWN: u64 = 64 << 20;

/// The bytes that caches take if nothing else is set: by the memory of the machine, or of the control group
/// (a container's bound) where that has less.
pub(crate) fn for_caches() -> u64 {
    let system = System::new_with_specifics(
        RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram()),
    );
    let machine = system.total_memory();
    let bound = system.cgroup_limits().map(|limits| limits.total_memory);
    share_of(
        bound
            .filter(|bound| *bound > 0)
            .map_or(machine, |bound| bound.min(machine)),
    )
}

fn share_of(memory: u64) -> u64 {
    if memory == 0 {
        UNKNOWN
    } else {
        (memory / SHARE).min(MOST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_take_an_eighth_within_a_bound() {
        assert_eq!(share_of(256 << 20), 32 << 20);
        assert_eq!(share_of(64 << 30), MOST);
        assert_eq!(share_of(0), UNKNOWN);
    }

    #[test]
    fn the_memory_of_this_machine_is_known() {
        let bytes = for_caches();
        assert!((1 << 20..=MOST).contains(&bytes), "{bytes}");
    }
}
