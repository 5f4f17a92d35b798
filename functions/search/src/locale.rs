//! For whom is searched: a region and a language, each in the words that a provider knows.

/// Country codes of Brave; any other is refused with an error (as of November 2026).
const OF_BRAVE: [&str; 37] = [
    "ar", "at", "au", "be", "br", "ca", "ch", "cl", "cn", "de", "dk", "es", "fi", "fr", "gb", "gr",
    "hk", "id", "in", "it", "jp", "kr", "mx", "my", "nl", "no", "nz", "ph", "pl", "pt", "ru", "sa",
    "se", "tr", "tw", "us", "za",
];

/// Two letters of a country and of a language, each in small letters, where the operator has set them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locale {
    pub region: Option<String>,
    pub language: Option<String>,
}

impl Locale {
    /// The value of `Accept-Language`.
    pub fn accept_language(&self) -> String {
        match (self.language.as_deref(), self.region.as_deref()) {
            (Some(language), Some(region)) => format!(
                "{language}-{},{language};q=0.9,en;q=0.5",
                region.to_ascii_uppercase()
            ),
            (Some("en"), None) | (None, None | Some(_)) => "en".to_owned(),
            (Some(language), None) => format!("{language},en;q=0.5"),
        }
    }

    /// `kl` of `DuckDuckGo`: `us-en`, or `wt-wt` for the whole world. It has letters of its own for some.
    pub fn of_duckduckgo(&self) -> String {
        let Some(region) = self.region.as_deref() else {
            return "wt-wt".to_owned();
        };
        let language = self
            .language
            .as_deref()
            .unwrap_or_else(|| main_language(region));
        let (region, language) = match (region, language) {
            ("gb", language) => ("uk", language),
            ("jp", "ja") => ("jp", "jp"),
            ("kr", "ko") => ("kr", "kr"),
            (region @ ("tw" | "hk"), "zh") => (region, "tzh"),
            (region, "nb" | "nn") => (region, "no"),
            other => other,
        };
        format!("{region}-{language}")
    }

    /// `language` of `SearXNG`: `de-CH` or `de`; its own setting where none is given.
    pub fn of_searxng(&self) -> Option<String> {
        let language = self.language.as_deref()?;
        Some(match self.region.as_deref() {
            Some(region) => format!("{language}-{}", region.to_ascii_uppercase()),
            None => language.to_owned(),
        })
    }

    /// `country` of Brave.
    pub fn country_of_brave(&self) -> Option<String> {
        let region = self.region.as_deref()?;
        OF_BRAVE
            .contains(&region)
            .then(|| region.to_ascii_uppercase())
    }

    /// `search_lang` of Brave, which knows no bare `zh`, `ja`, `pt` or `no`.
    pub fn language_of_brave(&self) -> Option<&str> {
        Some(match self.language.as_deref()? {
            "zh" if matches!(self.region.as_deref(), Some("tw" | "hk")) => "zh-hant",
            "zh" => "zh-hans",
            "ja" => "jp",
            "pt" if self.region.as_deref() == Some("br") => "pt-br",
            "pt" => "pt-pt",
            "no" | "nn" => "nb",
            language => language,
        })
    }
}

/// The language that most pages of a region are in, where its letters differ from the region's.
fn main_language(region: &str) -> &str {
    match region {
        "us" | "gb" | "au" | "ca" | "ie" | "in" | "my" | "nz" | "ph" | "sg" | "za" | "id"
        | "th" | "vn" | "il" => "en",
        "at" | "ch" => "de",
        "be" => "nl",
        "ar" | "cl" | "mx" | "pe" | "co" => "es",
        "br" => "pt",
        "cn" | "tw" | "hk" => "zh",
        "jp" => "ja",
        "kr" => "ko",
        "dk" => "da",
        "se" => "sv",
        "cz" => "cs",
        "gr" => "el",
        "ua" => "uk",
        "ee" => "et",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_provider_is_told_region_and_language_in_its_own_words() {
        let cases = [
            (None, None, "en", "wt-wt", None, None, None),
            (
                None,
                Some("en"),
                "en",
                "wt-wt",
                Some("en"),
                None,
                Some("en"),
            ),
            (
                None,
                Some("de"),
                "de,en;q=0.5",
                "wt-wt",
                Some("de"),
                None,
                Some("de"),
            ),
            (Some("us"), None, "en", "us-en", None, Some("US"), None),
            (
                Some("ch"),
                Some("fr"),
                "fr-CH,fr;q=0.9,en;q=0.5",
                "ch-fr",
                Some("fr-CH"),
                Some("CH"),
                Some("fr"),
            ),
            (Some("gb"), None, "en", "uk-en", None, Some("GB"), None),
            (
                Some("jp"),
                Some("ja"),
                "ja-JP,ja;q=0.9,en;q=0.5",
                "jp-jp",
                Some("ja-JP"),
                Some("JP"),
                Some("jp"),
            ),
            (Some("kr"), None, "en", "kr-kr", None, Some("KR"), None),
            (
                Some("tw"),
                Some("zh"),
                "zh-TW,zh;q=0.9,en;q=0.5",
                "tw-tzh",
                Some("zh-TW"),
                Some("TW"),
                Some("zh-hant"),
            ),
            (
                Some("cn"),
                Some("zh"),
                "zh-CN,zh;q=0.9,en;q=0.5",
                "cn-zh",
                Some("zh-CN"),
                Some("CN"),
                Some("zh-hans"),
            ),
            (
                Some("br"),
                Some("pt"),
                "pt-BR,pt;q=0.9,en;q=0.5",
                "br-pt",
                Some("pt-BR"),
                Some("BR"),
                Some("pt-br"),
            ),
            (
                Some("sg"),
                Some("en"),
                "en-SG,en;q=0.9,en;q=0.5",
                "sg-en",
                Some("en-SG"),
                None,
                Some("en"),
            ),
            (Some("se"), None, "en", "se-sv", None, Some("SE"), None),
        ];
        for (region, language, accept, duckduckgo, searxng, country, brave) in cases {
            let locale = Locale {
                region: region.map(str::to_owned),
                language: language.map(str::to_owned),
            };
            assert_eq!(locale.accept_language(), accept);
            assert_eq!(locale.of_duckduckgo(), duckduckgo);
            assert_eq!(locale.of_searxng().as_deref(), searxng);
            assert_eq!(locale.country_of_brave().as_deref(), country);
            assert_eq!(locale.language_of_brave(), brave);
        }
    }
}
