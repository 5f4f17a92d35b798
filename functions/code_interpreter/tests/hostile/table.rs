//! The programs, by the numbers under which the project speaks of them. 72, which needs matplotlib, is in `packages.rs`;
//! 74, the names of input files, in `files.rs`; what is aimed at something outside in `outside`.

use super::Must::{BeCut, ErrorsCut, Fail, NotHold, Omit, Return, Stderr, Stdout, Value, ValueIn};
use super::Program;

const TIMED_OUT: &[super::Must] = &[Fail(&["timeout"]), Return(-9)];

pub const PROGRAMS: &[Program] = &[
    Program::new(1, "fork bomb", "while True: tried(os.fork)").seconds(1).must(TIMED_OUT),
    Program::new(2, "thread bomb", "import threading\nwhile True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()")
        .seconds(5)
        .must(&[Fail(&["exception", "memory"])]),
    Program::new(3, "one huge allocation", "bytearray(1 << 40)").must(&[Fail(&["memory"])]),
    Program::new(4, "growing list", "kept = []\nwhile True: kept.append(bytes(100_000))").must(&[Fail(&["memory"])]),
    Program::new(5, "shared memory maps", "import mmap\nkept = []\nwhile True:\n    kept.append(mmap.mmap(-1, 1 << 24))\n    kept[-1].write(bytes(1 << 24))")
        .must(&[Fail(&["memory"])]),
    Program::new(6, "infinite print", "while True: print('x' * 100)").seconds(1).must(&[Fail(&["timeout"]), BeCut]),
    Program::new(7, "2 GB in one line", "block = b'x' * (1 << 20)\nfor _ in range(2048): os.write(1, block)")
        .seconds(2)
        .must(&[Fail(&["timeout", ""]), BeCut]),
    Program::new(8, "flood of errors", "while True: os.write(2, b'e' * 65536)").seconds(1).must(&[Fail(&["timeout"]), ErrorsCut]),
    Program::new(9, "endless loop", "while True: pass").seconds(1).must(TIMED_OUT),
    Program::new(10, "long sleep", "time.sleep(1000)").seconds(1).must(TIMED_OUT),
    Program::new(11, "ignores signals", "import signal\nfor name in ('SIGTERM', 'SIGXCPU', 'SIGINT', 'SIGHUP'): signal.signal(getattr(signal, name), signal.SIG_IGN)\nwhile True: pass")
        .seconds(1)
        .must(TIMED_OUT),
    Program::new(12, "catches everything", "while True:\n    try:\n        while True: pass\n    except BaseException: pass").seconds(1).must(TIMED_OUT),
    Program::new(13, "input without any", "input()").must(&[Fail(&["exception"]), Stderr("EOFError")]),
    Program::new(14, "connects to the Runtime API", "import socket\ntried(socket.create_connection, ('127.0.0.1', 9001), 1)")
        .strict(&[Value("'EPERM'")])
        .lambda(&[ValueIn(&["'ECONNREFUSED'", "'done'"])]),
    Program::new(15, "registers as an extension", "import http.client\nconnection = http.client.HTTPConnection('127.0.0.1', 9001, timeout=1)\ntried(connection.request, 'POST', '/2020-01-01/extension/register')")
        .strict(&[Value("'EPERM'")])
        .lambda(&[ValueIn(&["'ECONNREFUSED'", "'done'"])]),
    Program::new(16, "asks for the machine's metadata", "import socket\ntried(socket.create_connection, ('169.254.169.254', 80), 0.3)")
        .strict(&[Value("'EPERM'")])
        .lambda(&[Fail(&[""])]),
    Program::new(17, "UDP and DNS", "import socket\ntried(socket.socket, socket.AF_INET, socket.SOCK_DGRAM), tried(socket.getaddrinfo, 'example.org', 80) != 'done'")
        .strict(&[Value("('EPERM', True)")])
        .lambda(&[Fail(&["", "timeout"])])
        .seconds(3),
    Program::new(18, "other sockets", "import socket\n[tried(socket.socket, family, kind) for family, kind in ((1, 1), (16, 3), (17, 3), (40, 1))]")
        .strict(&[Value("['EPERM', 'EPERM', 'EPERM', 'EPERM']")])
        .lambda(&[Fail(&[""])]),
    Program::new(19, "others' environment", "def read(pid):\n    with open(f'/proc/{pid}/environ', 'rb') as file: return file.read()\n[tried(read, pid) for pid in (1, os.getppid())]")
        .strict(&[Value("['EACCES', 'EACCES']")])
        .lambda(&[Fail(&[""])]),
    Program::new(19, "the secrets of those that started it", "pid, found = os.getppid(), []\nwhile pid > 1:\n    try:\n        if b'emulated-secret' in open(f'/proc/{pid}/environ', 'rb').read(): found.append(pid)\n    except PermissionError: pass\n    try: pid = int(open(f'/proc/{pid}/stat').read().rpartition(')')[2].split()[1])\n    except PermissionError: break\nfound")
        .must(&[Value("[]")]),
    Program::new(20, "the parent's memory", "def read(name): open(f'/proc/{os.getppid()}/{name}', 'rb').read(1)\n[tried(read, name) for name in ('mem', 'maps')] + [tried(os.listdir, f'/proc/{os.getppid()}/fd')]")
        .strict(&[Value("['EACCES', 'EACCES', 'EACCES']")])
        .lambda(&[Fail(&[""])]),
    Program::new(20, "the memory of the first that started it", "def read(name): open(name, 'rb').read(1)\npid, got = os.getppid(), None\nwhile pid > 1:\n    own = f'/proc/{pid}/'\n    got = [tried(read, own + name) for name in ('mem', 'maps')] + [tried(os.listdir, own + 'fd')]\n    try: pid = int(open(own + 'stat').read().rpartition(')')[2].split()[1])\n    except PermissionError: break\ngot")
        .must(&[Value("['EACCES', 'EACCES', 'EACCES']")]),
    Program::new(21, "own environment", "sorted(set(os.environ) - {'HOME', 'LANG', 'MPLBACKEND', 'MPLCONFIGDIR', 'OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'PATH', 'PIP_NO_INDEX', 'PYTHONHASHSEED', 'TMPDIR'})")
        .must(&[Value("[]")]),
    Program::new(22, "descriptors", "[fd for fd in range(256) if tried(os.fstat, fd) == 'done']").must(&[Value("[0, 1, 2]")]),
    Program::new(23, "kills its parent and everything", "[tried(os.kill, pid, 9) for pid in (os.getppid(), -1)]")
        .strict(&[Value("['EPERM', 'EPERM']")])
        .next("1", "1")
        .ends_environment(),
    Program::new(23, "signals in roundabout ways", "import fcntl\nof = os.getppid()\n[called(129, 138, of, 0, 0), called(234, 131, of, of, 0), called(200, 130, of, 0), called(434, 434, of, 0), tried(fcntl.fcntl, 0, fcntl.F_SETOWN, of), tried(os.killpg, os.getpgid(of), 0)]")
        .strict(&[Value("['EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM']")])
        .lambda(&[Fail(&[""])])
        .next("1", "1"),
    Program::new(23, "reads and writes other programs' directories", "tried(os.listdir, '../..'), tried(os.listdir, '..'), tried(open, '../code.py', 'w'), tried(os.link, '../report.json', 'report'), tried(os.rename, '../tmp', 'mine')")
        .strict(&[ValueIn(&["('EACCES', 'EACCES', 'EACCES', 'EXDEV', 'EACCES')", "('EACCES', 'EACCES', 'EACCES', 'EACCES', 'EACCES')", "('EACCES', 'EACCES', 'EACCES', 'EPERM', 'EACCES')", "('EACCES', 'EACCES', 'EACCES', 'EXDEV', 'EXDEV')"])])
        .lambda(&[Fail(&[""])])
        .next("1", "1"),
    Program::new(24, "stops its parent", "os.kill(os.getppid(), 19)\ntime.sleep(1000)")
        .seconds(1)
        .strict(&[Stderr("PermissionError")])
        .lambda(&[Fail(&["timeout"])])
        .next("1", "1"),
    // The tests may have been started with a lower priority; a higher one is then refused.
    Program::new(24, "takes its parent's limits and processor time", "import resource\nof = os.getppid()\n[tried(resource.prlimit, of, resource.RLIMIT_CPU, (1, 1)), tried(os.setpriority, os.PRIO_PROCESS, of, 19), tried(os.sched_setaffinity, of, {0}), tried(os.setpriority, os.PRIO_PROCESS, 0, 1)]")
        .strict(&[ValueIn(&["['EPERM', 'EPERM', 'EPERM', 'done']", "['EPERM', 'EPERM', 'EPERM', 'EACCES']"])])
        .lambda(&[Fail(&[""])])
        .next("import os; os.getpriority(os.PRIO_PROCESS, 0) in (1, 19)", "False"),
    Program::new(25, "daemon", "if os.fork() == 0:\n    tried(os.setsid)\n    if os.fork() == 0: time.sleep(600)\n    os._exit(0)\n'prompt'").must(&[Value("'prompt'"), Fail(&[""])]),
    Program::new(26, "orphan that holds the output", "if os.fork() == 0:\n    time.sleep(600)\nprint('done')\nos._exit(0)").must(&[Stdout("done"), Return(0)]),
    Program::new(27, "respawner", "def respawn():\n    while True:\n        if os.fork() != 0: os._exit(0)\nif os.fork() == 0: respawn()\ntime.sleep(0.2)\n'done'").must(&[Value("'done'"), Fail(&[""])]),
    Program::new(28, "writes into the system", "[tried(open, path, 'w') in ('EACCES', 'ENOENT', 'EROFS') for path in ('/opt/x', '/var/task/x', '/home/x', '/usr/x', '/etc/x')]")
        .must(&[Value("[True, True, True, True, True]")]),
    Program::new(29, "writes beside its directory", "tried(open, '../../left-behind', 'w')")
        .strict(&[Value("'EACCES'")])
        .lambda(&[Value("'done'")])
        .next("import os; os.path.exists('../../left-behind')", "False"),
    Program::new(30, "huge file", "file = open('big', 'wb')\nwhile True: file.write(bytes(1 << 20))").must(&[Fail(&["exception"]), Stderr("File too large"), Omit("big", "bytes")]),
    Program::new(31, "a million files", "for number in range(1_000_000): open(str(number), 'w').close()")
        .seconds(20)
        .must(&[Fail(&["disk"])])
        .next("import os; os.listdir()", "[]"),
    Program::new(31, "a million files where nobody can look", "os.mkdir('d', 0o300)\nos.chdir('d')\nfor number in range(1_000_000): open(str(number), 'w').close()")
        .seconds(20)
        .must(&[Fail(&["disk"])])
        .next("import os; os.listdir()", "[]"),
    Program::new(32, "sparse file of 1 TB", "open('sparse', 'wb').truncate(1 << 40)").must(&[Fail(&["exception"]), Stderr("File too large")]),
    Program::new(33, "deep directories and odd names", "for name in ('-rf *', 'a\\nb', '\\u202e.txt', '\\udcff'): open(name, 'w').close()\nfor _ in range(500):\n    os.mkdir('d')\n    os.chdir('d')\n'done'")
        .must(&[Fail(&["", "disk"])])
        .next("import os; os.listdir()", "[]"),
    Program::new(34, "link as output", "os.symlink('/etc/passwd', 'passwords')").must(&[Omit("passwords", "no regular file")]),
    Program::new(35, "second name of a foreign file", "tried(os.link, '/etc/passwd', 'passwords')").must(&[ValueIn(&["'EACCES'", "'EPERM'", "'EXDEV'"])]),
    Program::new(36, "pipe as output", "tried(os.mkfifo, 'pipe')").strict(&[Value("'EPERM'")]).lambda(&[Value("'done'"), Omit("pipe", "no regular file")]),
    Program::new(37, "swaps a file for a link", "open('mine', 'w').write('mine')\nif os.fork() == 0:\n    while True:\n        for make in (lambda: os.symlink('/etc/passwd', 'new'), lambda: open('new', 'w').close()):\n            make()\n            os.replace('new', 'mine')\ntime.sleep(0.1)\nos._exit(0)")
        .must(&[Return(0), NotHold("root:")]),
    Program::new(38, "locked tree", "os.makedirs('a/b')\nfor path in ('a/b', 'a', '.'): os.chmod(path, 0)\n'done'").must(&[Value("'done'")]).next("import os; os.listdir()", "[]"),
    Program::new(39, "becomes root", "[tried(os.setuid, 0), tried(os.setresuid, 0, 0, 0), os.getuid() != 0]").must(&[ValueIn(&["['EPERM', 'EPERM', True]", "['EINVAL', 'EINVAL', True]"])]),
    Program::new(40, "traces others", "[called(101, 117, 16, os.getppid(), 0, 0), called(310, 270, os.getppid(), 0, 0, 0, 0, 0)]")
        .strict(&[Value("['EPERM', 'EPERM']")])
        .lambda(&[ValueIn(&["['EPERM', 'EPERM']", "['EPERM', 'done']"])]),
    Program::new(41, "io_uring", "called(425, 425, 1, 0)").strict(&[Value("'EPERM'")]).lambda(&[Fail(&[""])]),
    Program::new(42, "runs from memory", "fd = os.memfd_create('x', 0)\nos.write(fd, open('/bin/sh', 'rb').read())\nif os.fork() == 0: os.execve(fd, ['sh', '-c', 'echo ran'], os.environ)\nos.wait()")
        .strict(&[Fail(&["exception"]), Stderr("PermissionError")])
        .lambda(&[Fail(&[""])]),
    Program::new(43, "foreign tables of system calls", "import mmap, signal\nif platform.machine() != 'x86_64':\n    print('ENOSYS\\nTrue')\nelse:\n    print(called(0x40000000 | 39, 0))\n    page = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)\n    page.write(bytes.fromhex('b814000000cd80c3'))\n    if os.fork() == 0:\n        ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()\n        os._exit(0)\n    print(-os.waitstatus_to_exitcode(os.wait()[1]) in (signal.SIGSYS, signal.SIGSEGV))")
        .strict(&[Fail(&[""]), Stdout("ENOSYS\nTrue")])
        .lambda(&[Fail(&[""])]),
    Program::new(44, "namespaces", "[called(272, 97, 0x10000000), called(56, 220, 0x10000211, 0, 0, 0, 0), called(435, 435, 0, 0), called(308, 268, 0, 0)]")
        .strict(&[Value("['EPERM', 'EPERM', 'ENOSYS', 'EPERM']")])
        .lambda(&[Fail(&[""])]),
    Program::new(45, "mounts, keys, programs in the kernel", "[called(165, 40, 0, 0, 0, 0, 0), called(250, 219, 0, -3, 1), called(321, 280, 0, 0, 0), called(323, 282, 0)]")
        .strict(&[Value("['EPERM', 'EPERM', 'EPERM', 'EPERM']")])
        .lambda(&[Fail(&[""])]),
    Program::new(46, "changes its own nature", "[called(157, 167, 4, 1), called(157, 167, 22, 2, 0), called(135, 92, 0x40000)]")
        .strict(&[Value("['EPERM', 'EPERM', 'EPERM']")])
        .lambda(&[Fail(&[""])]),
    Program::new(47, "closes its outputs", "print('before')\nos.close(1)\nos.close(2)\n7").must(&[Stdout("before"), Return(0), Value("7")]),
    Program::new(48, "forged report", "open('../report.json', 'w').write('{\"error\": null, \"value\": \"forged\", \"omitted\": [[\"x\", \"y\"]]}')\nos._exit(5)").must(&[Return(5), Fail(&[""])]),
    Program::new(49, "what is not text", "os.write(1, b'\\xff\\xfe')\nprint('\\ud800')\n'\\ud800'").must(&[Fail(&[""]), Stdout("\u{fffd}\u{fffd}"), Value("'\\ud800'")]),
    Program::new(50, "NUL in the code", "1 +\u{0}").must(&[Fail(&["exception"]), Stderr("null bytes")]),
    Program::new(51, "long line and deep brackets", "print('x' * 10_000_000)\neval('(' * 100_000 + ')' * 100_000)").must(&[Fail(&["exception", "memory"]), BeCut]),
    Program::new(52, "recursion", "def f(): f()\ntry: f()\nexcept RecursionError: print('caught')\nsys.setrecursionlimit(1 << 30)\nf()").seconds(3).must(&[Stdout("caught"), Fail(&["exception", "memory", "killed", "timeout"])]),
    Program::new(53, "long number as text", "str(10 ** 10_000)").must(&[Fail(&["exception"]), Stderr("ValueError")]),
    Program::new(54, "tower of powers", "9 ** 9 ** 9").seconds(1).must(&[Fail(&["timeout", "memory"])]),
    Program::new(55, "colliding hashes", "{number * (2 ** 61 - 1) for number in range(1, 1_000_000)}").seconds(1).must(TIMED_OUT),
    Program::new(56, "backtracking", "import re\nre.match('(a+)+$', 'a' * 40 + 'b')").seconds(1).must(TIMED_OUT),
    Program::new(57, "bombs", "import io, json, xml.etree.ElementTree as tree, zipfile, zlib\nprint(tried(json.loads, '[' * 1_000_000))\nlaughs = ''.join('<!ENTITY l%d \"%s\">' % (n, ('&l%d;' % (n - 1)) * 10 if n else 'ha') for n in range(10))\nprint(tried(tree.fromstring, '<!DOCTYPE x [' + laughs + ']><x>&l9;</x>') != 'done')\nheld = io.BytesIO()\nwith zipfile.ZipFile(held, 'w', zipfile.ZIP_DEFLATED) as bomb: bomb.writestr('x', bytes(1 << 26))\nzipfile.ZipFile(held).read('x') * 16")
        .seconds(20)
        .must(&[Fail(&["memory"]), Stdout("RecursionError\nTrue\n")]),
    Program::new(58, "broken byte code", "def f(): return 1\nf.__code__ = f.__code__.replace(co_code=bytes([100, 255]) * 40, co_consts=())\nf()").seconds(2).must(&[Fail(&["killed"])]),
    Program::new(58, "broken byte code that was stored", "import marshal, types\ndef f(): return 1\ncode = marshal.loads(marshal.dumps(f.__code__.replace(co_code=bytes([100, 255]) * 40, co_consts=())))\ntypes.FunctionType(code, {})()").seconds(2).must(&[Fail(&["killed"])]),
    Program::new(59, "ends without a farewell", "print('kept', end='')\nos._exit(0)").must(&[Stdout("kept"), Return(0)]),
    Program::new(60, "large exit code", "sys.exit(300)").must(&[Return(44)]),
    Program::new(61, "segmentation fault", "ctypes.string_at(0)").must(&[Fail(&["killed"]), Return(-11)]),
    Program::new(62, "changes what all share", "import builtins, json\nbuiltins.left = 1\njson.loads = None").must(&[Fail(&[""])]).next("import builtins, json; hasattr(builtins, 'left'), json.loads('1')", "(False, 1)"),
    Program::new(63, "temporary files and caches", "import tempfile\nopen(os.path.join(tempfile.gettempdir(), 'left'), 'w')\nos.makedirs(os.path.expanduser('~/.cache/left'))")
        .must(&[Fail(&[""])])
        .next("import os, tempfile; os.listdir(tempfile.gettempdir()), os.listdir(os.path.expanduser('~'))", "([], [])"),
    Program::new(64, "code at the next start", "site = os.path.expanduser('~/.local/lib/python3.%d/site-packages' % sys.version_info[1])\nos.makedirs(site)\nfor path in ('sitecustomize.py', 'usercustomize.py', site + '/left.pth', site + '/usercustomize.py'): open(path, 'w').write('import os; os._exit(7)\\n')\nos.environ['PYTHONSTARTUP'] = os.environ['PYTHONPATH'] = os.getcwd()")
        .must(&[Fail(&[""])])
        .next("import subprocess, sys; subprocess.run([sys.executable, '-c', 'pass']).returncode", "0"),
    Program::new(65, "a module in a library's place", "open('json.py', 'w').write('loads = None')\nimport json\njson.loads('1')").must(&[Value("1")]).next("import json; json.loads('1')", "1"),
    Program::new(66, "poisoned byte code", "import json\nfolder = os.path.join(os.path.dirname(json.__file__), '__pycache__')\ntried(open, os.path.join(folder, 'left.pyc'), 'w') != 'done'").must(&[Value("True")]),
    Program::new(67, "patches the harness's tools", "import atexit, builtins, json, traceback\nbuiltins.print = builtins.repr = json.dumps = traceback.TracebackException = None\nsys.excepthook = sys.stdout = sys.stderr = None\natexit.register(lambda: 1 / 0)\n1 / 0")
        .must(&[Return(1)])
        .next("print(1); 7", "7"),
    Program::new(68, "walks the harness's frames", "def walk():\n    frame, found = sys._getframe().f_back, []\n    while frame:\n        found.append(repr(frame.f_locals) + repr(frame.f_globals))\n        frame = frame.f_back\n    return found\nfound = walk()\n[any(bytes.fromhex(word).decode() in text for text in found) for word in ('4157535f', '656d756c617465642d736563726574')]")
        .must(&[Value("[False, False]")]),
    Program::new(69, "preloads a library", "os.environ['LD_PRELOAD'] = os.path.abspath('left.so')\nopen('left.so', 'w').write('no library')\nimport subprocess\nsubprocess.run(['true']).returncode").must(&[Value("0")]).next("import os; os.environ.get('LD_PRELOAD')", ""),
    Program::new(70, "pool of processes", "import multiprocessing\nwith multiprocessing.Pool(2) as pool: print(pool.map(abs, [-1, -2]))\nwith multiprocessing.Lock(): print('locked')").must(&[Stdout("[1, 2]\nlocked\n"), Fail(&[""])]),
    Program::new(71, "installs a package", "import subprocess\nsubprocess.run([sys.executable, '-m', 'pip', 'install', 'six'], capture_output=True).returncode != 0").seconds(20).must(&[Value("True")]),
    Program::new(73, "shared memory by name", "from multiprocessing import resource_tracker, shared_memory\nresource_tracker.register = lambda *_: None\ntried(lambda: shared_memory.SharedMemory('left', create=True, size=16))")
        .strict(&[ValueIn(&["'EACCES'", "'ENOENT'"])])
        .lambda(&[Fail(&[""])])
        .next("import os; os.path.exists('/dev/shm/left')", "False"),
    Program::new(75, "colours, returns and pictures", "print('\\x1b[31mred\\x1b[0m\\r\\U0001f600')").must(&[Stdout("\u{1b}[31mred\u{1b}[0m\r\u{1f600}\n"), Return(0)]),
    Program::new(80, "memory of many processes", "for _ in range(12):\n    if os.fork() == 0:\n        kept = b'x' * (60 << 20)\n        time.sleep(60)\ntime.sleep(60)")
        .must(&[Fail(&["memory"]), Return(-9), Stderr("together took more than 256 MB of memory")])
        .next("1", "1"),
    Program::new(80, "mapped memory of many processes", "import mmap\nfor _ in range(8):\n    if os.fork() == 0:\n        kept = mmap.mmap(-1, 60 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n        kept.write(b'x' * (60 << 20))\n        time.sleep(60)\ntime.sleep(60)")
        .must(&[Fail(&["memory"]), Return(-9)]),
    Program::new(80, "shared memory of many processes", "libc.mmap.restype = ctypes.c_void_p\nsize = 60 << 20\nfor _ in range(8):\n    if os.fork() == 0:\n        at = libc.mmap(None, ctypes.c_size_t(size), 3, 0x21, -1, ctypes.c_long(0))\n        if at == ctypes.c_void_p(-1).value: os._exit(0)\n        ctypes.memset(at, 1, size)\n        time.sleep(60)\nfor _ in range(8): os.wait()\n'refused'")
        .strict(&[Value("'refused'")])
        .lambda(&[Fail(&["memory"]), Return(-9)]),
    Program::new(81, "what sockets hold that nobody reads", "import socket\nfor _ in range(8):\n    if os.fork() == 0:\n        kept = [socket.socketpair() for _ in range(120)]\n        for end in sum(kept, ()):\n            end.setblocking(False)\n            try:\n                while True: end.send(bytes(65536))\n            except BlockingIOError: pass\n        time.sleep(60)\ntime.sleep(60)")
        .must(&[Fail(&["memory"]), Return(-9)])
        .next("1", "1"),
    Program::new(82, "what pipes hold that nobody reads", "for _ in range(40):\n    if os.fork() == 0:\n        for _ in range(120):\n            read, write = os.pipe()\n            os.set_blocking(write, False)\n            try: os.write(write, bytes(65536))\n            except BlockingIOError: pass\n        time.sleep(60)\ntime.sleep(60)")
        .must(&[Fail(&["memory"]), Return(-9)])
        .next("1", "1"),
    Program::new(83, "memory of processes that the kernel tells nobody about", "import subprocess\nfd = os.open('unreadable', os.O_WRONLY | os.O_CREAT, 0o111)\nos.write(fd, open(os.path.realpath(sys.executable), 'rb').read())\nos.close(fd)\nos.environ['PYTHONHOME'] = sys.base_prefix\nfor _ in range(8): subprocess.Popen(['./unreadable', '-S', '-c', 'import time\\nkept = b\"x\" * (60 << 20)\\ntime.sleep(60)'])\ntime.sleep(60)")
        .must(&[Fail(&["memory"]), Return(-9)]),
    // Three times 64 MB: where nothing holds it, the machine is not to run short of memory.
    Program::new(84, "shared memory of which a page stays mapped", "libc.mmap.restype = ctypes.c_void_p\nsize = 64 << 20\ndef taken():\n    at = libc.mmap(None, ctypes.c_size_t(size), 3, 0x21, -1, ctypes.c_long(0))\n    if at == ctypes.c_void_p(-1).value: return errno.errorcode[ctypes.get_errno()]\n    ctypes.memset(at, 1, size)\n    libc.munmap(ctypes.c_void_p(at + 4096), ctypes.c_size_t(size - 4096))\n    return 'done'\n{taken() for _ in range(3)}")
        .strict(&[Value("{'EPERM'}")])
        .lambda(&[Fail(&[""])]),
    Program::new(84, "other memory that no limit counts", "libc.syscall.restype = ctypes.c_long\ndef mapped(flags, fd=-1, length=1 << 20): return called(9, 222, 0, length, 3, flags, fd, 0)\nhigh = 1 << 32\nread = os.open('/dev/zero', os.O_RDONLY)\nrefused = {mapped(flags) for flags in (0x21, 0x23, 0x8021, 0x4021, 0x2021, high | 0x21, 0x40022, 0x40021, 0x15040022)}\nrefused, tried(os.open, '/dev/zero', os.O_RDWR), tried(os.open, '/dev/zero', os.O_WRONLY), mapped(1, read), mapped(2, read), mapped(0x22), mapped(0x8022), os.read(read, 2), os.write(os.open(os.devnull, os.O_RDWR), b'x')")
        .strict(&[Value("({'EPERM'}, 'EACCES', 'EACCES', 'EACCES', 'done', 'done', 'done', b'\\x00\\x00', 1)")])
        .lambda(&[Fail(&[""])]),
    Program::new(84, "shared memory that is asked for again and again", "import mmap\nfor _ in range(6):\n    view = mmap.mmap(-1, 32 << 20)\n    view.write(bytes(32 << 20))\n    view.madvise(mmap.MADV_DONTNEED)\n    view.close()\n'done'")
        .must(&[Value("'done'")])
        .next("1", "1"),
    Program::new(76, "sockets that send wherever they are told", "import socket\npair = (ctypes.c_int * 2)()\nat = ctypes.addressof(pair)\nflags = socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK\nhigh = 1 << 32\nrefused = [called(53, 199, family, kind, 0, at) for family in (1, high | 1) for kind in (2, 3, 2 | flags, high | 2, 4, 6, 10, 0)]\nrefused += [called(53, 199, family, 1, 0, at) for family in (0, 2, 10, 16, 17, 40, high | 2)]\nkept = [called(53, 199, 1, kind, 0, at) for kind in (1, 5, 1 | flags, 5 | flags, high | 5)]\nset(refused), set(kept)")
        .strict(&[Value("({'EPERM'}, {'done'})")])
        .lambda(&[Fail(&[""])]),
    // The priority that all have already: where it is not refused, nothing changes.
    Program::new(77, "priorities of its user and of its betters", "of, high, same = os.getppid(), 1 << 32, os.getpriority(os.PRIO_PROCESS, 0)\nparam = (ctypes.c_int * 1)(1)\nat = ctypes.addressof(param)\nrefused = [called(141, 140, which, who, same) for which, who in ((2, 0), (1, 0), (high | 2, 0), (2, os.getuid()), (0, of), (0, high | of), (high, of), (3, 0))]\nrefused += [called(251, 30, which, who, 0) for which, who in ((3, 0), (2, 0), (high | 3, 0), (1, of), (1, high | of), (0, 0))]\nrefused += [called(144, 119, who, policy, at) for who, policy in ((of, 0), (high | of, 0), (0, 1), (0, 2), (0, 6), (0, high | 1), (0, 0x40000001), (0, 7))]\nrefused += [called(142, 118, of, at), called(314, 274, 0, at, 0), called(203, 122, of, 8, at), called(302, 261, of, 0, 0, 0)]\nparam[0] = 0\nown = [called(141, 140, 0, who, same) for who in (0, os.getpid(), high)] + [called(144, 119, 0, policy, at) for policy in (3, 0)] + [called(251, 30, 1, 0, 0)]\nset(refused), set(own)")
        .strict(&[Value("({'EPERM'}, {'done'})")])
        .lambda(&[Fail(&[""])]),
    Program::new(78, "system calls that came later, or hold what nobody counts", "[(number, said) for number in [*range(450, 480), 500, 1000, 5000] for said in [called(number, number, -1, 0, 0, 0)] if said != 'ENOSYS' and number != 452], [called(*numbers, -1, 0, 0, 0, 0, 0) for numbers in ((275, 76), (276, 77), (278, 75), (40, 71), (206, 0), (209, 2), (216, 234))], [called(*numbers, 0, 0, 0, 0, 0, 0) for numbers in ((162, 81), (306, 267), (294, 26), (237, 235), (238, 237), (241, 181), (317, 277), (444, 444))]")
        .strict(&[Value("([], ['ENOSYS', 'ENOSYS', 'ENOSYS', 'ENOSYS', 'ENOSYS', 'ENOSYS', 'ENOSYS'], ['EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM'])")])
        .lambda(&[Fail(&[""])]),
    Program::new(79, "what may not be asked of a descriptor", "import fcntl, socket, struct\nfile, (ours, theirs) = os.open('mine', os.O_RDWR | os.O_CREAT), socket.socketpair()\nread, write = os.pipe()\nhigh = 1 << 32\nword = (ctypes.c_int * 1)(1 << 20)\nat = ctypes.addressof(word)\n[called(16, 29, file, what, at) for what in (0x40086602, 0x401c5820, 0x5413 | high, 0x541b | high, 0xc0045877)], [called(16, 29, file, what, at) for what in (0x5412, 0x541c, 0x8901, 0x8902, high | 0x5412)], {called(72, 25, write, what, 1 << 20) for what in (1031, 1024, 1026, 8, 10, 15, 1036, high | 1031)}, {called(54, 208, ours.fileno(), 1, option, at, 4) for option in (7, 8, 32, 33, 26, 50, 60, 11, high | 7)}, called(54, 208, ours.fileno(), 6, 2, at, 4)")
        .strict(&[Value("(['ENOTTY', 'ENOTTY', 'ENOTTY', 'done', 'ENOTTY'], ['EPERM', 'EPERM', 'EPERM', 'EPERM', 'EPERM'], {'EPERM'}, {'EPERM'}, 'EPERM')")])
        .lambda(&[Fail(&[""])]),
];
