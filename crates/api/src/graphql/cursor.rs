//! Cursors: a whole position, written down.
//!
//! A cursor holds everything that paging on from it needs, so the row that it was made from may be dated
//! anew, renamed or deleted. Cursors given out by a released version are read for ever.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use masthead_domain::{change::Stream, paging::Position};
use masthead_persistence::ChangePosition;

/// What a list is ordered by, as a cursor says it: one of another order is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Order {
    /// By time of publication, in either direction.
    Published,
    /// By time of the last change.
    Modified,
    /// By cover date.
    CoverDate,
    /// As an editor has put it.
    Chosen,
}

impl Order {
    const fn letter(self) -> u8 {
        match self {
            Self::Published => b'p',
            Self::Modified => b'm',
            Self::CoverDate => b'd',
            Self::Chosen => b'e',
        }
    }
}

/// The letter of a cursor that holds a slug.
const SLUG: u8 = b's';
/// The letter of a cursor in a list that repeats nothing of the lists above it.
const DISTINCT: u8 = b'x';

/// Writes a position down.
pub(crate) fn of_position(order: Order, position: Position) -> String {
    URL_SAFE_NO_PAD.encode(position_bytes(order.letter(), position))
}

/// Reads a position of a list in this order.
pub(crate) fn position(order: Order, cursor: &str) -> Option<Position> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    read_position(order.letter(), &bytes)
}

/// Writes down a position in a list that repeats nothing of what the lists above it show first, and how
/// many those are.
pub(crate) fn of_distinct(position: Position, shown: u16) -> String {
    let mut bytes = position_bytes(DISTINCT, position);
    bytes.extend(shown.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads what [`of_distinct`] wrote.
pub(crate) fn distinct(cursor: &str) -> Option<(Position, u16)> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (position, shown) = bytes.split_last_chunk::<2>()?;
    Some((
        read_position(DISTINCT, position)?,
        u16::from_be_bytes(*shown),
    ))
}

/// Writes a slug down.
pub(crate) fn of_slug(slug: &str) -> String {
    let mut bytes = vec![SLUG];
    bytes.extend(slug.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a slug.
pub(crate) fn slug(cursor: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let slug = bytes.strip_prefix(&[SLUG])?;
    String::from_utf8(slug.to_vec()).ok()
}

/// The letter of a cursor in the revisions of an article.
const REVISION: u8 = b'r';
/// The letter of a cursor in the change log, before that of its stream.
const CHANGE: u8 = b'c';

/// Writes a revision's number down.
pub(crate) fn of_revision(number: i32) -> String {
    let mut bytes = vec![REVISION];
    bytes.extend(number.to_be_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a revision's number.
pub(crate) fn revision(cursor: &str) -> Option<i32> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let number = bytes.strip_prefix(&[REVISION])?;
    Some(i32::from_be_bytes(number.try_into().ok()?))
}

const fn stream_letter(stream: Stream) -> u8 {
    match stream {
        Stream::Public => b'p',
        Stream::Embargo => b'e',
        Stream::Newsroom => b'n',
    }
}

/// Writes a place in the change log down.
pub(crate) fn of_change(position: ChangePosition) -> String {
    let mut bytes = vec![CHANGE, stream_letter(position.stream)];
    bytes.extend(position.number.to_be_bytes());
    if position.began_at > 0 {
        bytes.extend(position.began_at.to_be_bytes());
    }
    if let Some(sections) = position.sections {
        bytes.extend(sections.to_be_bytes());
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Reads a place in the change log.
pub(crate) fn change(cursor: &str) -> Option<ChangePosition> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (letter, rest) = bytes.strip_prefix(&[CHANGE])?.split_first()?;
    let stream = Stream::ALL
        .into_iter()
        .find(|stream| stream_letter(*stream) == *letter)?;
    let (number, rest) = rest.split_first_chunk::<8>()?;
    // Each part has a length of its own, by which it is told from the others.
    let (began_at, sections) = match rest.split_first_chunk::<8>() {
        Some((began_at, sections)) => (i64::from_be_bytes(*began_at), sections),
        None => (0, rest),
    };
    Some(ChangePosition {
        stream,
        number: i64::from_be_bytes(*number),
        began_at,
        sections: match sections {
            [] => None,
            sections => Some(u32::from_be_bytes(sections.try_into().ok()?)),
        },
    })
}

fn position_bytes(letter: u8, position: Position) -> Vec<u8> {
    let mut bytes = vec![letter];
    bytes.extend(position.value.to_be_bytes());
    bytes.extend(position.id.to_be_bytes());
    bytes
}

fn read_position(letter: u8, bytes: &[u8]) -> Option<Position> {
    let (value, id) = bytes.strip_prefix(&[letter])?.split_first_chunk::<8>()?;
    Some(Position {
        value: i64::from_be_bytes(*value),
        id: i64::from_be_bytes(id.try_into().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_given_out_once_are_read_for_ever() {
        let at = Position {
            value: 1_718_676_420_000,
            id: 42,
        };
        for order in [
            Order::Published,
            Order::Modified,
            Order::CoverDate,
            Order::Chosen,
        ] {
            assert_eq!(position(order, &of_position(order, at)), Some(at));
        }
        assert_eq!(
            position(Order::Published, "cAAAAZApGPWgAAAAAAAAACo"),
            Some(at)
        );
        assert_eq!(distinct(&of_distinct(at, 6)), Some((at, 6)));
        assert_eq!(slug(&of_slug("agencies")).as_deref(), Some("agencies"));
        assert_eq!(slug("c2FnZW5jaWVz").as_deref(), Some("agencies"));
        assert_eq!(revision("cgAAAAQ"), Some(4));
        assert_eq!(of_revision(4), "cgAAAAQ");
        for (stream, written, began_at, sections) in [
            (Stream::Public, "Y3AAAAAAAAAAKg", 0, None),
            (Stream::Embargo, "Y2UAAAAAAAAAKg", 0, None),
            (Stream::Newsroom, "Y24AAAAAAAAAKgAAAAAAAABj", 99, None),
            (Stream::Public, "Y3AAAAAAAAAAKgAAAAc", 0, Some(7)),
            (
                Stream::Public,
                "Y3AAAAAAAAAAKgAAAAAAAABjAAAABw",
                99,
                Some(7),
            ),
        ] {
            let position = ChangePosition {
                stream,
                number: 42,
                began_at,
                sections,
            };
            assert_eq!(of_change(position), written);
            assert_eq!(change(written), Some(position));
        }
    }

    #[test]
    fn what_is_no_cursor_of_a_list_is_none() {
        let at = Position { value: 1, id: 2 };
        assert_eq!(
            position(Order::Published, &of_position(Order::Modified, at)),
            None
        );
        assert_eq!(position(Order::Published, &of_distinct(at, 6)), None);
        for text in ["", "p", "cA", "not base64!", "cAAAAZApcIegAAAAAAAAACoA"] {
            assert_eq!(position(Order::Published, text), None, "{text}");
            assert_eq!(distinct(text), None, "{text}");
            assert_eq!(change(text), None, "{text}");
            assert_eq!(revision(text), None, "{text}");
        }
    }
}
