//! Puts times in the order in which a page prints its articles.
//!
//! Each article may stand anywhere between two bounds and would rather stand at one place; lists say
//! which is newer than which. Times are whole seconds since 1970.

use std::collections::{HashSet, VecDeque};

/// Where an article may stand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Not before; inclusive.
    pub(super) earliest: i64,
    /// Not after; inclusive.
    pub(super) latest: i64,
    /// Where it stands unless the order asks otherwise.
    pub(super) preferred: i64,
}

/// Where each article stands.
pub(super) struct Arrangement {
    /// By article.
    pub(super) seconds: Vec<i64>,
    /// The wanted pairs (newer, older) that hold.
    pub(super) kept: Vec<(usize, usize)>,
    /// The wanted pairs that contradict the bounds or earlier pairs.
    pub(super) dropped: Vec<(usize, usize)>,
}

/// Places all articles so that of each pair the newer is at least a second above the older. A pair
/// that contradicts the bounds or the pairs before it is dropped.
pub(super) fn arrange(places: &[Place], wanted: &[(usize, usize)]) -> Arrangement {
    let mut order = Order {
        older: vec![Vec::new(); places.len()],
        newer: vec![Vec::new(); places.len()],
        low: places.iter().map(|place| place.earliest).collect(),
        high: places.iter().map(|place| place.latest).collect(),
        undo: Vec::new(),
    };
    let (mut kept, mut dropped) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for &(newer, older) in wanted {
        if newer == older || !seen.insert((newer, older)) {
            continue;
        }
        if order.add(newer, older) {
            kept.push((newer, older));
        } else {
            dropped.push((newer, older));
        }
    }
    Arrangement {
        seconds: order.place(places),
        kept,
        dropped,
    }
}

/// The pairs kept so far, and the bounds that follow from them.
struct Order {
    /// Of each article, those just older.
    older: Vec<Vec<usize>>,
    /// Of each article, those just newer.
    newer: Vec<Vec<usize>>,
    low: Vec<i64>,
    high: Vec<i64>,
    /// The bounds before the last pair moved them: article, low, high.
    undo: Vec<(usize, i64, i64)>,
}

impl Order {
    fn add(&mut self, newer: usize, older: usize) -> bool {
        if self.is_newer(older, newer) {
            return false;
        }
        self.undo.clear();
        let (raised, lowered) = (self.low[older] + 1, self.high[newer] - 1);
        if self.raise(newer, raised) && self.lower(older, lowered) {
            self.older[newer].push(older);
            self.newer[older].push(newer);
            true
        } else {
            while let Some((index, low, high)) = self.undo.pop() {
                (self.low[index], self.high[index]) = (low, high);
            }
            false
        }
    }

    /// Whether the pairs kept so far already make one newer than the other.
    fn is_newer(&self, newer: usize, older: usize) -> bool {
        let mut seen = HashSet::new();
        let mut waiting = vec![newer];
        while let Some(index) = waiting.pop() {
            if index == older {
                return true;
            }
            if seen.insert(index) {
                waiting.extend(&self.older[index]);
            }
        }
        false
    }

    /// Raises a lower bound, and those of all that are newer; false where one passes its upper bound.
    fn raise(&mut self, index: usize, bound: i64) -> bool {
        let mut waiting = VecDeque::from([(index, bound)]);
        while let Some((index, bound)) = waiting.pop_front() {
            if self.low[index] < bound {
                if bound > self.high[index] {
                    return false;
                }
                self.undo.push((index, self.low[index], self.high[index]));
                self.low[index] = bound;
                waiting.extend(self.newer[index].iter().map(|newer| (*newer, bound + 1)));
            }
        }
        true
    }

    /// Lowers an upper bound, and those of all that are older; false where one passes its lower bound.
    fn lower(&mut self, index: usize, bound: i64) -> bool {
        let mut waiting = VecDeque::from([(index, bound)]);
        while let Some((index, bound)) = waiting.pop_front() {
            if self.high[index] > bound {
                if bound < self.low[index] {
                    return false;
                }
                self.undo.push((index, self.low[index], self.high[index]));
                self.high[index] = bound;
                waiting.extend(self.older[index].iter().map(|older| (*older, bound - 1)));
            }
        }
        true
    }

    /// From the newest down, each as near to its preferred place as those above it allow.
    fn place(&self, places: &[Place]) -> Vec<i64> {
        let mut above: Vec<usize> = self.newer.iter().map(Vec::len).collect();
        let mut ceiling: Vec<i64> = self.high.clone();
        let mut seconds: Vec<i64> = places.iter().map(|place| place.preferred).collect();
        let mut ready: VecDeque<usize> = (0..places.len())
            .filter(|index| above[*index] == 0)
            .collect();
        while let Some(index) = ready.pop_front() {
            // The lower bound leaves room for all that are older, so it is never above the ceiling.
            seconds[index] = seconds[index].min(ceiling[index]).max(self.low[index]);
            for &older in &self.older[index] {
                ceiling[older] = ceiling[older].min(seconds[index] - 1);
                above[older] -= 1;
                if above[older] == 0 {
                    ready.push_back(older);
                }
            }
        }
        seconds
    }
}
