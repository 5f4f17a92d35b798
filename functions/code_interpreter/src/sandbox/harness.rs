//! The Python around a program, as it is built into this function.

/// What the zygote and its programs run, module by module, each before those that import it.
pub(super) const MODULES: [(&str, &str); 20] = [
    ("kernel", include_str!("../harness/kernel.py")),
    ("limits", include_str!("../harness/limits.py")),
    ("lines", include_str!("../harness/lines.py")),
    ("advice", include_str!("../harness/advice.py")),
    ("imports", include_str!("../harness/imports.py")),
    ("semaphores", include_str!("../harness/semaphores.py")),
    ("sharing", include_str!("../harness/sharing.py")),
    ("users", include_str!("../harness/users.py")),
    ("saved", include_str!("../harness/saved.py")),
    ("figures", include_str!("../harness/figures.py")),
    ("execution", include_str!("../harness/execution.py")),
    ("fences", include_str!("../harness/fences.py")),
    ("transcript", include_str!("../harness/transcript.py")),
    ("characters", include_str!("../harness/characters.py")),
    ("commands", include_str!("../harness/commands.py")),
    ("source", include_str!("../harness/source.py")),
    ("notebook", include_str!("../harness/notebook.py")),
    ("warming", include_str!("../harness/warming.py")),
    ("program", include_str!("../harness/program.py")),
    ("zygote", include_str!("../harness/zygote.py")),
];
/// What starts them.
pub(super) const LAUNCHER: &str = include_str!("../harness/launcher.py");
