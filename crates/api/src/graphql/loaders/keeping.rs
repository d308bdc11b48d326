//! What is noted of reads, and the parts of answers that are kept with it.

use std::sync::Arc;

use bytes::Bytes;
use masthead_domain::node_id::NodeId;

use super::{Loaders, Named};
use crate::{
    cache::{Dependencies, Kept},
    graphql::{json, parts::PartName},
};

/// What is kept between requests, of the edition that a request reads.
pub(crate) struct Keeping {
    pub(crate) kept: Arc<Kept>,
    pub(crate) edition: i64,
}

/// What is noted of reads: of a request's, or of those for a part of its answer.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    pub(super) dependencies: Dependencies,
    pub(super) personal: bool,
}

impl Noted {
    /// Whether it is for whoever asked alone.
    pub(crate) fn is_personal(&self) -> bool {
        self.personal
    }

    /// Notes something that is shown.
    pub(crate) fn node(&mut self, node: NodeId) {
        self.dependencies.node(node);
    }

    fn add(&mut self, other: &Self) {
        self.dependencies.add(&other.dependencies);
        self.personal |= other.personal;
    }
}

/// A part of an answer, as it was written.
#[derive(Clone)]
struct KeptPart {
    json: Bytes,
    noted: Arc<Noted>,
}

impl Keeping {
    /// An answer whose parts at the root are all kept, put together from them, and what it depends on.
    pub(crate) fn assemble(&self, roots: Vec<(&str, PartName)>) -> Option<(Bytes, Dependencies)> {
        let parts = roots
            .into_iter()
            .map(|(field, name)| {
                let name = Named::Part(Box::new(name));
                Some((field, self.kept.get::<KeptPart>(&name, self.edition)?))
            })
            .collect::<Option<Vec<_>>>()?;
        let mut noted = Noted::default();
        let mut json = Vec::with_capacity(
            10 + parts
                .iter()
                .map(|(field, part)| 4 + field.len() + part.json.len())
                .sum::<usize>(),
        );
        json.extend_from_slice(b"{\"data\":{");
        for (place, (field, part)) in parts.into_iter().enumerate() {
            if place > 0 {
                json.push(b',');
            }
            json::write_name(field, &mut json);
            json.extend_from_slice(&part.json);
            noted.add(&part.noted);
        }
        json.extend_from_slice(b"}}");
        noted.dependencies.settle();
        (!noted.personal).then_some((json.into(), noted.dependencies))
    }
}

impl Loaders {
    /// Whether parts of answers are kept.
    pub(crate) fn keeps_parts(&self) -> bool {
        self.keeping.is_some()
    }

    /// A part that is kept.
    pub(crate) fn kept_part(&self, name: &PartName) -> Option<Bytes> {
        let Keeping { kept, edition } = self.keeping.as_ref()?;
        let part = kept.get::<KeptPart>(&Named::Part(Box::new(name.clone())), *edition)?;
        self.note_part(&part.noted);
        Some(part.json)
    }

    /// Notes of the whole what was noted of a part.
    pub(crate) fn note_part(&self, part: &Noted) {
        self.note_that(|noted| noted.add(part));
    }

    /// Keeps a part.
    pub(crate) fn keep_part(&self, name: PartName, json: Bytes, mut noted: Noted) {
        noted.dependencies.settle();
        self.note_part(&noted);
        if let Some(Keeping { kept, edition }) = &self.keeping {
            let noted = Arc::new(noted);
            let part = KeptPart {
                json,
                noted: noted.clone(),
            };
            kept.put(
                Named::Part(Box::new(name)),
                &part,
                *edition,
                |part| part.json.len() + part.noted.dependencies.bytes() + size_of::<Noted>(),
                |dependencies| dependencies.add(&noted.dependencies),
            );
        }
    }
}
