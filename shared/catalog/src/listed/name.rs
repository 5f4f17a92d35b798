//! What a server's tool is offered as: a name that every model server takes.

/// Longest name of a function, in bytes: the rule of OpenAI, which others share.
const MAX_NAME_BYTES: usize = 64;
/// Digits of the hash behind a name that was cut.
const HASH_DIGITS: usize = 8;

/// `SERVER_TOOL`, of letters, digits, `_` and `-`. One that is too long ends in a hash of the whole, so that two that begin alike stay two.
pub(crate) fn offered_name(server: &str, tool: &str) -> String {
    let allowed = |c: char| {
        if c.is_ascii_alphanumeric() || c == '-' {
            c
        } else {
            '_'
        }
    };
    let name: String = [server, "_", tool]
        .iter()
        .flat_map(|part| part.chars())
        .map(allowed)
        .collect();
    if name.len() <= MAX_NAME_BYTES {
        return name;
    }
    let kept = &name[..MAX_NAME_BYTES - HASH_DIGITS - 1];
    format!("{kept}_{:08x}", hash(server, tool))
}

/// FNV-1a, 32 bits.
fn hash(server: &str, tool: &str) -> u32 {
    let bytes = server.bytes().chain([0]).chain(tool.bytes());
    bytes.fold(0x811c_9dc5, |hash: u32, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_says_whose_tool_it_is() {
        let long = "x".repeat(70);
        // Server, tool, name.
        let cases = [
            ("files", "read", "files_read"),
            ("files", "read-all", "files_read-all"),
            ("gh", "repos.list", "gh_repos_list"),
            ("gh", "repos/list", "gh_repos_list"),
            ("gh", "chercher é", "gh_chercher__"),
            ("a-b", "c", "a-b_c"),
            (
                "files",
                &long,
                "files_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_aceaacc0",
            ),
        ];
        for (server, tool, name) in cases {
            assert_eq!(offered_name(server, tool), name, "{server} {tool}");
        }
    }

    proptest! {
        #[test]
        fn every_name_is_one_that_servers_take(server in "[a-z]{1,32}", tool in ".{1,128}") {
            let name = offered_name(&server, &tool);
            prop_assert!((1..=MAX_NAME_BYTES).contains(&name.len()));
            prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'));
            prop_assert_eq!(offered_name(&server, &tool), name);
        }

        #[test]
        fn long_names_that_begin_alike_stay_apart(tool in "[a-z]{70}", ends in proptest::collection::btree_set("[a-z]{1,9}", 2)) {
            let names: Vec<_> = ends.iter().map(|end| offered_name("s", &format!("{tool}{end}"))).collect();
            prop_assert_ne!(&names[0], &names[1]);
        }
    }
}
