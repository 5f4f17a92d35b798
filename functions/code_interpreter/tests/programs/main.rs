//! The whole tool with real Python: what programs do, and what the model is told of it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../kit/mod.rs"]
mod kit;
mod library;
mod limits;

use code_interpreter::{Config, Interpreter};
use futures_util::future::join_all;
use kit::{Bench, raised, request, result, unmarked};
use serde_json::json;

#[tokio::test]
async fn what_a_program_prints_and_what_its_last_expression_is_are_told_apart() {
    let bench = Bench::new();
    let cases = [
        ("", json!({})),
        ("print('hello')", json!({"stdout": "hello\n"})),
        ("x = 6\nx * 7", json!({"value": "42"})),
        ("'text'", json!({"value": "'text'"})),
        ("None", json!({})),
        ("x = 1", json!({})),
        ("1\nx = 2", json!({"stdout": "1\n"})),
        (
            "print('out'); [1, 'é']",
            json!({"stdout": "out\n", "value": "[1, 'é']"}),
        ),
        ("def f():\n    return 1\nf()", json!({"value": "1"})),
        ("__name__", json!({"value": "'__main__'"})),
        (
            "if __name__ == '__main__':\n    print('main')",
            json!({"stdout": "main\n"}),
        ),
        (
            "import sys; print('e', file=sys.stderr)",
            json!({"stderr": "e\n"}),
        ),
        (
            "from __future__ import annotations\n1",
            json!({"value": "1"}),
        ),
        ("# -*- coding: latin-1 -*-\n'é'", json!({"value": "'é'"})),
        ("a = '1\\r\\n2'\r\nlen(a)\r\n", json!({"value": "4"})),
        (
            "import atexit; atexit.register(print, 'bye'); 1",
            json!({"stdout": "bye\n", "value": "1"}),
        ),
        (
            "import threading\nthreading.Thread(target=lambda: print('thread')).start()",
            json!({"stdout": "thread\n"}),
        ),
        (
            "'x' * 5000",
            json!({"value": format!("'{}… [5002 characters]", "x".repeat(4095))}),
        ),
    ];
    for (code, different) in cases {
        assert_eq!(bench.run(code).await, result(different), "{code}");
    }
}

#[tokio::test]
async fn a_program_reads_what_it_is_given_and_then_the_end() {
    let bench = Bench::new();
    let given = json!({"code": "name = input('who? ')\nimport sys\nname, sys.stdin.read()", "stdin": "Ada\nétc\n"});
    let expected = result(json!({"stdout": "who? ", "value": "('Ada', 'étc\\n')"}));
    assert_eq!(bench.call(given).await, expected);

    let unread = json!({"code": "1", "stdin": "x".repeat(1 << 20)});
    assert_eq!(bench.call(unread).await, result(json!({"value": "1"})));

    let nothing = "Traceback (most recent call last):\n  File \"<code>\", line 1, in <module>\n    input()\nEOFError: EOF when reading a line\n";
    assert_eq!(
        unmarked(bench.run("input()").await),
        result(raised(nothing))
    );
}

#[tokio::test]
async fn an_exception_is_told_with_the_programs_own_lines() {
    let bench = Bench::new();
    let code =
        "import json\ndef load(text):\n    return json.loads(text)\nprint('before')\nload('{')\n";
    let told = unmarked(bench.run(code).await);
    let traceback = [
        "Traceback (most recent call last):",
        "  File \"<code>\", line 5, in <module>",
        "    load('{')",
        "  File \"<code>\", line 3, in load",
        "    return json.loads(text)",
        "json.decoder.JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
    ];
    let rest = json!({
        "success": false, "returncode": 1, "error": "exception", "stdout": "before\n",
        "stderr": format!("{}\n", traceback.join("\n")),
    });
    assert_eq!(told, result(rest));
}

#[tokio::test]
async fn what_cannot_run_is_an_exception_that_shows_nothing_of_the_harness() {
    let bench = Bench::new();
    let cases = [
        ("print('a'", "SyntaxError: "),
        ("1 +\u{0}", "source code string cannot contain null bytes"),
        ("return 1", "SyntaxError: 'return' outside function"),
        (
            "class A:\n  def __repr__(self): raise ValueError('no repr')\nA()",
            "ValueError: no repr",
        ),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        (
            "try:\n  1/0\nexcept Exception as e:\n  raise KeyError('k') from e",
            "KeyError: 'k'",
        ),
        ("def f(): f()\nf()", "RecursionError"),
        ("str(10**10000)", "ValueError: Exceeds the limit"),
        (
            "import no_such_module",
            "ModuleNotFoundError: No module named 'no_such_module'",
        ),
        (
            "print('\\ud800')\nraise ValueError('\\ud800')",
            "ValueError: \\ud800",
        ),
    ];
    for (code, expected) in cases {
        let told = bench.run(code).await;
        let stderr = told["stderr"].as_str().unwrap();
        assert!(stderr.contains(expected), "{code}: {told}");
        assert!(!stderr.contains("harness"), "{code}: {told}");
        let outcome = [
            &told["success"],
            &told["returncode"],
            &told["error"],
            &told["value"],
        ];
        assert_eq!(
            json!(outcome),
            json!([false, 1, "exception", null]),
            "{code}"
        );
    }
}

#[tokio::test]
async fn every_way_to_end_has_its_code() {
    let bench = Bench::new();
    let ended = |returncode: i32, error: Option<&str>| {
        let success = returncode == 0;
        json!({"success": success, "returncode": returncode, "error": error, "stdout": "out\n"})
    };
    let cases = [
        ("import sys; sys.exit()", ended(0, None)),
        ("import sys; sys.exit(3)", ended(3, None)),
        ("import sys; sys.exit(300)", ended(44, None)),
        ("raise SystemExit(2)", ended(2, None)),
        ("import os; os._exit(0)", ended(0, None)),
        ("import os; os._exit(7)", ended(7, None)),
        ("import os; os.abort()", ended(-6, Some("killed"))),
        (
            "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
            ended(-15, Some("killed")),
        ),
        (
            "import os; os.kill(os.getpid(), 9)",
            ended(-9, Some("killed")),
        ),
        ("import os; os.killpg(0, 9)", ended(-9, Some("killed"))),
        (
            "import ctypes; ctypes.string_at(0)",
            ended(-11, Some("killed")),
        ),
        ("import os; os.closerange(0, 100)", ended(0, None)),
        (
            "import os; os.closerange(0, 100); 1 / 0",
            ended(1, Some("exception")),
        ),
    ];
    for (code, different) in cases {
        let code = format!("print('out')\n{code}");
        assert_eq!(bench.run(&code).await, result(different), "{code}");
    }
    let message = json!({"success": false, "returncode": 1, "stderr": "message\n"});
    assert_eq!(
        bench.run("import sys; sys.exit('message')").await,
        result(message)
    );
    let partial = json!({"stdout": "no newline"});
    assert_eq!(
        bench
            .run("print('no newline', end=''); import os; os._exit(0)")
            .await,
        result(partial)
    );
    let forked = "import os\nif os.fork():\n    os.wait()\n'once'";
    assert_eq!(bench.run(forked).await, result(json!({"value": "'once'"})));
}

#[tokio::test]
async fn a_program_sees_its_own_environment_and_an_empty_directory() {
    let bench = Bench::new();
    let code = "import os, sys\n\
        home = os.getcwd()\n\
        print(sorted(os.environ))\n\
        print(os.environ['HOME'] == home, os.listdir(home), os.listdir(os.environ['TMPDIR']))\n\
        print(sys.argv == [__file__], sys.flags.no_user_site, sys.stdin.encoding, sys.stdout.encoding)\n\
        print(sys.path.index(home) == len(sys.path) - 1, sorted(globals()))";
    let stdout = "['HOME', 'LANG', 'MPLBACKEND', 'MPLCONFIGDIR', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'PATH', 'PIP_NO_INDEX', 'PYTHONHASHSEED', 'TMPDIR']\n\
        True [] []\n\
        True 1 utf-8 utf-8\n\
        True ['__builtins__', '__doc__', '__file__', '__loader__', '__name__', '__package__', '__spec__', 'home', 'os', 'sys']\n";
    assert_eq!(bench.run(code).await, result(json!({"stdout": stdout})));
}

#[tokio::test]
async fn a_program_imports_what_it_wrote_but_not_in_place_of_a_library() {
    let bench = Bench::new();
    let code = "open('mine.py', 'w').write('answer = 42')\n\
        open('csv.py', 'w').write('raise RuntimeError')\n\
        import csv, mine, os\n\
        mine.answer, hasattr(csv, 'reader'), os.path.exists('__pycache__')";
    let told = bench.run(code).await;
    assert_eq!(told["value"], "(42, True, False)", "{told}");
    let next = "import os\nos.listdir()";
    assert_eq!(bench.run(next).await, result(json!({"value": "[]"})));
}

#[tokio::test]
async fn processes_and_pickles_of_a_program_find_its_functions() {
    let bench = Bench::new();
    for method in ["fork", "spawn"] {
        let code = format!(
            "import multiprocessing as m\n\
             def double(x):\n    return 2 * x\n\
             if __name__ == '__main__':\n    with m.get_context('{method}').Pool(2) as pool:\n        print(pool.map(double, [1, 2]))"
        );
        let told = bench.call(json!({"code": code, "timeout": 30})).await;
        assert_eq!(told, result(json!({"stdout": "[2, 4]\n"})));
    }
}

#[tokio::test]
async fn a_program_knows_its_user() {
    let bench = Bench::new();
    let code = "import getpass, os, pathlib, pwd\n\
        me = pwd.getpwuid(os.getuid())\n\
        assert getpass.getuser() == me.pw_name == os.getlogin() == pwd.getpwnam(me.pw_name).pw_name\n\
        assert str(pathlib.Path.home()) == os.path.expanduser('~') == os.getcwd()\n\
        assert me.pw_uid == os.getuid() and os.path.isabs(os.path.expanduser('~' + me.pw_name))\n\
        for ask, what in ((pwd.getpwuid, 4_000_000_000), (pwd.getpwnam, 'nobody-at-all')):\n\
        \x20   try:\n        ask(what)\n\
        \x20   except KeyError:\n        print('unknown')";
    assert_eq!(
        bench.run(code).await,
        result(json!({"stdout": "unknown\nunknown\n"}))
    );
}

#[tokio::test]
async fn processes_of_a_program_share_what_they_need_to() {
    let bench = Bench::new();
    let cases = [
        (
            "import multiprocessing as m\ndef put(d, l, i):\n    d[i] = i * i\n    l.append(i)\n\
             with m.Manager() as manager:\n    d, l = manager.dict(), manager.list()\n\
             \x20   ps = [m.Process(target=put, args=(d, l, i)) for i in range(4)]\n    [p.start() for p in ps]; [p.join() for p in ps]\n    print(sorted(d.items()), sorted(l))",
            "[(0, 0), (1, 1), (2, 4), (3, 9)] [0, 1, 2, 3]\n",
        ),
        (
            "import multiprocessing as m\ndef count(q, lock, n):\n    with lock:\n        q.put(n)\n\
             with m.Manager() as manager:\n    q, lock = manager.Queue(), manager.Lock()\n\
             \x20   with m.Pool(2) as pool: pool.starmap(count, [(q, lock, i) for i in range(20)])\n    print(sorted(q.get() for _ in range(20)) == list(range(20)))",
            "True\n",
        ),
        (
            "from concurrent.futures import ProcessPoolExecutor\nwith ProcessPoolExecutor(2) as pool: print(list(pool.map(abs, [-1, -2])))",
            "[1, 2]\n",
        ),
        (
            "import multiprocessing as m\ndef add(n, a):\n    with n.get_lock(): n.value += 1\n    a[0] = 2.5\n\
             n, a = m.Value('i', 0), m.Array('d', 2)\nps = [m.Process(target=add, args=(n, a)) for _ in range(3)]\n[p.start() for p in ps]; [p.join() for p in ps]\nprint(n.value, list(a))",
            "3 [2.5, 0.0]\n",
        ),
        (
            "from multiprocessing import Process\nfrom multiprocessing.connection import Client, Listener\n\
             def ask(address):\n    with Client(address, authkey=b'k') as c: c.send('hello')\n\
             with Listener(authkey=b'k') as l:\n    p = Process(target=ask, args=(l.address,)); p.start()\n    with l.accept() as c: print(c.recv())\n    p.join()",
            "hello\n",
        ),
        (
            "from multiprocessing.managers import BaseManager\nclass Sum:\n    def __init__(self): self.n = 0\n    def add(self, n): self.n += n; return self.n\n\
             class M(BaseManager): pass\nM.register('Sum', Sum)\nwith M() as m:\n    s = m.Sum(); s.add(1); print(s.add(2))",
            "3\n",
        ),
    ];
    for (code, stdout) in cases {
        let told = bench.call(json!({"code": code, "timeout": 30})).await;
        assert_eq!(told, result(json!({"stdout": stdout})), "{code}");
    }
    let refused = [
        (
            "import multiprocessing as m\nm.get_context('forkserver').Process(target=print).start()",
            "use the start method `fork` or `spawn`",
        ),
        (
            "import multiprocessing as m\nm.get_context('spawn').Manager()",
            "a manager works only with the start method `fork`",
        ),
        (
            "from multiprocessing.connection import Client\nClient('/tmp/nobody')",
            "only processes that are forked after their listener can be connected with it",
        ),
        (
            "from multiprocessing.shared_memory import SharedMemory\nSharedMemory(create=True, size=8)",
            "note: memory is not shared by a name here: multiprocessing.Array, Value and Manager share it",
        ),
    ];
    for (code, why) in refused {
        let told = bench.call(json!({"code": code, "timeout": 30})).await;
        let stderr = told["stderr"].as_str().unwrap();
        assert!(stderr.contains(why), "{code}: {told}");
        assert_eq!(told["error"], "exception");
    }
}

#[tokio::test]
async fn a_path_out_of_the_directory_is_told_what_is_in_it() {
    let bench = Bench::new();
    let code = "open('data.csv', 'w').write('1')\nopen('b.txt', 'w').write('2')\nopen('.hidden', 'w').write('2')\n";
    for path in ["/mnt/data/data.csv", "/content/out.csv", "/etc/shadow"] {
        let told = bench.run(&format!("{code}open('{path}', 'r')")).await;
        let stderr = told["stderr"].as_str().unwrap();
        let note = "note: a program's files are in its working directory, by their name alone; there are: b.txt, data.csv\n";
        assert!(stderr.ends_with(note), "{told}");
    }
    let told = bench.run("open('/srv/x', 'w')").await;
    let note = "note: a program's files are in its working directory, by their name alone; there are: none yet\n";
    assert!(told["stderr"].as_str().unwrap().ends_with(note), "{told}");
    let own = bench.run("open('none.txt')").await;
    assert!(!own["stderr"].as_str().unwrap().contains("note"), "{own}");
}

#[tokio::test]
async fn a_forged_report_cannot_turn_a_failure_into_a_success() {
    let bench = Bench::new();
    let cases = [
        (
            "import os\nopen(os.path.join('..', 'report.json'), 'w').write('{\"error\": null, \"value\": \"forged\"}')\nos._exit(5)",
            json!({"success": false, "returncode": 5, "value": "forged"}),
        ),
        (
            "import os\nopen('../report.json', 'w').write('[' * 1000000)\nos._exit(0)",
            json!({}),
        ),
    ];
    for (code, different) in cases {
        assert_eq!(bench.run(code).await, result(different), "{code}");
    }
}

#[tokio::test]
async fn nothing_is_left_whatever_a_program_did_to_its_directory() {
    let bench = Bench::new();
    let code = "import os\n\
        os.makedirs('a/b/c')\n\
        open('a/b/c/file', 'w').close()\n\
        os.symlink('/', 'root')\n\
        for path in ('a/b/c', 'a/b', 'a', '.'): os.chmod(path, 0)\n\
        'done'";
    let told = bench.run(code).await;
    assert_eq!(told["value"], "'done'", "{told}");
}

#[tokio::test]
async fn thirty_calls_side_by_side_do_not_disturb_each_other() {
    let bench = Bench::new();
    let calls = (0..30).map(|i| {
        let code = format!(
            "open('n', 'w').write('{i}')\nprint(input())\nimport os\nopen('n').read(), os.listdir()"
        );
        let arguments = json!({"code": code, "stdin": format!("in {i}"), "timeout": 30});
        bench.respond(arguments, 60_000)
    });
    for (i, response) in join_all(calls).await.into_iter().enumerate() {
        let expected = result(json!({
            "stdout": format!("in {i}\n"), "value": format!("('{i}', ['n'])"),
            "artifacts": [{"name": "n", "media_type": "application/octet-stream", "bytes": i.to_string().len()}],
        }));
        assert_eq!(response["result"], expected);
    }
    bench.cleared().await;
}

#[tokio::test]
async fn calls_that_cannot_be_made_fail_with_what_to_do() {
    let bench = Bench::new();
    let failed = |code: &str, message: &str, retryable: bool| json!({"ok": false, "error": {"code": code, "message": message, "retryable": retryable}});
    let late = failed("timeout", "no time was left to run the program", true);
    assert_eq!(bench.respond(json!({"code": "1"}), 0).await, late);
    let wrong = failed("invalid_arguments", "missing field `code`", false);
    assert_eq!(bench.respond(json!({}), 60_000).await, wrong);

    let nowhere = Interpreter::new(Config {
        scratch_root: bench.root.path().join("none"),
        ..Config::from_env().unwrap()
    });
    let response = nowhere.handle(request(json!({"code": "1"}), 60_000)).await;
    let unavailable = failed(
        "unavailable",
        "the program could not be run: entity not found",
        true,
    );
    assert_eq!(serde_json::to_value(response).unwrap(), unavailable);
}

#[tokio::test]
async fn a_deadline_cuts_the_time_of_a_program() {
    let bench = Bench::new();
    // The interpreter is looked for first, so that the deadline below is the program's alone.
    assert_eq!(bench.run("1").await, result(json!({"value": "1"})));
    let response = bench
        .respond(json!({"code": "while True: pass", "timeout": 30}), 4_000)
        .await;
    let expected = result(json!({"success": false, "returncode": -9, "error": "timeout"}));
    assert_eq!(response, json!({"ok": true, "result": expected}));
}

#[tokio::test]
async fn without_python_the_operator_is_told_what_to_do() {
    let interpreter = |python: &str| {
        Interpreter::new(Config {
            python: python.into(),
            ..Config::from_env().unwrap()
        })
    };
    let advice = "install Python 3.9 or newer, or set PYTHON to its path";
    let cases = [
        ("no-such-python", "`no-such-python` was not found"),
        ("true", "`true` is no Python 3"),
        ("false", "`false` is no Python 3"),
    ];
    for (python, fault) in cases {
        let interpreter = interpreter(python);
        let error = interpreter.version().await.unwrap_err();
        assert_eq!(error.to_string(), format!("{fault}: {advice}"));
        let response = interpreter
            .handle(request(json!({"code": "1"}), 60_000))
            .await;
        let message = format!(
            "no code can be run here, and only the operator can mend that: {fault}: {advice}"
        );
        let expected = json!({"ok": false, "error": {"code": "python_missing", "message": message, "retryable": false}});
        assert_eq!(serde_json::to_value(response).unwrap(), expected);
    }
    let version = Interpreter::new(Config::from_env().unwrap())
        .version()
        .await
        .unwrap();
    assert!(version.starts_with("3."), "{version}");
}
