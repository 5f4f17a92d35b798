//! The machine's memory, where it runs short.

use std::fs;

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
