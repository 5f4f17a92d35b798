//! What programs do with numpy, pandas and matplotlib. They come from `PyPI`, so nobody gets them who does not ask:
//! `cargo test -p code_interpreter --test packages -- --ignored`.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod kit;

use code_interpreter::Config;
use kit::{Bench, packages, request, result};
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

/// However a program saves a figure, it is handed back, and once.
#[tokio::test]
#[ignore = "needs numpy, pandas and matplotlib from PyPI"]
async fn a_figure_that_is_saved_anywhere_comes_back_once() {
    let bench = bench().await;
    let begin = "import base64, io, os, shutil, tempfile\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\n";
    let cases: [(&str, &[&str]); 25] = [
        ("plt.savefig(io.BytesIO())", &["figure-1.png"]),
        (
            "plt.savefig(io.BytesIO(), format='png'); plt.close()",
            &["figure-1.png"],
        ),
        (
            "b = io.BytesIO(b'before'); b.seek(6); fig.savefig(b, format='jpg'); plt.close('all')",
            &["figure-1.jpg"],
        ),
        (
            "fig.savefig(io.StringIO(), format='svg'); plt.close()",
            &["figure-1.svg"],
        ),
        (
            "b = io.BytesIO(); plt.savefig(b); open('own.png', 'wb').write(b.getvalue())",
            &["own.png"],
        ),
        (
            "b = io.BytesIO(); plt.savefig(b); plt.savefig('own.png', dpi=50)",
            &["own.png"],
        ),
        (
            "plt.savefig('own.png', dpi=50); plt.savefig(io.BytesIO()); plt.show()",
            &["own.png"],
        ),
        (
            "b = io.BytesIO(); plt.savefig(b); plt.clf(); plt.plot([3]); plt.savefig(b); plt.close()",
            &["figure-1.png", "figure-2.png"],
        ),
        (
            "plt.savefig('own.png'); plt.title('later')",
            &["figure-1.png", "own.png"],
        ),
        (
            "plt.savefig('own'); plt.savefig('own.pdf')",
            &["own.pdf", "own.png"],
        ),
        (
            "os.mkdir('plots'); plt.savefig('plots/a.png'); plt.show()",
            &["plots-a.png"],
        ),
        (
            "os.mkdir('.hidden'); plt.savefig('.hidden/a.png'); plt.close()",
            &["a.png"],
        ),
        (
            "d = tempfile.mkdtemp(); plt.savefig(d + '/a.png'); plt.close()",
            &["a.png"],
        ),
        (
            "with tempfile.TemporaryDirectory() as d:\n    plt.savefig(os.path.join(d, 'a.svg'))",
            &["a.svg"],
        ),
        (
            "open('a.png', 'w').write('mine'); d = tempfile.mkdtemp(); plt.savefig(d + '/a.png')",
            &["a.png", "figure-1.png"],
        ),
        (
            "d = tempfile.mkdtemp(); plt.savefig(d + '/a.png'); shutil.move(d + '/a.png', 'b.png')",
            &["b.png"],
        ),
        (
            "with tempfile.NamedTemporaryFile(suffix='.png') as f:\n    plt.savefig(f)",
            &["figure-1.png"],
        ),
        (
            "with open('own.png', 'wb') as f: plt.savefig(f)",
            &["own.png"],
        ),
        ("display(fig); plt.close()", &["figure-1.png"]),
        ("display(fig)\nfig", &["figure-1.png"]),
        (
            "from matplotlib.figure import Figure\nplt.close()\nf = Figure(); f.subplots().plot([1])\nf",
            &["figure-1.png"],
        ),
        ("fig.show(); plt.show()", &["figure-1.png"]),
        (
            "try: plt.savefig('/tmp/x.png')\nexcept PermissionError: pass",
            &["figure-1.png"],
        ),
        (
            "from matplotlib.animation import FuncAnimation, PillowWriter\nFuncAnimation(fig, lambda i: ax.plot([i]), frames=3).save('a.gif', writer=PillowWriter())",
            &["a.gif"],
        ),
        (
            "from matplotlib.animation import FuncAnimation\nh = FuncAnimation(fig, lambda i: ax.plot([i]), frames=3).to_jshtml()",
            &["figure-1.png"],
        ),
    ];
    for (code, expected) in cases {
        let told = bench.run(&format!("{begin}{code}")).await;
        assert_eq!(names(&told), expected, "{code}: {told}");
        let outcome = [&told["stderr"], &told["success"], &told["omitted"]];
        assert_eq!(json!(outcome), json!(["", true, null]), "{code}");
    }
}

/// What an earlier program wrote is no file of this one. Each program runs twice; the second is handed what the first made.
#[tokio::test]
#[ignore = "needs numpy, pandas and matplotlib from PyPI"]
async fn a_figure_that_an_earlier_program_saved_too_comes_back_again() {
    let bench = bench().await;
    let begin = "import io, os, shutil, tempfile\nimport matplotlib.pyplot as plt\nplt.plot([5, 2])\nb = io.BytesIO()\n";
    let cases: [(&str, &[&str], &[&str]); 9] = [
        (
            "plt.savefig(b); plt.close()",
            &["figure-1.png"],
            &["figure-2.png"],
        ),
        ("plt.savefig(b)", &["figure-1.png"], &["figure-2.png"]),
        ("plt.show()", &["figure-1.png"], &["figure-2.png"]),
        (
            "d = tempfile.mkdtemp(); plt.savefig(d + '/a.png'); plt.close()",
            &["a.png"],
            &["figure-1.png"],
        ),
        (
            "os.mkdir('.hidden'); plt.savefig('.hidden/a.png'); plt.close()",
            &["a.png"],
            &["figure-1.png"],
        ),
        (
            "plt.savefig(b); plt.close(); os.path.exists('figure-1.png') and shutil.copy('figure-1.png', 'copy.png')",
            &["figure-1.png"],
            &["copy.png"],
        ),
        (
            "plt.savefig(b); plt.close(); os.path.exists('figure-1.png') and os.rename('figure-1.png', 'moved.png')",
            &["figure-1.png"],
            &["moved.png"],
        ),
        // Written again with what it held, a file is the same file.
        (
            "plt.savefig(b); plt.close(); open('own.png', 'wb').write(b.getvalue())",
            &["own.png"],
            &[],
        ),
        ("plt.savefig('own.png'); plt.savefig(b)", &["own.png"], &[]),
    ];
    for (code, first, second) in cases {
        let mut files = Vec::new();
        for expected in [first, second] {
            let mut request = request(json!({"code": format!("{begin}{code}")}), 60_000);
            request.files = std::mem::take(&mut files);
            let response = bench.interpreter.handle(request).await;
            let tool::Response::Ok { result, artifacts } = response else {
                panic!("{code}: {response:?}");
            };
            assert_eq!(names(&json!(result)), expected, "{code}: {result:?}");
            files = artifacts;
        }
    }
}

/// Who asks whether it is there has not imported it yet.
#[tokio::test]
#[ignore = "needs numpy, pandas and matplotlib from PyPI"]
async fn figures_are_kept_however_matplotlib_is_imported() {
    let bench = bench().await;
    // The program itself does not name it, so that it is not there before.
    let begin = "import importlib, importlib.util, io, sys\nname = 'matplot' 'lib.pyplot'\nassert name not in sys.modules\n";
    let end = "\np = sys.modules[name]\np.plot([1]); p.savefig(io.BytesIO()); p.close()";
    for import in [
        "importlib.import_module(name)",
        "importlib.util.find_spec(name)\nimportlib.import_module(name)",
        "importlib.util.find_spec(name); importlib.util.find_spec(name)\n__import__(name)",
        "found = [f.find_spec(name, None) for f in sys.meta_path]\nimportlib.import_module(name)",
        "spec = importlib.util.find_spec(name)\nspec.loader.get_code(name)\nimportlib.import_module(name)",
        "spec = importlib.util.find_spec(name)\nsys.modules[name] = module = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(module)",
        "spec = importlib.util.find_spec(name)\nspec.loader = importlib.util.LazyLoader(spec.loader)\nsys.modules[name] = module = importlib.util.module_from_spec(spec)\nspec.loader.exec_module(module)\nmodule.plot",
        "sys.modules['matplot' 'lib.figure'] = None\ntry: importlib.import_module(name)\nexcept ImportError: del sys.modules['matplot' 'lib.figure']\nimportlib.import_module(name)",
        "import threading\nthreads = [threading.Thread(target=importlib.import_module, args=[name]) for _ in range(4)]\nfor t in threads: t.start()\nfor t in threads: t.join()",
    ] {
        let told = bench.run(&format!("{begin}{import}{end}")).await;
        assert_eq!(names(&told), ["figure-1.png"], "{import}: {told}");
    }
    let missing = "import importlib.util\nimportlib.util.find_spec('no_such_package'), importlib.util.find_spec('json').name";
    assert_eq!(bench.run(missing).await["value"], "(None, 'json')");
}

#[tokio::test]
#[ignore = "needs numpy, pandas and matplotlib from PyPI"]
async fn figures_are_told_apart_and_bounded_wherever_they_are_saved() {
    let bench = bench().await;
    // Each is another figure, also where it has the address of one that has gone.
    let many = "import io, gc\nimport matplotlib.pyplot as plt\nfor i in range(5):\n    plt.plot([i]); plt.savefig(io.BytesIO()); plt.close(); gc.collect()";
    assert_eq!(names(&bench.run(many).await).len(), 5);
    let hundred = "import io\nimport matplotlib.pyplot as plt\nfor i in range(100):\n    plt.figure(figsize=(1, 1)).text(0, 0, i); plt.savefig(io.BytesIO()); plt.close()";
    let told = bench.call(json!({"code": hundred, "timeout": 30})).await;
    assert_eq!(names(&told).len(), 20, "{told}");
    assert_eq!(told["omitted"].as_array().unwrap().len(), 20, "{told}");
    // Where the program itself does not name matplotlib.
    let drawn = "open('draw.py', 'w').write('import matplot' 'lib.pyplot as p, io; p.plot([1]); p.savefig(io.BytesIO()); p.close()')\nimport draw";
    assert_eq!(names(&bench.run(drawn).await), ["draw.py", "figure-1.png"]);
}

#[tokio::test]
#[ignore = "needs numpy, pandas and matplotlib from PyPI"]
async fn tables_and_pictures_are_shown_and_calls_that_draw_are_not() {
    let bench = bench().await;
    let table = "   a\n0  1\n";
    let cases = [
        (
            "import pandas as pd\ndf = pd.DataFrame({'a': [1]})\ndf.head()\ndf.shape\ndisplay(df)\ndf",
            json!({"stdout": format!("{table}(1, 1)\n{table}"), "value": table.trim_end()}),
        ),
        (
            "import numpy as np\nnp.random.seed(0)\nnp.arange(3)\nnp.eye(1)",
            json!({"stdout": "array([0, 1, 2])\n", "value": "array([[1.]])"}),
        ),
    ];
    for (code, different) in cases {
        assert_eq!(bench.run(code).await, result(different), "{code}");
    }
    let drawing = "%matplotlib inline\nimport matplotlib.pyplot as plt\nimport pandas as pd\n\
        plt.figure()\nplt.hist([1, 2])\nplt.xlim(0, 3)\nplt.xticks([1])\nax = plt.gca()\nax.set_title('t')\nax.set_ylim(0, 2)\n\
        pd.Series([1]).plot()\npd.DataFrame({'a': [1, 2]}).hist()\nplt.pie([1])\nplt.show()";
    let told = bench.run(drawing).await;
    assert_eq!(told["stdout"], "", "{told}");
    let image = "from PIL import Image\nfrom IPython.display import Image as Shown, display\n\
        Image.new('RGB', (2, 2)).save('a.png')\ndisplay(Image.new('RGB', (3, 3)))\ndisplay(Shown('a.png'), Shown(data=open('a.png', 'rb').read()))";
    let told = bench.run(image).await;
    assert_eq!(names(&told), ["a.png", "figure-1.png", "figure-2.png"]);
    assert_eq!(told["stdout"], "a.png\n", "{told}");
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

/// What each process copies of pandas, as it uses it, is its own: a pool of usual size has room for that.
#[tokio::test]
#[ignore = "needs numpy, pandas and matplotlib from PyPI"]
async fn a_pool_that_works_with_pandas_fits_into_the_memory() {
    let bench = bench().await;
    let code = "import multiprocessing as m, numpy as np, pandas as pd\n\
        frame = pd.DataFrame({'x': np.arange(1_000_000), 'k': np.arange(1_000_000) % 7})\n\
        def total(k): return int(frame[frame.k == k].groupby('k').x.sum().iloc[0])\n\
        with m.Pool(8) as pool: found = sum(pool.map(total, range(7)))\nfound";
    let told = bench.call(json!({"code": code, "timeout": 30})).await;
    assert_eq!(told["value"], "499999500000", "{told}");
}
