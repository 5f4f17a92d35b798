//! What sites allow programs to read: `robots.txt` of each origin, asked for once in a while.
//!
//! A file that is not there allows all; one that the server keeps to itself, or cannot give now, allows nothing (RFC 9309, and for 401
//! and 403 what other readers do).

mod rules;

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use reqwest::StatusCode;

use crate::failure::Wrong;
use crate::net::{Target, Web};
use rules::Rules;

/// Most of a file that is read, in bytes (RFC 9309 asks for this much).
const MAX_BYTES: usize = 500 * 1024;
const MAX_REDIRECTS: usize = 5;
/// How long rules hold before they are asked for again.
const KEPT_FOR: Duration = Duration::from_hours(1);
/// Sites whose rules are kept.
const MAX_KEPT: usize = 256;

/// The rules of sites that were asked lately.
#[derive(Debug, Default)]
pub struct Robots {
    kept: Mutex<BTreeMap<String, (Instant, Rules)>>,
}

impl Robots {
    /// Refuses an address that its site does not allow.
    pub async fn check(&self, web: &Web, target: &Target) -> Result<(), Wrong> {
        let origin = target.url().origin().ascii_serialization();
        let url = target.url();
        let path = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let rules = if let Some(rules) = self.known(&origin) {
            rules
        } else {
            let rules = ask(web, target.robots()).await?;
            self.keep(origin, rules.clone());
            rules
        };
        if rules.allow(&path) {
            Ok(())
        } else {
            Err(Wrong::Robots)
        }
    }

    fn known(&self, origin: &str) -> Option<Rules> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, rules) = kept.get(origin)?;
        (since.elapsed() < KEPT_FOR).then(|| rules.clone())
    }

    fn keep(&self, origin: String, rules: Rules) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            let oldest = kept.iter().min_by_key(|(_, (since, _))| *since);
            if let Some(oldest) = oldest.map(|(origin, _)| origin.clone()) {
                kept.remove(&oldest);
            }
        }
        kept.insert(origin, (Instant::now(), rules));
    }
}

async fn ask(web: &Web, mut target: Target) -> Result<Rules, Wrong> {
    for _ in 0..=MAX_REDIRECTS {
        let response = web.ask(&target).await.map_err(unknown)?;
        if let Some(next) = web.redirect(&target, &response).map_err(unknown)? {
            target = next;
            continue;
        }
        let status = response.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(Wrong::NoRobots(None));
        }
        if matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) {
            return Ok(Rules::none());
        }
        if !status.is_success() {
            return Ok(Rules::default());
        }
        let received = Web::receive(target, response, MAX_BYTES).await;
        let received = received.map_err(unknown)?;
        return Ok(Rules::parse(&String::from_utf8_lossy(&received.body)));
    }
    // A file that is nowhere is none.
    Ok(Rules::default())
}

/// What makes the site itself unreachable is told as that; other faults are of the file.
fn unknown(wrong: Wrong) -> Wrong {
    match wrong {
        Wrong::NotPublic | Wrong::Unreachable(_) | Wrong::Late => wrong,
        other => Wrong::NoRobots(Some(Box::new(other))),
    }
}
