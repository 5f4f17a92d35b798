use super::*;
use std::os::unix::fs::symlink;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

fn open_to_all(path: &Path, directory: u32) {
    fs::create_dir(path).unwrap();
    for name in FILES {
        fs::write(path.join(name), "").unwrap();
        fs::set_permissions(path.join(name), Permissions::from_mode(0o644)).unwrap();
    }
    fs::set_permissions(path, Permissions::from_mode(directory)).unwrap();
}

#[test]
fn what_it_makes_is_open_to_its_user_alone() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("new/data");
    let directory = DataDir::open(&path).unwrap();
    let database = crate::table::open(&directory.table_file()).unwrap();
    assert_eq!(mode(&path), 0o700);
    for entry in fs::read_dir(&path).unwrap() {
        let file = entry.unwrap().path();
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    assert_eq!(directory.notes, Vec::<String>::new());
    drop((database, directory));
    assert_eq!(DataDir::open(&path).unwrap().notes, Vec::<String>::new());
}

#[test]
fn what_an_earlier_version_left_open_is_shut_and_said() {
    let root = tempfile::tempdir().unwrap();
    for before in [0o755, 0o750, 0o701, 0o777] {
        let path = root.path().join(before.to_string());
        open_to_all(&path, before);
        let directory = DataDir::open(&path).unwrap();
        assert_eq!(mode(&path), 0o700);
        for name in FILES {
            assert_eq!(mode(&path.join(name)), 0o600, "{name}");
        }
        assert_eq!(
            directory.notes.len(),
            FILES.len() + 1,
            "{:?}",
            directory.notes
        );
        let said = |note: &String| {
            note.ends_with("was open to other users of this machine and is shut now")
        };
        assert!(directory.notes.iter().all(said), "{:?}", directory.notes);
    }
}

/// As of a volume that is mounted elsewhere.
#[test]
fn a_directory_behind_links_is_shut_as_any() {
    let root = tempfile::tempdir().unwrap();
    let cases = [
        (0o755, None, 0o700, Some("is shut now")),
        (0o700, None, 0o700, None),
        (0o755, Some("else"), 0o755, Some("holds other things, too")),
    ];
    for (case, (before, other, after, said)) in cases.into_iter().enumerate() {
        let aim = root.path().join(format!("aim-{case}"));
        open_to_all(&aim, before);
        if let Some(other) = other {
            fs::write(aim.join(other), "").unwrap();
        }
        let near = root.path().join(format!("near-{case}"));
        let far = root.path().join(format!("far-{case}"));
        symlink(aim.file_name().unwrap(), &near).unwrap();
        symlink(&near, &far).unwrap();
        let notes = DataDir::open(&far).unwrap().notes.clone();
        assert_eq!(mode(&aim), after, "{notes:?}");
        assert_eq!(mode(&aim.join(TABLE_FILE)), 0o600);
        let of_directory = notes.get(FILES.len());
        assert_eq!(of_directory.is_some(), said.is_some(), "{notes:?}");
        if let (Some(note), Some(said)) = (of_directory, said) {
            assert!(note.contains(said), "{note}");
        }
    }
}

/// As when it is `/tmp`, or a home that others read.
#[test]
fn a_folder_with_other_things_stays_as_it_is_and_the_table_in_it_is_shut() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("shared");
    open_to_all(&path, 0o1777);
    fs::write(path.join("somebody's"), "").unwrap();
    fs::set_permissions(path.join("somebody's"), Permissions::from_mode(0o664)).unwrap();
    let directory = DataDir::open(&path).unwrap();
    assert_eq!(mode(&path), 0o777);
    assert_eq!(mode(&path.join("somebody's")), 0o664);
    assert_eq!(mode(&path.join(TABLE_FILE)), 0o600);
    let last = directory.notes.last().unwrap();
    assert!(last.contains("holds other things, too"), "{last}");
}

#[test]
fn no_link_in_a_files_place_is_followed() {
    let root = tempfile::tempdir().unwrap();
    let aim = root.path().join("aim");
    fs::write(&aim, "kept").unwrap();
    fs::set_permissions(&aim, Permissions::from_mode(0o644)).unwrap();
    let path = root.path().join("data");
    fs::create_dir(&path).unwrap();
    symlink(&aim, path.join(LOCK_FILE)).unwrap();
    let refused = format!("{:#}", DataDir::open(&path).unwrap_err());
    assert!(refused.contains("cannot be written"), "{refused}");
    assert_eq!(fs::read_to_string(&aim).unwrap(), "kept");
    assert_eq!(mode(&aim), 0o644);
}
