//! The machine's memory, where it runs short, and how much of it the greediest programs get. The latter, in full and on a machine
//! that does nothing else: `cargo test -p code_interpreter --test strict in_full -- --ignored --nocapture`.

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::json;

use crate::kit::Bench;
use crate::{forked, until};

const CODE: &str = "import errno, os, time
def tried(path):
    try: open(path, 'w').write('-1000')
    except OSError as error: return errno.errorcode[error.errno]
    return 'done'
open('begun', 'w').close()
while not os.path.exists('go'): time.sleep(0.01)
[tried('/proc/%s/oom_score_adj' % of) for of in ('self', os.getppid())]";

/// Where memory runs out the kernel ends a program first, and a program cannot have it spare one.
#[tokio::test(flavor = "multi_thread")]
async fn the_kernel_ends_programs_before_anything_else() {
    let bench = Bench::new();
    let look = async {
        until(|| bench.count("work/begun") == 1).await;
        for pid in forked(&bench) {
            let score = fs::read_to_string(format!("/proc/{pid}/oom_score_adj")).unwrap();
            assert_eq!(score.trim(), "1000");
        }
        let directory = bench.files("work/begun")[0].parent().unwrap().to_owned();
        fs::write(directory.join("go"), "").unwrap();
    };
    let (response, ()) = tokio::join!(bench.respond(json!({"code": CODE}), 60_000), look);
    let value = &response["result"]["value"];
    assert_eq!(value, "['EACCES', 'EACCES']", "{response}");
    let own = fs::read_to_string("/proc/self/oom_score_adj").unwrap();
    assert_ne!(own.trim(), "1000", "the tool itself goes last");
}

/// Twelve processes that ask for 2.8 GB, from Python and from the kernel itself, and for 2.7 GB in sockets.
const GREEDY: [&str; 3] = [
    "kept = bytearray(230 << 20)\n        for at in range(0, len(kept), 4096): kept[at] = 1",
    "import mmap\n        kept = mmap.mmap(-1, 230 << 20, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n        for at in range(0, len(kept), 4096): kept[at] = 1",
    "import socket\n        kept = sum([socket.socketpair() for _ in range(120)], ())\n        for end in kept:\n            end.setblocking(False)\n            try:\n                while True: end.send(bytes(65536))\n            except BlockingIOError: pass",
];
/// Beyond the limit: what is taken in 50 ms by a few processors, and what others take meanwhile.
const MAX_TAKEN_MB: u64 = 1024;

fn available_mb() -> u64 {
    let text = fs::read_to_string("/proc/meminfo").unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"));
    line.unwrap()
        .trim()
        .split(' ')
        .next()
        .unwrap()
        .parse::<u64>()
        .unwrap()
        >> 10
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a machine of its own: it looks at all of its memory"]
async fn what_the_greediest_programs_get_in_full() {
    let bench = Bench::new();
    bench.run("1").await;
    for take in GREEDY {
        let code = format!(
            "import os, time\nfor _ in range(12):\n    if os.fork() == 0:\n        {take}\n        time.sleep(60)\ntime.sleep(60)"
        );
        let before = available_mb();
        let has_ended = AtomicBool::new(false);
        let (told, least) = std::thread::scope(|scope| {
            let watch = scope.spawn(|| {
                let mut least = before;
                while !has_ended.load(Ordering::Relaxed) {
                    least = least.min(available_mb());
                    std::thread::sleep(Duration::from_millis(2));
                }
                least
            });
            let call = bench.call(json!({"code": code}));
            let told =
                tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(call));
            has_ended.store(true, Ordering::Relaxed);
            (told, watch.join().unwrap())
        });
        println!("{} MB", before - least);
        assert_eq!(told["error"], "memory", "{told}");
        assert!(before - least < MAX_TAKEN_MB, "{} MB", before - least);
    }
}
