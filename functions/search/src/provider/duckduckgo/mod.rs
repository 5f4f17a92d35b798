//! `DuckDuckGo`: its result page, and beside it the Instant Answer API, which knows topics and not the web. Neither is an
//! official interface for searches: both may stop any day.

mod instant_answer;
mod results_page;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Either, select};
use reqwest::{StatusCode, Url};
use tokio::time::{Duration, Instant, timeout};

use super::contract::{Found, Provider};
use crate::hit::Candidate;
use crate::locale::Locale;
use crate::page::Page;
use crate::problem::Problem;
use crate::query;
use crate::web::{Endpoint, Web};
use instant_answer::Answer;
use results_page::Reading;

/// 500 characters are refused.
const MOST_CHARS: usize = 499;
/// What the answer may take when the results are there.
const GRACE: Duration = Duration::from_millis(500);

pub struct DuckDuckGo {
    answers: Endpoint,
    pages: Endpoint,
    region: String,
}

impl DuckDuckGo {
    pub fn new(answers: Endpoint, pages: Endpoint, locale: &Locale) -> Self {
        let region = locale.of_duckduckgo();
        Self {
            answers,
            pages,
            region,
        }
    }

    async fn search(&self, web: &Web, query: &str, until: Instant) -> Result<Found, Problem> {
        let answer = self.answer(web, query, until).boxed();
        let results = self.results(web, query, until).boxed();
        let (answer, results) = match select(answer, results).await {
            Either::Left((answer, results)) => (answer, results.await),
            Either::Right((results, answer)) => {
                let grace = grace(&results, until.saturating_duration_since(Instant::now()));
                let late = Err(Problem::Late { waited: grace });
                (timeout(grace, answer).await.unwrap_or(late), results)
            }
        };
        let answer = answer.unwrap_or_else(|problem| {
            tracing::debug!(%problem, "there is no instant answer");
            Answer::default()
        });
        joined(answer, results)
    }

    async fn answer(&self, web: &Web, query: &str, until: Instant) -> Result<Answer, Problem> {
        let fields = [
            ("q", query),
            ("format", "json"),
            ("no_html", "1"),
            ("skip_disambig", "1"),
        ];
        let request = self.answers.get("", &fields);
        let page = web
            .fetch(&self.answers, request, "application/json", until)
            .await?;
        let query = query.to_owned();
        page.successful(None)?
            .read(move |text| instant_answer::read(text, &query))
            .await
    }

    async fn results(
        &self,
        web: &Web,
        query: &str,
        until: Instant,
    ) -> Result<Vec<Candidate>, Problem> {
        let query = query::without_engine_commands(query);
        let fields = [("q", &*query), ("b", ""), ("kl", &self.region)];
        let request = self.pages.post_form("html/", &fields);
        let page = web.fetch(&self.pages, request, "text/html", until).await?;
        let (status, wait) = (page.status, page.wait());
        let reading = read_page(page).await;
        match reading {
            Reading::Results(results) => Ok(results),
            Reading::Challenge => Err(Problem::Challenge { wait }),
            Reading::Empty | Reading::Unknown if status == StatusCode::TOO_MANY_REQUESTS => {
                Err(Problem::Limited { wait })
            }
            Reading::Empty | Reading::Unknown if status == StatusCode::FORBIDDEN => {
                Err(Problem::Blocked { status, wait })
            }
            Reading::Empty | Reading::Unknown if status.is_redirection() => {
                Err(Problem::Redirected { status })
            }
            Reading::Empty | Reading::Unknown if !status.is_success() => {
                Err(Problem::Status { status, wait })
            }
            Reading::Empty => Ok(Vec::new()),
            // It is the status of a challenge; a page that says that it is empty may have it, too.
            Reading::Unknown if status == StatusCode::ACCEPTED => Err(Problem::Challenge { wait }),
            Reading::Unknown => Err(Problem::Unrecognized),
        }
    }
}

/// How long the answer is waited for once the page has been read. Only what was found makes waiting for more a waste.
fn grace(results: &Result<Vec<Candidate>, Problem>, left: Duration) -> Duration {
    match results {
        Ok(results) if !results.is_empty() => GRACE.min(left),
        Ok(_) | Err(_) => left,
    }
}

async fn read_page(page: Page) -> Reading {
    page.read(results_page::read).await
}

/// What answers directly comes first, then the page's results; topics only fill up behind one of them, and alone are nothing.
fn joined(answer: Answer, results: Result<Vec<Candidate>, Problem>) -> Result<Found, Problem> {
    let (results, beside) = match results {
        Ok(results) => (results, None),
        Err(problem) if answer.direct.is_empty() => return Err(problem),
        Err(problem) => (Vec::new(), Some(problem)),
    };
    let mut candidates = answer.direct;
    candidates.extend(results);
    if !candidates.is_empty() {
        candidates.extend(answer.topics);
    }
    Ok(Found {
        beside,
        ..Found::new(candidates)?
    })
}

impl Provider for DuckDuckGo {
    fn ask<'a>(
        &'a self,
        web: &'a Web,
        query: &'a str,
        until: Instant,
    ) -> BoxFuture<'a, Result<Found, Problem>> {
        self.search(web, query, until).boxed()
    }

    fn takes(&self) -> (usize, usize) {
        (MOST_CHARS, usize::MAX)
    }

    fn site(&self) -> &Url {
        self.pages.site()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_waited_for_as_long_as_nothing_else_was_found() {
        let left = Duration::from_secs(4);
        let found = Ok(vec![Candidate::default()]);
        assert_eq!(grace(&found, left), GRACE);
        assert_eq!(grace(&found, GRACE / 2), GRACE / 2);
        assert_eq!(grace(&Ok(Vec::new()), left), left);
        assert_eq!(grace(&Err(Problem::Unrecognized), left), left);
    }
}
