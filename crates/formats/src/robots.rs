//! `robots.txt` (RFC 9309).

/// Writes one that lets every crawler read everything, tells where the sitemaps are (sitemaps.org), and under which licence
/// what is read may be used (RSL 1.0, Really Simple Licensing: the line `License`).
pub fn write<'a>(sitemaps: impl IntoIterator<Item = &'a str>, license: Option<&str>) -> String {
    let mut text = "User-agent: *\nDisallow:\n\n".to_owned();
    let mut line = |name: &str, address: &str| {
        // An address has no line's end in it; whatever has is none.
        if !address.contains(char::is_control) {
            text.extend([name, ": ", address, "\n"]);
        }
    };
    if let Some(license) = license {
        line("License", license);
    }
    for sitemap in sitemaps {
        line("Sitemap", sitemap);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn sitemaps_and_the_licence_are_named() {
        let sitemap = "https://magazine.example/sitemap.xml";
        assert_eq!(
            write([sitemap], None),
            "User-agent: *\nDisallow:\n\nSitemap: https://magazine.example/sitemap.xml\n"
        );
        assert_eq!(
            write(
                [sitemap, "https://magazine.example/a\nDisallow: /"],
                Some("https://magazine.example/license.xml")
            ),
            "User-agent: *\nDisallow:\n\nLicense: https://magazine.example/license.xml\nSitemap: https://magazine.example/sitemap.xml\n"
        );
    }
}
