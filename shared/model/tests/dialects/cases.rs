//! Texts as models write them, with what is to be read of each.

/// A text, what of it is shown, and the calls in it.
pub type Case = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
);

const TOKYO: (&str, &str) = ("get_weather", r#"{"city":"Tokyo"}"#);
const SEARCH: (&str, &str) = ("search", r#"{"q":"x"}"#);

pub const WELL_FORMED: &[Case] = &[
    // Hermes, Qwen
    (
        "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Tokyo\"}}\n</tool_call>",
        "",
        &[TOKYO],
    ),
    (
        "First.\n<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}\n</tool_call>\n<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Tokyo\"}}</tool_call>\nLast.",
        "First.\nLast.",
        &[SEARCH, TOKYO],
    ),
    (
        "<tool_call>{\"name\": \"invented\", \"arguments\": {}}</tool_call>",
        "",
        &[("invented", "{}")],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"</tool_call> {[ \\\" é\"}}</tool_call>",
        "",
        &[("search", "{\"q\":\"</tool_call> {[ \\\" é\"}")],
    ),
    // Llama 3
    (
        "{\"name\": \"search\", \"parameters\": {\"q\": \"x\"}}; {\"name\": \"get_weather\", \"parameters\": {\"city\": \"Tokyo\"}}",
        "",
        &[SEARCH, TOKYO],
    ),
    (
        "<|python_tag|>{\"type\": \"function\", \"name\": \"search\", \"parameters\": {\"q\": \"x\"}}<|eom_id|>",
        "",
        &[SEARCH],
    ),
    (
        "<|python_tag|>{\"name\": \"search\", \"parameters\": {\"q\": \"x\"}}<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n<|python_tag|>{\"name\": \"get_weather\", \"parameters\": {\"city\": \"Tokyo\"}}<|eot_id|>",
        "",
        &[SEARCH, TOKYO],
    ),
    ("<function=search>{\"q\": \"x\"}</function>", "", &[SEARCH]),
    (
        " \n[{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}]\n",
        " \n",
        &[SEARCH],
    ),
    // pythonic
    (
        "[search(q='x'), get_weather(city=\"Tokyo\")]",
        "",
        &[SEARCH, TOKYO],
    ),
    (
        "So: [search(q='a, (b) ]', role=None, ok=True, of=['J', 1.5], in_={'a': -1})] done",
        "So: done",
        &[(
            "search",
            r#"{"q":"a, (b) ]","role":null,"ok":true,"of":["J",1.5],"in_":{"a":-1}}"#,
        )],
    ),
    // Phi-4-mini
    (
        "functools[{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Tokyo\"}}]",
        "",
        &[TOKYO],
    ),
    (
        "Well, functools[{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}, {\"name\": \"get_weather\", \"arguments\": {\"city\": \"Tokyo\"}}]<|/tool_call|>.",
        "Well, .",
        &[SEARCH, TOKYO],
    ),
    (
        "<|tool_call|>[{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}]<|/tool_call|>",
        "",
        &[SEARCH],
    ),
    // Mistral
    (
        "[TOOL_CALLS] [{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}]",
        "",
        &[SEARCH],
    ),
    (
        "Hm. [TOOL_CALLS]search[ARGS]{\"q\": \"x\"}[TOOL_CALLS]get_weather[CALL_ID]a1[ARGS]{\"city\": \"Tokyo\"}</s>",
        "Hm. ",
        &[SEARCH, TOKYO],
    ),
    ("[TOOL_CALLS]search{\"q\": \"x\"}", "", &[SEARCH]),
    // Qwen3-Coder
    (
        "<tool_call>\n<function=search>\n<parameter=q>\nx\n</parameter>\n<parameter=limit>\n7\n</parameter>\n</function>\n</tool_call>",
        "",
        &[("search", r#"{"q":"x","limit":7}"#)],
    ),
    (
        "Go.\n<function=search>\n<parameter=q>\n12\n</parameter>\n<parameter=code>\nif a < b:\n    print(\"<b>\")\n</parameter>\n</function>\nOn.",
        "Go.\nOn.",
        &[(
            "search",
            r#"{"q":"12","code":"if a < b:\n    print(\"<b>\")"}"#,
        )],
    ),
    // DeepSeek
    (
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{\"city\": \"Tokyo\"}<｜tool▁call▁end｜><｜tool▁call▁begin｜>search<｜tool▁sep｜>{\"q\": \"x\"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        "",
        &[TOKYO, SEARCH],
    ),
    (
        "Ah.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>search\n```json\n{\"q\": \"x\"}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>",
        "Ah.",
        &[SEARCH],
    ),
    // GLM 4.5, 4.7
    (
        "On it.\n<tool_call>search\n<arg_key>q</arg_key>\n<arg_value>x</arg_value>\n<arg_key>limit</arg_key>\n<arg_value>7</arg_value>\n</tool_call>\n<tool_call>get_weather<arg_key>city</arg_key><arg_value>Tokyo</arg_value></tool_call>",
        "On it.\n",
        &[("search", r#"{"q":"x","limit":7}"#), TOKYO],
    ),
    (
        "<tool_call>\ninvented\n<arg_key>q</arg_key>\n<arg_value>12</arg_value>\n</tool_call>Go.",
        "Go.",
        &[("invented", r#"{"q":12}"#)],
    ),
    ("<tool_call>search</tool_call>", "", &[("search", "{}")]),
    // gpt-oss
    (
        "<|channel|>commentary to=functions.search <|constrain|>json<|message|>{\"q\": \"x\"}<|call|>",
        "",
        &[SEARCH],
    ),
    (
        "<|channel|>commentary<|message|>I look.<|end|><|start|>assistant<|channel|>commentary to=functions.searchjson<|message|>{\"q\": \"x\"}<|call|><|start|>assistant to=functions.get_weather<|channel|>commentary json<|message|>{\"city\": \"Tokyo\"}",
        "I look.",
        &[SEARCH, TOKYO],
    ),
    // Kimi
    (
        "Yes.<|tool_calls_section_begin|><|tool_call_begin|>functions.search:0<|tool_call_argument_begin|>{\"q\": \"x\"}<|tool_call_end|><|tool_call_begin|>functions.get_weather:1<|tool_call_argument_begin|>{\"city\": \"Tokyo\"}<|tool_call_end|><|tool_calls_section_end|>",
        "Yes.",
        &[SEARCH, TOKYO],
    ),
    // MiniMax, DeepSeek V3.2
    (
        "<minimax:tool_call>\n<invoke name=\"search\">\n<parameter name=\"q\">x</parameter>\n<parameter name=\"limit\">7</parameter>\n</invoke>\n<invoke name=\"get_weather\">\n<parameter name=\"city\">Tokyo</parameter>\n</invoke>\n</minimax:tool_call>",
        "",
        &[("search", r#"{"q":"x","limit":7}"#), TOKYO],
    ),
    (
        "So.\n<｜DSML｜function_calls>\n<｜DSML｜invoke name=\"search\">\n<｜DSML｜parameter name=\"q\" string=\"true\">x</｜DSML｜parameter>\n<｜DSML｜parameter name=\"limit\" string=\"false\">7</｜DSML｜parameter>\n</｜DSML｜invoke>\n</｜DSML｜function_calls>",
        "So.\n",
        &[("search", r#"{"q":"x","limit":7}"#)],
    ),
    (
        "<function_calls>\n<invoke name=\"search\">\n<parameter name=\"q\">x</parameter>\n<parameter name=\"limit\">7</parameter>\n</invoke>\n<invoke name=\"get_weather\">\n<parameter name=\"city\">Tokyo</parameter>\n</invoke>\n</function_calls>",
        "",
        &[("search", r#"{"q":"x","limit":7}"#), TOKYO],
    ),
    (
        "<antml:function_calls>\n<antml:invoke name=\"search\">\n<antml:parameter name=\"q\">x</antml:parameter>\n<antml:parameter name=\"limit\">7</antml:parameter>\n</antml:invoke>\n<antml:invoke name=\"get_weather\">\n<antml:parameter name=\"city\">Tokyo</antml:parameter>\n</antml:invoke>\n</antml:function_calls>",
        "",
        &[("search", r#"{"q":"x","limit":7}"#), TOKYO],
    ),
    (
        "<atem:function_calls>\n<atem:invoke name=\"search\">\n<atem:parameter name=\"q\">x</atem:parameter>\n<atem:parameter name=\"limit\">7</atem:parameter>\n</atem:invoke>\n<atem:invoke name=\"get_weather\">\n<atem:parameter name=\"city\">Tokyo</atem:parameter>\n</atem:invoke>\n</atem:function_calls>",
        "",
        &[("search", r#"{"q":"x","limit":7}"#), TOKYO],
    ),
    (
        "So.]<]minimax[>[<tool_call>\n]<]minimax[>[<invoke name=\"search\">]<]minimax[>[<q>x]<]minimax[>[</q>]<]minimax[>[<limit>7]<]minimax[>[</limit>]<]minimax[>[</invoke>\n]<]minimax[>[<invoke name=\"get_weather\">\n]<]minimax[>[<city>\nTokyo\n]<]minimax[>[</city>\n]<]minimax[>[</invoke>\n]<]minimax[>[</tool_call>",
        "So.",
        &[("search", r#"{"q":"x","limit":7}"#), TOKYO],
    ),
    // Kimi with one letter less, and what else stands around a name.
    (
        "<|tool_call_section_begin|><|tool_call_begin|>functions.search:0<|tool_call_argument_begin|>{\"q\": \"x\"}<|tool_call_end|><|tool_call_section_end|>",
        "",
        &[SEARCH],
    ),
    (
        "<function name=\"search\">{\"q\": \"x\"}</function>",
        "",
        &[SEARCH],
    ),
    (
        "I look. [tool_use: search] {\"q\": \"x\"}",
        "I look. ",
        &[SEARCH],
    ),
    // Objects whose keys are in another order, or one within the other.
    (
        "{\"function\": {\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}}",
        "",
        &[SEARCH],
    ),
    (
        "{\"function\": \"search\", \"arguments\": {\"q\": \"x\"}}",
        "",
        &[SEARCH],
    ),
    (
        "{\"arguments\": {\"q\": \"x\"}, \"name\": \"search\"}",
        "",
        &[SEARCH],
    ),
    (
        "{\"parameters\": '{\"q\": \"x\"}', \"name\": \"search\"}",
        "",
        &[SEARCH],
    ),
    // Objects under the keys of other APIs.
    (
        "{\"tool\": \"search\", \"arguments\": {\"q\": \"x\"}}",
        "",
        &[SEARCH],
    ),
    (
        "{\"action\": \"search\", \"action_input\": {\"q\": \"x\"}}",
        "",
        &[SEARCH],
    ),
    (
        "```json\n{\"tool_name\": \"search\", \"tool_input\": {\"q\": \"x\"}}\n```",
        "",
        &[SEARCH],
    ),
    (
        "[{\"recipient_name\": \"search\", \"parameters\": {\"q\": \"x\"}}]",
        "",
        &[SEARCH],
    ),
    (
        "{\"tool_calls\": [{\"id\": \"a\", \"type\": \"function\", \"function\": {\"name\": \"search\", \"arguments\": \"{\\\"q\\\": \\\"x\\\"}\"}}, {\"name\": \"get_weather\", \"arguments\": {\"city\": \"Tokyo\"}}]}",
        "",
        &[SEARCH, TOKYO],
    ),
    // Gemma 4
    (
        "<|tool_call>call:search{q:<|\"|>a \"b\", {c}<|\"|>,limit:7}<tool_call|><|tool_call>call:get_weather{city: \"Tokyo\"}<tool_call|>",
        "",
        &[("search", r#"{"q":"a \"b\", {c}","limit":7}"#), TOKYO],
    ),
    // Llama 4, LFM2, Nemotron, Command R
    (
        "<|python_start|>[search(q='x')]<|python_end|>",
        "",
        &[SEARCH],
    ),
    (
        "<|tool_call_start|>[search(q=\"x\"), get_weather(city=\"Tokyo\")]<|tool_call_end|>Well.",
        "Well.",
        &[SEARCH, TOKYO],
    ),
    (
        "<TOOLCALL>[{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}]</TOOLCALL>",
        "",
        &[SEARCH],
    ),
    (
        "<|START_ACTION|>[\n    {\"tool_call_id\": \"0\", \"tool_name\": \"search\", \"parameters\": {\"q\": \"x\"}}\n]<|END_ACTION|>",
        "",
        &[SEARCH],
    ),
    // Gemma 3
    (
        "Thus:\n```tool_code\nprint(search(q=\"x\"))\nget_weather(city='Tokyo')\n```\nSo.",
        "Thus:\nSo.",
        &[SEARCH, TOKYO],
    ),
    // fenced
    (
        "I call it:\n```json\n{\"name\": \"search\", \"parameters\": {\"q\": \"x\"}}\n```\nThen I answer.",
        "I call it:\nThen I answer.",
        &[SEARCH],
    ),
    (
        "```\n[{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}]\n```",
        "",
        &[SEARCH],
    ),
];

pub const MALFORMED: &[Case] = &[
    // The opening tag is missing or garbled.
    (
        "Let me see.\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}\n</tool_call>",
        "Let me see.\n",
        &[SEARCH],
    ),
    (
        "<|tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}<tool_call|>",
        "",
        &[SEARCH],
    ),
    (
        "<function=search>\n<parameter=q>\nx\n</parameter>\n</function>\n</tool_call>",
        "",
        &[SEARCH],
    ),
    (
        "<|tool_calls_begin|><|tool_call_begin|>search<|tool_sep|>{\"q\": \"x\"}<|tool_call_end|><|tool_calls_end|>",
        "",
        &[SEARCH],
    ),
    // The closing tag is missing.
    (
        "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}\n<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Tokyo\"}}",
        "",
        &[SEARCH, TOKYO],
    ),
    (
        "<tool_call>\n<function=search>\n<parameter=q>\nx\n</parameter>\n</tool_call>",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>\n<function=search>\n<parameter=q>\nx\n<parameter=limit>\n7\n</function>",
        "",
        &[("search", r#"{"q":"x","limit":7}"#)],
    ),
    ("<tool_call><function=search><parameter=q>x", "", &[SEARCH]),
    (
        "<tool_call>\n<function=search>\n</tool_call>",
        "",
        &[("search", "{}")],
    ),
    (
        "```json\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}",
        "",
        &[SEARCH],
    ),
    // A bracket is missing, or one too many.
    (
        "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}\n</tool_call>",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}}\n</tool_call>ok",
        "ok",
        &[SEARCH],
    ),
    (
        "{\"name\": \"search\", \"parameters\": {\"q\": \"x\"}",
        "",
        &[SEARCH],
    ),
    // Tags twice.
    (
        "<function=search>\n<parameter=q>\nx\n</parameter>\n</parameter>\n</function>\n</tool_call></tool_call>",
        "",
        &[SEARCH],
    ),
    // GLM without its closing tags, and without the first of them.
    (
        "<tool_call>search\n<arg_key>q</arg_key>\n<arg_value>x",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>search\n<arg_key>q</arg_key>\n<arg_value>x\n<arg_key>limit</arg_key>\n<arg_value>7</arg_value>\nDone.",
        "Done.",
        &[("search", r#"{"q":"x","limit":7}"#)],
    ),
    ("functools[search(q='x')]", "", &[SEARCH]),
    // An argument that is no whole value is text.
    (
        "<function=search><parameter=of>[1, 2</parameter></function>",
        "",
        &[("search", r#"{"of":"[1, 2"}"#)],
    ),
    // An object behind arguments is text.
    (
        "<function=search><parameter=q>x</parameter>{\"a\": 1}",
        "{\"a\": 1}",
        &[SEARCH],
    ),
    // Gemma without its closing tag.
    ("<|tool_call>call:search{q:<|\"|>x<|\"|>}", "", &[SEARCH]),
    // MiniMax M3 without its closing tags, and with elements in an argument.
    (
        "]<]minimax[>[<tool_call>\n]<]minimax[>[<invoke name=\"search\">]<]minimax[>[<q>x",
        "",
        &[SEARCH],
    ),
    (
        "]<]minimax[>[<tool_call>]<]minimax[>[<invoke name=\"get_weather\">]<]minimax[>[<city>]<]minimax[>[<item>a]<]minimax[>[</item>]<]minimax[>[</city>]<]minimax[>[</invoke>]<]minimax[>[</tool_call>",
        "",
        &[("get_weather", r#"{"city":"<item>a</item>"}"#)],
    ),
    // Llama without the end of its opening tag.
    ("<function=search{\"q\": \"x\"}</function>", "", &[SEARCH]),
    (
        "I look.\n<function=search={\"q\": \"x\"}</function>",
        "I look.\n",
        &[SEARCH],
    ),
    // A header of gpt-oss without its end, and a bracket too few.
    (
        "<|channel|>commentary to=functions.search json<|message|>{\"q\": \"x\"",
        "",
        &[SEARCH],
    ),
    // Arguments in a string, under another key, beside the name, or absent.
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": \"{\\\"q\\\": \\\"x\\\"}\"}</tool_call>",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"parameters\": {\"q\": \"x\"}}</tool_call>",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"q\": \"x\"}</tool_call>",
        "",
        &[SEARCH],
    ),
    (
        "<tool_call>{\"name\": \"search\"}</tool_call>",
        "",
        &[("search", "{}")],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": \"[1]\"}</tool_call>",
        "",
        &[("search", "\"[1]\"")],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": \"{'q': [1\"}</tool_call>",
        "",
        &[("search", "\"{'q': [1\"")],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": \"\"}</tool_call>",
        "",
        &[("search", "{}")],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": \" \"}</tool_call>",
        "",
        &[("search", "{}")],
    ),
    (
        "<tool_call>{\"type\": \"function\", \"function\": {\"name\": \"search\", \"arguments\": null}}</tool_call>",
        "",
        &[("search", "{}")],
    ),
    // Python in place of JSON.
    (
        "<tool_call>{'name': 'search', 'arguments': {'q': 'it\\'s', 'a': True, 'b': None,},}</tool_call>",
        "",
        &[("search", r#"{"q":"it's","a":true,"b":null}"#)],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"two\nlines\",}}</tool_call>",
        "",
        &[("search", r#"{"q":"two\nlines"}"#)],
    ),
    // What cannot be read is for the caller to refuse.
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": x y}}</tool_call>",
        "",
        &[(
            "search",
            "{\"name\": \"search\", \"arguments\": {\"q\": x y}}",
        )],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"x}}</tool_call>",
        "",
        &[(
            "search",
            "{\"name\": \"search\", \"arguments\": {\"q\": \"x}}",
        )],
    ),
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": {\"type\": \"string\"}}}</tool_call>",
        "",
        &[("search", r#"{"q":{"type":"string"}}"#)],
    ),
];

/// Calls whose names are not offered: other spellings of an offered one, where nothing else is in the text, and any name where
/// the text is marked as a call.
pub const INVENTED: &[Case] = &[
    (
        "{\"name\": \"searchTool\", \"parameters\": {\"q\": \"x\"}}",
        "",
        &[SEARCH],
    ),
    (
        "{\"name\": \"functions.search\", \"arguments\": {\"q\": \"x\"}}",
        "",
        &[SEARCH],
    ),
    (
        "[{\"name\": \"web-search\", \"parameters\": {\"q\": \"x\"}}]",
        "",
        &[SEARCH],
    ),
    (
        "{\"name\": \"search\", \"parameters\": {\"q\": \"x\"}}; {\"name\": \"invented\", \"parameters\": {}}<|eom_id|>",
        "",
        &[SEARCH, ("invented", "{}")],
    ),
    (
        "{\"type\": \"function\", \"function\": {\"name\": \"Search()\", \"parameters\": {\"q\": \"x\"}}}",
        "",
        &[SEARCH],
    ),
    ("[default_api.search(q='x')]", "", &[SEARCH]),
    ("[default_api.search( q = 'x' )]", "", &[SEARCH]),
    (
        "<|channel|>commentary to=functions.inventedjson<|message|>{\"q\": \"x\"}<|call|>",
        "",
        &[("inventedjson", r#"{"q":"x"}"#)],
    ),
    (
        "<|tool_call_begin|>web:search<|tool_call_argument_begin|>{\"q\": \"x\"}<|tool_call_end|>",
        "",
        &[SEARCH],
    ),
    (
        "<|tool_call_begin|>functions.invented:0<|tool_call_argument_begin|>{}<|tool_call_end|>",
        "",
        &[("invented", "{}")],
    ),
    (
        "<|tool_call_begin|>functions.invented:a0<|tool_call_argument_begin|>{}<|tool_call_end|>",
        "",
        &[("invented:a0", "{}")],
    ),
    // A list behind a call between tags is none of it.
    (
        "<tool_call>{\"name\": \"search\", \"arguments\": {\"q\": \"x\"}}[{\"name\": \"invented\", \"arguments\": {}}]",
        "[{\"name\": \"invented\", \"arguments\": {}}]",
        &[SEARCH],
    ),
    (
        "[search(q='x'), invented(q='x')]</s>",
        "",
        &[SEARCH, ("invented", r#"{"q":"x"}"#)],
    ),
    (
        "```json\n{\"name\": \"search_web\", \"parameters\": {\"q\": \"x\"}}\n```\n",
        "",
        &[SEARCH],
    ),
    (
        "Thus:\n```tool_call\n{\"name\": \"invented\", \"parameters\": {}}\n```\nand so on.",
        "Thus:\nand so on.",
        &[("invented", "{}")],
    ),
    (
        "<tool_call>{\"name\": \"getWeather\", \"arguments\": {\"city\": \"Tokyo\"}}</tool_call>",
        "",
        &[TOKYO],
    ),
];

pub const TEXT: &[&str] = &[
    "{\"name\": \"lookupPerson\", \"parameters\": {\"query\": \"test1\"}}",
    "{\"name\": \"invented\", \"arguments\": {}}",
    "[{\"name\": \"invented\", \"parameters\": {}}]",
    "{\"type\": \"function\", \"function\": {\"name\": \"invented\", \"parameters\": {}}}",
    "[invented(q='x')]",
    "```json\n{\"name\": \"invented\", \"parameters\": {}}\n```\n",
    "{\"name\": \"web_search\", \"arguments\": {}} is a call.",
    "Thus:\n{\"name\": \"web_search\", \"arguments\": {}}",
    "{\"name\": \"invented\", \"arguments\": {}} is a call.",
    "{\"name\": \"invented\", \"arguments\": {}}</tool_call> is a call.",
    "Thus:\n{\"name\": \"invented\", \"arguments\": {}}",
    "{\"name\": \"invented\", \"arguments\": \"x\"}",
    "{\"name\": \"invented\", \"description\": \"x\", \"parameters\": {}}",
    "{\"name\": \"invented\", \"parameters\": {}, \"description\": \"x\"}",
    "{\"name\": \"invented\", \"par",
    "[{\"name\": \"invented\", \"parameters\": {}}] is a list.",
    "[note(see=below)]",
    "[invented(q='x')] is a call.",
    "See [invented(q='x')]",
    "[search(q='x'), invented(q='x')] are calls.",
    "[invented()]",
    "[invented(q",
    "```json\n{\"name\": \"invented\", \"parameters\": {}}\n```\nis a call.",
    "Plain text, with [a link](https://example.org) and f(x) < g[x] of functools.",
    "{\"name\": \"Alice\", \"age\": 3}",
    "{\"title\": \"T\"}",
    "{\"tool\": \"search\"}",
    "{\"action\": \"search\"}",
    "{\"action\": \"search\", \"target\": \"x\"}",
    "{\"action\": \"search\", \"arguments\": {}, \"target\": \"x\"}",
    "{\"tool\": \"invented\", \"arguments\": {}}",
    "{\"tool_calls\": 3}",
    "{\"tool_calls\": []}",
    "{\"tool_calls\": [], \"total\": 0}",
    "{\"tool_calls\": [{\"name\": \"search\", \"arguments\": {}}], \"total\": 1}",
    "{\"tool_calls\": [{\"name\": \"invented\", \"arguments\": {}}]}",
    "A mark is ]<]minimax[>[<tool_call>, and ]<]minimax[>[</tool_call> ends it.",
    "See [1]<]minimax",
    "[tool_use: search]",
    "[tool_use: search] and {\"q\": \"x\"}",
    "Use <function_calls> for calls.",
    "<function name=\"x\"> is a tag.",
    "[search(1 + 2)]",
    "<tool_call>{\"name\": search, \"arguments\": x y}</tool_call>",
    "<|tool_call>call:{q: 1}<tool_call|>",
    "<function=a b><parameter=q>x</parameter></function>",
    "<function=invented{\"q\": 1}</function>",
    "<function=invented\n{\"q\": 1}</function>",
    "<|tool_call_begin|><|tool_call_argument_begin|>{\"q\": \"x\"}",
    "<|tool_call_begin|>a`b<|tool_call_argument_begin|>{\"q\": \"x\"}",
    "<|tool_call_begin|>a<b<|tool_call_argument_begin|>{\"q\": \"x\"}",
    "<|tool_call_begin|>a\nb<|tool_call_argument_begin|>{\"q\": \"x\"}",
    "```yaml\n{\"name\": \"search\", \"parameters\": {\"q\": \"x\"}}\n```",
    "<tool_call>search<arg_key>q</arg_kex><arg_value>x</arg_value></tool_call>",
    "<tool_call>search<arg_key>q</arg_key>=<arg_value>x</arg_value></tool_call>",
    "{\"function\": {\"function\": {\"name\": \"search\", \"arguments\": {}}}}",
    "{\"function\": {\"tool_calls\": [{\"name\": \"search\", \"arguments\": {}}]}}",
    "{\"type\": \"object\", \"name\": \"search\", \"arguments\": {}}",
    "{\"arguments\": [1], \"name\": \"search\"}",
    "my_functools[{\"name\": \"search\", \"arguments\": {}}]",
    "\u{e9}functools[{\"name\": \"search\", \"arguments\": {}}]",
    "2functools[{\"name\": \"search\", \"arguments\": {}}]",
    "```tool_code\nsearch(1 + 2)\n```",
    "```tool_code\nx = 1\n```",
    "```json\n{\"rows\": [1, 2]}\n```",
    "```python\nsearch(q='x')\n```",
    "```json\n{\"name\": \"search\", \"parameters\": {}} and more\n```",
    "A call is {\"name\": \"search\", \"arguments\": {}}.",
    "Thus:\n{\"name\": \"search\", \"arguments\": {}}\nis what I would send.",
    "{\"name\": \"search\", \"arguments\": {}}\nis what I would send.",
    "{\"name\": \"search\", \"results\": 3}",
    "Use <tool_call> for calls, or <function=…> or [TOOL_CALLS] and functools[0].",
    "<tool_call></tool_call>",
    "<tool_call>{\"a\": 1}</tool_call>",
    "[TOOL_CALLS] are what { Mistral } writes",
    "<｜tool▁calls▁begin｜> is {what} DeepSeek writes",
    "Use <tool_call>name and then <arg_key> for GLM.",
    "<tool_call>search is what I would call.",
    "<|tool_call>call: it is.",
    "<|tool_call>call:search(q)",
    "A header is <|channel|>, as in `<|channel|>final<|message|>`, and <|end|> ends it.",
    "<|start|>user<|message|>",
    "<|channel|>commentary to=functions.sea",
    "<invoke name=",
    "<invoke name=\"x\"> is MiniMax.",
    "<|tool_call_start|>[search, or not]",
    "a <tool_cal",
    "a [TOOL_C",
    "a ```js",
    "functool",
    "[sear",
    "{\"name\": \"se",
];
