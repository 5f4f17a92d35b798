//! The examples in Python pass the tests that lie beside them.

use std::process::Command;

use crate::examples;

#[test]
fn the_examples_in_python_pass_their_own_tests() {
    for example in ["sales_query", "image_generation"] {
        let mut python = Command::new("python3");
        python
            .args(["-m", "unittest"])
            .current_dir(examples().join(example));
        let output = python.env("PYTHONDONTWRITEBYTECODE", "1").output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        let summary = said.lines().last().unwrap_or_default();
        // Of a Python that is too old for one, it says so by itself.
        let is_passed = output.status.success() && summary.starts_with("OK");
        let is_too_old = summary.contains("skipped") && said.contains("needs Python 3.11");
        assert!(is_passed || is_too_old, "{example}:\n{said}");
    }
}
