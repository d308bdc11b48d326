//! All keys that a token may be signed with.

use std::{fs, sync::Arc, time::Duration};

use super::{
    compact::CompactToken,
    jwks::KeySet,
    key::{Key, SignatureAlgorithm},
    refusal::Refusal,
    settings::{TokenSettingError, TokenSettings},
};

/// The shared secret, the keys from files, and those of an identity provider, as far as they are configured.
#[derive(Debug)]
pub(crate) struct KeyRing {
    own: Vec<Key>,
    provider: Option<Arc<KeySet>>,
}

impl KeyRing {
    pub(crate) async fn load(settings: &TokenSettings) -> Result<Self, TokenSettingError> {
        let mut own = Vec::new();
        if !settings.jwt_secret.is_empty() {
            own.push(Key::from_secret(settings.jwt_secret.as_bytes()));
        }
        for path in &settings.public_key_files {
            let wrong = |problem: String| {
                let problem = format!("'{}': {problem}", path.display());
                TokenSettingError::new("tokens.public_key_files", problem)
            };
            let text = fs::read_to_string(path)
                .map_err(|error| wrong(format!("the file cannot be read: {error}")))?;
            own.push(Key::from_pem(&text).map_err(wrong)?);
        }
        let floor = Duration::from_secs(settings.jwks_floor_seconds);
        let provider = match settings.jwks.as_str() {
            "" => None,
            place => Some(KeySet::load(place, floor).await?),
        };
        Ok(Self { own, provider })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.own.is_empty() && self.provider.is_none()
    }

    /// Whether one of the keys signed the token.
    pub(crate) async fn verify(&self, token: &CompactToken<'_>) -> Result<(), Refusal> {
        // The token says which algorithm it is signed with; the key alone says which one is verified.
        let algorithm =
            SignatureAlgorithm::from_name(&token.header.alg).ok_or(Refusal::OtherAlgorithm)?;
        let refusal = match self.look_up(token, algorithm) {
            Ok(()) => return Ok(()),
            Err(refusal) => refusal,
        };
        // A provider's keys are public ones, so no secret is ever among those that it has made since.
        match &self.provider {
            Some(provider)
                if algorithm != SignatureAlgorithm::Hs256
                    && !provider_names(provider, token.header.kid.as_deref()) =>
            {
                provider.refresh().await;
                self.look_up(token, algorithm)
            }
            _ => Err(refusal),
        }
    }

    fn look_up(
        &self,
        token: &CompactToken<'_>,
        algorithm: SignatureAlgorithm,
    ) -> Result<(), Refusal> {
        let provided = self.provider.as_ref().and_then(|provider| provider.keys());
        let wanted = token.header.kid.as_deref();
        let all = || {
            self.own
                .iter()
                .chain(provided.iter().flat_map(|keys| keys.iter()))
        };
        // A key without a name may be the one that the token names.
        let named = |key: &&Key| match (&key.id, wanted) {
            (Some(id), Some(wanted)) => id == wanted,
            _ => true,
        };
        if all()
            .filter(named)
            .filter(|key| key.algorithm == algorithm)
            .any(|key| key.verifies(token.signed, token.signature))
        {
            return Ok(());
        }
        let not_fetched = self.provider.is_some() && provided.is_none();
        Err(if not_fetched && algorithm != SignatureAlgorithm::Hs256 {
            Refusal::KeysNotFetched
        } else if all().any(|key| key.algorithm == algorithm) {
            if all().any(|key| named(&key)) {
                Refusal::WrongSignature
            } else {
                Refusal::UnknownKey
            }
        } else {
            Refusal::OtherAlgorithm
        })
    }
}

/// Whether the provider's keys have one of this name. A token that names none may be of any that are to come.
fn provider_names(provider: &KeySet, id: Option<&str>) -> bool {
    let Some(id) = id else { return false };
    provider
        .keys()
        .is_some_and(|keys| keys.iter().any(|key| key.id.as_deref() == Some(id)))
}
