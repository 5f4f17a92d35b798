//! What asking a model has shown of it; kept as long as the process lives.

use model::Window;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Learned {
    /// Its server refuses tools: they are described in a message, and calls are read from the text.
    pub(crate) tools_in_text: bool,
    /// Its latest text began with a thought whose opening tag did not come. Forgotten when one comes without a thought: a lone
    /// closing tag may also be what an answer is about.
    pub(crate) thinks_first: bool,
    /// Replies in a row whose calls its server could not read.
    unread_calls: u32,
    /// Its context is smaller than the catalogue says, in tokens.
    pub(crate) context_tokens: Option<u32>,
}

/// After so many replies in a row whose calls the server could not read, its reading of calls is no longer asked for: one alone
/// is the model's mistake and says little about the next.
const MOST_UNREAD_CALLS: u32 = 2;

impl Learned {
    /// The server could not read the calls of a reply.
    pub(crate) const fn left_calls_unread(&mut self) {
        self.unread_calls = self.unread_calls.saturating_add(1);
        self.tools_in_text |= self.unread_calls >= MOST_UNREAD_CALLS;
    }

    /// The server has read a reply.
    pub(crate) const fn read_calls(&mut self) {
        self.unread_calls = 0;
    }

    /// The context to reckon with, in tokens.
    pub(crate) fn context_tokens(&self, catalogued: u32) -> u32 {
        self.context_tokens.unwrap_or(catalogued).min(catalogued)
    }

    /// The longest reply to ask for: as wished, and at most half of the context, so that the question has the other half.
    pub(crate) fn reply_tokens(&self, wished: u32, catalogued: u32) -> u32 {
        wished.min(self.context_tokens(catalogued) / 2)
    }
}

/// A context in which the question fits, as far as the server lets it be known.
pub(super) fn smaller(now: u32, window: Option<Window>) -> u32 {
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
mod tests {
    use super::*;

    #[test]
    fn a_servers_own_reading_of_calls_is_given_up_after_it_failed_twice_in_a_row() {
        let mut learned = Learned::default();
        learned.left_calls_unread();
        learned.read_calls();
        learned.left_calls_unread();
        assert!(!learned.tools_in_text);
        learned.left_calls_unread();
        assert!(learned.tools_in_text);
    }

    #[test]
    fn a_reply_leaves_the_question_half_of_the_context() {
        let mut learned = Learned::default();
        assert_eq!(learned.reply_tokens(512, 16_384), 512);
        assert_eq!(learned.reply_tokens(32_768, 16_384), 8192);
        learned.context_tokens = Some(4096);
        assert_eq!(learned.reply_tokens(32_768, 16_384), 2048);
    }

    #[test]
    fn a_context_shrinks_by_what_the_server_says_and_always() {
        let window = |prompt_tokens, context_tokens| {
            Some(Window {
                prompt_tokens,
                context_tokens,
            })
        };
        assert_eq!(smaller(8192, None), 6144);
        assert_eq!(smaller(32_768, window(Some(30_000), 4096)), 4025);
        assert_eq!(smaller(4096, window(Some(8192), 4096)), 1843);
        assert_eq!(smaller(4096, window(None, 4096)), 3072);
        assert_eq!(smaller(4096, window(Some(10), 1_000_000)), 3072);
    }
}
