//! Whether a service of AWS is in this process or outside.

use reqwest::Url;

const LAMBDA_ENDPOINT: &str = "AWS_ENDPOINT_URL_LAMBDA";

/// Where a service of AWS is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In this process, on a loopback port, behind a key of its own.
    Embedded,
    /// Where the SDK's environment says, with its credentials.
    Outside,
}

impl Place {
    /// Where the table of this process's environment is.
    pub(crate) fn of_table() -> Self {
        Self::by_variable("AWS_ENDPOINT_URL_DYNAMODB")
    }

    /// Where the functions of this process's environment are.
    pub(crate) fn of_functions() -> Self {
        Self::by_variable(LAMBDA_ENDPOINT)
    }

    /// Where tools that are functions are, for people.
    pub(crate) const fn of_tools(self) -> &'static str {
        match self {
            Self::Embedded => "search, read_url, code_interpreter in this process",
            Self::Outside => "functions at AWS_ENDPOINT_URL_LAMBDA",
        }
    }

    /// The endpoint that the environment names for functions. An error says what is wrong with it.
    pub(crate) fn lambda_endpoint() -> Result<Url, String> {
        let found = std::env::var(LAMBDA_ENDPOINT).unwrap_or_default();
        Url::parse(&found).map_err(|error| format!("{LAMBDA_ENDPOINT} is no address: {error}"))
    }

    fn by_variable(name: &str) -> Self {
        match std::env::var_os(name) {
            Some(value) if !value.is_empty() => Self::Outside,
            Some(_) | None => Self::Embedded,
        }
    }
}
