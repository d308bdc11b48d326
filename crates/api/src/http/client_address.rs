//! Which address a request comes from: the connection's, or the one that a proxy in front tells of.
//!
//! Anyone can send the header fields by which proxies tell of addresses, so they are believed only as far as a chain of
//! configured proxies reaches: from the connection backwards, up to the first address that is no proxy of ours.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header::FORWARDED};
use ipnet::IpNet;
use thiserror::Error;

use super::HttpSettings;

/// The address at the other end of the connection that a request came on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) SocketAddr);

/// A setting of proxies is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProxyError {
    /// Not an address nor a network.
    #[error(
        "trusted_proxies: {0:?} is no address and no network. Write one such as 10.0.0.7, 10.0.0.0/8 or fd00::/8."
    )]
    NotANetwork(String),
    /// Not a header's name.
    #[error(
        "client_address_header: {0:?} is not the name of a header. Write the one that your proxy sets, such as \
         X-Forwarded-For or Forwarded."
    )]
    NotAHeader(String),
}

/// The proxies whose word is taken, and the header field that they give it in.
#[derive(Clone, Debug)]
pub(crate) struct Proxies {
    trusted: Vec<IpNet>,
    header: HeaderName,
}

impl Proxies {
    /// Those of the settings.
    ///
    /// # Errors
    /// When an entry is none.
    pub(crate) fn new(settings: &HttpSettings) -> Result<Self, ProxyError> {
        let network = |text: &String| {
            let parsed = text.parse::<IpNet>();
            let parsed = parsed.or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
            parsed.map_err(|_| ProxyError::NotANetwork(text.clone()))
        };
        let trusted = settings.trusted_proxies.iter().map(network);
        let name = &settings.client_address_header;
        let header = HeaderName::from_bytes(name.as_bytes());
        Ok(Self {
            trusted: trusted.collect::<Result<_, _>>()?,
            header: header.map_err(|_| ProxyError::NotAHeader(name.clone()))?,
        })
    }

    /// Where a request comes from that came from this peer with these headers.
    ///
    /// Where everyone in the chain is a trusted proxy, it is the first; where one of them does not tell an address,
    /// the proxy that passed that on.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        if !self.trusts(client) {
            return client;
        }
        for hop in self.hops(headers).into_iter().rev() {
            let Some(hop) = hop else { return client };
            client = hop.to_canonical();
            if !self.trusts(client) {
                return client;
            }
        }
        client
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted
            .iter()
            .any(|network| network.contains(&address))
    }

    /// The addresses that the header tells of, the client's first; none for one that is not told. Several fields of
    /// one name are one list (RFC 9110, section 5.3): a proxy may add one of its own below what a client made up.
    fn hops(&self, headers: &HeaderMap) -> Vec<Option<IpAddr>> {
        let mut hops = Vec::new();
        for value in headers.get_all(&self.header) {
            let Ok(value) = value.to_str() else {
                hops.push(None);
                continue;
            };
            if self.header == FORWARDED {
                hops.extend(rfc7239::parse(value).map(|hop| {
                    let node = hop.ok()?.forwarded_for?;
                    node.ip().copied()
                }));
            } else {
                hops.extend(value.split(',').map(address));
            }
        }
        hops
    }
}

/// An entry of `X-Forwarded-For`: an address, by some proxies with a port behind it.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    text.parse().ok().or_else(with_port)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{HttpSettings, Proxies, ProxyError};

    fn proxies(trusted: &[&str], header: &str) -> Result<Proxies, ProxyError> {
        Proxies::new(&HttpSettings {
            trusted_proxies: trusted.iter().map(|&text| text.to_owned()).collect(),
            client_address_header: header.to_owned(),
            ..HttpSettings::default()
        })
    }

    fn client(proxies: &Proxies, peer: &str, fields: &[(&'static str, &str)]) -> String {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        proxies.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn nobody_is_believed_who_is_not_configured() {
        let none = proxies(&[], "X-Forwarded-For").unwrap();
        let told = [("x-forwarded-for", "198.51.100.1")];
        assert_eq!(client(&none, "192.0.2.1", &told), "192.0.2.1");
        let one = proxies(&["10.0.0.0/8"], "X-Forwarded-For").unwrap();
        assert_eq!(client(&one, "192.0.2.1", &told), "192.0.2.1");
        assert_eq!(client(&one, "10.0.0.7", &told), "198.51.100.1");
        assert_eq!(client(&one, "10.0.0.7", &[]), "10.0.0.7");
        let other = [
            ("forwarded", "for=198.51.100.1"),
            ("x-real-ip", "198.51.100.2"),
        ];
        assert_eq!(
            client(&one, "10.0.0.7", &other),
            "10.0.0.7",
            "another header"
        );
    }

    #[test]
    fn what_a_client_made_up_is_before_what_its_proxy_saw() {
        let two = proxies(&["10.0.0.0/8", "203.0.113.9"], "X-Forwarded-For").unwrap();
        let client = |fields: &[(&'static str, &str)]| client(&two, "10.0.0.7", fields);
        let chain = "1.1.1.1, 198.51.100.1, 203.0.113.9";
        assert_eq!(client(&[("x-forwarded-for", chain)]), "198.51.100.1");
        let lines = [
            ("x-forwarded-for", "1.1.1.1"),
            ("x-forwarded-for", "198.51.100.1"),
        ];
        assert_eq!(client(&lines), "198.51.100.1");
        let unknown = [("x-forwarded-for", "1.1.1.1, unknown, 203.0.113.9")];
        assert_eq!(client(&unknown), "203.0.113.9");
        let ours = [("x-forwarded-for", "10.0.0.1, 10.0.0.2")];
        assert_eq!(client(&ours), "10.0.0.1");
        let port = [("x-forwarded-for", "198.51.100.1:4711")];
        assert_eq!(client(&port), "198.51.100.1");
    }

    #[test]
    fn forwarded_is_read_as_its_standard_says() {
        let one = proxies(&["127.0.0.1", "::1"], "Forwarded").unwrap();
        let client = |value| client(&one, "::ffff:127.0.0.1", &[("forwarded", value)]);
        assert_eq!(
            client("for=192.0.2.43, for=198.51.100.17;proto=https"),
            "198.51.100.17"
        );
        assert_eq!(
            client("For=\"[2001:db8:cafe::17]:4711\""),
            "2001:db8:cafe::17"
        );
        assert_eq!(client("for=192.0.2.43, for=_hidden"), "127.0.0.1");
        assert_eq!(client("by=1"), "127.0.0.1");
    }

    #[test]
    fn a_wrong_setting_is_named() {
        let wrong = proxies(&["10.0.0.0/8", "10.0.0.0/64"], "Forwarded").unwrap_err();
        assert_eq!(wrong, ProxyError::NotANetwork("10.0.0.0/64".to_owned()));
        let wrong = proxies(&[], "X Forwarded").unwrap_err();
        assert!(wrong.to_string().contains("\"X Forwarded\""), "{wrong}");
    }
}
