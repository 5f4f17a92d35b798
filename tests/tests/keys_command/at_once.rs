//! Several processes make keys at the same time, where nothing is yet.

use std::os::unix::fs::PermissionsExt as _;

use futures_util::future::join_all;
use tests::command_line::CommandLine;

use crate::listed;

const PROCESSES: usize = 6;

#[tokio::test]
async fn one_of_them_wins_a_name_and_all_get_names_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("new/data");
    let commands = CommandLine::on_data_dir(&data_dir);
    let names: Vec<_> = (0..PROCESSES)
        .map(|number| format!("owner-{number}"))
        .collect();
    let create = async |name: &str| {
        let created = commands.run(&["keys", "create", "--name", name]).await;
        assert_eq!(created.code == Some(0), created.out.starts_with("slm_"));
        created
    };
    let own = join_all(names.iter().map(|name| create(name))).await;
    for created in own {
        assert_eq!(created.code, Some(0), "{}", created.err);
    }
    let mut same = join_all(names.iter().map(|_| create("alice"))).await;
    same.retain(|created| created.code != Some(0));
    assert_eq!(same.len(), PROCESSES - 1);
    for refused in same {
        assert_eq!((refused.code, &*refused.out), (Some(1), ""));
        assert!(
            refused.err.contains("`keys revoke alice`"),
            "{}",
            refused.err
        );
    }
    assert_eq!(listed(&commands).await.len(), PROCESSES + 1);
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(data_dir.clone()), 0o700);
    assert_eq!(mode(data_dir.join("table.sqlite")), 0o600);
}
