//! What asking a model has shown of it; kept as long as the process lives.

use model::Window;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Learned {
    /// Its server refuses tools: they are described in a message, and calls are read from the text.
    pub(crate) tools_in_text: bool,
    /// Its text begins with a thought whose opening tag does not come.
    pub(crate) thinks_first: bool,
    /// Its context is smaller than the catalogue says, in tokens.
    pub(crate) context_tokens: Option<u32>,
}

impl Learned {
    /// The context to reckon with, in tokens.
    pub(crate) fn context_tokens(&self, catalogued: u32) -> u32 {
        self.context_tokens.unwrap_or(catalogued).min(catalogued)
    }

    /// The longest reply to ask for: as wished, unless the context has turned out to be too small.
    pub(crate) fn reply_tokens(&self, wished: u32) -> u32 {
        self.context_tokens
            .map_or(wished, |context| wished.min(context / 2))
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
