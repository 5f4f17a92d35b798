//! What the standard library does when the kernel has less than it hoped for: it finds another way.

use serde_json::json;

use crate::kit::Bench;

const CASES: &[(&str, &str)] = &[
    (
        "import os, shutil\nopen('a', 'w').write('x' * 100_000)\nshutil.copyfile('a', 'b'); shutil.copy2('a', 'c'); os.makedirs('d/e'); shutil.move('b', 'd/e/b')\nshutil.copytree('d', 'f'); os.path.getsize('f/e/b'), os.path.getsize('c')",
        "(100000, 100000)",
    ),
    (
        "import pathlib\nsource = pathlib.Path('a'); source.write_text('kept')\ncopy = getattr(source, 'copy', None)\n(copy('b') if copy else pathlib.Path('b').write_text(source.read_text())); pathlib.Path('b').read_text()",
        "'kept'",
    ),
    (
        "import os\nopen('a', 'w').write('range')\nwith open('a') as a, open('b', 'w') as b: os.copy_file_range(a.fileno(), b.fileno(), 5)\nopen('b').read()",
        "'range'",
    ),
    (
        "import socket, threading\nopen('a', 'wb').write(b'y' * 50_000)\na, b = socket.socketpair()\ndef send():\n    with a, open('a', 'rb') as file: a.sendfile(file)\nthreading.Thread(target=send).start()\nlen(b''.join(iter(lambda: b.recv(9999), b'')))",
        "50000",
    ),
    (
        "import asyncio, sys\nasync def main():\n    process = await asyncio.create_subprocess_exec(sys.executable, '-c', 'print(input() + \"!\")', stdin=-1, stdout=-1)\n    out, _ = await process.communicate(b'said')\n    return out, process.returncode\nasyncio.run(main())",
        "(b'said!\\n', 0)",
    ),
    (
        "import subprocess\nsubprocess.run('printf one | tr o O; exit 3', shell=True, capture_output=True, text=True).stdout, subprocess.run(['sh', '-c', 'exit 3']).returncode",
        "('One', 3)",
    ),
    (
        "import sqlite3\nwith sqlite3.connect('data.db') as db:\n    db.execute('pragma journal_mode=wal'); db.execute('create table t(x)'); db.executemany('insert into t values (?)', [(n,) for n in range(9)])\nsqlite3.connect('data.db').execute('select sum(x) from t').fetchone()",
        "(36,)",
    ),
    (
        "import ssl, hashlib, secrets, uuid\nssl.create_default_context().check_hostname, len(secrets.token_bytes(8)), uuid.uuid4().version",
        "(True, 8, 4)",
    ),
    (
        "from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor\nwith ProcessPoolExecutor(2) as a, ThreadPoolExecutor(2) as b: found = list(a.map(abs, [-1, -2])), list(b.map(abs, [-3]))\nfound",
        "([1, 2], [3])",
    ),
    (
        "import multiprocessing as m\nread, write = m.Pipe()\nwith m.Manager() as manager, m.Pool(2) as pool:\n    shared = manager.list(); queue = manager.Queue(); write.send({'k': 1}); queue.put(2)\n    found = pool.map(len, ['a', 'bb']), read.recv(), queue.get()\nfound",
        "([1, 2], {'k': 1}, 2)",
    ),
    (
        "import select, signal, os, socket\na, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)\nb.settimeout(5); a.send(b'1'); poll = select.epoll(); poll.register(b, select.EPOLLIN)\nlen(poll.poll(5)), b.recv(9), a.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)",
        "(1, b'1', 5)",
    ),
    (
        "import mmap, os, tempfile\nwith tempfile.TemporaryFile() as file:\n    file.truncate(8192)\n    with mmap.mmap(file.fileno(), 0) as view: view[:4] = b'mmap'; view.flush(); found = view[:4]\nfound",
        "b'mmap'",
    ),
    (
        "import mmap, os\nview, own = mmap.mmap(-1, 8192), mmap.mmap(-1, 4096, mmap.MAP_PRIVATE)\nif os.fork() == 0:\n    view[:6] = own[:6] = b'shared'\n    os._exit(0)\nos.wait()\nview.resize(16384)\n\
         with mmap.mmap(fileno=-1, length=4096, access=mmap.ACCESS_READ) as read: found = len(read), read[:1]\nbytes(view[:8]), own[:1], len(view), found, type(view).__name__, isinstance(view, mmap.mmap)",
        "(b'shared\\x00\\x00', b'\\x00', 16384, (4096, b'\\x00'), 'mmap', True)",
    ),
    (
        "import mmap\ndef tried(*given, **named):\n    try: mmap.mmap(*given, **named)\n    except Exception as error: return type(error).__name__, getattr(error, 'errno', None)\n\
         tried(-1, 1 << 40), tried(-1, -1)[0], tried(0, 4096, access=9)[0]",
        "(('OSError', 12), 'OverflowError', 'ValueError')",
    ),
    (
        "import os, sys, shutil, platform, time\nos.nice(0) == os.getpriority(os.PRIO_PROCESS, 0), os.isatty(0), shutil.get_terminal_size().columns, platform.system(), len(os.sched_getaffinity(0)) > 0, os.get_blocking(1), time.process_time() > 0",
        "(True, False, 80, 'Linux', True, True, True)",
    ),
];

#[cfg(target_os = "linux")]
#[tokio::test]
async fn the_standard_library_finds_another_way_where_the_kernel_has_less() {
    let bench = Bench::new();
    for (code, value) in CASES {
        let told = bench.call(json!({"code": code, "timeout": 20})).await;
        assert_eq!(told["value"], *value, "{code}: {told}");
    }
}
