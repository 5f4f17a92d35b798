//! Callers without an access key, where the operator lets them in: each is known by a token of its own choice, and has low limits, alone by
//! its address and together with all others.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;
use axum::http::request::Parts;
use drive::{ConfigError, dollars};
use lambda_http::request::RequestContext;
use run::{Cost, Owner, hex};
use sha2::{Digest as _, Sha256};
use store::{Account, Limits};

use super::Caller;

/// How a visitor's token begins, and how many letters and digits may follow: enough that nobody guesses those of others.
pub(super) const PREFIX: &str = "visitor-";
const CHARS: std::ops::RangeInclusive<usize> = 32..=64;

const SWITCH: &str = "ANONYMOUS_USE";
const USD_PER_DAY: &str = "ANONYMOUS_USD_PER_DAY";
const DEFAULT_PER_DAY: Cost = Cost {
    nano_usd: 1_000_000_000,
};
/// How many addresses take all of a day's dollars.
const SHARES: u64 = 5;

/// Where the content delivery network says from where a request came to it: address and port.
const VIEWER: &str = "cloudfront-viewer-address";

/// What visitors may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Visitors {
    /// All of them together.
    per_day: Cost,
}

impl Visitors {
    /// What an environment says; `None` where it lets nobody in.
    ///
    /// # Errors
    /// A variable that is set to something else than it can be.
    pub(super) fn read(env: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, ConfigError> {
        let env = |name: &str| env(name).filter(|value| !value.trim().is_empty());
        let per_day = dollars(&env, USD_PER_DAY, DEFAULT_PER_DAY)?;
        match env(SWITCH).as_deref().map(str::trim) {
            Some("on") => Ok(Some(Self { per_day })),
            None | Some("off") => Ok(None),
            Some(found) => Err(ConfigError::Switch {
                variable: SWITCH,
                found: found.to_owned(),
            }),
        }
    }

    /// The visitor that shows this token; the address is counted, and nothing more is made of it.
    pub(super) fn caller(self, shown: &[u8], address: Option<IpAddr>) -> Option<Caller> {
        let chosen = shown.strip_prefix(PREFIX.as_bytes())?;
        if !CHARS.contains(&chosen.len()) || !chosen.iter().all(u8::is_ascii_alphanumeric) {
            return None;
        }
        let owner = Owner::new(format!("visitor.{}", digest(shown)));
        Some(Caller::visitor(
            owner,
            [self.of_address(address), self.of_all()],
        ))
    }

    /// Requests whose address nobody tells share one.
    fn of_address(self, address: Option<IpAddr>) -> Account {
        let address = address.map_or_else(String::new, |it| network(it).to_string());
        Account {
            name: Owner::new(format!("visitor-at.{}", digest(address.as_bytes()))),
            limits: Limits {
                runs_per_minute: Some(3),
                parallel: Some(1),
                per_day: Some(Cost {
                    nano_usd: (self.per_day.nano_usd / SHARES).max(1),
                }),
            },
        }
    }

    fn of_all(self) -> Account {
        Account {
            name: Owner::new("visitors"),
            limits: Limits {
                runs_per_minute: Some(10),
                parallel: Some(4),
                per_day: Some(self.per_day),
            },
        }
    }
}

/// From where a request comes: as the content delivery network says where it must come by one, else as the platform does.
pub(super) fn address(parts: &Parts, comes_by_network: bool) -> Option<IpAddr> {
    if comes_by_network {
        return viewer(&parts.headers);
    }
    match parts.extensions.get::<RequestContext>() {
        Some(RequestContext::ApiGatewayV2(context)) => {
            context.http.source_ip.as_deref()?.parse().ok()
        }
        Some(_) | None => None,
    }
}

/// The port stands behind the last colon; an IPv6 address stands there without brackets.
fn viewer(headers: &HeaderMap) -> Option<IpAddr> {
    let told = headers.get(VIEWER)?.to_str().ok()?;
    let of_socket = told.parse::<SocketAddr>().map(|it| it.ip());
    let before_port = || told.rsplit_once(':')?.0.parse().ok();
    of_socket.ok().or_else(before_port)
}

/// What one customer is given: an address, or of IPv6 a network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = u128::from(address) & (u128::MAX << 64);
            IpAddr::V6(Ipv6Addr::from(network))
        }
        address @ IpAddr::V4(_) => address,
    }
}

fn digest(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)[..16])
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderValue, Request};
    use proptest::prelude::*;

    use super::*;

    fn token() -> String {
        format!("{PREFIX}{}", "aZ9".repeat(12))
    }

    fn visitors() -> Visitors {
        let on = |name: &str| (name == SWITCH).then(|| "on".to_owned());
        Visitors::read(on).unwrap().unwrap()
    }

    #[test]
    fn nobody_is_let_in_unless_the_operator_says_so() {
        assert_eq!(Visitors::read(|_| None).unwrap(), None);
        let off = |name: &str| (name == SWITCH).then(|| "off".to_owned());
        assert_eq!(Visitors::read(off).unwrap(), None);
        let odd = |name: &str| (name == SWITCH).then(|| "yes".to_owned());
        assert!(
            Visitors::read(odd)
                .unwrap_err()
                .to_string()
                .contains("ANONYMOUS_USE")
        );
        let free = |name: &str| (name == USD_PER_DAY).then(|| "0".to_owned());
        assert!(Visitors::read(free).is_err());
    }

    #[test]
    fn a_visitor_is_known_by_its_token_and_by_no_short_or_odd_one() {
        let visitors = visitors();
        let one = visitors.caller(token().as_bytes(), None).unwrap();
        let again = visitors
            .caller(token().as_bytes(), "192.0.2.7".parse().ok())
            .unwrap();
        assert_eq!(one.owner, again.owner);
        assert_ne!(one.accounts[0].name, again.accounts[0].name);
        assert_eq!(one.accounts[1], again.accounts[1]);
        assert_eq!(one.name(), "visitor");
        let other = visitors
            .caller(format!("{}x", token()).as_bytes(), None)
            .unwrap();
        assert_ne!(one.owner, other.owner);
        for wrong in [
            "",
            "visitor-",
            "visitor-short",
            &"x".repeat(50),
            &format!("{}-", token()),
        ] {
            assert!(visitors.caller(wrong.as_bytes(), None).is_none(), "{wrong}");
        }
    }

    proptest! {
        /// An address is the same however it is written; of IPv6 the network counts, as one customer has all of it.
        #[test]
        fn whoever_changes_within_a_network_changes_nothing(high: u64, low: u64, other: u64, port: u16) {
            let at = |low: u64| Ipv6Addr::from(u128::from(high) << 64 | u128::from(low));
            // IPv4 addresses are written within IPv6 too.
            prop_assume!(high != 0);
            let account = |address| visitors().of_address(Some(address)).name;
            prop_assert_eq!(account(at(low).into()), account(at(other).into()));
            let told = format!("{}:{port}", at(low));
            let headers = HeaderMap::from_iter([(VIEWER.parse().unwrap(), HeaderValue::from_str(&told).unwrap())]);
            prop_assert_eq!(viewer(&headers), Some(at(low).into()));
        }
    }

    #[test]
    fn the_header_of_the_network_counts_only_behind_it() {
        let request = Request::builder()
            .header(VIEWER, "192.0.2.7:443")
            .body(())
            .unwrap();
        let (parts, ()) = request.into_parts();
        assert_eq!(address(&parts, true), Some("192.0.2.7".parse().unwrap()));
        assert_eq!(address(&parts, false), None);
    }
}
