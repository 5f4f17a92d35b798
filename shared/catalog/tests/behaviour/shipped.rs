//! The catalogue that ships: its tools on three models, found by their names.

use catalog::{Prompt, Retry, Target, Tenant};
use run::{ModelId, ToolName};

use super::kit::{SEARCH, given_shipped};

#[test]
fn each_of_its_tools_declares_what_it_is() {
    let catalog = given_shipped().catalog();
    let declared = catalog.tools.iter().map(|tool| {
        let (question, focus) = match &tool.target {
            Target::Models(aliases) => (
                aliases.default_to_question.as_deref(),
                aliases.focus.as_deref(),
            ),
            Target::Discuss(target) => (target.default_to_question.as_deref(), None),
            Target::Lambda(_) | Target::Http(_) | Target::Mcp(_) | Target::Chain(_) => (None, None),
        };
        let arguments = (tool.program.as_deref(), question, focus);
        (
            tool.name.as_str(),
            tool.ends_run,
            tool.sources.as_deref(),
            arguments,
        )
    });
    let expected = [
        (
            "enhance_reasoning",
            false,
            None,
            (None, Some("problem"), Some("reasoning_focus")),
        ),
        ("answer", true, None, (None, Some("problem"), None)),
        ("search", false, Some("results"), (None, None, None)),
        ("code_interpreter", false, None, (Some("code"), None, None)),
        ("read_url", false, Some("url"), (None, None, None)),
        ("discuss", false, None, (None, Some("problem"), None)),
    ];
    assert_eq!(declared.collect::<Vec<_>>(), expected);
    assert!(!catalog.names_tell_roles);
    assert_eq!(catalog.orchestrator.prompt, Prompt::Chat);
}

#[test]
fn its_models_have_names_of_their_own_in_each_tool_strongest_first() {
    let catalog = given_shipped().catalog();
    let names = |at: usize| match &catalog.tools[at].target {
        Target::Models(aliases) => {
            let pairs = aliases.models.iter();
            pairs.map(|(name, id)| format!("{name}={id}")).collect()
        }
        Target::Lambda(_)
        | Target::Http(_)
        | Target::Mcp(_)
        | Target::Discuss(_)
        | Target::Chain(_) => Vec::new(),
    };
    assert_eq!(
        names(0),
        ["reasoner-1=qwen", "reasoner-2=phi", "reasoner-3=llama"]
    );
    assert_eq!(
        names(1),
        ["answer-1=qwen", "answer-2=phi", "answer-3=llama"]
    );
    let ids: Vec<_> = catalog
        .models
        .iter()
        .map(|model| model.id.as_str())
        .collect();
    assert_eq!(ids, ["qwen", "phi", "llama"]);
    assert_eq!(catalog.models[0].variables.key, "QWEN_API_KEY");
    assert_eq!(catalog.models[0].variables.model, "QWEN_MODEL");
}

#[test]
fn its_functions_are_named_and_the_one_that_runs_programs_is_isolated_by_owner() {
    let catalog = given_shipped().catalog();
    let functions: Vec<_> = catalog
        .tools
        .iter()
        .filter_map(|tool| match &tool.target {
            Target::Lambda(lambda) => Some((lambda.function.as_str(), lambda.tenant)),
            Target::Models(_)
            | Target::Http(_)
            | Target::Mcp(_)
            | Target::Discuss(_)
            | Target::Chain(_) => None,
        })
        .collect();
    assert_eq!(
        functions,
        [
            ("search", None),
            ("code_interpreter", Some(Tenant::Owner)),
            ("read_url", None)
        ]
    );
    assert!(catalog.tools.iter().all(|tool| tool.retry == Retry::Safe));
}

#[test]
fn models_and_tools_are_found_by_name_and_nothing_else_is() {
    let catalog = given_shipped().catalog();
    for id in ["qwen", "phi", "llama"] {
        assert_eq!(catalog.model(&ModelId::new(id)).unwrap().id.as_str(), id);
    }
    for name in [
        "enhance_reasoning",
        "answer",
        "search",
        "code_interpreter",
        "read_url",
        "discuss",
    ] {
        assert_eq!(
            catalog.tool(&ToolName::new(name)).unwrap().name.as_str(),
            name
        );
    }
    for other in ["", "Qwen", "final_answer", "searc"] {
        assert!(catalog.model(&ModelId::new(other)).is_none(), "{other}");
        assert!(catalog.tool(&ToolName::new(other)).is_none(), "{other}");
    }
}

#[test]
fn a_tool_is_described_to_people_as_to_the_orchestrator() {
    let given = given_shipped();
    let catalog = given.catalog();
    let written = given.0.pointer(SEARCH).unwrap()["function"].clone();
    assert_eq!(catalog.tools[2].description(), written["description"]);
    assert_eq!(given.run().tools().functions()[2]["function"], written);
}
