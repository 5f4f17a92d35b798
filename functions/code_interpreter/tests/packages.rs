//! What programs do with numpy, pandas and matplotlib. They come from `PyPI`, so nobody gets them who does not ask:
//! `cargo test -p code_interpreter --test packages -- --ignored`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use code_interpreter::Config;
use kit::{Bench, packages, result};
use serde_json::{Value, json};

async fn bench() -> Bench {
    let config = Config {
        python: packages::python().await,
        ..Config::from_env().unwrap()
    };
    Bench::with_config(config)
}

fn names(told: &Value) -> Vec<&str> {
    let artifacts = told["artifacts"].as_array().unwrap();
    artifacts
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect()
}

#[tokio::test]
#[ignore = "needs numpy, pandas and matplotlib from PyPI"]
async fn the_packages_are_there_before_a_program_asks() {
    let bench = bench().await;
    let present = bench.interpreter.warm_up().await.unwrap();
    assert_eq!(present, ["numpy", "pandas", "matplotlib.pyplot"]);
    let cases = [
        ("import numpy as np\nint(np.arange(10).sum())", "45"),
        (
            "import numpy as np\na = np.ones((300, 300))\nfloat((a @ a)[0, 0])",
            "300.0",
        ),
        (
            "import pandas as pd\nint(pd.DataFrame({'a': [1, 2]}).a.sum())",
            "3",
        ),
        (
            "import pandas as pd\npd.DataFrame({'a': [1]}).to_csv('a.csv')\npd.read_csv('a.csv').shape",
            "(1, 2)",
        ),
        (
            "import numpy, threading\nt = threading.Thread(target=numpy.linalg.inv, args=(numpy.eye(100),)); t.start(); t.join(); 'joined'",
            "'joined'",
        ),
        (
            "import asyncio\nasyncio.run(asyncio.sleep(0, 'slept'))",
            "'slept'",
        ),
        (
            "import sqlite3\nsqlite3.connect('a.db').execute('select 6 * 7').fetchone()",
            "(42,)",
        ),
        (
            "import subprocess\nsubprocess.run(['echo', 'child'], capture_output=True, text=True).stdout",
            "'child\\n'",
        ),
        (
            "import numpy as np\ntry: np.ones(1 << 27)\nexcept MemoryError: print('refused')",
            "",
        ),
    ];
    for (code, value) in cases {
        let told = bench.run(code).await;
        assert_eq!(told["value"].as_str().unwrap_or_default(), value, "{told}");
        assert_eq!(told["success"], true, "{told}");
    }
}

#[tokio::test]
#[ignore = "needs numpy, pandas and matplotlib from PyPI"]
async fn random_numbers_are_new_in_each_program() {
    let bench = bench().await;
    let code = "import random, numpy\nrandom.random(), float(numpy.random.rand()), hash('fixed')";
    let (one, other) = (bench.run(code).await, bench.run(code).await);
    let parts = |told: &Value| {
        let value = told["value"].as_str().unwrap().trim_matches(['(', ')']);
        value.split(", ").map(str::to_owned).collect::<Vec<_>>()
    };
    let (one, other) = (parts(&one), parts(&other));
    assert_ne!(one[0], other[0]);
    assert_ne!(one[1], other[1]);
    assert_eq!(one[2], other[2]);
}

#[tokio::test]
#[ignore = "needs numpy, pandas and matplotlib from PyPI"]
async fn figures_come_back_without_being_asked_for() {
    let bench = bench().await;
    let drawn = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n";
    let cases: [(&str, &[&str]); 6] = [
        ("", &["figure-1.png"]),
        ("plt.show()", &["figure-1.png"]),
        ("plt.savefig('own.png')", &["own.png"]),
        (
            "plt.figure(); plt.plot([3])",
            &["figure-1.png", "figure-2.png"],
        ),
        (
            "open('figure-1.png', 'w').write('mine')",
            &["figure-1.png", "figure-2.png"],
        ),
        ("1 / 0", &["figure-1.png"]),
    ];
    for (code, expected) in cases {
        let told = bench.run(&format!("{drawn}{code}")).await;
        assert_eq!(names(&told), expected, "{code}: {told}");
        assert!(
            !told["stderr"].as_str().unwrap().contains("Warning"),
            "{told}"
        );
    }
    let response = bench.respond(json!({"code": drawn}), 60_000).await;
    let artifact = &response["artifacts"][0];
    assert_eq!(artifact["media_type"], "image/png");
    assert!(
        artifact["data"]
            .as_str()
            .unwrap()
            .starts_with("iVBORw0KGgo")
    );
}

/// Program 72 of the hostile ones.
#[tokio::test]
#[ignore = "needs numpy, pandas and matplotlib from PyPI"]
async fn too_many_figures_and_too_large_ones_are_left_out_with_the_reason() {
    let bench = bench().await;
    let many = "import matplotlib.pyplot as plt\nplt.rcParams['figure.max_open_warning'] = 0\nfor _ in range(200): plt.figure(figsize=(1, 1)).text(0, 0, 'x')";
    let told = bench.call(json!({"code": many, "timeout": 30})).await;
    assert_eq!(names(&told).len(), 20, "{told}");
    assert_eq!(
        told["omitted"][0],
        json!({"name": "figure-21.png", "reason": "more than 20 figures"})
    );
    let large =
        "import matplotlib.pyplot as plt\nplt.figure(figsize=(200, 200), dpi=100).text(0, 0, 'x')";
    let omitted = json!([{"name": "figure-1.png", "reason": "20000 x 20000 pixels; at most 16000000 in all"}]);
    let value = "Text(0, 0, 'x')";
    assert_eq!(
        bench.run(large).await,
        result(json!({"omitted": omitted, "value": value}))
    );
}

#[tokio::test]
#[ignore = "needs numpy, pandas and matplotlib from PyPI"]
async fn a_missing_package_is_told_with_those_that_are_there() {
    let bench = bench().await;
    let told = bench.run("import sympy").await;
    let stderr = told["stderr"].as_str().unwrap();
    assert!(stderr.contains("No module named 'sympy'"), "{stderr}");
    assert!(
        stderr.contains("nothing can be installed") && stderr.contains("numpy, "),
        "{stderr}"
    );
    let told = bench.run("import pillow").await;
    let stderr = told["stderr"].as_str().unwrap();
    assert!(
        stderr.ends_with("note: pillow is installed; import it as PIL\n"),
        "{stderr}"
    );
}

#[tokio::test]
#[ignore = "needs numpy, pandas and matplotlib from PyPI"]
async fn fifty_calls_at_once_have_all_they_need() {
    let bench = bench().await;
    let calls = (0..50).map(|i| {
        let code =
            format!("import numpy as np, pandas as pd\nint(pd.Series(np.arange({i} + 1)).sum())");
        bench.respond(json!({"code": code, "timeout": 30}), 60_000)
    });
    for (i, response) in futures_util::future::join_all(calls)
        .await
        .into_iter()
        .enumerate()
    {
        let value = (i * (i + 1) / 2).to_string();
        assert_eq!(response["result"]["value"], value, "{response}");
    }
    bench.cleared().await;
}
