//! `masthead publication`.

use std::process::ExitCode;

use chrono_tz::Tz;
use clap::{Args, ValueHint};
use masthead_domain::{
    clock::Clock,
    language::LanguageTag,
    publication::{ArticlePath, Publication},
};
use masthead_newsroom::publication::{
    PublicationChange, change_publication, parse_time_zone, parse_website, publication,
};
use serde::Serialize;
use url::Url;

use super::{open_migrated_database, print};
use crate::{configuration::Configuration, failure::Failure};

/// Set the magazine's own facts, and show them
///
/// What is given is set; then all is shown. An empty text takes publisher, editor or registration number away.
#[derive(Debug, Default, Args)]
#[command(after_long_help = "\
Examples:
  masthead publication
      Show all.
  masthead publication --title 'My Magazine' --url https://magazine.example --article-path '/news/{slug}'
      Its articles then have addresses such as https://magazine.example/news/a-headline.
  masthead publication --editor '' --json
      Take the editor's name away, and show all as JSON.")]
pub(super) struct PublicationCommand {
    /// Its title
    #[arg(long, value_parser = parse_title)]
    title: Option<String>,
    /// The address of its website
    #[arg(long, value_hint = ValueHint::Url, value_parser = parse_website)]
    url: Option<Url>,
    /// Where the website shows an article: a path with {slug} in it
    #[arg(long, value_name = "PATH", value_hint = ValueHint::Other)]
    article_path: Option<ArticlePath>,
    /// The time zone in which its days begin, by its IANA name
    #[arg(long, value_name = "NAME", value_parser = parse_time_zone)]
    time_zone: Option<Tz>,
    /// The language that it is written in, as BCP 47 writes it
    #[arg(long, value_name = "TAG", value_parser = LanguageTag::parse)]
    language: Option<LanguageTag>,
    /// Who publishes it
    #[arg(long, value_name = "NAME")]
    publisher: Option<String>,
    /// Who edits it
    #[arg(long, value_name = "NAME")]
    editor: Option<String>,
    /// The number under which it is registered with the authorities
    #[arg(long, value_name = "NUMBER")]
    registration_number: Option<String>,
    /// Show it as JSON, with the names of the GraphQL schema
    #[arg(long)]
    json: bool,
}

impl PublicationCommand {
    pub(super) async fn run(
        &self,
        configuration: &Configuration,
        clock: &Clock,
    ) -> Result<ExitCode, Failure> {
        let database = open_migrated_database(configuration).await?;
        let change = self.change();
        let publication = if change.is_empty() {
            publication(&database, clock).await?
        } else {
            change_publication(&database, clock, change).await?
        };
        database.close().await?;
        print(&if self.json {
            as_json(&publication)?
        } else {
            as_lines(&publication)
        })?;
        Ok(ExitCode::SUCCESS)
    }

    fn change(&self) -> PublicationChange {
        PublicationChange {
            title: self.title.clone(),
            url: self.url.clone(),
            article_path: self.article_path.clone(),
            time_zone: self.time_zone,
            language: self.language.clone(),
            publisher: self.publisher.clone(),
            editor: self.editor.clone(),
            registration_number: self.registration_number.clone(),
        }
    }
}

fn as_lines(publication: &Publication) -> String {
    let optional = |text: &Option<String>| text.clone().unwrap_or_default();
    let facts = [
        ("title", publication.title.clone()),
        ("url", publication.url.to_string()),
        ("article-path", publication.article_path.as_str().to_owned()),
        ("time-zone", publication.time_zone.name().to_owned()),
        ("language", publication.language.to_string()),
        ("publisher", optional(&publication.publisher)),
        ("editor", optional(&publication.editor)),
        (
            "registration-number",
            optional(&publication.registration_number),
        ),
    ];
    let lines = facts.map(|(key, value)| format!("{key}: {value}").trim_end().to_owned() + "\n");
    lines.concat()
}

fn as_json(publication: &Publication) -> Result<String, Failure> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Shown<'publication> {
        title: &'publication str,
        url: &'publication Url,
        article_path: &'publication str,
        time_zone: &'publication str,
        language: &'publication LanguageTag,
        publisher: Option<&'publication str>,
        editor: Option<&'publication str>,
        registration_number: Option<&'publication str>,
    }
    let shown = Shown {
        title: &publication.title,
        url: &publication.url,
        article_path: publication.article_path.as_str(),
        time_zone: publication.time_zone.name(),
        language: &publication.language,
        publisher: publication.publisher.as_deref(),
        editor: publication.editor.as_deref(),
        registration_number: publication.registration_number.as_deref(),
    };
    let json = serde_json::to_string_pretty(&shown).map_err(|error| {
        Failure::Failed(format!(
            "the publication cannot be written as JSON: {error}"
        ))
    })?;
    Ok(json + "\n")
}

/// Reads a title.
pub(super) fn parse_title(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("a magazine has a title: write one".to_owned()),
        title => Ok(title.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail by panicking")]

    use super::*;

    #[test]
    fn all_is_shown_as_lines_and_as_json() {
        let publication = Publication {
            title: "A Lantern".to_owned(),
            editor: Some("Asha Example".to_owned()),
            ..Publication::default()
        };
        assert_eq!(
            as_lines(&publication),
            "title: A Lantern\n\
             url: http://localhost:8080/\n\
             article-path: /articles/{slug}\n\
             time-zone: Asia/Kathmandu\n\
             language: en\n\
             publisher:\n\
             editor: Asha Example\n\
             registration-number:\n"
        );
        let json: serde_json::Value =
            serde_json::from_str(&as_json(&publication).unwrap()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "title": "A Lantern",
                "url": "http://localhost:8080/",
                "articlePath": "/articles/{slug}",
                "timeZone": "Asia/Kathmandu",
                "language": "en",
                "publisher": null,
                "editor": "Asha Example",
                "registrationNumber": null,
            })
        );
    }

    #[test]
    fn what_cannot_be_set_is_refused_with_an_example() {
        for address in [
            "magazine.example",
            "ftp://magazine.example",
            "https://m.example/?page=1",
            "",
        ] {
            assert!(
                parse_website(address)
                    .unwrap_err()
                    .contains("https://magazine.example"),
                "{address}"
            );
        }
        assert!(parse_website("https://magazine.example/en/").is_ok());
        assert!(
            parse_time_zone("Asia/Katmandoo")
                .unwrap_err()
                .contains("'Asia/Kathmandu'")
        );
        assert!(parse_title("  ").is_err());
    }

    #[test]
    fn only_what_is_given_is_changed() {
        assert!(PublicationCommand::default().change().is_empty());
        let command = PublicationCommand {
            editor: Some(String::new()),
            ..PublicationCommand::default()
        };
        let expected = PublicationChange {
            editor: Some(String::new()),
            ..PublicationChange::default()
        };
        assert_eq!(command.change(), expected);
    }
}
