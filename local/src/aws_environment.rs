//! Region and credentials for services outside this process, as the AWS command line finds them.

use anyhow::Context as _;
use aws_config::BehaviorVersion;
use aws_config::environment::EnvironmentVariableRegionProvider;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::ProfileFileRegionProvider;
use host::aws::SdkConfig;

use crate::place::Place;

/// What AWS clients are made of. Where a service is outside and the environment has no credentials, those of the profile are
/// used.
///
/// The machine's metadata service is not asked for a region: a laptop has no such service, and asking takes seconds.
pub(crate) async fn config(places: &[Place]) -> anyhow::Result<SdkConfig> {
    let functions = host::aws::config().context("build the AWS clients")?;
    if functions.credentials_provider().is_some() || !places.contains(&Place::Outside) {
        return Ok(functions);
    }
    let region = RegionProviderChain::first_try(EnvironmentVariableRegionProvider::new())
        .or_else(ProfileFileRegionProvider::new())
        .or_else(functions.region().cloned());
    let found = aws_config::defaults(BehaviorVersion::latest())
        .http_client(host::aws::http_client()?)
        .region(region)
        .load()
        .await;
    let mut config = functions.into_builder();
    config.set_credentials_provider(found.credentials_provider());
    config.set_region(found.region().cloned());
    Ok(config.build())
}
