//! A program for the interpreter that runs until it is killed, and how a test sees from outside that it lives. A program
//! has no network; but it may write into its directory, which is there until the program is dead.

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

const POLL: Duration = Duration::from_millis(2);

/// One program that never ends by itself.
#[derive(Debug)]
pub struct EndlessProgram {
    marker: String,
}

impl EndlessProgram {
    #[expect(clippy::new_without_default, reason = "each is another one")]
    pub fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let marker = format!("begun-{}-{number}", std::process::id());
        Self { marker }
    }

    pub fn code(&self) -> String {
        format!(
            "open('{}', 'w').close()\nwhile True:\n    pass\n",
            self.marker
        )
    }

    /// Waits until it runs.
    pub async fn begun(&self) {
        while !self.is_there() {
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until it is dead.
    pub async fn dead(&self) {
        while self.is_there() {
            tokio::time::sleep(POLL).await;
        }
    }

    /// Each process of the tool has a directory in that for temporary files, and in it one for each program.
    fn is_there(&self) -> bool {
        let entries = |directory: &Path| std::fs::read_dir(directory).ok().into_iter().flatten();
        let mut markers = entries(&std::env::temp_dir())
            .filter_map(Result::ok)
            .flat_map(|process| entries(&process.path()))
            .filter_map(Result::ok)
            .map(|program| program.path().join("work").join(&self.marker));
        markers.any(|marker| marker.exists())
    }
}
