//! Who is asked where a model cannot answer: the other models of the tool, as the caller prefers them, then those that the catalogue
//! names for the model.

use run::{ModelId, Preferences, Priority};

use crate::config::{Catalog, Target, Tool};

/// Most models that are asked in the place of another one.
const MOST: usize = 5;

impl Catalog {
    /// Who is asked where `asked`, a model that is a tool, cannot answer: its other models in the order of the priority, then the
    /// `fallback` of `asked`. Only such as the caller allows and as are `served`, each once, five at most. `took_ms` tells how long a
    /// model takes, where that is known.
    pub fn alternatives(
        &self,
        tool: &Tool,
        asked: &ModelId,
        preferences: &Preferences,
        served: impl Fn(&ModelId) -> bool,
        took_ms: impl Fn(&ModelId) -> Option<u64>,
    ) -> Vec<ModelId> {
        let mut others: Vec<&ModelId> = match &tool.target {
            Target::Models(aliases) => aliases.models.iter().map(|(_, id)| id).collect(),
            Target::Chain(chain) => chain.models.iter().map(|(_, id)| id).collect(),
            Target::Lambda(_) | Target::Http(_) | Target::Discuss(_) | Target::Mcp(_) => Vec::new(),
        };
        match preferences.priority {
            Priority::Balanced | Priority::Quality => {}
            Priority::Cost => in_order(&mut others, &|id| self.price_rank(id)),
            Priority::Latency => in_order(&mut others, &|id| took_ms(id).unwrap_or(u64::MAX)),
        }
        self.allowed(asked, others, preferences, served)
    }

    /// Who is asked where a model cannot do its part of a discussion: its `fallback`, but for those that take part themselves.
    pub fn alternatives_in_discussion(
        &self,
        asked: &ModelId,
        takes_part: impl Fn(&ModelId) -> bool,
        preferences: &Preferences,
        served: impl Fn(&ModelId) -> bool,
    ) -> Vec<ModelId> {
        let is_free = |id: &ModelId| served(id) && !takes_part(id);
        self.allowed(asked, Vec::new(), preferences, is_free)
    }

    /// All models, the cheapest first; those whose price nobody said come last.
    pub fn cheapest_first(&self) -> Vec<ModelId> {
        let mut all: Vec<_> = self.models.iter().map(|model| &model.id).collect();
        in_order(&mut all, &|id| self.price_rank(id));
        all.into_iter().cloned().collect()
    }

    fn allowed(
        &self,
        asked: &ModelId,
        others: Vec<&ModelId>,
        preferences: &Preferences,
        served: impl Fn(&ModelId) -> bool,
    ) -> Vec<ModelId> {
        let allowed = preferences.models.as_ref();
        let own = self.model(asked).map(|model| &model.fallback);
        let mut found: Vec<ModelId> = Vec::new();
        for id in others.into_iter().chain(own.into_iter().flatten()) {
            let is_allowed = allowed.is_none_or(|allowed| allowed.contains(id));
            let is_new = id != asked && !found.contains(id);
            if is_new && is_allowed && served(id) && found.len() < MOST {
                found.push(id.clone());
            }
        }
        found
    }

    /// Dollars for a million tokens, read and written ones alike, infinite where nobody said: it orders models, and is no bill. Of prices,
    /// which are not negative, the bits have the same order.
    fn price_rank(&self, id: &ModelId) -> u64 {
        let prices = self.model(id).and_then(|model| model.prices);
        let price = prices.map_or(f64::INFINITY, |prices| prices.input + prices.output);
        price.to_bits()
    }
}

/// Those of equal rank stay as they are. The rank is no type of its own: sorting would be in the binary once more for each.
fn in_order(models: &mut [&ModelId], rank: &dyn Fn(&ModelId) -> u64) {
    models.sort_by_key(|id| rank(id));
}
