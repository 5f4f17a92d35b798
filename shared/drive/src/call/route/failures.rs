//! Why none of the models that were asked has answered: as one error, that of the first.

use model::AskError;
use run::{ModelId, Problem};

use super::super::endpoint::ModelEndpoint;

/// The models that were asked in vain, in that order, each with why.
pub(in crate::call) struct Failures<'a>(Vec<(ModelEndpoint<'a>, AskError)>);

impl<'a> Failures<'a> {
    pub(super) const fn new(failures: Vec<(ModelEndpoint<'a>, AskError)>) -> Self {
        Self(failures)
    }

    /// What went wrong and what to do, by the first of them; `None` where none of the models has a server.
    pub(in crate::call) fn problem(&self) -> Option<Problem> {
        let ((first, error), others) = self.0.split_first()?;
        let mut problem = first.problem(error);
        let others = others
            .iter()
            .filter(|(other, _)| other.model.id != first.model.id);
        let others = others.map(|(other, error)| format!("{} {}", other.name(), error.outline()));
        let others: Vec<_> = others.collect();
        if !others.is_empty() {
            problem.message.push_str(" In its place: ");
            problem.message.push_str(&others.join(", "));
            problem.message.push('.');
        }
        Some(problem)
    }

    /// Whether one of them may answer the same question later.
    pub(in crate::call) fn is_retryable(&self) -> bool {
        self.0.iter().any(|(_, error)| error.is_retryable())
    }

    /// The last of them that answered with nothing.
    pub(in crate::call) fn said_nothing(&self) -> Option<&ModelId> {
        let mut empty = self.0.iter().rev();
        let (endpoint, _) = empty.find(|(_, error)| *error == AskError::Empty)?;
        Some(&endpoint.model.id)
    }
}

#[cfg(test)]
mod tests {
    use model::Server;
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn the_first_failure_is_the_problem_and_those_of_other_models_are_told_behind_it() {
        let models = ["qwen", "phi", "llama"].map(|id| {
            let model = json!({"name": id.to_uppercase(), "url_env": format!("{}_API_URL", id.to_uppercase()), "model": id, "context_tokens": 8192});
            (id.to_owned(), model)
        });
        let catalog = json!({
            "orchestrator": {"model": "qwen", "prompt": "chat"},
            "models": models.into_iter().collect::<serde_json::Map<String, Value>>(),
            "tools": [{
                "type": "function",
                "function": {"name": "look", "description": "", "parameters": {"type": "object"}},
                "target": {"lambda": "look"}, "timeout_ms": 1000, "retry": "safe",
            }],
        });
        let catalog = catalog::Catalog::parse(&catalog.to_string()).unwrap();
        let server = Server::new("http://127.0.0.1:8001", None, "q", "QWEN_API_URL").unwrap();
        let endpoint = |id: &str| ModelEndpoint {
            server: &server,
            model: catalog
                .models
                .iter()
                .find(|it| it.id.as_str() == id)
                .unwrap(),
        };
        let of = |failures: &[(&str, AskError)]| {
            let failures = failures.iter();
            let failures = failures.map(|(id, error)| (endpoint(id), error.clone()));
            Failures::new(failures.collect())
        };
        let (garbage, empty, cut) = (AskError::Garbage, AskError::Empty, AskError::Cut);
        let alone = endpoint("qwen").problem(&garbage);
        for (failures, behind, said_nothing) in [
            (vec![("qwen", garbage.clone())], String::new(), None),
            // The same model again is no other one.
            (
                vec![("qwen", garbage.clone()), ("qwen", empty.clone())],
                String::new(),
                Some("qwen"),
            ),
            (
                vec![
                    ("qwen", garbage.clone()),
                    ("phi", empty.clone()),
                    ("llama", empty.clone()),
                    ("llama", cut.clone()),
                ],
                format!(
                    " In its place: PHI {}, LLAMA {}, LLAMA {}.",
                    empty.outline(),
                    empty.outline(),
                    cut.outline()
                ),
                Some("llama"),
            ),
        ] {
            let failures = of(&failures);
            let problem = failures.problem().unwrap();
            assert_eq!(problem.message, format!("{}{behind}", alone.message));
            assert_eq!(
                (problem.code, problem.remedy),
                (alone.code.clone(), alone.remedy.clone())
            );
            let found = failures.said_nothing().map(ModelId::as_str);
            assert_eq!(found, said_nothing);
        }
        assert!(of(&[]).problem().is_none());
        let lasting = AskError::Unwritable;
        assert!(!lasting.is_retryable() && cut.is_retryable());
        for (failures, is_retryable) in [
            (vec![], false),
            (vec![("qwen", lasting.clone())], false),
            (vec![("qwen", cut.clone())], true),
            (vec![("qwen", lasting.clone()), ("phi", cut)], true),
        ] {
            assert_eq!(of(&failures).is_retryable(), is_retryable);
        }
    }
}
