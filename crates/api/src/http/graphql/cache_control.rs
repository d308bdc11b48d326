//! For how long caches between server and client may keep an answer, by what it read.
//!
//! A browser asks again each time, and mostly hears that nothing has changed (304). What is shared by many
//! keeps an answer for the shortest of the times of what it read, and may go on with it for a while as it
//! fetches the next (RFC 5861): how old that may be is the operator's to say, and the purge hook makes it short.

use http::HeaderValue;

use super::super::CdnSettings;
use crate::cache::{Dependencies, Kind};

/// `Cache-Control` of an answer (RFC 9111, section 5.2.2).
pub(crate) fn of(
    dependencies: &Dependencies,
    is_personal: bool,
    settings: &CdnSettings,
) -> HeaderValue {
    if is_personal {
        return HeaderValue::from_static("private, no-cache");
    }
    let seconds = shared_seconds(dependencies, settings);
    let value = format!(
        "public, max-age=0, s-maxage={seconds}, stale-while-revalidate={}",
        settings.stale_while_revalidate_seconds
    );
    HeaderValue::from_str(&value).unwrap_or_else(|_| HeaderValue::from_static("no-cache"))
}

fn shared_seconds(dependencies: &Dependencies, settings: &CdnSettings) -> u64 {
    if dependencies.are_everything() {
        return settings.changes_seconds;
    }
    let has_list = !dependencies.lists().is_empty()
        || !dependencies.missed_slugs().is_empty()
        || dependencies.kinds().any(|kind| kind == Kind::Article);
    let has_article = dependencies
        .nodes()
        .iter()
        .any(|node| matches!(node, masthead_domain::node_id::NodeId::Article(_)));
    [
        (has_list, settings.lists_seconds),
        (has_article, settings.articles_seconds),
    ]
    .into_iter()
    .filter_map(|(is_there, seconds)| is_there.then_some(seconds))
    .chain([settings.other_seconds])
    .min()
    .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use masthead_domain::{identifier::ArticleId, node_id::NodeId};

    use super::*;

    fn value(note: impl FnOnce(&mut Dependencies)) -> String {
        let mut dependencies = Dependencies::default();
        note(&mut dependencies);
        let value = of(&dependencies, false, &CdnSettings::default());
        value.to_str().unwrap_or_default().to_owned()
    }

    #[test]
    fn the_shortest_time_of_what_was_read_counts() {
        let article = NodeId::Article(ArticleId::from_number(1));
        assert!(value(|_| {}).contains("s-maxage=300"));
        assert!(value(|noted| noted.node(NodeId::Publication)).contains("s-maxage=300"));
        assert!(value(|noted| noted.node(article)).contains("s-maxage=60"));
        assert!(value(|noted| noted.missed_slug("none")).contains("s-maxage=10"));
        assert!(value(Dependencies::everything).contains("s-maxage=1,"));
    }

    #[test]
    fn what_came_with_a_token_is_for_whoever_asked_alone() {
        let value = of(&Dependencies::default(), true, &CdnSettings::default());
        assert_eq!(value, "private, no-cache");
    }
}
