//! Opens the table that this process's environment names: the embedded one in the data directory, or one outside.

use std::path::Path;

use anyhow::Context as _;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use host::aws::SdkConfig;
use table::Database;

use crate::data_dir::{self, DataDir};
use crate::guard::{AccessKey, locked};
use crate::settings::Place;
use crate::{aws_environment, embedded, table};

/// A table that can be used.
pub(crate) struct OpenTable {
    pub(crate) client: Client,
    /// Its name and where it stands, for people.
    pub(crate) shown: String,
    /// Where it is embedded and this process works on it.
    pub(crate) data_dir: Option<DataDir>,
}

/// Opens the table to work on it, and makes it where it is missing.
pub(crate) async fn to_work(
    place: Place,
    data_dir: &Path,
    name: &str,
    aws: &SdkConfig,
    key: &AccessKey,
) -> anyhow::Result<OpenTable> {
    let open = match place {
        Place::Outside => outside(name, aws),
        Place::Embedded => {
            let data_dir = DataDir::open(data_dir)?;
            let file = data_dir.table_file();
            let database = table::open(&file)?;
            table::sweep_expired(database.clone());
            OpenTable {
                data_dir: Some(data_dir),
                ..embedded(name, &file, database, aws, key).await?
            }
        }
    };
    store::create_table(&open.client, name)
        .await
        .context("prepare the table")?;
    Ok(open)
}

/// Opens a table that is gone with this process.
pub(crate) async fn in_memory(
    name: &str,
    aws: &SdkConfig,
    key: &AccessKey,
) -> anyhow::Result<Client> {
    let database = Database::memory().context("make a table in memory")?;
    let open = embedded(name, Path::new("memory"), database, aws, key).await?;
    store::create_table(&open.client, name)
        .await
        .context("prepare the table")?;
    Ok(open.client)
}

/// Opens the table to read it, beside whoever works on it. Makes and changes nothing.
pub(crate) async fn to_read(name: &str, data_dir: &Path) -> anyhow::Result<OpenTable> {
    let place = Place::of_table();
    let aws = aws_environment::config(&[place]).await?;
    match place {
        Place::Outside => Ok(outside(name, &aws)),
        Place::Embedded => {
            let file = data_dir::table_file_in(data_dir)?;
            let database = table::open_to_read(&file)?;
            let key = AccessKey::random().context("make an access key")?;
            embedded(name, &file, database, &aws, &key).await
        }
    }
}

/// What becomes of a table in a data directory that is missing. One elsewhere is never made: its name may be mistyped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Missing {
    Made,
    Refused,
}

/// Opens the table to change single things in it, beside whoever works on it. `SQLite` lets one process write at a time, and the others
/// wait for some seconds.
pub(crate) async fn to_change(
    name: &str,
    data_dir: &Path,
    missing: Missing,
) -> anyhow::Result<OpenTable> {
    let place = Place::of_table();
    let aws = aws_environment::config(&[place]).await?;
    if place == Place::Outside {
        return Ok(outside(name, &aws));
    }
    let file = match missing {
        Missing::Made => data_dir::make_table_file_in(data_dir)?,
        Missing::Refused => data_dir::table_file_in(data_dir)?,
    };
    let key = AccessKey::random().context("make an access key")?;
    let open = embedded(name, &file, table::open(&file)?, &aws, &key).await?;
    if missing == Missing::Made {
        let made = store::create_table(&open.client, name).await;
        made.context("prepare the table")?;
    }
    Ok(open)
}

fn outside(name: &str, aws: &SdkConfig) -> OpenTable {
    let config = function::table_config(aws);
    OpenTable {
        client: Client::from_conf(config.build()),
        shown: format!("{name} at AWS_ENDPOINT_URL_DYNAMODB"),
        data_dir: None,
    }
}

/// Serves the file on a loopback port, for the same client that reaches a table outside.
async fn embedded(
    name: &str,
    file: &Path,
    database: Database,
    aws: &SdkConfig,
    key: &AccessKey,
) -> anyhow::Result<OpenTable> {
    let router = locked(table::router(database), key.clone());
    let config = Builder::from(aws)
        .endpoint_url(embedded::serve(router).await?)
        .credentials_provider(key.credentials());
    Ok(OpenTable {
        client: Client::from_conf(config.build()),
        shown: format!("{name} in {}", file.display()),
        data_dir: None,
    })
}
