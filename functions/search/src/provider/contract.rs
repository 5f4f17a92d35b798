//! What is asked of a provider, and what it answers with.

use futures_util::future::BoxFuture;
use reqwest::Url;
use tokio::time::Instant;

use crate::hit::Candidate;
use crate::problem::Problem;
use crate::web::Web;

/// So many results are asked for, more than a model may want: some lead to the same page, or nowhere.
pub(super) const ASKED_FOR: usize = 10;

/// Somebody who searches.
pub trait Provider: Send + Sync {
    /// Asks for `query` and reads the answer, all before `until`.
    fn ask<'a>(
        &'a self,
        web: &'a Web,
        query: &'a str,
        until: Instant,
    ) -> BoxFuture<'a, Result<Found, Problem>>;

    /// Most characters and words of a query.
    fn takes(&self) -> (usize, usize);

    /// Whether it knows the web: where one that does found nothing, there is nothing.
    fn knows_the_web(&self) -> bool {
        true
    }

    /// Relative addresses of its results lead from here.
    fn site(&self) -> &Url;
}

/// What a provider found: something.
#[derive(Debug)]
pub struct Found {
    pub candidates: Vec<Candidate>,
    /// What went wrong all the same.
    pub beside: Option<Problem>,
}

impl Found {
    /// Nothing at all is [`Problem::FoundNothing`].
    pub(super) fn new(candidates: Vec<Candidate>) -> Result<Self, Problem> {
        if candidates.is_empty() {
            return Err(Problem::FoundNothing);
        }
        Ok(Self {
            candidates,
            beside: None,
        })
    }
}
