//! What models write in place of a bare program, and what becomes of it in the sandbox: Markdown, habits of notebooks, damaged
//! characters.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use kit::{Bench, raised, result, unmarked};
use serde_json::{Value, json};

/// Runs each program and compares the whole result.
async fn compare(bench: &Bench, cases: &[(&str, Value)]) {
    for (code, different) in cases {
        let told = unmarked(bench.run(code).await);
        assert_eq!(told, result(different.clone()), "{code}");
    }
}

fn stdout(text: &str) -> Value {
    json!({"stdout": text})
}

fn value(text: &str) -> Value {
    json!({"value": text})
}

#[tokio::test]
async fn a_program_in_markdown_is_the_program_in_it() {
    let bench = Bench::new();
    let cases = [
        ("```python\nprint(1)\n```", stdout("1\n")),
        ("```\nprint(1)\n```", stdout("1\n")),
        ("```Python3 title=\"x\"\nprint(1)\n```\n", stdout("1\n")),
        ("```{.python .numberLines}\nprint(1)\n```", stdout("1\n")),
        ("```tool_code\nprint(1)\n```", stdout("1\n")),
        ("```markdown\nprint(1)\n```", stdout("1\n")),
        ("~~~py\nprint(1)\n~~~", stdout("1\n")),
        ("````python\nprint(1)\n````", stdout("1\n")),
        ("```python\r\nprint(1)\r\n```\r\n", stdout("1\n")),
        ("```python\nprint(1)", stdout("1\n")),
        ("~~~python\nprint(1)", stdout("1\n")),
        ("```python\nprint(1)```", stdout("1\n")),
        ("print(1)\n```", stdout("1\n")),
        ("```python print(1)```", stdout("1\n")),
        ("`print(1)`", stdout("1\n")),
        ("```python\n```", json!({})),
        (
            "Here's the code (it prints):\n\n```python\nprint(1)\n```\n\nIt's done.",
            stdout("1\n"),
        ),
        (
            "1. Run it:\n   ```python\n   if 1:\n       print(1)\n   ```",
            stdout("1\n"),
        ),
        (
            "First:\n```python\nx = 1\n```\nThen:\n```python\nprint(x)\n```\nIt gives\n```\n1\n```",
            stdout("1\n"),
        ),
        ("```python\nx = 1\n```python\nprint(x)\n```", stdout("1\n")),
        (
            "```python\nprint(1)\n```\nor\n```bash\npython x.py\n```",
            stdout("1\n"),
        ),
        ("x = 1\nprint(x)\n```\nOutput: 1\n```", stdout("1\n")),
        (
            "```python\nt = '''\n```\ninner\n```\n'''\nprint(t)\n```",
            stdout("\n```\ninner\n```\n\n"),
        ),
        ("```python\nprint('```')\n```", stdout("```\n")),
        ("<code>\nprint(1)\n</code>", stdout("1\n")),
        ("<python>print(1)</python>", stdout("1\n")),
        (
            "<code>\n```py\nprint(1)\n```<end_code>\n</code>",
            stdout("1\n"),
        ),
        ("```python\nprint(1)\n</code>", stdout("1\n")),
        (
            "<code_interpreter type=\"code\" lang=\"python\">\nprint(1)",
            stdout("1\n"),
        ),
        ("print(1)\n</code>", stdout("1\n")),
        ("python print(1)", stdout("1\n")),
        ("python\nx = 1\nprint(x)", stdout("1\n")),
        // One of several is no program: the last that is one.
        (
            "Thought:\n```\ninvalid code\n```\n\nCode:\n```\nprint(1)\n```",
            stdout("1\n"),
        ),
        (
            "1291 * 6\n```\n```python\nprint(1291 * 6)\n\n```\n```",
            stdout("7746\n"),
        ),
        ("```python\n>>> x = 1\n>>> x\n1\n```", value("1")),
    ];
    compare(&bench, &cases).await;
}

#[tokio::test]
async fn what_compiles_stays_as_it_is() {
    let bench = Bench::new();
    let cases = [
        (
            "t = '''\n```python\nprint('inner')\n```\n'''\nlen(t.splitlines())",
            value("4"),
        ),
        (
            "t = '''\n%matplotlib inline\n!pip install x\n>>> 1\n'''\nlen(t.splitlines())",
            value("4"),
        ),
        ("x = 7\ny = (x\n% 4)\ny", value("3")),
        ("'“a” – b\u{a0}c'", value("'“a” – b\\xa0c'")),
        ("'a\\\\nb'", value("'a\\\\nb'")),
        ("'&lt;'", value("'&lt;'")),
        ("if 1:\n\tx = 1\nif 1:\n    x = 2\nx", value("2")),
        ("~~~1", value("-2")),
    ];
    compare(&bench, &cases).await;
}

#[tokio::test]
async fn commands_of_notebooks_are_passed_over_and_told_of() {
    let bench = Bench::new();
    let passed_over = |line: &str, why: &str| format!("note: {line} is passed over: {why}\n");
    let notebook = "it is a command of notebooks";
    let shell = "there is no shell for it: write it in Python";
    let measured = "what it measures is run";
    let help = "it is a question to a notebook; help(name) prints the answer";
    let foreign = "its cell is not run: only Python is";
    let cases = [
        (
            "%matplotlib inline\n1",
            "line 1: `%matplotlib inline`",
            "figures are kept without it",
            "1",
        ),
        (
            "x = 1\n%load_ext autoreload\nx",
            "line 2: `%load_ext autoreload`",
            notebook,
            "1",
        ),
        ("%%time\nx = 1\nx", "line 1: `%%time`", notebook, "1"),
        ("%%capture out\n1", "line 1: `%%capture out`", notebook, "1"),
        ("%time x = 1\nx", "line 1: `%time x = 1`", measured, "1"),
        (
            "%timeit -n 10 -r3 1",
            "line 1: `%timeit -n 10 -r3 1`",
            measured,
            "1",
        ),
        ("%%bash\nls", "line 1: `%%bash`", foreign, ""),
        (
            "%%writefile a.py\nx = 1",
            "line 1: `%%writefile a.py`",
            "its cell is not written: write the file with open()",
            "",
        ),
        ("!ls -l 'it\n1", "line 1: `!ls -l 'it`", shell, "1"),
        ("if 1:\n    !ls\n1", "line 2: `!ls`", shell, "1"),
        (
            "files = !ls\nfiles",
            "line 1: `files = !ls`",
            "there is no shell for it: write it in Python; what it would give is empty",
            "[]",
        ),
        ("?len\n1", "line 1: `?len`", help, "1"),
        ("len??\n1", "line 1: `len??`", help, "1"),
        ("```python\n%cd x\n1\n```", "line 2: `%cd x`", notebook, "1"),
    ];
    for (code, line, why, value) in cases {
        let told = bench.run(code).await;
        assert_eq!(told["stderr"], passed_over(line, why), "{code}");
        assert_eq!(told["value"].as_str().unwrap_or_default(), value, "{code}");
        assert_eq!(told["success"], true, "{code}");
    }
}

/// What stands there, the lines whose commands are passed over, and the rest of the whole result.
async fn compare_passed_over(bench: &Bench, cases: &[(&str, &[&str], Value)]) {
    for (code, commands, different) in cases {
        let mut told = unmarked(bench.run(code).await);
        let stderr = told["stderr"].take();
        let notes = stderr.as_str().unwrap().lines();
        let passed: Vec<_> = notes
            .map(|note| note.split(" is passed over: ").next().unwrap())
            .collect();
        let expected: Vec<_> = commands
            .iter()
            .map(|it| format!("note: line {it}"))
            .collect();
        assert_eq!(passed, expected, "{code}: {told}");
        told["stderr"] = json!("");
        assert_eq!(told, result(different.clone()), "{code}");
    }
}

#[tokio::test]
async fn a_cell_in_another_language_is_passed_over_up_to_the_next_cell() {
    let bench = Bench::new();
    let cases: [(&str, &[&str], Value); 21] = [
        (
            "%%writefile a.py\n# %%\nx = 1\n# In[2]:\nx\n%%time\n2",
            &["1: `%%writefile a.py`", "6: `%%time`"],
            value("2"),
        ),
        (
            "x=1\n%%bash\nls -la\n%%time\ny=2\ny",
            &["2: `%%bash`", "4: `%%time`"],
            value("2"),
        ),
        (
            "x = 1\nprint(x)\n%%bash\nls -la",
            &["3: `%%bash`"],
            stdout("1\n"),
        ),
        (
            "%%bash\nls -la\n%%time\ny = 2\ny",
            &["1: `%%bash`", "3: `%%time`"],
            value("2"),
        ),
        (
            "%%capture\n%%bash\necho 'it\n",
            &["1: `%%capture`", "2: `%%bash`"],
            json!({}),
        ),
        (
            "1\n%%html\n<p title='it\n%%sql\nselect (\n%%python\n2",
            &["2: `%%html`", "4: `%%sql`", "6: `%%python`"],
            json!({"stdout": "1\n", "value": "2"}),
        ),
        (
            "%%writefile a.py\nx = (\n%%time\nimport os\nos.listdir()",
            &["1: `%%writefile a.py`", "3: `%%time`"],
            value("[]"),
        ),
        (
            "# It lists.\n%%bash\nls\n# %%\n1",
            &["2: `%%bash`"],
            value("1"),
        ),
        ("%%bash\nls\n# In[2]:\n1", &["1: `%%bash`"], value("1")),
        (
            "%sh\nls -la\n# COMMAND ----------\n1",
            &["1: `%sh`"],
            value("1"),
        ),
        (
            "%md\n# It's (\n%python\n1",
            &["1: `%md`", "3: `%python`"],
            value("1"),
        ),
        ("%bash\n\necho 'it\nid", &["1: `%bash`"], json!({})),
        (
            "%writefile a.py\nx = (",
            &["1: `%writefile a.py`"],
            json!({}),
        ),
        ("x = 1\n%%!\nls -la", &["2: `%%!`"], json!({})),
        ("%%HTML\n<b>", &["1: `%%HTML`"], json!({})),
        ("%%script bash\nls -la", &["1: `%%script bash`"], json!({})),
        (
            "%%latex\n%% a comment\n% another\n\\alpha\n%%time\n1",
            &["1: `%%latex`", "5: `%%time`"],
            value("1"),
        ),
        (
            "  x = 1\n  %%bash\n  ls -la\n  %%time\n  x",
            &["2: `%%bash`", "4: `%%time`"],
            value("1"),
        ),
        (
            "```python\nx = 1\n%%bash\nls -la\n```\nDone.",
            &["3: `%%bash`"],
            json!({}),
        ),
        (
            "t = '''\n%%bash\nls\n'''\n%cd x\nlen(t)",
            &["5: `%cd x`"],
            value("11"),
        ),
        (
            "%%bash\npip install x\n%%time\n1",
            &["1: `%%bash`", "3: `%%time`"],
            value("1"),
        ),
    ];
    compare_passed_over(&bench, &cases).await;
    let told = bench.run("x = 1\n%%bash\nls -la\n\n%%time\n1 / 0").await;
    let stderr = told["stderr"].as_str().unwrap();
    assert!(
        stderr.contains("line 2: `%%bash` is passed over: its cell is not run: only Python is\n")
            && stderr.contains("line 6, in <module>"),
        "{told}"
    );
}

#[tokio::test]
async fn names_that_get_what_a_command_gives_are_bound() {
    let bench = Bench::new();
    let cases: [(&str, &[&str], Value); 16] = [
        ("x = !ls\nx", &["1: `x = !ls`"], value("[]")),
        ("x =! ls -l 'it\nx", &["1: `x =! ls -l 'it`"], value("[]")),
        ("x = !./run.sh\nx", &["1: `x = !./run.sh`"], value("[]")),
        ("x = !{cmd}\nx", &["1: `x = !{cmd}`"], value("[]")),
        ("x = !!ls\nx", &["1: `x = !!ls`"], value("[]")),
        ("a, b = !ls\na, b", &["1: `a, b = !ls`"], value("([], [])")),
        ("[a, b] = !ls\na", &["1: `[a, b] = !ls`"], value("[]")),
        ("a, = !ls\na", &["1: `a, = !ls`"], value("[]")),
        (
            "d = {}\nd['a,b'] = !ls\nd",
            &["2: `d['a,b'] = !ls`"],
            value("{'a,b': []}"),
        ),
        (
            "def f():\n    found: list = !ls\n    return found\nf()",
            &["2: `found: list = !ls`"],
            value("[]"),
        ),
        ("x = %sx ls\nx", &["1: `x = %sx ls`"], value("[]")),
        ("x = %pwd\nprint(x)", &["1: `x = %pwd`"], stdout("None\n")),
        ("x = %time 1 + 1\nx", &["1: `x = %time 1 + 1`"], value("2")),
        ("%time x = !ls\nx", &["1: `%time x = !ls`"], value("[]")),
        ("x = !ls \\\n   -la\nx", &["1: `x = !ls \\`"], value("[]")),
        (
            "%cd x\n'x = !important'\n1",
            &["1: `%cd x`"],
            json!({"stdout": "'x = !important'\n", "value": "1"}),
        ),
    ];
    compare_passed_over(&bench, &cases).await;
    let told = bench
        .run("[line for line in get_ipython().getoutput('ls')]")
        .await;
    let note = "note: `!ls` is passed over: there is no shell for it: write it in Python\n";
    assert_eq!(told, result(json!({"stderr": note, "value": "[]"})));
}

#[tokio::test]
async fn a_command_goes_on_where_its_line_ends_with_a_backslash() {
    let bench = Bench::new();
    let cases: [(&str, &[&str], Value); 4] = [
        (
            "!ls -l \\\n    a \\\n    b\n1",
            &["1: `!ls -l \\`"],
            value("1"),
        ),
        (
            "%load_ext watermark\n%watermark -u -n \\\n    -p x -v\n1",
            &["1: `%load_ext watermark`", "2: `%watermark -u -n \\`"],
            value("1"),
        ),
        (
            "%time x = 1 + \\\n    1\nx",
            &["1: `%time x = 1 + \\`"],
            value("2"),
        ),
        ("1\n!ls \\", &["2: `!ls \\`"], stdout("1\n")),
    ];
    compare_passed_over(&bench, &cases).await;
}

#[tokio::test]
async fn what_would_install_is_told_what_is_there() {
    let bench = Bench::new();
    for command in [
        "!pip install seaborn",
        "%pip install -q seaborn",
        "!pip3 install seaborn",
        "!{sys.executable} -m pip install seaborn",
        "!python -m pip install seaborn",
        "!apt-get install -y x",
        "%conda install x",
        "pip install seaborn pandas",
    ] {
        let told = bench.run(&format!("{command}\nprint('ran')")).await;
        let lines: Vec<_> = told["stderr"].as_str().unwrap().lines().collect();
        let first = format!(
            "note: line 1: `{command}` is passed over: there is no network, so nothing can be installed"
        );
        assert_eq!(lines[0], first);
        assert!(
            lines[1].starts_with("note: Beside the standard library there are: "),
            "{told}"
        );
        assert_eq!((lines.len(), &told["stdout"]), (2, &json!("ran\n")));
    }
    let many = bench.run(&"!ls\n".repeat(50)).await;
    let said = many["stderr"].as_str().unwrap();
    assert_eq!(said.lines().count(), 11, "{said}");
    assert!(
        said.ends_with("note: and 40 more lines like these\n"),
        "{said}"
    );
}

#[tokio::test]
async fn errors_are_told_with_the_lines_that_the_model_wrote() {
    let bench = Bench::new();
    let traceback = |note: &str, at: u32, line: &str| {
        raised(&format!(
            "{note}Traceback (most recent call last):\n  File \"<code>\", line {at}, in <module>\n    {line}\nZeroDivisionError: division by zero\n"
        ))
    };
    let cases = [
        (
            "Look:\n\n```python\nx = 0\n\n1 / x\n```",
            traceback("", 6, "1 / x"),
        ),
        (
            "%cd x\n1 / 0",
            traceback(
                "note: line 1: `%cd x` is passed over: it is a command of notebooks\n",
                2,
                "1 / 0",
            ),
        ),
        (">>> x = 0\n>>> 1 / x", traceback("", 2, "1 / x")),
        ("  x = 0\n  1 / x", traceback("", 2, "1 / x")),
        ("1\n'''a\n'''\n1 / 0", {
            let mut told = traceback("", 4, "1 / 0");
            told["stdout"] = json!("1\n");
            told
        }),
        ("x = '\u{2028}\u{c}'\n1 / 0", traceback("", 2, "1 / 0")),
        ("x = 1\r\n1 / 0", traceback("", 2, "1 / 0")),
        (
            "import asyncio\nawait asyncio.sleep(0)\n1 / 0",
            traceback("", 3, "1 / 0"),
        ),
    ];
    compare(&bench, &cases).await;
    let wrong = [
        ("%cd x\nx = 1\nprint('a'", "line 3"),
        ("```python\nx = 1\nprint('a'\n```", "line 3"),
        (
            "t = '''\n```python\nprint('inner')\n```\n'''\nprint('a'",
            "line 6",
        ),
        ("x = [1,\n%s\n2]", "line 2"),
        ("print('a\nb')\nprint('c'", "line 1"),
        ("x = r'a\nb'", "line 1"),
        ("x = 1\nreturn x", "line 2"),
        ("def f():\n    x = 1\n    await x", "line 3"),
        // With tabs of four, the last line belongs to the first `if`; with tabs of eight, to the second.
        ("if 1:\n    if 0:\n        x = 1\n\ty = 2", "line 4"),
    ];
    for (code, line) in wrong {
        let told = bench.run(code).await;
        let stderr = told["stderr"].as_str().unwrap();
        assert!(
            stderr.contains(line) && stderr.contains("Error: "),
            "{code}: {told}"
        );
        assert_eq!(
            json!([told["error"], told["stdout"]]),
            json!(["exception", ""])
        );
    }
}

#[tokio::test]
async fn damaged_text_is_mended_where_it_then_compiles() {
    let bench = Bench::new();
    let cases = [
        ("\u{feff}print(1)", stdout("1\n")),
        ("print(1)\0", stdout("1\n")),
        ("print(“it’s here”[:4])", stdout("it’s\n")),
        ("print(“hello”, ‘you’)", stdout("hello you\n")),
        ("print(\"hello”)", stdout("hello\n")),
        ("x = “““a\nb”””\nx", value("'a\\nb'")),
        ("x\u{a0}=\u{a0}1\u{200b}\nx", value("1")),
        ("if 1:\n\u{a0}\u{a0}print(1)", stdout("1\n")),
        ("5 – 3", value("2")),
        ("print（1，2）", stdout("1 2\n")),
        ("2 × 3 ≥ 6", value("True")),
        ("\tx = 1\n\tprint(x)", stdout("1\n")),
        (" x = 1\nprint(x)", stdout("1\n")),
        ("if 1:\n\tx = 1\n        y = 2\ny", value("2")),
        ("if 0:\n    x = 1\n\ty = 2\n3", value("3")),
        ("x = 1\\nfor i in range(2):\\n\\tprint(i)", stdout("0\n1\n")),
        ("print('a\\nb')\\nprint('c')", stdout("a\nb\nc\n")),
        ("print(\\\"a\\\")\\nprint(2)", stdout("a\n2\n")),
        ("print(\"a\nb\")\nprint('c\n', 1)", stdout("a\nb\nc\n 1\n")),
        ("x = 2\nf'{x}:\n{x}'", value("'2:\\n2'")),
        ("# it's\\nprint(1)", json!({})),
        (
            "if 1 &lt; 2 and 3 &gt; 2:\n    print(&quot;a&quot;)",
            stdout("a\n"),
        ),
        (
            ">>> def f():\n...     return 1\n...\n>>> f()\n1",
            value("1"),
        ),
        ("In [1]: x = 1\n\nIn [2]: x + 1\nOut[2]: 2", value("2")),
        (
            "In [1]: for i in range(2):\n   ...:     print(i)\n   ...:",
            stdout("0\n1\n"),
        ),
        ("In = {}\nIn[1]: int = 1\nIn", value("{1: 1}")),
        ("if 1: python = 1\npython", value("1")),
    ];
    compare(&bench, &cases).await;
}

/// Each would take minutes, were the text gone through again for each of its characters.
#[tokio::test]
async fn no_text_takes_long_to_be_read() {
    let bench = Bench::new();
    for part in [
        "'\\",
        "\"\"\"\n",
        "'a\n",
        "“",
        "“x\n",
        ">>> x y\n",
        "x y\\n",
        "&lt;",
        "<code>",
        " ",
        "(",
        "%x\n(\n",
        "a?\n''",
        "%%bash\n(\n%%time\n",
        "%time x = !\n(\n",
        "a['b[,",
        "a = !b \\\n\n",
        "\"\"\"a\"\"\"; 'b'; ",
    ] {
        let code = format!("{}x y", part.repeat(200_000 / part.len()));
        let told = bench.run(&code).await;
        assert_eq!(told["error"], "exception", "{part:?}: {}", told["stderr"]);
    }
}

#[tokio::test]
async fn a_program_may_await_at_its_top_level() {
    let bench = Bench::new();
    let cases = [
        (
            "import asyncio\nawait asyncio.sleep(0, 'slept')",
            value("'slept'"),
        ),
        (
            "import asyncio\nx = await asyncio.sleep(0, 1)\nx\nx + 1",
            json!({"stdout": "1\n", "value": "2"}),
        ),
        (
            "import asyncio\ntask = asyncio.create_task(asyncio.sleep(0, 'done'))\nprint(task.done())\nawait task",
            json!({"stdout": "False\n", "value": "'done'"}),
        ),
        (
            "async def numbers():\n    yield 1\n    yield 2\nasync for n in numbers():\n    print(n)\n[n async for n in numbers()]",
            json!({"stdout": "1\n2\n", "value": "[1, 2]"}),
        ),
        (
            "from contextlib import asynccontextmanager\n@asynccontextmanager\nasync def c(): yield 3\nasync with c() as x:\n    print(x)",
            stdout("3\n"),
        ),
        (
            "import asyncio\nif __name__ == '__main__':\n    await asyncio.sleep(0)\n    print(1)",
            stdout("1\n"),
        ),
        (
            "import asyncio\nasync def main(): return 4\nasyncio.run(main())",
            value("4"),
        ),
        (
            "import asyncio, nest_asyncio\nnest_asyncio.apply()\nasync def main(): return 4\nasyncio.run(main())",
            value("4"),
        ),
        (
            "import asyncio\nasync def main(): return 4\ntry:\n    asyncio.get_running_loop()\n    print(await main())\nexcept RuntimeError:\n    print(asyncio.run(main()))",
            stdout("4\n"),
        ),
    ];
    compare(&bench, &cases).await;
    let nested = bench
        .run("import asyncio\nasync def main(): return 4\nawait main()\nasyncio.run(main())")
        .await;
    let stderr = nested["stderr"].as_str().unwrap();
    assert!(
        stderr.contains("write `await` in place of asyncio.run()"),
        "{nested}"
    );
    let ended = bench
        .run("import asyncio, sys\nawait asyncio.sleep(0)\nsys.exit(3)")
        .await;
    assert_eq!(
        json!([ended["returncode"], ended["stderr"]]),
        json!([3, ""])
    );
}

#[tokio::test]
async fn no_value_of_an_expression_is_lost() {
    let bench = Bench::new();
    let cases = [
        ("1\n2", json!({"stdout": "1\n", "value": "2"})),
        (
            "x = {'a': 1}\nx\nx['a']\nlen(x)\nx.get('b')\n'last'",
            json!({"stdout": "{'a': 1}\n1\n1\n", "value": "'last'"}),
        ),
        ("1; 2; x = 3", stdout("1\n2\n")),
        ("print(1)\nprint(2)", stdout("1\n2\n")),
        ("'''about'''\nx = 1\n'''a comment'''\n...\nx", value("1")),
        (
            "'''about'''\n1\n'other'\n__doc__",
            json!({"stdout": "1\n'other'\n", "value": "'about'"}),
        ),
        (
            "display({'a': 1})\n1\n'b'\n3",
            json!({"stdout": "{'a': 1}\n1\n'b'\n", "value": "3"}),
        ),
        (
            "'about'\n\"b\"\n\"it's\"\n('c')\n'd' 'e'\n'f\\\n'\nr'\\d'\nb'g'\nb'''h'''\nTrue\nNone\n__doc__",
            json!({
                "stdout": "'b'\n\"it's\"\n'c'\n'de'\n'f'\n'\\\\d'\nb'g'\nb'h'\nTrue\n",
                "value": "'about'",
            }),
        ),
        (
            "1\n\"\"\"a\"\"\"\n('''b\nb''')\nr\"\"\"c\"\"\"\nU'''d'''\n'''é'''; '''e'''; 'f'\n2",
            json!({"stdout": "1\n'f'\n", "value": "2"}),
        ),
        (
            "x = 1\r\n'é'; 'b'\r\n'''c\r\n'''\r\n\u{c}'d'\nx",
            json!({"stdout": "'é'\n'b'\n'd'\n", "value": "1"}),
        ),
        (
            "def f():\n    'about'\n    'other'\nclass A:\n    'about'\nf.__doc__",
            value("'about'"),
        ),
        ("x = 2\nf'{x}'\n1", json!({"stdout": "'2'\n", "value": "1"})),
        (
            "import asyncio\nawait asyncio.sleep(0)\n'b'\n'''c'''\n1",
            json!({"stdout": "'b'\n", "value": "1"}),
        ),
        (
            "import sys\nsys.stdout.write('a\\n')\nopen('.x', 'w').write('b')\n[].append(1)\n(y := 2)\ny",
            json!({"stdout": "a\n", "value": "2"}),
        ),
        ("for i in range(3):\n    i\nif 1:\n    2", json!({})),
        (
            "[print(i) for i in range(2)]\n[i for i in range(2)]\nx = 1",
            stdout("0\n1\n[0, 1]\n"),
        ),
        (
            "object()\n(lambda: 1)()\nimport atexit\natexit.register(print)",
            json!({"stdout": "1\n\n", "value": "<built-in function print>"}),
        ),
        (
            "class A:\n    def __repr__(self): raise ValueError\na = A()\na\nprint('goes on')",
            stdout("goes on\n"),
        ),
        ("import sys\nsys.stdout = None\n1\n2", value("2")),
        (
            "from __future__ import annotations\n1\ndef f(a: Unknown): pass\nf.__annotations__",
            json!({"stdout": "1\n", "value": "{'a': 'Unknown'}"}),
        ),
        (
            "from IPython.core.interactiveshell import InteractiveShell\nInteractiveShell.ast_node_interactivity = 'all'\n1\n2",
            json!({"stdout": "1\n", "value": "2"}),
        ),
    ];
    compare(&bench, &cases).await;
    let long = bench.run("'x' * 5000\n1").await;
    let expected = format!("'{}… [5002 characters]\n", "x".repeat(4095));
    assert_eq!(long["stdout"], expected);
}

#[tokio::test]
async fn display_shows_what_a_last_expression_would() {
    let bench = Bench::new();
    let cases = [
        (
            "display(1, 'a', None, [2])\n3",
            json!({"stdout": "1\n'a'\n[2]\n", "value": "3"}),
        ),
        (
            "from IPython.display import display, HTML, Markdown, clear_output\ndisplay(Markdown('**a**'), HTML('<b>'))\nclear_output(wait=True)",
            stdout("**a**\n<b>\n"),
        ),
        (
            "from IPython.display import Latex\nLatex('x^2')",
            value("x^2"),
        ),
        (
            "from IPython.core.display import display as show, HTML\nshow(HTML('<b>'))",
            stdout("<b>\n"),
        ),
        (
            "import IPython.display\nIPython.display.display(1)",
            stdout("1\n"),
        ),
        (
            "def display(x): print('own', x)\ndisplay(1)",
            stdout("own 1\n"),
        ),
        (
            "import IPython\nbool(get_ipython()), IPython.get_ipython() is get_ipython(), 'display' in globals()",
            value("(False, True, False)"),
        ),
    ];
    compare(&bench, &cases).await;
    let told = bench.run("get_ipython().run_line_magic('matplotlib', 'inline')\nget_ipython().system('ls')\nget_ipython().run_cell_magic('time', '', 'x = 1')\nx").await;
    let notes = "note: `%matplotlib inline` is passed over: figures are kept without it\n\
        note: `!ls` is passed over: there is no shell for it: write it in Python\n\
        note: `%%time` is passed over: it is a command of notebooks\n";
    assert_eq!(told, result(json!({"stderr": notes, "value": "1"})));
    let picture = "import zlib, struct\n\
        class Picture:\n    def _repr_png_(self): return b'\\x89PNG'\n    def __repr__(self): return 'Picture'\n\
        class Broken:\n    def _repr_png_(self): raise ValueError\n    def __repr__(self): return 'Broken'\n\
        display(Picture(), Broken())\nPicture()";
    let told = bench.run(picture).await;
    let names: Vec<_> = told["artifacts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["figure-1.png", "figure-2.png"]);
    assert_eq!(
        json!([told["stdout"], told["value"]]),
        json!(["Broken\n", "Picture"])
    );
}

#[tokio::test]
async fn ways_to_end_and_to_ask_are_those_of_a_program() {
    let bench = Bench::new();
    let cases = [
        ("print(1)\nexit()\nprint(2)", stdout("1\n")),
        ("print(1)\nquit()\nprint(2)", stdout("1\n")),
        ("```python\nprint(1)\nraise SystemExit\n```", stdout("1\n")),
        ("exit(3)", json!({"success": false, "returncode": 3})),
        (
            "def main():\n    return 0\nif __name__ == '__main__':\n    import sys\n    sys.exit(main())",
            json!({}),
        ),
    ];
    compare(&bench, &cases).await;
}

/// A spawned process reads the program anew: it must find what was run, not what was written.
#[tokio::test]
async fn processes_of_a_program_in_a_fence_find_its_functions() {
    let bench = Bench::new();
    for method in ["fork", "spawn"] {
        let code = format!(
            "```python\nimport multiprocessing as m\ndef double(x):\n    return 2 * x\n\
             if __name__ == '__main__':\n    with m.get_context('{method}').Pool(2) as pool:\n        print(pool.map(double, [1, 2]))\n```"
        );
        let told = bench.call(json!({"code": code, "timeout": 30})).await;
        assert_eq!(told, result(stdout("[2, 4]\n")));
    }
}
