//! When a page was captured: bounded by what it prints.

use chrono::{DateTime, Duration, NaiveDate, NaiveDateTime, NaiveTime, TimeZone as _, Utc};
use chrono_tz::Tz;

use super::Warning;
use super::printed_time::{Age, AgeUnit, PrintedTime};

/// A span of whole seconds, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) earliest: DateTime<Utc>,
    pub(super) latest: DateTime<Utc>,
}

impl Span {
    /// What both hold, if there is any.
    pub(super) fn intersection(self, other: Self) -> Option<Self> {
        let span = Self {
            earliest: self.earliest.max(other.earliest),
            latest: self.latest.min(other.latest),
        };
        (span.earliest <= span.latest).then_some(span)
    }

    pub(super) fn contains(self, instant: DateTime<Utc>) -> bool {
        (self.earliest..=self.latest).contains(&instant)
    }

    pub(super) fn middle(self) -> DateTime<Utc> {
        plus(
            self.earliest,
            Duration::seconds((self.latest - self.earliest).num_seconds() / 2),
        )
    }

    pub(super) fn width(self) -> Duration {
        self.latest - self.earliest
    }
}

/// One second: ends are included, so a span that ends before an instant ends a second before it.
fn second() -> Duration {
    Duration::seconds(1)
}

/// The instant a duration later; the last there is where that is out of range.
pub(super) fn plus(instant: DateTime<Utc>, duration: Duration) -> DateTime<Utc> {
    instant
        .checked_add_signed(duration)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The instant a duration earlier; the first there is where that is out of range.
pub(super) fn minus(instant: DateTime<Utc>, duration: Duration) -> DateTime<Utc> {
    instant
        .checked_sub_signed(duration)
        .unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// The instant of a local time. Of a time that occurs twice, when clocks are set back, the first; of
/// one that does not occur, when they are set forward, the first after it.
pub(super) fn instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    (0..=96)
        .filter_map(|quarters| local.checked_add_signed(Duration::minutes(15 * quarters)))
        .find_map(|local| zone.from_local_datetime(&local).earliest())
        .map_or_else(
            || Utc.from_utc_datetime(&local),
            |instant| instant.with_timezone(&Utc),
        )
}

/// A local day.
pub(super) fn day(zone: Tz, date: NaiveDate) -> Span {
    let start = |date: NaiveDate| instant(zone, date.and_time(NaiveTime::MIN));
    Span {
        earliest: start(date),
        latest: date.succ_opt().map_or(DateTime::<Utc>::MAX_UTC, |next| {
            minus(start(next), second())
        }),
    }
}

/// When an article of some age appeared, the page being captured within a span.
pub(super) fn span_of_age(zone: Tz, capture: Span, age: Age) -> Span {
    if age.unit == AgeUnit::CalendarDay {
        let local = |instant: DateTime<Utc>| instant.with_timezone(&zone).date_naive();
        let date = local(capture.earliest);
        if date == local(capture.latest)
            && let Some(date) = date.checked_sub_signed(age.amount)
        {
            return day(zone, date);
        }
    }
    Span {
        earliest: plus(minus(capture.earliest, age.most()), second()),
        latest: minus(capture.latest, age.least()),
    }
}

/// When the page was captured, an article of some age having appeared within a span.
pub(super) fn capture_of_age(appeared: Span, age: Age) -> Span {
    Span {
        earliest: plus(appeared.earliest, age.least()),
        latest: minus(plus(appeared.latest, age.most()), second()),
    }
}

/// When something with a printed day or minute appeared; none where only an age is printed.
pub(super) fn span_of_date(zone: Tz, printed: PrintedTime) -> Option<Span> {
    match printed {
        PrintedTime::Minute(local) => {
            let instant = instant(zone, local);
            Some(Span {
                earliest: instant,
                latest: instant,
            })
        }
        PrintedTime::Day(date) => Some(day(zone, date)),
        PrintedTime::Age(_) => None,
    }
}

/// What is known of the capture before ages are looked at.
pub(super) struct Known {
    pub(super) span: Span,
    /// Whether the very second was given.
    pub(super) exact: bool,
}

/// Bounds the capture by what was given (`captured_at`), the first line's date, and the printed
/// times, none of which it precedes. Where they contradict one another printed times win; the present
/// is never passed.
pub(super) fn known(
    zone: Tz,
    captured_on: Option<NaiveDate>,
    captured_at: Option<DateTime<Utc>>,
    printed: &[PrintedTime],
    now: DateTime<Utc>,
    warnings: &mut Vec<Warning>,
) -> Known {
    let mut warn = |text: String| warnings.push(Warning { line: 1, text });
    let local = |instant: DateTime<Utc>| {
        instant
            .with_timezone(&zone)
            .format("%Y-%m-%d %H:%M %:z")
            .to_string()
    };
    let floor = printed
        .iter()
        .filter_map(|time| span_of_date(zone, *time))
        .map(|span| span.earliest)
        .max();
    if let Some(floor) = floor
        && floor > now
    {
        warn(format!(
            "the page prints a time to come, {}; the clock or the time zone may be wrong",
            local(floor)
        ));
        return Known {
            span: Span {
                earliest: now,
                latest: now,
            },
            exact: false,
        };
    }
    if let Some(at) = captured_at {
        let at = at.min(now);
        if floor.is_some_and(|floor| at < floor) {
            warn(format!(
                "the given time of the capture, {}, is before a time that the page prints; it was not used",
                local(at)
            ));
        } else {
            if captured_on.is_some_and(|date| date != at.with_timezone(&zone).date_naive()) {
                warn(format!(
                    "the first line gives another day than the given time of the capture, {}",
                    local(at)
                ));
            }
            return Known {
                span: Span {
                    earliest: at,
                    latest: at,
                },
                exact: true,
            };
        }
    }
    let past = Span {
        earliest: floor.unwrap_or(DateTime::<Utc>::MIN_UTC),
        latest: now,
    };
    let on = captured_on.map(|date| (date, day(zone, date).intersection(past)));
    match on {
        Some((_, Some(span))) => return Known { span, exact: false },
        Some((date, None)) => {
            warn(format!(
                "the first line's date, {date}, does not fit the times that the page prints; it was not used"
            ));
        }
        None => {}
    }
    if floor.is_some() {
        return Known {
            span: past,
            exact: false,
        };
    }
    warn("nothing says when the page was captured; its ages were counted from now".to_owned());
    Known {
        span: Span {
            earliest: now,
            latest: now,
        },
        exact: false,
    }
}
