//! How a search that nobody answered is told to the model.

use tool::Failure;

use crate::chain::Unanswered;

/// What an operator can do about it, whatever it was.
const REMEDY: &str = "The operator can add a provider by setting TAVILY_API_KEY (a key of Tavily) or SEARXNG_URL (a SearXNG server)";

impl From<Unanswered> for Failure {
    /// Its code is that of the problem where all have the same, else `unavailable`.
    fn from(Unanswered(said): Unanswered) -> Self {
        let mut codes = said.iter().map(|(_, problem)| problem.code());
        let first = codes.next().unwrap_or("not_configured");
        let code = if codes.all(|code| code == first) {
            first
        } else {
            "unavailable"
        };
        let told: Vec<String> = said
            .iter()
            .map(|(provider, problem)| format!("{provider} {problem}"))
            .collect();
        let is_retryable = said.iter().any(|(_, problem)| problem.is_retryable());
        tracing::warn!(code, "a search failed");
        Self::new(
            code,
            format!(
                "No search provider has answered: {}. {REMEDY}.",
                told.join("; ")
            ),
            is_retryable,
        )
    }
}
