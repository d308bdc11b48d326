//! What a selection set costs, and how costs add up.

use async_graphql::Pos;

/// What a selection set costs.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SetCost {
    pub(crate) depth: Peak<usize>,
    /// Fields in the answer, apart from `items`.
    pub(crate) fields: u64,
    /// Fields in the answer for each item of the connection that this set is selected on.
    pub(crate) items: u64,
    pub(crate) costliest: Peak<u64>,
    pub(crate) levels: Peak<usize>,
    pub(crate) selections: usize,
    pub(crate) aliases: usize,
    pub(crate) directives: usize,
    /// Fields of this set itself, those of its fragments included.
    pub(crate) own_fields: usize,
    /// What it takes validation to compare this set's own fields.
    pub(crate) merge_checks: usize,
    pub(crate) introspection: IntrospectionCost,
}

#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct IntrospectionCost {
    pub(crate) depth: Peak<usize>,
    pub(crate) lists: Peak<usize>,
    pub(crate) fields: u64,
}

/// The greatest value, and where it is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Peak<T> {
    pub(crate) value: T,
    pub(crate) at: Option<Pos>,
}

impl<T: PartialOrd> Peak<T> {
    pub(crate) fn raise(&mut self, value: T, at: Option<Pos>) {
        if value > self.value {
            *self = Self { value, at };
        }
    }
}

impl SetCost {
    pub(crate) fn complexity(&self, items: u64) -> u64 {
        self.fields.saturating_add(self.items.saturating_mul(items))
    }

    pub(crate) fn add_counts(&mut self, other: &Self) {
        self.selections = self.selections.saturating_add(other.selections);
        self.aliases = self.aliases.saturating_add(other.aliases);
        self.directives = self.directives.saturating_add(other.directives);
        self.introspection.depth.raise(
            other.introspection.depth.value,
            other.introspection.depth.at,
        );
        self.introspection.lists.raise(
            other.introspection.lists.value,
            other.introspection.lists.at,
        );
        self.introspection.fields = self
            .introspection
            .fields
            .saturating_add(other.introspection.fields);
    }

    /// Adds the cost of a fragment that stands in this set.
    pub(crate) fn add_fragment(&mut self, fragment: &Self) {
        self.add_counts(fragment);
        self.depth.raise(fragment.depth.value, fragment.depth.at);
        self.levels
            .raise(fragment.levels.value.saturating_add(1), fragment.levels.at);
        self.costliest
            .raise(fragment.costliest.value, fragment.costliest.at);
        self.fields = self.fields.saturating_add(fragment.fields);
        self.items = self.items.saturating_add(fragment.items);
        self.own_fields = self.own_fields.saturating_add(fragment.own_fields);
        self.merge_checks = self.merge_checks.saturating_add(fragment.merge_checks);
    }
}
