//! A build in which a panic ends the process does not compile: a panic in one call would end all others with it. Builds for
//! Lambda abort by default, so that the manifest of the workspace asks for unwinding.

#[cfg(not(panic = "unwind"))]
compile_error!(
    "a panic would end the process with all of its calls: build with `panic = \"unwind\"`"
);
