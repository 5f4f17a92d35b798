//! What asking a model has shown of it; kept as long as the process lives, and what failures have shown for ten minutes.

use std::time::Duration;

use catalog::Calls;
use model::{ChatRequest, RequestProfile, Restriction, ToolSight, Window};
use run::AskedBy;
use tokio::time::Instant;

/// What a failure has shown is tried again after this: servers are repaired, and restarted with other options.
const KEPT: Duration = Duration::from_mins(10);

/// After so many replies in a row whose calls the server could not read, its reading of calls is no longer asked for: one alone
/// is the model's mistake and says little about the next.
const MOST_UNREAD_CALLS: u32 = 2;

/// All that asking one model has shown, with when failures have.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Memory {
    no_tools: Option<Fact<NoTools>>,
    /// What its server tells beside the questions: also that it tells nothing.
    sight: Option<Fact<ToolSight>>,
    ignores_schema: Option<Fact<()>>,
    context_tokens: Option<Fact<u32>>,
    profile: Option<Fact<RequestProfile>>,
    /// Its latest text began with a thought whose opening tag did not come. Forgotten when one comes without a thought: a lone
    /// closing tag may also be what an answer is about.
    pub(crate) thinks_first: bool,
    /// Replies in a row whose calls its server could not read.
    unread_calls: u32,
}

/// Why tools are not sent in their own field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoTools {
    /// The server refuses them.
    Refused,
    /// The server tells that it does not show them to the model.
    Hidden,
    /// The server counts fewer tokens than the tools alone have.
    Uncounted,
    /// The server could not read the calls that the model wrote.
    Unread,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Fact<T> {
    value: T,
    learned: Instant,
}

/// What to expect when a model is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Capabilities {
    /// Why its tools are described in a message, and not sent in their own field.
    pub(crate) no_tools: Option<NoTools>,
    /// Its server does not keep replies to a schema.
    pub(crate) ignores_schema: bool,
    pub(crate) thinks_first: bool,
    /// Its context is smaller than the catalogue says, in tokens.
    pub(crate) context_tokens: Option<u32>,
    /// What its server takes of a request.
    pub(crate) profile: RequestProfile,
}

impl<T> Fact<T> {
    fn holds(&self, now: Instant) -> bool {
        now.duration_since(self.learned) < KEPT
    }
}

impl Memory {
    pub(crate) fn at(&self, now: Instant) -> Capabilities {
        Capabilities {
            no_tools: self
                .no_tools
                .filter(|fact| fact.holds(now))
                .map(|fact| fact.value),
            ignores_schema: self.ignores_schema.is_some_and(|fact| fact.holds(now)),
            thinks_first: self.thinks_first,
            context_tokens: self
                .context_tokens
                .filter(|fact| fact.holds(now))
                .map(|fact| fact.value),
            profile: self
                .profile_at(now)
                .map_or_else(RequestProfile::default, Clone::clone),
        }
    }

    fn profile_at(&self, now: Instant) -> Option<&RequestProfile> {
        let fact = self.profile.as_ref().filter(|fact| fact.holds(now))?;
        Some(&fact.value)
    }

    /// Tools that are sent in their own field are of no use.
    pub(crate) fn has_no_tools(&mut self, why: NoTools, now: Instant) {
        learn(&mut self.no_tools, why, now);
    }

    /// What the server tells of tools, where it was asked in the last ten minutes.
    pub(crate) fn sight(&self, now: Instant) -> Option<ToolSight> {
        let fact = self.sight.filter(|fact| fact.holds(now))?;
        Some(fact.value)
    }

    /// The server has been asked whether its model sees tools, or the model has shown it.
    pub(crate) fn told_sight(&mut self, sight: ToolSight, now: Instant) {
        learn(&mut self.sight, sight, now);
        if sight == ToolSight::Hidden {
            self.has_no_tools(NoTools::Hidden, now);
        }
    }

    /// The server has not kept a reply to the schema that it was sent.
    pub(crate) fn ignored_schema(&mut self, now: Instant) {
        learn(&mut self.ignores_schema, (), now);
    }

    /// The server could not read the calls of a reply.
    pub(crate) fn left_calls_unread(&mut self, now: Instant) {
        self.unread_calls = self.unread_calls.saturating_add(1);
        if self.unread_calls >= MOST_UNREAD_CALLS {
            self.has_no_tools(NoTools::Unread, now);
        }
    }

    /// The server has read a reply.
    pub(crate) const fn read_calls(&mut self) {
        self.unread_calls = 0;
    }

    /// The context is smaller than promised.
    pub(crate) fn holds_less(&mut self, tokens: u32, now: Instant) {
        let known = self.context_tokens.filter(|fact| fact.holds(now));
        if known.is_none_or(|fact| fact.value != tokens) {
            self.context_tokens = Some(Fact {
                value: tokens,
                learned: now,
            });
        }
    }

    /// The server has refused a part of a request: names it, where that is new. All that is left out is tried again together, ten
    /// minutes after the first of it was refused.
    pub(crate) fn refused_part(
        &mut self,
        restriction: &Restriction,
        request: &ChatRequest,
        now: Instant,
    ) -> Option<String> {
        let known = self.profile.take().filter(|fact| fact.holds(now));
        let mut fact = known.unwrap_or_else(|| Fact {
            value: RequestProfile::default(),
            learned: now,
        });
        let part = fact.value.learn(restriction, request);
        self.profile = (fact.value != RequestProfile::default()).then_some(fact);
        part
    }
}

/// Keeps what is known already: it is tried again ten minutes after it was first seen.
fn learn<T: Copy>(fact: &mut Option<Fact<T>>, value: T, now: Instant) {
    if !fact.is_some_and(|fact| fact.holds(now)) {
        *fact = Some(Fact {
            value,
            learned: now,
        });
    }
}

impl Capabilities {
    /// How the model is asked for calls.
    pub(crate) fn asked_by(&self, configured: Calls) -> AskedBy {
        let by_schema = if self.keeps_to_schema() {
            AskedBy::Schema
        } else {
            AskedBy::Text
        };
        match (configured, self.no_tools) {
            (Calls::Auto | Calls::Native, None) => AskedBy::Native,
            (Calls::Schema, _)
            | (Calls::Auto, Some(NoTools::Refused | NoTools::Hidden | NoTools::Uncounted)) => {
                by_schema
            }
            // A model that writes calls of its own was trained to: its words are read as they are.
            (Calls::Auto, Some(NoTools::Unread)) | (Calls::Native, Some(_)) | (Calls::Text, _) => {
                AskedBy::Text
            }
        }
    }

    pub(crate) fn keeps_to_schema(&self) -> bool {
        !self.ignores_schema && self.profile.takes_schema()
    }

    /// The context to expect, in tokens.
    pub(crate) fn context_tokens(&self, catalogued: u32) -> u32 {
        self.context_tokens.unwrap_or(catalogued).min(catalogued)
    }

    /// The longest reply to ask for: as wished, and at most half of the context, so that the question has the other half.
    pub(crate) fn reply_tokens(&self, wished: u32, catalogued: u32) -> u32 {
        wished.min(self.context_tokens(catalogued) / 2)
    }
}

/// A context in which the question fits, as far as the server lets it be known.
pub(crate) fn smaller(now: u32, window: Option<Window>) -> u32 {
    let three_quarters = now / 4 * 3;
    let Some(Window {
        prompt_tokens,
        context_tokens,
    }) = window
    else {
        return three_quarters;
    };
    // A question that was longer than estimated has to be shortened by as much, and a little more.
    let scaled = prompt_tokens.map_or(u64::from(three_quarters), |prompt| {
        u64::from(now) * context_tokens / prompt.max(1) * 9 / 10
    });
    u32::try_from(scaled.min(context_tokens))
        .map_or(three_quarters, |tokens| tokens.min(three_quarters.max(1)))
}

#[cfg(test)]
mod tests;
