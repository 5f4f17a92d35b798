//! What is too much of memory, files, output or time, and what is left running, ends.

use code_interpreter::Limits;
use serde_json::json;

use crate::kit::{Bench, living_in_group, result};

#[tokio::test]
async fn what_asks_for_too_much_is_stopped_by_its_limit() {
    let limits = Limits {
        memory_bytes: 128 << 20,
        file_bytes: 1 << 20,
        open_files: 32,
        ..Limits::default()
    };
    let bench = Bench::with_limits(limits);
    let memory = [
        "bytearray(1 << 40)",
        "l = []\nwhile True: l.append(bytes(1000))",
        "l = []\nwhile True: l.append(object())",
        "'x' * (1 << 28)",
    ];
    for code in memory {
        let told = bench.run(code).await;
        let outcome = [&told["success"], &told["returncode"], &told["error"]];
        assert_eq!(json!(outcome), json!([false, 1, "memory"]), "{told}");
        assert!(
            told["stderr"].as_str().unwrap().ends_with("MemoryError\n"),
            "{told}"
        );
    }
    // The kernel's own word for it.
    let told = bench.run("import mmap\nmmap.mmap(-1, 1 << 40)").await;
    let said = told["stderr"].as_str().unwrap();
    assert!(said.contains("Cannot allocate memory"), "{told}");
    assert_eq!(told["error"], "memory", "{told}");
    let refused = [
        (
            "f = open('big', 'wb')\nwhile True: f.write(b'x' * 65536); f.flush()",
            "File too large",
        ),
        ("open('sparse', 'wb').truncate(1 << 40)", "File too large"),
        (
            "files = [open('/dev/null') for _ in range(100)]",
            "Too many open files",
        ),
    ];
    for (code, expected) in refused {
        let told = bench.run(code).await;
        assert!(
            told["stderr"].as_str().unwrap().contains(expected),
            "{told}"
        );
        assert_eq!(told["error"], "exception", "{told}");
    }
    let limits = "import resource as r\n[r.getrlimit(k) for k in (r.RLIMIT_FSIZE, r.RLIMIT_NOFILE, r.RLIMIT_CORE)]";
    let value = format!("[({0}, {0}), (32, 32), (0, 0)]", 1 << 20);
    assert_eq!(bench.run(limits).await, result(json!({"value": value})));
}

/// The model is told of 64 processes and threads, and that is beside 256 MB of memory.
#[tokio::test]
async fn as_many_threads_as_are_told_of_fit_into_the_memory() {
    let bench = Bench::new();
    let code = "import threading\nbarrier = threading.Barrier(61)\n\
        def work():\n    kept = [bytes(1000) for _ in range(100)]\n    barrier.wait()\n\
        for _ in range(60): threading.Thread(target=work).start()\nbarrier.wait()";
    assert_eq!(bench.run(code).await["success"], true);
}

/// What processes share is counted once, and what they have of Python not at all.
#[tokio::test]
async fn processes_that_share_memory_take_it_once() {
    let bench = Bench::new();
    let code = "import multiprocessing as m, os\nkept = b'x' * (120 << 20)\n\
        def look(at):\n    return kept[at], len([bytes(1000) for _ in range(1000)])\n\
        with m.Pool(8) as pool: found = pool.map(look, range(64), 1)\nset(found)";
    let told = bench.call(json!({"code": code, "timeout": 20})).await;
    assert_eq!(told["value"], "{(120, 1000)}", "{told}");
}

#[tokio::test]
async fn what_a_program_said_stands_before_why_it_was_ended() {
    let bench = Bench::new();
    let code = "import os, sys, time\nsys.stderr.write('warned')\n\
        for _ in range(8):\n    if os.fork() == 0:\n        kept = b'x' * (60 << 20)\n        time.sleep(60)\ntime.sleep(60)";
    let expected = "warned\nMemoryError: the processes of this program together took more than 256 MB of memory and were ended\n";
    let told = bench.call(json!({"code": code})).await;
    let ended = json!({"success": false, "returncode": -9, "error": "memory", "stderr": expected});
    assert_eq!(told, result(ended));
}

#[tokio::test]
async fn long_output_keeps_its_ends_and_its_true_size() {
    let bench = Bench::new();
    let told = bench
        .run("import sys\nfor i in range(1000):\n    print('%06d' % i * 1000 + 'é' * 499 + 'a')\nprint('e' * 20000, file=sys.stderr, end='')")
        .await;
    assert_eq!(
        told["truncated"],
        json!({"stdout_bytes": 7_000_000, "stderr_bytes": 20_000})
    );
    let stdout = told["stdout"].as_str().unwrap();
    assert!(
        stdout.starts_with("000000000000") && stdout.ends_with("éa\n") && stdout.len() < 20_000
    );
    assert!(!stdout.contains('\u{fffd}'));
    let ends = "e".repeat(8192);
    assert_eq!(
        told["stderr"],
        format!("{ends}\n… [3616 bytes cut] …\n{ends}")
    );
    assert_eq!(told["success"], true);

    let bytes = "import os\nos.write(1, b'a\\xff\\x00b')\nos.write(2, b'\\xc3')";
    let expected = result(json!({"stdout": "a\u{fffd}\u{0}b", "stderr": "\u{fffd}", "value": "1"}));
    assert_eq!(bench.run(bytes).await, expected);
}

#[tokio::test]
async fn an_endless_print_ends_with_the_time_and_is_cut() {
    let bench = Bench::new();
    let arguments = json!({"code": "while True: print('x' * 100)", "timeout": 3});
    let told = bench.call(arguments).await;
    let outcome = [&told["success"], &told["returncode"], &told["error"]];
    assert_eq!(json!(outcome), json!([false, -9, "timeout"]));
    assert!(told["truncated"]["stdout_bytes"].as_u64().unwrap() > 100_000);
    assert!(told["stdout"].as_str().unwrap().len() < 20_000);
}

#[tokio::test]
async fn output_before_a_time_out_is_kept() {
    let bench = Bench::new();
    let arguments = json!({"code": "print('working', end='')\nwhile True: pass", "timeout": 3});
    let expected =
        json!({"success": false, "returncode": -9, "error": "timeout", "stdout": "working"});
    assert_eq!(bench.call(arguments).await, result(expected));
}

/// A child that ignores `SIGTERM` and a grandchild, which all sleep far beyond any time-out; prints the group first.
const FAMILY: &str = "import os, signal, subprocess, time\n\
    print(os.getpgrp())\n\
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):\n    signal.signal(number, signal.SIG_IGN)\n\
    subprocess.Popen(['sleep', '600'], close_fds=False)\n\
    if os.fork() == 0:\n    os.fork()\n    time.sleep(600)\n";

#[tokio::test]
async fn a_time_out_ends_the_program_and_all_its_children() {
    let bench = Bench::new();
    let code = format!("{FAMILY}time.sleep(600)");
    let told = bench.call(json!({"code": code, "timeout": 1})).await;
    let outcome = [&told["success"], &told["returncode"], &told["error"]];
    assert_eq!(json!(outcome), json!([false, -9, "timeout"]));
    assert_eq!(living_in_group(&told["stdout"]), 0);
}

#[tokio::test]
async fn children_end_with_a_program_that_leaves_them_behind() {
    let bench = Bench::new();
    let told = bench.run(&format!("{FAMILY}os._exit(0)")).await;
    assert_eq!(told["success"], true, "{told}");
    assert_eq!(living_in_group(&told["stdout"]), 0);
}

#[tokio::test]
async fn no_process_leaves_its_group() {
    let bench = Bench::new();
    let code = "import os\n\
        print(os.getpgrp())\n\
        if os.fork() == 0:\n    for leave in (os.setsid, os.setpgrp):\n        try:\n            leave()\n        except PermissionError:\n            os.write(2, b'refused ')\n    os._exit(0)\n\
        os.wait()";
    let told = bench.run(code).await;
    assert_eq!(told["stderr"], "refused refused ");
    assert_eq!(living_in_group(&told["stdout"]), 0);
}

#[tokio::test]
async fn a_call_that_is_dropped_ends_its_program() {
    let bench = Bench::new();
    let arguments =
        json!({"code": "import time; open('begun', 'w'); time.sleep(600)", "timeout": 30});
    let begun = async {
        while bench.count("work/begun") == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        response = bench.respond(arguments, 60_000) => panic!("it ended: {response}"),
        () = begun => {}
    }
    bench.cleared().await;
}

/// The kernel keeps them, and counts them for nobody.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn locks_on_parts_of_files_count_as_memory() {
    let bench = Bench::with_limits(Limits {
        memory_bytes: 32 << 20,
        ..Limits::default()
    });
    let code = "import fcntl, time\nfiles = [open(str(number), 'w') for number in range(220)]\n\
                for file in files:\n    for at in range(0, 2_400, 2): fcntl.lockf(file, fcntl.LOCK_EX, 1, at)\n\
                time.sleep(60)";
    let told = bench.call(json!({"code": code, "timeout": 30})).await;
    assert_eq!(told["error"], "memory", "{told}");
}
