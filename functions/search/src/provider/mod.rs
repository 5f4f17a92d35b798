//! Who searches: one file each, which knows one interface on the wire and nothing of the others, behind one contract.

mod brave;
mod contract;
mod duckduckgo;
mod searxng;
mod serper;
mod tavily;
mod wikipedia;

use host::http::ClientError;

use crate::config::{Base, Source};
use crate::locale::Locale;
use crate::web::Clients;
use brave::Brave;
pub use contract::Provider;
use duckduckgo::DuckDuckGo;
use searxng::SearXng;
use serper::Serper;
use tavily::Tavily;
use wikipedia::Wikipedia;

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
