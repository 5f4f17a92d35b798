//! The other names of tools: each leads to one tool, and none hides one.

use crate::ConfigError;
use crate::config::Tool;

/// Most aliases of a tool.
const MAX_ALIASES: usize = 16;
/// Longest alias, in bytes.
const MAX_ALIAS_BYTES: usize = 64;

/// Checks the aliases of all tools against the names of all, case aside: models are not exact about it.
pub(super) fn check(tools: &[Tool]) -> Result<(), ConfigError> {
    let mut seen: Vec<(&str, &Tool)> = Vec::new();
    for (index, tool) in tools.iter().enumerate() {
        let path = format!("tools[{index}].aliases");
        if tool.aliases.len() > MAX_ALIASES {
            let problem = format!(
                "expected at most {MAX_ALIASES}, found {}",
                tool.aliases.len()
            );
            return Err(ConfigError::at(path, problem));
        }
        for (place, alias) in tool.aliases.iter().enumerate() {
            let path = format!("{path}[{place}]");
            check_form(&path, alias)?;
            let is_same = |name: &str| name.eq_ignore_ascii_case(alias);
            if let Some(other) = tools.iter().find(|other| is_same(other.name.as_str())) {
                let problem = format!("expected a name that no tool has, found `{}`", other.name);
                return Err(ConfigError::at(path, problem));
            }
            if let Some((_, other)) = seen.iter().find(|(name, _)| is_same(name)) {
                let problem = format!("`{alias}` is an alias of `{}` already", other.name);
                return Err(ConfigError::at(path, problem));
            }
            seen.push((alias, tool));
        }
    }
    Ok(())
}

/// What a function's name may hold, and the dot of a namespace.
fn check_form(path: &str, alias: &str) -> Result<(), ConfigError> {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    if (1..=MAX_ALIAS_BYTES).contains(&alias.len()) && alias.bytes().all(is_allowed) {
        return Ok(());
    }
    let problem = format!(
        "expected 1 to {MAX_ALIAS_BYTES} letters, digits, `_`, `-` or `.`, found `{alias}`"
    );
    Err(ConfigError::at(path, problem))
}
