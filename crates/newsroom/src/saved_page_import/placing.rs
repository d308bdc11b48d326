//! Placing articles whose time a page leaves open, so that they keep the page's order.
//!
//! What is in store already stays where it is: only what comes new is placed, in seconds while there is
//! room, in smaller steps where there is little.

use chrono::{DateTime, Duration, Utc};

/// An article that is being placed: what is settled of its time, or what is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Where it stands, or would stand if nothing else stood around it.
    pub(super) instant: DateTime<Utc>,
    /// The first instant at which it may stand.
    pub(super) earliest: DateTime<Utc>,
    /// The instant before which it must stand.
    pub(super) latest: DateTime<Utc>,
    /// Whether it stays where it stands.
    pub(super) settled: bool,
}

/// Moves what is not settled so that of each pair the first is newer, as far as bounds and what is settled
/// allow. Pairs name places by their index.
pub(super) fn place(places: &mut [Place], newer_than: &[(usize, usize)]) {
    let mut open: Vec<usize> = (0..places.len())
        .filter(|index| places.get(*index).is_some_and(|place| !place.settled))
        .collect();
    open.sort_by_key(|index| places.get(*index).map(|place| place.instant));
    for index in open {
        let Some(place) = places.get(index).copied() else {
            continue;
        };
        let settled = |other: usize| {
            places
                .get(other)
                .filter(|other| other.settled)
                .map(|other| other.instant)
        };
        let above = newer_than
            .iter()
            .filter(|(newer, _)| *newer == index)
            .filter_map(|(_, older)| settled(*older))
            .max();
        let below = newer_than
            .iter()
            .filter(|(_, older)| *older == index)
            .filter_map(|(newer, _)| settled(*newer))
            .min();
        let instant = between(place, above, below).unwrap_or(place.instant);
        if let Some(place) = places.get_mut(index) {
            place.instant = instant;
            place.settled = true;
        }
    }
}

/// An instant above the one and below the other, as near as may be to where the place stands.
fn between(
    place: Place,
    above: Option<DateTime<Utc>>,
    below: Option<DateTime<Utc>>,
) -> Option<DateTime<Utc>> {
    let (second, millisecond) = (Duration::seconds(1), Duration::milliseconds(1));
    let lowest = above.map_or(place.earliest, |above| {
        (above + millisecond).max(place.earliest)
    });
    let highest = below.map_or(place.latest, |below| below.min(place.latest)) - millisecond;
    if lowest > highest {
        return None;
    }
    if (lowest..=highest).contains(&place.instant) {
        return Some(place.instant);
    }
    let step = match (above, below) {
        (Some(above), Some(below)) if below - above < second * 2 => (below - above) / 2,
        _ => second,
    };
    let wanted = if place.instant < lowest {
        above.map_or(lowest, |above| above + step)
    } else {
        below.map_or(highest, |below| below - step)
    };
    Some(wanted.clamp(lowest, highest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + Duration::seconds(second)
    }

    fn open(second: i64) -> Place {
        Place {
            instant: at(second),
            earliest: at(0),
            latest: at(86_400),
            settled: false,
        }
    }

    fn settled(second: i64) -> Place {
        Place {
            settled: true,
            ..open(second)
        }
    }

    #[test]
    fn what_comes_new_is_placed_around_what_is_there() {
        // The page shows 0 above 1 above 2; 1 is in store, and stands where a former page put it.
        let mut places = [open(100), settled(500), open(900)];
        place(&mut places, &[(0, 1), (1, 2)]);
        assert_eq!(
            places.map(|place| place.instant),
            [at(501), at(500), at(499)]
        );
    }

    #[test]
    fn where_there_is_little_room_steps_are_small() {
        let mut places = [settled(501), open(100), settled(500)];
        place(&mut places, &[(0, 1), (1, 2)]);
        let [_, middle, _] = places;
        assert_eq!(middle.instant, at(500) + Duration::milliseconds(500));
    }

    #[test]
    fn bounds_are_kept_and_what_cannot_be_is_left() {
        let mut places = [
            Place {
                latest: at(400),
                ..open(300)
            },
            settled(500),
        ];
        place(&mut places, &[(0, 1)]);
        let [first, _] = places;
        assert_eq!(first.instant, at(300));
    }
}
