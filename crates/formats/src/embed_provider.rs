//! The sites whose players and posts are kept as embeds.

use masthead_domain::body::Embed;
use masthead_domain::web_url::WebUrl;
use url::Url;

/// The embed of a film, post or recording by its own page's address.
pub(crate) fn of_page(url: &WebUrl) -> Option<Embed> {
    let parsed = Url::parse(url.as_str()).ok()?;
    let provider = provider(parsed.host_str()?)?;
    // A site's front page is none of these.
    (parsed.path() != "/").then(|| Embed {
        url: url.clone(),
        provider: Some(provider.to_owned()),
    })
}

/// The embed of what a player in a frame shows, by the address of its own page where that can be
/// told from the player's: it is what a reader can open and what an app's own player asks for.
pub(crate) fn of_player(url: &WebUrl) -> Option<Embed> {
    let parsed = Url::parse(url.as_str()).ok()?;
    let provider = provider(parsed.host_str()?)?;
    let query = |name: &str| {
        parsed
            .query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    let segments: Vec<&str> = parsed.path_segments()?.collect();
    let page = match (provider, segments.as_slice()) {
        ("YouTube", ["embed", "videoseries"]) => {
            query("list").map(|list| format!("https://www.youtube.com/playlist?list={list}"))
        }
        ("YouTube", ["embed" | "v", id, ..]) => {
            Some(format!("https://www.youtube.com/watch?v={id}"))
        }
        ("Vimeo", ["video", id, ..]) => Some(format!("https://vimeo.com/{id}")),
        ("Facebook", ["plugins", ..]) => query("href"),
        ("SoundCloud", ["player", ..]) => query("url"),
        ("X", ["embed", "Tweet.html"]) => {
            query("id").map(|id| format!("https://x.com/i/status/{id}"))
        }
        _ => None,
    };
    let page = page
        .and_then(|page| WebUrl::parse(&page).ok())
        .unwrap_or_else(|| url.clone());
    Some(Embed {
        url: page,
        provider: Some(provider.to_owned()),
    })
}

fn provider(host: &str) -> Option<&'static str> {
    let host = [
        "www.",
        "m.",
        "mobile.",
        "web.",
        "player.",
        "platform.",
        "w.",
        "api.",
    ]
    .iter()
    .find_map(|prefix| host.strip_prefix(prefix))
    .unwrap_or(host);
    match host {
        "youtube.com" | "youtube-nocookie.com" | "youtu.be" => Some("YouTube"),
        "vimeo.com" => Some("Vimeo"),
        "x.com" | "twitter.com" => Some("X"),
        "facebook.com" | "fb.watch" => Some("Facebook"),
        "soundcloud.com" => Some("SoundCloud"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn a_player_is_known_by_the_page_it_shows() {
        for (player, page, provider) in [
            (
                "//www.youtube.com/embed/abc?rel=0",
                "https://www.youtube.com/watch?v=abc",
                "YouTube",
            ),
            (
                "https://www.youtube-nocookie.com/embed/abc",
                "https://www.youtube.com/watch?v=abc",
                "YouTube",
            ),
            (
                "https://www.youtube.com/embed/videoseries?list=PL1",
                "https://www.youtube.com/playlist?list=PL1",
                "YouTube",
            ),
            (
                "https://player.vimeo.com/video/7?h=1",
                "https://vimeo.com/7",
                "Vimeo",
            ),
            (
                "https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fa%2Fvideos%2F1",
                "https://www.facebook.com/a/videos/1",
                "Facebook",
            ),
            (
                "https://w.soundcloud.com/player/?url=https%3A//soundcloud.com/a/b",
                "https://soundcloud.com/a/b",
                "SoundCloud",
            ),
            (
                "https://platform.twitter.com/embed/Tweet.html?id=9",
                "https://x.com/i/status/9",
                "X",
            ),
            // A target that may not be kept: the player's own address stays.
            (
                "https://www.facebook.com/plugins/post.php?href=javascript:alert(1)",
                "https://www.facebook.com/plugins/post.php?href=javascript:alert(1)",
                "Facebook",
            ),
        ] {
            let embed = of_player(&WebUrl::parse(player).unwrap()).unwrap();
            assert_eq!(embed.url.as_str(), page);
            assert_eq!(embed.provider.as_deref(), Some(provider));
        }
        for other in [
            "https://example.org/embed/abc",
            "https://notyoutube.com/embed/a",
            "https://youtube.com.evil.example/embed/a",
        ] {
            assert_eq!(of_player(&WebUrl::parse(other).unwrap()), None);
        }
        assert_eq!(of_page(&WebUrl::parse("https://x.com/").unwrap()), None);
    }
}
