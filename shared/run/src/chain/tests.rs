//! What is taken from texts as models write them.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn chain(take: Take, otherwise: Otherwise) -> Chain {
    Chain {
        model: ModelId::new("qwen"),
        take,
        max_chars: None,
        otherwise,
        then: ChainedCall {
            tool: ToolName::new("web_search"),
            argument: "query".to_owned(),
            arguments: Map::from_iter([("num_results".to_owned(), json!(5))]),
            repeatable: true,
            sources: None,
            timeout_ms: 10,
        },
        timeout_ms: 20,
        max_result_bytes: 1000,
    }
}

fn by_tag(text: &str) -> Option<String> {
    let chain = chain(Take::Tag("query".to_owned()), Otherwise::Fail);
    chain.taken(text, false, "the problem")
}

fn by_fence(text: &str) -> Option<String> {
    let chain = chain(Take::Fence("python".to_owned()), Otherwise::Fail);
    chain.taken(text, false, "the problem")
}

#[test]
fn the_last_pair_of_tags_counts() {
    let cases = [
        (
            "<query>population of Tokyo</query>",
            Some("population of Tokyo"),
        ),
        (
            "a <query>first one</query> b <query>second one</query> c",
            Some("second one"),
        ),
        (
            "<query>\n  two lines\n  of it\n</query>",
            Some("two lines\n  of it"),
        ),
        ("<QUERY>in capitals</Query>", Some("in capitals")),
        (
            "<query lang=\"en\">with attributes</query>",
            Some("with attributes"),
        ),
        ("<query >blanks in tags</query >", Some("blanks in tags")),
        ("<query><query>opened twice</query>", Some("opened twice")),
        ("<query>closed</query> <query>cut off", Some("closed")),
        ("<query>inner</query> tail</query>", Some("inner")),
        ("<query>a < b and c > d</query>", Some("a < b and c > d")),
        ("<query>é 東京 🌍</query>", Some("é 東京 🌍")),
        ("İ<query>dotted capital</query>", Some("dotted capital")),
        ("<querying>another tag</querying>", None),
        ("<query>no end", None),
        ("no begin</query>", None),
        ("</query>reversed<query>", None),
        ("<query></query>", None),
        ("<query> \n\t </query>", None),
        ("<query>four</query>", None),
        ("<query>fiver</query>", Some("fiver")),
        ("<query", None),
        ("<query>x</query", None),
        ("", None),
        ("The query is: population of Tokyo", None),
        // As models were seen to write.
        (
            "<think>I put it into <query> tags, then </query>.</think>\n<query>people of Tokyo</query>",
            Some("people of Tokyo"),
        ),
        (
            "<query>people of Tokyo</query></query>\n</query>",
            Some("people of Tokyo"),
        ),
        ("people of Tokyo</query>", None),
    ];
    for (text, taken) in cases {
        assert_eq!(by_tag(text).as_deref(), taken, "{text}");
    }
}

#[test]
fn the_last_closed_fence_counts() {
    let cases = [
        ("```python\nprint(7)\n```", Some("print(7)")),
        (
            "a\n```python\nprint(1)\n```\nb\n```python\nprint(2)\n```\nc",
            Some("print(2)"),
        ),
        (
            "```python\nprint(1)\n```\n```python\nprint(2)",
            Some("print(1)"),
        ),
        ("```Python\nprint(7)\n```", Some("print(7)")),
        ("```python3\nprint(7)\n```", Some("print(7)")),
        ("```py\nprint(7)\n```", Some("print(7)")),
        ("``` python\nprint(7)\n```", Some("print(7)")),
        ("```python title=\"a.py\"\nprint(7)\n```", Some("print(7)")),
        ("```{.python}\nprint(7)\n```", Some("print(7)")),
        (
            "~~~python\nprint('```')\n```\n~~~",
            Some("print('```')\n```"),
        ),
        (
            "````python\nprint('''\n```\n''')\n````",
            Some("print('''\n```\n''')"),
        ),
        (
            "```python\r\nprint(7)\r\nprint(8)\r\n```\r\n",
            Some("print(7)\nprint(8)"),
        ),
        (
            "- so:\n  ```python\n  if 1:\n    print(7)\n  ```",
            Some("if 1:\n  print(7)"),
        ),
        (
            "- so:\n    ```python\n  print(7)\nprint(8)\n\tprint(9)\n    ```",
            Some("print(7)\nprint(8)\nprint(9)"),
        ),
        ("```\nprint(7)\n```", Some("print(7)")),
        (
            "```\nprint(1)\n```\n```python\nprint(2)\n```\n```\nnot this\n```",
            Some("print(2)"),
        ),
        (
            "```python\nprint(7)\n```\n```json\n{\"a\": 1}\n```",
            Some("print(7)"),
        ),
        (
            "```python\nprint(7)\n```\nIt prints:\n```output\n7\n7\n7\n```",
            Some("print(7)"),
        ),
        ("```javascript\nconsole.log(7)\n```", None),
        ("```python print(7)```", None),
        ("print(7)", None),
        ("```python\nprint(7)", None),
        ("```python\n```", None),
        ("```python\n1+1\n```", None),
        ("```python\nprint(7)\n``", None),
        // As models were seen to write.
        (
            "```python\nx = \"\"\"\n```shell\nls\n```\n\"\"\"\nprint(x)\n```",
            Some("x = \"\"\"\n```shell\nls\n```\n\"\"\"\nprint(x)"),
        ),
        (
            "```python\nprint(1)\n```python\nprint(2)\n```",
            Some("print(2)"),
        ),
        ("```python\ns = \"`` ` ``\"\n```", Some("s = \"`` ` ``\"")),
        ("def foo(): return 1\n```", None),
        (
            "```python\nprint(7)\n```\n\n```\nA summary.\n```",
            Some("print(7)"),
        ),
        ("", None),
    ];
    for (text, taken) in cases {
        assert_eq!(by_fence(text).as_deref(), taken, "{text}");
    }
}

#[test]
fn what_a_model_left_open_counts_where_it_was_not_cut() {
    let tags = [
        ("<query>people of Tokyo", Some("people of Tokyo")),
        (
            "<query>people of Tokyo\nThat is all.",
            Some("people of Tokyo"),
        ),
        ("<query>\npeople of Tokyo<br>", Some("people of Tokyo")),
        ("<query>closed</query> <query>left open", Some("closed")),
        ("<query>", None),
        ("<query", None),
    ];
    let chain_of = |take| chain(take, Otherwise::Fail);
    let by_tag = chain_of(Take::Tag("query".to_owned()));
    for (text, taken) in tags {
        assert_eq!(by_tag.taken(text, true, "p").as_deref(), taken, "{text}");
    }
    let fences = [
        ("```python\nprint(7)", Some("print(7)")),
        (
            "```python\nprint(1)\n```\n```python\nprint(2)",
            Some("print(1)"),
        ),
        ("```\nprint(7)", None),
        ("```python", None),
    ];
    let by_fence = chain_of(Take::Fence("python".to_owned()));
    for (text, taken) in fences {
        assert_eq!(by_fence.taken(text, true, "p").as_deref(), taken, "{text}");
    }
    let by_fence = chain_of(Take::Fence("c++".to_owned()));
    let program = by_fence.taken("```c++\nint main() {}\n```", true, "p");
    assert_eq!(program.as_deref(), Some("int main() {}"));
}

#[test]
fn what_is_too_short_or_missing_is_the_problem_or_nothing() {
    let mut chain = chain(Take::Tag("query".to_owned()), Otherwise::Problem);
    for text in ["", "<query>four</query>", "no tags", "<query>cut off"] {
        assert_eq!(
            chain.taken(text, false, " the problem "),
            Some("the problem".to_owned())
        );
    }
    chain.max_chars = Some(7);
    assert_eq!(
        chain.taken("", true, "the problem"),
        Some("the pro".to_owned())
    );
    let long = "<query>ééé ééé ééé</query>";
    assert_eq!(
        chain.taken(long, true, "the problem"),
        Some("ééé ééé".to_owned())
    );
    chain.max_chars = Some(4);
    assert_eq!(
        chain.taken("<query>ééé ééé</query>", true, "p"),
        Some("p".to_owned()),
        "what is left of it is too short"
    );
}

#[test]
fn a_program_is_taken_whole_or_not_at_all() {
    let mut chain = chain(Take::Fence("python".to_owned()), Otherwise::Fail);
    let text = "```python\nprint(7)\n```";
    chain.max_chars = Some(8);
    assert_eq!(chain.taken(text, true, "p"), Some("print(7)".to_owned()));
    chain.max_chars = Some(7);
    assert_eq!(chain.taken(text, true, "p"), None);
}

#[test]
fn the_tool_gets_what_was_taken_beside_the_other_arguments() {
    let chain = chain(Take::Tag("query".to_owned()), Otherwise::Fail);
    let arguments = Value::Object(chain.then.arguments_with("{taken} {x}"));
    assert_eq!(arguments, json!({"query": "{taken} {x}", "num_results": 5}));
}

#[test]
fn it_is_stored_as_it_is_read() {
    let chain = chain(Take::Fence("python".to_owned()), Otherwise::Problem);
    let stored = serde_json::to_value(&chain).unwrap();
    assert_eq!(stored["take"], json!({"fence": "python"}));
    assert_eq!(stored["otherwise"], json!("problem"));
    assert_eq!(serde_json::from_value::<Chain>(stored).unwrap(), chain);
}

proptest! {
    #[test]
    fn what_stands_in_tags_comes_out_whatever_stands_around(before in "\\PC*", query in "[a-zA-Zé <>&\"]{5,80}", after in "[^<]*") {
        prop_assume!(query.trim().chars().count() >= 5);
        let text = format!("{before}<query>{query}</query>{after}");
        // A tag within the query itself is another matter.
        prop_assume!(!query.to_ascii_lowercase().contains("query"));
        prop_assert_eq!(by_tag(&text), Some(query.trim().to_owned()));
    }

    #[test]
    fn a_program_comes_out_line_for_line(lines in proptest::collection::vec("[a-z(){}=' ]{1,40}", 1..8), after in "[a-z \n]*") {
        let program = lines.join("\n");
        prop_assume!(program.trim().chars().count() >= 5);
        let text = format!("Here:\n```python\n{program}\n```\n{after}");
        prop_assert_eq!(by_fence(&text), Some(program));
    }

    #[test]
    fn nothing_panics(text in "(<|</|query|>|```|~~~|python|\n| |é|.){0,60}") {
        for taken in [by_tag(&text), by_fence(&text)] {
            prop_assert!(taken.is_none_or(|taken| taken.trim().chars().count() >= Chain::MIN_TAKEN_CHARS));
        }
    }
}
