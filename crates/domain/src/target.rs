//! Where the magazine may deliver to: which addresses on the network a webhook or a subscriber may name.
//!
//! Whoever may name an address has the server ask there, from where the server stands. So it must not be one
//! that only the server reaches: nothing on its own machine, on its own network, or on no network at all. The
//! same rules are asked twice: when an address is named, for what its form tells; and at each connection, for what its
//! host's name leads to then.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use url::{Host, Url};

/// The most characters that an address may have.
pub const LONGEST_TARGET: usize = 2_048;

/// What is not reached through the Internet, of IPv4: the IANA IPv4 Special-Purpose Address Registry (RFC 6890), and
/// multicast (RFC 5771).
const CLOSED_IPV4: [(Ipv4Net, &str); 17] = [
    (v4(0, 0, 0, 0, 8), "this network"),
    (v4(10, 0, 0, 0, 8), "private"),
    (v4(100, 64, 0, 0, 10), "shared by a carrier"),
    (v4(127, 0, 0, 0, 8), "loopback"),
    (v4(169, 254, 0, 0, 16), "link-local"),
    (v4(172, 16, 0, 0, 12), "private"),
    (v4(192, 0, 0, 0, 24), "reserved for protocols"),
    (v4(192, 0, 2, 0, 24), "for documentation"),
    (v4(192, 31, 196, 0, 24), "reserved for AS112"),
    (v4(192, 52, 193, 0, 24), "reserved for AMT"),
    (v4(192, 88, 99, 0, 24), "a former 6to4 relay"),
    (v4(192, 168, 0, 0, 16), "private"),
    (v4(192, 175, 48, 0, 24), "reserved for AS112"),
    (v4(198, 18, 0, 0, 15), "for benchmarks"),
    (v4(198, 51, 100, 0, 24), "for documentation"),
    (v4(203, 0, 113, 0, 24), "for documentation"),
    (v4(224, 0, 0, 0, 3), "multicast or reserved"),
];

/// What of IPv6 is given out for the Internet at all (RFC 4291, section 2.4): nothing else is reached there.
const GLOBAL_IPV6: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// What of that is not reached through it after all: the IANA IPv6 Special-Purpose Address Registry (RFC 6890). What
/// carries an IPv4 address - 6to4, Teredo, addresses of a translator - leads wherever that does, so it is closed whole.
const CLOSED_IPV6: [(Ipv6Net, &str); 6] = [
    (
        v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23),
        "reserved for protocols",
    ),
    (
        v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32),
        "for documentation",
    ),
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), "6to4"),
    (
        v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48),
        "reserved for AS112",
    ),
    (
        v6([0x3ffe, 0, 0, 0, 0, 0, 0, 0], 16),
        "of a former test network",
    ),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "for documentation"),
];

/// What of IPv6 has a name of its own among what is not reached through the Internet.
const NAMED_IPV6: [(Ipv6Net, &str); 8] = [
    (
        v6([0, 0, 0, 0, 0, 0xffff, 0, 0], 96),
        "an IPv4 address in other words",
    ),
    (
        v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96),
        "an IPv4 address in other words",
    ),
    (
        v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48),
        "an IPv4 address in other words",
    ),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), "loopback"),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "private"),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "link-local"),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), "private"),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "multicast"),
];

/// A range of IPv4. The length is one of the table's own, at most 32.
const fn v4(a: u8, b: u8, c: u8, d: u8, length: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), length)
}

/// A range of IPv6. The length is one of the table's own, at most 128.
const fn v6(s: [u16; 8], length: u8) -> Ipv6Net {
    let address = Ipv6Addr::new(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
    Ipv6Net::new_assert(address, length)
}

/// Why nothing is delivered to an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It cannot be read.
    #[error("this is no address ({0}): write one such as 'https://partner.example/hooks/masthead'")]
    Malformed(url::ParseError),
    /// Longer than [`LONGEST_TARGET`].
    #[error("the address is longer than {LONGEST_TARGET} characters: use a shorter one")]
    TooLong,
    /// Not encrypted, or no address of the web at all.
    #[error("the address begins with '{0}:': write one that begins with 'https://'")]
    Scheme(String),
    /// A user or a password in it: it would be shown in lists.
    #[error(
        "a user or a password in the address would be shown: take it out; the signature says who is sending"
    )]
    Credentials,
    /// A fragment, which is never sent.
    #[error("what stands after '#' is never sent: take it out")]
    Fragment,
    /// The host is an address, or a name for one, to which nothing is delivered. What kind of one it is.
    #[error("the host is not on the Internet ({0}): name one that everyone reaches")]
    Closed(&'static str),
}

/// Where deliveries may go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetPolicy {
    /// Whether deliveries may go unencrypted.
    pub plain_http: bool,
    /// Networks to which they may go although they are not on the Internet.
    pub open_networks: Vec<IpNet>,
}

impl TargetPolicy {
    /// Reads an address and checks what its form tells.
    ///
    /// # Errors
    /// When nothing may be delivered there.
    pub fn parse(&self, text: &str) -> Result<Url, TargetError> {
        let text = text.trim();
        if text.chars().count() > LONGEST_TARGET {
            return Err(TargetError::TooLong);
        }
        let url = Url::parse(text).map_err(TargetError::Malformed)?;
        self.check(&url)?;
        Ok(url)
    }

    /// Checks what the form of an address tells. What the host's name leads to is found out at each connection, and
    /// asked of [`TargetPolicy::admits`].
    ///
    /// # Errors
    /// When nothing may be delivered there.
    pub fn check(&self, url: &Url) -> Result<(), TargetError> {
        match url.scheme() {
            "https" => {}
            "http" if self.plain_http => {}
            other => return Err(TargetError::Scheme(other.to_owned())),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(TargetError::Credentials);
        }
        if url.fragment().is_some() {
            return Err(TargetError::Fragment);
        }
        match url.host() {
            Some(Host::Ipv4(address)) => self.admits(address.into()),
            Some(Host::Ipv6(address)) => self.admits(address.into()),
            // What a resolver has to answer with loopback (RFC 6761, section 6.3).
            Some(Host::Domain(name)) if is_local_host(name) => {
                self.admits(Ipv4Addr::LOCALHOST.into())
            }
            Some(Host::Domain(_)) => Ok(()),
            None => Err(TargetError::Malformed(url::ParseError::EmptyHost)),
        }
    }

    /// Whether deliveries may go to this address on the network.
    ///
    /// # Errors
    /// When they may not.
    pub fn admits(&self, address: IpAddr) -> Result<(), TargetError> {
        // A connection to an IPv4 address in IPv6 (RFC 4291, section 2.5.5.2) is one to that address.
        let meant = address.to_canonical();
        let is_open = self
            .open_networks
            .iter()
            .any(|network| network.contains(&meant) || network.contains(&address));
        match kind_of_closed(address) {
            Some(kind) if !is_open => Err(TargetError::Closed(kind)),
            _ => Ok(()),
        }
    }
}

fn is_local_host(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.rsplit('.').next() == Some("localhost")
}

/// What kind of address it is that is not reached through the Internet; none for any other.
fn kind_of_closed(address: IpAddr) -> Option<&'static str> {
    match address {
        IpAddr::V4(address) => CLOSED_IPV4
            .iter()
            .find(|(range, _)| range.contains(&address))
            .map(|(_, kind)| *kind),
        IpAddr::V6(address) if GLOBAL_IPV6.contains(&address) => CLOSED_IPV6
            .iter()
            .find(|(range, _)| range.contains(&address))
            .map(|(_, kind)| *kind),
        IpAddr::V6(address) => NAMED_IPV6
            .iter()
            .find(|(range, _)| range.contains(&address))
            .map(|(_, kind)| *kind)
            .or(Some("given to nobody")),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]
    use super::*;

    fn open(networks: &[&str]) -> TargetPolicy {
        TargetPolicy {
            plain_http: true,
            open_networks: networks.iter().map(|text| text.parse().unwrap()).collect(),
        }
    }

    #[test]
    fn what_is_on_the_internet_is_admitted() {
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.1",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2606:4700:4700::1111",
            "2a00:1450:4001::1",
            "2620:4f:8001::1",
        ] {
            assert_eq!(
                TargetPolicy::default().admits(address.parse().unwrap()),
                Ok(()),
                "{address}"
            );
        }
    }

    #[test]
    fn what_is_not_on_the_internet_is_refused() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.31.196.1",
            "192.52.193.1",
            "192.88.99.1",
            "192.168.1.1",
            "192.175.48.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b::8.8.8.8",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:2::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "2620:4f:8000::1",
            "3ffe::1",
            "3fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
        ] {
            let refused = TargetPolicy::default().admits(address.parse().unwrap());
            assert!(
                matches!(refused, Err(TargetError::Closed(_))),
                "{address}: {refused:?}"
            );
        }
    }

    #[test]
    fn what_the_operator_opens_is_admitted_and_nothing_beside() {
        let policy = open(&["10.1.0.0/16", "::1/128"]);
        for (address, admitted) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("10.2.0.1", false),
            ("::1", true),
            ("127.0.0.1", false),
            ("64:ff9b::a01:203", false),
        ] {
            let answer = policy.admits(address.parse().unwrap());
            assert_eq!(answer.is_ok(), admitted, "{address}");
        }
        let everything = open(&["0.0.0.0/0", "::/0"]);
        for address in ["127.0.0.1", "fe80::1", "255.255.255.255"] {
            assert_eq!(everything.admits(address.parse().unwrap()), Ok(()));
        }
    }

    #[test]
    fn the_form_of_an_address_is_checked() {
        let closed = |kind| Err(TargetError::Closed(kind));
        let strict = TargetPolicy::default();
        for (text, expected) in [
            ("https://partner.example/hook?a=b", Ok(())),
            ("https://8.8.8.8:8443/", Ok(())),
            (
                "http://partner.example/",
                Err(TargetError::Scheme("http".to_owned())),
            ),
            (
                "ftp://partner.example/",
                Err(TargetError::Scheme("ftp".to_owned())),
            ),
            ("https://me@partner.example/", Err(TargetError::Credentials)),
            (
                "https://:secret@partner.example/",
                Err(TargetError::Credentials),
            ),
            ("https://partner.example/#part", Err(TargetError::Fragment)),
            ("https://127.0.0.1/", closed("loopback")),
            // Every way in which browsers let an IPv4 address be written.
            ("https://2130706433/", closed("loopback")),
            ("https://0x7f.1/", closed("loopback")),
            ("https://0177.0.0.1/", closed("loopback")),
            ("https://１２７.0.0.1/", closed("loopback")),
            ("https://169.254.169.254/latest/", closed("link-local")),
            ("https://[::1]/", closed("loopback")),
            (
                "https://[::ffff:169.254.169.254]/",
                closed("an IPv4 address in other words"),
            ),
            ("https://localhost/", closed("loopback")),
            ("https://LOCALHOST./", closed("loopback")),
            ("https://a.localhost:8443/", closed("loopback")),
            ("https://localhost.example/", Ok(())),
        ] {
            assert_eq!(strict.parse(text).map(|_| ()), expected, "{text}");
        }
        assert!(matches!(
            strict.parse("partner.example"),
            Err(TargetError::Malformed(_))
        ));
        assert!(matches!(
            strict.parse("https://"),
            Err(TargetError::Malformed(_))
        ));
        let long = format!("https://partner.example/{}", "a".repeat(LONGEST_TARGET));
        assert_eq!(strict.parse(&long), Err(TargetError::TooLong));
        let loopback = open(&["127.0.0.0/8"]);
        assert!(loopback.parse("http://localhost:8080/").is_ok());
        assert!(loopback.parse("http://127.0.0.1:8080/").is_ok());
    }
}
