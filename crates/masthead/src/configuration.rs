//! The settings: from a TOML file, then from the environment, then from flags; the later wins.
//!
//! Each concern has its section: `[access]`, `[cache]`, `[cdn]`, `[database]`, `[http]`, `[limits]`,
//! `[log]`, `[outgoing]`, `[rate_limits]`, `[subscriptions]`, `[tokens]`, `[webhooks]`, `[websub]`. Every key has an environment variable, `MASTHEAD_` with section
//! and key in capitals (`MASTHEAD_LIMITS_DEPTH`); `http.listen`, `log.level` and `tokens.jwt_secret` have the short ones `MASTHEAD_LISTEN`,
//! `MASTHEAD_LOG` and `MASTHEAD_JWT_SECRET`. A variable that is empty counts as not set. A list is written with spaces or commas between its entries; the headers of `cdn.purge_headers`,
//! which may have both in them, each on a line.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use masthead_api::{
    AccessSettings,
    cache::CacheSettings,
    http::{CdnSettings, HttpSettings, RateLimitSettings, SubscriptionSettings},
    limits::LimitSettings,
    outgoing::OutgoingSettings,
    tokens::TokenSettings,
    webhooks::WebhookSettings,
    websub::WebsubSettings,
};
use masthead_newsroom::upkeep::Retention;
use masthead_persistence::DatabaseSettings;
use serde::{Deserialize, Serialize};
use toml::{Table, Value, de::DeTable};

use crate::{
    failure::Failure,
    telemetry::{self, LogSettings},
};

#[cfg(test)]
mod tests;

/// The environment variable that names the configuration file.
pub(crate) const FILE_VARIABLE: &str = "MASTHEAD_CONFIG";

const LISTEN_PROBLEM: &str = "write IP address and port as a text, as in '127.0.0.1:8080'";

/// All settings that are in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Configuration {
    /// `http.listen`: where the server listens. It stands with the section's other keys, which are the
    /// API's own.
    #[serde(skip)]
    pub(crate) listen: SocketAddr,
    /// What everyone may have without asking.
    pub(crate) access: AccessSettings,
    /// Where the magazine is kept.
    pub(crate) database: DatabaseSection,
    /// How it is served.
    pub(crate) http: HttpSettings,
    /// What one GraphQL document may ask for.
    pub(crate) limits: LimitSettings,
    /// How much is kept between requests.
    pub(crate) cache: CacheSettings,
    /// What a CDN is told.
    pub(crate) cdn: CdnSettings,
    /// Where deliveries to addresses that others name may go.
    pub(crate) outgoing: OutgoingSettings,
    /// When a delivery to a webhook is tried again, and when no more.
    pub(crate) webhooks: WebhookSettings,
    /// How many may subscribe to feeds.
    pub(crate) websub: WebsubSettings,
    /// How often clients may ask.
    pub(crate) rate_limits: RateLimitSettings,
    /// How subscriptions are served.
    pub(crate) subscriptions: SubscriptionSettings,
    /// What is logged.
    pub(crate) log: LogSettings,
    /// Which tokens are taken.
    pub(crate) tokens: TokenSettings,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            access: AccessSettings::default(),
            database: DatabaseSection::default(),
            http: HttpSettings::default(),
            limits: LimitSettings::default(),
            cache: CacheSettings::default(),
            cdn: CdnSettings::default(),
            outgoing: OutgoingSettings::default(),
            webhooks: WebhookSettings::default(),
            websub: WebsubSettings::default(),
            rate_limits: RateLimitSettings::default(),
            subscriptions: SubscriptionSettings::default(),
            log: LogSettings::default(),
            tokens: TokenSettings::default(),
        }
    }
}

/// Where the magazine is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct DatabaseSection {
    /// `sqlite://file` or `postgres://user@host/name`.
    pub(crate) url: String,
    /// On how many connections requests read at a time. 0: the product chooses, by the machine.
    pub(crate) connections: u32,
    /// Seconds that a request waits for a connection before it fails.
    pub(crate) acquire_timeout_seconds: u64,
    /// Days for which the change log keeps what a later change has overtaken. 0: for ever.
    pub(crate) change_log_days: u32,
}

impl Default for DatabaseSection {
    fn default() -> Self {
        let settings = DatabaseSettings::default();
        Self {
            url: settings.url,
            connections: settings.connections.unwrap_or_default(),
            acquire_timeout_seconds: settings.acquire_timeout.as_secs(),
            change_log_days: 0,
        }
    }
}

impl DatabaseSection {
    /// For how long things are kept in it.
    pub(crate) fn retention(&self) -> Retention {
        Retention {
            change_log_days: Some(self.change_log_days).filter(|days| *days > 0),
        }
    }

    /// As the database is opened with.
    pub(crate) fn settings(&self) -> DatabaseSettings {
        DatabaseSettings {
            url: self.url.clone(),
            connections: Some(self.connections).filter(|connections| *connections > 0),
            acquire_timeout: Duration::from_secs(self.acquire_timeout_seconds),
        }
    }
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {problem}")]
pub(crate) struct SettingError {
    /// The flag, the variable, or the file with line and column.
    place: String,
    /// What is wrong, and how to mend it.
    problem: String,
}

impl SettingError {
    fn new(place: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            place: place.into(),
            problem: problem.into(),
        }
    }
}

impl From<SettingError> for Failure {
    fn from(error: SettingError) -> Self {
        Self::Setting(error.to_string())
    }
}

/// A setting given as a flag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flag {
    /// The flag's name: `--listen`.
    pub(crate) name: &'static str,
    /// The key that it sets: `http.listen`.
    pub(crate) key: &'static str,
    /// What it is set to.
    pub(crate) text: String,
}

/// Reads an environment variable of this process.
///
/// # Errors
/// When it is not Unicode.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place where the environment is read"
)]
pub(crate) fn environment(name: &str) -> Result<Option<String>, SettingError> {
    match std::env::var(name) {
        Ok(text) => Ok(Some(text).filter(|text| !text.trim().is_empty())),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(SettingError::new(
            name,
            "its value is not Unicode: write it in UTF-8",
        )),
    }
}

/// What the reader of TOML says, without the names of Rust's types.
fn in_plain_words(message: &str) -> String {
    ["usize", "u64", "u32", "u16"]
        .iter()
        .fold(message.to_owned(), |message, name| {
            message.replace(&format!("expected {name}"), "expected a whole number")
        })
}

impl Configuration {
    /// Reads the settings from the file, if one is given, from the environment and from flags.
    ///
    /// # Errors
    /// The first setting that cannot be used.
    pub(crate) fn read(
        file: Option<&Path>,
        environment: impl Fn(&str) -> Result<Option<String>, SettingError>,
        flags: &[Flag],
    ) -> Result<Self, SettingError> {
        let file = match file {
            Some(path) => Some(("--config", path.to_owned())),
            None => environment(FILE_VARIABLE)?.map(|path| (FILE_VARIABLE, PathBuf::from(path))),
        };
        let mut configuration = match file {
            Some((source, path)) => {
                let text = fs::read_to_string(&path).map_err(|error| {
                    let problem = format!("the file '{}' cannot be read: {error}", path.display());
                    SettingError::new(source, problem)
                })?;
                Self::from_toml(&text, &path.display().to_string())?
            }
            None => Self::default(),
        };
        for key in Self::keys() {
            let variable = variable(&key);
            if let Some(text) = environment(&variable)? {
                configuration.set(&variable, &key, &text)?;
            }
        }
        for flag in flags {
            configuration.set(flag.name, flag.key, &flag.text)?;
        }
        Ok(configuration)
    }

    /// Reads a configuration file.
    fn from_toml(text: &str, path: &str) -> Result<Self, SettingError> {
        let at = |error: &toml::de::Error| {
            let (line, column) = position(text, error.span().map_or(0, |span| span.start));
            let problem = in_plain_words(error.message()).trim().replace('\n', ", ");
            SettingError::new(format!("{path}, line {line}, column {column}"), problem)
        };
        let mut document = DeTable::parse(text).map_err(|error| at(&error))?;
        let listen = match document
            .get_mut()
            .get_mut("http")
            .map(toml::Spanned::get_mut)
        {
            Some(toml::de::DeValue::Table(section)) => section.remove("listen"),
            _ => None,
        };
        let mut configuration =
            Self::deserialize(toml::Deserializer::from(document)).map_err(|error| at(&error))?;
        if let Some(value) = listen {
            let (line, column) = position(text, value.span().start);
            let place = format!("{path}, line {line}, column {column}");
            let address = value.get_ref().as_str();
            let address = address.ok_or_else(|| SettingError::new(&place, LISTEN_PROBLEM))?;
            configuration.set(&place, "http.listen", address)?;
        }
        configuration
            .check()
            .map_err(|(key, problem)| SettingError::new(format!("{path}, {key}"), problem))?;
        Ok(configuration)
    }

    /// Sets one key from text.
    fn set(&mut self, source: &str, key: &str, text: &str) -> Result<(), SettingError> {
        let wrong = |problem: String| SettingError::new(source, problem);
        let text = text.trim();
        if key == "http.listen" {
            self.listen = text
                .parse()
                .map_err(|_| wrong(format!("'{text}' cannot be used: {LISTEN_PROBLEM}")))?;
            return Ok(());
        }
        let unreadable = |problem: &str| wrong(format!("'{text}' cannot be used: {problem}"));
        let mut table = self.sections();
        let value = key
            .split_once('.')
            .and_then(|(section, name)| table.get_mut(section)?.get_mut(name))
            .ok_or_else(|| wrong(format!("there is no setting '{key}'")))?;
        *value = match key {
            "cdn.purge_headers" => Value::Array(lines(text)),
            _ => value_like(value, text).map_err(|problem| unreadable(&problem))?,
        };
        let listen = self.listen;
        *self = table
            .try_into()
            .map_err(|error: toml::de::Error| unreadable(&in_plain_words(error.message())))?;
        self.listen = listen;
        self.check().map_err(|(_, problem)| wrong(problem))
    }

    /// What types do not tell: the key that cannot be used, and why.
    fn check(&self) -> Result<(), (&'static str, String)> {
        telemetry::filter(&self.log.level).map_err(|problem| ("log.level", problem))?;
        let url = &self.database.url;
        let (scheme, place) = url.split_once(':').unwrap_or_default();
        let known = ["sqlite", "postgres", "postgresql"].contains(&scheme);
        if !known || place.trim_start_matches('/').is_empty() {
            let problem = format!(
                "'{}' is no database address: write 'sqlite://masthead.db' or 'postgres://user@host/name'",
                without_password(url)
            );
            return Err(("database.url", problem));
        }
        let least_one = |key, value: u64| match value {
            0 => Err((key, "0 cannot be used: write 1 or more".to_owned())),
            _ => Ok(()),
        };
        least_one(
            "database.acquire_timeout_seconds",
            self.database.acquire_timeout_seconds,
        )?;
        self.cdn.check()?;
        self.outgoing.check()?;
        self.webhooks.check()?;
        self.websub.check()?;
        self.subscriptions.check()?;
        self.tokens.check()
    }

    /// Every key, with its section: `http.listen`.
    pub(crate) fn keys() -> Vec<String> {
        let table = Self::default().table();
        let of_section = |(section, keys): (&String, &Value)| {
            let names = keys.as_table().into_iter().flat_map(Table::keys);
            names
                .map(|name| format!("{section}.{name}"))
                .collect::<Vec<_>>()
        };
        table.iter().flat_map(of_section).collect()
    }

    /// The settings as a configuration file holds them, without passwords and secrets.
    pub(crate) fn to_toml(&self) -> String {
        let mut shown = self.clone();
        shown.database.url = without_password(&self.database.url);
        shown.tokens = self.tokens.without_secret();
        shown.cdn = self.cdn.without_secrets();
        shown.table().to_string()
    }

    fn table(&self) -> Table {
        let mut table = self.sections();
        if let Some(Value::Table(http)) = table.get_mut("http") {
            http.insert("listen".to_owned(), self.listen.to_string().into());
        }
        table
    }

    fn sections(&self) -> Table {
        // What was read from TOML or is a default fits into TOML.
        Table::try_from(self).unwrap_or_default()
    }
}

/// The environment variable for a key.
pub(crate) fn variable(key: &str) -> String {
    match key {
        "http.listen" => "MASTHEAD_LISTEN".to_owned(),
        "log.level" => "MASTHEAD_LOG".to_owned(),
        "tokens.jwt_secret" => "MASTHEAD_JWT_SECRET".to_owned(),
        _ => format!("MASTHEAD_{}", key.replace('.', "_").to_ascii_uppercase()),
    }
}

/// Reads text as a value of the same type as the present one.
fn value_like(present: &Value, text: &str) -> Result<Value, String> {
    match present {
        Value::Integer(number) => match text.parse::<i64>() {
            Ok(number) if number >= 0 => Ok(Value::Integer(number)),
            _ => Err(format!("write a whole number from 0 on, as in '{number}'")),
        },
        Value::Boolean(_) => text
            .parse()
            .map(Value::Boolean)
            .map_err(|_| "write 'true' or 'false'".to_owned()),
        Value::Array(_) => {
            let entries = text.split([' ', ',']).filter(|entry| !entry.is_empty());
            Ok(Value::Array(entries.map(Value::from).collect()))
        }
        _ => Ok(Value::String(text.to_owned())),
    }
}

/// The lines of a text that say anything.
fn lines(text: &str) -> Vec<Value> {
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty())
        .map(Value::from)
        .collect()
}

/// The line and the column, both from 1 on, of a byte.
fn position(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    (line, column)
}

/// A database's address without the passwords that it may hold, before the host and among the parameters.
pub(crate) fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    // The last '@': a password that holds one itself is wrong in a URL, and hidden all the same.
    let (user, rest) = match rest.rsplit_once('@') {
        Some((user, rest)) => (user.split(':').next(), rest),
        None => (None, rest),
    };
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    let parameters: Vec<&str> = parameters
        .split('&')
        .filter(|parameter| {
            !parameter.is_empty() && !parameter.to_ascii_lowercase().contains("password")
        })
        .collect();

    let mut shown = String::new();
    if !scheme.is_empty() {
        shown = format!("{scheme}://");
    }
    if let Some(user) = user {
        shown = format!("{shown}{user}@");
    }
    shown.push_str(place);
    if !parameters.is_empty() {
        shown = format!("{shown}?{}", parameters.join("&"));
    }
    shown
}
