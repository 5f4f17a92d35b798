//! The contract of a provider, and who keeps it: one file each, which knows one interface on the wire and nothing of the others.

mod brave;
mod duckduckgo;
mod searxng;
mod serper;
mod tavily;
mod wikipedia;

use futures_util::future::BoxFuture;
use host::http::ClientError;
use reqwest::Url;
use tokio::time::Instant;

use crate::config::{Base, Source};
use crate::hit::Candidate;
use crate::locale::Locale;
use crate::problem::Problem;
use crate::web::{Clients, Web};
use brave::Brave;
use duckduckgo::DuckDuckGo;
use searxng::SearXng;
use serper::Serper;
use tavily::Tavily;
use wikipedia::Wikipedia;

/// So many results are asked for, more than a model may want: some lead to the same page, or nowhere.
const ASKED_FOR: usize = 10;

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
    fn new(candidates: Vec<Candidate>) -> Result<Self, Problem> {
        if candidates.is_empty() {
            return Err(Problem::FoundNothing);
        }
        Ok(Self {
            candidates,
            beside: None,
        })
    }
}

/// The provider of a source, or the variable that it lacks.
pub fn of(
    source: &Source,
    locale: &Locale,
    clients: &mut Clients,
) -> Result<Result<Box<dyn Provider>, &'static str>, ClientError> {
    let mut at = |base: &Base| clients.endpoint(base.url.clone(), base.variable);
    Ok(Ok(match source {
        Source::Tavily { base, key } => Box::new(Tavily::new(at(base)?, key.clone())),
        Source::SearXng { base } => Box::new(SearXng::new(at(base)?, locale)),
        Source::Brave { base, key } => Box::new(Brave::new(at(base)?, key.clone(), locale)),
        Source::Serper { base, key } => Box::new(Serper::new(at(base)?, key.clone(), locale)),
        Source::DuckDuckGo { answers, pages } => {
            Box::new(DuckDuckGo::new(at(answers)?, at(pages)?, locale))
        }
        Source::Wikipedia { base } => Box::new(Wikipedia::new(at(base)?)),
        Source::NotSetUp { variable, .. } => return Ok(Err(variable)),
    }))
}
