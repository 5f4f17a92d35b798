//! Calls, and how each family of models writes them.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn argument() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[\\PC\n\t]{0,12}".prop_map(Value::from),
        proptest::sample::select(
            &[
                "it's",
                "a \"b\" \\",
                "</tool_call>",
                "[x] {y} (z)",
                "```",
                "<b>"
            ][..]
        )
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec(("[a-z]{1,4}", inner), 0..3)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

#[derive(Clone, Debug)]
pub struct Call {
    pub name: &'static str,
    pub arguments: Map<String, Value>,
}

pub fn call() -> impl Strategy<Value = Call> {
    let named = proptest::sample::select(&[("search", TEXTS[0]), ("get_weather", TEXTS[1])][..]);
    let arguments = vec(("x[a-z_]{0,7}", argument()), 0..4);
    let text = proptest::option::of(prop_oneof![
        "[\\PC\n\t]{0,12}",
        proptest::sample::select(&["7", "true", " {\"a\": 1", "</tool_call>", "a < b\n\"c\""][..])
            .prop_map(str::to_owned),
    ]);
    (named, arguments, text).prop_map(|((name, text_argument), arguments, text)| {
        let text = text.map(|text| {
            // The tags stand on lines of their own: a line end beside one is not the text's.
            let text = Value::from(text.trim_matches('\n'));
            (text_argument.to_owned(), text)
        });
        Call {
            name,
            arguments: arguments.into_iter().chain(text).collect(),
        }
    })
}

/// Arguments that the tools' schemas call text: in elements of their own they are written as they are.
const TEXTS: [&str; 2] = ["q", "city"];

fn in_element(name: &str, value: &Value) -> String {
    match value {
        Value::String(text) if TEXTS.contains(&name) => text.clone(),
        Value::Null
        | Value::Bool(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Array(_)
        | Value::Object(_) => value.to_string(),
    }
}

#[derive(Clone, Copy, Debug)]
pub enum Dialect {
    Hermes,
    Llama,
    PythonTag,
    Pythonic,
    Functools,
    MistralList,
    MistralArgs,
    Xml,
    DeepSeek,
    Kimi,
    Glm,
    MiniMax,
    MiniMaxMarks,
    Prefixed,
    Dsml,
    Gemma,
    Harmony,
    PythonTags,
    Fenced,
    FunctionJson,
    FunctionOpen,
    ToolUse,
    PhiTag,
    ToolCallTag,
    CommandR,
    R1,
}

pub fn dialect() -> impl Strategy<Value = Dialect> {
    use Dialect::*;
    proptest::sample::select(vec![
        Hermes,
        Llama,
        PythonTag,
        Pythonic,
        Functools,
        MistralList,
        MistralArgs,
        Xml,
        DeepSeek,
        Kimi,
        Glm,
        MiniMax,
        MiniMaxMarks,
        Prefixed,
        Dsml,
        Gemma,
        Harmony,
        PythonTags,
        Fenced,
        FunctionJson,
        FunctionOpen,
        ToolUse,
        PhiTag,
        ToolCallTag,
        CommandR,
        R1,
    ])
}

impl Dialect {
    /// Whether text may stand around the calls.
    pub const fn bears_text(self) -> bool {
        !matches!(self, Self::Llama)
    }

    pub fn write(self, calls: &[Call]) -> String {
        let each = |write: fn(&Call) -> String, between: &str| {
            calls.iter().map(write).collect::<Vec<_>>().join(between)
        };
        let object =
            |call: &Call| json!({"name": call.name, "arguments": call.arguments}).to_string();
        match self {
            Self::Hermes => each(
                |call| {
                    format!(
                        "<tool_call>\n{}\n</tool_call>",
                        json!({"name": call.name, "arguments": call.arguments})
                    )
                },
                "\n",
            ),
            Self::Llama => each(
                |call| json!({"name": call.name, "parameters": call.arguments}).to_string(),
                "; ",
            ),
            Self::PythonTag => format!("<|python_tag|>{}", each(object, "; ")),
            Self::Pythonic => format!("[{}]", each(python, ", ")),
            Self::Functools => format!("functools[{}]", each(object, ", ")),
            Self::MistralList => format!("[TOOL_CALLS] [{}]", each(object, ", ")),
            Self::MistralArgs => each(mistral_args, ""),
            Self::Xml => each(xml, "\n"),
            Self::Glm => each(glm, "\n"),
            Self::MiniMax => format!(
                "<minimax:tool_call>\n{}\n</minimax:tool_call>",
                each(|call| invoke(call, "", ""), "\n")
            ),
            Self::MiniMaxMarks => {
                format!("{MARK}<tool_call>\n{}{MARK}</tool_call>", each(marked, ""))
            }
            Self::Prefixed => format!(
                "<atem:function_calls>\n{}\n</atem:function_calls>",
                each(|call| invoke(call, "atem:", ""), "\n")
            ),
            Self::Dsml => format!(
                "<｜DSML｜function_calls>\n{}\n</｜DSML｜function_calls>",
                each(|call| invoke(call, "｜DSML｜", " string=\"false\""), "\n")
            ),
            Self::Gemma => each(gemma, ""),
            Self::Harmony => each(harmony, "<|start|>assistant"),
            Self::PythonTags => {
                format!(
                    "<|tool_call_start|>[{}]<|tool_call_end|>",
                    each(python, ", ")
                )
            }
            Self::Kimi => format!(
                "<|tool_calls_section_begin|>{}<|tool_calls_section_end|>",
                each(
                    |call| format!(
                        "<|tool_call_begin|>functions.{}:0<|tool_call_argument_begin|>{}<|tool_call_end|>",
                        call.name,
                        Value::Object(call.arguments.clone())
                    ),
                    ""
                )
            ),
            Self::DeepSeek => format!(
                "<｜tool▁calls▁begin｜>{}<｜tool▁calls▁end｜>",
                each(
                    |call| format!(
                        "<｜tool▁call▁begin｜>{}<｜tool▁sep｜>{}<｜tool▁call▁end｜>",
                        call.name,
                        Value::Object(call.arguments.clone())
                    ),
                    "\n"
                )
            ),
            Self::FunctionOpen => each(function_open, "\n"),
            Self::ToolUse => each(tool_use, "\n"),
            Self::FunctionJson => each(function_json, "\n"),
            Self::PhiTag => format!("<|tool_call|>[{}]<|/tool_call|>", each(object, ", ")),
            Self::ToolCallTag => format!("<TOOLCALL>[{}]</TOOLCALL>", each(object, ", ")),
            Self::CommandR => format!(
                "<|START_ACTION|>[\n{}\n]<|END_ACTION|>",
                each(command_r, ",\n")
            ),
            Self::R1 => format!(
                "<｜tool▁calls▁begin｜>{}<｜tool▁calls▁end｜>",
                each(r1, "\n")
            ),
            Self::Fenced => each(
                |call| {
                    format!(
                        "```json\n{}\n```",
                        json!({"name": call.name, "parameters": call.arguments})
                    )
                },
                "\n",
            ),
        }
    }
}

fn python(call: &Call) -> String {
    let arguments = call.arguments.iter();
    let arguments: Vec<_> = arguments
        .map(|(name, value)| format!("{name}={}", literal(value)))
        .collect();
    format!("{}({})", call.name, arguments.join(", "))
}

/// A value in Python.
fn literal(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => {
            let text = text
                .replace('\\', "\\\\")
                .replace('\'', "\\'")
                .replace('\n', "\\n");
            format!("'{text}'")
        }
        Value::Array(values) => format!(
            "[{}]",
            values.iter().map(literal).collect::<Vec<_>>().join(", ")
        ),
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| format!("'{name}': {}", literal(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
    }
}

fn command_r(call: &Call) -> String {
    json!({"tool_call_id": "0", "tool_name": call.name, "parameters": call.arguments}).to_string()
}

fn r1(call: &Call) -> String {
    format!(
        "<｜tool▁call▁begin｜>function<｜tool▁sep｜>{}\n```json\n{}\n```<｜tool▁call▁end｜>",
        call.name,
        Value::Object(call.arguments.clone())
    )
}

impl Call {
    fn json(&self) -> String {
        Value::Object(self.arguments.clone()).to_string()
    }
}

fn mistral_args(call: &Call) -> String {
    format!("[TOOL_CALLS]{}[ARGS]{}", call.name, call.json())
}

fn function_json(call: &Call) -> String {
    format!("<function={}>{}</function>", call.name, call.json())
}

fn function_open(call: &Call) -> String {
    format!("<function={}{}</function>", call.name, call.json())
}

fn tool_use(call: &Call) -> String {
    format!("[tool_use: {}] {}", call.name, call.json())
}

const MARK: &str = "]<]minimax[>[";

fn marked(call: &Call) -> String {
    let arguments = call.arguments.iter();
    let elements = arguments.map(|(name, value)| {
        let text = in_element(name, value);
        format!("{MARK}<{name}>{text}{MARK}</{name}>")
    });
    let elements: String = elements.collect();
    format!(
        "{MARK}<invoke name=\"{}\">{elements}{MARK}</invoke>\n",
        call.name
    )
}

fn xml(call: &Call) -> String {
    let arguments = call.arguments.iter().map(|(name, value)| {
        let value = in_element(name, value);
        format!("<parameter={name}>\n{value}\n</parameter>\n")
    });
    format!(
        "<tool_call>\n<function={}>\n{}</function>\n</tool_call>",
        call.name,
        arguments.collect::<String>()
    )
}

fn glm(call: &Call) -> String {
    let arguments = call.arguments.iter();
    let pairs = arguments.map(|(name, value)| {
        let value = in_element(name, value);
        format!("<arg_key>{name}</arg_key>\n<arg_value>{value}</arg_value>\n")
    });
    format!(
        "<tool_call>{}\n{}</tool_call>",
        call.name,
        pairs.collect::<String>()
    )
}

fn invoke(call: &Call, mark: &str, kind: &str) -> String {
    let arguments = call.arguments.iter();
    let arguments = arguments.map(|(name, value)| {
        let value = in_element(name, value);
        format!("<{mark}parameter name=\"{name}\"{kind}>{value}</{mark}parameter>\n")
    });
    format!(
        "<{mark}invoke name=\"{}\">\n{}</{mark}invoke>",
        call.name,
        arguments.collect::<String>()
    )
}

fn gemma(call: &Call) -> String {
    let arguments = call.arguments.iter();
    let arguments: Vec<_> = arguments
        .map(|(name, value)| format!("{name}:{}", gemma_value(value)))
        .collect();
    format!(
        "<|tool_call>call:{}{{{}}}<tool_call|>",
        call.name,
        arguments.join(",")
    )
}

fn gemma_value(value: &Value) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => format!("<|\"|>{text}<|\"|>"),
        Value::Array(values) => {
            let values: Vec<_> = values.iter().map(gemma_value).collect();
            format!("[{}]", values.join(","))
        }
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields: Vec<_> = fields
                .map(|(name, value)| format!("{name}:{}", gemma_value(value)))
                .collect();
            format!("{{{}}}", fields.join(","))
        }
    }
}

fn harmony(call: &Call) -> String {
    format!(
        "<|channel|>commentary to=functions.{} <|constrain|>json<|message|>{}<|call|>",
        call.name,
        Value::Object(call.arguments.clone())
    )
}
