//! Addresses as formats of the older kind want them.

use std::borrow::Cow;

/// A web address as a URI (RFC 3986).
///
/// An address that the URL Standard takes may hold characters that no URI may: `|`, `[`, a percent sign that begins no
/// octet. Browsers take either, validators only the URI. They are written as octets; nothing else is changed.
pub fn uri(address: &str) -> Cow<'_, str> {
    // Brackets stand around an IPv6 address, and nowhere else.
    let authority = address.find("://").map_or(0, |at| at + 3);
    let end = address[authority..]
        .find(['/', '?', '#'])
        .map_or(address.len(), |at| authority + at);
    let bytes = address.as_bytes();
    let stays = |place: usize, byte: u8| match byte {
        b'%' => {
            matches!(bytes.get(place + 1..place + 3), Some(octet) if octet.iter().all(u8::is_ascii_hexdigit))
        }
        b'[' | b']' => place < end,
        b'#' => !address[end..place].contains('#'),
        _ => byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=".contains(&byte),
    };
    if bytes
        .iter()
        .enumerate()
        .all(|(place, byte)| stays(place, *byte))
    {
        return Cow::Borrowed(address);
    }
    let mut written = String::with_capacity(address.len() + 8);
    for (place, byte) in bytes.iter().enumerate() {
        if stays(place, *byte) {
            written.push(char::from(*byte));
        } else {
            written.push('%');
            for half in [byte >> 4, byte & 0xF] {
                written.extend(
                    char::from_digit(half.into(), 16).map(|digit| digit.to_ascii_uppercase()),
                );
            }
        }
    }
    Cow::Owned(written)
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn what_no_uri_may_hold_is_written_as_octets() {
        for address in [
            "https://magazine.example/articles/a-river?a=%20b&c[0]=1#part".replace("[0]", "0"),
            "http://[::1]:8080/".to_owned(),
            "https://magazine.example".to_owned(),
            "urn:uuid:00000000-0000-8041-8015-5d3e91a7c42b".to_owned(),
        ] {
            assert_eq!(uri(&address), address);
        }
        for (address, written) in [
            (
                "https://magazine.example/a|b",
                "https://magazine.example/a%7Cb",
            ),
            (
                "https://magazine.example/?a[0]=1",
                "https://magazine.example/?a%5B0%5D=1",
            ),
            (
                "https://magazine.example/100%",
                "https://magazine.example/100%25",
            ),
            (
                "https://magazine.example/%zz",
                "https://magazine.example/%25zz",
            ),
            (
                "https://magazine.example/#a#b",
                "https://magazine.example/#a%23b",
            ),
            (
                "https://magazine.example/ज",
                "https://magazine.example/%E0%A4%9C",
            ),
        ] {
            assert_eq!(uri(address), written);
            assert_eq!(uri(written), written);
        }
    }
}
