//! A secret by its name, in the place of the secret: `secretsmanager:NAME`, `secretsmanager:NAME#FIELD`, `ssm:/PATH`, or an ARN.
//! `NAME?version=ID` means one version of it, by which a new one is noticed in a function's configuration.

use super::problem::SecretProblem;

/// Longest name, in bytes: that of an ARN.
const MAX_BYTES: usize = 2048;

/// What stands before a version.
const VERSION: &str = "?version=";

/// Where secrets are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum SecretStore {
    SecretsManager,
    ParameterStore,
}

/// The name of a secret, and of the field of it that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SecretName {
    pub(super) store: SecretStore,
    /// A name, path or ARN.
    pub(super) id: String,
    /// The current one where none is named.
    pub(super) version: Option<String>,
    /// Of the JSON object that the secret is.
    pub(super) field: Option<String>,
}

impl SecretStore {
    /// What a variable begins with.
    const fn scheme(self) -> &'static str {
        match self {
            Self::SecretsManager => "secretsmanager:",
            Self::ParameterStore => "ssm:",
        }
    }

    /// The right that a role needs.
    pub(super) const fn action(self) -> &'static str {
        match self {
            Self::SecretsManager => "secretsmanager:GetSecretValue",
            Self::ParameterStore => "ssm:GetParameter",
        }
    }
}

impl SecretName {
    /// Reads what a variable holds; `None` where that is no name of a secret, but a value.
    pub(super) fn read(text: &str) -> Option<Result<Self, SecretProblem>> {
        let text = text.trim();
        if text.starts_with("{{resolve:") {
            return Some(Err(SecretProblem::Unresolved));
        }
        let stores = [SecretStore::SecretsManager, SecretStore::ParameterStore];
        let (store, named) = stores.into_iter().find_map(|store| {
            if let Some(named) = text.strip_prefix(store.scheme()) {
                return Some((store, named));
            }
            let service = text.strip_prefix("arn:")?.split(':').nth(1)?;
            (service == store.scheme().trim_end_matches(':')).then_some((store, text))
        })?;
        let (id, field) = match named.split_once('#') {
            Some((id, field)) => (id, Some(field)),
            None => (named, None),
        };
        let (id, version) = match id.split_once(VERSION) {
            Some((id, version)) => (id, (!version.is_empty()).then_some(version)),
            None => (id, None),
        };
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+=.@:-".contains(&byte);
        let is_name =
            |text: &str| (1..=MAX_BYTES).contains(&text.len()) && text.bytes().all(is_part);
        if !is_name(id) || !version.is_none_or(is_name) || field.is_some_and(str::is_empty) {
            return Some(Err(SecretProblem::NoName));
        }
        Some(Ok(Self {
            store,
            id: id.to_owned(),
            version: version.map(str::to_owned),
            field: field.map(str::to_owned),
        }))
    }

    /// The Region that an ARN names.
    pub(super) fn region(&self) -> Option<&str> {
        let region = self.id.strip_prefix("arn:")?.split(':').nth(2)?;
        (!region.is_empty()).then_some(region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(store: SecretStore, id: &str, field: Option<&str>) -> SecretName {
        SecretName {
            store,
            id: id.to_owned(),
            version: None,
            field: field.map(str::to_owned),
        }
    }

    #[test]
    fn one_version_of_a_secret_may_be_named_and_an_empty_one_is_none() {
        let version = |text: &str| {
            SecretName::read(text).map(|read| read.map(|it| (it.id, it.version, it.field)))
        };
        for (text, id, named, field) in [
            (
                "secretsmanager:a/b?version=0f-1#K",
                "a/b",
                Some("0f-1"),
                Some("K"),
            ),
            ("secretsmanager:a?version=#K", "a", None, Some("K")),
            ("ssm:/a?version=3", "/a", Some("3"), None),
        ] {
            let (read, found, of) = version(text).unwrap().unwrap();
            assert_eq!(
                (&*read, found.as_deref(), of.as_deref()),
                (id, named, field),
                "{text}"
            );
        }
        for text in [
            "secretsmanager:?version=1",
            "secretsmanager:a?version=1?",
            "secretsmanager:a?stage=1",
        ] {
            let problem = version(text).unwrap().unwrap_err();
            assert!(
                matches!(problem, SecretProblem::NoName),
                "{text}: {problem}"
            );
        }
    }

    #[test]
    fn a_name_is_told_from_a_value_by_how_it_begins() {
        let manager = SecretStore::SecretsManager;
        let parameters = SecretStore::ParameterStore;
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:models-AbCdEf";
        let cases = [
            ("secretsmanager:models", named(manager, "models", None)),
            (" secretsmanager:models\n", named(manager, "models", None)),
            (
                "secretsmanager:a/b#QWEN_API_KEY",
                named(manager, "a/b", Some("QWEN_API_KEY")),
            ),
            ("secretsmanager:a#b#c", named(manager, "a", Some("b#c"))),
            (arn, named(manager, arn, None)),
            (
                &format!("secretsmanager:{arn}#k"),
                named(manager, arn, Some("k")),
            ),
            ("ssm:/models/qwen", named(parameters, "/models/qwen", None)),
            (
                "ssm:/models/qwen:3",
                named(parameters, "/models/qwen:3", None),
            ),
            (
                "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/a",
                named(
                    parameters,
                    "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/a",
                    None,
                ),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(SecretName::read(text).unwrap().unwrap(), expected, "{text}");
        }
        let regions = cases_of_regions();
        for (text, region) in regions {
            let read = SecretName::read(text).unwrap().unwrap();
            assert_eq!(read.region(), region, "{text}");
        }
        for value in [
            "",
            "sk-1",
            "SECRETSMANAGER:a",
            "Bearer ssm:a",
            "arn:aws:s3:::bucket",
            "arn:",
            "secretsmanager",
        ] {
            assert!(SecretName::read(value).is_none(), "{value}");
        }
    }

    fn cases_of_regions() -> [(&'static str, Option<&'static str>); 3] {
        [
            (
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf",
                Some("eu-west-1"),
            ),
            ("arn:aws:ssm::123456789012:parameter/a", None),
            ("secretsmanager:a:b", None),
        ]
    }

    #[test]
    fn what_names_nothing_is_refused_and_a_reference_of_a_template_too() {
        let long = format!("ssm:{}", "a".repeat(MAX_BYTES + 1));
        for text in [
            "secretsmanager:",
            "ssm: a",
            "ssm:",
            "secretsmanager:#a",
            "secretsmanager:a#",
            "ssm:a\"b",
            &long,
        ] {
            let problem = SecretName::read(text).unwrap().unwrap_err();
            assert!(
                matches!(problem, SecretProblem::NoName),
                "{text}: {problem}"
            );
        }
        let of_template = "{{resolve:secretsmanager:a:SecretString:b}}";
        let problem = SecretName::read(of_template).unwrap().unwrap_err();
        assert!(matches!(problem, SecretProblem::Unresolved), "{problem}");
    }
}
